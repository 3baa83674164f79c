"""Points on a quote: how much could be used at most, and the sale with what is to be used.

A quote may say `"points": 50000` (minor units, `"most"`, or `"half"` of that) beside the event: vouchers come first, then
points that come off the price, gift cards, and points that pay; the rest is to pay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from ganbo.books.events.body import MOST_MINOR_UNITS
from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.books.ledger.posting import Posting
from ganbo.engine import basket, paying
from ganbo.engine.basket import Order
from ganbo.engine.paying import POINTS, Most, Payment
from ganbo.engine.programme import Programme
from ganbo.journeys import paying as burning
from ganbo.journeys.gathering import Standing
from ganbo.journeys.offering import Chosen

MOST, HALF = "most", "half"


def taken_out(value: Any) -> tuple[Any, int | str | None]:
    """The body without `points`, and what it asks. Raises FieldsRefused."""
    if not isinstance(value, dict) or POINTS not in value:
        return value, None
    asked = value[POINTS]
    whole = isinstance(asked, int) and not isinstance(asked, bool) and 0 <= asked <= MOST_MINOR_UNITS
    if not whole and asked not in (MOST, HALF):
        raise FieldsRefused([FieldProblem(POINTS, "points.amount_or_most", {})])
    return {key: part for key, part in value.items() if key != POINTS}, asked


class Wanted(NamedTuple):
    """How much of the bill points are to pay; `noted`: the event says that they paid, whether or not a wallet does."""

    amount: int | str
    noted: bool = False


NOTHING = Wanted(0)


def plain(request: EventRequest, asked: int | str | None) -> tuple[EventRequest, Wanted]:
    """The event before points, so that vouchers are chosen first, and what points are to do.

    What the event's own `data` says is what is wanted, unless the quote asks otherwise.
    """
    if request.type != "purchase":
        return request, NOTHING
    wishes = paying.wishes(request.data)
    wanted = Wanted(asked) if asked is not None else NOTHING
    if asked is None and wishes:
        wanted = Wanted(sum(wish.amount for wish in wishes), noted=not any(wish.discount for wish in wishes))
    data = {key: part for key, part in request.data.items() if key != POINTS}
    if asked is not None and any(part["with"] == POINTS for part in data.get("paid") or ()):
        del data["paid"]
    return request._replace(data=data), wanted


@dataclass(frozen=True, slots=True)
class Bill:
    """The sale with points in it, what they pay, how much they could, and the price after them."""

    sale: dict[str, Any]
    paid: Payment | None = None
    points: dict[str, Any] | None = None
    price: dict[str, Any] = field(default_factory=dict)


def bill(
    request: EventRequest,
    wanted: Wanted,
    standing: Standing | None,
    programme: Programme,
    posting: Posting,
    *,
    chosen: Chosen,
    at: datetime,
) -> Bill:
    """The bill of a quote after its vouchers. Raises FieldsRefused or Insufficient as recording it would."""
    there = burning.available(posting, standing, programme, request, at=at)
    order, cards = _order(request.data, programme), sum(part.takes for part in chosen.best.gift_cards)
    otherwise = _otherwise(request.data, cards)
    most = paying.most(programme, order, available=there, paid=sum(part["amount"] for part in otherwise))
    amount = 0 if most is None and wanted.noted else _amount(wanted.amount, most)
    sale = _with(request.data, amount, most, order, otherwise) if amount else request.data
    order = _order(sale, programme)
    request = request._replace(data=sale)
    paid = burning.plan(posting, request, standing, order, programme=programme, at=at)
    paid = burning.burn(posting, request, standing, paid, programme=programme, at=at)
    gifts = min(cards, order.total)
    card = sum(part["amount"] for part in sale.get("paid") or () if part["with"] == "card_money" and programme.pots)
    pays = paid.money if paid and not paid.discount else 0
    amounts = {
        "points": paid.money if paid else 0,
        "gift_cards": gifts,
        "card_money": card,
        "to_pay": order.total - gifts - pays - card,
    }
    money = {name: {"amount": amount, "currency": programme.currency} for name, amount in amounts.items()}
    return Bill(sale, paid, burning.payable(most, programme), money)


def _order(data: Mapping[str, Any], programme: Programme) -> Order:
    """Raises FieldsRefused."""
    try:
        return basket.order_of(data, programme.currency)
    except basket.FieldRefused as refusal:
        problems = [FieldProblem(f"data.{name}", code, dict(params)) for name, code, params in refusal.errors]
        raise FieldsRefused(problems) from refusal


def _otherwise(data: Mapping[str, Any], cards: int) -> list[dict[str, Any]]:
    """What is paid neither with points nor in cash."""
    if data.get("paid") is not None:
        return [part for part in data["paid"] if part["with"] not in (POINTS, "cash")]
    return [{"with": "gift_card", "amount": cards}] if cards else []


def _amount(asked: int | str, most: Most | None) -> int:
    if isinstance(asked, str):
        return half(most) if asked == HALF and most else most.money if most else 0
    return asked


def half(most: Most) -> int:
    """About half of what could be paid so, in whole steps; 0 when that is less than the least."""
    found = most.money // 2 // most.step * most.step
    return found if found >= most.least else 0


def _with(
    sale: dict[str, Any], amount: int, most: Most | None, order: Order, otherwise: list[dict[str, Any]]
) -> dict[str, Any]:
    """The sale with so much paid with points; the rest of it in cash."""
    if most is None or most.discount:
        return sale | {POINTS: {"amount": amount}}
    if any(part["with"] == POINTS for part in sale.get("paid") or ()):
        return sale
    parts = [*otherwise, {"with": POINTS, "amount": amount}]
    rest = order.total - sum(part["amount"] for part in parts)
    return sale | {"paid": [*parts, *([{"with": "cash", "amount": rest}] if rest > 0 else [])]}
