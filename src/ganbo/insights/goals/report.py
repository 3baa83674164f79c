"""What a version promised, what happened while it was in force, and what to change: the beginning of the next one."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import ibis
from ibis import _

from ganbo.engine.programme import Programme, Reward
from ganbo.insights.goals import later
from ganbo.insights.goals.later import Later
from ganbo.insights.goals.standing import Standing
from ganbo.insights.kpis.definitions import KPIS, SHARE
from ganbo.insights.kpis.facts import Facts
from ganbo.kernel.period import plus_months

ENOUGH = 30  # vouchers or members below which a share says nothing
SELDOM_USED = 0.3
SELDOM_BOUGHT = 0.05


@dataclass(frozen=True, slots=True)
class GiftReport:
    """One promised reward: how many vouchers were `given` and `used`, what those used cost, and whether it is bought later."""

    reward: str
    given: int
    used: int
    cost: int | None  # minor units; None: the document does not say what one costs
    later: Later | None


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to change; `code` with the numbers its sentence needs."""

    code: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A version from its first day to the last that is known; `until` is the first day after it."""

    since: date
    until: date
    goals: tuple[Standing, ...]
    gifts: tuple[GiftReport, ...]
    advice: tuple[Advice, ...]


def of(programme: Programme, goals: list[Standing], facts: Facts, *, since: date, until: date) -> Report:
    """The report of a version that was in force from `since` to before `until`."""
    gifts = _gifts(programme, facts, since, until)
    advice = [*_of_goals(goals), *_of_gifts(gifts)]
    return Report(since, until, tuple(goals), tuple(gifts), tuple(advice))


def _gifts(programme: Programme, facts: Facts, since: date, until: date) -> list[GiftReport]:
    rows = facts.table("vouchers").filter(_.day >= since, _.day < until, _.state != "void")
    sums = rows.group_by("reward").agg(given=_.quantity.sum(), used=ibis.ifelse(_.used > 0, _.quantity, 0).sum())
    found = {row["reward"]: row for row in sums.to_pyarrow().to_pylist()}
    bought = later.of_rewards(facts, {r.id: r.sku for r in programme.rewards.values() if r.sku})
    return [_gift(reward, found.get(reward.id, _NONE), bought.get(reward.id)) for reward in programme.rewards.values()]


_NONE = {"given": 0, "used": 0}


def _gift(reward: Reward, sums: dict[str, int], bought: Later | None) -> GiftReport:
    given, used = int(sums["given"]), int(sums["used"])
    return GiftReport(reward.id, given, used, reward.cost * used if reward.cost is not None else None, bought)


def _of_goals(goals: list[Standing]) -> list[Advice]:
    found = []
    for one in goals:
        if one.now is None:
            found.append(Advice("goal_unmeasured", {"kpi": one.goal.kpi}))
        elif one.light in ("missed", "red"):
            found.append(Advice("goal_missed", {"kpi": one.goal.kpi, "now": one.now, "target": float(one.goal.target)}))
        elif one.light == "met":
            found.append(Advice("goal_met", {"kpi": one.goal.kpi, "now": one.now}))
    return found


def _of_gifts(gifts: list[GiftReport]) -> list[Advice]:
    found = []
    for gift in gifts:
        if gift.given == 0:
            found.append(Advice("gift_unwanted", {"reward": gift.reward}))
        elif gift.given >= ENOUGH and gift.used < gift.given * SELDOM_USED:
            found.append(Advice("gift_unused", {"reward": gift.reward, "share": gift.used / gift.given}))
        if gift.later and gift.later.members >= ENOUGH and gift.later.high < SELDOM_BOUGHT * 2:
            share = gift.later.bought / gift.later.members
            found.append(Advice("gift_not_bought", {"reward": gift.reward, "share": share}))
    return found


def stretched(one: Standing, *, today: date) -> tuple[Decimal | None, Decimal, date]:
    """(start, target, by) of the goal in the next version: from where it stands; missed as before, reached as much further.

    By the end of the month a year from now.
    """
    last = plus_months(today, 13)
    by = date.fromordinal(last.toordinal() - 1)
    if one.now is None:
        return one.start, one.goal.target, by
    now = Decimal(str(one.now)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    reached = now >= one.goal.target if one.up else now <= one.goal.target
    if not reached:
        return now, one.goal.target, by
    stretch = abs(one.goal.target - one.start) if one.start is not None else abs(one.goal.target) / 10
    further = now + stretch if one.up else max(now - stretch, Decimal(0))
    if KPIS[one.goal.kpi].unit == SHARE:
        further = min(further, Decimal(1))
    return now, further.quantize(Decimal("0.0001"), ROUND_HALF_UP), by
