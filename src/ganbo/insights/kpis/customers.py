"""Cohorts, RFM, lifetime value and the flow between tiers, from the warehouse's orders; the first three as `ganbo look` has them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from ibis import _

from ganbo.insights.kpis import counting
from ganbo.insights.kpis.facts import TIER, Facts
from ganbo.insights.look import figures, lifetime, rfm
from ganbo.insights.look.figures import Sales
from ganbo.insights.look.numbers import SCALE
from ganbo.insights.look.periods import Rhythm

COHORTS = 13  # the newest ones that are told
FLOW_MONTHS = 3  # back to when tiers are compared
NEW = ""  # no tier then: they had not bought


@dataclass(frozen=True, slots=True)
class Customers:
    """What the sales to members say. `cohorts`: (first month, members active 0, 1, 2 … months later); `cells`: "rf" → members;
    `flow`: (tier then, tier now) → members; `clv`: as `ganbo look` tells it, money in minor units.
    """

    months: int
    cohorts: tuple[tuple[str, tuple[int, ...]], ...]
    cells: dict[str, int]
    groups: dict[str, int]
    flow: dict[tuple[str, str], int]
    since: str  # the month at whose end the flow begins
    clv: dict[str, Any]


def customers(facts: Facts) -> Customers | None:
    """Everything the page tells; None before the first sale to a member."""
    sold = _sold(facts)
    if sold is None:
        return None
    told = figures.figures(sold)
    cells: Counter[str] = Counter()
    found = rfm.rfm(sold)
    for name, number in found["cells"].items():
        cells[name[:2]] += number
    moved = _flow(facts)
    return Customers(
        months=len(told["monthly"]),
        cohorts=tuple((month, tuple(counts)) for month, counts in list(told["cohorts"].items())[-COHORTS:]),
        cells=dict(cells),
        groups=found["groups"],
        flow=dict(Counter(zip(moved["then"], moved["now"], strict=True))),
        since=counting.name(counting.last_month(facts) - FLOW_MONTHS),
        clv={"formula": figures.formula(sold, told), **lifetime.clv(sold)},
    )


def in_cohort(facts: Facts, month: str, later: int) -> Sequence[str]:
    """Ids of who first bought in a month and bought again so many months later, in order."""
    sold = _sold(facts)
    if sold is None:
        return []
    seen = sold.orders.select("m", "p").unique().with_columns(began=pl.col("p").min().over("m"))
    began = sold.rhythm.number(date.fromisoformat(f"{month}-01"))
    who = seen.filter(pl.col("began") == began, pl.col("p") == began + later)["m"].sort()
    return sold.members.gather(who).to_list()


def in_cell(facts: Facts, cell: str) -> Sequence[str]:
    """Ids of the members with these fifths of recency and frequency, such as "54", in order."""
    sold = _sold(facts)
    if sold is None or len(cell) != 2 or not cell.isdecimal():
        return []
    who = rfm.members(sold).filter(pl.col("r") == int(cell[0]), pl.col("f") == int(cell[1]))["m"].sort()
    return sold.members.gather(who).to_list()


def who_moved(facts: Facts, then: str, now: str) -> Sequence[str]:
    """Ids of the members who went from one tier to another, or stayed, in order."""
    found = _flow(facts)
    return found.filter(pl.col("then") == then, pl.col("now") == now)["member_id"].sort().to_list()


def _sold(facts: Facts) -> Sales | None:
    orders = facts.orders().select("day", order_id=_.event_id, member=_.member_id, amount=_.amount * SCALE)
    frame = pl.DataFrame(pl.from_arrow(orders.to_pyarrow()))
    if frame.filter(pl.col("member").is_not_null()).is_empty():
        return None
    return figures.sales(frame.select("order_id", "member", "day", "amount"), Rhythm())


def _flow(facts: Facts) -> pl.DataFrame:
    """member_id, then, now: every member's tier now, and after their last order up to some months ago."""
    months = facts.keyed(TIER).filter(_.member_id.notnull()).select("member_id", "m", "key").distinct()
    seen = pl.DataFrame(pl.from_arrow(months.to_pyarrow()))
    until = counting.last_month(facts) - FLOW_MONTHS
    then = seen.filter(pl.col("m") <= until).sort("m").group_by("member_id").agg(then=pl.col("key").last())
    members = facts.table("members").filter(_.tier.notnull()).select("member_id", now=_.tier)
    now = pl.DataFrame(pl.from_arrow(members.to_pyarrow()))
    return now.join(then, on="member_id", how="left").with_columns(pl.col("then").fill_null(NEW))
