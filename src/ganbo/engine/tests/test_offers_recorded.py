"""Generated baskets and programmes: the sale that a quote proposes costs to the last unit what was quoted."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import loading, offers, stacking
from ganbo.engine.basket import order_of
from ganbo.engine.proposing import proposed
from ganbo.engine.stacking import Offered
from ganbo.engine.tests.test_offers import HEAD

WRITTEN = [
    "lines: 'line.category == \"a\"', price: 500",
    "lines: 'line.category == \"b\"', price: 0",
    "lines: 'line.labels.exists(l, l == \"red\")', price: 333",
    "percent: 7",
    "lines: 'line.category != \"a\"', percent: 33",
    "lines: 'line.category == \"c\" && line.unit_price >= 100', percent: 100",
    "percent: 10, max: 55",
    'lines: \'line.category == "b" || line.category == "c"\', percent: 45, max: 1000',
    "bundle: [{category: a, n: 1}, {category: b, n: 2}], price: 999",
    "bundle: [{sku: a1, n: 3}], price: 700",
    "bundle: [{label: red, n: 2}], price: 0",
    "bundle: [{category: a, n: 1}, {category: c, n: 1}], price: 1",
    "nth: {every: 2, of: units}, percent: 50",
    "lines: 'line.category == \"c\"', nth: {every: 3, of: units}, percent: 100",
    "lines: 'line.category == \"a\"', nth: {every: 5, of: units}, percent: 30, max: 90",
]
REWARDS = """\
rewards:
  - {id: ten, kind: discount, percent: 10, base: initial}
  - {id: most, kind: discount, percent: 60, max: 777}
  - {id: alone, kind: discount, amount: 1234, stacking: exclusive}
  - {id: cup, kind: free_item, sku: c1}
  - {id: send, kind: free_delivery}
  - {id: card, kind: gift_card, amount: 500}
"""
SOURCE = HEAD.replace("{}", "VND", 1).replace("{{", "{").replace("}}", "}") + REWARDS + "offers:\n"
PROGRAMME = loading.load(SOURCE + "".join(f"  - {{id: o{n}, {one}}}\n" for n, one in enumerate(WRITTEN)))
CURRENCIES = ["VND", "USD", "JPY", "KWD"]  # minor units of none, two, none and three decimals

LINE = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["a1", "a2", "b1", "c1", "c2", "g1"]),
        "unit_price": st.one_of(st.integers(0, 1_500), st.integers(0, 10**9)),
        "quantity": st.one_of(
            st.integers(1, 4), st.integers(1, 10**6), st.sampled_from(["0.35", "1.5", "2.000", "0.001"])
        ),
        "red": st.booleans(),
        "off": st.integers(0, 2_000),
    }
)
BASKET = st.lists(LINE, min_size=1, max_size=6)


@settings(max_examples=20 * settings().max_examples, deadline=None)
@given(
    BASKET,
    st.lists(st.sampled_from(PROGRAMME.offers), unique=True, max_size=7),
    st.lists(st.sampled_from(["ten", "most", "alone", "cup", "send", "card"]), max_size=3),
    st.sampled_from(CURRENCIES),
    st.integers(0, 500),
)
def test_the_sale_costs_what_was_quoted(
    drawn: list[dict[str, Any]], chosen: list[Any], rewards: list[str], currency: str, off: int
) -> None:
    told = {"currency": currency, "lines": [_line(one) for one in drawn], "shipping": off % 30}
    told["discount"] = min(off, order_of(told, currency).net)
    plain = order_of(told, currency)
    reduced = offers.reduce(plain, chosen)
    assert reduced == offers.reduce(plain, chosen)
    offered = [Offered(str(n), PROGRAMME.rewards[one], 500 * (one == "card")) for n, one in enumerate(rewards)]
    best = stacking.best(offered, reduced.order)
    rows = [{"offer": one.offer, "amount": one.amount} for one in reduced.taken]
    sale = proposed(told, reduced.order, best.bill) | {"offers": rows}
    after = order_of(sale, currency)
    cards = sum(part.takes for part in best.gift_cards)
    assert after.total == best.pay + cards == plain.total - reduced.off - best.off
    assert 0 <= after.total <= plain.total
    assert (after.gross, after.shipping) == (plain.gross, best.bill.shipping)
    for n, (before, left) in enumerate(zip(plain.lines, reduced.order.lines, strict=True)):
        assert 0 <= best.bill.lines[n] <= left.net <= before.net
        assert before.net - left.net == sum(one.lines[n] for one in reduced.taken)
    assert all(one.amount > 0 for one in reduced.taken)


def _line(drawn: dict[str, Any]) -> dict[str, Any]:
    sku = drawn["sku"]
    line = {key: drawn[key] for key in ("sku", "quantity", "unit_price")}
    line |= {"category": "gift-card" if sku == "g1" else sku[0], "labels": ["red"] if drawn["red"] else []}
    return line | {"discount": min(drawn["off"], order_of({"lines": [line]}, "VND").gross)}


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_percentage_is_rounded_in_the_smallest_unit_of_each_currency(currency: str) -> None:
    order = order_of({"currency": currency, "lines": [{"sku": "x", "unit_price": 1_999, "quantity": 3}]}, currency)
    seven = [one for one in PROGRAMME.offers if one.percent == 7]
    assert offers.reduce(order, seven).off == 3 * 139, "7 % of 19.99, 1 999 ¥ or 1.999 is 139.93 units, down"
