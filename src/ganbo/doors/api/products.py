"""The list of products: what offers, price lists and conditions know of an item."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.books.events.body import Amount, Code
from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, needs, page_of, write
from ganbo.doors.api.members import actor
from ganbo.features.products import queries
from ganbo.features.products.queries import ProductRow
from ganbo.foundation import clock
from ganbo.journeys import put_products

MOST_PRODUCTS = 1_000
_STRICT = ConfigDict(strict=True, extra="forbid")
ListName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class Product(BaseModel):
    """An item; money in minor units of the programme's currency, `prices` by the name of their list."""

    model_config = _STRICT
    sku: Code
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    category: Annotated[str, StringConstraints(max_length=64)] = ""
    labels: Annotated[list[Code], Field(max_length=20)] = []
    price: Amount | None = None
    cost: Amount | None = None
    prices: Annotated[dict[ListName, Amount], Field(max_length=20)] = {}


class Products(BaseModel):
    model_config = _STRICT
    products: Annotated[list[Product], Field(min_length=1, max_length=MOST_PRODUCTS)]


class ProductPage(BaseModel):
    items: list[Product]
    next: str | None


class Kept(BaseModel):
    kept: int


@api.get("/products", response=shapes.statuses(ProductPage), tags=["products"])
@needs("programme:read")
def products(request: HttpRequest) -> HttpResponse:
    """All products by their SKU."""
    most, cursor = page_of(request)
    rows = queries.page(after=cursor, most=most + 1)
    items = [_row(row) for row in rows[:most]]
    return answer({"items": items, "next": items[-1]["sku"] if len(rows) > most else None})


@api.post("/products", response=shapes.statuses(Kept, 200, 413, 415), tags=["products"])
@needs("programme:write")
def put(request: HttpRequest, payload: Products) -> HttpResponse:
    """Keep these products as they are told, each whole; others stay as they are."""
    rows = [ProductRow(p.sku, p.name, p.category, tuple(p.labels), p.price, p.cost, p.prices) for p in payload.products]
    return write(request, lambda: (200, {"kept": put_products.put(rows, by=actor(request), now=clock.now())}))


def _row(row: ProductRow) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "name": row.name,
        "category": row.category,
        "labels": list(row.labels),
        "price": row.price,
        "cost": row.cost,
        "prices": dict(row.prices),
    }
