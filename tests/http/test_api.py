"""The API over HTTP against a running server: shapes, statuses, idempotency, parity, isolation, a mail that arrives."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson
import pytest

from ganbo.foundation import chance, clock
from ganbo.journeys import verify_books


def event(member: Any = None, **more: Any) -> dict[str, Any]:
    """A purchase of 110,000 ₫ now."""
    body: dict[str, Any] = {
        "id": f"h:{chance.new_id()}",
        "type": "purchase",
        "occurred_at": clock.now().isoformat(),
        "store": "hoan-kiem",
        "data": {"order_id": chance.token(60), "lines": [{"sku": "latte", "quantity": 2, "unit_price": 55_000}]},
    }
    return body | ({"member": {"phone": member.phone}} if member else {}) | more


def test_201_then_200_with_the_same_bytes_then_409(api: httpx.Client, enrol: Any) -> None:
    body = event(enrol())
    first, again = api.post("/events", json=body), api.post("/events", json=body)
    other = api.post("/events", json=body | {"store": "cau-giay"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert other.headers["content-type"] == "application/problem+json"
    assert other.json()["code"] == "idempotency.key_reused"
    assert list(first.json()) == ["event_id", "status", "member_id", "effects", "balances", "tier", "because"]
    assert api.get(f"/events/{body['id']}").json() == first.json()


def test_a_quote_recorded_as_proposed(api: httpx.Client, enrol: Any) -> None:
    body = event(enrol())
    quoted = api.post("/quotes", json=body | {"vouchers": "best"})
    wrong = api.post("/quotes", json=body | {"vouchers": "all"})
    assert (quoted.status_code, wrong.status_code) == (200, 422)
    assert [problem["field"] for problem in wrong.json()["errors"]] == ["vouchers"]
    answer = quoted.json()
    assert answer["price"]["to_pay"] == {"amount": 110_000, "currency": "VND"}
    recorded = api.post("/events", json=body | {"data": answer["sale"]}).json()
    assert (recorded["effects"], recorded["balances"]) == (answer["effects"], answer["balances_after"])


def test_the_body_is_the_same_whatever_its_spacing_and_key_order(api: httpx.Client, enrol: Any) -> None:
    body = event(enrol())
    headers = {"Content-Type": "application/json"}
    first = api.post("/events", content=orjson.dumps(body), headers=headers)
    turned = dict(reversed(body.items()))
    again = api.post("/events", content=orjson.dumps(turned, option=orjson.OPT_INDENT_2), headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)


def test_both_transports_answer_the_same_bytes(server: str, api: httpx.Client, cafe: Any, enrol: Any) -> None:
    """The thin intake and Django's operation: same statuses, types and bodies for good and bad requests."""
    from django.test import Client

    from ganbo.foundation.tenancy import context

    django = Client(headers={"Authorization": api.headers["Authorization"], "Accept-Language": "en"})
    member, used = enrol(), event(enrol())
    api.post("/events", json=used)
    cases: list[tuple[str, bytes]] = [
        ("/events", orjson.dumps(used)),
        ("/events", orjson.dumps(used | {"store": "x"})),
        ("/events", b'{"id": "a", "id": "b"}'),
        ("/events", b"{"),
        ("/events", b"[]"),
        ("/events", orjson.dumps(event(member) | {"occurred_at": "2026-11-24T10:00:00"})),
        ("/events", orjson.dumps(event(member) | {"member": {"phone": "12"}, "x": 1})),
        ("/quotes", orjson.dumps(event(member) | {"id": "q", "occurred_at": "2026-11-23T10:00:00+07:00"})),
        ("/quotes", orjson.dumps(event(member) | {"id": "q", "vouchers": "given"})),
        ("/quotes", orjson.dumps(event(member) | {"id": "q", "vouchers": "all"})),
        ("/redemptions", orjson.dumps({"member": str(member.id), "reward": "cake"})),
        ("/redemptions", orjson.dumps({"member": str(member.id), "reward": "nothing"})),
        ("/redemptions", orjson.dumps({"member": str(member.id), "reward": "cake", "quantity": 0})),
    ]
    for path, body in cases:
        thin = api.post(path, content=body, headers={"Content-Type": "application/json"})
        with context.within(cafe):
            thick = django.post(f"/api/v1{path}", data=body, content_type="application/json")
        assert (thin.status_code, thin.content) == (thick.status_code, thick.content), (path, body)
        assert thin.headers["content-type"] == thick.headers["content-type"]


BAD: list[tuple[dict[str, Any], int, str, str]] = [
    ({"occurred_at": "2026-11-24T10:00:00"}, 422, "occurred_at", "a naive time"),
    ({"occurred_at": 1764000000}, 422, "occurred_at", "a number is no time"),
    ({"occurred_at": "2126-01-01T00:00:00Z"}, 422, "occurred_at", "more than ten minutes ahead"),
    ({"type": "buy"}, 422, "type", "an unknown type"),
    ({"type": "referral", "data": {"order_id": "1"}}, 422, "type", "later versions"),
    ({"id": "có dấu"}, 422, "id", "not of the alphabet"),
    ({"id": "x" * 129}, 422, "id", "too long"),
    ({"member": {"phone": "0900000000", "card": "1234"}}, 422, "member", "two ways"),
    ({"member": {"phone": "０９１２３４５６７８"}}, 422, "member.phone", "full-width digits"),
    ({"member": {"phone": "0999999999"}}, 422, "member", "nobody's phone"),
    ({"store": 7}, 422, "store", "a number is no text"),
    ({"extra": True}, 422, "extra", "an unknown field"),
    ({"data": {"amount": 10.5}}, 422, "data.amount", "a fraction of a đồng"),
    ({"data": {"amount": -1}}, 422, "data.amount", "negative"),
    ({"data": {"amount": 10**15}}, 422, "data.amount", "huge"),
    ({"data": {"amount": "10000"}}, 422, "data.amount", "a text is no amount"),
    ({"data": {"amount": 1, "lines": []}}, 422, "data.lines", "both"),
    ({"data": {}}, 422, "data.lines", "neither"),
    ({"data": {"amount": 1, "currency": "USD"}}, 422, "data.currency", "wrong currency"),
    ({"data": {"amount": 1, "currency": "vnd"}}, 422, "data.currency", "small letters"),
    ({"data": {"lines": [{"unit_price": 1, "quantity": 1.2345}]}}, 422, "data.lines.0.quantity", "four decimals"),
    ({"data": {"lines": [{"unit_price": 1, "quantity": "１"}]}}, 422, "data.lines.0.quantity", "full-width"),
    ({"data": {"lines": [{"unit_price": 1, "quantity": 0}]}}, 422, "data.lines.0.quantity", "none"),
    ({"data": {"lines": [{"unit_price": 5, "discount": 6}]}}, 422, "data.lines.0.discount", "above the line"),
    ({"data": {"lines": [{"price": 5}]}}, 422, "data.lines.0.unit_price", "a missing field"),
    ({"data": {"amount": 5, "paid": [{"with": "cash", "amount": 4}]}}, 422, "data.paid", "does not add up"),
    ({"data": {"amount": 5, "paid": [{"with": "gold", "amount": 5}]}}, 422, "data.paid.0.with", "unknown means"),
    ({"data": {"amount": 5, "codes": ["X"]}}, 422, "data.codes.0", "a code of nobody"),
]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_bad_input_names_field_and_remedy_and_changes_nothing(api: httpx.Client, enrol: Any, lang: str) -> None:
    member = enrol()
    before = api.get(f"/members/{member.id}/ledger").content
    for change, status, field, why in BAD:
        answer = api.post("/events", json=event(member) | change, headers={"Accept-Language": lang})
        assert answer.status_code == status, (why, answer.text)
        named = {error["field"]: error["message"] for error in answer.json()["errors"]}
        assert field in named, (why, named)
        assert len(named[field]) > len(field) + 5, "the message says more than the field's name"
    assert api.get(f"/members/{member.id}/ledger").content == before


@pytest.mark.parametrize(
    ("content", "headers", "status", "why"),
    [
        (b'{"a": 1, "a": 2}', {}, 400, "duplicate key"),
        (b'{"a": NaN}', {}, 400, "no JSON number"),
        (b"\xff\xfe", {}, 400, "not UTF-8"),
        (b"[" * 1000, {}, 400, "deep"),
        (b'"\\ud800"', {}, 422, "a lone surrogate is no object"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "not JSON by name"),
        (b'{"id": "' + b"x" * 2_000_000 + b'"}', {}, 413, "two megabytes"),
        (b"{}", {"Authorization": "Bearer gb_live_wrong"}, 401, "a wrong key"),
        (b"{}", {"Authorization": ""}, 401, "no key"),
        (b"{}", {}, 422, "everything missing"),
    ],
)
def test_unreadable_bodies(api: httpx.Client, content: bytes, headers: dict[str, str], status: int, why: str) -> None:
    for path in ("/events", "/quotes", "/redemptions", "/members"):
        answer = api.post(path, content=content, headers={"Content-Type": "application/json"} | headers)
        assert answer.status_code == status, (path, why, answer.text[:300])
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_without_the_scope_is_refused(server: str, api: httpx.Client, cafe: Any, enrol: Any) -> None:
    from ganbo.foundation.staff import keys

    _, secret = keys.create(cafe.id, name="reader", scopes=["programme:read"])
    weak = httpx.Client(base_url=server + "/api/v1", headers={"Authorization": f"Bearer {secret}"})
    member = enrol()
    calls = [
        weak.post("/events", json=event(member)),
        weak.post("/quotes", json=event(member)),
        weak.post("/redemptions", json={"member": str(member.id), "reward": "latte"}),
        weak.post("/events/batch", json={"events": [event(member)]}),
        weak.post("/members", json={"phone": "0912000000"}),
        weak.get(f"/members/{member.id}"),
        weak.post("/programme/publish", json={"document": "ganbo: 1"}),
    ]
    assert [answer.status_code for answer in calls] == [403] * len(calls)
    assert weak.get("/rewards").status_code == 200


def test_another_business_sees_and_changes_nothing(api: httpx.Client, fumi_api: httpx.Client, enrol: Any) -> None:
    member = enrol()
    body = event(member)
    api.post("/events", json=body)
    before = api.get(f"/members/{member.id}/balances").content
    paths = [f"/members/{member.id}{rest}" for rest in ("", "/balances", "/stamps", "/ledger", "/lots", "/vouchers")]
    paths += [f"/events/{body['id']}", f"/events/{body['id']}/why"]
    assert [fumi_api.get(path).status_code for path in paths] == [404] * len(paths)
    assert fumi_api.get("/members", params={"phone": member.phone}).json()["items"] == []
    assert fumi_api.post("/events", json=event(member)).json()["code"] == "members.unknown"
    assert fumi_api.post(f"/events/{body['id']}/reverse", json={"reason": "x"}).status_code == 404
    assert fumi_api.patch(f"/members/{member.id}", json={"name": "x"}).status_code == 404
    answer = fumi_api.post("/redemptions", json={"member": str(member.id), "reward": "latte"})
    assert answer.json()["code"] == "members.unknown"
    assert api.get(f"/members/{member.id}/balances").content == before


def test_one_bad_event_among_ten_thousand(api: httpx.Client, enrol: Any) -> None:
    members = [enrol() for _ in range(5)]
    events = [event(members[n % 5]) for n in range(10_000)]
    events[4_321] |= {"occurred_at": "yesterday"}
    answer = api.post("/events/batch", json={"events": events}, timeout=60).json()
    assert (answer["applied"], answer["refused"], answer["replayed"], answer["parked"]) == (9_999, 1, 0, 0)
    bad = answer["results"][4_321]
    assert (bad["event_id"], bad["status"], bad["recorded"]) == (events[4_321]["id"], "refused", None)
    assert bad["problem"]["errors"][0]["field"] == "occurred_at"
    lines = b"\n".join(orjson.dumps(e) for e in events[:50]) + b"\nnot json\n"
    again = api.post("/events/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}).json()
    assert (again["replayed"], again["refused"], len(again["results"])) == (50, 1, 51)
    assert verify_books.verify().differences == ()


def test_fifty_parallel_redemptions_one_succeeds(api: httpx.Client, enrol: Any) -> None:
    member = enrol()
    api.post("/events", json=event(member))  # 50 + 11 or 22 points; a peach tea costs 60
    body = {"member": str(member.id), "reward": "peach-tea"}
    with ThreadPoolExecutor(25) as threads:
        answers = list(threads.map(lambda _: api.post("/redemptions", json=body).status_code, range(50)))
    assert sorted(set(answers)) == [201, 409]
    assert answers.count(201) == 1


def test_the_same_idempotency_key_many_times_is_one_redemption(api: httpx.Client, enrol: Any) -> None:
    member = enrol()
    for _ in range(12):
        api.post("/events", json=event(member))
    body, headers = {"member": str(member.id), "reward": "peach-tea"}, {"Idempotency-Key": chance.token()}
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: api.post("/redemptions", json=body, headers=headers), range(20)))
    given = {answer.content for answer in answers if answer.status_code == 201}
    assert len(given) == 1
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"idempotency.in_progress"}
    assert len(api.get(f"/members/{member.id}/vouchers").json()["items"]) == 1
    other = api.post("/redemptions", json=body | {"quantity": 2}, headers=headers)
    assert other.json()["code"] == "idempotency.key_reused"


def test_enrol_find_change_and_cards(api: httpx.Client) -> None:
    phone = f"09{chance.digits(8)}"
    key = {"Idempotency-Key": chance.token()}
    made = api.post("/members", json={"phone": phone, "name": "Trần Thị Đào", "address_form": "cô"}, headers=key)
    again = api.post("/members", json={"phone": phone, "name": "Trần Thị Đào", "address_form": "cô"}, headers=key)
    assert (made.status_code, again.status_code, again.content) == (201, 201, made.content)
    member = made.json()
    assert member["balances"]["points"]["available"] == 50, "welcome"
    known = api.post("/members", json={"phone": "+84" + phone[1:]})
    assert (known.status_code, known.json()["member_id"]) == (409, member["id"])
    card = f"GB{chance.digits(9)}"
    assert api.post(f"/members/{member['id']}/cards", json={"card": card}).json()["cards"] == [card]
    for key_, value in (("phone", phone), ("card", card), ("q", "dao tran")):
        assert member["id"] in [m["id"] for m in api.get("/members", params={key_: value}).json()["items"]], key_
    assert api.delete(f"/members/{member['id']}/cards/{card}").json()["cards"] == []
    assert api.post("/events", json=event() | {"member": {"card": card}}).json()["code"] == "members.unknown"
    changed = api.patch(f"/members/{member['id']}", json={"tier": "gold", "locale": "en"}).json()
    assert (changed["tier"], changed["locale"]) == ("gold", "en")
    assert api.patch(f"/members/{member['id']}", json={"tier": "platinum"}).status_code == 422
    assert api.patch(f"/members/{member['id']}", json={"phone": None}).status_code == 422, "unreachable"
    bought = api.post("/events", json=event() | {"member": member["id"]}).json()
    assert bought["because"][0].startswith("You get ")


def test_why_tells_what_did_not_apply(api: httpx.Client, enrol: Any) -> None:
    body = event(enrol())
    api.post("/events", json=body)
    for lang, word in (("vi", "điểm"), ("en", "points")):
        why = api.get(f"/events/{body['id']}/why", params={"lang": lang}).json()
        assert why["lang"] == lang
        assert word in why["because"][0]
        assert len(why["because_not"]) >= 2


def test_lists_have_limits_and_go_on(api: httpx.Client, enrol: Any) -> None:
    for _ in range(3):
        enrol()
    first = api.get("/members", params={"limit": 2}).json()
    second = api.get("/members", params={"limit": 2, "cursor": first["next"]}).json()
    assert len(first["items"]) == 2
    assert not {m["id"] for m in first["items"]} & {m["id"] for m in second["items"]}
    assert api.get("/members", params={"limit": 201}).status_code == 422
    assert api.get("/members", params={"limit": "１"}).status_code == 422


def test_a_thank_you_arrives_by_smtp(api: httpx.Client, mail: Any) -> None:
    address = f"lan-{chance.digits(9)}@example.com"
    member = api.post("/members", json={"email": address, "name": "Nguyễn Thị Lan", "address_form": "chị"}).json()
    api.post("/events", json=event() | {"member": member["id"]})
    for _ in range(300):
        found = [m for m in mail.folder.glob("*.eml") if address.encode() in m.read_bytes()]
        if found:
            break
        clock.pause(0.1)
    assert len(found) == 1
    text = found[0].read_bytes().decode()
    assert "Chào chị Lan," in text
    assert "110.000 ₫" in text


def test_an_old_event_is_recorded_without_a_message(api: httpx.Client, mail: Any) -> None:
    from datetime import timedelta

    address = f"minh-{chance.digits(9)}@example.com"
    member = api.post("/members", json={"email": address}).json()
    old = (clock.now() - timedelta(days=3)).isoformat()
    assert api.post("/events", json=event() | {"member": member["id"], "occurred_at": old}).status_code == 201
    clock.pause(1.5)
    assert not [m for m in mail.folder.glob("*.eml") if address.encode() in m.read_bytes()]


def test_documents_are_checked_with_line_and_column(api: httpx.Client) -> None:
    source = api.get("/programme").json()["source"]
    assert api.post("/programme/check", json={"document": source}).json()["ok"] is True
    wrong = source.replace("order.net >= 10000", "order.nett >= 10000")
    answer = api.post("/programme/check", json={"document": wrong})
    error = answer.json()["errors"][0]
    assert answer.status_code == 422
    assert source.splitlines()[error["line"] - 1].strip().startswith("when:")
    story = "  - {story: [{event: {type: signup, occurred_at: 2026-11-23T10:00:00+07:00}}, {redeem: peach-tea}], expect: {}}"
    told = api.post("/programme/check", json={"document": f"{source.rstrip()}\n{story}\n"})
    assert (told.status_code, told.json()["code"]) == (422, "programme.examples_fail")
    (error,) = told.json()["errors"]
    place = len(source.rstrip().splitlines()) + 1
    assert (error["field"].partition(".story")[2], error["line"]) == (".1", place), "the step, where it stands"
    assert error["message"] == "Story in example 4, step 2 cannot happen: there are too few points for it."
    later = api.post("/programme/check", json={"document": source + "\ngames: []\n"}).json()
    assert later["errors"][0]["code"] == "programme.not_yet"


def test_a_preview_of_another_expiry_changes_nothing(api: httpx.Client, enrol: Any) -> None:
    enrol()
    before = api.get("/programme").json()
    other = before["source"].replace("months: 12", "months: 24")
    found = api.post("/programme/preview", json={"document": other})
    assert found.status_code == 200
    wallet = found.json()["wallets"]["points"]
    assert wallet["earlier"] == {"members": 0, "points": 0, "sample": []}
    assert wallet["later"]["points"] >= 50
    refused = api.post("/programme/publish", json={"document": other, "existing": "some"})
    assert refused.status_code == 422
    assert api.get("/programme").json() == before


def test_health_and_reference(server: str) -> None:
    assert httpx.get(f"{server}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{server}/readyz").json()["checks"] == {"database": True, "migrations": True, "jobs": True}
    assert httpx.get(f"{server}/api/v1/openapi.json").json()["openapi"].startswith("3.1")
    assert httpx.get(f"{server}/api/v1/docs").status_code == 200
