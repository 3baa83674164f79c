"""The box for codes and the import of partners' codes over HTTP: who may, what is refused, what happens once."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ganbo.features.rewards import pools, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, make_vouchers, verify_books
from ganbo.journeys.make_vouchers import Wanted
from ganbo.people.members.operations import Person
from tests import serving

PROGRAMME = """\
ganbo: 1
programme: codes-over-http
name: Mã
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000}}
rewards:
  - {id: ten, kind: discount, percent: 10, price: {wallet: points, amount: 10}, min_order: 50000}
  - {id: cake, kind: discount, amount: 20000, lines: 'line.category == "cake"', price: {wallet: points, amount: 10}}
  - {id: tumbler, kind: gift, price: {wallet: points, amount: 10}, fulfil: later, taste: emotional, cost: 80000, value: 190000}
  - {id: books, kind: partner_card, codes: imported, price: {wallet: points, amount: 100}}
"""
COFFEE = {"lines": [{"sku": "latte", "category": "coffee", "quantity": 2, "unit_price": 55_000}]}


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


@pytest.fixture
def client(server: str, shop: Any) -> Iterator[httpx.Client]:
    yield from serving.client(server, shop)


@pytest.fixture
def lan(shop: Any) -> str:
    return str(join.join(Person(phone=f"+849{chance.digits(8)}", name="Lan"), at=clock.now()).member_id)


def redeemed(client: httpx.Client, member: str, reward: str, **headers: str) -> str:
    answer = client.post("/redemptions", json={"member": member, "reward": reward}, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["voucher"]["code"])


def only(server: str, business: Any, *scopes: str) -> httpx.Client:
    from ganbo.foundation.staff import keys

    _, secret = keys.create(business.id, name="tests", scopes=list(scopes))
    return httpx.Client(base_url=server + "/api/v1", headers={"Authorization": f"Bearer {secret}"}, timeout=20)


CALLS = [
    ("/codes/check", {"code": "X"}, "redemptions:write"),
    ("/codes/redeem", {"code": "X", "order_id": "1"}, "redemptions:write"),
    ("/codes/release", {"code": "X", "order_id": "1"}, "redemptions:write"),
    ("/voucher-batches", {"reward": "ten", "count": 1}, "redemptions:write"),
    ("/rewards/books/codes", {"codes": [{"code": "X"}]}, "programme:write"),
]


@pytest.mark.parametrize(("path", "body", "scope"), CALLS)
def test_a_key_and_the_scope_are_needed(server: str, shop: Any, path: str, body: dict[str, Any], scope: str) -> None:
    from ganbo.foundation.staff import keys

    without = httpx.post(f"{server}/api/v1{path}", json=body)
    assert (without.status_code, without.json()["code"]) == (401, "auth.no_key")
    with only(server, shop, *(set(keys.SCOPES) - {scope})) as client:
        refused = client.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.scope")
    assert (pools.left(at=clock.now()), make_vouchers.make_some(at=clock.now())) == ({}, 0), "nothing changed"


def test_a_code_is_redeemed_once_released_once_and_told_again(client: httpx.Client, lan: str) -> None:
    code = redeemed(client, lan, "ten")
    use = {"code": code, "member": lan, "order_id": "A1", "order": COFFEE}
    key = {"Idempotency-Key": f"k{chance.token(60)}"}
    first, again = (
        client.post("/codes/redeem", json=use, headers=key),
        client.post("/codes/redeem", json=use, headers=key),
    )
    assert (first.status_code, first.json()["state"], first.json()["takes_off"]["amount"]) == (200, "redeemed", 11_000)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    other = client.post("/codes/redeem", json=use | {"order_id": "A2"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency.key_reused")
    twice = client.post("/codes/redeem", json=use | {"order_id": "A2"})
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "codes.used")
    back = {"code": code, "order_id": "A1"}
    assert client.post("/codes/release", json=back).json()["released"] == {"times": 1, "amount": 0}
    gone = client.post("/codes/release", json=back)
    assert (gone.status_code, gone.json()["code"]) == (409, "codes.not_redeemed")
    assert client.post("/codes/check", json={"code": code, "member": lan}).json()["usable"] is True
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("reward", "who", "order", "reason", "why"),
    [
        ("ten", "lan", {"amount": 49_999}, "codes.min_order", "the bill is too small"),
        ("cake", "lan", COFFEE, "codes.no_line", "no cake on it"),
        ("ten", "minh", COFFEE, "codes.not_valid", "somebody else hears nothing"),
        ("ten", None, COFFEE, "codes.not_valid", "a member's voucher needs its member"),
        ("expired", "lan", COFFEE, "codes.expired", "the holder is told"),
    ],
)
def test_why_a_code_cannot_be_used(
    client: httpx.Client, lan: str, reward: str, who: str | None, order: dict[str, Any], reason: str, why: str
) -> None:
    code = redeemed(client, lan, "ten" if reward == "expired" else reward)
    if reward == "expired":
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("UPDATE rewards_voucher SET expires_at = %s", [clock.now()])
    minh = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)
    body = {"code": code, "order": order} | ({"member": {"lan": lan, "minh": minh}[who]} if who else {})
    checked = client.post("/codes/check", json=body).json()
    assert (checked["usable"], checked["reason"]["code"]) == (False, reason), why
    assert len(checked["reason"]["message"]) > 10, "it says more than the code"
    refused = client.post("/codes/redeem", json=body | {"order_id": "B1"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, reason), why
    assert [v.state for v in queries.vouchers_of(lan)] == ["issued"], why


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "X" * 65}, "code"),
        ({"code": 7}, "code"),
        ({}, "code"),
        ({"code": "X", "order_id": "1", "event_id": "e"}, "order_id"),
        ({"code": "X"}, "order_id"),
        ({"code": "X", "order_id": "1", "times": 0}, "times"),
        ({"code": "X", "order_id": "1", "order": {"amount": 1.5}}, "order.amount"),
        ({"code": "X", "order_id": "1", "member": {"phone": "0999999999"}}, "member"),
        ({"code": "X", "order_id": "1", "more": 1}, "more"),
    ],
)
def test_a_bad_body_names_its_field(client: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = client.post("/codes/redeem", json=body)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_guessing_must_wait_and_good_codes_do_not_count(client: httpx.Client, lan: str, server: str, shop: Any) -> None:
    code = redeemed(client, lan, "ten")
    for _ in range(15):
        assert client.post("/codes/check", json={"code": code, "member": lan}).json()["usable"]
    tries = [client.post("/codes/check", json={"code": f"GUESS{n}"}) for n in range(12)]
    assert [t.status_code for t in tries] == [200] * 10 + [429] * 2
    assert 1 <= int(tries[-1].headers["Retry-After"]) <= 60
    assert client.post("/codes/redeem", json={"code": code, "member": lan, "order_id": "C1"}).status_code == 429
    with only(server, shop, "redemptions:write") as other:
        assert other.post("/codes/check", json={"code": code, "member": lan}).json()["usable"], "another key may"


def test_another_business_cannot_use_or_see_it(client: httpx.Client, fumi_api: httpx.Client, lan: str) -> None:
    code = redeemed(client, lan, "ten")
    checked = fumi_api.post("/codes/check", json={"code": code}).json()
    assert (checked["usable"], checked["reason"]["code"]) == (False, "codes.not_valid")
    assert "reward" not in checked
    assert fumi_api.post("/codes/redeem", json={"code": code, "order_id": "D1"}).status_code == 422
    assert fumi_api.post("/codes/release", json={"code": code, "order_id": "D1"}).status_code == 409
    assert [v.state for v in queries.vouchers_of(lan)] == ["issued"]


def test_a_batch_is_ordered_once_per_key_and_shown_when_made(client: httpx.Client) -> None:
    key = {"Idempotency-Key": f"k{chance.token(60)}"}
    body = {"reward": "ten", "count": 3, "uses": 2}
    first, again = (client.post("/voucher-batches", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.json()["id"], again.headers["Idempotent-Replayed"]) == (
        202,
        first.json()["id"],
        "true",
    )
    unknown = client.post("/voucher-batches", json=body | {"reward": "none"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "rewards.unknown")
    for wrong, field in (
        ({"count": 0}, "count"),
        ({"count": 1_000_001}, "count"),
        ({"expires_at": "2020"}, "expires_at"),
    ):
        refused = client.post("/voucher-batches", json=body | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert client.get(f"/voucher-batches/{chance.new_id()}").status_code == 404


def test_an_unfinished_batch_is_not_downloaded(client: httpx.Client, shop: Any, monkeypatch: Any) -> None:
    from ganbo.foundation import jobs

    monkeypatch.setattr(jobs, "wake", lambda *_, **__: None)  # the worker sleeps; only the minute's sweep would make it
    batch = make_vouchers.order(Wanted("ten", 200_000), now=clock.now())
    answer = client.get(f"/voucher-batches/{batch.id}/codes")
    assert (answer.status_code, answer.json()["code"]) == (409, "codes.batch_not_finished")


def test_partners_codes_come_in_once_and_go_out_once(
    client: httpx.Client, fumi_api: httpx.Client, lan: str, server: str, shop: Any
) -> None:
    codes = [{"code": "BOOK-1", "last_on": "2030-06-30"}, {"code": "BOOK-1"}, {"code": "1.2E+9"}, {"code": "BOOK-2"}]
    tried = client.post("/rewards/books/codes", json={"codes": codes, "dry_run": True}).json()
    assert (tried["new"], tried["duplicate"], tried["added"]) == (2, 1, 0)
    assert [(b["line"], b["reason"]) for b in tried["bad"]] == [(3, "codes.line_mangled")]
    assert "text" in tried["bad"][0]["message"]
    assert rows(client)["books"]["stock"] == 0, "nothing was written"
    key = {"Idempotency-Key": f"k{chance.token(60)}"}
    first, again = (client.post("/rewards/books/codes", json={"codes": codes}, headers=key) for _ in range(2))
    assert (first.json()["added"], again.content, again.headers["Idempotent-Replayed"]) == (2, first.content, "true")
    assert rows(client)["books"]["stock"] == 2
    key = {"Idempotency-Key": f"k{chance.token(60)}"}
    assert redeemed(client, lan, "books", **key) == redeemed(client, lan, "books", **key) == "BOOK-1"
    assert redeemed(client, lan, "books") == "BOOK-2"
    sold_out = client.post("/redemptions", json={"member": lan, "reward": "books"})
    assert (sold_out.status_code, sold_out.json()["code"]) == (409, "rewards.out_of_stock")
    assert sorted(v["code"] for v in client.get(f"/members/{lan}/vouchers").json()["items"]) == ["BOOK-1", "BOOK-2"]
    assert fumi_api.get(f"/members/{lan}/vouchers").status_code == 404
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("reward", "codes", "status", "code"),
    [
        ("ten", [{"code": "A"}], 422, "codes.not_imported"),
        ("none", [{"code": "A"}], 422, "rewards.unknown"),
        ("books", [], 422, "fields.refused"),
        ("books", [{"code": "A"}] * 1_001, 422, "fields.refused"),
        ("books", [{"code": "A", "more": 1}], 422, "fields.refused"),
        ("books", [{"code": ""}], 422, "fields.refused"),
    ],
)
def test_what_cannot_be_imported(
    client: httpx.Client, reward: str, codes: list[dict[str, Any]], status: int, code: str
) -> None:
    answer = client.post(f"/rewards/{reward}/codes", json={"codes": codes})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert pools.left(at=clock.now()) == {}


def test_what_is_handed_over_later_is_listed_by_how_far_it_is(client: httpx.Client, lan: str) -> None:
    given = [client.post("/redemptions", json={"member": lan, "reward": "tumbler"}).json() for _ in range(3)]
    assert {g["fulfilment"] for g in given} == {"to_do"}
    row = rows(client)["tumbler"]
    assert (row["taste"], row["fulfil"], row["value"]["amount"]) == ("emotional", "later", 190_000)
    first = client.get("/redemptions?limit=2").json()
    second = client.get(f"/redemptions?limit=2&cursor={first['next']}").json()
    assert [i["id"] for i in first["items"] + second["items"]] == [g["id"] for g in given]
    assert second["next"] is None
    assert client.post(f"/redemptions/{given[0]['id']}/fulfil", json={"state": "done"}).status_code == 200
    done = client.get("/redemptions?fulfilment=done").json()["items"]
    assert [(i["id"], i["reward"], i["fulfilment"]) for i in done] == [(given[0]["id"], "tumbler", "done")]
    assert client.get("/redemptions?fulfilment=lost").status_code == 422
    shown = client.get(f"/members/{lan}/vouchers").json()["items"]
    assert sorted(v["fulfilment"] for v in shown) == ["done", "to_do", "to_do"]


def test_a_shown_code_is_not_reversed(client: httpx.Client, lan: str) -> None:
    client.post("/rewards/books/codes", json={"codes": [{"code": "BOOK-1"}]})
    given = client.post("/redemptions", json={"member": lan, "reward": "books"}).json()
    refused = client.post(f"/redemptions/{given['id']}/reverse", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "rewards.code_shown")
    assert client.get(f"/members/{lan}/balances").json()["points"]["available"] == 900


def rows(client: httpx.Client) -> dict[str, Any]:
    return {row["id"]: row for row in client.get("/rewards").json()["items"]}
