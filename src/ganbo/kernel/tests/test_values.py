"""Values of the kernel: what they hold, what they refuse on birth, and how they divide."""

import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganbo.kernel import ids
from ganbo.kernel.fold import fold
from ganbo.kernel.local_text import LocalText
from ganbo.kernel.money import Money, digits
from ganbo.kernel.points import Points, Rounding, rounded, split
from ganbo.kernel.refusal import Refusal


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("Nguyễn Văn Đạt", "nguyen van dat", "marks go, đ is d"),
        (unicodedata.normalize("NFD", "Nguyễn Văn Đạt"), "nguyen van dat", "however the phone types it"),
        ("  BÀ   Tư ", "ba tu", "single spaces, none at the ends"),
        ("đĐ", "dd", "both cases of đ"),
        ("STRASSE straße", "strasse strasse", "case folding, not lower case"),
        ("", "", "nothing stays nothing"),
    ],
)
def test_fold(text: str, expected: str, why: str) -> None:
    assert fold(text) == expected, why


@pytest.mark.parametrize(
    ("value", "rounding", "expected", "why"),
    [
        (Fraction(5, 2), Rounding.DOWN, 2, "a part is dropped"),
        (Fraction(5, 2), Rounding.UP, 3, "a part counts whole"),
        (Fraction(5, 2), Rounding.HALF_UP, 3, "a half counts whole"),
        (Fraction(7, 3), Rounding.HALF_UP, 2, "less than half is dropped"),
        (Fraction(4), Rounding.UP, 4, "nothing to round"),
    ],
)
def test_rounded(value: Fraction, rounding: Rounding, expected: int, why: str) -> None:
    assert rounded(value, rounding) == expected, why


@pytest.mark.parametrize(
    ("total", "weights", "expected", "why"),
    [
        (10, [1, 1, 1], [4, 3, 3], "the odd unit goes to the earliest of equals"),
        (5000, [110000, 40000], [3667, 1333], "the larger remainder gets the rest"),
        (3, [0, 0], [0, 0], "nothing to split over"),
        (0, [5, 5], [0, 0], "nothing to split"),
    ],
)
def test_split(total: int, weights: list[int], expected: list[int], why: str) -> None:
    assert split(total, [Fraction(w) for w in weights]) == expected, why


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_split_loses_nothing(total: int, weights: list[int]) -> None:
    parts = split(total, [Fraction(w) for w in weights])
    assert sum(parts) == (total if any(weights) else 0)
    assert min(parts) >= 0


def test_money_is_exact() -> None:
    assert Money(1_050, "EUR") + Money(50, "EUR") == Money(1_100, "EUR")
    assert Money(100, "EUR").share(of=3, rounding=Rounding.DOWN) == Money(33, "EUR")
    assert [digits(c) for c in ("VND", "EUR", "KWD")] == [0, 2, 3]


@pytest.mark.parametrize(
    ("make", "error", "why"),
    [
        (lambda: Money(1.5, "EUR"), TypeError, "a float is not money"),  # type: ignore[arg-type]
        (lambda: Money(True, "EUR"), TypeError, "nor is a yes"),
        (lambda: Money(1, "euro"), ValueError, "not an ISO code"),
        (lambda: Money(1, "EUR") + Money(1, "VND"), ValueError, "currencies never mix"),
        (lambda: Points(-1), ValueError, "points are not negative"),
        (lambda: Points(1) - Points(2), ValueError, "no more is taken than there is"),
        (lambda: Points(1.0), TypeError, "points are whole"),  # type: ignore[arg-type]
        (lambda: ids.uuid7(1 << 48, 0), ValueError, "beyond the year 10889"),
        (lambda: ids.uuid7(0, 1 << 74), ValueError, "too much chance"),
    ],
)
def test_nonsense_is_refused_on_birth(make: object, error: type[Exception], why: str) -> None:
    with pytest.raises(error):
        make()  # type: ignore[operator]


@given(st.integers(0, (1 << 48) - 2), st.integers(0, (1 << 74) - 1), st.integers(0, (1 << 74) - 1))
def test_uuid7_is_ordered_by_time(at_ms: int, one: int, other: int) -> None:
    earlier, later = ids.uuid7(at_ms, one), ids.uuid7(at_ms + 1, other)
    assert earlier < later
    assert (earlier.version, earlier.variant) == (7, "specified in RFC 4122")


@pytest.mark.parametrize(
    ("texts", "language", "expected", "why"),
    [
        ({"vi": "điểm", "en": "points"}, "en", "points", "the language asked for"),
        ({"vi": "điểm", "en": "points"}, "en-GB", "points", "a region falls back to its language"),
        ({"vi": "điểm"}, "en", "điểm", "then Vietnamese"),
        ({"en": "points"}, "fr", "points", "then English"),
        ({"fr": "points"}, "en", "points", "then whatever there is"),
        ({}, "vi", "", "or nothing"),
    ],
)
def test_local_text(texts: dict[str, str], language: str, expected: str, why: str) -> None:
    assert LocalText(texts).text(language) == expected, why


def test_a_refusal_carries_code_and_numbers() -> None:
    class TooMany(Refusal):
        """More than there is."""

        code = "tests.too_many"

    refusal = TooMany(left=3)
    assert (refusal.code, refusal.params, str(refusal)) == ("tests.too_many", {"left": 3}, "tests.too_many")
