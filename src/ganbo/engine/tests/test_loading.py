"""From text to programme: every reason why not, with line and column."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import loading
from ganbo.engine.tests.sample import SAMPLE, with_rules
from ganbo.engine.text import Placed

GIVE = "{id: a, on: purchase, give: {wallet: points, amount: 1}%s}"


def refused(source: str) -> list[tuple[str, str, int, int]]:
    with pytest.raises(loading.DocumentRefused) as failure:
        loading.load(source)
    return [(e.code, e.path, e.line, e.column) for e in failure.value.errors]


@pytest.mark.parametrize(
    ("old", "new", "expected", "why"),
    [
        ("currency: VND", "currency: VND\ncurrency: EUR", ("document_duplicate_key", "", 5, 1), "a key once"),
        ("currency: VND", "currency: &c VND", ("document_alias", "", 4, 11), "no anchors"),
        ("currency: VND", "currency: !money VND", ("document_tag", "", 4, 11), "no tags"),
        ("currency: VND", "currency: [VND", ("document_syntax", "", 5, 9), "a bracket left open"),
        ("currency: VND", "curency: VND", ("unknown_key", "curency", 4, 1), "a typing error"),
        ("currency: VND", "currency: 704", ("string_type", "currency", 4, 1), "a number is no code"),
        ("Asia/Ho_Chi_Minh", "Asia/Saigonn", ("unknown_timezone", "timezone", 5, 1), "no such zone"),
        ("face_value: 100", "face_value: 1.5", ("int_type", "wallets.points.face_value", 7, 42), "whole units"),
        ("net >= 10000", "nett >= 10000", ("condition_unknown_name", "earn.0.when", 10, 41), "column within the line"),
        ("rule: base,", "rule: bass,", ("unknown_rule", "earn.1.multiply.rule", 11, 97), "a dangling reference"),
        ("on: review", "on: yes", ("string_pattern_mismatch", "earn.3.on", 13, 18), "yes is a word, not a type"),
        ("id: welcome", "id: base", ("duplicate_id", "earn.4.id", 14, 6), "ids once"),
        ("tier: silver", "tier: silber", ("unknown_tier", "examples.0.given.member.tier", 25, 22), "in examples too"),
        ("{points: 26}", "{stars: 26}", ("unknown_wallet", "examples.0.expect.stars", 27, 14), "in examples too"),
    ],
)
def test_what_is_wrong_and_where(old: str, new: str, expected: tuple[str, str, int, int], why: str) -> None:
    assert expected in refused(SAMPLE.replace(old, new)), why


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("rewards:\n", "referral: {}\nrewards:\n", "referral"),
        ("rewards:\n", "occasions: []\nrewards:\n", "occasions"),
        ("rewards:\n", "messages: {}\nrewards:\n", "messages"),
        ("rewards:\n", "games: []\nrewards:\n", "games"),
    ],
)  # fmt: skip
def test_what_later_versions_bring_is_said_to_come_later(old: str, new: str, path: str) -> None:
    assert [(code, where) for code, where, _, _ in refused(SAMPLE.replace(old, new))] == [("programme.not_yet", path)]


@pytest.mark.parametrize(
    ("rule", "code", "why"),
    [
        (GIVE % ", multiply: {rule: a, by: 2}", "give_or_multiply", "one or the other"),
        ("{id: a, on: purchase, multiply: {by: 2}}", "rule_or_wallet", "of what?"),
        ("{id: a, on: purchase, give: {wallet: points, amount: 1, per: 10}}", "per_and_of", "per 10 of what?"),
        ("{id: a, on: purchase, give: {wallet: points, amount: 1, carry: true}}", "carry_needs_down", "nothing is left over"),
        ("{id: a, on: review, give: {wallet: points, amount: 1, per: 1, of: net}}", "of_needs_purchase", "no bill"),
        ("{id: a, on: review, when: order.net > 1, give: {wallet: points, amount: 1}}", "condition_without_order", "no bill"),
        (GIVE % ", limits: [{period: day}]", "one_of_count_points_money", "how many?"),
        (GIVE % ", limits: [{period: {rolling_days: 0}, count: 1}]", "greater_than_equal", "at least today"),
        (GIVE % ", limits: [{period: fortnight, count: 1}]", "literal_error", "not a period"),
        (GIVE % ", lines: 'member.tier == \"x\"'", "condition_unknown_name", "lines read lines"),
        ("{id: a, on: purchase, give: {wallet: gold, amount: 1}}", "unknown_wallet", "a dangling reference"),
        ("{id: a, on: purchase, give: {wallet: points, amount: 0}}", "greater_than_equal", "nothing is no gift"),
        ("{id: a, on: visit, give: {wallet: points, amount: 1}, expires: {kind: inactivity, days: 9}}", "inactivity_of_wallet", "a whole wallet or none"),
        ("{id: a, on: visit, give: {wallet: points, amount: 1}, pending: {kind: after}}", "pending_needs", "after what?"),
        ("{id: a, on: visit, give: {wallet: points, amount: 1}, expires: {kind: never, grace: {days: 1}}}", "grace_without_end", "longer than ever?"),
        ("{id: Ä, on: purchase, give: {wallet: points, amount: 1}}", "string_pattern_mismatch", "plain ids"),
    ],
)  # fmt: skip
def test_rules_that_mean_nothing(rule: str, code: str, why: str) -> None:
    assert [found for found, _, _, _ in refused(with_rules(rule))] == [code], why


@pytest.mark.parametrize(
    "source", ["", "[]", "- a", "\tx: 1", "a: 1\n---\nb: 2", "? [a]\n: 1", "[" * 5_000, "\x00", "x" * 300_000]
)
def test_what_is_no_document_at_all(source: str) -> None:
    assert refused(source)


def test_json_is_a_document_too() -> None:
    plain = json.dumps(Placed(SAMPLE.replace("1.2", "2").replace("1.5", "3").replace("26}", "44}")).value, indent="\t")
    assert loading.load(plain).rules[1].multiply is not None


@pytest.mark.parametrize(
    ("written", "value", "why"),
    [
        ("on", "on", "a word"),
        ("NO", "NO", "a word"),
        ("true", True, "a yes"),
        ("12:30:45", "12:30:45", "no sexagesimals"),
        ("2026-11-23", "2026-11-23", "no timestamps"),
        ("0.1", Decimal("0.1"), "exact"),
        ("1e3", Decimal("1e3"), "exact"),
        ("0x1F", 31, "core schema"),
        ("0o17", 15, "core schema"),
        ("017", 17, "not octal"),
        ("1_000", "1_000", "a word"),
        ("~", None, "nothing"),
        ("'1'", "1", "quoted is text"),
    ],
)
def test_yaml_is_the_core_schema(written: str, value: Any, why: str) -> None:
    found = Placed(f"key: {written}").value["key"]
    assert (type(found), found) == (type(value), value), why


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_loader(source: str) -> None:
    with pytest.raises(loading.DocumentRefused):
        loading.load(source)


@given(st.integers(0, len(SAMPLE) - 1), st.sampled_from(list("{}[]:,'\"&*!#\n\t -0x")))
@settings(max_examples=25, deadline=None)
def test_one_wrong_character_is_refused_or_harmless(place: int, character: str) -> None:
    try:
        loading.load(SAMPLE[:place] + character + SAMPLE[place + 1 :])
    except loading.DocumentRefused as failure:
        assert failure.errors


def test_codes_of_others_are_published() -> None:
    reward = "{id: books, kind: partner_card, codes: imported, price: {wallet: points, amount: 100}}"
    source = SAMPLE.replace("rewards:\n", f"rewards:\n  - {reward}\n")
    assert loading.load(source, publishing=True).rewards["books"].imported
