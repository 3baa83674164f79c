"""What returns leave of an order and what an effect keeps: behaviour tables, and the set decides, not the order."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import basket, refunds
from ganbo.engine.refunds import Earned
from ganbo.engine.tests.cases import programme

ORDER = basket.order_of(
    {
        "lines": [
            {"sku": "latte", "category": "coffee", "quantity": 2, "unit_price": 55_000},
            {"sku": "cake", "category": "cake", "quantity": 1, "unit_price": 40_000},
            {"sku": "latte", "category": "coffee", "quantity": 1, "unit_price": 50_000},
            {"sku": "cup", "category": "gift", "quantity": 1, "unit_price": 0},
        ]
    },
    "VND",
)  # 200,000

BASE = "{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}"
CAKE = "{id: cake, on: purchase, lines: 'line.category == \"cake\"', give: {wallet: points, amount: 5, per: 1, of: quantity}}"
FLAT = "{id: flat, on: purchase, give: {wallet: points, amount: 7}}"
FLAT_CAKE = "{id: flat-cake, on: purchase, lines: 'line.category == \"cake\"', give: {wallet: points, amount: 7}}"
SHIPPED = "{id: shipped, on: purchase, give: {wallet: points, amount: 1, per: 1000, of: net, base: {shipping: in}}}"
RULES = programme(BASE, CAKE, FLAT, FLAT_CAKE, SHIPPED)


def left(*returns: dict[str, Any]) -> refunds.Left:
    return refunds.left(ORDER, [refunds.read(one) for one in returns])


@pytest.mark.parametrize(
    ("returns", "net", "why"),
    [
        ([], 200_000, "nothing came back"),
        ([{}], 0, "no lines and no amount: the whole order"),
        ([{"lines": [1]}], 160_000, "a bare number is the whole line"),
        ([{"lines": [{"line": 0, "quantity": 1}]}], 145_000, "one of two cups"),
        ([{"lines": [{"line": 0, "quantity": 9}]}], 90_000, "more than was sold is what was sold"),
        ([{"lines": [{"line": 0, "quantity": "0.5"}]}], 172_500, "half a cup of two: a quarter of the line"),
        ([{"lines": [{"line": 0, "amount": 10_000}]}], 190_000, "money of a line"),
        ([{"lines": [{"sku": "latte"}]}], 40_000, "every line of the SKU"),
        ([{"lines": [{"sku": "latte", "quantity": 3}]}], 40_000, "pieces of a SKU go line after line"),
        ([{"lines": [{"sku": "latte", "quantity": 2}]}], 90_000, "the first line's pieces first"),
        (
            [{"lines": [0]}, {"lines": [{"sku": "latte", "quantity": 1}]}],
            40_000,
            "what a place took is no SKU's any more",
        ),
        ([{"lines": [{"sku": "latte", "amount": 120_000}]}], 80_000, "money of a SKU goes line after line"),
        ([{"amount": 50_000}], 150_000, "money of the whole"),
        ([{"amount": 500_000}], 0, "never more than there is"),
        ([{"lines": [1]}, {"amount": 80_000}], 80_000, "an amount comes off what lines leave"),
        ([{"lines": [0]}, {"lines": [1]}, {"lines": [2]}], 0, "line after line until nothing is left"),
        ([{"lines": [9]}], 200_000, "lines that were never sold: the return counts nothing"),
        ([{"lines": [3]}], 200_000, "a free line has no money to give back"),
    ],
)
def test_what_is_left_of_an_order(returns: list[dict[str, Any]], net: int, why: str) -> None:
    found = left(*returns)
    assert (found.net, found.refunded, found.nothing) == (net, 200_000 - net, net == 0), why


@pytest.mark.parametrize(
    ("rule", "earned", "returns", "kept", "why"),
    [
        ("base", 20, [{"lines": [1]}], 16, "20 × 160,000 ÷ 200,000"),
        ("base", 20, [{"amount": 1}], 19, "floor: the smallest return takes a point"),
        ("base", 20, [{"lines": [3]}], 20, "a free line earned nothing"),
        ("base", 20, [{}], 0, "all of it"),
        ("cake", 5, [{"lines": [0]}], 5, "the rule counted cakes, and no cake came back"),
        ("cake", 5, [{"lines": [1]}], 0, "the cake came back"),
        ("cake", 5, [{"amount": 100_000}], 2, "money of the whole takes half of every base"),
        ("flat", 7, [{"lines": [1]}], 5, "a flat gift's base is the net: 7 × 0.8 = 5.6"),
        ("flat-cake", 7, [{"lines": [0]}], 7, "of the lines it counted"),
        ("flat-cake", 7, [{"lines": [{"line": 1, "amount": 10_000}]}], 5, "7 × 0.75 = 5.25"),
        ("gone", 8, [{"amount": 50_000}], 6, "a rule that is unknown follows the net"),
    ],
)
def test_what_an_effect_keeps(rule: str, earned: int, returns: list[dict[str, Any]], kept: int, why: str) -> None:
    found = Earned("points", rule, earned)
    assert refunds.kept(found, RULES, ORDER, left(*returns)) == kept, why


def test_shipping_that_earned_comes_back_with_the_money() -> None:
    order = basket.order_of({"amount": 80_000, "shipping": 20_000}, "VND")
    half = refunds.left(order, [refunds.Return(amount=40_000)])
    assert refunds.kept(Earned("points", "shipped", 100), RULES, order, half) == 50
    assert refunds.kept(Earned("points", "shipped", 100), RULES, order, refunds.left(order, [refunds.WHOLE])) == 0


def test_what_is_no_purchase_keeps_nothing() -> None:
    assert refunds.kept(Earned("points", "base", 20), RULES, None, None) == 0


LINE = st.one_of(
    st.integers(0, 3),
    st.fixed_dictionaries({"line": st.integers(0, 3), "quantity": st.integers(1, 3)}),
    st.fixed_dictionaries({"line": st.integers(0, 3), "amount": st.integers(1, 90_000)}),
    st.fixed_dictionaries({"sku": st.sampled_from(["latte", "cake", "cup"]), "quantity": st.integers(1, 3)}),
    st.fixed_dictionaries({"sku": st.sampled_from(["latte", "cake"]), "amount": st.integers(1, 120_000)}),
    st.fixed_dictionaries({"sku": st.sampled_from(["latte", "cake", "cup"])}),
)
RETURN = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"amount": st.integers(1, 150_000)}),
    st.fixed_dictionaries({"lines": st.lists(LINE, min_size=1, max_size=3)}),
)


@settings(max_examples=300, deadline=None)
@given(returns=st.lists(RETURN, min_size=1, max_size=4), earned=st.integers(1, 1_000))
def test_the_set_decides_and_more_returns_never_keep_more(returns: list[dict[str, Any]], earned: int) -> None:
    assert len({left(*each) for each in permutations(returns)}) == 1
    for rule in ("base", "cake", "flat", "flat-cake"):
        kept = [
            refunds.kept(Earned("points", rule, earned), RULES, ORDER, left(*returns[:n]))
            for n in range(len(returns) + 1)
        ]
        assert kept == sorted(kept, reverse=True)
        assert kept[0] == earned
        assert kept[-1] >= 0
