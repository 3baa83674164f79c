"""The demo's year can be recorded whenever it is started, and is the same year for the same day."""

from datetime import date, datetime, time

import pytest

from ganbo.doors.cli import demo_history


@pytest.mark.parametrize(
    "base",
    [
        date(2026, 11, 24),  # an ordinary day
        date(2026, 2, 17),  # the first day of the lunar year
        date(2028, 2, 29),  # a leap day
    ],
)
def test_nothing_of_it_lies_after_the_day_began(base: date) -> None:
    everyone = demo_history.members(base)
    start = datetime.combine(base, time(0), demo_history.ZONE)  # started one second after midnight it must work, too
    assert all(member.at < start for member in everyone)
    events = list(demo_history.events(base, everyone))
    times = [datetime.fromisoformat(event["occurred_at"]) for event in events]
    assert len(events) > 20_000
    assert times == sorted(times)
    assert times[-1] < start
    assert len({event["id"] for event in events}) == len(events)


def test_the_same_day_gives_the_same_year() -> None:
    base = date(2026, 11, 24)
    one, two = demo_history.members(base), demo_history.members(base)
    assert one == two
    assert list(demo_history.events(base, one)) == list(demo_history.events(base, two))


def test_everybody_signs_up_once() -> None:
    base = date(2026, 11, 24)
    everyone = demo_history.members(base)
    events = demo_history.events(base, everyone)
    assert sorted(e["member"] for e in events if e["type"] == "signup") == sorted(str(m.id) for m in everyone)
