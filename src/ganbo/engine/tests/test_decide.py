"""What events earn, step by step as the contract's *How an event is judged, exactly* says."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from ganbo.engine import examples, loading
from ganbo.engine.decide import by_largest_remainder, decide
from ganbo.engine.facts import Used
from ganbo.engine.tests.cases import MONDAY_MORNING, TUESDAY_TEA, event, given, judged, lan, programme, purchase
from ganbo.engine.tests.sample import SAMPLE

PER_10K = "{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net%s}%s}"
BASE = PER_10K % ("", "")
LATTES = [{"sku": "latte", "category": "coffee", "quantity": 2, "unit_price": 55_000}]
BEANS = [{"sku": "robusta", "category": "beans", "quantity": 3, "unit_price": 90_000}]


@pytest.mark.parametrize(
    ("at", "tier", "lines", "expected", "why"),
    [
        (MONDAY_MORNING, "bronze", LATTES, {"base": 11}, "110,000 ₫, 1 for every 10,000"),
        (TUESDAY_TEA, "bronze", LATTES, {"base": 22}, "twice at tea hour"),
        (TUESDAY_TEA, "silver", LATTES, {"base": 26}, "11 × 2 × 1.2 = 26.4, down"),
        (MONDAY_MORNING, "gold", LATTES, {"base": 16}, "11 × 1.5 = 16.5, down"),
        ("2026-11-24T15:59:59+07:00", "bronze", LATTES, {"base": 11}, "a second before tea hour"),
        ("2026-11-24T09:00:00+00:00", "bronze", LATTES, {"base": 22}, "16:00 in Hà Nội, told in UTC"),
        (MONDAY_MORNING, "bronze", BEANS, {"base": 27, "beans": 15}, "5 for each bag beside the base"),
        (MONDAY_MORNING, "silver", BEANS, {"base": 32, "beans": 18}, "27 × 1.2 = 32.4, 15 × 1.2 = 18; 50.4 down"),
        (MONDAY_MORNING, "bronze", [{"quantity": 1, "unit_price": 9_999}], {}, "part of a step earns nothing"),
    ],
)
def test_the_sample_programme(
    at: str, tier: str, lines: list[dict[str, Any]], expected: dict[str, int], why: str
) -> None:
    decision = decide(purchase(at=at, lines=lines, member=lan(tier=tier)), loading.load(SAMPLE))
    assert given(decision) == expected, why


def test_the_sample_runs_its_own_examples() -> None:
    assert examples.run(loading.load(SAMPLE)) == ()
    (failure,) = examples.run(loading.load(SAMPLE.replace("expect: {points: 26}", "expect: {points: 27}")))
    assert (failure.place, dict(failure.expected), dict(failure.got)) == (0, {"points": 27}, {"points": 26})


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("unit_price: 55000", "unit_price: 55000.5", "unit_price must be a whole number of minor units"),
        ("unit_price: 55000", "unit_price: -1", "unit_price must be a whole number of minor units"),
        ("unit_price: 55000", "price: 55000", "a line needs its unit_price"),
        ("quantity: 2", "quantity: many", "quantity must be a number with at most three decimals"),
        ("quantity: 2", "quantity: 0.0005", "quantity must be a number with at most three decimals"),
        ("17:00:00+07:00", "17:00:00", "occurred_at needs an offset, like 2026-11-24T17:00:00+07:00"),
        ("occurred_at: 2026", "occurred_at: x2026", "Invalid isoformat string: 'x2026-11-24T17:00:00+07:00'"),
        ("data: {lines: [{", "data: {amount: 1, lines: [{", "data needs either lines or a whole amount"),
        ("data: {lines: [{", "data: {currency: EUR, lines: [{", "data.currency: wrong_currency"),
    ],
)
def test_an_example_that_cannot_run_says_why(old: str, new: str, problem: str) -> None:
    (failure,) = examples.run(loading.load(SAMPLE.replace(old, new)))
    assert failure.problem == problem


@pytest.mark.parametrize(
    ("earned", "unusable_from", "month", "why"),
    [
        ("2026-11-23T10:00:00+07:00", "2027-11-30T17:00:00", "2026-11-01", "the end of November next year"),
        ("2026-11-30T16:59:59+00:00", "2027-11-30T17:00:00", "2026-11-01", "one second to midnight is still November"),
        ("2026-11-30T17:00:00+00:00", "2027-12-31T17:00:00", "2026-12-01", "midnight in Hà Nội is December"),
    ],
)
def test_expiry_follows_the_business_calendar(earned: str, unusable_from: str, month: str, why: str) -> None:
    (effect,) = decide(purchase(at=earned), loading.load(SAMPLE)).effects
    assert effect.expires_at == datetime.fromisoformat(unusable_from).replace(tzinfo=UTC), why
    assert effect.earned_month == date.fromisoformat(month), why


@pytest.mark.parametrize(
    ("options", "net", "carried", "expected", "left", "why"),
    [
        ("", 29_999, 0, 2, None, "down is the default"),
        (", rounding: up", 20_001, 0, 3, None, "any part counts whole"),
        (", rounding: half_up", 25_000, 0, 3, None, "half counts whole"),
        (", rounding: half_up", 24_999, 0, 2, None, "less than half does not"),
        (", rounding: none", 29_999, 0, 2, None, "2.9999, rounded down in the end"),
        (", carry: true", 29_999, 0, 2, 9_999, "the rest waits"),
        (", carry: true", 1, 9_999, 1, 0, "and counts next time"),
        (", carry: true", 10_000, 9_999, 1, None, "the same rest stays, nothing to write"),
    ],
)
def test_the_part_step(options: str, net: int, carried: int, expected: int, left: int | None, why: str) -> None:
    decision = decide(purchase(net, carried={"base": carried}), programme(PER_10K % (options, "")))
    assert given(decision) == {"base": expected}, why
    assert dict(decision.carried) == ({} if left is None else {"base": left}), why


def test_unrounded_parts_are_multiplied_before_the_one_rounding() -> None:
    """2.5 × 1.2 is 3; rounding first would give 2."""
    rule = PER_10K % (", rounding: none", "")
    assert judged(purchase(25_000, member=lan(tier="silver")), rule) == {"base": 3}


DOUBLE = "{id: double, on: purchase, multiply: {%s, by: %s}}"
BONUS = "{id: bonus, on: purchase, give: {wallet: points, amount: 3}}"
STAR = "{id: star, on: purchase, give: {wallet: stars, amount: 1}}"


@pytest.mark.parametrize(
    ("rules", "expected", "why"),
    [
        ((BASE, DOUBLE % ("rule: base", 2), BONUS), {"base": 22, "bonus": 3}, "one rule only"),
        ((BASE, DOUBLE % ("wallet: points", 2), BONUS, STAR), {"base": 22, "bonus": 6, "star": 1}, "a whole wallet"),
        ((DOUBLE % ("rule: base", 2), BASE), {"base": 22}, "the order of the document does not matter"),
        (
            (BASE, DOUBLE % ("rule: base", 2), "{id: more, on: purchase, multiply: {rule: base, by: 1.5}}"),
            {"base": 33},
            "both",
        ),
        ((BASE, DOUBLE % ("rule: base", 0.5)), {"base": 5}, "less than one, rounded down"),
        ((BONUS, DOUBLE % ("rule: bonus", 0.1)), {}, "0.3 comes to nothing"),
    ],
)
def test_multipliers(rules: tuple[str, ...], expected: dict[str, int], why: str) -> None:
    assert judged(purchase(), *rules) == expected, why


@pytest.mark.parametrize(
    ("numerators", "denominator", "expected", "why"),
    [
        ([55, 55], 10, [6, 5], "11.0 in all: the tie goes to the earlier"),
        ([9, 100], 10, [0, 10], "10.9 down to 10: nobody gives up a whole point of its own"),
        ([14, 18, 18], 10, [1, 2, 2], "5.0: the larger remainders"),
        ([3], 10, [0], "less than one"),
    ],
)
def test_largest_remainder(numerators: list[int], denominator: int, expected: list[int], why: str) -> None:
    assert by_largest_remainder(numerators, denominator) == expected, why


def test_the_tier_multiplies_purchases_only() -> None:
    review = "{id: review, on: review, give: {wallet: points, amount: 5}}"
    assert judged(replace(event("review"), member=lan(tier="silver")), review) == {"review": 5}


def test_a_free_line_earns_nothing() -> None:
    beans = "{id: beans, on: purchase, lines: 'line.category == \"beans\"', give: {wallet: points, amount: 5, per: 1, of: quantity}}"
    free = {"category": "beans", "quantity": 1, "unit_price": 90_000, "discount": 90_000}
    paid = {"category": "beans", "quantity": "0.5", "unit_price": 90_000}
    assert judged(purchase(lines=[free]), beans) == {}
    assert judged(purchase(lines=[free, paid]), beans) == {}, "half a bag is no step"
    assert judged(purchase(lines=[free, paid, paid]), beans) == {"beans": 5}, "two halves are one"


def test_without_a_member_nothing_is_earned_and_the_trace_says_so() -> None:
    decision = decide(purchase(anonymous=True), loading.load(SAMPLE))
    assert (decision.effects, decision.consumed, decision.carried) == ((), (), {})
    assert {entry["reason"] for entry in decision.trace.rules} == {"no_member"}


@pytest.mark.parametrize(
    ("told", "expected", "why"),
    [
        ({"verified": True}, {"review": 20}, "said and true"),
        ({"verified": False}, {}, "said and false"),
        ({}, {}, "not said"),
        ({"verified": "yes"}, {}, "a word is not a yes"),
        ({"verified": 10**30}, {}, "nor is a huge number"),
    ],
)
def test_what_the_event_says(told: dict[str, Any], expected: dict[str, int], why: str) -> None:
    assert given(decide(event("review", **told), loading.load(SAMPLE))) == expected, why


def test_a_purchase_says_more_than_its_order() -> None:
    """Exact decimals in the lines do not get in the way of reading another key."""
    rule = "{id: first, on: purchase, when: event.order_id == '7', give: {wallet: points, amount: 1}}"
    facts = purchase(lines=[{"quantity": Decimal("0.35"), "unit_price": 90_000}])
    assert judged(replace(facts, data={**facts.data, "order_id": "7"}), rule) == {"first": 1}


def test_the_trace_names_the_missing_key() -> None:
    (entry,) = decide(event("review"), loading.load(SAMPLE)).trace.rules
    assert entry == {"rule": "review", "passed": False, "reason": "condition", "missing": [{"key": "event.verified"}]}


LIMITED = PER_10K % ("", ", limits: [{%s}]")


@pytest.mark.parametrize(
    ("limit", "before", "expected", "why"),
    [
        ("period: day, points: 10", 0, {"base": 10}, "capped"),
        ("period: day, points: 10", 4, {"base": 6}, "what is left"),
        ("period: day, points: 10", 10, {}, "nothing is left"),
        ("period: day, points: 10, on_exceed: reject", 4, {}, "rejected whole"),
        ("period: day, points: 15, on_exceed: reject", 4, {"base": 11}, "fits exactly"),
        ("period: day, count: 1", 0, {"base": 11}, "the first"),
        ("period: day, count: 1", 1, {}, "the second"),
    ],
)
def test_limits_see_what_was_given(limit: str, before: int, expected: dict[str, int], why: str) -> None:
    used = {("member:lan", "base", "day:2026-11-23"): Used(before and 1, before, 0)}
    if "count" in limit:
        used = {("member:lan", "base", "day:2026-11-23"): Used(before, 0, 0)}
    assert judged(purchase(used=used), LIMITED % limit) == expected, why


def test_a_multiplier_counts_only_when_it_multiplied() -> None:
    rules = (BASE, "{id: twice, on: purchase, multiply: {rule: base, by: 2}, limits: [{period: day, count: 1}]}")
    first = decide(purchase(), programme(*rules))
    assert given(first) == {"base": 22}
    (consumed,) = first.consumed
    assert (consumed.subject, consumed.rule, consumed.period, consumed.count) == (
        "member:lan",
        "twice",
        "day:2026-11-23",
        1,
    )
    again = purchase(used={("member:lan", "twice", "day:2026-11-23"): Used(1, 0, 0)})
    assert judged(again, *rules) == {"base": 11}
    assert decide(purchase(9_999), programme(*rules)).consumed == ()


RULES = (
    PER_10K % (", rounding: none", ", limits: [{period: day, points: 500}]"),
    BONUS,
    "{id: half, on: purchase, when: order.net >= 50000, multiply: {wallet: points, by: 1.5}}",
    "{id: big, on: purchase, when: order.net >= 100000, give: {wallet: points, amount: 7}}",
    STAR,
)
MANY = programme(*RULES)
UNCAPPED = programme(PER_10K % (", rounding: none", ""), *RULES[1:])


@given_(st.integers(0, 10**8), st.sampled_from(["bronze", "silver"]), st.integers(0, 600))
@settings(max_examples=200, deadline=None)
def test_properties_of_a_decision(net: int, tier: str, before: int) -> None:
    """Deterministic, never over a cap, and the effects of a wallet sum to its rounded total less what was capped."""
    used = {("member:lan", "base", "day:2026-11-23"): Used(1, before, 0)}
    facts = purchase(net, member=lan(tier=tier), used=used)
    decision = decide(facts, MANY)
    assert decision == decide(facts, MANY)
    amounts = given(decision)
    assert before >= 500 or before + amounts.get("base", 0) <= 500
    assert before < 500 or "base" not in amounts
    assert all(amount > 0 for amount in amounts.values())
    row = next(row for row in decision.trace.wallets if row["wallet"] == "points")
    points = amounts.get("base", 0) + amounts.get("bonus", 0) + amounts.get("big", 0)
    assert points <= row["total"]
    if not any("limit" in entry for entry in decision.trace.rules):
        assert points == row["total"]
    assert sum(c.points for c in decision.consumed) == amounts.get("base", 0)


@given_(st.integers(0, 10**8), st.integers(0, 10**8), st.sampled_from(["bronze", "silver"]))
@settings(max_examples=200, deadline=None)
def test_who_spends_more_never_earns_less(one: int, other: int, tier: str) -> None:
    """Where rules are monotone; a cap on one rule may cost the point that rounding gave it instead of its neighbour."""
    low, high = sorted((one, other))
    earned = [sum(given(decide(purchase(net, member=lan(tier=tier)), UNCAPPED)).values()) for net in (low, high)]
    assert earned[0] <= earned[1]
