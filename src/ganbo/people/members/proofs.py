"""What members showed before they spend: asked for, given, decided; each good for one spend. Operations demand a transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import models
from ganbo.people.members.models import ProofState as ProofState

MANAGER = "manager"
GIVEN_FOR = timedelta(minutes=10)  # from showing it to the end of the sale
ASKED_FOR = timedelta(minutes=30)  # a manager has so long to decide
KEPT_FOR = timedelta(days=400)
MOST_SHOWN = 100


class ProofUnknown(Refusal):
    """There is no proof with this id."""

    code = "proof.unknown"


class NotWaiting(Refusal):
    """This was decided, used or over before."""

    code = "proof.not_waiting"


class NotYourself(Refusal):
    """Who asked for an approval does not give it."""

    code = "proof.not_yourself"


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One proof; `most` in minor units, None: no bound of its own."""

    id: UUID
    member_id: UUID
    by: str
    state: str
    most: int | None
    asked_by: str
    store: str
    note: str
    decided_by: str
    reason: str
    decided_at: datetime | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, where, what for and for how much."""

    by: str
    store: str = ""
    note: str = ""
    most: int | None = None


@needs_transaction
def begin(member_id: UUID, by: str, asking: Asking, *, state: str, at: datetime, id: UUID | None = None) -> ProofRow:
    """A proof that is given at once, or waits; with an id that stands already, that one."""
    lasts = ASKED_FOR if state == ProofState.WAITING and by == MANAGER else GIVEN_FOR
    made, _ = models.Proof.objects.get_or_create(
        pk=id or chance.new_id(),
        defaults={
            "member_id": member_id,
            "by": by,
            "state": state,
            "most": asking.most,
            "asked_by": asking.by,
            "store": asking.store,
            "note": asking.note,
            "created_at": at,
            "expires_at": at + lasts,
        },
    )
    return _row(made)


@needs_transaction
def waiting(proof_id: UUID, by: str, *, at: datetime) -> ProofRow:
    """One that waits, locked. Raises ProofUnknown or NotWaiting."""
    found = models.Proof.objects.select_for_update().filter(pk=proof_id, by=by).first()
    if found is None:
        raise ProofUnknown()
    if found.state != ProofState.WAITING or found.expires_at <= at:
        raise NotWaiting()
    return _row(found)


@needs_transaction
def decide(row: ProofRow, *, yes: bool, by: str = "", reason: str = "", at: datetime) -> None:
    """It is given, or refused. Raises NotYourself."""
    if by and by == row.asked_by:
        raise NotYourself()
    models.Proof.objects.filter(pk=row.id).update(
        state=ProofState.GIVEN if yes else ProofState.REFUSED,
        decided_by=by,
        reason=reason,
        decided_at=at,
        expires_at=at + GIVEN_FOR,
    )


def get(proof_id: UUID) -> ProofRow | None:
    """One, or None."""
    found = models.Proof.objects.filter(pk=proof_id).first()
    return _row(found) if found else None


def asked(*, at: datetime, stores: tuple[str, ...] = ()) -> list[ProofRow]:
    """What waits for a manager, the oldest first; of these stores when some are named."""
    found = _of_managers(stores).filter(state=ProofState.WAITING, expires_at__gt=at)
    return [_row(one) for one in found.order_by("created_at")[:MOST_SHOWN]]


def decided(*, stores: tuple[str, ...] = (), most: int = 20) -> list[ProofRow]:
    """What managers decided, the newest first."""
    found = _of_managers(stores).filter(decided_at__isnull=False).order_by("-decided_at")
    return [_row(one) for one in found[:most]]


@needs_transaction
def forget_old(*, at: datetime) -> int:
    """Drop proofs of more than 400 days ago; how many went."""
    gone, _ = models.Proof.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    return gone


def _of_managers(stores: tuple[str, ...]) -> QuerySet[models.Proof]:
    found = models.Proof.objects.filter(by=MANAGER)
    return found.filter(Q(store__in=stores)) if stores else found


def _row(one: models.Proof) -> ProofRow:
    return ProofRow(
        id=one.pk,
        member_id=one.member_id,
        by=one.by,
        state=one.state,
        most=one.most,
        asked_by=one.asked_by,
        store=one.store,
        note=one.note,
        decided_by=one.decided_by,
        reason=one.reason,
        decided_at=one.decided_at,
        created_at=one.created_at,
        expires_at=one.expires_at,
    )
