"""What an event adds to stamp cards, which it fills, and what the next one begins with."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import basket, loading
from ganbo.engine.decide import Decision, decide
from ganbo.engine.facts import Facts, StampState
from ganbo.engine.programme import Programme
from ganbo.engine.tests.cases import event, lan, purchase
from ganbo.engine.tests.sample import with_rules

TODAY = date(2026, 11, 23)
REWARDS = "rewards:\n  - {id: latte, kind: free_item, sku: latte}\n  - {id: off, kind: discount, percent: 30}\n"
RULE = "{id: base, on: purchase, give: {wallet: points, amount: 1}}"


def made_of(*cards: str) -> Programme:
    """A programme with cards written as `{id: …}`."""
    return loading.load(with_rules(RULE) + REWARDS + "stamp_cards:\n" + "".join(f"  - {card}\n" for card in cards))


def judge(facts: Facts, *cards: str, **states: StampState) -> Decision:
    """The decision for these cards; a member with these states."""
    return decide(replace(facts, member=lan(stamps=states)), made_of(*cards))


LATTES = 'line.sku == "latte"'


def card(id: str = "cup", lines: str | None = LATTES, size: int = 10, **more: Any) -> str:
    keys = {
        "on": "purchase",
        "lines": f"'{lines}'" if lines else "",
        "count": "unit",
        "reward": "latte",
        "repeat": "true",
    }
    return f"{{id: {id}, size: {size}, " + ", ".join(f"{k}: {v}" for k, v in (keys | more).items() if v) + "}"


def cups(quantity: Any, **more: Any) -> Facts:
    data = {"lines": [{"sku": "latte", "quantity": quantity, "unit_price": 50_000, **more}]}
    return replace(purchase(), data=data, order=basket.order_of(data, "VND"))


def begun(count: int, **more: Any) -> StampState:
    return StampState(count=count, begun=True, **more)


@pytest.mark.parametrize(
    ("options", "facts", "state", "expected", "why"),
    [
        ({}, cups(2), StampState(), (2, 0, 2, 0), "one for each cup"),
        ({}, cups("1.5"), StampState(), (1, 0, 1, 0), "half a cup is none"),
        ({}, cups(2), begun(7), (2, 0, 9, 0), "nine of ten"),
        ({}, cups(1), begun(9), (1, 0, 0, 1), "the tenth fills it, the next is empty"),
        ({}, cups(4), begun(8), (4, 0, 2, 1), "stamps left over go to the next card"),
        ({}, cups(25), begun(8), (25, 0, 3, 3), "several cards by one bill"),
        ({"repeat": "false"}, cups(4), begun(8), (2, 0, 0, 1), "the last card takes what it needs"),
        ({"repeat": "false"}, cups(1), begun(0, filled=1), None, "and no more after it"),
        ({"head_start": 2}, cups(1), StampState(), (1, 2, 3, 0), "two given with the first"),
        ({"head_start": 2}, cups(1), begun(0), (1, 0, 1, 0), "only once"),
        ({"head_start": 2}, cups(8), begun(2), (8, 0, 0, 1), "the next card has none"),
        ({"head_start": 2, "head_start_on": "every"}, cups(8), begun(2), (8, 2, 2, 1), "unless every card begins so"),
        ({"head_start": 2, "head_start_on": "every"}, cups(16), begun(2), (16, 4, 2, 2), "each of them"),
        ({"max_per_day": 3}, cups(5), StampState(), (3, 0, 3, 0), "at most three a day"),
        ({"max_per_day": 3}, cups(5), begun(3, day=TODAY, today=2), (1, 0, 4, 0), "one is left of today's"),
        ({"max_per_day": 3}, cups(5), begun(3, day=TODAY, today=3), None, "none is left"),
        ({"max_per_day": 3}, cups(5), begun(3, day=TODAY - timedelta(days=1), today=3), (3, 0, 6, 0), "a new day"),
        ({"count": "order"}, cups(5), begun(1), (1, 0, 2, 0), "one for a bill"),
        ({"count": "order"}, cups(5), begun(1, day=TODAY, today=1), (1, 0, 2, 0), "and one for the next one that day"),
        ({"count": "visit"}, cups(5), begun(1, day=TODAY, today=1), None, "one for a day"),
        ({"count": "visit"}, cups(5), begun(1, day=TODAY - timedelta(days=1), today=1), (1, 0, 2, 0), "the next day again"),
        ({"min_order": 60_000}, cups(1), StampState(), None, "the bill is too small"),
        ({"min_order": 50_000}, cups(1), StampState(), (1, 0, 1, 0), "just large enough"),
        ({"min_order": 50_000}, cups(1, discount=1), StampState(), None, "after discounts"),
        ({"when": "'store == \"hue\"'"}, cups(1), StampState(), None, "another shop"),
        ({}, cups(1, discount=50_000), StampState(), None, "a free cup stamps nothing"),
        ({"paid_only": "false"}, cups(1, discount=50_000), StampState(), (1, 0, 1, 0), "unless free ones count, too"),
        ({"count": "order"}, cups(1, discount=50_000), StampState(), None, "a bill of free cups is none"),
        ({}, purchase(), StampState(), None, "no cup on the bill"),
        ({"on": "visit", "lines": None, "count": "visit"}, event("visit"), StampState(), (1, 0, 1, 0), "for coming"),
    ],
)  # fmt: skip
def test_a_card(
    options: dict[str, Any], facts: Facts, state: StampState, expected: tuple[int, ...] | None, why: str
) -> None:
    """Expected: stamps added, given as a head start, on the card afterwards, cards filled."""
    decision = judge(facts, card(**{"lines": LATTES} | options), cup=state)
    found = [(s.added, s.head_start, s.count, s.filled) for s in decision.stamps]
    assert found == ([] if expected is None else [expected]), why
    assert [v.rule for v in decision.vouchers] == ["card:cup"] * (expected[3] if expected else 0), why


def test_several_cards_at_once() -> None:
    data = {
        "lines": [{"sku": s, "category": "shoes", "quantity": n, "unit_price": 50_000} for s, n in (("a", 2), ("b", 3))]
    }
    facts = replace(purchase(), data=data, order=basket.order_of(data, "VND"))
    pairs = card("pairs", 'line.category == "shoes"', 5, reward="off")
    only = card("only-b", 'line.sku == "b"', 4)
    bills = card("bills", "", 3, count="order")
    decision = judge(facts, pairs, only, bills, bills=begun(2))
    assert {s.card: (s.added, s.count, s.filled) for s in decision.stamps} == {
        "pairs": (5, 0, 1),
        "only-b": (3, 3, 0),
        "bills": (1, 0, 1),
    }
    assert [(v.reward, v.rule) for v in decision.vouchers] == [("off", "card:pairs"), ("latte", "card:bills")]


def test_six_washes_then_one_free_that_stamps_nothing() -> None:
    state, filled, bills = StampState(), 0, []
    for wash in range(1, 15):
        free = filled > 0
        filled -= free
        decision = judge(cups(1, discount=50_000 if free else 0), card(size=6), cup=state)
        bills.append("free" if free else "paid")
        for stamp in decision.stamps:
            assert not free, wash
            state, filled = begun(stamp.count), filled + stamp.filled
    assert bills == (["paid"] * 6 + ["free"]) * 2


@given(st.lists(st.integers(1, 30), max_size=12), st.integers(2, 12), st.integers(0, 3))
@settings(deadline=None)
def test_no_stamp_is_lost_or_doubled(bills: list[int], size: int, head_start: int) -> None:
    """However the cups are spread over bills, the same cards are full and the same stamps are left."""
    options = {"head_start": head_start} if 0 < head_start < size else {}
    made, state, filled = made_of(card(size=size, **options)), StampState(), 0
    for quantity in bills:
        (stamp,) = decide(replace(cups(quantity), member=lan(stamps={"cup": state})), made).stamps
        state, filled = begun(stamp.count), filled + stamp.filled
    whole = sum(bills) + (options.get("head_start", 0) if bills else 0)
    assert (filled, state.count) == divmod(whole, size)
