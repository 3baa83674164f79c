"""How many members an experiment takes, reckoned beforehand from what members did in as long a time just before."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import ibis
from ibis import _

from ganbo.features.experiments import statistics
from ganbo.insights.experiments import outcomes
from ganbo.insights.kpis.facts import Facts

# Of those with a card of eight stamps and none given, 19 % filled it; with ten and two given 34 %: Nunes and Drèze, *The Endowed
# Progress Effect*, Journal of Consumer Research 32 (2006). What is supposed of a card before anybody has had it.
FILLED = 0.19


@dataclass(frozen=True, slots=True)
class Size:
    """What was supposed and what follows: `base` is the mean (minor units, or a share), `needed` members in each group.

    `members`: how many there are now. `needed` None: nothing was bought, so nothing follows.
    """

    base: float
    spread: float
    needed: int | None
    members: int


def of_members(facts: Facts, *, metric: str, days: int, least: Fraction) -> Size:
    """Members in each group to find a lift of `least` in `days` days, from those who were members before the last `days`."""
    today = facts.warehouse.taken_at.astimezone(facts.warehouse.zone).date()
    since = today - timedelta(days=days)
    everybody = facts.table("members").select("member_id", "joined_on")
    members = everybody.count().to_pyarrow().as_py()
    if metric == "completion_rate":
        return Size(FILLED, 0.0, _shares(FILLED, least), members)
    before = everybody.filter(_.joined_on < since).select(
        "member_id", group=ibis.literal("all"), entered=ibis.literal(since, type="date")
    )
    measure = outcomes.came_back if metric == "repeat_rate" else outcomes.revenue
    found = measure(facts, before.to_pyarrow(), until=today).get("all")
    if found is None or found.n < 2 or found.mean <= 0:
        return Size(0.0, 0.0, None, members)
    spread = found.variance**0.5
    if metric == "repeat_rate":
        return Size(found.mean, spread, _shares(found.mean, least), members)
    return Size(found.mean, spread, statistics.members_for_means(spread, found.mean * float(least)), members)


def _shares(base: float, least: Fraction) -> int | None:
    other = base * (1 + float(least))
    return statistics.members_for_shares(base, other) if other < 1 else None
