"""Gift cards over the counter: sold to whoever pays, topped up by whoever bears the code, undone while nothing was paid.

Selling one is no purchase: it earns nothing. What it pays later earns like money.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ganbo.engine.programme import Reward
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import Published
from ganbo.features.rewards import gift_cards as cards
from ganbo.features.rewards.gift_cards import CardRow, Where
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context
from ganbo.journeys import giving
from ganbo.journeys.redeem_reward import OutOfStock
from ganbo.journeys.reverse import UndoTooLate
from ganbo.kernel.refusal import Refusal

MOST_TIMES = 10  # a card holds at most so many times what it was sold with


class NotSold(Refusal):
    """The programme has no gift card of this name."""

    code = "gift_cards.not_sold"


class CardUnknown(Refusal):
    """This code is no gift card that can be used."""

    code = "gift_cards.unknown"


class TooMuch(Refusal):
    """A card holds at most ten times what it was sold with."""

    code = "gift_cards.too_much"


class CardUsed(Refusal):
    """Something was paid with it or onto it already, so its sale cannot be undone."""

    code = "gift_cards.used"


@dataclass(frozen=True, slots=True)
class Sold:
    """A card as its bearer sees it."""

    id: UUID
    code: str
    reward: Reward
    left: int
    expires_at: datetime | None


def sell(reward: str, *, by: str, now: datetime, store: str = "") -> Sold:
    """A new card; the money was taken. Raises NotSold or OutOfStock."""
    published = programmes.in_force_at(context.current().schema, now)
    offered = published.programme.rewards.get(reward)
    if offered is None or offered.kind != "gift_card":
        raise NotSold(reward=reward)
    with transaction.atomic():
        if cards.short(offered):
            raise OutOfStock(reward=reward, left=0)
        ends = giving.voucher_expiry(offered, published, now)
        card = cards.issue(offered, version=published.version, expires_at=ends, where=Where(now, by, store))
        audit.note(by, "gift_card.sold", str(card.id), amount=card.left)
    return Sold(card.id, card.code, offered, card.left, card.expires_at)


def top_up(code: str, amount: int, *, by: str, now: datetime, store: str = "") -> Sold:
    """More money on a card by its code; it then lasts as long as a new one. Raises CardUnknown or TooMuch."""
    published = programmes.in_force_at(context.current().schema, now)
    with transaction.atomic():
        card, reward = _usable(cards.find(code), published, now)
        most = MOST_TIMES * (reward.amount or 0)
        if card.left + amount > most:
            raise TooMuch(most=most)
        ends = giving.voucher_expiry(reward, published, now)
        cards.add(card, amount, expires_at=ends, where=Where(now, by, store))
        audit.note(by, "gift_card.topped_up", str(card.id), amount=amount)
        after = cards.get(card.id)
    assert after is not None
    return Sold(after.id, after.code, reward, after.left, after.expires_at)


def cancel(card_id: UUID, *, by: str, now: datetime, store: str = "", within: timedelta | None = None) -> int:
    """Undo the sale of a card that nothing was paid with or onto; the money to hand back. Raises CardUnknown, CardUsed, UndoTooLate."""
    with transaction.atomic():
        card = cards.locked(card_id)
        if card is None or not card.sold:
            raise CardUnknown()
        reward = programmes.in_force_at(context.current().schema, card.created_at).programme.rewards.get(card.reward)
        if card.state != "issued" or card.left != card.paid_in or reward is None or card.paid_in != reward.amount:
            raise CardUsed()
        if within is not None and now - card.created_at > within:
            raise UndoTooLate(event_id=str(card_id))
        cards.void(card, where=Where(now, by, store))
        audit.note(by, "gift_card.cancelled", str(card_id))
    return card.paid_in


def _usable(card_id: UUID | None, published: Published, now: datetime) -> tuple[CardRow, Reward]:
    """A card of the business's own that has not ended, locked. Raises CardUnknown."""
    card = cards.locked(card_id) if card_id else None
    reward = published.programme.rewards.get(card.reward) if card else None
    if card is None or card.state == "void" or reward is None or reward.kind != "gift_card":
        raise CardUnknown()
    if card.expires_at is not None and card.expires_at <= now:
        raise CardUnknown()
    return card, reward
