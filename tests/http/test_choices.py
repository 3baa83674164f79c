"""Choices over HTTP: seen beside the member's vouchers, picked once, and by nobody else."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ganbo.foundation.tenancy import context
from tests import serving
from tests.http.test_codes import only
from tests.http.test_packages import somebody

PROGRAMME = """\
ganbo: 1
programme: choices-over-http
name: Quà tự chọn
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
tiers: {levels: [{id: member, benefits: {perks: [upsize, sofa]}}]}
perks:
  - {id: upsize, text: {vi: Nâng size, en: Free upsize}, count: 1, per: month}
  - {id: sofa, text: {vi: Ghế sofa, en: The sofa}, show: wallet}
earn:
  - {id: welcome, on: signup, give: {voucher: thanks}}
rewards:
  - {id: thanks, choose: [free-ship, small-gift], within_days: 14}
  - {id: free-ship, kind: free_delivery}
  - {id: small-gift, kind: gift}
"""


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


@pytest.fixture
def client(server: str, shop: Any) -> Iterator[httpx.Client]:
    yield from serving.client(server, shop)


def test_a_choice_is_made_once(client: httpx.Client, shop: Any, server: str, fumi_api: httpx.Client) -> None:
    lan, minh = somebody(), somebody()
    (row,) = client.get(f"/members/{lan}/vouchers").json()["items"]
    assert (row["reward"], row["choose"]) == ("thanks", ["free-ship", "small-gift"])
    at = f"/members/{lan}/vouchers/{row['id']}/choose"
    for body, status, code in (
        ({"reward": "latte"}, 422, "rewards.not_in_choice"),
        ({"reward": ""}, 422, "fields.refused"),
        ({}, 422, "fields.refused"),
    ):
        refused = client.post(at, json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert client.post(f"/members/{minh}/vouchers/{row['id']}/choose", json={"reward": "free-ship"}).status_code == 404
    assert fumi_api.post(at, json={"reward": "free-ship"}).status_code == 404
    assert client.post("/codes/check", json={"code": row["code"]}).json()["reason"]["code"] == "codes.not_valid"
    assert (
        client.post("/codes/check", json={"code": row["code"], "member": lan}).json()["reason"]["code"]
        == "codes.choose_first"
    )
    for _ in range(2):
        done = client.post(at, json={"reward": "free-ship"}).json()
        assert (done["reward"], done["choose"], done["id"]) == ("free-ship", [], row["id"])
    refused = client.post(at, json={"reward": "small-gift"})
    assert (refused.status_code, refused.json()["code"]) == (409, "rewards.chosen_already")
    assert client.post("/codes/check", json={"code": row["code"], "member": lan}).json()["usable"]
    with only(server, shop, "members:read") as reader:
        assert reader.post(at, json={"reward": "free-ship"}).status_code == 403


def test_a_perk_is_used_as_often_as_promised(
    client: httpx.Client, shop: Any, server: str, fumi_api: httpx.Client
) -> None:
    lan = somebody()
    client.headers["accept-language"] = "en"
    rows = client.get(f"/members/{lan}/perks").json()["items"]
    assert rows == [
        {"id": "upsize", "text": "Free upsize", "counted": True, "count": 1, "per": "month", "used": 0, "left": 1},
        {"id": "sofa", "text": "The sofa", "counted": False, "count": None, "per": None, "used": 0, "left": None},
    ]
    at, key = f"/members/{lan}/perks/upsize/use", {"Idempotency-Key": "perk-1"}
    done = [client.post(at, headers=key).json() for _ in range(2)]
    assert done[0] == done[1], "asked again under its key, it is the same use"
    refused = client.post(at)
    assert (refused.status_code, refused.json()["code"]) == (409, "perks.used_up")
    assert client.post(f"/members/{lan}/perks/sofa/use").json()["code"] == "perks.not_theirs"
    assert fumi_api.post(at).status_code == 404
    undone = client.post(f"/perks/uses/{done[0]['id']}/reverse").json()
    assert undone == {"id": done[0]["id"], "left": 1}
    assert client.post(f"/perks/uses/{lan}/reverse").status_code == 404
    with only(server, shop, "members:read") as reader:
        assert reader.post(at).status_code == 403
