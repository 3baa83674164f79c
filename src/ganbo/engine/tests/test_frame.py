"""What the whole programme leaves out, and how long it runs."""

from datetime import date
from typing import Any

import pytest

from ganbo.engine import basket, comparing, decide, frame, loading, recounting, refunds, stacking
from ganbo.engine.stacking import Offered
from ganbo.engine.tests.cases import given, lan, purchase

PROGRAMME = """
ganbo: 1
programme: n
name: N
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: flat, on: purchase, give: {wallet: points, amount: 5}}
  - {id: tea, on: purchase, lines: line.net > 0, give: {wallet: points, amount: 1, per: 1, of: quantity}}
stamp_cards: [{id: card, on: purchase, size: 5, reward: off}]
rewards: [{id: off, kind: discount, percent: 50}]
never: {earn: [tobacco], pay: [tobacco, medicine], reward: [wine], why: {vi: Luật quy định, en: The law says so}}
runs: {from: 2026-11-01, earn_until: 2026-11-23, spend_until: 2026-12-31}
"""
MADE = loading.load(PROGRAMME)
TEA = {"sku": "tea", "category": "drinks", "unit_price": 20_000}
CIGARETTES = {"sku": "555", "category": "tobacco", "unit_price": 30_000}
WINE = {"sku": "red", "category": "drinks", "labels": ["wine"], "unit_price": 100_000}


def bill(*lines: dict[str, Any]) -> basket.Order:
    return basket.order_of({"lines": list(lines)}, "VND")


@pytest.mark.parametrize(
    ("lines", "earned", "stamps", "reason"),
    [
        ([TEA], {"base": 2, "flat": 5, "tea": 1}, 1, "an ordinary bill"),
        ([TEA, CIGARETTES], {"base": 2, "flat": 5, "tea": 1}, 1, "the same without the cigarettes"),
        ([CIGARETTES], {}, 0, "nothing of a bill that is all left out, not even what is given per purchase"),
        ([TEA | {"labels": ["tobacco"]}], {}, 0, "a label does as a category"),
        ([WINE], {"base": 10, "flat": 5, "tea": 1}, 1, "wine earns, it is only never lowered"),
    ],
)
def test_what_is_left_out_never_earns(
    lines: list[dict[str, Any]], earned: dict[str, int], stamps: int, reason: str
) -> None:
    decision = decide.decide(purchase(lines=lines), MADE)
    assert given(decision) == earned, reason
    assert sum(effect.added for effect in decision.stamps) == stamps, reason
    assert decision.counts is bool(earned), "a bill that is all left out does not count towards tiers"


def test_a_return_of_what_never_earned_takes_nothing_back() -> None:
    order = bill(TEA, CIGARETTES)
    for place, left in ((1, 2), (0, 0)):
        kept = refunds.kept(
            refunds.Earned("points", "base", 2), MADE, order, refunds.left(order, [refunds.read({"lines": [place]})])
        )
        assert kept == left


@pytest.mark.parametrize(
    ("lines", "off", "payable", "reason"),
    [
        ([TEA, CIGARETTES], 25_000, 20_000, "a voucher lowers cigarettes here, points never pay them"),
        ([TEA, WINE], 10_000, 120_000, "half of the tea only; points pay all"),
        ([WINE], 0, 100_000, "nothing to lower"),
    ],
)
def test_what_is_never_lowered_and_never_paid_with_points(
    lines: list[dict[str, Any]], off: int, payable: int, reason: str
) -> None:
    order = bill(*lines)
    assert stacking.takes_off(Offered("v", MADE.rewards["off"]), order) == off, reason
    assert frame.payable(order, MADE.never) == payable, reason


def test_what_counts_towards_tiers_is_the_rest_of_the_bill() -> None:
    assert frame.net(bill(TEA, CIGARETTES), MADE.never.earn) == 20_000
    assert recounting.looks_at_events(MADE) and not recounting.looks_at_events(
        loading.load(PROGRAMME[: PROGRAMME.index("never")])
    )


@pytest.mark.parametrize(
    ("at", "earns", "reason"),
    [
        ("2026-10-31T23:59:59+07:00", False, "the evening before it begins"),
        ("2026-11-01T00:00:00+07:00", True, "the first day"),
        ("2026-11-23T23:59:59+07:00", True, "the last day counts"),
        ("2026-11-23T17:00:00+00:00", False, "midnight in Hanoi"),
    ],
)
def test_outside_its_time_nothing_earns(at: str, earns: bool, reason: str) -> None:
    decision = decide.decide(purchase(at=at, lines=[TEA]), MADE)
    assert bool(decision.effects or decision.stamps) is earns, reason
    assert {entry.get("reason") for entry in decision.trace.rules} == ({None} if earns else {"runs"})
    assert decide.counts(purchase(at=at, lines=[TEA]), MADE) is earns


def test_spending_ends_on_its_last_day() -> None:
    assert [MADE.runs.spends(date(2026, 12, day)) for day in (30, 31)] == [True, True]
    assert not MADE.runs.spends(date(2027, 1, 1))
    assert not MADE.runs.spends(date(2026, 10, 31))


def test_without_a_member_the_first_reason_is_that() -> None:
    decision = decide.decide(purchase(lines=[CIGARETTES], anonymous=True), MADE)
    assert {entry["reason"] for entry in decision.trace.rules} == {"no_member"}
    assert lan().id == "lan"


@pytest.mark.parametrize(
    ("old", "new", "part", "verdict"),
    [
        ("earn: [tobacco]", "earn: [tobacco, milk]", "never", "worse"),
        ("reward: [wine]", "reward: []", "never", "better"),
        ("pay: [tobacco, medicine]", "pay: [milk]", "never", "mixed"),
        ("en: The law says so", "en: By law", "never", "neutral"),
        ("earn_until: 2026-11-23", "earn_until: 2026-11-22", "runs", "worse"),
        (", spend_until: 2026-12-31", "", "runs", "better"),
        ("from: 2026-11-01, earn_until: 2026-11-23", "from: 2026-11-02, earn_until: 2026-11-24", "runs", "mixed"),
        ("runs:", "legal: {organiser: Quán}\nruns:", "legal", "neutral"),
    ],
)
def test_what_a_change_of_them_is_for_members(old: str, new: str, part: str, verdict: str) -> None:
    found = comparing.changes(MADE, loading.load(PROGRAMME.replace(old, new)))
    assert [(change.id, change.verdict) for change in found] == [(part, verdict)]


def test_days_in_the_wrong_order_are_refused() -> None:
    from ganbo.engine.refusing import DocumentRefused

    with pytest.raises(DocumentRefused) as refused:
        loading.load(PROGRAMME.replace("spend_until: 2026-12-31", "spend_until: 2026-11-22"))
    assert [error.code for error in refused.value.errors] == ["runs_order"]
