"""IFRS 15: a sale's price is shared between the goods and the points it gives, and the points' part becomes revenue later.

B39–B43 (a material right is a performance obligation), 73–86 (allocation by relative stand-alone prices), B44–B47
(breakage), and the worked example 52, IE267–IE270.
"""

from collections.abc import Mapping
from fractions import Fraction

from ganbo.kernel.points import Rounding, rounded


def allocated(price: int, standalone: Mapping[str, int]) -> dict[str, int]:
    """`price` shared by relative stand-alone prices, minor units; the parts' sum is the price.

    Rounded by largest remainder, ties in the order given. Raises ValueError when there is nothing to share by.
    """
    total = sum(standalone.values())
    if total <= 0 or min(standalone.values()) < 0 or price < 0:
        raise ValueError("prices are not negative, and one of the stand-alone prices is above zero")
    parts = {key: price * one // total for key, one in standalone.items()}
    by_rest = sorted(standalone, key=lambda key: -(price * standalone[key] % total))
    for key in by_rest[: price - sum(parts.values())]:
        parts[key] += 1
    return parts


def recognised(liability: int, *, redeemed: int, expected: int) -> int:
    """What of `liability` is revenue once `redeemed` of the `expected` points were redeemed in all; half up, never more than all."""
    if redeemed < 0 or expected < 0 or liability < 0:
        raise ValueError("neither points nor money are negative here")
    if redeemed >= expected:
        return liability
    return rounded(Fraction(liability * redeemed, expected), Rounding.HALF_UP)


def catch_up(liability: int, *, redeemed: int, expected: int, before: int) -> int:
    """The revenue of a period: all that is recognised by the new expectation, less what was recognised `before`.

    Below zero when more points are now expected to be redeemed than were before, and few were.
    """
    return recognised(liability, redeemed=redeemed, expected=expected) - before
