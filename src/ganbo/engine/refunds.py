"""What is left of an order after returns, and what an effect of it keeps. Pure: a function of the *set* of returns.

A line returned in pieces or in money keeps a share of itself; money returned for the whole order (`amount`) is spread over
what the lines leave. Every base shrinks by those shares, so the order in which returns arrive makes no difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ganbo.engine import earning_base, frame, matching, stamps
from ganbo.engine.basket import MILLI, Order, OrderLine
from ganbo.engine.programme import Give, Programme, Rule, StampCard

_NONE, _ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """A line by its place from 0, or lines by `sku`: pieces in thousandths, or money in minor units, or all of it."""

    line: int | None
    sku: str | None
    quantity: int | None
    amount: int | None

    @property
    def whole(self) -> bool:
        return self.quantity is None and self.amount is None


@dataclass(frozen=True, slots=True)
class Return:
    """One return: some lines, or an amount of money, or the whole order when neither."""

    lines: tuple[ReturnedLine, ...] = ()
    amount: int | None = None

    @property
    def whole(self) -> bool:
        return not self.lines and self.amount is None


WHOLE = Return()


@dataclass(frozen=True, slots=True)
class Left:
    """What returns leave of an order: a share of each line and of the whole, money left, and whether nothing is left.

    `pieces`: the share of each line by its returned pieces and money alone; `money`: what an amount leaves of the rest.
    """

    pieces: tuple[Fraction, ...]
    money: Fraction
    net: int  # minor units left, a part of one rounded up
    refunded: int  # minor units given back
    nothing: bool

    def share(self, place: int) -> Fraction:
        """What is left of a line."""
        return self.pieces[place] * self.money


def read(data: Mapping[str, Any]) -> Return:
    """The return in a refund event's `data`, which has its shape already."""
    lines = tuple(_line(one) for one in data.get("lines") or ())
    return Return(lines, data.get("amount"))


def _line(one: int | Mapping[str, Any]) -> ReturnedLine:
    if isinstance(one, int):
        return ReturnedLine(one, None, None, None)
    quantity = one.get("quantity")
    milli = None if quantity is None else int(Decimal(quantity) * MILLI)
    return ReturnedLine(one.get("line"), one.get("sku"), milli, one.get("amount"))


def unknown(order: Order, returned: Return) -> list[tuple[str, str]]:
    """(field, code) of every returned line that the order does not have."""
    skus = {line.sku for line in order.lines if line.sku}
    wrong = []
    for place, one in enumerate(returned.lines):
        if one.line is not None and one.line >= len(order.lines):
            wrong.append((f"lines.{place}", "no_such_line"))
        elif one.sku is not None and one.sku not in skus:
            wrong.append((f"lines.{place}.sku", "no_such_line"))
    return wrong


def left(order: Order, returns: Iterable[Return]) -> Left:
    """What a set of returns leaves of an order. Too much is as much as there is; a return of unknown lines is none."""
    returns = [one for one in returns if not unknown(order, one)]
    if any(one.whole for one in returns):
        return _nothing(order)
    pieces = _by_line(order, [line for one in returns for line in one.lines])
    rest = sum((share * line.net for share, line in zip(pieces, order.lines, strict=True)), _NONE)
    amount = min(Fraction(sum(one.amount or 0 for one in returns)), rest)
    if (order.net and amount == rest) or not any(pieces):
        return _nothing(order)
    net = _up(rest - amount)
    return Left(tuple(pieces), (rest - amount) / rest if rest else _ALL, net, order.net - net, nothing=False)


def _nothing(order: Order) -> Left:
    return Left((_NONE,) * len(order.lines), _NONE, 0, order.net, nothing=True)


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _by_line(order: Order, returned: Sequence[ReturnedLine]) -> list[Fraction]:
    """Each line's share left: what is told by place first, then what is told by SKU, line after line."""
    quantity = [0] * len(order.lines)
    money = [0] * len(order.lines)
    by_sku: dict[str, tuple[int, int]] = {}
    for one in returned:
        if one.line is not None:
            _take(order.lines, one.line, one, quantity, money)
        elif one.whole:
            for place, line in enumerate(order.lines):
                if line.sku == one.sku:
                    quantity[place] = line.quantity
        elif one.sku is not None:
            pieces, amount = by_sku.get(one.sku, (0, 0))
            by_sku[one.sku] = (pieces + (one.quantity or 0), amount + (one.amount or 0))
    for place, line in enumerate(order.lines):
        if line.sku in by_sku:
            pieces, amount = by_sku[line.sku]
            more = min(pieces, max(line.quantity - quantity[place], 0))
            quantity[place] += more
            worth = max(line.net - _worth(line, quantity[place]) - money[place], 0)
            paid = min(amount, worth)
            money[place] += paid
            by_sku[line.sku] = (pieces - more, amount - paid)
    return [_left_of(line, quantity[i], money[i]) for i, line in enumerate(order.lines)]


def _take(lines: Sequence[OrderLine], place: int, one: ReturnedLine, quantity: list[int], money: list[int]) -> None:
    quantity[place] += lines[place].quantity if one.whole else one.quantity or 0
    money[place] += one.amount or 0


def _worth(line: OrderLine, quantity: int) -> int:
    """The net of some of a line's pieces, rounded down."""
    return line.net * min(quantity, line.quantity) // line.quantity


def _left_of(line: OrderLine, quantity: int, money: int) -> Fraction:
    share = _ALL - Fraction(quantity, line.quantity)
    if line.net:
        share -= Fraction(money, line.net)
    return max(share, _NONE)


@dataclass(frozen=True, slots=True)
class Earned:
    """What one rule gave of one wallet."""

    wallet: str
    rule: str
    amount: int


def kept(earned: Earned, programme: Programme, order: Order | None, left: Left | None) -> int:
    """floor(earned × remaining base ÷ original base); nothing without an order."""
    if order is None or left is None or left.nothing:
        return 0
    rule = programme.by_rule.get(earned.rule)
    share = order_share(order, left) if rule is None else rule_share(rule, order, left)
    return int(earned.amount * share)


def order_share(order: Order, left: Left) -> Fraction:
    """What is left of an order's net; of its pieces when it cost nothing."""
    return _share(order, left, [line.net for line in order.lines], range(len(order.lines)))


def rule_share(rule: Rule, order: Order, left: Left) -> Fraction:
    """What is left of a rule's base: of the lines it counted, by the switches of its base."""
    give = rule.give
    never = give.never if give else frozenset()
    places = [
        place
        for place, line in enumerate(order.lines)
        if not frame.barred(line, never)
        if rule.lines is None or (not line.free and matching.line_holds(rule, line))
    ]
    if give is None or give.of is None:
        return _share(order, left, [line.net for line in order.lines], places)
    values = [earning_base.of_lines(order, [line], _whole_base(give)) for line in order.lines]
    shipping = order.shipping if give.base.shipping and give.of != "quantity" and rule.lines is None else 0
    return _share(order, left, values, places, shipping)


def _whole_base(give: Give) -> Give:
    """The same base before the part paid with points is taken off: a share does not change by it."""
    return give if give.base.paid_with_points else replace(give, base=replace(give.base, paid_with_points=True))


def _share(order: Order, left: Left, values: Sequence[int], places: Iterable[int], besides: int = 0) -> Fraction:
    places = list(places)
    whole = sum(values[place] for place in places) + besides
    if not whole:
        return _mean(left, places)
    rest = sum((values[place] * left.share(place) for place in places), besides * left.money)
    return Fraction(rest) / whole


def _mean(left: Left, places: Sequence[int]) -> Fraction:
    """The share of lines that have no worth: all the same."""
    return sum((left.share(place) for place in places), _NONE) / len(places) if places else left.money


def stamps_kept(card: StampCard, added: int, order: Order | None, left: Left | None) -> int:
    """Stamps an event keeps on a card: one for each piece that is left and partly paid, never more than it added."""
    if order is None or left is None or left.nothing:
        return 0
    places = [place for place, line in enumerate(order.lines) if stamps.counts(card, line)]
    if card.count != "unit":
        return added if any(left.pieces[place] for place in places) else 0
    pieces = sum((left.pieces[place] * order.lines[place].quantity for place in places), _NONE)
    return min(added, _up(int(pieces) // MILLI * left.money))
