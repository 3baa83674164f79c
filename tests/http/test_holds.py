"""Holds over HTTP: placed, captured, let go, told in the balances; once each, in words, and nobody else's."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, verify_books
from ganbo.people.members.operations import Person
from tests import serving
from tests.http.test_codes import only

PROGRAMME = """\
ganbo: 1
programme: holds-over-http
name: Tạm giữ
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, face_value: 100, pay: {rate: 100, min: 1, step: 1}}
  rank: {name: hạng, spendable: false}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 500}}
"""


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {}


@pytest.fixture
def shop(new_business: Callable[[str], Any], made: dict[str, Any]) -> Any:
    """One business for the module."""
    if not made:
        made["shop"] = new_business(PROGRAMME)
    return made["shop"]


@pytest.fixture
def client(server: str, shop: Any) -> Iterator[httpx.Client]:
    with context.within(shop):
        yield from serving.client(server, shop)


@pytest.fixture
def lan(client: httpx.Client) -> dict[str, str]:
    phone = f"+849{chance.digits(8)}"
    return {"id": str(join.join(Person(phone=phone), at=clock.now()).member_id), "phone": phone}


def points(client: httpx.Client, member: dict[str, str]) -> tuple[int, int, int]:
    """(available, held, what the available ones are worth)"""
    found = client.get(f"/members/{member['id']}/balances").json()["points"]
    return found["available"], found["held"], found["worth"]["amount"]


def test_a_hold_from_placing_to_its_capture(client: httpx.Client, lan: dict[str, str]) -> None:
    key = {"idempotency-key": str(chance.new_id())}
    body = {"member": {"phone": lan["phone"]}, "wallet": "points", "amount": 300, "expires_in": 600}
    first, again = (client.post("/holds", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert first.content == again.content
    row = first.json()
    assert (row["state"], row["amount"], row["captured"], row["released"]) == ("held", 300, 0, 0)
    assert points(client, lan) == (200, 300, 20_000)
    other = client.post("/holds", json=body | {"amount": 201, "expires_in": 5})
    assert (other.status_code, other.json()["code"], other.json()["available"]) == (409, "ledger.insufficient", 200)
    at, key = f"/holds/{row['id']}", {"idempotency-key": str(chance.new_id())}
    more = client.post(f"{at}/capture", json={"amount": 301})
    assert (more.status_code, more.json()["code"], more.json()["errors"][0]["field"]) == (
        422, "holds.too_much", "amount",
    )  # fmt: skip
    done = [client.post(f"{at}/capture", json={"amount": 120}, headers=key) for _ in range(2)]
    assert [one.json()["state"] for one in done] == ["captured", "captured"]
    assert (done[0].json()["captured"], done[0].json()["released"]) == (120, 180)
    for late in (client.post(f"{at}/capture", json={}), client.post(f"{at}/void")):
        assert (late.status_code, late.json()["code"]) == (409, "holds.captured")
    assert points(client, lan) == (380, 0, 38_000)
    assert client.get(at).json() == client.get(f"/members/{lan['id']}/holds").json()["items"][0] == done[0].json()
    lines = client.get(f"/members/{lan['id']}/ledger").json()["items"]
    assert [(line["kind"], line["amount"]) for line in lines] == [("spend", -120), ("earn", 500)]
    assert verify_books.verify().differences == ()


def test_a_hold_is_let_go_or_its_time_is_over(client: httpx.Client, lan: dict[str, str]) -> None:
    body = {"member": lan["id"], "wallet": "points", "amount": 300}
    row = client.post("/holds", json=body).json()
    assert client.post(f"/holds/{row['id']}/void").json()["state"] == "voided"
    assert client.post(f"/holds/{row['id']}/capture", json={}).json()["code"] == "holds.voided"
    short = client.post("/holds", json=body | {"expires_in": 1}).json()
    clock.pause(1.1)
    assert points(client, lan) == (500, 0, 50_000)
    late = client.post(f"/holds/{short['id']}/capture", json={}, headers={"accept-language": "vi"})
    assert (late.status_code, late.json()["code"]) == (409, "holds.expired")
    assert client.get(f"/holds/{short['id']}").json()["state"] == "expired"


# (change of the body, status, code, why)
WRONG = [
    ({"amount": 0}, 422, "fields.refused", "something must be held"),
    ({"amount": 1.5}, 422, "fields.refused", "points are whole"),
    ({"expires_in": 0}, 422, "fields.refused", "for a while"),
    ({"expires_in": 7 * 86_400 + 1}, 422, "fields.refused", "a week at most"),
    ({"expires_at": "2027-01-01T00:00:00Z"}, 422, "fields.refused", "an interval, not an instant"),
    ({"wallet": "gold"}, 422, "fields.refused", "no such wallet"),
    ({"wallet": "rank"}, 422, "holds.not_spendable", "cannot be spent"),
    ({"member": {"phone": "+84900000000"}}, 422, "members.unknown", "nobody"),
]


def test_what_cannot_be_held_is_told(client: httpx.Client, lan: dict[str, str]) -> None:
    for change, status, code, why in WRONG:
        answer = client.post("/holds", json={"member": lan["id"], "wallet": "points", "amount": 1} | change)
        assert (answer.status_code, answer.json()["code"]) == (status, code), why
    assert points(client, lan)[:2] == (500, 0)


def test_nobody_elses_and_not_without_the_scope(
    client: httpx.Client, fumi_api: httpx.Client, server: str, shop: Any, lan: dict[str, str]
) -> None:
    row = client.post("/holds", json={"member": lan["id"], "wallet": "points", "amount": 5}).json()
    for verb, path in [("GET", ""), ("POST", "/capture"), ("POST", "/void")]:
        body = {"json": {}} if path == "/capture" else {}
        assert fumi_api.request(verb, f"/holds/{row['id']}{path}", **body).status_code == 404
        reader = only(server, shop, "members:read")
        assert reader.request(verb, f"/holds/{row['id']}{path}", **body).status_code == 403
    assert client.get(f"/holds/{row['id']}").json()["state"] == "held"
    assert client.post("/holds/not-an-id/void").status_code == 404
