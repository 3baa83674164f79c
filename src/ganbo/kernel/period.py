"""Half-open periods of time, and the calendar ones a business lives by."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Calendar = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (included) to `end` (excluded); both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period needs aware instants")
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


def first_day(kind: Calendar, day: date) -> date:
    """The first day of the calendar period that holds `day`; weeks begin on Monday."""
    if kind == "day":
        return day
    if kind == "week":
        return day - timedelta(days=day.weekday())
    if kind == "month":
        return day.replace(day=1)
    if kind == "quarter":
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    return date(day.year, 1, 1)


def plus_months(day: date, months: int) -> date:
    """The first of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def following(kind: Calendar, first: date) -> date:
    """The first day of the next period of this kind."""
    if kind in ("day", "week"):
        return first + timedelta(days=1 if kind == "day" else 7)
    return plus_months(first, {"month": 1, "quarter": 3, "year": 12}[kind])


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant the day begins in `zone`; where clocks skip midnight, the first instant that exists."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def window(kind: Calendar, at: datetime, zone: ZoneInfo) -> Period:
    """The calendar period of `kind` that holds `at`, by the clocks of `zone`."""
    first = first_day(kind, at.astimezone(zone).date())
    return Period(midnight(first, zone), midnight(following(kind, first), zone))
