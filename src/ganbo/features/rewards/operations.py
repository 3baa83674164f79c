"""Redemptions beside the hot path: lock one, and mark it reversed. Demand a transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from ganbo.features.rewards import models, using
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.transactions import needs_transaction


@dataclass(frozen=True, slots=True)
class Found:
    """A redemption and the state of its voucher."""

    id: UUID
    member_id: UUID
    reward: str
    quantity: int
    wallet: str
    price: int
    state: str
    voucher_id: UUID
    voucher_state: str


@needs_transaction
def locked(redemption_id: UUID) -> Found | None:
    """The redemption, locked together with its voucher."""
    found = models.Redemption.objects.select_for_update().filter(pk=redemption_id).first()
    if found is None:
        return None
    voucher = models.Voucher.objects.select_for_update().get(redemption_id=redemption_id)
    return Found(
        id=found.pk,
        member_id=found.member_id,
        reward=found.reward,
        quantity=found.quantity,
        wallet=found.wallet,
        price=found.price,
        state=found.state,
        voucher_id=voucher.pk,
        voucher_state=voucher.state,
    )


@dataclass(frozen=True, slots=True)
class Restored:
    """A voucher that came back with a return; `amount` went back onto a gift card."""

    voucher_id: UUID
    reward: str
    times: int
    amount: int


@needs_transaction
def restore_used_by(
    pipe: Pipeline, schema: str, event_id: str, *, at: datetime, until: datetime | None = None
) -> list[Restored]:
    """Every voucher used with an event may be used again, once; `until` lengthens those that end sooner.

    Safe to call again: then nothing is left to restore. The member should be locked before.
    """
    used = using.uses(pipe.run([using.used_for(schema, [event_id])])[0])
    held = {v.id: v for v in using.held(pipe.run([using.lock(schema, [u.voucher for u in used])])[0])} if used else {}
    pipe.run(using.give_back(schema, used, at=at, until=until))
    return [Restored(u.voucher, held[u.voucher].reward, u.times, u.amount) for u in used]


@needs_transaction
def mark_reversed(found: Found, *, at: datetime) -> None:
    """The voucher is void, limited stock is free again."""
    models.Redemption.objects.filter(pk=found.id).update(state="reversed", reversed_at=at)
    models.Voucher.objects.filter(pk=found.voucher_id).update(state="void")
    models.Stock.objects.filter(pk=found.reward, taken__gte=found.quantity).update(taken=F("taken") - found.quantity)
