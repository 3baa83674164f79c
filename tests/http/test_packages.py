"""Packages over HTTP: sold, used, paused, shared and given back once each, in both languages, and nobody else's."""

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
programme: washes-over-http
name: Rửa xe
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
packages:
  - {id: wash-10, name: {vi: 11 lần rửa, en: 11 washes}, price: 800000, units: {wash: 11}, months: 12, pause_days: 60, share: household}
  - {id: gym, price: 100000, units: {visit: 1}, refund: none}
"""


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


@pytest.fixture
def client(server: str, shop: Any) -> Iterator[httpx.Client]:
    yield from serving.client(server, shop)


def somebody() -> str:
    return str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)


def sold(client: httpx.Client, member: str, package: str = "wash-10", **headers: str) -> dict[str, Any]:
    answer = client.post("/packages", json={"member": member, "package": package}, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(("language", "name"), [("vi", "11 lần rửa"), ("en", "11 washes")])
def test_a_package_from_sale_to_refund(client: httpx.Client, shop: Any, language: str, name: str) -> None:
    lan, minh = somebody(), somebody()
    client.headers["accept-language"] = language
    row = sold(client, lan)
    assert (row["name"], row["price"]["amount"], row["state"]) == (name, 800_000, "active")
    at = f"/packages/{row['id']}"
    assert client.post(f"{at}/use", json={"unit": "wash"}).json()["left"] == 10
    refused = client.post(f"{at}/use", json={"unit": "wash", "member": minh})
    assert (refused.status_code, refused.json()["code"]) == (404, "packages.unknown"), "not shared with Minh yet"
    assert client.post(f"{at}/people", json={"member": minh}).json()["shared"] is True
    use = client.post(f"{at}/use", json={"unit": "wash", "member": minh, "quantity": 2}).json()
    assert use["left"] == 8
    assert [client.post(f"/packages/uses/{use['id']}/reverse").json()["left"] for _ in range(2)] == [10, 10]
    assert client.post(f"{at}/pause").json()["paused"] is True
    stopped = client.post(f"{at}/use", json={"unit": "wash"})
    assert (stopped.status_code, stopped.json()["code"]) == (409, "packages.paused")
    assert client.post(f"{at}/resume").json()["paused"] is False
    for member in (lan, minh):
        (listed,) = client.get(f"/members/{member}/packages").json()["items"]
        assert (listed["name"], listed["units"]["wash"]["left"]) == (name, 10)
    given_back = client.post(f"{at}/refund").json()
    assert (given_back["refunded"]["amount"], given_back["state"]) == (727_273, "refunded"), "ten of eleven"
    assert client.post(f"{at}/refund").status_code == 409
    assert verify_books.verify().differences == ()


def test_the_same_request_sells_and_uses_once(client: httpx.Client) -> None:
    lan, key = somebody(), str(chance.new_id())
    first = sold(client, lan, **{"idempotency-key": key})
    assert sold(client, lan, **{"idempotency-key": key})["id"] == first["id"]
    headers = {"idempotency-key": str(chance.new_id())}
    used = [client.post(f"/packages/{first['id']}/use", json={"unit": "wash"}, headers=headers) for _ in range(2)]
    assert [one.json()["left"] for one in used] == [10, 10]
    assert len(client.get(f"/members/{lan}/packages").json()["items"]) == 1


# (body, status, code, why)
WRONG = [
    ({"unit": "wax"}, 409, "packages.nothing_left", "no such unit in it"),
    ({"unit": "wash", "quantity": 12}, 409, "packages.nothing_left", "more than there are"),
    ({"unit": "wash", "quantity": 0}, 422, "fields.refused", "at least one"),
    ({"unit": "wash", "qty": 1}, 422, "fields.refused", "a misspelt field is no default"),
    ({}, 422, "fields.refused", "which unit?"),
]


@pytest.mark.parametrize(("body", "status", "code", "why"), WRONG)
def test_what_cannot_be_used_is_told(
    client: httpx.Client, body: dict[str, Any], status: int, code: str, why: str
) -> None:
    lan = somebody()
    row = sold(client, lan)
    answer = client.post(f"/packages/{row['id']}/use", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), why
    assert client.get(f"/members/{lan}/packages").json()["items"][0]["units"]["wash"]["left"] == 11


def test_nobody_elses_and_not_without_the_scope(
    client: httpx.Client, fumi_api: httpx.Client, server: str, shop: Any
) -> None:
    row = sold(client, somebody())
    assert fumi_api.post(f"/packages/{row['id']}/use", json={"unit": "wash"}).status_code == 404
    assert fumi_api.post(f"/packages/{row['id']}/refund").status_code == 404
    reader = only(server, shop, "members:read")
    assert reader.post(f"/packages/{row['id']}/use", json={"unit": "wash"}).status_code == 403
    unknown = client.post("/packages", json={"member": somebody(), "package": "none"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "packages.not_offered")
    assert client.post("/packages/not-an-id/use", json={"unit": "wash"}).status_code == 404


def test_a_sale_by_mistake_is_undone_once_for_the_whole_price(client: httpx.Client, shop: Any) -> None:
    row = sold(client, somebody(), "gym")
    undone = client.post(f"/packages/{row['id']}/reverse").json()
    assert (undone["refunded"]["amount"], undone["state"]) == (100_000, "refunded")
    assert client.post(f"/packages/{row['id']}/reverse").status_code == 409
    row = sold(client, somebody())
    client.post(f"/packages/{row['id']}/use", json={"unit": "wash"})
    refused = client.post(f"/packages/{row['id']}/reverse")
    assert (refused.status_code, refused.json()["code"]) == (409, "packages.used_already")
    assert verify_books.verify().differences == ()
