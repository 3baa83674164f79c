"""Levels over HTTP: what they ask and bring, where a member stands, and who would move by another document."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from ganbo.foundation import chance, clock
from ganbo.foundation.staff import keys
from tests.journeys.test_tiers import SOURCE

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def shop(server: str, new_business: Any) -> Iterator[httpx.Client]:
    """A client with a key of a business whose levels have thresholds."""
    business = new_business(SOURCE)
    _, secret = keys.create(business.id, name="tests", scopes=list(keys.SCOPES))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with httpx.Client(base_url=server + "/api/v1", headers=headers, timeout=20) as client:
        yield client


def enrol(client: httpx.Client) -> str:
    answer = client.post("/members", json={"email": f"lan-{chance.digits(9)}@example.com"})
    assert answer.status_code == 201
    return str(answer.json()["id"])


def sell(api: httpx.Client, member: str, amount: int) -> None:
    body = {
        "id": f"t:{chance.new_id()}",
        "type": "purchase",
        "occurred_at": clock.now().isoformat(),
        "member": member,
        "data": {"amount": amount},
    }
    assert api.post("/events", json=body).status_code == 201


def test_every_level_with_its_thresholds(shop: httpx.Client) -> None:
    bronze, silver, gold = shop.get("/tiers").json()["items"]
    assert (bronze["id"], bronze["enter"]) == ("bronze", None)
    assert silver["enter"] == silver["keep"] == {"spend": 500_000, "purchases": 3}
    assert silver["benefits"] == ["points × 2", "a cake", "may take a tote"]
    assert (silver["unlocks"], gold["invitation_only"]) == (["tote"], False)


def test_where_a_member_stands(shop: httpx.Client, api: httpx.Client) -> None:
    member = enrol(shop)
    before = shop.get(f"/members/{member}/tier").json()
    assert (before["id"], before["next"], before["keep"], before["since"]) == ("bronze", "silver", None, None)
    assert before["missing"] == {"spend": 500_000, "purchases": 3}
    assert before["projected"] == "bronze"
    sell(shop, member, 490_000)
    nearly = shop.get(f"/members/{member}/tier").json()
    assert (nearly["id"], nearly["missing"]) == ("bronze", {"spend": 10_000, "purchases": 2})
    assert nearly["sentences"] == ["Spend 10,000 ₫ more or buy 2 more times to reach Silver."]
    sell(shop, member, 20_000)
    after = shop.get(f"/members/{member}/tier").json()
    assert (after["id"], after["next"], after["projected"]) == ("silver", "gold", "bronze"), (
        "one step down without more"
    )
    assert after["since"] == clock.now().astimezone(HANOI).date().isoformat()
    assert after["keep"]["missing"] == {"spend": 500_000, "purchases": 3}
    assert shop.get(f"/members/{chance.new_id()}/tier").status_code == 404
    assert api.get(f"/members/{member}/tier").status_code == 404, "another business's member"


def test_who_would_move(shop: httpx.Client) -> None:
    member = enrol(shop)
    sell(shop, member, 90_000)
    before = shop.get("/programme").json()
    found = shop.post("/programme/moves", json={"document": SOURCE.replace("spend: 500000", "spend: 90000")})
    assert found.status_code == 200, found.text
    assert found.json() == {
        "members": 1,
        "at_once": [{"from": "bronze", "to": "silver", "up": True, "members": 1, "sample": [member]}],
        "later": [],
    }
    assert shop.get(f"/members/{member}/tier").json()["id"] == "bronze", "nothing changes"
    assert shop.get("/programme").json() == before
    same = shop.post("/programme/moves", json={"document": before["source"]}).json()
    assert (same["at_once"], same["later"]) == ([], [])
    assert shop.post("/programme/moves", json={"document": "ganbo: 2"}).status_code == 422
