"""Use perks and undo it. Demands a transaction that holds the member's lock, so that counting and using are one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ganbo.features.perks import models, queries
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class UsedUp(Refusal):
    """It was used as often as promised for this period."""

    code = "perks.used_up"


class UseUnknown(Refusal):
    """There is no such use of a perk."""

    code = "perks.use_unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A perk in a period, and how many were promised; `most` None: without a limit."""

    perk: str
    period: str
    most: int | None
    tier: str


@dataclass(frozen=True, slots=True)
class Used:
    """One use, and how many are left in its period; None without a limit."""

    id: UUID
    left: int | None


@needs_transaction
def use(member_id: UUID, wanted: Wanted, *, by: str, store: str, at: datetime) -> Used:
    """One more; the member is locked. Raises UsedUp."""
    before = queries.count(member_id, wanted.perk, wanted.period)
    if wanted.most is not None and before >= wanted.most:
        raise UsedUp(perk=wanted.perk, most=wanted.most)
    made = models.Use.objects.create(
        id=chance.new_id(),
        member_id=member_id,
        perk=wanted.perk,
        period=wanted.period,
        most=wanted.most,
        tier=wanted.tier,
        at=at,
        by=by,
        store=store,
    )
    return Used(made.id, None if wanted.most is None else wanted.most - before - 1)


@needs_transaction
def undo(use_id: UUID, *, at: datetime) -> Used:
    """It counts no more; again changes nothing. The member is locked. Raises UseUnknown."""
    found = models.Use.objects.filter(pk=use_id).first()
    if found is None:
        raise UseUnknown()
    if found.undone_at is None:
        models.Use.objects.filter(pk=use_id).update(undone_at=at)
    used = queries.count(found.member_id, found.perk, found.period)
    return Used(use_id, None if found.most is None else max(found.most - used, 0))
