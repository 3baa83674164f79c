"""What a new version changes, and whether it is better or worse for members."""

import pytest

from ganbo.engine import comparing, loading

OLD = """\
ganbo: 1
programme: shop
name: {vi: Tiệm, en: Shop}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, expires: {kind: rolling, months: 12}, on_refund: within_balance}
earn:
  - {id: base, on: purchase, when: order.net >= 10000, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: tea, on: purchase, during: {days: [tue, wed], hours: [14, 17]}, when: 'store in ["hue", "hanoi"]', multiply: {rule: base, by: 2}}
  - {id: review, on: review, give: {wallet: points, amount: 20}, limits: [{period: week, count: 2}]}
stamp_cards:
  - {id: coffee, lines: 'line.category == "coffee"', size: 10, head_start: 2, reward: latte}
tiers:
  window: {kind: rolling, months: 12}
  downgrade: {mode: one_step, grace_days: 30}
  levels:
    - {id: bronze}
    - {id: silver, enter: {spend: 5000000}, benefits: {multiply: 1.2, on_enter: [latte]}}
rewards:
  - {id: latte, kind: free_item, sku: latte, cost: 12000, price: {wallet: points, amount: 100, by_tier: {silver: 90}}, valid_days: 30}
  - {id: off, kind: discount, percent: 10, max: 50000, price: {wallet: points, amount: 80}, stock: 100}
"""

# what is written, what instead, part, id, kind, verdict, why
CHANGES = [
    ("per: 10000", "per: 20000", "earn", "base", "changed", "worse", "half as many points"),
    ("amount: 1, per: 10000", "amount: 2, per: 20000", "earn", "base", "changed", "worse", "the same share in larger steps loses more below a step"),
    ("amount: 1, per", "amount: 2, per", "earn", "base", "changed", "better", "twice as many"),
    ("of: net}", "of: net, rounding: up}", "earn", "base", "changed", "better", "the part-step counts as a whole"),
    ("of: net}", "of: net, base: {paid_with_points: out}}", "earn", "base", "changed", "worse", "points no longer earn points"),
    ("order.net >= 10000", "order.net >= 20000", "earn", "base", "changed", "worse", "small bills drop out"),
    ("when: order.net >= 10000, ", "", "earn", "base", "changed", "better", "no condition any more"),
    ("by: 2", "by: 1.5", "earn", "tea", "changed", "worse", "a smaller factor"),
    ("days: [tue, wed]", "days: [tue]", "earn", "tea", "changed", "worse", "a day fewer"),
    ("hours: [14, 17]", "hours: [12, 18]", "earn", "tea", "changed", "better", "longer hours"),
    ("days: [tue, wed]", "days: [thu]", "earn", "tea", "changed", "mixed", "another day suits others"),
    ('"hue", "hanoi"', '"hue"', "earn", "tea", "changed", "worse", "one store fewer"),
    ('"hue", "hanoi"', '"hue", "vinh"', "earn", "tea", "changed", "mixed", "one for another"),
    ("count: 2", "count: 1", "earn", "review", "changed", "worse", "a lower limit"),
    (", limits: [{period: week, count: 2}]", "", "earn", "review", "changed", "better", "no limit any more"),
    ("kind: rolling, months: 12}, on", "kind: rolling, months: 6}, on", "wallets", "points", "changed", "worse", "a shorter life"),
    ("kind: rolling, months: 12}, on", "kind: never}, on", "wallets", "points", "changed", "better", "no end"),
    ("kind: rolling, months: 12}, on", "kind: end_of_year, years: 1}, on", "wallets", "points", "changed", "better", "never before twelve months"),
    ("kind: rolling, months: 12}, on", "kind: end_of_year, years: 0}, on", "wallets", "points", "changed", "worse", "always before twelve months"),
    ("kind: rolling, months: 12}, on", "kind: fixed_dates, dates: [06-30]}, on", "wallets", "points", "changed", "worse", "at most a year"),
    ("face_value: 100", "face_value: 90", "wallets", "points", "changed", "worse", "worth less"),
    ("within_balance", "unlimited, floor: -100", "wallets", "points", "changed", "worse", "a stricter return"),
    ("within_balance", "keep", "wallets", "points", "changed", "better", "a milder one"),
    ("on_refund", "pending: {kind: after, days: 7}, on_refund", "wallets", "points", "changed", "worse", "a week's wait"),
    ("size: 10", "size: 12", "stamp_cards", "coffee", "changed", "worse", "two stamps more"),
    ("head_start: 2", "head_start: 3", "stamp_cards", "coffee", "changed", "better", "one given more"),
    ("reward: latte", "reward: off", "stamp_cards", "coffee", "changed", "mixed", "another reward"),
    ("spend: 5000000", "spend: 6000000", "levels", "silver", "changed", "worse", "a higher threshold"),
    ("multiply: 1.2", "multiply: 1.1", "levels", "silver", "changed", "worse", "a smaller factor"),
    (", on_enter: [latte]", "", "levels", "silver", "changed", "worse", "a benefit fewer"),
    ("mode: one_step", "mode: to_eligible", "tiers", "tiers", "changed", "worse", "a harder fall"),
    ("grace_days: 30", "grace_days: 60", "tiers", "tiers", "changed", "better", "later"),
    ("amount: 100", "amount: 120", "rewards", "latte", "changed", "worse", "dearer"),
    ("silver: 90", "silver: 95", "rewards", "latte", "changed", "worse", "dearer for some"),
    ("valid_days: 30", "valid_days: 14", "rewards", "latte", "changed", "worse", "a shorter voucher"),
    ("max: 50000", "max: 60000", "rewards", "off", "changed", "better", "more off"),
    ("max: 50000, ", "", "rewards", "off", "changed", "better", "no most"),
    ("stock: 100", "stock: 50", "rewards", "off", "changed", "worse", "fewer"),
    ("stock: 100", "stacking: exclusive", "rewards", "off", "changed", "mixed", "not with others, but as many as wanted"),
    ("cost: 12000", "cost: 15000", "rewards", "latte", "changed", "neutral", "what it costs the shop is no member's matter"),
    ("Tiệm", "Quán", "programme", "name", "changed", "neutral", "a name"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "part", "id", "kind", "verdict", "why"), CHANGES, ids=[row[-1] for row in CHANGES]
)
def test_a_change(old: str, new: str, part: str, id: str, kind: str, verdict: str, why: str) -> None:
    assert OLD.count(old) >= 1
    before, after = loading.load(OLD), loading.load(OLD.replace(old, new))
    (change,) = [c for c in comparing.changes(before, after) if c.part == part]
    assert (change.id, change.kind, change.verdict) == (id, kind, verdict), why
    assert bool(comparing.worse([change])) is (verdict in ("worse", "mixed"))


@pytest.mark.parametrize(
    ("old", "new", "part", "id", "kind", "verdict", "why"), CHANGES, ids=[row[-1] for row in CHANGES]
)
def test_the_way_back_is_the_opposite(
    old: str, new: str, part: str, id: str, kind: str, verdict: str, why: str
) -> None:
    before, after = loading.load(OLD.replace(old, new)), loading.load(OLD)
    (change,) = [c for c in comparing.changes(before, after) if c.part == part]
    assert change.verdict == {"better": "worse", "worse": "better"}.get(verdict, verdict), why


def _without(line: str) -> str:
    return "".join(one for one in OLD.splitlines(keepends=True) if line not in one)


@pytest.mark.parametrize(
    ("line", "part", "id"),
    [("id: review", "earn", "review"), ("id: off", "rewards", "off"), ("id: tea", "earn", "tea")],
)
def test_what_is_gone_is_worse_and_what_is_new_better(line: str, part: str, id: str) -> None:
    with_it, without = loading.load(OLD), loading.load(_without(line))
    (gone,) = comparing.changes(with_it, without)
    (came,) = comparing.changes(without, with_it)
    assert (gone.part, gone.id, gone.kind, gone.verdict) == (part, id, "removed", "worse")
    assert (came.part, came.id, came.kind, came.verdict) == (part, id, "added", "better")


def test_spacing_and_order_of_keys_do_not_count() -> None:
    other = OLD.replace("  - {id: review, on: review,", "  - {on: review,   id: review,") + "# the same\n"
    assert comparing.changes(loading.load(OLD), loading.load(other)) == ()
