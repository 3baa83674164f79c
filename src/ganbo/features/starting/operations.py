"""Keep past sales, choose what their columns mean, turn dials; jobs claim what is to be done and say how far they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from ganbo.features.starting import models, queries
from ganbo.features.starting.queries import ProposalRow, SalesRow
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class TooMany(Refusal):
    """So many past sales are kept already; delete one first."""

    code = "starting.too_many"


class Gone(Refusal):
    """They were deleted, or somebody changed them meanwhile."""

    code = "starting.gone"


class TooManyProposals(Refusal):
    """So many proposals stand side by side already; change one of them."""

    code = "starting.too_many_proposals"


@dataclass(frozen=True, slots=True)
class Received:
    """What came in: a file of so many bytes, or three numbers."""

    id: UUID
    name: str
    size: int
    numbers: Mapping[str, Any] | None
    currency: str
    zone: str


@needs_transaction
def receive(what: Received, *, by: str, at: datetime) -> None:
    """Keep it; a job reads its first rows. Raises TooMany."""
    if models.PastSales.objects.count() >= queries.MOST:
        raise TooMany(most=queries.MOST)
    models.PastSales.objects.create(
        id=what.id, name=what.name, size=what.size, numbers=what.numbers, currency=what.currency, zone=what.zone,
        state="received", created_at=at, created_by=by,
    )  # fmt: skip


@needs_transaction
def tell(sales: UUID, columns: Mapping[str, str], anonymous: Sequence[str]) -> None:
    """Which column is what; everything found before is forgotten, proposals too. Raises Gone."""
    models.Proposal.objects.filter(sales_id=sales).delete()
    found = models.PastSales.objects.filter(pk=sales, state__in=("asking", "told", "looked", "failed"))
    if not found.update(
        columns=dict(columns), anonymous=list(anonymous), state="told", problem="", rows=0, share=0, beat_at=None,
        aim="", cap=0, ticks={}, revision=F("revision") + 1,
    ):  # fmt: skip
        raise Gone()


@needs_transaction
def plan(sales: UUID, *, aim: str, cap: int, kinds: Sequence[tuple[str, int, int]]) -> None:
    """New proposals (kind, visits, months) in place of the old ones; a job fits and tries them. Raises Gone."""
    if not models.PastSales.objects.filter(pk=sales, state="looked").update(aim=aim, cap=cap, ticks={}):
        raise Gone()
    models.Proposal.objects.filter(sales_id=sales).delete()
    for place, (kind, visits, months) in enumerate(kinds):
        models.Proposal.objects.create(
            id=chance.new_id(), sales_id=sales, place=place, kind=kind, visits=visits, months=months
        )


@needs_transaction
def turn(proposal: ProposalRow, *, gift: int, visits: int, months: int, source: str) -> None:
    """Other dials, so another document; what was found of the old one is forgotten. Raises Gone."""
    if not models.Proposal.objects.filter(pk=proposal.id, revision=proposal.revision).update(
        gift=gift, visits=visits, months=months, source=source, revision=proposal.revision + 1, estimate=None,
        exact=None, problem="", beat_at=None,
    ):  # fmt: skip
        raise Gone()


@needs_transaction
def add(proposal: ProposalRow, *, gift: int, visits: int, months: int, source: str) -> UUID:
    """The same kind with other dials beside it. Raises TooManyProposals, Gone."""
    if not models.PastSales.objects.select_for_update().filter(pk=proposal.sales).exists():
        raise Gone()
    places = list(models.Proposal.objects.filter(sales_id=proposal.sales).values_list("place", flat=True))
    if len(places) >= queries.MOST_PROPOSALS:
        raise TooManyProposals(most=queries.MOST_PROPOSALS)
    made = models.Proposal.objects.create(
        id=chance.new_id(), sales_id=proposal.sales, place=max(places, default=-1) + 1, kind=proposal.kind, gift=gift,
        visits=visits, months=months, source=source,
    )  # fmt: skip
    return made.pk


@needs_transaction
def tick(sales: UUID, ticks: Mapping[str, Any]) -> None:
    """What the owner says is done. Raises Gone."""
    if not models.PastSales.objects.filter(pk=sales).update(ticks=dict(ticks)):
        raise Gone()


@needs_transaction
def remove(sales: UUID) -> bool:
    """Forget them and everything found in them; whether they were there."""
    gone, _ = models.PastSales.objects.filter(pk=sales).delete()
    return bool(gone)


# --- for the job


@needs_transaction
def claim_sales(*, at: datetime) -> SalesRow | None:
    """Past sales that a job has to read, now this one's; None: there are none."""
    free = Q(beat_at=None) | Q(beat_at__lt=at - queries.STALE)
    found = (
        models.PastSales.objects.select_for_update(skip_locked=True)
        .filter(free, state__in=queries.WORKED_ON)
        .order_by("created_at")
        .first()
    )
    if found is None:
        return None
    models.PastSales.objects.filter(pk=found.pk).update(beat_at=at)
    return queries.by_id(found.pk)


@needs_transaction
def claim_proposals(*, exact: bool, at: datetime) -> list[ProposalRow]:
    """The proposals of one shop's sales that wait for their estimate, or (exact) for the whole; now this job's."""
    free = Q(beat_at=None) | Q(beat_at__lt=at - queries.STALE)
    waiting = models.Proposal.objects.select_for_update(skip_locked=True).filter(free, exact__isnull=True, problem="")
    waiting = waiting.filter(estimate__isnull=not exact)
    first = waiting.order_by("sales__created_at", "place").first()
    if first is None:
        return []
    ids = [one.pk for one in waiting.filter(sales_id=first.sales_id)]
    models.Proposal.objects.filter(pk__in=ids).update(beat_at=at)
    return [one for one in queries.proposals(first.sales_id) if one.id in ids]


@needs_transaction
def beat(sales: UUID, *, rows: int, share: float, at: datetime) -> bool:
    """How far the job is; False: they were deleted, so it may stop."""
    return bool(models.PastSales.objects.filter(pk=sales).update(rows=rows, share=share, beat_at=at))


@needs_transaction
def beat_proposals(ids: Sequence[UUID], *, at: datetime) -> None:
    """The job still works on them."""
    models.Proposal.objects.filter(pk__in=ids).update(beat_at=at)


@needs_transaction
def read(sales: SalesRow, *, state: str, problem: str = "", found: Mapping[str, Any] | None = None) -> bool:
    """What the job found; False: they were deleted or told anew meanwhile, so nothing was kept."""
    more: dict[str, Any] = {} if found is None else {"found": dict(found)}
    kept = models.PastSales.objects.filter(pk=sales.id, state=sales.state, revision=sales.revision)
    return bool(kept.update(state=state, problem=problem, beat_at=None, **more))


@needs_transaction
def fit(proposal: ProposalRow, *, gift: int, source: str, estimate: Mapping[str, Any]) -> bool:
    """The document the job fitted, and its figures on the sample; False: changed meanwhile."""
    kept = models.Proposal.objects.filter(pk=proposal.id, revision=proposal.revision)
    return bool(kept.update(gift=gift, source=source, estimate=dict(estimate), beat_at=None))


@needs_transaction
def found(proposal: ProposalRow, *, exact: Mapping[str, Any]) -> bool:
    """The figures of all members; False: changed meanwhile."""
    kept = models.Proposal.objects.filter(pk=proposal.id, revision=proposal.revision)
    return bool(kept.update(exact=dict(exact), beat_at=None))


@needs_transaction
def fail(proposal: ProposalRow, problem: str) -> None:
    """It could not be tried."""
    kept = models.Proposal.objects.filter(pk=proposal.id, revision=proposal.revision)
    kept.update(problem=problem, beat_at=None)
