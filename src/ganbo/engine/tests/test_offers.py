"""Offers on a basket: tables of single offers, and the best combination proved against trying everything."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import loading, offers
from ganbo.engine.basket import order_of
from ganbo.engine.offers import Reduced
from ganbo.engine.programme import Programme

HEAD = (
    "ganbo: 1\nprogramme: p\nname: P\ncurrency: {}\ntimezone: Asia/Ho_Chi_Minh\nwallets: {{points: {{name: điểm}}}}\n"
)


def programme(*written: str, currency: str = "VND") -> Programme:
    """A programme of nothing but offers."""
    return loading.load(HEAD.format(currency) + "offers:\n" + "".join(f"  - {one}\n" for one in written))


def line(sku: str, price: int, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "category": sku[0], "quantity": quantity, "unit_price": price} | more


def reduced(lines: Sequence[dict[str, Any]], *written: str, **data: Any) -> Reduced:
    return offers.reduce(order_of({"lines": lines} | data, "VND"), programme(*written).offers)


TICKET = """{id: wed, lines: 'line.category == "t"', price: 50000}"""
COMBO = "{id: combo, bundle: [{category: p, n: 1}, {category: d, n: 2}], price: 99000}"
THIRD = """{id: third, lines: 'line.category == "d"', nth: {every: 3, of: units}, percent: 100}"""
TENTH = "{id: ten, percent: 10, max: 5000}"


@pytest.mark.parametrize(
    ("lines", "written", "taken", "why"),
    [
        ([line("t", 80_000, 2)], [TICKET], {"wed": 60_000}, "each piece costs the offer's price"),
        ([line("t", 45_000)], [TICKET], {}, "a cheaper price stays"),
        ([line("p", 80_000)], [TICKET], {}, "other goods keep their price"),
        ([line("t", 80_000, 2, discount=40_000)], [TICKET], {"wed": 20_000}, "what the bill takes off comes first"),
        ([line("t", 80_000, "0.5")], [TICKET], {"wed": 15_000}, "a weighed line by its weight: 40.000 → 25.000"),
        ([line("a", 105, 3)], ["{id: ten, percent: 10}"], {"ten": 30}, "of each piece, rounded down"),
        ([line("a", 100_000)], [TENTH], {"ten": 5_000}, "at most so much"),
        ([line("a", 30_000), line("b", 30_000)], [TENTH], {"ten": 5_000}, "at most so much of the bill"),
        ([line("p", 60_000), line("d", 30_000, 2)], [COMBO], {"combo": 21_000}, "together for one price"),
        ([line("p", 60_000), line("d", 30_000)], [COMBO], {}, "not all of it is there"),
        ([line("p", 60_000, 2), line("d", 30_000, 5)], [COMBO], {"combo": 42_000}, "twice; one drink is left"),
        ([line("p", 40_000), line("d", 20_000, 2)], [COMBO], {}, "cheaper without"),
        ([line("d1", 30_000, 2), line("d2", 20_000)], [THIRD], {"third": 20_000}, "the cheapest of three"),
        ([line("d", 30_000, 7)], [THIRD], {"third": 60_000}, "twice in seven"),
        ([line("d", 30_000, 2)], [THIRD], {}, "two are no three"),
        ([line("d", 40_000, 3), line("p", 60_000)], [COMBO, THIRD], {"combo": 41_000}, "a piece is in one offer"),
        ([line("a", 100), line("b", 100)], ["{id: x, percent: 10}", "{id: y, percent: 20}"], {"y": 40}, "the better"),
        (
            [line("g", 100_000, category="gift-card")],
            ["{id: x, percent: 10}"],
            {},
            "stored value is never sold cheaper",
        ),
    ],
)
def test_what_an_offer_takes(lines: list[dict[str, Any]], written: list[str], taken: dict[str, int], why: str) -> None:
    found = reduced(lines, *written)
    assert {one.offer: one.amount for one in found.taken} == taken, why


def test_a_line_says_what_is_left_and_which_pieces_are_free() -> None:
    found = reduced([line("d1", 30_000, 2), line("d2", 20_000)], THIRD)
    assert [(one.net, one.free_pieces) for one in found.order.lines] == [(60_000, 0), (0, 1)]
    assert (found.order.net, found.order.total, found.order.gross) == (60_000, 60_000, 80_000)


def test_a_bare_amount_has_no_pieces() -> None:
    found = programme(TICKET, COMBO, THIRD, TENTH).offers
    taken = offers.reduce(order_of({"amount": 60_000}, "VND"), found, itemised=False).taken
    assert [(one.offer, one.amount) for one in taken] == [("ten", 5_000)]


def test_a_bundle_is_shared_by_value_to_the_last_unit() -> None:
    found = reduced([line("p", 100), line("d", 100), line("d2", 101)], COMBO.replace("99000", "200"))
    assert found.taken[0].lines == (34, 33, 34)


WRITTEN = st.sampled_from(
    [
        "{id: X, lines: 'line.category == \"a\"', price: 60}",
        "{id: X, lines: 'line.category == \"b\"', percent: 30}",
        "{id: X, percent: 15}",
        "{id: X, percent: 40, max: 50}",
        "{id: X, lines: 'line.category != \"a\"', percent: 25, max: 20}",
        "{id: X, bundle: [{category: a, n: 1}, {category: b, n: 1}], price: 90}",
        "{id: X, bundle: [{category: b, n: 2}], price: 70}",
        "{id: X, bundle: [{label: red, n: 1}, {category: c, n: 1}], price: 60}",
        "{id: X, nth: {every: 2, of: units}, percent: 50}",
        "{id: X, lines: 'line.category == \"c\"', nth: {every: 2, of: units}, percent: 100, max: 45}",
        "{id: X, nth: {every: 3, of: units}, percent: 100}",
    ]
)
SMALL = st.lists(
    st.tuples(
        st.sampled_from(["a1", "a2", "b1", "c1"]),
        st.integers(1, 130),
        st.integers(1, 3),
        st.booleans(),
        st.integers(0, 20),
    ),
    min_size=1,
    max_size=3,
).filter(lambda lines: sum(one[2] for one in lines) <= 5)


@settings(max_examples=150, deadline=None)
@given(SMALL, st.lists(WRITTEN, min_size=1, max_size=3))
def test_nothing_is_better_than_what_is_chosen(drawn: list[Any], written: list[str]) -> None:
    lines = [
        line(sku, price, n, labels=["red"] if red else [], discount=min(off, price * n))
        for sku, price, n, red, off in drawn
    ]
    order = order_of({"lines": lines}, "VND")
    found = offers.reduce(order, programme(*(one.replace("X", f"o{n}") for n, one in enumerate(written))).offers)
    assert found.exact
    assert found.off == by_force(lines, [line.net for line in order.lines], written)
    assert all(0 <= after.net <= before.net for before, after in zip(order.lines, found.order.lines, strict=True))
    assert sum(sum(one.lines) for one in found.taken) == found.off == order.net - found.order.net


def by_force(lines: list[dict[str, Any]], nets: list[int], written: list[str]) -> int:
    """Every piece with every offer or none: the most that comes off, by the offers' own words and nothing of the engine."""
    pieces = []
    for told, net in zip(lines, nets, strict=True):
        value, odd = divmod(net, told["quantity"])
        mine = [(told, value + (n < odd)) for n in range(told["quantity"])]
        pieces += [piece for piece in mine if piece[1]]  # what costs nothing is in no offer
    texts = [one.replace("line.category", "told['category']") for one in written]
    most = 0
    for choice in product(range(-1, len(texts)), repeat=len(pieces)):
        off = 0
        for n, text in enumerate(texts):
            mine = [piece for piece, chosen in zip(pieces, choice, strict=True) if chosen == n]
            one = taken_from(text, mine) if mine else 0
            if one is None:
                break
            off += one
        else:
            most = max(most, off)
    return most


def _fits(text: str, told: dict[str, Any]) -> bool:
    for sign, same in ((" == ", True), (" != ", False)):
        if f"told['category']{sign}" in text:
            wanted = text.split(sign)[1][1]
            return bool((told["category"] == wanted) is same)
    return True


def _number(text: str, key: str) -> int | None:
    return int(text.split(key + ": ")[1].split("}")[0].split(",")[0]) if key + ": " in text else None


def taken_from(text: str, mine: list[tuple[dict[str, Any], int]]) -> int | None:
    """What an offer takes off exactly these pieces; None when it does not go with them."""
    if any(not _fits(text, told) for told, _ in mine):
        return None
    price, percent, most = (_number(text, key) for key in ("price", "percent", "max"))
    values = sorted((value for _, value in mine), reverse=True)
    if "bundle" in text:
        return bundled(text, tuple((told["category"], bool(told["labels"]), value) for told, value in mine), price or 0)
    assert price is not None or percent is not None
    if percent is None:
        return sum(max(value - (price or 0), 0) for value in values)
    if "nth" in text:
        every = _number(text, "every") or 1
        if len(values) % every:
            return None
        off = sum(values[n] * percent // 100 for n in range(every - 1, len(values), every))
    else:
        off = sum(value * percent // 100 for value in values)
    return off if most is None else min(off, most)


@lru_cache(maxsize=100_000)
def bundled(text: str, pieces: tuple[tuple[str, bool, int], ...], price: int) -> int | None:
    """The most that comes off when these pieces are all in bundles; None when they do not come out even."""
    if not pieces:
        return 0
    wanted = Counter[str]()
    for part in text.split("[")[1].split("]")[0].split("}, {"):
        key, n = part.strip("{}").split(", n: ")
        wanted[key.split(": ")[0] + ":" + key.split(": ")[1]] += int(n)
    slots = sorted(wanted.elements())
    best = None
    for rest, value in _take(pieces, tuple(slots)):
        below = bundled(text, rest, price)
        if below is not None:
            best = max(best or 0, max(value - price, 0) + below)
    return best


def _take(pieces: tuple[tuple[str, bool, int], ...], slots: tuple[str, ...]) -> list[tuple[Any, int]]:
    """Every way to fill the slots: what is left, and what was taken is worth."""
    if not slots:
        return [(pieces, 0)]
    by, wanted = slots[0].split(":")
    found = []
    for n, (category, red, value) in enumerate(pieces):
        if (by == "label" and red) or (by == "category" and category == wanted):
            found += [(rest, value + more) for rest, more in _take((*pieces[:n], *pieces[n + 1 :]), slots[1:])]
    return found
