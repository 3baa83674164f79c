"""Lines of the budget: what a reward takes, and when a line with a hard stop has no more."""

from datetime import date

import pytest

from ganbo.engine import budgets, comparing, loading
from ganbo.engine.budgets import Purse

DAY = date(2026, 12, 5)
PROGRAMME = """
ganbo: 1
programme: b
name: B
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm}}
rewards:
  - {id: tea, kind: free_item, sku: tea, cost: 9000, budget: gifts}
  - {id: cake, kind: free_item, sku: cake, cost: 10000, budget: offers}
  - {id: water, kind: free_item, sku: water, cost: 0, budget: gifts}
  - {id: none, kind: free_item, sku: none, cost: 5000}
budget: {lines: {gifts: {planned: 20000, stop: hard}, offers: {planned: 1}}}
"""
STORES = PROGRAMME.replace("budget: {", "budget: {by_store: {hoan-kiem: {gifts: 9000}, tay-ho: {offers: 5}}, ")
MONTHLY = PROGRAMME.replace("budget: {", "budget: {period: month, ")


@pytest.mark.parametrize(
    ("source", "reward", "share", "reason"),
    [
        (PROGRAMME, "tea", ("gifts", 18_000), "two at 9,000"),
        (MONTHLY, "tea", ("gifts@2026-12", 18_000), "of its month"),
        (PROGRAMME, "cake", ("offers", 20_000), "a soft line counts too"),
        (PROGRAMME, "water", ("", 0), "costs nothing"),
        (PROGRAMME, "none", ("", 0), "in no line"),
    ],
)
def test_what_a_reward_takes(source: str, reward: str, share: tuple[str, int], reason: str) -> None:
    programme = loading.load(source)
    assert budgets.share(programme, programme.rewards[reward], DAY, quantity=2) == share, reason


@pytest.mark.parametrize(
    ("store", "reward", "key", "given", "reason"),
    [
        ("hoan-kiem", "tea", "gifts/hoan-kiem", 1, "its own 9,000"),
        ("hoan-kiem", "cake", "offers", 9, "of this line it has no plan of its own: no stop"),
        ("tay-ho", "tea", "gifts", 2, "what all share: 20,000"),
        ("tay-ho", "cake", "offers/tay-ho", 9, "its own plan, without a stop as the line's"),
        ("", "tea", "gifts", 2, "in the wallet"),
    ],
)
def test_a_store_may_have_a_plan_of_its_own(store: str, reward: str, key: str, given: int, reason: str) -> None:
    programme = loading.load(STORES)
    assert budgets.share(programme, programme.rewards[reward], DAY, store=store)[0] == key, reason
    purse = Purse(programme, budgets.hard_keys(programme, DAY, store=store), DAY, store=store)
    assert sum(purse.take(reward) for _ in range(9)) == given, reason


@pytest.mark.parametrize(
    ("reward", "given", "reason"),
    [
        ("tea", 2, "a third would be 27,000"),
        ("cake", 9, "no stop"),
        ("water", 9, "it takes nothing"),
        ("none", 9, "in no line"),
    ],
)
def test_a_purse_gives_as_long_as_it_can(reward: str, given: int, reason: str) -> None:
    programme = loading.load(PROGRAMME)
    purse = Purse(programme, budgets.hard_keys(programme, DAY), DAY)
    assert sum(purse.take(reward) for _ in range(9)) == given, reason


@pytest.mark.parametrize(
    ("old", "new", "verdict", "reason"),
    [
        (", stop: hard", "", "better", "it stops no more"),
        ("planned: 1}", "planned: 1, stop: hard}", "worse", "it stops now"),
        ("planned: 20000", "planned: 30000", "neutral", "a plan is the shop's affair"),
    ],
)
def test_what_a_change_of_the_budget_is_for_members(old: str, new: str, verdict: str, reason: str) -> None:
    found = comparing.changes(loading.load(PROGRAMME), loading.load(PROGRAMME.replace(old, new)))
    assert [(change.id, change.verdict) for change in found] == [("budget", verdict)], reason
