"""What earns and how much: the base of a bill, formulas and tables, multipliers together, expiry and waiting, limits."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from ganbo.engine import basket, loading
from ganbo.engine.decide import decide
from ganbo.engine.facts import Facts, Used
from ganbo.engine.tests.cases import event, given, judged, lan, programme, purchase
from ganbo.engine.tests.sample import with_rules

LATTE = {"sku": "latte", "category": "coffee", "unit_price": 50_000}
CARD = {"sku": "our-card", "category": "gift-card", "unit_price": 200_000}
FREE = {"sku": "cake", "category": "cake", "unit_price": 40_000, "discount": 40_000}


def sold(*lines: dict[str, Any], **more: Any) -> Facts:
    data = {"lines": list(lines), **more}
    return replace(purchase(), data=data, order=basket.order_of(data, "VND"))


def paid(**amounts: int) -> list[dict[str, Any]]:
    return [{"with": way, "amount": amount} for way, amount in amounts.items()]


BASES = [
    ("", sold(LATTE), 50, "the price"),
    ("", sold(LATTE | {"discount": 5_000}, discount=4_000), 41, "after all discounts"),
    ("discounts: in", sold(LATTE | {"discount": 5_000}, discount=4_000), 50, "before them, when they count"),
    ("discounts: out", sold(LATTE | {"discount": 5_000}), 45, "as without the word"),
    ("", sold(LATTE, shipping=20_000), 50, "delivery does not earn"),
    ("shipping: in", sold(LATTE, shipping=20_000), 70, "unless it is said"),
    ("", sold(LATTE | {"tax": 4_000}), 50, "prices include tax, and earn so"),
    ("tax: out", sold(LATTE | {"tax": 4_000}), 46, "the tax in the price does not earn"),
    ("tax: in", sold(LATTE | {"tax": 4_000}), 50, "it is in already"),
    ("", sold(LATTE | {"tax": 4_000}, tax_included=False), 50, "tax on top does not earn"),
    ("tax: in", sold(LATTE | {"tax": 4_000}, tax_included=False), 54, "unless it is said"),
    ("tax: out", sold(LATTE | {"tax": 4_000}, tax_included=False), 50, "and is not taken off twice"),
    ("", sold(LATTE, CARD), 50, "selling a gift card does not earn: what it buys will"),
    ("", sold(LATTE, CARD | {"category": "", "labels": ["gift-card"]}), 50, "a label says so, too"),
    ("gift_cards: in", sold(LATTE, CARD), 250, "unless it is said"),
    ("", sold(LATTE, paid=paid(points=20_000, cash=30_000)), 50, "points are a means of payment"),
    ("paid_with_points: out", sold(LATTE, paid=paid(points=20_000, cash=30_000)), 30, "the part paid with points earns nothing"),
    ("paid_with_points: out", sold(LATTE, paid=paid(points=50_000)), None, "all of it was"),
    ("paid_with_points: out", sold(LATTE, shipping=50_000, paid=paid(points=50_000, cash=50_000)), 25, "half the bill, so half of what earns"),
    ("paid_with_points: out, shipping: in", sold(LATTE, shipping=50_000, paid=paid(points=50_000, cash=50_000)), 50, "half of the price and half of the delivery"),
    ("paid_with_points: out", sold(LATTE, paid=paid(gift_card=20_000, card_money=30_000)), 50, "stored value was paid for: it earns like cash"),
    ("", sold(LATTE, FREE), 50, "a free item earns nothing"),
    ("discounts: in", sold(LATTE, FREE), 50, "not even before discounts"),
]  # fmt: skip


@pytest.mark.parametrize(("switches", "facts", "points", "why"), BASES)
@pytest.mark.parametrize("place", ["rule", "programme"])
def test_which_parts_of_a_bill_earn(place: str, switches: str, facts: Facts, points: int | None, why: str) -> None:
    own = f", base: {{{switches}}}" if place == "rule" and switches else ""
    source = with_rules(f"{{id: a, on: purchase, give: {{wallet: points, amount: 1, per: 1000, of: net{own}}}}}")
    if place == "programme" and switches:
        source = source.replace("earn:\n", f"base: {{{switches}}}\nearn:\n")
    expected = {} if points is None else {"a": points}
    assert given(decide(facts, loading.load(source))) == expected, why


def test_a_rules_own_switch_stands_over_the_programmes() -> None:
    rule = "{id: a, on: purchase, give: {wallet: points, amount: 1, per: 1000, of: net, base: {shipping: out}}}"
    source = with_rules(rule).replace("earn:\n", "base: {shipping: in, gift_cards: in}\nearn:\n")
    assert given(decide(sold(LATTE, CARD, shipping=20_000), loading.load(source))) == {"a": 250}


TABLES = "tables: {class: {Y: 50, C: 150}, zone: {near: 500, far: 2000}}\n"


def flight(**told: Any) -> Facts:
    return event("custom.flight", **told)


@pytest.mark.parametrize(
    ("give", "told", "expected", "why"),
    [
        ("amount: event.miles", {"miles": 1_160}, 1_160, "what the event says"),
        ("amount: 'event.miles * table.class[event.class] / 100'", {"miles": 1_160, "class": "Y"}, 580, "half in economy"),
        ("amount: 'event.miles * table.class[event.class] / 100'", {"miles": 1_160, "class": "C"}, 1_740, "one and a half in business"),
        ("amount: 'event.miles * table.class[event.class] / 100'", {"miles": 1_161, "class": "Y"}, 580, "580.5 as a whole"),
        ("amount: 'event.miles * table.class[event.class] / 100'", {"miles": 1_160, "class": "F"}, None, "a class that no table has"),
        ("amount: 'event.miles * table.class[event.class] / 100'", {"class": "Y"}, None, "without its miles"),
        ("amount: 'event.miles * table.class[event.class] / 100'", {"miles": "many", "class": "Y"}, None, "miles that are no number"),
        ("amount: 'event.miles * table.class[event.class] / 100', min: 500", {"miles": 300, "class": "Y"}, 500, "never fewer than 500"),
        ("amount: 'event.miles * table.class[event.class] / 100', min: 500", {"miles": 0, "class": "Y"}, None, "nothing flown, no least"),
        ("amount: 'table.zone[event.zone] * (event.class == \"C\" ? 2 : 1)'", {"zone": "far", "class": "C"}, 4_000, "by zone, twice in business"),
        ("amount: event.miles", {"miles": -5}, None, "less than nothing is nothing"),
        ("amount: event.miles", {"miles": 10**18}, 10**15, "a slip of the finger has a most"),
    ],
)  # fmt: skip
def test_formulas_and_tables(give: str, told: dict[str, Any], expected: int | None, why: str) -> None:
    rule = f"{{id: a, on: custom.flight, give: {{wallet: points, {give}}}}}"
    made = loading.load(with_rules(rule).replace("earn:\n", TABLES + "earn:\n"))
    assert given(decide(flight(**told), made)) == ({} if expected is None else {"a": expected}), why


BASE = "{id: base, on: purchase, give: {wallet: points, amount: 10}}"
OTHER = "{id: other, on: purchase, give: {wallet: points, amount: 10}}"


def times(by: str, combine: str = "", target: str = "rule: base", name: str = "") -> str:
    how = f", combine: {combine}" if combine else ""
    return f"{{id: x{name or by.replace('.', '-')}, on: purchase, multiply: {{{target}, by: {by}}}{how}}}"


@pytest.mark.parametrize(
    ("rules", "expected", "why"),
    [
        ([times("2"), times("3")], 60, "each by itself multiplies: 2 × 3"),
        ([times("2", "best"), times("3", "best")], 30, "of the best only one counts"),
        ([times("3", "best"), times("2", "best")], 30, "in whatever order they stand"),
        ([times("2", "best"), times("3", "best"), times("1.5")], 45, "the best, times what multiplies by itself"),
        ([times("2", "add"), times("3", "add")], 40, "added: one and two more"),
        ([times("0.5", "add"), times("0.2", "add")], None, "−0.5 and −0.8 leave nothing, never less"),
        ([times("1.5", "add"), times("2", "best"), times("2", name="-by-itself")], 60, "1.5 × 2 × 2"),
        ([times("2", "best"), times("3", "best", "wallet: points")], 60, "another target is another contest"),
        ([times("2", "", "wallet: points")], 20, "all rules of the wallet"),
    ],
)
def test_multipliers_together(rules: list[str], expected: int | None, why: str) -> None:
    assert judged(purchase(), BASE, *rules) == ({} if expected is None else {"base": expected}), why


LEVELS = "    - {id: silver, benefits: {multiply: %s}}\n"


@pytest.mark.parametrize(
    ("multiply", "rules", "expected", "why"),
    [
        ("1.2", [BASE, OTHER], {"base": 12, "other": 12}, "one factor for all"),
        ("{points: {by: 1.5}}", [BASE, OTHER], {"base": 15, "other": 15}, "one wallet, all its rules"),
        (
            "{points: {rules: [base], by: 1.5}}",
            [BASE, OTHER],
            {"base": 15, "other": 10},
            "only the rules that are named",
        ),
        ("{stars: {by: 2}}", [BASE], {"base": 10}, "another wallet"),
        ("1.2", [BASE, times("2")], {"base": 24}, "beside a rule's multiplier"),
        ("1.2", [BASE[:-1] + ", tier_multiplier: false}"], {"base": 10}, "a rule that says no"),
        ("1.5", ["{id: cash, on: purchase, give: {wallet: card, amount: 1001}}"], {"cash": 1_001}, "never money"),
    ],
)
def test_what_a_level_multiplies(multiply: str, rules: list[str], expected: dict[str, int], why: str) -> None:
    source = with_rules(*rules).replace("    - {id: silver, benefits: {multiply: 1.2}}\n", LEVELS % multiply)
    source = source.replace("wallets:\n", "wallets:\n  card: {name: tiền, money: true, expires: {kind: never}}\n")
    assert given(decide(purchase(member=lan(tier="silver")), loading.load(source))) == expected, why


def test_a_levels_factor_on_other_events_when_the_rule_says_so() -> None:
    rule = "{id: review, on: review, give: {wallet: points, amount: 10}, tier_multiplier: true}"
    assert judged(replace(event("review"), member=lan(tier="silver")), rule) == {"review": 12}


END_OF_DECEMBER = datetime(2026, 12, 31, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wallet", "tier", "rule", "ends", "why"),
    [
        ("{kind: never}", None, "", None, "the wallet's word"),
        ("{kind: end_of_month, months: 1}", None, "", END_OF_DECEMBER, "the wallet's word"),
        ("{kind: never}", "{kind: end_of_month, months: 1}", "", END_OF_DECEMBER, "the level's over the wallet's"),
        ("{kind: end_of_month, months: 1}", "{kind: never}", "", None, "a level may keep them for ever"),
        ("{kind: end_of_month, months: 1}", "{kind: never}", "{kind: rolling, days: 3}", datetime(2026, 11, 26, 17, tzinfo=UTC), "the rule's over both"),
        ("{kind: rolling, days: 3}", None, "{kind: never}", None, "a rule may keep them for ever"),
    ],
)  # fmt: skip
def test_whose_expiry_counts(wallet: str, tier: str | None, rule: str, ends: datetime | None, why: str) -> None:
    own = f", expires: {rule}" if rule else ""
    source = with_rules(BASE[:-1] + own + "}").replace(
        "face_value: 100, expires: {kind: never}", f"face_value: 100, expires: {wallet}"
    )
    if tier:
        source = source.replace("{multiply: 1.2}", f"{{multiply: 1.2, expires: {{points: {tier}}}}}")
    (effect,) = decide(purchase(member=lan(tier="silver")), loading.load(source)).effects
    assert effect.expires_at == ends, why


@pytest.mark.parametrize(
    ("wallet", "rule", "usable", "awaits", "why"),
    [
        ("", "", None, "", "at once"),
        (", pending: {kind: after, days: 7}", "", datetime(2026, 11, 29, 17, tzinfo=UTC), "", "seven days after the day it was earned"),
        (", pending: {kind: after, days: 7}", ", pending: {kind: none}", None, "", "the rule's over the wallet's"),
        ("", ", pending: {kind: on_date, date: 2027-01-01}", datetime(2026, 12, 31, 17, tzinfo=UTC), "", "on New Year's day"),
        ("", ", pending: {kind: on_date, date: 2026-11-23}", None, "", "a day that is there already"),
        ("", ", pending: {kind: until_event, event: review, days: 14}", datetime(2026, 12, 6, 17, tzinfo=UTC), "review", "lost unless a review comes in time"),
    ],
)  # fmt: skip
def test_when_it_may_be_used(wallet: str, rule: str, usable: datetime | None, awaits: str, why: str) -> None:
    source = with_rules(BASE[:-1] + rule + "}").replace(
        "face_value: 100, expires: {kind: never}", "face_value: 100, expires: {kind: never}" + wallet
    )
    (effect,) = decide(purchase(), loading.load(source)).effects
    assert (effect.usable_at, effect.awaits) == (usable, awaits), why


@pytest.mark.parametrize(
    ("when", "purchases", "holds", "why"),
    [
        ("member.purchases == 1", 1, True, "the first purchase, this one counted"),
        ("member.purchases == 1", 2, False, "the second is not"),
        ("member.purchases % 3 == 0", 6, True, "every third"),
        ("member.purchases % 3 == 0", 7, False, "the one after it"),
        ("member.days_since_purchase == -1", 1, False, "she bought three days ago"),
        ("member.days_since_purchase >= 3", 60, True, "before this one"),
    ],
)
def test_the_nth_purchase(when: str, purchases: int, holds: bool, why: str) -> None:
    rule = f"{{id: a, on: purchase, when: '{when}', give: {{wallet: points, amount: 7}}, say: {{vi: x, en: x}}}}"
    assert judged(purchase(member=lan(purchases=purchases)), rule) == ({"a": 7} if holds else {}), why


def test_what_is_below_a_step_is_carried_until_it_is_one() -> None:
    made = programme("{id: a, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net, carry: true}}")
    carried: dict[str, int] = {}
    points = []
    for net in (6_000, 3_999, 1, 25_000, 5_000):
        decision = decide(purchase(net, carried=carried), made)
        carried |= decision.carried
        points.append(given(decision).get("a", 0))
    assert (points, carried) == ([0, 0, 1, 2, 1], {"a": 0}), "40,000 ₫ in all are 4 points, whatever the bills"


@pytest.mark.parametrize(
    ("limit", "used", "expected", "why"),
    [
        ("{period: day, count: 1}", {}, 5, "the first share today"),
        ("{period: day, count: 1}", {("member:lan", "a", "day:2026-11-23"): Used(1, 5, 0)}, None, "one a day"),
        ("{period: day, count: 1}", {("member:lan", "a", "day:2026-11-22"): Used(1, 5, 0)}, 5, "yesterday's is another day"),
        ("{period: day, count: 1}", {("member:minh", "a", "day:2026-11-23"): Used(1, 5, 0)}, 5, "another member's is another's"),
        ("{period: {rolling_days: 7}, count: 3}", {("member:lan", "a", f"day:2026-11-{d}"): Used(1, 5, 0) for d in (17, 19, 23)}, None, "three in seven days"),
        ("{period: {rolling_days: 7}, count: 3}", {("member:lan", "a", f"day:2026-11-{d}"): Used(1, 5, 0) for d in (16, 19, 23)}, 5, "one is too old to count"),
        ("{period: week, count: 1}, {period: month, points: 12}", {("member:lan", "a", "month:2026-11"): Used(2, 10, 0)}, 2, "several limits: what all of them leave"),
        ("{scope: rule, period: ever, count: 100}", {("rule", "a", "ever"): Used(100, 500, 0)}, None, "the first hundred of all members"),
        ("{scope: store, period: day, count: 1}", {("store:cau-giay", "a", "day:2026-11-23"): Used(1, 5, 0)}, 5, "another shop's is another's"),
    ],
)  # fmt: skip
def test_how_often_a_custom_event_earns(limit: str, used: dict[Any, Used], expected: int | None, why: str) -> None:
    rule = f"{{id: a, on: custom.share_story, give: {{wallet: points, amount: 5}}, limits: [{limit}]}}"
    assert judged(event("custom.share_story", used=used), rule) == ({} if expected is None else {"a": expected}), why


@pytest.mark.parametrize(
    ("used", "given_", "why"),
    [
        ({}, ["tote"], "the first"),
        ({("member:lan", "gift", "month:2026-11"): Used(1, 0, 0)}, [], "one a month"),
        ({("member:lan", "gift", "month:2026-10"): Used(1, 0, 0)}, ["tote"], "last month's is another's"),
    ],
)
def test_a_voucher_has_limits_like_points(used: dict[Any, Used], given_: list[str], why: str) -> None:
    rule = "{id: gift, on: purchase, give: {voucher: tote}, limits: [{period: month, count: 1}]}"
    made = loading.load(with_rules(rule) + "rewards:\n  - {id: tote, kind: gift}\n")
    decision = decide(purchase(used=used), made)
    assert [v.reward for v in decision.vouchers] == given_, why
    assert sum(c.count for c in decision.consumed) == len(given_), "what was not given uses nothing up"


@pytest.mark.parametrize(
    ("lines", "facts", "expected", "why"),
    [
        ('line.category == "coffee"', sold(LATTE, FREE), 50, "one category"),
        ('line.category != "coffee"', sold(LATTE, LATTE | {"category": "tea"}), 50, "all but one"),
        ('!(line.category in ["coffee", "cake"])', sold(LATTE), None, "nothing is left"),
        ('line.labels.exists(l, l == "new")', sold(LATTE, LATTE | {"labels": ["new", "hot"]}), 50, "by a label"),
        ('line.sku == "latte" && line.unit_price > 50000', sold(LATTE), None, "by the price of a piece"),
        ('line.category == "cake"', sold(LATTE, FREE), None, "the free one does not count"),
    ],
)
def test_which_lines_count(lines: str, facts: Facts, expected: int | None, why: str) -> None:
    rule = f"{{id: a, on: purchase, lines: '{lines}', give: {{wallet: points, amount: 1, per: 1000, of: net}}}}"
    assert judged(facts, rule) == ({} if expected is None else {"a": expected}), why


def test_multipliers_and_levels_are_exact_until_the_one_rounding() -> None:
    rules = ["{id: third, on: purchase, give: {wallet: points, amount: 1, per: 30000, of: net, rounding: none}}"]
    exact = Fraction(100_000, 30_000) * Fraction(3, 2) * Fraction(6, 5)
    assert exact == 6
    assert judged(purchase(100_000, member=lan(tier="silver")), *rules, times("1.5", target="rule: third")) == {
        "third": 6
    }
