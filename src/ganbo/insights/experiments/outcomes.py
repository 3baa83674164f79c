"""What those who are compared did: sums per group of one value a member, a store or a week, from the warehouse.

Money is revenue less what was given back, minor units. Nothing of a single member leaves the engine.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ganbo.features.experiments.statistics import Sample, sample
from ganbo.insights.kpis.facts import Facts

WEEK = 7
_SHAPE = pa.schema([("member_id", pa.string()), ("group", pa.string()), ("entered", pa.date32())])
_EMPTY = Sample(0, 0.0, 0.0)


def entered(rows: Iterable[tuple[UUID, str, datetime]], zone: ZoneInfo) -> pa.Table:
    """Exposures as a table: member, group, and the local day they entered."""
    columns = list(zip(*((str(m), group, at.astimezone(zone).date()) for m, group, at in rows), strict=True))
    return pa.table(columns or [[], [], []], schema=_SHAPE)


def revenue(facts: Facts, members: pa.Table, *, until: date) -> dict[str, Sample]:
    """Group → what each member spent from the day they entered on, before `until`."""
    who, orders = ibis.memtable(members), facts.orders()
    spent = (
        who.inner_join(orders, who.member_id == orders.member_id)
        .filter(_.day >= _.entered, _.day < until)
        .group_by("member_id")
        .agg(value=_.amount.sum().cast("float64"))
    )
    return _samples(who, spent)


def came_back(facts: Facts, members: pa.Table, *, until: date) -> dict[str, Sample]:
    """Group → 1 for each member who bought on a later day than the one they entered on, before `until`; else 0."""
    who, orders = ibis.memtable(members), facts.orders()
    again = (
        who.inner_join(orders, who.member_id == orders.member_id)
        .filter(_.day > _.entered, _.day < until)
        .select("member_id")
        .distinct()
        .mutate(value=ibis.literal(1.0))
    )
    return _samples(who, again)


def completed(facts: Facts, members: pa.Table, *, until: date) -> dict[str, Sample]:
    """Group, which is a stamp card → 1 for each member who filled it before `until`; else 0."""
    who = ibis.memtable(members)
    gifts = facts.table("vouchers").filter(_.source == "card", _.state != "void", _.day < until)
    gifts = gifts.select("day", whose=_.member_id, card=_.rule.replace("card:", ""))
    filled = (
        who.inner_join(gifts, [who.member_id == gifts.whose, who.group == gifts.card])
        .filter(_.day >= _.entered)
        .select("member_id")
        .distinct()
        .mutate(value=ibis.literal(1.0))
    )
    return _samples(who, filled)


def _samples(who: ir.Table, values: ir.Table) -> dict[str, Sample]:
    """The four numbers of each group; who has no value has 0."""
    found = who.left_join(values, who.member_id == values.member_id).select("group", value=_.value.fill_null(0.0))
    rows = found.group_by("group").agg(n=_.count(), total=_.value.sum(), squares=(_.value * _.value).sum())
    return {row["group"]: Sample(row["n"], row["total"], row["squares"]) for row in rows.to_pyarrow().to_pylist()}


def growth(facts: Facts, groups: Mapping[str, Sequence[str]], *, since: date, until: date) -> dict[str, Sample]:
    """Group → for each store what it sold from `since` to before `until`, as a multiple of the days just before, as many.

    A store that sold nothing before has no such number and is left out.
    """
    days = (until - since).days
    orders = facts.orders().filter(_.day >= since - timedelta(days=days), _.day < until)
    sums = (
        orders.group_by("store", late=_.day >= since).agg(total=_.amount.sum().cast("float64")).to_pyarrow().to_pylist()
    )
    sold = {(row["store"], row["late"]): row["total"] for row in sums}
    return {
        group: sample([sold.get((s, True), 0.0) / sold[s, False] for s in stores if sold.get((s, False), 0.0) > 0])
        for group, stores in groups.items()
    }


def weeks(facts: Facts, *, start: date, until: date) -> tuple[Sample, Sample]:
    """Revenue of each whole week before a start date and after it, as many of both; weeks begin on its weekday."""
    many = (until - start).days // WEEK
    first, last = start - timedelta(weeks=many), start + timedelta(weeks=many)
    orders = facts.orders().filter(_.day >= first, _.day < last)
    sums = orders.group_by("day").agg(total=_.amount.sum().cast("float64")).to_pyarrow().to_pylist()
    by_week = [0.0] * (2 * many)
    for row in sums:
        by_week[(row["day"] - first).days // WEEK] += row["total"]
    return (sample(by_week[:many]), sample(by_week[many:])) if many else (_EMPTY, _EMPTY)
