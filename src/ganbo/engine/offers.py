"""Offers on a basket: which hold, and what they take off which line. Minor units; no piece is in two offers.

What the bill already takes off a line comes first; offers go on with what is left of each piece. Nothing falls below
zero or rises above what it was. A whole quantity is so many pieces; a weighed line is judged as one, by its weight.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ganbo.engine import conditions, offer_search, variables
from ganbo.engine.basket import MILLI, Order, OrderLine
from ganbo.engine.conditions import Condition
from ganbo.engine.facts import Facts
from ganbo.engine.offer_search import Applied, Combining, Kind
from ganbo.engine.programme import BundlePart, Offer, Programme

Prices = Mapping[str, Mapping[str, int]]
_NO_PRICES: Prices = {}


@dataclass(frozen=True, slots=True)
class Taken:
    """What one offer takes off: in all, and of each line."""

    offer: str
    amount: int
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reduced:
    """The basket after offers: `order` with what is left of each line. `exact`: surely the best for the customer."""

    order: Order
    taken: tuple[Taken, ...]
    exact: bool = True

    @property
    def off(self) -> int:
        return sum(one.amount for one in self.taken)


def holding(programme: Programme, facts: Facts) -> tuple[list[Offer], list[dict[str, Any]]]:
    """The offers that hold for this sale, and why each of the others does not.

    {"offer", "reason": no_member, during, nth (`left` more purchases) or condition (`missing` parts)}.
    """
    local, member = facts.occurred_at.astimezone(programme.timezone), facts.member
    wanted = tuple(one for one in programme.offer_reads if member or not one[0].startswith("member."))
    values = variables.read(wanted, facts, local)
    held, not_held = [], []
    for offer in programme.offers:
        needs = offer.members or (offer.when and any(name.startswith("member.") for name in offer.when.names))
        why: dict[str, Any] | None = None
        if offer.during is not None and not offer.during.holds(local):
            why = {"reason": "during"}
        elif needs and member is None:
            why = {"reason": "no_member"}
        elif offer.of == "purchases" and member and member.purchases % offer.every:
            why = {"reason": "nth", "left": offer.every - member.purchases % offer.every}
        elif offer.when is not None and not conditions.holds(offer.when, values):
            why = {"reason": "condition", "missing": conditions.failing(offer.when, values)}
        if why is None:
            held.append(offer)
        else:
            not_held.append({"offer": offer.id} | why)
    return held, not_held


def concerning(offers: Iterable[Offer], order: Order) -> list[Offer]:
    """The offers that are for something on this bill."""
    lines = [_Line(line) for line in order.lines if line.net and not line.gift_card]
    return [offer for offer in offers if _concerns(offer, lines)]


def _concerns(offer: Offer, lines: Sequence["_Line"]) -> bool:
    if offer.bundle:
        return all(any(line.of(part) for line in lines) for part in offer.bundle)
    return any(line.holds(offer.lines) for line in lines)


def reduce(order: Order, offers: Sequence[Offer], *, itemised: bool = True, prices: Prices = _NO_PRICES) -> Reduced:
    """The order with the best of these offers taken off. `itemised=False`: the bill is a bare amount, one price.

    `prices`: list → SKU → price of a piece.
    """
    if not itemised:
        offers = [o for o in offers if o.lines is None and o.percent is not None and o.of != "units"]
    open_ = [n for n, line in enumerate(order.lines) if line.net and not line.gift_card]
    if not offers or not open_:
        return Reduced(order, ())
    kinds = [kind for n in open_ for kind in _kinds(n, order.lines[n])]
    lines = {n: _Line(order.lines[n]) for n in open_}
    combining = []
    for place, offer in enumerate(offers):
        if offer.bundle or offer.of == "units" or offer.max is not None:
            combining += _combining(place, offer, lines, kinds)
        else:
            _judge_each(place, offer, lines, kinds, prices.get(offer.price_list or "", {}))
    applied, exact = offer_search.choose(kinds, combining)
    return _reduced(order, offers, kinds, applied, exact=exact)


class _Line:
    """A line with its variables, read once for all offers."""

    __slots__ = ("activation", "line", "values")

    def __init__(self, line: OrderLine) -> None:
        self.line = line
        self.values = variables.of_line(line)
        self.activation: Any = None

    def holds(self, condition: Condition | None) -> bool:
        if condition is None:
            return True
        if condition.plain:
            return any(conditions.plainly(self.values, comparisons) for comparisons in condition.plain)
        if not conditions.plainly(self.values, condition.needed):
            return False
        if self.activation is None:
            self.activation = conditions.activation(self.values, "line")
        return condition.holds(self.activation) is True

    def of(self, part: BundlePart) -> bool:
        """Whether a part of a bundle means this line."""
        if part.by == "label":
            return part.value in self.line.labels
        return part.value == (self.line.sku if part.by == "sku" else self.line.category)


def _kinds(place: int, line: OrderLine) -> list[Kind]:
    """The pieces of a line; those that bear the odd minor units of its price are worth one more."""
    if line.quantity % MILLI:
        return [Kind(place, line.net, 1, whole=False)]
    pieces = line.quantity // MILLI
    value, odd = divmod(line.net, pieces)
    found = [Kind(place, value + 1, odd), Kind(place, value, pieces - odd)]
    return [kind for kind in found if kind.count and kind.value]


def _judge_each(
    place: int, offer: Offer, lines: Mapping[int, _Line], kinds: Sequence[Kind], listed: Mapping[str, int]
) -> None:
    """A price or a percentage for each piece by itself: noted where it takes more off than any before it."""
    fits = {n for n, line in lines.items() if line.holds(offer.lines)}
    for kind in kinds:
        if kind.line in fits:
            off = _off_one(offer, kind, lines[kind.line].line, listed)
            if off > kind.own:
                kind.own, kind.by = off, place


def _off_one(offer: Offer, kind: Kind, line: OrderLine, listed: Mapping[str, int]) -> int:
    if offer.percent is not None:
        return kind.value * offer.percent // 100
    price = offer.price if offer.price_list is None else listed.get(line.sku)
    if price is None:
        return 0
    if not kind.whole:
        price = (2 * price * line.quantity + MILLI) // (2 * MILLI)  # half up, as its own price
    return max(kind.value - price, 0)


def _combining(place: int, offer: Offer, lines: Mapping[int, _Line], kinds: Sequence[Kind]) -> list[Combining]:
    """The offer with the pieces it may take; nothing when they are not all there."""
    if offer.bundle:
        wanted = [({n for n, line in lines.items() if line.of(part)}, part.n) for part in offer.bundle]
    else:
        wanted = [
            ({n for n, line in lines.items() if line.holds(offer.lines)}, offer.every if offer.of == "units" else 1)
        ]
    pieces_only = bool(offer.bundle) or offer.of == "units"
    parts = []
    for fits, n in wanted:
        places = tuple(k for k, kind in enumerate(kinds) if kind.line in fits and (kind.whole or not pieces_only))
        if sum(kinds[k].count for k in places) < n or not places:
            return []
        parts.append((places, n))
    return [Combining(place, tuple(parts), offer.price, offer.percent or 0, offer.max)]


def _reduced(
    order: Order, offers: Sequence[Offer], kinds: Sequence[Kind], applied: Iterable[Applied], *, exact: bool
) -> Reduced:
    """What is left of each line, and who took it."""
    sums: dict[int, list[int]] = {}
    free = [0] * len(order.lines)
    left = [kind.count for kind in kinds]

    def take(offer: int, k: int, off: int, pieces: int) -> None:
        kind = kinds[k]
        sums.setdefault(offer, [0] * len(order.lines))[kind.line] += off * pieces
        if off == kind.value and kind.whole:
            free[kind.line] += pieces

    for one in applied:
        for k, off, pieces in _shared(one, offers[one.offer], kinds):
            take(one.offer, k, off, pieces * one.times)
        for k, pieces in one.need:
            left[k] -= pieces * one.times
    for k, kind in enumerate(kinds):
        if kind.own and left[k]:
            take(kind.by, k, kind.own, left[k])
    taken = tuple(Taken(offers[n].id, sum(lines), tuple(lines)) for n, lines in sorted(sums.items()) if any(lines))
    return Reduced(_lowered(order, taken, free), taken, exact)


def _shared(one: Applied, offer: Offer, kinds: Sequence[Kind]) -> list[tuple[int, int, int]]:
    """An application as (kind, off each, pieces): of a bundle by value, else the cheapest piece bears it all."""
    if not offer.bundle:
        cheapest = min(one.need, key=lambda need: (kinds[need[0]].value, -need[0]))[0]
        return [(cheapest, one.off, 1)]
    whole = sum(kinds[k].value * n for k, n in one.need)
    pieces = [k for k, n in one.need for _ in range(n)]
    shares = [kinds[k].value * one.off // whole for k in pieces]
    odd = sorted(range(len(pieces)), key=lambda i: (-(kinds[pieces[i]].value * one.off % whole), i))
    for i in odd[: one.off - sum(shares)]:
        shares[i] += 1
    return [(k, off, 1) for k, off in zip(pieces, shares, strict=True) if off]


def _lowered(order: Order, taken: Sequence[Taken], free: Sequence[int]) -> Order:
    """The order as it is after offers: its lines cost less, gross stays."""
    if not taken:
        return order
    lines = [
        replace(line, net=line.net - sum(one.lines[n] for one in taken), free_pieces=free[n])
        for n, line in enumerate(order.lines)
    ]
    off = sum(one.amount for one in taken)
    return replace(
        order,
        lines=tuple(lines),
        net=order.net - off,
        discount=order.discount + off,
        total=order.total - off,
        quantity=sum(line.quantity for line in lines if not line.free),
        plain=not any(line.free or line.gift_card for line in lines),
    )
