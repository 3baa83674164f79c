"""Which end points get when the policy changes under them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ganbo.engine.expiry import Expiry
from ganbo.engine.redating import new_end

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
YEAR, HALF = Expiry("end_of_month", 12, 0, HANOI), Expiry("end_of_month", 6, 0, HANOI)
NEVER, DAYS = Expiry("never", 0, 0, HANOI), Expiry("rolling", 0, 100, HANOI)
MAY = date(2026, 5, 1)


def end(expiry: Expiry, day: int = 31) -> datetime | None:
    return expiry.expires_on(MAY.replace(day=day))


@pytest.mark.parametrize(
    ("olds", "new", "now", "mode", "want", "why"),
    [
        ([YEAR], HALF, end(YEAR), "new", end(YEAR), "only new points"),
        ([YEAR], HALF, end(YEAR), "all", end(HALF), "earlier for all"),
        ([YEAR], HALF, end(YEAR), "extend", end(YEAR), "never earlier"),
        ([HALF], YEAR, end(HALF), "extend", end(YEAR), "later"),
        ([HALF], NEVER, end(HALF), "extend", None, "never is later than any day"),
        ([NEVER], YEAR, None, "extend", None, "and no day is later than never"),
        ([NEVER], YEAR, None, "all", end(YEAR), "now they end"),
        ([YEAR, HALF], NEVER, end(YEAR), "all", None, "from a policy before the last one"),
        ([HALF], NEVER, end(YEAR), "all", end(YEAR), "a rule gave it another end, which stays"),
        ([YEAR], NEVER, None, "all", None, "a rule gave it no end"),
        ([DAYS], HALF, end(DAYS, 7), "all", end(HALF), "any day of the month fits a policy of days"),
        ([HALF], DAYS, end(HALF), "all", end(DAYS, 31), "the month's last day, in doubt for the member"),
        ([YEAR], HALF, end(HALF), "all", end(HALF), "what has the new end keeps it: done again, nothing changes"),
    ],
)
def test_the_end_under_a_new_policy(
    olds: list[Expiry], new: Expiry, now: datetime | None, mode: str, want: datetime | None, why: str
) -> None:
    assert new_end(olds, new, month=MAY, end=now, mode=mode) == want, why
