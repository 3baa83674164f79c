"""Programmes tried on past sales: fitted and estimated on a sample of members, then counted over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ganbo.doors.cli import simulating
from ganbo.doors.worker import reading_sales
from ganbo.engine.loading import DocumentRefused
from ganbo.features.programmes import fitted
from ganbo.features.programmes.fitted import Dials
from ganbo.features.starting import queries
from ganbo.features.starting.queries import ProposalRow, SalesRow
from ganbo.foundation import clock
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.insights.simulation import running, totals
from ganbo.insights.simulation.assuming import Assumed
from ganbo.insights.simulation.pasts import Pasts, of_shard
from ganbo.insights.simulation.totals import Totals
from ganbo.journeys import starting

_NEARLY = 0.97  # of the cap: what a sample says may be a little too low
_MOST_TIMES = 4
_BEAT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Past:
    """Pasts in a file, with how much of the whole they are."""

    path: Path
    shards: tuple[tuple[int, int], ...]
    members: Fraction  # the whole ÷ these
    sales: Fraction
    of: SalesRow

    @property
    def until(self) -> datetime:
        return datetime.fromisoformat(self.of.found["past"]["until"])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.of.zone)


def estimate(business: BusinessRow, waiting: Sequence[ProposalRow]) -> None:
    """Each on the sample; one without a document yet is fitted to the shop under its cap first."""
    sales = queries.by_id(waiting[0].sales)
    if sales is None:
        return
    known = sales.found["past"]["sample"]
    whole = sales.found["past"]
    past = _Past(
        queries.folder(business.schema, sales.id) / reading_sales.SAMPLE,
        ((0, known["lines"]),),
        Fraction(whole["members"], max(known["members"], 1)),
        Fraction(max(whole["sales"], 1), max(known["sales"], 1)),
        sales,
    )
    for one in waiting:
        try:
            done = _fitted(one, past) if not one.source else (one, _one(one.source, past))
        except (DocumentRefused, OSError):
            starting.fail(one, "refused")
            continue
        starting.fit(one, gift=done[0].gift, source=done[0].source, estimate=done[1])


def _fitted(one: ProposalRow, past: _Past) -> tuple[ProposalRow, dict[str, Any]]:
    """The dearest gift whose cost stays under the cap."""
    shop = starting.shop_of(past.of)
    dials = replace(fitted.first(one.kind, shop, share=past.of.cap / 10_000, visits=one.visits), months=one.months)
    source = fitted.source(one.kind, shop, dials)
    told = _one(source, past)
    if told["share"]:
        times = min(_NEARLY * past.of.cap / 10_000 / told["share"], _MOST_TIMES)
        gift = fitted.nice(int(min(dials.gift * times, shop.bill)), shop.bill)
        dials = fitted.turned(Dials(gift, dials.visits, dials.months), shop)
        source = fitted.source(one.kind, shop, dials)
        told = _one(source, past)
    return replace(one, gift=dials.gift, source=source), told


def _one(source: str, past: _Past) -> dict[str, Any]:
    """A document's figures over the pasts of one file, here and now."""
    (draft,) = simulating.make(simulating.Drafts((source,), Assumed(), past.until))
    total = Totals()
    for shard in past.shards:
        for member, bills in of_shard(past.path, *shard, zone=past.zone):
            total.add(draft.live(member, bills), draft.fair)
    return _told(total, draft, past)


def _told(total: Totals, draft: simulating.Lived, past: _Past) -> dict[str, Any]:
    """What the pages show. `year`: at most the last twelve months; money in minor units."""
    scale = past.sales
    found = totals.told(total, draft.programme, anonymous=round(past.of.found["past"]["without"] / scale))
    revenue = {one["month"]: one["revenue"] for one in past.of.found["months"]}
    year = sorted(revenue)[-starting.YEAR :]
    costs = {one["month"]: round(one["cost"] * scale) for one in found["monthly"]}
    cost, sales = sum(costs.get(month, 0) for month in year), sum(revenue[month] for month in year)
    worst = max(year, key=lambda month: (costs.get(month, 0), month))
    return {
        "cost": cost,
        "share": cost / sales if sales > 0 else None,
        "months": len(year),
        "reached": round(found["first_gift"]["members"] * past.members),
        "members": past.of.found["past"]["members"],
        "days": found["first_gift"]["days"],
        "worst": {"month": worst, "cost": costs.get(worst, 0)},
        "monthly": [[month, costs.get(month, 0)] for month in year],
        "liability": round(found["liability"] * scale),
    }


def exact(business: BusinessRow, sales_id: UUID) -> None:
    """Every proposal of these sales that was estimated, over all members, in one go."""
    sales = queries.by_id(sales_id)
    waiting = [one for one in queries.proposals(sales_id) if one.working and one.estimate is not None]
    if sales is None or not waiting:
        return
    told = sales.found["past"]
    path = queries.folder(business.schema, sales.id) / reading_sales.LINES
    past = _Past(path, tuple(reading_sales.shards_of(told)), Fraction(1), Fraction(1), sales)
    of = simulating.Drafts(tuple(one.source for one in waiting), Assumed(), past.until)
    whole = Pasts(path, past.shards, told["members"], told["without"], past.until)
    beaten = clock.now()

    def beat(lines: int) -> None:
        nonlocal beaten
        if clock.now() - beaten > _BEAT:
            beaten = clock.now()
            starting.beat_proposals([one.id for one in waiting], at=beaten)

    try:
        _, found = running.run(running.Work(simulating.make, of, path, past.zone), whole, step=beat)
    except OSError:
        for one in waiting:
            starting.fail(one, "unreadable")
        return
    for one, total, draft in zip(waiting, found, simulating.make(of), strict=True):
        starting.found(one, exact=_told(total, draft, past))
