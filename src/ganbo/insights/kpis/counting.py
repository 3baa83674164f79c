"""A KPI's rows by month and group, and the members behind one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir
from ibis import _

from ganbo.insights.kpis.definitions import MONEY, NPS, Kpi
from ganbo.insights.kpis.facts import MONTH, NO_KEY, Facts

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One month, one group: `value` is numerator ÷ denominator, of counts the numerator; None: not measured.

    `partial`: the month was not over when the warehouse was filled.
    """

    month: str  # YYYY-MM
    key: str
    numerator: int
    denominator: int | None
    value: float | int | None
    partial: bool


@dataclass(frozen=True, slots=True)
class Behind:
    """What one member adds; `member_id` None: what nobody in particular stands behind."""

    member_id: str | None
    numerator: int
    denominator: int | None


def number(day: date) -> int:
    """The number of a day's month."""
    return day.year * 12 + day.month - 1


def name(month: int) -> str:
    """YYYY-MM of a month's number."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def last_month(facts: Facts) -> int:
    """The month the warehouse was last filled in, by the business's clocks."""
    return number(facts.warehouse.taken_at.astimezone(facts.warehouse.zone).date())


def sums(facts: Facts, kpi: Kpi, by: str) -> ir.Table:
    """m, key, numerator, denominator: the one expression every engine computes."""
    return (
        kpi.each(facts, by)
        .group_by("m", "key")
        .agg(numerator=_.numerator.sum().cast("int64"), denominator=_.denominator.sum().cast("int64"))
        .order_by("m", "key")
    )


def rows(facts: Facts, kpi: Kpi, *, first: int, last: int, by: str = MONTH) -> list[Row]:
    """Its rows from one month to another, both included, by month and key; by month alone none is left out."""
    found = facts.engine.rows(facts, ("sums", kpi.name, by), lambda known: sums(known, kpi, by))
    now = last_month(facts)
    made = _cumulated(found, min(last, now)) if kpi.cumulative else found
    known = {(row["m"], row["key"]): (row["numerator"], row["denominator"]) for row in made if row["m"] <= now}
    keys = sorted({key for _, key in known} | set(_wallets(facts, kpi))) if kpi.key else [NO_KEY]
    wanted = range(first, min(last, now) + 1)
    if kpi.key or by == MONTH:
        filled = {(m, key): known.get((m, key), (0, 0)) for m in wanted for key in keys}
    else:
        filled = {at: pair for at, pair in known.items() if first <= at[0] <= last}
    return [_row(kpi, m, key, pair, m == now) for (m, key), pair in sorted(filled.items())]


def _wallets(facts: Facts, kpi: Kpi) -> list[str]:
    """The wallets a KPI of points is told for, also when nothing moved: those of the programme, of money those with a value."""

    def wallets(known: Facts) -> ir.Table:
        every = known.table("wallets")
        return (every.filter(_.face_value.notnull()) if kpi.unit == MONEY else every).select("wallet")

    return [row["wallet"] for row in facts.engine.rows(facts, ("wallets", kpi.unit == MONEY), wallets)]


def _cumulated(found: list[dict[str, Any]], last: int) -> Iterator[dict[str, Any]]:
    """Each key's sums so far, for every month from its first on."""
    by_key: dict[str, dict[int, tuple[int, int]]] = {}
    for row in found:
        by_key.setdefault(row["key"], {})[row["m"]] = (row["numerator"], row["denominator"])
    for key, months in by_key.items():
        above = below = 0
        for m in range(min(months), last + 1):
            more = months.get(m, (0, 0))
            above, below = above + more[0], below + more[1]
            yield {"m": m, "key": key, "numerator": above, "denominator": below}


def _row(kpi: Kpi, m: int, key: str, pair: tuple[int, int], partial: bool) -> Row:
    above, below = pair
    if not kpi.divided:
        return Row(name(m), key, above, None, above, partial)
    value = above / below if below else None
    if kpi.unit == NPS and value is not None:
        value *= HUNDRED
    return Row(name(m), key, above, below, value, partial)


def behind(
    facts: Facts, kpi: Kpi, *, month: int, by: str = MONTH, key: str = NO_KEY, most: int, after: str | None = None
) -> Sequence[Behind]:
    """Who stands behind a row, in the order of ids, at most `most` of them after an id; nobody in particular comes first.

    Over all of them, numerators and denominators sum to the row's. By month alone of a KPI with wallets, `key` is the wallet.
    """
    each = kpi.each(facts, by).filter(_.key == key)
    each = each.filter(_.m <= month) if kpi.cumulative else each.filter(_.m == month)
    members = (
        each.mutate(member=_.member_id.fill_null(""))
        .group_by("member")
        .agg(numerator=_.numerator.sum().cast("int64"), denominator=_.denominator.sum().cast("int64"))
        .filter((_.numerator != 0) | (_.denominator != 0))
    )
    if after is not None:
        members = members.filter(_.member > after)
    return [
        Behind(row["member"] or None, row["numerator"], row["denominator"] if kpi.divided else None)
        for row in members.order_by("member").limit(most).to_pyarrow().to_pylist()
    ]
