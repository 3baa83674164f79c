"""Gift cards over HTTP: sold, topped up, checked and undone once each; the code is never stored; nobody else's."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.db import connection

from ganbo.foundation import chance
from ganbo.foundation.tenancy import context
from ganbo.journeys import verify_books
from tests import serving
from tests.http.test_codes import only
from tests.journeys.test_gift_cards import PROGRAMME


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {}


@pytest.fixture
def shop(new_business: Callable[[str], Any], made: dict[str, Any]) -> Iterator[Any]:
    if not made:
        made["shop"] = new_business(PROGRAMME)
    with context.within(made["shop"]):
        yield made["shop"]


@pytest.fixture
def client(server: str, shop: Any) -> Iterator[httpx.Client]:
    yield from serving.client(server, shop)


def test_a_gift_card_over_http(client: httpx.Client, fumi_api: httpx.Client, server: str, shop: Any) -> None:
    headers = {"idempotency-key": str(chance.new_id())}
    answers = [client.post("/gift-cards", json={"reward": "our-card"}, headers=headers) for _ in range(2)]
    card = answers[0].json()
    assert [a.status_code for a in answers] == [201, 201] and answers[1].json() == card, "once per key"
    assert card["left"]["amount"] == 200_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM idempotency_answer WHERE answer LIKE %s", [f"%{card['code']}%"])
        assert cursor.fetchone()[0] == 0, "the code is not stored"
    more = {"code": card["code"], "amount": 30_000}
    topped = [client.post("/gift-cards/top-up", json=more, headers=headers).json() for _ in range(2)]
    assert [t["left"]["amount"] for t in topped] == [230_000, 230_000]
    assert client.post("/codes/check", json={"code": card["code"]}).json()["left"]["amount"] == 230_000
    assert client.post(f"/gift-cards/{card['id']}/cancel").json()["code"] == "gift_cards.used"
    other = client.post("/gift-cards", json={"reward": "our-card"}).json()
    assert fumi_api.post(f"/gift-cards/{other['id']}/cancel").status_code == 404
    assert only(server, shop, "members:read").post("/gift-cards", json={"reward": "our-card"}).status_code == 403
    assert client.post(f"/gift-cards/{other['id']}/cancel").json()["refunded"]["amount"] == 200_000
    assert client.post("/gift-cards/top-up", json={"code": other["code"], "amount": 5}).status_code == 404
    assert client.post("/gift-cards", json={"reward": "ten"}).json()["code"] == "gift_cards.not_sold"
    assert client.post("/gift-cards/top-up", json=more | {"amount": 9_000_000}).json()["code"] == "gift_cards.too_much"
    assert verify_books.verify().differences == ()
