"""When points end and when they may be used, by the business's calendar. Pure: days in, instants out."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ganbo.kernel.period import first_day, following, midnight, plus_months

_MOST_REMEMBERED = 2_000  # days


@dataclass(frozen=True, slots=True)
class Expiry:
    """When points of a wallet end.

    `rolling`: after whole months or days, with the end of that day. `end_of_month`: with the month that lies `months`
    after the month they were earned in; `end_of_quarter` and `end_of_year` likewise. `fixed_dates`: with the next of
    these days of the year, the day of earning included. `inactivity`: months or days after the member's last activity
    of a kind in `reset_by`; such lots carry no end of their own. A grace lengthens the use by days, or until the end of
    the next such day of a year.
    """

    kind: str  # never, rolling, end_of_month, end_of_quarter, end_of_year, fixed_dates, inactivity
    months: int
    days: int
    zone: ZoneInfo
    periods: int = 0  # quarters or years after the one of earning
    dates: tuple[str, ...] = ()  # MM-DD
    reset_by: frozenset[str] = frozenset()
    grace_days: int = 0
    grace_until: str = ""  # MM-DD
    ends: dict[date, datetime] = field(default_factory=dict, repr=False, compare=False)  # by local day, remembered

    def expires_at(self, occurred_at: datetime) -> datetime | None:
        """The first unusable instant in UTC; None when they never end, or end by inactivity."""
        return self.expires_on(occurred_at.astimezone(self.zone).date())

    def expires_on(self, earned: date) -> datetime | None:
        """The same for points earned on a local day."""
        if self.kind in ("never", "inactivity"):
            return None
        known = self.ends.get(earned)
        if known is None:
            if len(self.ends) >= _MOST_REMEMBERED:
                self.ends.clear()
            known = self.ends[earned] = midnight(_grace(self, _end(self, earned)), self.zone).astimezone(UTC)
        return known

    def inactive_at(self, active_on: date) -> datetime:
        """For `inactivity`: the first unusable instant when nothing resets it after the local day `active_on`."""
        day = months_later(active_on, self.months) + timedelta(days=self.days + 1)
        return midnight(day, self.zone).astimezone(UTC)


def _end(expiry: Expiry, earned: date) -> date:
    """The first day after the points' ordinary life."""
    if expiry.kind == "end_of_month":
        return plus_months(earned, expiry.months + 1)
    if expiry.kind == "end_of_quarter":
        return plus_months(following("quarter", first_day("quarter", earned)), 3 * expiry.periods)
    if expiry.kind == "end_of_year":
        return date(earned.year + expiry.periods + 1, 1, 1)
    if expiry.kind == "fixed_dates":
        ends = [day_of_year(mark, year) for year in (earned.year, earned.year + 1) for mark in expiry.dates]
        return min(day for day in ends if day >= earned) + timedelta(days=1)
    return months_later(earned, expiry.months) + timedelta(days=expiry.days + 1)


def _grace(expiry: Expiry, end: date) -> date:
    """The first unusable day, grace included."""
    if expiry.grace_until:
        last = day_of_year(expiry.grace_until, end.year)
        return (last if last >= end else day_of_year(expiry.grace_until, end.year + 1)) + timedelta(days=1)
    return end + timedelta(days=expiry.grace_days)


def day_of_year(mark: str, year: int) -> date:
    """MM-DD in a year; 29 February is 28 February where there is none."""
    month, day = int(mark[:2]), int(mark[3:])
    if (month, day) == (2, 29) and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
        day = 28
    return date(year, month, day)


def months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where that month is shorter."""
    first = plus_months(day, months)
    return min(first + timedelta(days=day.day - 1), plus_months(first, 1) - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Pending:
    """When earned points may be used: `after` days, `on_date`, or `until_event` (within days, else cancelled)."""

    kind: str  # none, after, on_date, until_event
    days: int
    date: date | None
    event: str
    zone: ZoneInfo

    def usable_at(self, occurred_at: datetime) -> datetime | None:
        """The instant from which they may be used; None at once. For `until_event`: the instant they are cancelled."""
        if self.kind == "none":
            return None
        if self.kind == "on_date":
            assert self.date is not None
            at = midnight(self.date, self.zone).astimezone(UTC)
            return at if at > occurred_at else None
        day = occurred_at.astimezone(self.zone).date() + timedelta(days=self.days)
        return midnight(day, self.zone).astimezone(UTC)
