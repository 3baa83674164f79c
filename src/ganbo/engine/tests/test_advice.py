"""The advice: for each finding a document that calls for it, and one beside it that does not."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import advice, loading
from ganbo.engine.advice import Assumptions, assuming
from ganbo.engine.tests.sample import SAMPLE

HEAD = "ganbo: 1\nprogramme: small\nname: Nhỏ\ncurrency: VND\ntimezone: Asia/Ho_Chi_Minh\n"
POINTS = "  points: {name: điểm, face_value: 100}\n"
CARD = "  card: {name: tiền, money: true}\n"
BASE = "  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}\n"
TEA = "  - {id: tea, kind: free_item, sku: tea, cost: 9000, price: {wallet: points, amount: 60}}\n"


def written(
    wallets: str = POINTS, earn: str = BASE, rewards: str = TEA, cards: str = "", tiers: str = "", more: str = ""
) -> str:
    """A small document of these parts, without any finding of its own."""
    parts = (("wallets", wallets), ("earn", earn), ("rewards", rewards), ("stamp_cards", cards), ("tiers", tiers))
    return HEAD + "".join(f"{name}:\n{text}" for name, text in parts if text) + more


def codes(source: str) -> set[str]:
    return {finding.code for finding in advice.look(loading.load(source))}


def gift(price: int, amount: int, **more: str) -> str:
    """A reward of card money."""
    rest = "".join(f", {key}: {value}" for key, value in more.items())
    return (
        TEA
        + f"  - {{id: cash, kind: card_money, wallet: card, amount: {amount}, price: {{wallet: points, amount: {price}}}{rest}}}\n"
    )


def tier(*levels: str) -> str:
    return "  levels:\n    - {id: bronze}\n" + "".join(
        f"    - {{id: l{n}, {level}}}\n" for n, level in enumerate(levels)
    )


def rule(text: str) -> str:
    return BASE + f"  - {{{text}}}\n"


def coffee(**keys: object) -> str:
    text = ", ".join(f"{key}: {value}" for key, value in {"size": 8, "reward": "tea", **keys}.items())
    return f"  - {{id: coffee, {text}}}\n"


def discounts(*each: str) -> str:
    return TEA + "".join(
        f"  - {{id: d{n}, kind: discount, price: {{wallet: points, amount: 50}}, {text}}}\n"
        for n, text in enumerate(each)
    )


TEN_TEAS = "".join(TEA.replace("id: tea", f"id: tea{n}") for n in range(8))
HALF = "  - {id: half, kind: discount, percent: 50}\n"
REVIEW = "id: review, on: review, give: {wallet: points, amount: 5}"

LATE = "  points: {name: điểm, expires: {kind: rolling, days: 30}, pending: {kind: after, days: %s}}\n"

# code, a document that calls for it, one that does not, why
ADVICE = [
    ("cash_out_loop", written(POINTS + CARD, rewards=gift(10, 100_000)), written(POINTS + CARD, rewards=gift(100, 20_000)), "ten points cost 100,000 ₫ of purchases"),
    ("cash_out_loop", written(POINTS + CARD, rule("id: x, on: purchase, multiply: {wallet: points, by: 10}"), gift(100, 100_000)), written(POINTS + CARD, rewards=gift(100, 100_000)), "a tenfold day pays the whole spend back"),
    ("free_cash", written(POINTS + CARD, rule(REVIEW), gift(100, 20_000)), written(POINTS + CARD, rule(REVIEW + ", limits: [{period: day, count: 1}]"), gift(100, 20_000)), "reviews without end are money without end"),
    ("gift_cards_earn", written(more="base: {gift_cards: in}\n"), written(), "a gift card bought with a gift card earns again"),
    ("reward_dear", written(rewards=TEA.replace("9000", "300000")), written(rewards=TEA.replace("9000", "100000")), "half of 600,000 ₫ given back, or a sixth"),
    ("card_dear", written(cards=coffee(), rewards=TEA.replace("9000", "300000")), written(cards=coffee()), "eight cups at 100,000 ₫ for 300,000 ₫"),
    ("voucher_dear", written(earn=rule("id: v, on: purchase, give: {voucher: half}"), rewards=TEA + HALF), written(earn=rule("id: v, on: purchase, limits: [{period: quarter, count: 1}], give: {voucher: half}"), rewards=TEA + HALF), "half of every next bill, or once a quarter"),
    ("voucher_dear", written(earn=rule("id: v, on: purchase, give: {voucher: half}"), rewards=TEA + HALF), written(earn=rule("id: v, on: purchase, when: order.net >= 300000, give: {voucher: half}"), rewards=TEA + HALF), "a typical bill is not that large"),
    ("budget_short", written(earn=rule("id: v, on: purchase, give: {voucher: half}"), rewards=TEA + HALF.replace("50}", "50, budget: offers}"), more="budget: {lines: {offers: {planned: 1000000}}}\n"), written(earn=rule("id: v, on: purchase, when: order.net >= 300000, give: {voucher: half}"), rewards=TEA + HALF.replace("50}", "50, budget: offers}"), more="budget: {lines: {offers: {planned: 1000000}}}\n"), "24 bills a year, half of each, by 1,000 members"),
    ("stacking_over_all", written(rewards=discounts("percent: 60", "percent: 50")), written(rewards=discounts("percent: 60, stacking: exclusive", "percent: 50, max: 20000")), "60 % and 50 %"),
    ("budget_short", written(rewards=TEA.replace("cost", "budget: gifts, cost"), more="budget: {lines: {gifts: {planned: 1000000}}}\n"), written(rewards=TEA.replace("cost", "budget: gifts, cost"), more="budget: {total: 50000000, lines: {gifts: {planned: 40000000}}}\n"), "1,000 members take four teas of 9,000 ₫ a year"),
    ("budget_short", written(rewards=TEA.replace("cost", "budget: gifts, cost"), more="budget: {period: month, lines: {gifts: {planned: 1000000}}}\n"), written(rewards=TEA.replace("cost", "budget: gifts, cost"), more="budget: {period: month, lines: {gifts: {planned: 2500000}}, by_store: {tay-ho: {gifts: 600000}}}\n"), "36 million a year: three each month, of all stores together"),
    ("budget_short", written(more="budget: {total: 1000, lines: {media: {planned: 500}}}\n"), written(more="budget: {total: 50000000, lines: {media: {planned: 500}}}\n"), "the whole plan is too small"),
    ("no_end_point", written(rewards=""), written(), "points that buy nothing"),
    ("no_end_point", written(POINTS + "  stars: {name: sao}\n", rule("id: s, on: visit, give: {wallet: stars, amount: 1}")), written(POINTS + "  stars: {name: sao, spendable: false}\n", rule("id: s, on: visit, give: {wallet: stars, amount: 1}")), "stars that only count towards tiers need none"),
    ("nothing_earns", written(earn="", rewards=TEA), written(), "an empty programme"),
    ("too_many", written(rewards=TEN_TEAS), written(), "eight rewards"),
    ("many_goals", written(cards="".join(coffee().replace("coffee", f"c{n}") for n in range(3))), written(cards=coffee()), "three cards and points"),
    ("reward_far", written(rewards=TEA.replace("amount: 60", "amount: 600")), written(rewards=TEA.replace("amount: 60", "amount: 240")), "24 visits of 10 points"),
    ("reward_far", written(POINTS.replace("}", ", expires: {kind: rolling, days: 60}}")), written(), "the first points end before the price is reached"),
    ("card_far", written(cards=coffee(size=30)), written(cards=coffee(size=20)), "24 visits, one stamp each"),
    ("reward_unused", written(rewards=TEA + "  - {id: cake, kind: gift}\n"), written(cards=coffee(reward="cake"), rewards=TEA + "  - {id: cake, kind: gift}\n"), "no price, and nobody gives it"),
    ("head_start_half", written(cards=coffee(head_start=4)), written(cards=coffee(head_start=2)), "four of eight"),
    ("tier_no_way_in", written(tiers=tier("benefits: {multiply: 2}")), written(tiers=tier("enter: {spend: 2000000}")), "no threshold"),
    ("tier_invitation_middle", written(tiers=tier("invitation_only: true", "enter: {spend: 2000000}")), written(tiers=tier("enter: {spend: 2000000}", "invitation_only: true")), "between levels with a threshold"),
    ("tier_unreachable", written(tiers=tier("enter: {spend: 10000000}")), written(tiers=tier("enter: {spend: 9600000}")), "24 visits of 100,000 ₫, four times as often"),
    ("tier_unreachable", written(tiers=tier("enter: {all: {spend: 100000, visits: 97}}")), written(tiers=tier("enter: {any: {spend: 100000, visits: 97}}")), "all must be met, or any"),
    ("tier_order", written(tiers=tier("enter: {spend: 2000000}", "enter: {spend: 1000000}")), written(tiers=tier("enter: {spend: 1000000}", "enter: {spend: 2000000}")), "the higher asks less"),
    ("tier_keep_above_enter", written(tiers=tier("enter: {spend: 1000000}, keep: {spend: 2000000}")), written(tiers=tier("enter: {spend: 1000000}, keep: {spend: 500000}")), "lost as soon as reached"),
    ("ends_before_usable", written(LATE % 30), written(LATE % 7), "one day left, or three weeks"),
    ("ends_before_usable", written(earn=rule("id: b, on: visit, give: {wallet: points, amount: 1}, expires: {kind: rolling, days: 3}")), written(earn=rule("id: b, on: visit, give: {wallet: points, amount: 1}, expires: {kind: rolling, days: 30}")), "a rule's own expiry"),
    ("never_holds", written(earn=rule("id: n, on: purchase, when: order.net >= 50000 && order.net < 40000, give: {wallet: points, amount: 1}")), written(earn=rule("id: n, on: purchase, when: order.net >= 40000 && order.net < 50000, give: {wallet: points, amount: 1}")), "no amount is both"),
    ("never_holds", written(earn=rule("id: n, on: purchase, during: {days: [sat]}, when: 'local.weekday in [\"mon\", \"tue\"]', give: {wallet: points, amount: 1}")), written(earn=rule("id: n, on: purchase, during: {days: [mon]}, when: 'local.weekday in [\"mon\", \"tue\"]', give: {wallet: points, amount: 1}")), "no Saturday is a Monday"),
    ("never_holds", written(earn=rule("id: n, on: purchase, when: local.hour >= 24, give: {wallet: points, amount: 1}")), written(earn=rule("id: n, on: purchase, when: local.hour >= 23, give: {wallet: points, amount: 1}")), "a day has hours 0 to 23"),
    ("never_holds", written(earn=rule("id: n, on: purchase, when: 'member.tier == \"gold\"', give: {wallet: points, amount: 1}"), tiers=tier("enter: {spend: 1000000}")), written(earn=rule("id: n, on: purchase, when: 'member.tier == \"l0\"', give: {wallet: points, amount: 1}"), tiers=tier("enter: {spend: 1000000}")), "there is no such tier"),
    ("never_holds", written(cards=coffee(lines="'line.sku == \"a\" && line.sku == \"b\"'")), written(cards=coffee(lines="'line.sku == \"a\" || line.sku == \"b\"'")), "no line is both"),
    ("multiplies_nothing", written(earn=rule("id: m, on: visit, multiply: {rule: base, by: 2}")), written(earn=rule("id: m, on: purchase, multiply: {rule: base, by: 2}")), "base gives on purchases"),
    ("multiplies_nothing", written(earn=rule("id: m, on: review, multiply: {wallet: points, by: 2}")), written(earn=rule(REVIEW + ", limits: [{period: day, count: 1}]") + "  - {id: m, on: review, multiply: {wallet: points, by: 2}}\n"), "nothing gives on reviews"),
    ("limit_idle", written(earn=rule(REVIEW + ", limits: [{period: day, count: 1}, {period: week, count: 10}]")), written(earn=rule(REVIEW + ", limits: [{period: day, count: 1}, {period: week, count: 5}]")), "a day's one is at most seven a week"),
    ("limit_idle", written(earn=rule(REVIEW + ", limits: [{period: month, count: 5}, {period: year, count: 60}]")), written(earn=rule(REVIEW + ", limits: [{period: month, count: 5}, {period: year, count: 59}]")), "twelve months of five"),
    ("limit_idle", written(earn=rule(REVIEW + ", limits: [{period: month, points: 50}, {period: week, points: 100}]")), written(earn=rule(REVIEW + ", limits: [{period: month, points: 50}, {period: week, points: 99}]")), "a week may touch two months"),
    ("limit_idle", written(rewards=TEA.replace("cost", "limits: [{period: ever, count: 1}, {period: day, count: 1}], cost")), written(rewards=TEA.replace("cost", "limits: [{period: day, count: 1}], cost")), "once ever is at most once a day"),
    ("offline_gives_nothing", written(more="offline: {redeem_up_to: 5000}\n"), written(more="offline: {redeem_up_to: 9000}\n"), "a tea costs 9,000 ₫"),
    ("proof_no_way_out", written(more="spend_proof: [{by: [otp]}]\n"), written(more="spend_proof: [{by: [otp, manager]}]\n"), "no phone, no spending"),
    ("proof_pin_unbounded", written(more="spend_proof: [{by: [card_pin, manager]}]\n"), written(more="spend_proof: [{up_to: 50000, per: day, by: [card_pin]}, {by: [manager]}]\n"), "a PIN for any amount"),
    ("claims_long", written(more="claims: {within_days: 31}\n"), written(more="claims: {within_days: 30}\n"), "slips left lying"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "bad", "good", "why"), ADVICE, ids=[f"{row[0]}: {row[3]}" for row in ADVICE])
def test_advice(code: str, bad: str, good: str, why: str) -> None:
    assert code in codes(bad), why
    assert code not in codes(good), why


def test_an_ordinary_document_needs_none() -> None:
    assert codes(written()) == set()


def test_the_sample_has_only_honest_advice() -> None:
    """Levels that are given by hand, and rewards that stand there for the sample's sake."""
    assert codes(SAMPLE) <= {"tier_no_way_in", "reward_unused"}


def test_a_finding_has_its_line() -> None:
    source = written(tiers=tier("enter: {spend: 2000000}", "enter: {spend: 1000000}"))
    (finding,) = advice.look(loading.load(source))
    assert (finding.path, source.splitlines()[finding.line - 1].strip()) == (
        "tiers.levels.2.enter",
        "- {id: l1, enter: {spend: 1000000}}",
    )


def test_other_assumptions_give_other_advice() -> None:
    programme = loading.load(written(rewards=TEA.replace("amount: 60", "amount: 600")))
    keen = Assumptions(visits_a_month=8, bill=100_000)
    assert [f.code for f in advice.look(programme)] == ["reward_far"]
    assert [f.code for f in advice.look(programme, keen)] == []


def test_the_bill_comes_from_the_examples() -> None:
    shown = "examples:\n  - {event: {type: purchase, occurred_at: 2026-11-24T17:00:00+07:00, data: {amount: 250000}}, expect: {points: 25}}\n"
    member = assuming.typical(loading.load(written(more=shown)), Assumptions())
    assert (member.bill, member.from_examples, member.units) == (250_000, True, {"points": Fraction(25)})


def test_what_is_carried_over_counts() -> None:
    member = assuming.typical(
        loading.load(written(earn=BASE.replace("per: 10000, of: net", "per: 120000, of: net, carry: true"))),
        Assumptions(),
    )
    assert member.units == {"points": Fraction(10, 12)}, "ten steps of 120,000 in twelve bills of 100,000"


@given(
    st.integers(1, 30), st.integers(1, 3_000_000), st.integers(1, 10_000), st.sampled_from([row[1] for row in ADVICE])
)
@settings(deadline=None)  # a document is compiled the first time: a busy machine takes longer
def test_any_assumption_can_be_judged(visits: int, bill: int, members: int, source: str) -> None:
    assumed = Assumptions(visits_a_month=visits, bill=bill, members=members)
    assert advice.look(loading.load(source), assumed) == advice.look(loading.load(source), assumed)


def test_a_typical_bill_is_that_of_the_examples_not_of_a_story_in_a_hurry() -> None:
    bill = "{type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {amount: %d}}"
    story = f"  - {{story: [{{event: {bill % 9_000_000}}}], expect: {{points: 900}}}}\n"
    told = f"{written()}examples:\n{story}"
    assert assuming.typical(loading.load(told), advice.Assumptions()).bill == 9_000_000, "nothing else is known"
    shown = f"  - {{event: {bill % 60_000}, expect: {{points: 6}}}}\n"
    assert assuming.typical(loading.load(told + shown), advice.Assumptions()).bill == 60_000


def test_how_far_a_reward_is_nobody_knows_when_events_of_ones_own_earn() -> None:
    far = written(rewards=TEA.replace("amount: 60", "amount: 90000"))
    spin = "  - {id: spin, on: custom.spin, give: {wallet: points, amount: 900}}\n"
    assert "reward_far" in codes(far)
    assert "reward_far" not in codes(far.replace("earn:\n", f"earn:\n{spin}"))
