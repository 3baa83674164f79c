"""What a new policy makes of the end of points that were earned under another. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from ganbo.engine.expiry import Expiry
from ganbo.kernel.period import plus_months


def new_end(olds: Iterable[Expiry], new: Expiry, *, month: date, end: datetime | None, mode: str) -> datetime | None:
    """The end of a lot earned in `month` under one of `olds` when `new` takes its place; None is never.

    `mode`: new (only points earned from now on), all (every lot), extend (only lots that then end later).
    A lot knows its month, not its day: the end is that of the month's last day, in doubt for the member. A lot whose end
    no former policy of the wallet gives has it from a rule or a tier, and keeps it.
    """
    last = plus_months(month, 1) - timedelta(days=1)
    if mode == "new" or not any(_fits(old, month, last, end) for old in olds):
        return end
    fresh = new.expires_on(last)
    if mode == "extend" and (end is None or (fresh is not None and fresh <= end)):
        return end
    return fresh


def _fits(old: Expiry, first: date, last: date, end: datetime | None) -> bool:
    """Whether points earned between two days end so by a policy."""
    earliest, latest = old.expires_on(first), old.expires_on(last)
    if earliest is None or latest is None or end is None:
        return earliest is None and end is None
    return earliest <= end <= latest
