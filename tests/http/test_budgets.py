"""The budget over HTTP: how its lines stand, and a redemption it refuses."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ganbo.foundation import chance
from ganbo.foundation.staff import keys
from tests.journeys.test_budgets import PROGRAMME


@pytest.fixture
def shop(server: str, new_business: Any) -> Iterator[httpx.Client]:
    """A client with a key of a business whose gifts have a hard stop."""
    business = new_business(PROGRAMME + "  message_cost: {sms: 800, email: 50}\n")
    _, secret = keys.create(business.id, name="tests", scopes=list(keys.SCOPES))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with httpx.Client(base_url=server + "/api/v1", headers=headers, timeout=20) as client:
        yield client


def test_a_redemption_beyond_the_budget_is_refused_and_the_line_says_how_it_stands(shop: httpx.Client) -> None:
    member = shop.post("/members", json={"email": f"lan-{chance.digits(9)}@example.com"}).json()["id"]
    taken = shop.post("/redemptions", json={"member": member, "reward": "tea", "quantity": 5})
    assert taken.status_code == 201
    refused = shop.post("/redemptions", json={"member": member, "reward": "tea", "quantity": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "rewards.budget_used_up")
    assert refused.json()["detail"] == "The budget for “tea” is used up for now; choose another reward."
    assert shop.get(f"/members/{member}/balances").json()["points"]["available"] == 995, "nothing was taken"
    (line,) = shop.get("/budgets").json()["items"]
    assert {key: line[key] for key in ("line", "stop", "month")} == {"line": "gifts", "stop": "hard", "month": None}
    amounts = [line[key]["amount"] for key in ("planned", "committed", "spent", "left")]
    assert amounts == [50_000, 45_000, 0, 5_000]
    assert (line["lasts_until"], line["forecast"]) == (None, "It is too early to say how long it lasts.")


def test_messages_of_this_month_are_counted_with_their_cost(shop: httpx.Client) -> None:
    shop.post("/members", json={"email": f"lan-{chance.digits(9)}@example.com"})
    rows = shop.get("/budgets/messages").json()["items"]
    assert [row["channel"] for row in rows] == ["sms", "email"]
    assert [row["cost"]["amount"] for row in rows] == [0, 50 * rows[1]["sent"]]
    assert rows[0] == {
        "channel": "sms",
        "sent": 0,
        "each": {"currency": "VND", "amount": 800},
        "cost": {"currency": "VND", "amount": 0},
    }


def test_the_terms_say_that_the_gifts_depend_on_a_budget(shop: httpx.Client) -> None:
    said = {lang: shop.get("/programme/terms", params={"lang": lang}).json()["text"] for lang in ("vi", "en")}
    assert "Given as long as the budget set aside for it lasts." in said["en"]
    assert "Quà được trao khi còn ngân sách dành cho quà này." in said["vi"]
