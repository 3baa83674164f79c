"""Perks that were used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from ganbo.features.perks import models


@dataclass(frozen=True, slots=True)
class UseRow:
    """A perk that was used; `undone`: it counts no more."""

    id: UUID
    member_id: UUID
    perk: str
    at: datetime
    undone: bool


def count(member_id: UUID, perk: str, period: str) -> int:
    """How often in this period."""
    return models.Use.objects.filter(member_id=member_id, perk=perk, period=period, undone_at=None).count()


def counts(member_id: UUID, periods: Mapping[str, str]) -> dict[str, int]:
    """Perk → how often in its period; one query for any number."""
    if not periods:
        return {}
    asked = Q()
    for perk, period in periods.items():
        asked |= Q(perk=perk, period=period)
    found = models.Use.objects.filter(asked, member_id=member_id, undone_at=None).values_list("perk")
    return dict(found.annotate(n=Count("pk")))


def use(use_id: UUID) -> UseRow | None:
    """One use."""
    found = models.Use.objects.filter(pk=use_id).first()
    if found is None:
        return None
    return UseRow(found.pk, found.member_id, found.perk, found.at, found.undone_at is not None)


def day(since: datetime, *, store: str | None = None, by: str | None = None) -> dict[str, int]:
    """Perk → how often since then; of one store, or by one person, or both."""
    where: dict[str, str] = ({} if store is None else {"store": store}) | ({} if by is None else {"by": by})
    found = models.Use.objects.filter(at__gte=since, undone_at=None, **where).values_list("perk")
    return dict(found.annotate(n=Count("pk")).order_by("perk"))
