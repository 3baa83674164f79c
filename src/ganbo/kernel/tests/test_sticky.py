"""Sticky places: the same for ever, even, and only ever added to."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ganbo.kernel import sticky

NAMES = st.lists(st.text(max_size=20), min_size=1, max_size=3)
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=10_000)


def test_a_place_is_the_same_for_ever() -> None:
    """Worked out with printf 'cafe\\x1fholdout\\x1fmember-1' | sha256sum | cut -c1-16."""
    assert sticky.place("cafe", "holdout", "member-1") == 0x23B5745B4DDA2F3C


@given(NAMES, SHARES, SHARES)
def test_a_greater_share_only_adds(names: list[str], one: Fraction, other: Fraction) -> None:
    at, (less, more) = sticky.place(*names), sorted([one, other])
    assert sticky.within(at, more) or not sticky.within(at, less)


@given(NAMES)
def test_nobody_is_in_none_and_everybody_in_all(names: list[str]) -> None:
    at = sticky.place(*names)
    assert not sticky.within(at, Fraction(0)) and sticky.within(at, Fraction(1))
    assert sticky.pick(at, [Fraction(1, 2), Fraction(1, 2)]) in (0, 1)
    assert sticky.pick(at, []) is None


def test_places_are_even_and_know_nothing_of_each_other() -> None:
    held = {salt: {n for n in range(20_000) if sticky.within(sticky.place("cafe", salt, str(n)), Fraction(1, 20))}
            for salt in ("a", "b")}  # fmt: skip
    for chosen in held.values():
        assert abs(len(chosen) - 1_000) < 125, "five per cent of 20,000, four standard deviations of 31"
    assert abs(len(held["a"] & held["b"]) - 50) < 29, "another salt draws anew: 1/400 of them are in both"
