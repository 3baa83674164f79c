"""What a manager should know of sales without a network; rows leave this room, never models."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from ganbo.features.offline import models


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One thing that could not be told as it was. `kind` is sale or gift; `code` and `params` make the sentence."""

    id: UUID
    kind: str
    code: str
    params: dict[str, Any]
    member_id: UUID | None
    store: str
    staff: str
    happened_at: datetime
    seen_at: datetime | None
    seen_by: str


def conflicts(*, seen: bool, most: int, stores: Iterable[str] = ()) -> list[ConflictRow]:
    """Those not seen yet, or the others, the newest first; of these stores, of all when none is named."""
    found = models.Conflict.objects.filter(seen_at__isnull=not seen).order_by("-noted_at", "-id")
    named = list(stores)
    if named:
        found = found.filter(store__in=named)
    return [_row(one) for one in found[:most]]


def unseen(*, stores: Iterable[str] = ()) -> int:
    """How many a manager has not seen yet."""
    found, named = models.Conflict.objects.filter(seen_at=None), list(stores)
    return found.filter(store__in=named).count() if named else found.count()


def noted(ids: Iterable[UUID]) -> set[UUID]:
    """Which of these ended as a conflict."""
    return set(models.Conflict.objects.filter(pk__in=list(ids)).values_list("pk", flat=True))


def _row(one: models.Conflict) -> ConflictRow:
    return ConflictRow(
        id=one.pk,
        kind=one.kind,
        code=one.code,
        params=orjson.loads(one.params),
        member_id=one.member_id,
        store=one.store,
        staff=one.staff,
        happened_at=one.happened_at,
        seen_at=one.seen_at,
        seen_by=one.seen_by,
    )
