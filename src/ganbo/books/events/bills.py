"""Bills as a sales file tells them, and the events they become. Pure: a back-test sells them again, an import records them."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ganbo.books.events import body, reading
from ganbo.books.events.reading import EventRequest
from ganbo.kernel.money import digits

SCALE = 10_000  # amounts and quantities of files are whole ten-thousandths


class BillLine(NamedTuple):
    """A line in ten-thousandths; `quantity` and `unit_price` are None where the file only says the amount."""

    at: datetime
    amount: int
    quantity: int | None
    unit_price: int | None
    sku: str | None
    category: str | None


class Bill(NamedTuple):
    """An order's lines in order of time; a negative line is a return."""

    order_id: str
    store: str | None
    lines: list[BillLine]


def minor(amount: int, currency: str) -> int:
    """Minor units of an amount in ten-thousandths; half a unit is rounded up."""
    units: int = 10 ** digits(currency)
    return (amount * units * 2 + SCALE) // (2 * SCALE)


def requests(bill: Bill, member: tuple[str, str], currency: str) -> Iterator[EventRequest]:
    """The sale of what was bought, and a return for each instant at which something came back, never of more than is left.

    Nothing for a bill without anything bought: what it returns was sold elsewhere.
    """
    bought = [line for line in bill.lines if line.amount >= 0]
    if not bought:
        return
    data = {"order_id": bill.order_id, "currency": currency, "lines": [_line(one, currency) for one in bought]}
    yield _request(bill, member, "purchase", bought[0].at, data)
    if len(bought) == len(bill.lines):
        return
    left = sum(minor(line.amount, currency) for line in bought)
    for line in bill.lines:
        back = min(-minor(line.amount, currency), left)
        if line.amount < 0 and back > 0:
            left -= back
            told = {"order_id": bill.order_id, "amount": back}
            yield _request(bill, member, "refund", max(line.at, bought[0].at), told)


def _line(line: BillLine, currency: str) -> dict[str, Any]:
    named = {name: value for name, value in (("sku", line.sku), ("category", line.category)) if value}
    amount, quantity, price = minor(line.amount, currency), line.quantity, line.unit_price
    if quantity and quantity % 10 == 0 and 0 < quantity <= body.MOST_QUANTITY * SCALE:
        pieces = quantity // SCALE if quantity % SCALE == 0 else Decimal(quantity) / SCALE
        each = minor(price, currency) if price is not None and price >= 0 else _each(amount, pieces)
        gross = (2 * each * int(pieces * 1000) + 1000) // 2000  # half up, as the basket does
        if gross >= amount:
            off = {"discount": gross - amount} if gross > amount else {}
            return {**named, "quantity": pieces, "unit_price": each, **off}
    return {**named, "quantity": 1, "unit_price": amount}


def _each(amount: int, pieces: int | Decimal) -> int:
    """A price at which so many pieces make at least the amount."""
    return int(-(-amount // pieces))


def _request(bill: Bill, member: tuple[str, str], type: str, at: datetime, data: dict[str, Any]) -> EventRequest:
    return EventRequest(
        id=f"{type}:{bill.store or ''}:{bill.order_id}:{at.timestamp():.0f}",
        type=type,
        occurred_at=at,
        member=member,
        store=bill.store,
        channel=None,
        staff=None,
        data=data,
        body_hash=b"",
        order_key=reading.order_key(bill.store, type, data),
    )
