"""Points: a whole number of one wallet's units. Division names its rounding."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction


class Rounding(Enum):
    """What happens to a part of a unit."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"


def rounded(value: Fraction, rounding: Rounding) -> int:
    """A whole number from an exact fraction."""
    if rounding is Rounding.DOWN:
        return value.numerator // value.denominator
    if rounding is Rounding.UP:
        return -(-value.numerator // value.denominator)
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


@dataclass(frozen=True, slots=True, order=True)
class Points:
    """A number of points, whole and not negative."""

    amount: int

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise TypeError(f"points are whole numbers, not {self.amount!r}")
        if self.amount < 0:
            raise ValueError(f"points are not negative: {self.amount}")

    def __add__(self, other: "Points") -> "Points":
        return Points(self.amount + other.amount)

    def __sub__(self, other: "Points") -> "Points":
        """Raises ValueError when more is taken than there is."""
        return Points(self.amount - other.amount)

    def share(self, *, of: int, rounding: Rounding) -> "Points":
        """One of `of` equal parts."""
        return Points(rounded(Fraction(self.amount, of), rounding))


def split(total: int, weights: list[Fraction]) -> list[int]:
    """`total` in whole parts proportional to `weights`, by largest remainder, ties to the earlier; sums to `total`."""
    whole = sum(weights, Fraction(0))
    if whole <= 0:
        return [0] * len(weights)
    exact = [Fraction(total) * weight / whole for weight in weights]
    parts = [value.numerator // value.denominator for value in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def shown_balance(held: int, owed: int, floor: int) -> tuple[int, int]:
    """(available, owed) as people see them: of what is owed, as much as `floor` (≤ 0) allows is shown below zero."""
    below = min(owed, -floor)
    return held - below, owed - below
