"""Gift cards that were sold: vouchers of money for whoever bears the code; every payment onto one is a line of its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Sum
from django.db.models.functions import Greatest

from ganbo.engine.programme import Reward
from ganbo.features.rewards import codes, models
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction

SALE = "sale"  # the source of its voucher
SOLD, TOPPED_UP, CANCELLED = "sold", "topped_up", "cancelled"


@dataclass(frozen=True, slots=True)
class CardRow:
    """A gift card with its code; `paid_in`: all that was paid onto it, minor units."""

    id: UUID
    code: str
    reward: str
    state: str
    paid_in: int
    left: int
    expires_at: datetime | None
    version: int | None
    sold: bool  # over the counter, not given or redeemed for points
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Where:
    """When, by whom and at which store money came or went."""

    at: datetime
    by: str
    store: str = ""


@needs_transaction
def issue(reward: Reward, *, version: int, expires_at: datetime | None, where: Where) -> CardRow:
    """A new card with the reward's amount on it. Of a limited stock one more is taken; see `short`."""
    assert reward.amount is not None
    id = chance.new_id()
    code = codes.code_of(id, key=settings.CODE_KEY)
    card = models.Voucher.objects.create(
        id=id,
        reward=reward.id,
        source=SALE,
        code_hash=codes.hash_of(code),
        amount=reward.amount,
        remaining=reward.amount,
        programme_version=version,
        expires_at=expires_at,
        created_at=where.at,
    )
    if reward.stock is not None:
        models.Stock.objects.filter(pk=reward.id).update(taken=F("taken") + 1)
    _note(id, SOLD, reward.amount, where)
    return _row(card)


@needs_transaction
def short(reward: Reward) -> bool:
    """Whether none of a limited stock is left; its row is locked."""
    if reward.stock is None:
        return False
    models.Stock.objects.get_or_create(reward=reward.id)
    return models.Stock.objects.select_for_update().get(pk=reward.id).taken >= reward.stock


@needs_transaction
def locked(card_id: UUID) -> CardRow | None:
    """The card, locked; None when this is no gift card."""
    found = models.Voucher.objects.select_for_update().filter(pk=card_id, amount__isnull=False).first()
    return _row(found) if found else None


@needs_transaction
def add(card: CardRow, amount: int, *, expires_at: datetime | None, where: Where) -> None:
    """More money on a card under lock; it ends no sooner than `expires_at`."""
    found = models.Voucher.objects.filter(pk=card.id)
    found.update(amount=F("amount") + amount, remaining=F("remaining") + amount, state="issued")
    if expires_at is not None:
        found.filter(expires_at__isnull=False).update(expires_at=Greatest(F("expires_at"), expires_at))
    _note(card.id, TOPPED_UP, amount, where)


@needs_transaction
def void(card: CardRow, *, where: Where) -> None:
    """A card under lock that nothing was paid with is worth nothing any more."""
    models.Voucher.objects.filter(pk=card.id).update(amount=0, remaining=0, state="void")
    _note(card.id, CANCELLED, -card.paid_in, where)


def find(text: str) -> UUID | None:
    """The gift card a typed code means."""
    found = models.Voucher.objects.filter(code_hash__in=codes.hashes(text), amount__isnull=False).first()
    return found.pk if found else None


def get(card_id: UUID) -> CardRow | None:
    """One card."""
    found = models.Voucher.objects.filter(pk=card_id, amount__isnull=False).first()
    return _row(found) if found else None


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Money onto a card, or below zero off it again."""

    kind: str
    amount: int
    by: str
    at: datetime


def latest(card_id: UUID) -> MoveRow | None:
    """What was last paid onto a card; None for one that was never sold nor topped up."""
    found = models.CardMove.objects.filter(voucher_id=card_id).order_by("-at", "-id").first()
    return MoveRow(found.kind, found.amount, found.by, found.at) if found else None


def day(since: datetime, *, store: str | None = None, by: str | None = None) -> dict[str, tuple[int, int]]:
    """What was sold, topped up and cancelled since: kind → how often and how much money."""
    found = models.CardMove.objects.filter(at__gte=since)
    if store is not None:
        found = found.filter(store=store)
    if by is not None:
        found = found.filter(by=by)
    rows = found.values("kind").annotate(n=Count("id"), money=Sum("amount")).order_by("kind")
    return {row["kind"]: (row["n"], int(row["money"])) for row in rows}


def _note(card: UUID, kind: str, amount: int, where: Where) -> None:
    models.CardMove.objects.create(
        id=chance.new_id(), voucher_id=card, kind=kind, amount=amount, by=where.by, store=where.store, at=where.at
    )


def _row(card: models.Voucher) -> CardRow:
    return CardRow(
        id=card.pk,
        code=codes.code_of(card.pk, key=settings.CODE_KEY) if card.batch_id is None else "",
        reward=card.reward,
        state=card.state,
        paid_in=card.amount or 0,
        left=card.remaining or 0,
        expires_at=card.expires_at,
        version=card.programme_version,
        sold=card.source == SALE,
        created_at=card.created_at,
    )
