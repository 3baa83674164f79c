"""The `data` of a sale with what its vouchers take off in it: recorded so, it costs what was quoted."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ganbo.engine.basket import MILLI, Order, OrderLine
from ganbo.engine.stacking import Bill


def proposed(data: Mapping[str, Any], order: Order, bill: Bill) -> dict[str, Any]:
    """All discounts stand at the lines; free pieces are lines of their own, so that they neither earn nor stamp.

    How it is `paid` was told of another price and is left out.
    """
    kept = {key: value for key, value in data.items() if key not in ("lines", "amount", "discount", "shipping", "paid")}
    if bill.shipping:
        kept["shipping"] = bill.shipping
    if data.get("lines") is None:
        off = order.gross - bill.lines[0]
        return kept | {"amount": order.gross} | ({"discount": off} if off else {})
    lines: list[dict[str, Any]] = []
    for place, written in enumerate(data["lines"]):
        lines += _line(written, order.lines[place], bill.lines[place], bill.free[place])
    return kept | {"lines": lines}


def _line(written: Mapping[str, Any], line: OrderLine, left: int, free: int) -> list[dict[str, Any]]:
    plain = {key: value for key, value in written.items() if key != "discount"}
    rest = line.quantity - free * MILLI
    if not free or rest <= 0:
        return [_discounted(plain, line.gross - left)]
    gross = (2 * rest * line.unit_price + MILLI) // (2 * MILLI)
    paid = plain | {"quantity": rest // MILLI if rest % MILLI == 0 else str(Decimal(rest) / MILLI)}
    gift = {key: value for key, value in plain.items() if key != "tax"} | {"quantity": free}
    return [_discounted(paid, gross - left), _discounted(gift, free * line.unit_price)]


def _discounted(line: dict[str, Any], off: int) -> dict[str, Any]:
    return line | {"discount": off} if off else line
