"""The result of an experiment: each group's figure with its interval, and whether it differs from the first by more than chance.

Before the planned end every result is preliminary and decides nothing: who looks again and again until a difference shows
will find one. Several groups share the 5 % of mistakes (Bonferroni).
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ganbo.features.experiments import queries, statistics
from ganbo.features.experiments.queries import ExperimentRow, GroupRow
from ganbo.features.experiments.statistics import ALPHA, Difference, Sample
from ganbo.insights.experiments import outcomes
from ganbo.insights.kpis.facts import Facts

SHARES = ("repeat_rate", "completion_rate")
PLANNED, TOO_FEW, PRELIMINARY, UNEVEN = "planned", "not_enough_data", "preliminary", "uneven"
MORE, LESS, SAME = "more", "less", "no_difference"


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group: `n` members, stores or weeks; `mean` with its 95 % interval."""

    id: str
    name: str
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A group against the first. `gain`: what the difference comes to over the group, minor units, with interval (money only)."""

    id: str
    difference: Difference
    gain: tuple[float, float, float] | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Result:
    """`verdict`: of the whole; `least_lift`: the smallest lift this many would find four times in five; `needed`: in each group.

    `taken_at`: the instant the figures are of; `until`: the first day that is not in them.
    """

    verdict: str
    groups: tuple[GroupResult, ...]
    compared: tuple[Compared, ...]
    mismatch: float
    needed: int | None
    least_lift: float | None
    until: date
    taken_at: datetime


def of(row: ExperimentRow, facts: Facts) -> Result:
    """The result as the warehouse knows it."""
    known = facts.warehouse.taken_at.astimezone(facts.warehouse.zone).date() + timedelta(days=1)
    until = min(row.until, known)
    begun = until > row.starts_on
    samples = _samples(row, facts, until) if begun else [_EMPTY] * len(row.groups)
    share = row.metric in SHARES
    mismatch = statistics.mismatch([s.n for s in samples], row.weights) if row.unit == "member" and begun else 1.0
    needed = row.plan.get("needed")
    state = _state(row, samples, begun=begun, over=known > row.until, share=share)
    if state is None and mismatch < statistics.MISMATCH:
        state = UNEVEN
    compared = tuple(
        _compared(group, samples[0], mine, row, state or "")
        for group, mine in zip(row.groups[1:], samples[1:], strict=True)
    )
    verdict = state or next((one.verdict for one in compared if one.verdict in (MORE, LESS)), compared[0].verdict)
    return Result(
        verdict, tuple(_group(g, s, share) for g, s in zip(row.groups, samples, strict=True)), compared,
        mismatch, needed, _least_lift(samples), until, facts.warehouse.taken_at,
    )  # fmt: skip


_EMPTY = Sample(0, 0.0, 0.0)


def _samples(row: ExperimentRow, facts: Facts, until: date) -> list[Sample]:
    """One sample a group, in their order."""
    if row.unit == "start_date":
        return list(outcomes.weeks(facts, start=row.starts_on, until=until))
    if row.unit == "store":
        found = outcomes.growth(facts, {g.id: g.stores for g in row.groups}, since=row.starts_on, until=until)
    else:
        members = outcomes.entered(queries.exposed(row.slug), facts.warehouse.zone)
        measure = {
            "revenue": outcomes.revenue,
            "repeat_rate": outcomes.came_back,
            "completion_rate": outcomes.completed,
        }
        found = measure[row.metric](facts, members, until=until)
    return [found.get(group.id, _EMPTY) for group in row.groups]


def _state(row: ExperimentRow, samples: list[Sample], *, begun: bool, over: bool, share: bool) -> str | None:
    """What keeps a comparison from being told, if anything does."""
    if not begun:
        return PLANNED
    if not over:
        return PRELIMINARY
    least = {"member": statistics.LEAST_MEMBERS, "store": statistics.LEAST_STORES}.get(row.unit, statistics.LEAST_WEEKS)
    each_way = statistics.LEAST_EACH_WAY
    rare = share and any(min(s.total, s.n - s.total) < each_way for s in samples)
    return TOO_FEW if rare or any(s.n < least for s in samples) else None


def _group(group: GroupRow, mine: Sample, share: bool) -> GroupResult:
    low, high = statistics.wilson(round(mine.total), mine.n) if share else mine.interval
    return GroupResult(group.id, group.name or group.id, mine.n, mine.mean, low, high)


def _compared(group: GroupRow, first: Sample, mine: Sample, row: ExperimentRow, state: str) -> Compared:
    if min(first.n, mine.n) < (1 if row.metric in SHARES else 2):
        return Compared(group.id, Difference(0.0, 0.0, 0.0, 1.0, None), None, state or TOO_FEW)
    if row.metric in SHARES:
        difference = statistics.shares((round(first.total), first.n), (round(mine.total), mine.n))
    else:
        difference = statistics.means(first, mine)
    gain = None
    if row.metric == "revenue" and row.unit != "store":
        gain = (difference.by * mine.n, difference.low * mine.n, difference.high * mine.n)
    beyond = difference.p * (len(row.groups) - 1) < ALPHA
    short = min(first.n, mine.n) < row.plan.get("needed", 0)
    verdict = state or ((MORE if difference.by > 0 else LESS) if beyond else TOO_FEW if short else SAME)
    return Compared(group.id, difference, gain, verdict)


def _least_lift(samples: list[Sample]) -> float | None:
    """The smallest lift that groups like these would show four times in five, as a share of the first's mean."""
    n, first = min(s.n for s in samples), samples[0]
    if n < 2 or first.mean <= 0 or first.variance == 0:
        return None
    return math.sqrt(2 * statistics.quantiles(ALPHA, statistics.POWER) * first.variance / n) / first.mean
