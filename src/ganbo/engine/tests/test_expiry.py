"""When points end and when they may be used: every kind, by the business's own calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ganbo.engine.expiry import Expiry, Pending, day_of_year, months_later

HANOI, NEW_YORK = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("America/New_York")


def last_second(expiry: Expiry, earned: str) -> str | None:
    """The last local day on which points earned on a local day can be used."""
    end = expiry.expires_on(date.fromisoformat(earned))
    if end is None:
        return None
    local = end.astimezone(expiry.zone)
    assert (local.hour, local.minute) == (0, 0), "points end at the business's midnight"
    return date.fromordinal(local.date().toordinal() - 1).isoformat()


def expiry(kind: str, months: int = 0, days: int = 0, **more: object) -> Expiry:
    return Expiry(kind, months, days, **({"zone": HANOI} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "earned", "last", "why"),
    [
        (expiry("never"), "2026-11-25", None, "for ever"),
        (expiry("inactivity", 18), "2026-11-25", None, "the lot has no end of its own"),
        (expiry("rolling", days=1), "2026-11-25", "2026-11-26", "today and one day more"),
        (expiry("rolling", days=365), "2027-11-25", "2028-11-24", "a leap day counts as a day"),
        (expiry("rolling", 12), "2026-11-25", "2027-11-25", "the same day a year on"),
        (expiry("rolling", 1), "2027-01-31", "2027-02-28", "the last day where the month is shorter"),
        (expiry("rolling", 1), "2028-01-31", "2028-02-29", "a leap February"),
        (expiry("rolling", 12), "2028-02-29", "2029-02-28", "earned on a leap day"),
        (expiry("end_of_month", 12), "2026-11-01", "2027-11-30", "the whole month ends together"),
        (expiry("end_of_month", 12), "2026-11-30", "2027-11-30", "its last day too"),
        (expiry("end_of_month", 1), "2027-12-31", "2028-01-31", "over the year's end"),
        (expiry("end_of_quarter"), "2026-11-25", "2026-12-31", "this quarter"),
        (expiry("end_of_quarter", periods=2), "2026-11-25", "2027-06-30", "two quarters more"),
        (expiry("end_of_quarter", periods=1), "2026-03-31", "2026-06-30", "the quarter's last day is still in it"),
        (expiry("end_of_year"), "2026-01-01", "2026-12-31", "this year"),
        (expiry("end_of_year", periods=1), "2026-12-31", "2027-12-31", "next year"),
        (expiry("end_of_year", grace_until="06-30"), "2026-11-25", "2027-06-30", "last year's points until 30/06"),
        (expiry("end_of_year", grace_until="06-30"), "2027-01-01", "2028-06-30", "this year's one year longer"),
        (expiry("end_of_year", grace_until="12-31"), "2026-05-01", "2027-12-31", "the next such day after the end"),
        (expiry("end_of_month", 1, grace_days=10), "2026-11-25", "2027-01-10", "ten days after 31 December"),
        (expiry("rolling", 1, grace_until="02-29"), "2026-11-25", "2027-02-28", "29 February where there is none"),
        (expiry("fixed_dates", dates=("06-30", "12-31")), "2026-11-25", "2026-12-31", "the next of the days"),
        (expiry("fixed_dates", dates=("06-30", "12-31")), "2026-06-30", "2026-06-30", "the day itself counts"),
        (expiry("fixed_dates", dates=("06-30",)), "2026-07-01", "2027-06-30", "over the year's end"),
        (expiry("fixed_dates", dates=("02-29",)), "2027-02-28", "2027-02-28", "29 February in a common year"),
        (expiry("fixed_dates", dates=("02-29",)), "2028-02-28", "2028-02-29", "and in a leap one"),
        (expiry("end_of_month", 4, zone=NEW_YORK), "2026-11-25", "2027-03-31", "summer time began meanwhile"),
    ],
)
def test_the_last_day_of_points(rule: Expiry, earned: str, last: str | None, why: str) -> None:
    assert last_second(rule, earned) == last, why


@pytest.mark.parametrize(
    ("zone", "at", "end", "why"),
    [
        (HANOI, datetime(2026, 11, 30, 16, 59, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC), "still November"),
        (HANOI, datetime(2026, 11, 30, 17, 0, tzinfo=UTC), datetime(2027, 1, 31, 17, tzinfo=UTC), "December there"),
        (NEW_YORK, datetime(2026, 12, 1, 4, 59, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC), "still November"),
        (NEW_YORK, datetime(2027, 2, 10, tzinfo=UTC), datetime(2027, 4, 1, 4, tzinfo=UTC), "midnight of summer time"),
    ],
)
def test_the_day_is_the_business_s(zone: ZoneInfo, at: datetime, end: datetime, why: str) -> None:
    assert expiry("end_of_month", 1, zone=zone).expires_at(at) == end, why


def test_inactivity_counts_from_the_last_active_day() -> None:
    rule = expiry("inactivity", 18)
    assert rule.inactive_at(date(2026, 8, 31)) == datetime(2028, 2, 29, 17, tzinfo=UTC), "29 February 2028 is the last"
    assert expiry("inactivity", days=90, zone=NEW_YORK).inactive_at(date(2026, 1, 1)) == datetime(
        2026, 4, 2, 4, tzinfo=UTC
    ), "1 January and ninety days more, by summer time"


@pytest.mark.parametrize(
    ("waits", "usable", "why"),
    [
        (Pending("none", 0, None, "", HANOI), None, "at once"),
        (Pending("after", 7, None, "", HANOI), datetime(2026, 12, 1, 17, tzinfo=UTC), "the seventh midnight after"),
        (Pending("until_event", 1, None, "custom.x", HANOI), datetime(2026, 11, 25, 17, tzinfo=UTC), "let go then"),
        (Pending("on_date", 0, date(2027, 1, 1), "", HANOI), datetime(2026, 12, 31, 17, tzinfo=UTC), "its midnight"),
        (Pending("on_date", 0, date(2026, 11, 25), "", HANOI), None, "that day has begun"),
        (Pending("after", 1, None, "", NEW_YORK), datetime(2026, 11, 25, 5, tzinfo=UTC), "still the 24th there"),
    ],
)
def test_when_pending_points_are_usable(waits: Pending, usable: datetime | None, why: str) -> None:
    assert waits.usable_at(datetime(2026, 11, 25, 1, 0, tzinfo=UTC)) == usable, why


@pytest.mark.parametrize(
    ("mark", "year", "day", "why"),
    [
        ("02-29", 2000, date(2000, 2, 29), "every 400 years it is one"),
        ("02-29", 2100, date(2100, 2, 28), "every 100 it is none"),
        ("12-31", 2026, date(2026, 12, 31), "as written"),
    ],
)
def test_a_day_of_any_year(mark: str, year: int, day: date, why: str) -> None:
    assert day_of_year(mark, year) == day, why


def test_months_later_never_leaves_the_month() -> None:
    assert months_later(date(2026, 10, 31), 1) == date(2026, 11, 30)
    assert months_later(date(2026, 10, 31), 4) == date(2027, 2, 28)
