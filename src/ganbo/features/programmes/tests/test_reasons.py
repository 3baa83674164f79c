"""Every way in which a rule or a card may not apply has its words, in Vietnamese and English."""

import inspect
import re
from dataclasses import replace
from typing import Any

import pytest

from ganbo.engine import decide as deciding
from ganbo.engine import loading, stamps
from ganbo.engine.decide import decide
from ganbo.engine.facts import Facts, StampState, Used
from ganbo.engine.programme import Programme
from ganbo.engine.tests.cases import event, lan, purchase
from ganbo.engine.tests.sample import SAMPLE
from ganbo.features.programmes import why

HEAD, TAIL = SAMPLE[: SAMPLE.index("  - {id: base")], SAMPLE[SAMPLE.index("tiers:") : SAMPLE.index("examples:")]
NET = "{id: a, on: purchase, %sgive: {wallet: points, amount: 1, per: 10000, of: net}%s}"
FLAT = "{id: a, on: purchase, %sgive: {wallet: points, amount: 9}%s}"
PIECES = "{id: a, on: purchase, lines: 'line.sku == \"tea\"', give: {wallet: points, amount: 1, per: 5, of: quantity}}"
TWICE = "{id: a, on: purchase, multiply: {rule: b, by: 2}, combine: best}"
THRICE = "{id: better, name: {vi: Ngày vui, en: Happy day}, on: purchase, multiply: {rule: b, by: 3}, combine: best}"
B = "{id: b, on: purchase, give: {wallet: points, amount: 1}}"
SAY = "say: {vi: Hóa đơn tròn nghìn, en: bills are round thousands}"
AROUND = "never: {earn: [tobacco]}\nruns: {from: 2026-11-01, earn_until: 2027-11-01}\n"
USED = {("member:lan", "a", "day:2026-11-23"): Used(1, 9, 0)}
MONTH = {("member:lan", "a", "month:2026-11"): Used(1, 9, 500_000)}
SHARED = {("rule", "a", "week:2026-48"): Used(40, 9, 0)}


def made_of(*rules: str, more: str = "") -> Programme:
    """The sample with these rules instead of its own."""
    return loading.load(HEAD + "".join(f"  - {rule}\n" for rule in rules) + more + TAIL)


def stopped(*rules: str, more: str = "") -> Programme:
    """The same with a hard stop on the line that pays for the tote, 60,000 ₫ each."""
    line = "budget: {lines: {gifts: {planned: 60000, stop: hard}}}\n"
    return loading.load(
        (HEAD + "".join(f"  - {rule}\n" for rule in rules) + more + line + TAIL).replace(
            "cost: 60000", "cost: 60000, budget: gifts"
        )
    )


def tea(quantity: Any) -> Facts:
    return purchase(lines=[{"sku": "tea", "quantity": quantity, "unit_price": 30_000}])


RULES = [
    ("no_member", [B], purchase(anonymous=True), "The sale was recorded without a member, so it earned nothing; it can still be claimed."),
    ("during", [FLAT % ("during: {from: 2027-06-01, until: 2027-07-01}, ", "")], purchase(), "it counts only when the day is from 1 June 2027 until before 1 July 2027"),
    ("during", [FLAT % ("during: {days: [tue, wed], hours: [14, 17]}, ", "")], purchase(), "it counts only when the day is Tuesday or Wednesday and the time is between 14:00 and 17:00"),
    ("during", [FLAT % ("during: {from: 2027-06-01}, ", "")], purchase(), "it counts only when the day is from 1 June 2027 on"),
    ("condition", [FLAT % ("when: order.net >= 200000, ", "")], purchase(), "the bill 110,000 ₫, from 200,000 ₫ needed, 90,000 ₫ missing"),
    ("condition", [FLAT % ("when: 'member.tier in [\"gold\"]', ", "")], purchase(), "it counts only when the tier is Gold"),
    ("condition", [FLAT % ("when: order.net % 1000 == 1, ", ", " + SAY)], purchase(), "it counts only when bills are round thousands"),
    ("condition", [FLAT % ("when: event.gift, ", "")], purchase(), "the event does not say “gift”"),
    ("condition", ["{id: a, on: review, when: event.verified, give: {wallet: points, amount: 1}}"], event("review", verified=False), "“verified” no, only yes counts"),
    ("condition", ["{id: a, on: custom.flight, give: {wallet: points, amount: event.miles}}"], event("custom.flight"), "the event does not say “miles”"),
    ("no_lines", [PIECES], purchase(), "nothing on the bill counts for it"),
    ("below_step", [NET % ("", "")], purchase(9_999), "9,999 ₫ so far, a step is 10,000 ₫, 1 ₫ missing"),
    ("below_step", [PIECES], tea("3.5"), "3.5 pieces so far, a step is 5"),
    ("below_step", ["{id: a, on: custom.flight, give: {wallet: points, amount: event.miles}}"], event("custom.flight", miles=0), "what it counts came to nothing"),
    ("below_one", [B, "{id: half, on: purchase, multiply: {rule: b, by: 0.5}}"], purchase(), "it came to less than one whole"),
    ("limit", [FLAT % ("", ", limits: [{period: day, count: 1}]")], purchase(used=USED), "its limit of 1 a day is reached"),
    ("limit", [FLAT % ("", ", limits: [{period: day, points: 9}]")], purchase(used=USED), "its limit of 9 points a day is reached"),
    ("limit", [FLAT % ("", ", limits: [{period: month, money: 500000}]")], purchase(used=MONTH), "its limit of 500,000 ₫ of spending a month is reached"),
    ("limit", [FLAT % ("", ", limits: [{scope: rule, period: week, count: 40}]")], purchase(used=SHARED), "its limit of 40 a week for everybody together is reached"),
    ("limit", ["{id: a, on: purchase, give: {voucher: tote}, limits: [{period: day, count: 1}]}"], purchase(used=USED), "its limit of 1 a day is reached"),
    ("limit", [B, TWICE[:-1] + ", limits: [{period: {rolling_days: 3}, count: 1}]}"], purchase(used=USED), "its limit of 1 in 3 days is reached"),
    ("tier", ["{id: a, on: purchase, give: {by_tier: {gold: tote}}}"], purchase(), "it is for members of Gold"),
    ("budget", ["{id: a, on: purchase, give: {voucher: tote}}"], purchase(), "the budget for it is used up for now"),
    ("never", [B], purchase(lines=[{"sku": "x", "category": "tobacco", "unit_price": 9}]), "everything on this bill is left out of the programme"),
    ("runs", [B], purchase(at="2026-10-31T10:00:00+07:00"), "the programme begins on 1 November 2026"),
    ("runs", [B], purchase(at="2027-11-23T10:00:00+07:00"), "the last day to earn was 1 November 2027"),
    ("outdone", [B, TWICE, THRICE], purchase(), "of several only the best counts, here Happy day"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "rules", "facts", "words"), RULES)
def test_why_a_rule_did_not_apply(reason: str, rules: list[str], facts: Facts, words: str) -> None:
    made = made_of(*rules, more=AROUND) if reason != "budget" else stopped(*rules)
    trace = decide(replace(facts, budget={"gifts": 59_999}), made).trace
    assert reason in {entry.get("reason") for entry in trace.rules}
    english = why.because_not(trace, made, locale="en", address=None)
    assert any(words in sentence for sentence in english), english
    assert not any("its condition did not hold" in sentence for sentence in english), "a reason without words"
    vietnamese = why.because_not(trace, made, locale="vi", address=None)
    assert len(vietnamese) == len(english)
    assert not set(vietnamese) & set(english)


def test_less_than_it_would_have_been_is_told_too() -> None:
    made = made_of(FLAT % ("", ", limits: [{period: month, points: 12}]"))
    trace = decide(purchase(used=MONTH), made).trace
    expected = ["Rule a gave less: its limit of 12 points a month is reached."]
    assert why.because_not(trace, made, locale="en", address=None) == expected


CARD = "stamp_cards: [{id: tea, name: {vi: Thẻ trà, en: Tea card}, on: purchase, lines: 'line.sku == \"tea\"', count: unit, size: 8, reward: tote%s}]\n"
STAMPS = [
    ("card_done", ", repeat: false", 1, StampState(filled=1), "No stamp on Tea card: the card is full already."),
    ("condition", ", when: order.net >= 100000", 1, StampState(), "No stamp on Tea card: the bill 30,000 ₫, from 100,000 ₫ needed, 70,000 ₫ missing."),
    ("condition", ", when: 'member.tier in [\"gold\"]'", 1, StampState(), "No stamp on Tea card: it counts only when the tier is Gold."),
    ("min_order", ", min_order: 50000", 1, StampState(), "No stamp on Tea card: bills from 50,000 ₫ count, 20,000 ₫ missing."),
    ("no_lines", "", "0.5", StampState(), "No stamp on Tea card: nothing on the bill counts for it."),
    ("per_day", ", max_per_day: 3", 1, StampState(begun=True, day=purchase().occurred_at.date(), today=3), "No stamp on Tea card: the most for one day is 3."),
    ("budget", "", 1, StampState(count=7, begun=True), "No gift from Tea card yet: it is full; its gift comes with a later stamp, once the budget for it allows."),
    ("per_day", ", max_per_day: 3", 5, StampState(), "Fewer stamps on Tea card: the most for one day is 3."),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "more", "quantity", "state", "words"), STAMPS)
def test_why_a_card_was_not_stamped(reason: str, more: str, quantity: Any, state: StampState, words: str) -> None:
    made = stopped(B, more=CARD % more)
    facts = purchase(
        lines=[{"sku": "tea", "quantity": quantity, "unit_price": 30_000}], member=lan(stamps={"tea": state})
    )
    trace = decide(replace(facts, budget={"gifts": 0}), made).trace
    assert [row["reason"] for row in trace.stamps] == [reason]
    assert why.because_not(trace, made, locale="en", address=None) == [words]
    assert why.because_not(trace, made, locale="vi", address=None) != [words]


def test_the_tables_above_know_every_reason() -> None:
    """A new reason of a trace without a row here, and so without words, fails."""
    found = r'"reason(?:"\]|s)?"?(?:, entry\["(?:limit|missing)"\])?[:=] ?"([a-z_]+)"|\["reason"\](?:, entry\["[a-z]+"\])? = "([a-z_]+)"'
    in_rules = {a or b for a, b in re.findall(found, inspect.getsource(deciding))}
    in_stamps = {a or b for a, b in re.findall(found, inspect.getsource(stamps))}
    assert in_rules == {reason for reason, *_ in RULES}
    assert in_stamps == {reason for reason, *_ in STAMPS}
