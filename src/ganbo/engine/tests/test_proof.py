"""Which proof a day's spending takes, and documents that do not say."""

from typing import Any

import pytest

from ganbo.engine import comparing, loading, proof
from ganbo.engine.proof import Claims

DOCUMENT = """
ganbo: 1
programme: p
name: P
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm}}
"""
LEVELS = "spend_proof: [{up_to: 50000, per: day, by: [card_pin]}, {up_to: 200000, per: day, by: [otp, token]}, {by: [manager]}]"
MADE = loading.load(f"{DOCUMENT}{LEVELS}\nclaims: {{within_days: 3}}\n")


@pytest.mark.parametrize(
    ("spent", "ways", "why"),
    [
        (1, ("card_pin", "token", "otp", "manager"), "what is good for more is good for less"),
        (50_000, ("card_pin", "token", "otp", "manager"), "the limit belongs to its level"),
        (50_001, ("token", "otp", "manager"), "one more does not"),
        (200_001, ("manager",), "the last has no limit"),
        (10**12, ("manager",), "however much"),
    ],
)
def test_levels_by_what_the_day_comes_to(spent: int, ways: tuple[str, ...], why: str) -> None:
    assert proof.accepted(MADE.spend_proof, spent) == ways, why


def test_a_programme_that_says_nothing_asks_for_nothing() -> None:
    plain = loading.load(DOCUMENT)
    assert (plain.spend_proof, plain.claims, proof.accepted((), 10**9)) == ((), None, ())
    assert MADE.claims == Claims(3, 2)


@pytest.mark.parametrize(
    ("written", "code", "why"),
    [
        ("spend_proof: [{up_to: 5, per: day, by: [otp]}]", "proof_last", "above five nothing is said"),
        ("spend_proof: [{by: [otp]}, {by: [manager]}]", "proof_last", "two for any amount"),
        ("spend_proof: [{up_to: 5, per: day, by: [otp]}, {up_to: 5, per: day, by: [token]}, {by: [otp]}]", "proof_once", "5 twice"),
        ("spend_proof: [{up_to: 5, by: [otp]}, {by: [otp]}]", "proof_per", "up to 5 a what"),
        ("spend_proof: [{by: [static]}]", "literal_error", "a static id proves nothing"),
        ("claims: {within_days: 0}", "greater_than_equal", "a day at least"),
    ],
)  # fmt: skip
def test_documents_that_cannot_be(written: str, code: str, why: str) -> None:
    with pytest.raises(loading.DocumentRefused) as refused:
        loading.load(f"{DOCUMENT}{written}\n")
    assert [e.code for e in refused.value.errors] == [code], why


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", LEVELS, [("spend_proof", "mixed")]),
        ("claims: {within_days: 3}", "claims: {within_days: 4}", [("claims", "better")]),
        ("claims: {within_days: 3}", "claims: {within_days: 4, max_per_day: 1}", [("claims", "mixed")]),
        ("claims: {within_days: 3}", "", [("claims", "worse")]),
        (LEVELS, f"{LEVELS} # the same", []),
    ],
)
def test_what_a_new_version_changes(old: str, new: str, found: list[Any]) -> None:
    before, after = (loading.load(f"{DOCUMENT}{text}\n") for text in (old, new))
    assert [(change.id, change.verdict) for change in comparing.changes(before, after)] == found
