"""Bills of files become sales and returns, to the minor unit."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ganbo.books.events.bills import SCALE, Bill, BillLine, minor, requests
from ganbo.engine import basket

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def line(amount: float, quantity: float | None = None, price: float | None = None, hours: int = 0) -> BillLine:
    whole = [None if n is None else round(n * SCALE) for n in (quantity, price)]
    return BillLine(AT + timedelta(hours=hours), round(amount * SCALE), whole[0], whole[1], "latte", None)


LINES: list[tuple[BillLine, str, dict[str, Any], str]] = [
    (line(110_000, 2, 55_000), "VND", {"quantity": 2, "unit_price": 55_000}, "as it stands"),
    (
        line(100_000, 2, 55_000),
        "VND",
        {"quantity": 2, "unit_price": 55_000, "discount": 10_000},
        "a discount of its own",
    ),
    (line(110_000), "VND", {"quantity": 1, "unit_price": 110_000}, "only an amount"),
    (line(100_000, 3), "VND", {"quantity": 3, "unit_price": 33_334, "discount": 2}, "pieces without a price"),
    (line(12.345, 0.5, 24.69), "EUR", {"quantity": Decimal("0.5"), "unit_price": 2_469}, "half a kilo, half a cent up"),
    (
        line(120_000, 2, 55_000),
        "VND",
        {"quantity": 1, "unit_price": 120_000},
        "dearer than its pieces: the amount counts",
    ),
    (line(5_000, 0.3333, 15_000), "VND", {"quantity": 1, "unit_price": 5_000}, "more than three places"),
    (line(0, 1, 0), "VND", {"quantity": 1, "unit_price": 0}, "a gift"),
]


@pytest.mark.parametrize(("one", "currency", "expected", "why"), LINES, ids=[row[3] for row in LINES])
def test_a_line_of_a_file_is_a_line_of_a_bill(one: BillLine, currency: str, expected: dict[str, Any], why: str) -> None:
    (sale,) = requests(Bill("A1", "hoan-kiem", [one]), ("id", "x"), currency)
    assert sale.data["lines"] == [{"sku": "latte", **expected}], why
    assert basket.order_of(sale.data, currency).net == minor(one.amount, currency), why


RETURNS = [
    ([line(100), line(-30, hours=2)], [("purchase", 0), ("refund", 30)], "a part"),
    (
        [line(100), line(-70, hours=2), line(-70, hours=3)],
        [("purchase", 0), ("refund", 70), ("refund", 30)],
        "no more than was bought",
    ),
    ([line(100), line(-100), line(-1)], [("purchase", 0), ("refund", 100)], "nothing is left to come back"),
    ([line(-50)], [], "sold elsewhere"),
    ([line(-20), line(100, hours=1)], [("purchase", 0), ("refund", 20)], "the return was written first"),
]


@pytest.mark.parametrize(("lines", "expected", "why"), RETURNS, ids=[row[2] for row in RETURNS])
def test_negative_lines_are_returns(lines: list[BillLine], expected: list[tuple[str, int]], why: str) -> None:
    told = list(requests(Bill("A1", None, lines), ("id", "x"), "VND"))
    assert [(one.type, one.data.get("amount", 0)) for one in told] == expected, why
    assert all(earlier.occurred_at <= later.occurred_at for earlier, later in itertools.pairwise(told))
    assert len({one.order_key for one in told}) <= 1


def test_half_a_unit_is_rounded_up() -> None:
    assert [minor(n, "VND") for n in (4_999, 5_000, 15_000)] == [0, 1, 2]
    assert minor(123_450, "EUR") == 1_235, "12.345 euros"
