"""Stamp cards: how many stamps an event adds, which cards it fills. Pure; the books keep the count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ganbo.engine import frame, matching
from ganbo.engine.basket import MILLI, Order, OrderLine
from ganbo.engine.facts import StampState
from ganbo.engine.programme import Programme, StampCard
from ganbo.kernel import sticky
from ganbo.kernel.swift import swift


@swift
@dataclass(frozen=True, slots=True)
class StampEffect:
    """`added` stamps for the event and `head_start` given besides; `count` of `of` afterwards; `filled` cards.

    `taken`: the stamps that the filled cards used up.
    """

    card: str
    added: int
    head_start: int
    count: int
    of: int
    filled: int
    taken: int
    reward: str


def rivals(programme: Programme, experiment: str) -> tuple[StampCard, ...]:
    """The cards of an experiment, in document order."""
    return tuple(card for card in programme.cards if card.experiment == experiment)


def drawn(programme: Programme, experiment: str, member_id: str) -> StampCard:
    """Which of the experiment's cards a member has: an equal share each, by the member's own lot, the same for ever."""
    cards = rivals(programme, experiment)
    at = sticky.place("cards", experiment, member_id)
    n = sticky.pick(at, [Fraction(1, len(cards))] * len(cards))
    return cards[n or 0]


def has(card: StampCard, programme: Programme, member_id: str) -> bool:
    """Whether a card is the member's; only of cards in an experiment the lot leaves some out."""
    return card.experiment is None or drawn(programme, card.experiment, member_id).id == card.id


def of_member(programme: Programme, member_id: str) -> tuple[StampCard, ...]:
    """The cards a member has, in document order."""
    return tuple(card for card in programme.cards if has(card, programme, member_id))


def shown_count(card: StampCard, state: StampState) -> int:
    """What a member sees on a card: the head start stands there before the first stamp."""
    return state.count if state.begun else card.head_start


def collect(
    card: StampCard,
    state: StampState,
    *,
    order: Order | None,
    holds: bool,
    day: date,
    most_filled: int | None = None,
) -> tuple[StampEffect | None, dict[str, Any]]:
    """What an event on `day` adds to a card, and the trace's row; `holds`: the card's `when` does.

    `most_filled`: how many gifts the budget can still pay; a card that is full beyond them stays so until a later stamp.
    """
    row: dict[str, Any] = {"card": card.id, "added": 0}
    if not card.repeat and state.filled:
        return None, row | {"reason": "card_done"}
    if not holds:
        return None, row | {"reason": "condition"}
    if order is not None and order.net < card.min_order:
        return None, row | {"reason": "min_order", "net": order.net, "min_order": card.min_order}
    wanted = _stamps_of(card, order)
    if wanted == 0:
        return None, row | {"reason": "no_lines"}
    today = state.today if state.day == day else 0
    most = 1 if card.count == "visit" else card.max_per_day
    added = wanted if most is None else min(wanted, max(most - today, 0))
    if added == 0:
        return None, row | {"reason": "per_day", "most": most}
    if added < wanted and most is not None:
        row |= {"reason": "per_day", "most": most}
    return _fill(card, state, added, row, most_filled)


def _fill(
    card: StampCard, state: StampState, added: int, row: dict[str, Any], most: int | None
) -> tuple[StampEffect, dict[str, Any]]:
    head = 0 if state.begun else card.head_start
    count, filled = state.count + head + added, 0
    if card.repeat:
        again = card.head_start if card.head_start_on == "every" else 0
        while count >= card.size and (most is None or filled < most):
            filled += 1
            head += again
            count = count - card.size + again
    elif count >= card.size:
        added, filled = max(added - (count - card.size), 0), int(most != 0)
        count = 0 if filled else card.size
    if count >= card.size:
        row |= {"reason": "budget"}
    effect = StampEffect(card.id, added, head, count, card.size, filled, filled * card.size, card.reward)
    row |= {"added": added, "count": count, "of": card.size, "filled": filled}
    return effect, row | ({"head_start": head} if head else {})


def _stamps_of(card: StampCard, order: Order | None) -> int:
    """Stamps an event is worth before limits."""
    if order is None:
        return 1
    matched = [line for line in order.lines if counts(card, line)]
    if card.count == "unit":
        return sum(line.quantity for line in matched) // MILLI
    return 1 if matched else 0


def counts(card: StampCard, line: OrderLine) -> bool:
    """Whether a line of a bill counts for a card."""
    if (card.paid_only and line.free) or frame.barred(line, card.never):
        return False
    return matching.line_holds(card, line)


def begin(state: Mapping[str, Any], count: int) -> StampState:
    """The state of a card from what is stored beside a member and what the books hold."""
    day = state.get("day")
    return StampState(
        count, state.get("filled", 0), bool(state), date.fromisoformat(day) if day else None, state.get("today", 0)
    )
