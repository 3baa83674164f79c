"""Versions over HTTP: previewed, scheduled, withdrawn, told in words; their terms, and who said yes to them."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from ganbo.foundation import chance, clock
from tests.serving import SHOP

DEARER = SHOP.replace("10000", "20000")
MONTH = SHOP.replace("en: points}}", "en: points}, expires: {kind: rolling, days: 30}}")


def _publish(api: httpx.Client, document: str, **more: Any) -> httpx.Response:
    return api.post("/programme/publish", json={"document": document} | more)


def _states(api: httpx.Client) -> dict[int, str]:
    return {row["version"]: row["state"] for row in api.get("/programme/versions").json()["items"]}


def _later(days: int = 30) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


def _member(api: httpx.Client) -> str:
    made = api.post("/members", json={"phone": f"+849{chance.digits(8)}", "locale": "en"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_what_becomes_worse_is_said_on_publishing_and_beside_the_terms(shop_api: httpx.Client) -> None:
    done = _publish(shop_api, DEARER, note="Milk is dearer", expecting=1)
    assert done.status_code == 201
    (worse,) = done.json()["worse_for_members"]
    assert worse.startswith("Rule “Buying”, what it gives: 1 point for every 10,000")
    assert worse.endswith("(worse for members)")
    assert shop_api.get("/programme/terms").json()["worse_for_members"] == [worse]
    assert shop_api.get("/programme/terms", params={"version": 1}).json()["worse_for_members"] == []
    newest = shop_api.get("/programme/versions").json()["items"][0]
    assert (newest["version"], newest["state"], newest["note"]) == (2, "in_force", "Milk is dearer")


def test_who_was_overtaken_publishes_nothing(shop_api: httpx.Client) -> None:
    _publish(shop_api, DEARER)
    refused = _publish(shop_api, SHOP + "# other\n", expecting=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "programme.overtaken")
    assert list(_states(shop_api)) == [2, 1]


def test_a_version_waits_and_is_withdrawn(shop_api: httpx.Client) -> None:
    done = _publish(shop_api, DEARER, in_force_from=_later())
    assert done.status_code == 201
    assert datetime.fromisoformat(done.json()["in_force_from"]) > clock.now()
    assert _states(shop_api) == {2: "scheduled", 1: "in_force"}
    assert shop_api.get("/programme").json()["version"] == 1
    for _ in range(2):
        gone = shop_api.post("/programme/versions/2/withdraw")
        assert (gone.status_code, gone.json()) == (200, {"version": 2, "state": "withdrawn"})
    assert _states(shop_api) == {3: "withdrawal", 2: "withdrawn", 1: "in_force"}
    assert shop_api.get("/programme/terms", params={"version": 2}).status_code == 404, (
        "nobody is shown what never holds"
    )


@pytest.mark.parametrize(
    ("more", "status", "code", "why"),
    [
        ({"in_force_from": "2020-01-01T00:00:00+07:00"}, 422, "programme.in_force_in_past", "it was judged already"),
        ({"in_force_from": "2126-01-01T00:00:00"}, 422, None, "without its offset nobody knows when"),
        ({"in_force_from": "tomorrow"}, 422, None, "no instant"),
        ({"existing": "some"}, 422, None, "not a choice"),
        ({"note": "x" * 201}, 422, None, "a note, not a story"),
    ],
)
def test_what_is_not_published(
    shop_api: httpx.Client, more: dict[str, str], status: int, code: str | None, why: str
) -> None:
    refused = _publish(shop_api, DEARER, **more)
    assert refused.status_code == status, why
    assert code is None or refused.json()["code"] == code
    assert _states(shop_api) == {1: "in_force"}, "nothing changed"


@pytest.mark.parametrize("version", [1, 7])
def test_what_is_not_withdrawn(shop_api: httpx.Client, version: int) -> None:
    refused = shop_api.post(f"/programme/versions/{version}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (409, "programme.not_scheduled")
    assert _states(shop_api) == {1: "in_force"}


def test_who_may_only_read_does_not_withdraw(server: str, shop_api: httpx.Client, cafe: Any) -> None:
    from ganbo.foundation.staff import keys

    _, secret = keys.create(cafe.id, name="reader", scopes=["programme:read"])
    headers = {"Authorization": f"Bearer {secret}"}
    weak = httpx.Client(base_url=server + "/api/v1", headers=headers)
    assert weak.post("/programme/versions/1/withdraw").json()["code"] == "auth.scope"


def test_what_changed_between_any_two_in_either_language(shop_api: httpx.Client) -> None:
    _publish(shop_api, DEARER)
    _publish(shop_api, MONTH)
    asked = {"against": 1, "lang": "vi"}
    told = shop_api.get("/programme/versions/3/changes", params=asked).json()
    assert (told["version"], told["against"]) == (3, 1)
    assert [(one["part"], one["id"], one["verdict"]) for one in told["changes"]] == [("wallets", "points", "worse")]
    assert "thành viên" in told["changes"][0]["mark"]
    back = shop_api.get("/programme/versions/1/changes", params={"against": 3}).json()
    assert [one["verdict"] for one in back["changes"]] == ["better"]
    assert shop_api.get("/programme/versions/1/changes").status_code == 404, "nothing came before the first"
    assert shop_api.get("/programme/versions/9/changes").status_code == 404


def test_a_preview_says_who_would_lose_what(shop_api: httpx.Client) -> None:
    member = _member(shop_api)
    sale = {
        "id": f"v:{chance.new_id()}",
        "type": "purchase",
        "occurred_at": clock.now().isoformat(),
        "member": {"id": member},
        "data": {"order_id": chance.token(60), "amount": 120_000},
    }
    assert shop_api.post("/events", json=sale).status_code == 201
    wallet = shop_api.post("/programme/preview", json={"document": MONTH}).json()["wallets"]["points"]
    assert wallet["earlier"] == {"members": 1, "points": 12, "sample": [{"member_id": member, "points": 12}]}
    assert (wallet["later"]["members"], wallet["ending_now"]) == (0, 0)
    assert shop_api.post("/programme/preview", json={"document": DEARER}).json() == {"wallets": {}}
    assert _states(shop_api) == {1: "in_force"}, "a preview changes nothing"


def test_terms_in_both_languages_with_their_digest(shop_api: httpx.Client) -> None:
    for lang, words in (("vi", "1 điểm cho mỗi 10.000"), ("en", "1 point for every")):
        shown = shop_api.get("/programme/terms", params={"lang": lang}).json()
        assert (shown["version"], shown["lang"]) == (1, lang)
        assert words in shown["text"]
        assert shown["digest"] == sha256(shown["text"].encode()).hexdigest()
    assert shop_api.get("/programme/terms", params={"version": 9}).status_code == 404


def test_a_yes_is_to_the_words_that_were_shown(shop_api: httpx.Client) -> None:
    member = _member(shop_api)
    shown = shop_api.get("/programme/terms", params={"lang": "en"}).json()
    yes = {"digest": shown["digest"], "lang": "en", "channel": "counter"}
    given = shop_api.post(f"/members/{member}/terms", json=yes)
    assert given.status_code == 201
    assert given.json() | {"accepted_at": ""} == {
        "member_id": member, "version": 1, "lang": "en", "digest": shown["digest"], "channel": "counter",
        "accepted_at": "",
    }  # fmt: skip
    _publish(shop_api, DEARER)
    other = shop_api.post(f"/members/{member}/terms", json=yes)
    assert (other.status_code, other.json()["code"]) == (409, "programme.other_terms"), "those were version 1's words"
    unknown = shop_api.post(f"/members/{member}/terms", json={"version": 9, "channel": "counter"})
    assert unknown.json()["code"] == "programme.unknown_version"
    kept = shop_api.get(f"/members/{member}/terms").json()["items"]
    assert [row["version"] for row in kept] == [1]
    nobody = f"/members/{chance.new_id()}/terms"
    assert shop_api.get(nobody).status_code == 404
    assert shop_api.post(nobody, json=yes).status_code == 404


def test_another_business_has_its_own_versions_and_terms(shop_api: httpx.Client, fumi_api: httpx.Client) -> None:
    member = _member(shop_api)
    assert fumi_api.get(f"/members/{member}/terms").status_code == 404
    assert fumi_api.get("/programme/terms").json()["digest"] != shop_api.get("/programme/terms").json()["digest"]
