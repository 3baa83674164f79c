"""Past sales to start from, and the proposals tried on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from ganbo.features.starting import models

MOST = 5  # past sales a business keeps at once; each may be deleted
MOST_PROPOSALS = 6  # side by side they must still be read
STALE = timedelta(seconds=90)  # a job that has not said anything for so long has died
WORKED_ON = ("received", "told")  # states in which a job has something to do


@dataclass(frozen=True, slots=True)
class SalesRow:
    """See models.PastSales."""

    id: UUID
    name: str
    numbers: Mapping[str, Any] | None
    size: int
    currency: str
    zone: str
    state: str
    problem: str
    columns: Mapping[str, str]
    anonymous: tuple[str, ...]
    rows: int
    share: float
    found: Mapping[str, Any]
    aim: str
    cap: int
    revision: int
    ticks: Mapping[str, Any]
    created_at: datetime
    created_by: str

    @property
    def working(self) -> bool:
        return self.state in WORKED_ON


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """See models.Proposal."""

    id: UUID
    sales: UUID
    place: int
    kind: str
    gift: int
    visits: int
    months: int
    source: str
    revision: int
    estimate: Mapping[str, Any] | None
    exact: Mapping[str, Any] | None
    problem: str

    @property
    def working(self) -> bool:
        return self.exact is None and not self.problem


def folder(schema: str, sales: UUID) -> Path:
    """Where the file and what was made of it lie; every business has a folder of its own."""
    return Path(settings.DATA_DIR) / "sales" / schema / str(sales)


def _sales(one: models.PastSales) -> SalesRow:
    return SalesRow(
        one.pk, one.name, one.numbers, one.size, one.currency, one.zone, one.state, one.problem, one.columns,
        tuple(one.anonymous), one.rows, one.share, one.found, one.aim, one.cap, one.revision, one.ticks, one.created_at,
        one.created_by,
    )  # fmt: skip


def _proposal(one: models.Proposal) -> ProposalRow:
    return ProposalRow(
        one.pk, one.sales_id, one.place, one.kind, one.gift, one.visits, one.months, one.source, one.revision,
        one.estimate, one.exact, one.problem,
    )  # fmt: skip


def every() -> list[SalesRow]:
    """All that are kept, the latest first."""
    return [_sales(one) for one in models.PastSales.objects.order_by("-created_at", "-id")[: MOST * 2]]


def by_id(sales: UUID) -> SalesRow | None:
    """One of them."""
    found = models.PastSales.objects.filter(pk=sales).first()
    return _sales(found) if found else None


def proposals(sales: UUID) -> list[ProposalRow]:
    """Those tried on these sales, in their order."""
    return [_proposal(one) for one in models.Proposal.objects.filter(sales_id=sales).order_by("place")]


def proposal(sales: UUID, proposal_id: UUID) -> ProposalRow | None:
    """One of them."""
    found = models.Proposal.objects.filter(sales_id=sales, pk=proposal_id).first()
    return _proposal(found) if found else None


def waiting(*, at: datetime) -> bool:
    """Whether a job has something to do that no living job does."""
    free = Q(beat_at=None) | Q(beat_at__lt=at - STALE)
    return (
        models.PastSales.objects.filter(free, state__in=WORKED_ON).exists()
        or models.Proposal.objects.filter(free, exact__isnull=True, problem="").exists()
    )
