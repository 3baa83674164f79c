"""Money on the card at the till: what can be topped up, and how much of a bill the card pays when the cashier ticks it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.receipt import Draft
from ganbo.engine.paying import POINTS
from ganbo.features.programmes import pot_sentences
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import chance
from ganbo.journeys import holdings

CARD, GIFT_CARD, CASH = "card_money", "gift_card", "cash"


@dataclass(frozen=True, slots=True)
class Chip:
    """One amount that can be topped up; `key` makes that pressing twice tops up once."""

    pay: int
    bonus: int
    sentence: str
    key: str


def chips(at: Counter) -> list[Chip]:
    """What the programme offers, the smallest first."""
    speaker = Speaker(at.programme, saying.locale())
    return [
        Chip(one.pay, one.bonus, pot_sentences.offer(one, speaker), str(chance.new_id()))
        for one in sorted(at.programme.topups, key=lambda one: one.pay)
    ]


def held(draft: Draft, at: Counter) -> int:
    """What is on the card of the draft's member, bonus included, in minor units."""
    pots = list(at.programme.pots)
    try:
        member = UUID(draft.member)
    except ValueError:
        return 0
    return sum(b.available for b in holdings.balances(member, pots, at=at.now).values()) if pots else 0


def paid(sale: dict[str, Any], *, to_pay: int, gift_cards: int, card: int) -> dict[str, Any]:
    """The sale with how it was paid; as it is when the card pays nothing."""
    if not card:
        return sale
    points = sum(part["amount"] for part in sale.get("paid") or () if part["with"] == POINTS)
    parts = {GIFT_CARD: gift_cards, POINTS: points, CARD: card, CASH: to_pay - card}
    return sale | {"paid": [{"with": how, "amount": n} for how, n in parts.items() if n]}
