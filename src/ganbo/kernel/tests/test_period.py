"""Calendar windows by the clocks of a zone, also where clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ganbo.kernel.period import Calendar, Period, window

HANOI, BERLIN, CAIRO = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo")


@pytest.mark.parametrize(
    ("kind", "at", "zone", "start", "end", "why"),
    [
        ("day", "2026-11-23T16:59:59+00:00", HANOI, "2026-11-22T17:00:00", "2026-11-23T17:00:00", "23:59:59 in Hà Nội"),
        (
            "day",
            "2026-11-23T17:00:00+00:00",
            HANOI,
            "2026-11-23T17:00:00",
            "2026-11-24T17:00:00",
            "midnight is next day",
        ),
        (
            "week",
            "2026-11-29T10:00:00+07:00",
            HANOI,
            "2026-11-22T17:00:00",
            "2026-11-29T17:00:00",
            "weeks begin on Monday",
        ),
        ("month", "2026-02-10T10:00:00+07:00", HANOI, "2026-01-31T17:00:00", "2026-02-28T17:00:00", "a short month"),
        (
            "quarter",
            "2026-11-23T10:00:00+07:00",
            HANOI,
            "2026-09-30T17:00:00",
            "2026-12-31T17:00:00",
            "October to December",
        ),
        (
            "year",
            "2026-12-31T17:00:00+00:00",
            HANOI,
            "2026-12-31T17:00:00",
            "2027-12-31T17:00:00",
            "new year in Hà Nội",
        ),
        ("day", "2026-03-29T12:00:00+00:00", BERLIN, "2026-03-28T23:00:00", "2026-03-29T22:00:00", "a day of 23 hours"),
        ("day", "2026-10-25T12:00:00+00:00", BERLIN, "2026-10-24T22:00:00", "2026-10-25T23:00:00", "a day of 25 hours"),
    ],
)
def test_window(kind: Calendar, at: str, zone: ZoneInfo, start: str, end: str, why: str) -> None:
    instant = datetime.fromisoformat(at)
    found = window(kind, instant, zone)
    assert instant in found, why
    assert found.start.astimezone(UTC) == datetime.fromisoformat(start).replace(tzinfo=UTC), why
    assert found.end.astimezone(UTC) == datetime.fromisoformat(end).replace(tzinfo=UTC), why


def test_days_touch_where_midnight_does_not_exist() -> None:
    """In Cairo clocks jumped from 00:00 to 01:00 on 2023-04-28: the two days share one instant and no gap."""
    before = window("day", datetime(2023, 4, 27, 12, tzinfo=UTC), CAIRO)
    after = window("day", datetime(2023, 4, 28, 12, tzinfo=UTC), CAIRO)
    assert before.end.astimezone(UTC) == after.start.astimezone(UTC) == datetime(2023, 4, 27, 22, tzinfo=UTC)


def test_periods_are_half_open_and_aware() -> None:
    period = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    assert period.start in period
    assert period.end not in period
    with pytest.raises(ValueError, match="aware"):
        Period(datetime(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC))
    with pytest.raises(ValueError, match="after it starts"):
        Period(period.end, period.start)
