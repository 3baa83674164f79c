"""Where a figure is heading, and what light that gives its goal. Pure: months in, a sentence's numbers out.

The forecast is a straight line through the last six whole months by least squares, with the interval a single later month falls
into four times in five when things go on as before. Shares are drawn on the scale of log-odds, so that they stay between 0 and 1.
It knows no season and no plans; that is what makes it easy to check by hand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from scipy import stats

LEAST_MONTHS = 3  # two points always lie on a line
MOST_MONTHS = 6  # what is older says little of where it goes
EDGE = 0.005  # a share of nobody or everybody is drawn as if it were this far from it
SURE = 0.8
Light = Literal["green", "amber", "red", "grey", "met", "missed"]
Point = tuple[int, float]  # (number of the month, what was measured)
FALLS = frozenset({"churn"})  # figures that are to fall when nothing else is said


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the month is expected to bring, and between what it lies four times in five."""

    value: float
    low: float
    high: float
    months: int  # how many months it goes by


def forecast(points: Sequence[Point], month: int) -> Forecast | None:
    """The line through the last six of these, ordered by month; None of fewer than three."""
    used = points[-MOST_MONTHS:]
    n = len(used)
    if n < LEAST_MONTHS:
        return None
    middle = sum(x for x, _ in used) / n
    mean = sum(y for _, y in used) / n
    spread = sum((x - middle) ** 2 for x, _ in used)
    slope = sum((x - middle) * (y - mean) for x, y in used) / spread
    value = mean + slope * (month - middle)
    left = sum((y - mean - slope * (x - middle)) ** 2 for x, y in used)
    error = math.sqrt(left / (n - 2) * (1 + 1 / n + (month - middle) ** 2 / spread))
    half = float(stats.t.ppf((1 + SURE) / 2, n - 2)) * error
    return Forecast(value, value - half, value + half, n)


def of_share(points: Sequence[Point], month: int) -> Forecast | None:
    """The same for a share of one, by its log-odds."""
    bent = [(x, _odds(y)) for x, y in points]
    found = forecast(bent, month)
    if found is None:
        return None
    return Forecast(_share(found.value), _share(found.low), _share(found.high), found.months)


def _odds(share: float) -> float:
    kept = min(max(share, EDGE), 1 - EDGE)
    return math.log(kept / (1 - kept))


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-max(min(odds, 50.0), -50.0)))


def rises(kpi: str, start: Decimal | None, target: Decimal) -> bool:
    """Whether the figure is to grow: as from a written start to target, without one by what it is."""
    return kpi not in FALLS if start is None or start == target else target > start


def light(target: float, *, up: bool, last: Point | None, by: int, ahead: Forecast | None) -> Light:
    """Of a goal for the month `by`: met or missed when that is measured; else green, amber or red by the forecast, grey without one.

    Green: the line reaches it. Amber: it lies within the interval. Red: not even the interval reaches it.
    """
    if last is not None and last[0] >= by:
        return "met" if _reached(last[1], target, up) else "missed"
    if ahead is None:
        return "grey"
    if _reached(ahead.value, target, up):
        return "green"
    return "amber" if _reached(ahead.high if up else ahead.low, target, up) else "red"


def _reached(value: float, target: float, up: bool) -> bool:
    return value >= target if up else value <= target
