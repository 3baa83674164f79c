"""The list of products over HTTP: each kept whole as told, read page by page, strict, and nobody else's."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import serving
from tests.http.test_codes import PROGRAMME, only

RICE = {
    "sku": "rice",
    "name": "Gạo",
    "category": "food",
    "labels": ["own"],
    "price": 900,
    "cost": 500,
    "prices": {"members": 750},
}


@pytest.fixture
def shop(new_business: Any) -> Any:
    return new_business(PROGRAMME)


@pytest.fixture
def client(server: str, shop: Any) -> Iterator[httpx.Client]:
    yield from serving.client(server, shop)


def test_products_are_kept_whole_and_read_page_by_page(client: httpx.Client) -> None:
    told = {"products": [RICE, {"sku": "tea"}, {"sku": "bun"}, RICE]}
    assert client.post("/products", json=told).json() == {"kept": 3}
    assert client.post("/products", json={"products": [{"sku": "tea", "price": 0}]}).json() == {"kept": 1}
    first = client.get("/products?limit=2").json()
    second = client.get(f"/products?limit=2&cursor={first['next']}").json()
    assert [one["sku"] for one in first["items"] + second["items"]] == ["bun", "rice", "tea"]
    assert first["items"][1] == RICE
    assert (second["items"][0]["price"], second["next"]) == (0, None)


@pytest.mark.parametrize(
    ("product", "why"),
    [
        ({"sku": "x", "price": -1}, "below zero"),
        ({"sku": "x", "price": 1.5}, "no whole unit"),
        ({"sku": ""}, "no sku"),
        ({"sku": "x", "prices": {"Members": 1}}, "no name of a list"),
        ({"sku": "x", "more": 1}, "an unknown field"),
    ],
)
def test_what_is_no_product_is_refused_with_all_beside_it(client: httpx.Client, product: Any, why: str) -> None:
    answer = client.post("/products", json={"products": [RICE, product]})
    assert answer.status_code in (400, 422), why
    assert client.get("/products").json()["items"] == []


def test_who_may(server: str, shop: Any, client: httpx.Client) -> None:
    with only(server, shop, "quotes:read") as stranger, only(server, shop, "programme:read") as reader:
        assert stranger.get("/products").status_code == 403
        assert reader.get("/products").status_code == 200
        assert reader.post("/products", json={"products": [RICE]}).status_code == 403
    assert client.get("/products").json()["items"] == []
