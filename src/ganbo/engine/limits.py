"""Limits: how often, how many points or how much money, per whom, in which period. One object everywhere.

Used amounts are kept per (subject, rule, period). A rolling limit of n days reads n day-counters: the event's local day
and the n − 1 before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ganbo.engine.facts import Used

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme, Reward

UsageKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` times, or `points`, or `money`, for a scope in a period; what is over is capped or rejected."""

    scope: str  # member, rule, store, code, programme, business
    period: str  # day, week, month, quarter, year, ever, rolling
    rolling_days: int
    count: int | None
    points: int | None
    money: int | None
    reject: bool

    @property
    def kind(self) -> str:
        """What is limited: count, points or money."""
        return "count" if self.count is not None else "points" if self.points is not None else "money"

    @property
    def most(self) -> int:
        return next(n for n in (self.count, self.points, self.money) if n is not None)


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit that left nothing or less: which, how much was used before, and how much was left."""

    limit: Limit
    used: int
    left: int


def period_key(period: str, day: date) -> str:
    """The name of the calendar period that holds `day`."""
    if period in ("day", "rolling"):
        return f"day:{day}"
    if period == "week":
        year, week, _ = day.isocalendar()
        return f"week:{year}-{week:02d}"
    if period == "month":
        return f"month:{day:%Y-%m}"
    if period == "quarter":
        return f"quarter:{day.year}-{(day.month + 2) // 3}"
    return f"year:{day.year}" if period == "year" else "ever"


def each(limit: Limit, codes: Sequence[str]) -> Sequence[str]:
    """What a limit counts by beside the event: each voucher of the order, for `scope: code`; an order without one is not limited."""
    return codes if limit.scope == "code" else ("",)


def written_key(limit: Limit, rule: str, day: date, *, member_id: str, store: str | None, code: str = "") -> UsageKey:
    """The counter that an event on `day` adds to."""
    subject, name = {
        "member": (f"member:{member_id}", rule),
        "rule": ("rule", rule),
        "store": (f"store:{store or ''}", rule),
        "code": (f"code:{code}", rule),
        "programme": ("programme", "*"),
        "business": ("business", "*"),
    }[limit.scope]
    return subject, name, period_key(limit.period, day)


def read_keys(
    limit: Limit, rule: str, day: date, *, member_id: str, store: str | None, code: str = ""
) -> list[UsageKey]:
    """The counters whose sum is what was used."""
    subject, name, period = written_key(limit, rule, day, member_id=member_id, store=store, code=code)
    if limit.period != "rolling":
        return [(subject, name, period)]
    return [(subject, name, f"day:{day - timedelta(days=back)}") for back in range(limit.rolling_days)]


def keys(
    programme: "Programme", *, type: str, occurred_at: datetime, member_id: str, store: str | None
) -> tuple[UsageKey, ...]:
    """Every counter that judging such an event may read, but those by code."""
    day = occurred_at.astimezone(programme.timezone).date()
    found: set[UsageKey] = set()
    for rule in programme.rules_for(type):
        for limit in rule.limits:
            if limit.scope != "code":
                found.update(read_keys(limit, rule.id, day, member_id=member_id, store=store))
    return tuple(sorted(found))


def code_keys(programme: "Programme", *, type: str, occurred_at: datetime, codes: Sequence[str]) -> list[UsageKey]:
    """The counters of limits by code that judging such an event reads; `codes` are its vouchers' ids."""
    day = occurred_at.astimezone(programme.timezone).date()
    found: set[UsageKey] = set()
    for rule in programme.rules_for(type) if codes else ():
        for limit in rule.limits:
            if limit.scope == "code":
                for code in codes:
                    found.update(read_keys(limit, rule.id, day, member_id="", store=None, code=code))
    return sorted(found)


def used_so_far(found: list[UsageKey], used: Mapping[UsageKey, Used]) -> Used:
    """The sum over counters."""
    parts = [used[key] for key in found if key in used]
    return Used(sum(p.count for p in parts), sum(p.points for p in parts), sum(p.money for p in parts))


def allowed(limit: Limit, before: Used, *, points: int, money: int) -> int:
    """How many of `points` the limit lets through: all, some (cap) or none (reject)."""
    if limit.count is not None:
        return points if before.count < limit.count else 0
    if limit.points is not None:
        left = max(limit.points - before.points, 0)
        return points if points <= left else (0 if limit.reject else left)
    left = max((limit.money or 0) - before.money, 0)
    if money <= left:
        return points
    return 0 if limit.reject or money == 0 else points * left // money


def reward_keys(
    programme: "Programme", reward: "Reward", *, at: datetime, member_id: str, writing: bool = False
) -> tuple[UsageKey, ...]:
    """The counters of a reward's limits: those read, or with `writing` those added to."""
    day = at.astimezone(programme.timezone).date()
    name = f"reward:{reward.id}"
    found: set[UsageKey] = set()
    for limit in reward.limits:
        if writing:
            found.add(written_key(limit, name, day, member_id=member_id, store=None))
        else:
            found.update(read_keys(limit, name, day, member_id=member_id, store=None))
    return tuple(sorted(found))


def check_reward(
    programme: "Programme",
    reward: "Reward",
    *,
    at: datetime,
    member_id: str,
    quantity: int,
    price: int,
    used: Mapping[UsageKey, Used],
) -> Limit | None:
    """The first limit that `quantity` more would break, or None."""
    day = at.astimezone(programme.timezone).date()
    for limit in reward.limits:
        found = read_keys(limit, f"reward:{reward.id}", day, member_id=member_id, store=None)
        before = used_so_far(found, used)
        if limit.count is not None and before.count + quantity > limit.count:
            return limit
        if limit.points is not None and before.points + price > limit.points:
            return limit
    return None
