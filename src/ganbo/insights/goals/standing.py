"""Where each goal stands now, and where it is heading."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ganbo.engine.purposes import Goal
from ganbo.features.goals import forecasting
from ganbo.features.goals.forecasting import Forecast, Light, Point
from ganbo.features.goals.queries import BaselineRow
from ganbo.insights.kpis import counting
from ganbo.insights.kpis.definitions import COUNT, KPIS, MONEY, SHARE
from ganbo.insights.kpis.facts import Facts

BACK = 24  # months that are read
SATISFACTION = ("nps", "csat")  # kept with every version's baseline when there are answers
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Standing:
    """One goal: `start` as the document says or as measured when the version began; `points`: whole months, the last of them `now`."""

    goal: Goal
    start: Decimal | None
    measured: bool  # whether the start was measured, not written
    points: tuple[Point, ...]
    ahead: Forecast | None
    light: Light
    up: bool

    @property
    def now(self) -> float | None:
        """The last whole month that was measured."""
        return self.points[-1][1] if self.points else None

    @property
    def way(self) -> float | None:
        """How much of the way from start to target is gone, below 0 when it went back; None without a way."""
        if self.start is None or self.now is None or (self.goal.target > self.start) != self.up:
            return None  # it began beyond its target
        if self.start == self.goal.target:
            return None
        return (self.now - float(self.start)) / float(self.goal.target - self.start)


def of(goals: Iterable[Goal], baselines: Mapping[str, BaselineRow], facts: Facts) -> list[Standing]:
    """Every goal in document order."""
    return [_standing(goal, baselines.get(goal.kpi), facts) for goal in goals]


def _standing(goal: Goal, baseline: BaselineRow | None, facts: Facts) -> Standing:
    points = months(facts, goal.kpi)
    start = goal.start if goal.start is not None else baseline.value if baseline else None
    by = counting.number(goal.by)
    up = forecasting.rises(goal.kpi, goal.start, goal.target)
    till = [point for point in points if point[0] <= by]
    ahead = _ahead(goal.kpi, till, by) if not till or till[-1][0] < by else None
    light = forecasting.light(float(goal.target), up=up, last=till[-1] if till else None, by=by, ahead=ahead)
    return Standing(goal, start, goal.start is None, tuple(till), ahead, light, up)


def _ahead(kpi: str, points: list[Point], month: int) -> Forecast | None:
    """The forecast; of people and money not below 0."""
    unit = KPIS[kpi].unit
    if unit == SHARE:
        return forecasting.of_share(points, month)
    found = forecasting.forecast(points, month)
    if found is None or unit not in (COUNT, MONEY):
        return found
    return Forecast(max(found.value, 0.0), max(found.low, 0.0), max(found.high, 0.0), found.months)


def months(facts: Facts, kpi: str) -> list[Point]:
    """What was measured in each whole month, the earliest first; months without a value are left out."""
    last = counting.last_month(facts)
    rows = counting.rows(facts, KPIS[kpi], first=last - BACK, last=last)
    return [(_number(row.month), float(row.value)) for row in rows if row.value is not None and not row.partial]


def before(facts: Facts, kpis: Iterable[str], day: date) -> tuple[date, dict[str, Decimal | None]]:
    """The month before a day, and each figure in it; of satisfaction only what was measured."""
    month = counting.number(day) - 1
    found: dict[str, Decimal | None] = {}
    wanted = list(kpis)
    for kpi in dict.fromkeys([*wanted, *SATISFACTION]):
        (row,) = counting.rows(facts, KPIS[kpi], first=month, last=month) or [None]
        value = None if row is None or row.value is None else Decimal(str(row.value)).quantize(_PLACES)
        if value is not None or kpi in wanted:
            found[kpi] = value
    return date(month // 12, month % 12 + 1, 1), found


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
