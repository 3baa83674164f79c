"""Redemptions beside the hot path: lock one, and mark it reversed. Demand a transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from ganbo.features.rewards import models, pools
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
    version: int  # of the programme
    shown: bool  # whether its code is somebody else's: here nobody can tell whether it was used
    touched: bool  # whether the voucher was used, wholly or in part
    budget: str  # the line that paid, when no voucher carries it
    cost: int
    gives: str  # the reward its voucher stands for: of a choice what was chosen


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
        version=(voucher.programme_version if voucher is not None else None) or found.programme_version,
        shown=voucher is not None and voucher.pool == pools.GIVEN,
        touched=voucher is not None
        and bool(voucher.used or voucher.state == "used" or voucher.remaining != voucher.amount),
        budget=found.budget,
        cost=found.cost,
        gives=voucher.reward if voucher is not None else found.reward,
    )


@needs_transaction
def note_fulfilment(redemption_id: UUID, state: str) -> None:
    """How far the handing over is."""
    models.Redemption.objects.filter(pk=redemption_id).update(fulfilment=state)
    if state == "done":
        models.Voucher.objects.filter(redemption_id=redemption_id).update(handed=True)


@needs_transaction
def mark_reversed(found: Found, *, stocked: bool, at: datetime) -> None:
    """The voucher is void; what it took of a limited stock is free again."""
    models.Redemption.objects.filter(pk=found.id).update(state="reversed", reversed_at=at)
    models.Voucher.objects.filter(pk=found.voucher_id).update(state="void")
    if stocked:
        models.Stock.objects.filter(pk=found.gives).update(taken=F("taken") - found.quantity)


@dataclass(frozen=True, slots=True)
class Become:
    """What a choice becomes: the reward that was chosen, as its voucher is written."""

    reward: str
    uses: int
    version: int
    usable_from: datetime | None
    expires_at: datetime | None
    amount: int | None
    waiting: bool  # for somebody else's code
    budget: str
    cost: int
    stocked: int  # pieces taken of a limited stock
    at: datetime


@needs_transaction
def lock_voucher(voucher_id: UUID) -> None:
    """Nobody else changes this voucher until the transaction ends."""
    models.Voucher.objects.select_for_update().filter(pk=voucher_id).first()


@needs_transaction
def lock_stock(reward: str) -> int:
    """Pieces taken of a limited stock, locked; last of all locks."""
    models.Stock.objects.get_or_create(pk=reward)
    return models.Stock.objects.select_for_update().get(pk=reward).taken


@needs_transaction
def become(voucher_id: UUID, chosen: Become) -> None:
    """The choice is a voucher of what was chosen from now on; its cause and its code stay. The voucher is locked."""
    models.Voucher.objects.filter(pk=voucher_id).update(
        chosen_from=F("reward"),
        chosen_at=chosen.at,
        reward=chosen.reward,
        uses=chosen.uses,
        programme_version=chosen.version,
        usable_from=chosen.usable_from,
        expires_at=chosen.expires_at,
        amount=chosen.amount,
        remaining=chosen.amount,
        pool=pools.WAITING if chosen.waiting else "",
        budget=chosen.budget,
        cost=chosen.cost,
        booked="committed" if chosen.budget else "",
    )
    if chosen.stocked:
        models.Stock.objects.filter(pk=chosen.reward).update(taken=F("taken") + chosen.stocked)
