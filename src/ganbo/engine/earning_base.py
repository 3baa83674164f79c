"""What a bill is worth for earning: lines that count, by the base switches. Minor units, or thousandths of a piece."""

from collections.abc import Sequence

from ganbo.engine import frame
from ganbo.engine.basket import Order, OrderLine
from ganbo.engine.programme import Base, Give

_DEFAULT = Base()


def of_order(order: Order, give: Give) -> int:
    """The whole bill's base for a rule without `lines`."""
    if order.plain and give.base == _DEFAULT and not give.never:
        return order.net if give.of == "net" else order.gross if give.of == "gross" else order.quantity
    value = _of_lines(order, order.lines, give)
    if give.of == "quantity":
        return value
    return _without_points(order, value + (order.shipping if give.base.shipping else 0), give)


def of_lines(order: Order, lines: Sequence[OrderLine], give: Give) -> int:
    """The base of some lines; a free line counts nothing."""
    value = _of_lines(order, lines, give)
    return value if give.of == "quantity" else _without_points(order, value, give)


def _of_lines(order: Order, lines: Sequence[OrderLine], give: Give) -> int:
    counted = [
        line
        for line in lines
        if not line.free and (give.base.gift_cards or not line.gift_card) and not frame.barred(line, give.never)
    ]
    if give.of == "quantity":
        return sum(line.quantity for line in counted)
    return sum(_value(order, line, give) for line in counted)


def _without_points(order: Order, value: int, give: Give) -> int:
    """Less the share of the bill that was paid with points, when that part earns nothing."""
    if not give.base.paid_with_points and order.paid_with_points and order.total:
        value -= order.paid_with_points * value // order.total
    return max(value, 0)


def _value(order: Order, line: OrderLine, give: Give) -> int:
    base = give.base
    value = line.gross if give.of == "gross" or base.discounts else line.net
    if base.tax is False and order.tax_included:
        return value - line.tax
    return value + line.tax if base.tax is True and not order.tax_included else value
