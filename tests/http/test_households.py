"""Households over HTTP: founded, invited, joined and left once each; what they hold is shown wherever a balance is."""

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
programme: together-over-http
name: Cả nhà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, pay: {rate: 100}}
earn:
  - {id: seen, on: visit, give: {wallet: points, amount: 100}}
rewards:
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 150}}
accounts: {pool: household, wallets: [points], people: 3}
"""


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The module's business and client."""
    return {}


@pytest.fixture
def client(server: str, new_business: Callable[..., Any], made: dict[str, Any]) -> Iterator[httpx.Client]:
    if not made:
        made["shop"] = new_business(PROGRAMME)
    with context.within(made["shop"]):
        yield from serving.client(server, made["shop"])


def somebody(client: httpx.Client, visits: int = 1) -> str:
    member = str(join.join(Person(phone=f"+849{chance.digits(8)}", locale="en"), at=clock.now()).member_id)
    for _ in range(visits):
        body = {"id": f"e:{chance.new_id()}", "type": "visit", "occurred_at": clock.now().isoformat(), "member": member}
        assert client.post("/events", json=body).status_code == 201
    return member


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_household_from_founding_to_its_end(client: httpx.Client) -> None:
    lan, minh = somebody(client), somebody(client)
    key = {"idempotency-key": str(chance.new_id())}
    row = ok(client.post("/households", json={"owner": lan}, headers=key), 201)
    again = client.post("/households", json={"owner": lan}, headers=key)
    assert (ok(again, 201)["id"], again.headers["idempotent-replayed"]) == (row["id"], "true")
    at = f"/households/{row['id']}"
    (asked,) = ok(client.post(f"{at}/people", json={"member": minh}))["invited"]
    assert (asked["member_id"], asked["role"]) == (minh, "adult")
    assert ok(client.get(f"/members/{minh}/household")) == {"household": None, "invited": [asked]}
    for _ in range(2):
        joined = ok(client.post(f"{at}/people/{minh}/accept"))
    assert [(p["member_id"], p["role"]) for p in joined["people"]] == [(lan, "owner"), (minh, "adult")]
    assert joined["balances"]["points"] == {"available": 200, "own": {lan: 100, minh: 100}}
    held = ok(client.get(f"/members/{minh}/balances"))["points"]
    assert (held["available"], held["household"]) == (100, {"available": 200, "may_spend": True})
    (tea,) = ok(client.get(f"/rewards?member={minh}"))["items"]
    assert tea["affordable"] is True, "150 of what both have"
    given = ok(client.post("/redemptions", json={"member": minh, "reward": "tea"}), 201)
    assert given["of"] == [{"member_id": minh, "amount": 100}, {"member_id": lan, "amount": 50}]
    assert given["balances"]["points"]["household"]["available"] == 50
    back = ok(client.post(f"/redemptions/{given['id']}/reverse"))
    assert back["state"] == "reversed"
    assert ok(client.get(at))["balances"]["points"]["own"] == {lan: 100, minh: 100}
    assert ok(client.patch(f"{at}/people/{minh}", json={"role": "owner"}))["people"][0]["member_id"] == minh
    ok(client.delete(f"{at}/people/{lan}"))
    assert "household" not in ok(client.get(f"/members/{lan}/balances"))["points"]
    ok(client.delete(at))
    assert client.get(at).json()["code"] == "households.unknown"
    assert ok(client.get(f"/members/{minh}/balances"))["points"]["available"] == 100
    assert verify_books.verify().differences == ()


def test_a_child_and_an_invitation_declined_or_withdrawn(client: httpx.Client) -> None:
    lan, child = somebody(client, 0), somebody(client, 2)
    at = f"/households/{ok(client.post('/households', json={'owner': lan}), 201)['id']}"
    ok(client.post(f"{at}/people", json={"member": child, "role": "child"}))
    assert ok(client.post(f"{at}/people/{child}/decline"))["invited"] == []
    ok(client.post(f"{at}/people", json={"member": child, "role": "child"}))
    ok(client.delete(f"{at}/people/{child}"))
    refused = client.post(f"{at}/people/{child}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "households.not_invited")
    ok(client.post(f"{at}/people", json={"member": child, "role": "child"}))
    ok(client.post(f"{at}/people/{child}/accept"))
    refused = client.post("/redemptions", json={"member": child, "reward": "tea"})
    assert (refused.status_code, refused.json()["code"]) == (409, "households.may_not_spend")
    sale = {
        "id": f"e:{chance.new_id()}", "type": "purchase", "occurred_at": clock.now().isoformat(), "member": lan,
        "data": {"order_id": chance.digits(9), "amount": 20_000,
                 "paid": [{"with": "points", "amount": 5_000}, {"with": "cash", "amount": 15_000}]},
    }  # fmt: skip
    told = ok(client.post("/events", json=sale), 201)
    assert told["effects"][0]["of"] == [{"member_id": child, "amount": 50}]
    assert "50 points of them were others' of your household." in told["because"]
    assert verify_books.verify().differences == ()


def test_not_without_the_scope_nor_for_others_nor_of_another_form(
    client: httpx.Client, fumi_api: httpx.Client, server: str, made: dict[str, Any]
) -> None:
    lan = somebody(client, 0)
    at = f"/households/{ok(client.post('/households', json={'owner': lan}), 201)['id']}"
    assert fumi_api.get(at).status_code == 404
    reader = only(server, made["shop"], "members:read")
    assert reader.post("/households", json={"owner": lan}).status_code == 403
    assert reader.delete(at).status_code == 403
    assert client.post(f"{at}/people", json={"member": lan, "role": "owner"}).status_code == 422, "handed over instead"
    assert client.post("/households", json={"owner": lan}).json()["code"] == "households.in_one_already"
    assert client.post("/households", json={"owner": "nobody"}).status_code == 404
    refused = fumi_api.post("/households", json={"owner": "nobody"})
    assert refused.status_code == 404
