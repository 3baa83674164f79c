"""Stamp cards: how many stamps an event adds, which cards it fills. Pure; the books keep the count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ganbo.engine import conditions, variables
from ganbo.engine.basket import MILLI, Order, OrderLine
from ganbo.engine.facts import StampState
from ganbo.engine.programme import StampCard

_MEMO = 2_000  # lines remembered per card; then it starts anew


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


def shown_count(card: StampCard, state: StampState) -> int:
    """What a member sees on a card: the head start stands there before the first stamp."""
    return state.count if state.begun else card.head_start


def collect(
    card: StampCard, state: StampState, *, order: Order | None, holds: bool, day: date
) -> tuple[StampEffect | None, dict[str, Any]]:
    """What an event on `day` adds to a card, and the trace's row; `holds`: the card's `when` does."""
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
    return _fill(card, state, added, row)


def _fill(card: StampCard, state: StampState, added: int, row: dict[str, Any]) -> tuple[StampEffect, dict[str, Any]]:
    head = 0 if state.begun else card.head_start
    count, filled = state.count + head + added, 0
    if card.repeat:
        again = card.head_start if card.head_start_on == "every" else 0
        while count >= card.size:
            filled += 1
            head += again
            count = count - card.size + again
    elif count >= card.size:
        added, filled, count = added - (count - card.size), 1, 0
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
    return not (card.paid_only and line.free) and _line_holds(card, line)


def _line_holds(card: StampCard, line: OrderLine) -> bool:
    if card.lines is None:
        return True
    key = (line.sku, line.category, line.labels, line.quantity, line.unit_price, line.net)
    known = card.line_memo.get(key)
    if known is None:
        known = card.lines.holds(conditions.activation(variables.of_line(line), "line")) is True
        if len(card.line_memo) >= _MEMO:
            card.line_memo.clear()
        card.line_memo[key] = known
    return known


def begin(state: Mapping[str, Any], count: int) -> StampState:
    """The state of a card from what is stored beside a member and what the books hold."""
    day = state.get("day")
    return StampState(
        count, state.get("filled", 0), bool(state), date.fromisoformat(day) if day else None, state.get("today", 0)
    )
