"""Limits: which counters are read and written, at midnight and over rolling days; limits of rewards."""

from datetime import datetime

import pytest

from ganbo.engine import limits, loading
from ganbo.engine.decide import decide
from ganbo.engine.facts import Used
from ganbo.engine.tests.cases import given, programme, purchase
from ganbo.engine.tests.sample import SAMPLE

RULE = "{id: base, on: purchase, give: {wallet: points, amount: 10}, limits: [%s]}"


@pytest.mark.parametrize(
    ("limit", "at", "expected", "why"),
    [
        ("{period: day, count: 1}", "2026-11-23T23:59:59+07:00", ("member:lan", "base", "day:2026-11-23"), "still Monday"),
        ("{period: day, count: 1}", "2026-11-23T17:00:00+00:00", ("member:lan", "base", "day:2026-11-24"), "Tuesday in Hà Nội"),
        ("{period: week, count: 1}", "2026-11-29T10:00:00+07:00", ("member:lan", "base", "week:2026-48"), "Sunday ends the week"),
        ("{period: week, count: 1}", "2027-01-01T10:00:00+07:00", ("member:lan", "base", "week:2026-53"), "the ISO week of Monday"),
        ("{period: month, count: 1}", "2026-11-30T17:00:00+00:00", ("member:lan", "base", "month:2026-12"), "December there"),
        ("{period: quarter, count: 1}", "2026-11-23T10:00:00+07:00", ("member:lan", "base", "quarter:2026-4"), "October on"),
        ("{period: year, count: 1}", "2026-11-23T10:00:00+07:00", ("member:lan", "base", "year:2026"), ""),
        ("{period: ever, count: 1}", "2026-11-23T10:00:00+07:00", ("member:lan", "base", "ever"), ""),
        ("{period: {rolling_days: 3}, count: 9}", "2026-11-23T10:00:00+07:00", ("member:lan", "base", "day:2026-11-23"), "its own day"),
        ("{scope: rule, period: ever, count: 1}", "2026-11-23T10:00:00+07:00", ("rule", "base", "ever"), "all members"),
        ("{scope: store, period: ever, count: 1}", "2026-11-23T10:00:00+07:00", ("store:hoan-kiem", "base", "ever"), "one shop"),
        ("{scope: programme, period: ever, count: 1}", "2026-11-23T10:00:00+07:00", ("programme", "*", "ever"), "shared"),
        ("{scope: business, period: ever, count: 1}", "2026-11-23T10:00:00+07:00", ("business", "*", "ever"), "shared"),
    ],
)  # fmt: skip
def test_an_event_counts_on_its_own_local_day(limit: str, at: str, expected: tuple[str, str, str], why: str) -> None:
    made = programme(RULE % limit)
    (consumed,) = decide(purchase(at=at), made).consumed
    key = (consumed.subject, consumed.rule, consumed.period)
    assert key == expected, why
    read = limits.keys(
        made, type="purchase", occurred_at=datetime.fromisoformat(at), member_id="lan", store="hoan-kiem"
    )
    assert key in read, "what is written is among what is read"
    assert (consumed.count, consumed.points) == (1, 10)


@pytest.mark.parametrize(
    ("days_ago", "expected", "why"),
    [
        (0, {}, "today"),
        (1, {}, "yesterday"),
        (2, {}, "the oldest of three days"),
        (3, {"base": 10}, "out of the window"),
    ],
)
def test_rolling_days(days_ago: int, expected: dict[str, int], why: str) -> None:
    used = {("member:lan", "base", f"day:2026-11-{23 - days_ago}"): Used(1, 10, 0)}
    decision = decide(purchase(used=used), programme(RULE % "{period: {rolling_days: 3}, count: 1}"))
    assert given(decision) == expected, why


def test_rolling_days_read_one_counter_a_day() -> None:
    made = programme(RULE % "{period: {rolling_days: 3}, count: 1}")
    at = datetime.fromisoformat("2026-12-01T10:00:00+07:00")
    read = limits.keys(made, type="purchase", occurred_at=at, member_id="lan", store=None)
    assert [period for _, _, period in read] == ["day:2026-11-29", "day:2026-11-30", "day:2026-12-01"]


def test_rules_share_a_programme_limit() -> None:
    limit = "limits: [{scope: programme, period: day, points: 15}]"
    rules = [f"{{id: {name}, on: purchase, give: {{wallet: points, amount: 10}}, {limit}}}" for name in ("a", "b", "c")]
    decision = decide(purchase(), programme(*rules))
    assert given(decision) == {"a": 10, "b": 5}
    assert [(c.subject, c.rule, c.count, c.points) for c in decision.consumed] == [("programme", "*", 2, 15)]


def test_a_limit_in_money_counts_what_was_spent() -> None:
    made = programme(RULE % "{period: day, money: 150000}")
    assert given(decide(purchase(110_000), made)) == {"base": 10}
    used = {("member:lan", "base", "day:2026-11-23"): Used(1, 10, 110_000)}
    assert given(decide(purchase(80_000, used=used), made)) == {"base": 5}, "40,000 of 80,000 still counts"


def test_two_limits_on_one_counter_count_once() -> None:
    decision = decide(purchase(), programme(RULE % "{period: day, count: 3}, {period: day, points: 25}"))
    assert [(c.period, c.count, c.points) for c in decision.consumed] == [("day:2026-11-23", 1, 10)]


@pytest.mark.parametrize(
    ("at", "taken", "quantity", "refused", "why"),
    [
        ("2026-11-23T10:00:00+07:00", 0, 1, False, "the first this month"),
        ("2026-11-23T10:00:00+07:00", 1, 1, True, "the second"),
        ("2026-11-23T10:00:00+07:00", 0, 2, True, "two at once"),
        ("2026-11-30T17:00:00+00:00", 1, 1, False, "December in Hà Nội"),
    ],
)
def test_limits_of_a_reward(at: str, taken: int, quantity: int, refused: bool, why: str) -> None:
    made = loading.load(SAMPLE)
    tote, instant = made.rewards["tote"], datetime.fromisoformat(at)
    used = {("member:lan", "reward:tote", "month:2026-11"): Used(taken, 300 * taken, 0)}
    price = tote.price_for("bronze") * quantity
    found = limits.check_reward(made, tote, at=instant, member_id="lan", quantity=quantity, price=price, used=used)
    assert (found is not None) == refused, why
    read = limits.reward_keys(made, tote, at=instant, member_id="lan")
    assert read == limits.reward_keys(made, tote, at=instant, member_id="lan", writing=True)
