"""Redemptions beside the hot path: lock one, and mark it reversed. Demand a transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from ganbo.features.rewards import models
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
    plus: int
    fulfilment: str
    voucher_id: UUID | None  # None: what was given went into a wallet
    touched: bool  # whether the voucher was used, wholly or in part


def member_of(redemption_id: UUID) -> UUID | None:
    """Whose redemption it is."""
    return models.Redemption.objects.filter(pk=redemption_id).values_list("member_id", flat=True).first()


@needs_transaction
def locked(redemption_id: UUID) -> Found | None:
    """The redemption, locked together with its voucher."""
    found = models.Redemption.objects.select_for_update().filter(pk=redemption_id).first()
    if found is None:
        return None
    voucher = models.Voucher.objects.select_for_update().filter(redemption_id=redemption_id).first()
    return Found(
        id=found.pk,
        member_id=found.member_id,
        reward=found.reward,
        quantity=found.quantity,
        wallet=found.wallet,
        price=found.price,
        state=found.state,
        plus=found.plus,
        fulfilment=found.fulfilment,
        voucher_id=voucher.pk if voucher else None,
        touched=voucher is not None
        and bool(voucher.used or voucher.state == "used" or voucher.remaining != voucher.amount),
    )


@needs_transaction
def note_fulfilment(redemption_id: UUID, state: str) -> None:
    """How far the handing over is."""
    models.Redemption.objects.filter(pk=redemption_id).update(fulfilment=state)


@needs_transaction
def mark_reversed(found: Found, *, at: datetime) -> None:
    """The voucher is void, limited stock is free again."""
    models.Redemption.objects.filter(pk=found.id).update(state="reversed", reversed_at=at)
    models.Voucher.objects.filter(pk=found.voucher_id).update(state="void")
    models.Stock.objects.filter(pk=found.reward, taken__gte=found.quantity).update(taken=F("taken") - found.quantity)
