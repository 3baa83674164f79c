"""The amounts of an order: exact, and refused by field where they do not fit together."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganbo.engine.basket import FieldRefused, order_of


def line(quantity: Any, unit_price: int, **more: Any) -> dict[str, Any]:
    return {"quantity": quantity, "unit_price": unit_price, **more}


@pytest.mark.parametrize(
    ("told", "gross", "net", "total", "why"),
    [
        ({"lines": [line(2, 55_000)]}, 110_000, 110_000, 110_000, "two cups"),
        ({"lines": [line(Decimal("0.35"), 99_999)]}, 35_000, 35_000, 35_000, "34,999.65 rounds half up"),
        ({"lines": [line("0.005", 100)]}, 1, 1, 1, "half a minor unit counts whole"),
        ({"lines": [line("0.004", 100)]}, 0, 0, 0, "less than half is nothing"),
        ({"lines": [line(2, 55_000, discount=10_000)]}, 110_000, 100_000, 100_000, "a discount is for the whole line"),
        (
            {"lines": [line(1, 55_000)], "discount": 5_000, "shipping": 20_000},
            55_000,
            50_000,
            70_000,
            "shipping is not net",
        ),
        ({"amount": 110_000}, 110_000, 110_000, 110_000, "an amount stands in for lines"),
        ({"lines": [line(1, 100_000, tax=8_000)]}, 100_000, 100_000, 100_000, "tax is information"),
        (
            {"lines": [line(1, 100_000, tax=8_000)], "tax_included": False},
            100_000,
            100_000,
            108_000,
            "tax comes on top",
        ),
    ],
)
def test_amounts(told: dict[str, Any], gross: int, net: int, total: int, why: str) -> None:
    order = order_of(told, "VND")
    assert (order.gross, order.net, order.total, order.discount) == (gross, net, total, gross - net), why


def test_an_order_discount_is_spread_by_largest_remainder() -> None:
    order = order_of({"lines": [line(1, 100), line(1, 100), line(1, 100)], "discount": 10}, "VND")
    assert [one.net for one in order.lines] == [96, 97, 97]


def test_a_free_line_does_not_count() -> None:
    order = order_of({"lines": [line(1, 55_000), line(1, 55_000, discount=55_000)]}, "VND")
    assert order.quantity == 1_000


def test_paid_with_points_is_known() -> None:
    paid = [{"with": "points", "amount": 30_000}, {"with": "cash", "amount": 80_000}]
    assert order_of({"amount": 110_000, "paid": paid}, "VND").paid_with_points == 30_000


@pytest.mark.parametrize(
    ("told", "field", "code", "why"),
    [
        ({"amount": 1, "currency": "EUR"}, "currency", "wrong_currency", "the programme counts in VND"),
        ({"lines": [line(1, 100, discount=101)]}, "lines.0.discount", "discount_too_large", "more off than it costs"),
        ({"lines": [line(1, 100)], "discount": 101}, "discount", "discount_too_large", "more off than all of it"),
        ({"amount": 100, "paid": [{"with": "cash", "amount": 99}]}, "paid", "paid_sum", "one short"),
        (
            {"amount": 100, "shipping": 5, "paid": [{"with": "cash", "amount": 100}]},
            "paid",
            "paid_sum",
            "shipping is paid too",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_field(told: dict[str, Any], field: str, code: str, why: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        order_of(told, "VND")
    assert [(name, found) for name, found, _ in refused.value.errors] == [(field, code)], why


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**7)), min_size=1, max_size=12),
    st.integers(0, 100),
)
def test_lines_add_up_whatever_the_discount(rows: list[tuple[int, int]], share: int) -> None:
    lines = [line(Decimal(milli) / 1000, price) for milli, price in rows]
    gross = order_of({"lines": lines}, "VND").gross
    order = order_of({"lines": lines, "discount": gross * share // 100}, "VND")
    assert sum(one.net for one in order.lines) == order.net == gross - gross * share // 100
    assert all(0 <= one.net <= one.gross for one in order.lines)
