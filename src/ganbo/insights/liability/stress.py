"""What if everybody redeems everything before a day: how many units, what it costs, and whether the budget bears it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from ganbo.insights.liability.worth import Worth
from ganbo.kernel.points import Rounding, rounded

# First days of the lunar year in Vietnam (UTC+7; 2030 is a day before China's), reckoned from the new moons (Meeus, ch. 49)
TET = tuple(
    date.fromisoformat(day)
    for day in (
        "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-02", "2031-01-23", "2032-02-11", "2033-01-31",
        "2034-02-19", "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24", "2040-02-12",
    )
)  # fmt: skip


def before_tet(today: date) -> date:
    """The last day before the next first day of the lunar year; a year from today once the table has ended."""
    return next((day - timedelta(days=1) for day in TET if day > today), today + timedelta(days=365))


@dataclass(frozen=True, slots=True)
class Ending:
    """Open units whose last day is `last`; None: they do not end."""

    last: date | None
    units: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Of one wallet on one day, were everything open redeemed on it: money in minor units, half up."""

    wallet: str
    day: date
    units: int
    value: int
    cost: int


@dataclass(frozen=True, slots=True)
class LineDemand:
    """A line of the budget: what is left of it, and what all that redeeming would take. `short`: what is missing."""

    line: str
    left: int
    cost: int

    @property
    def short(self) -> int:
        """What is missing; 0 when it suffices."""
        return max(self.cost - self.left, 0)


def demand(open_: Sequence[Ending], worth: Worth, *, days: Sequence[date]) -> list[Demand]:
    """One row a day: what has ended before it is not asked for any more, what is not earned yet is not in it."""
    found = []
    for day in days:
        units = sum(one.units for one in open_ if one.last is None or one.last >= day)
        found.append(Demand(worth.wallet, day, units, _money(worth.value * units), _money(worth.cost * units)))
    return found


def against(cost: int, worth: Worth, lines: Mapping[str, str], left: Mapping[str, int]) -> list[LineDemand]:
    """`cost` shared over the lines that pay, as members redeemed so far; what no line pays is the line "".

    `lines`: reward → line of the budget. Shared by cost, half up; the line with the most takes the rest.
    """
    weights: dict[str, Fraction] = {}
    for use in worth.uses:
        if use.cost is not None and use.units > 0:
            line = lines.get(use.name, "")
            weights[line] = weights.get(line, Fraction(0)) + use.cost * use.units
    total = sum(weights.values(), Fraction(0))
    if not total:
        return [LineDemand("", 0, cost)] if cost else []
    shares = {line: _money(cost * weight / total) for line, weight in weights.items()}
    most = max(shares, key=lambda line: (shares[line], line))
    shares[most] += cost - sum(shares.values())
    return [LineDemand(line, left.get(line, 0), share) for line, share in sorted(shares.items())]


def _money(exact: Fraction) -> int:
    return rounded(exact, Rounding.HALF_UP)
