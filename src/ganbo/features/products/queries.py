"""The list of products, and what a quote must know of some."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from django.db import connection
from django.db.models import Q

from ganbo.features.products.models import Product
from ganbo.foundation.pipelines import Row, Statement, text_array


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One item; prices in minor units, `prices` by list."""

    sku: str
    name: str
    category: str
    labels: tuple[str, ...]
    price: int | None
    cost: int | None
    prices: Mapping[str, int]


def page(*, after: str | None, most: int, search: str = "") -> list[ProductRow]:
    """Products in order of their SKU; with `search`, those whose SKU, name, category or label has it."""
    found = Product.objects.order_by("sku")
    if search:
        found = found.filter(
            Q(sku__icontains=search)
            | Q(name__icontains=search)
            | Q(category__iexact=search)
            | Q(labels__contains=[search])
        )
    return [_row(p) for p in (found.filter(sku__gt=after) if after else found)[:most]]


def by_sku(skus: Sequence[str]) -> dict[str, ProductRow]:
    """Those of these that are kept."""
    return {p.sku: _row(p) for p in Product.objects.filter(sku__in=skus)}


def count() -> int:
    """How many products there are."""
    return Product.objects.count()


def lists() -> list[str]:
    """The names of the price lists that any product has a price in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT jsonb_object_keys(prices) FROM products_product ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def _row(p: Product) -> ProductRow:
    return ProductRow(p.sku, p.name, p.category, tuple(p.labels), p.price, p.cost, p.prices)


def of_skus(schema: str, skus: Iterable[str]) -> Statement:
    """Category, labels and price lists of these."""
    sql = f'SELECT sku, category, labels, prices FROM "{schema}".products_product WHERE sku = ANY($1::text[])'
    return sql, (text_array(sorted(set(skus))),)


def known(rows: Sequence[Row]) -> dict[str, ProductRow]:
    """The rows of `of_skus` by SKU."""
    return {
        str(r[0]): ProductRow(
            str(r[0]), "", r[1] or "", tuple(orjson.loads(r[2] or "[]")), None, None, orjson.loads(r[3] or "{}")
        )
        for r in rows
    }
