"""Grant, use and give up leases; note what could not be told, and that a manager saw it. Demands a transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from ganbo.features.offline import models
from ganbo.foundation import strict_json
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal

KEPT = timedelta(days=14)  # a till that comes back later finds its leases gone: the shop bears what it gave


class LeaseUnknown(Refusal):
    """This till had no right to give this member anything on that day."""

    code = "offline.no_lease"


class LeaseUsedUp(Refusal):
    """This till gave the member more on that day than it might."""

    code = "offline.lease_used_up"


@needs_transaction
def grant(member_ids: Sequence[UUID], *, device: UUID, day: date, worth: int, at: datetime) -> dict[UUID, int]:
    """Lease these members to a till for a day, unless another till has them. What it may still give, by member."""
    models.Lease.objects.filter(day__lt=day - KEPT).delete()
    fresh = [
        models.Lease(member_id=member, day=day, device=device, worth=worth, granted_at=at)
        for member in sorted(member_ids)
    ]
    models.Lease.objects.bulk_create(fresh, ignore_conflicts=True)
    held = models.Lease.objects.filter(device=device, day=day, member_id__in=member_ids)
    return {lease.member_id: lease.worth - lease.used for lease in held}


@needs_transaction
def use(member_id: UUID, *, device: UUID, day: date, worth: int) -> None:
    """Count something given against a lease; its member is locked. Raises LeaseUnknown or LeaseUsedUp."""
    mine = models.Lease.objects.filter(member_id=member_id, day=day, device=device)
    if mine.filter(used__lte=F("worth") - worth).update(used=F("used") + worth):
        return
    if not mine.exists():
        raise LeaseUnknown()
    raise LeaseUsedUp()


@needs_transaction
def give_up(device: UUID, *, day: date) -> None:
    """The till gives back what it did not use, so that another one may have it."""
    models.Lease.objects.filter(device=device, day=day, used=0).delete()


@needs_transaction
def note(
    id: UUID,
    *,
    kind: str,
    why: tuple[str, dict[str, Any]],
    member_id: UUID | None,
    where: tuple[str, str],
    happened_at: datetime,
    at: datetime,
) -> None:
    """Keep a sentence for the manager, once per id; `why`: code and values, `where`: store and staff."""
    models.Conflict.objects.bulk_create(
        [
            models.Conflict(
                id=id,
                kind=kind,
                code=why[0],
                params=strict_json.dumps(why[1]),
                member_id=member_id,
                store=where[0],
                staff=where[1],
                happened_at=happened_at,
                noted_at=at,
            )
        ],
        ignore_conflicts=True,
    )


@needs_transaction
def see(conflict_id: UUID, *, by: str, at: datetime) -> None:
    """A manager has read it; again changes nothing."""
    models.Conflict.objects.filter(pk=conflict_id, seen_at=None).update(seen_at=at, seen_by=by)
