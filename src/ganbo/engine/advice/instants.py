"""Points that end before, or right after, they may be used."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ganbo.engine.advice.assuming import Assumptions
from ganbo.engine.advice.finding import MEDIUM, Found
from ganbo.engine.expiry import Expiry, Pending
from ganbo.engine.programme import Programme
from ganbo.engine.text import Path

_SAMPLED = 366  # days of earning looked at


def findings(programme: Programme, assumed: Assumptions) -> Iterator[Found]:
    for wallet in programme.wallets.values():
        days = usable(wallet.expires, wallet.pending)
        if days is not None and days < assumed.usable_days:
            yield _found(("wallets", wallet.id, "expires"), wallet.id, "", days, least=assumed.usable_days)
    for place, rule in enumerate(programme.rules):
        if rule.give is None or rule.give.wallet is None or not (rule.expires or rule.pending):
            continue
        wallet = programme.wallets[rule.give.wallet]
        days = usable(rule.expires or wallet.expires, rule.pending or wallet.pending)
        if days is not None and days < assumed.usable_days:
            yield _found(("earn", place), wallet.id, rule.id, days, least=assumed.usable_days)


def _found(path: Path, wallet: str, rule: str, days: int, *, least: int) -> Found:
    params = {"wallet": wallet, "rule": rule, "days": days, "least": least}
    return Found("ends_before_usable", path, MEDIUM, params)


def usable(expires: Expiry, pending: Pending) -> int | None:
    """The fewest days that points earned on any day of a year can be used; None when they never end by themselves."""
    least = None
    for day in range(_SAMPLED):
        earned = datetime.combine(date(2027, 1, 1) + timedelta(days=day), time(12), expires.zone)
        ends = expires.expires_at(earned)
        if ends is None:
            return None
        begins = pending.usable_at(earned) or earned
        days = (ends - max(begins, earned)).days
        least = days if least is None else min(least, days)
    return least
