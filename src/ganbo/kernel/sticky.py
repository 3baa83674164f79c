"""Chance that stays: a place drawn from names alone, the same on every machine and for ever."""

from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256

PLACES = 1 << 64


def place(*names: str) -> int:
    """A place in [0, PLACES) that follows from the names and looks like chance: the head of their SHA-256."""
    text = "\x1f".join(names)
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def within(place: int, share: Fraction) -> bool:
    """Whether a place lies in the first `share` (0 to 1) of all; a greater share only adds places."""
    return place * share.denominator < PLACES * share.numerator


def pick(place: int, shares: Sequence[Fraction]) -> int | None:
    """Which of the shares, laid end to end, holds the place; None beyond their sum. Shares sum to at most 1."""
    end = Fraction(0)
    for n, share in enumerate(shares):
        end += share
        if within(place, end):
            return n
    return None
