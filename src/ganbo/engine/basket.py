"""The amounts of an order, exactly: gross, discounts, net. All in minor units; quantities in thousandths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ganbo.kernel.points import split
from ganbo.kernel.refusal import Refusal
from ganbo.kernel.swift import swift

MILLI = 1000
GIFT_CARD = "gift-card"
_NO_POINTS: Mapping[str, int] = {}


class FieldRefused(Refusal):
    """Amounts do not fit together; `errors` holds (field, code, params)."""

    code = "events.amounts"

    def __init__(self, errors: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
        super().__init__()
        self.errors = tuple(errors)


@swift
@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line after its share of all discounts."""

    sku: str
    category: str
    labels: tuple[str, ...]
    quantity: int  # thousandths
    unit_price: int
    gross: int
    net: int
    tax: int = 0
    free_pieces: int = 0  # that an offer gives for nothing

    @property
    def gift_card(self) -> bool:
        """Whether the line sells stored value: by its category or a label `gift-card`."""
        return self.category == GIFT_CARD or GIFT_CARD in self.labels

    @property
    def free(self) -> bool:
        """A line that costs nothing neither earns nor stamps."""
        return self.net == 0


@swift
@dataclass(frozen=True, slots=True)
class Order:
    """A purchase as the rules see it."""

    gross: int
    net: int
    shipping: int
    discount: int  # all discounts, of lines and order
    quantity: int  # thousandths, of lines that are not free
    paid_with_points: int
    total: int  # to pay
    lines: tuple[OrderLine, ...]
    tax_included: bool = True
    plain: bool = True  # no line that is free, sells stored value or has no share in the net
    points_off: int = 0  # of `discount`: what points took off the price


def order_of(data: Mapping[str, Any], currency: str) -> Order:
    """The order in an event's `data`. Raises FieldRefused naming the field."""
    if data.get("currency", currency) != currency:
        raise FieldRefused([("currency", "wrong_currency", {"currency": currency})])
    written = data.get("lines")
    lines = _lines(written) if written is not None else [_amount_line(data["amount"])]
    off, points = data.get("discount", 0), (data.get("points") or _NO_POINTS).get("amount", 0)
    if off or points:
        lines = _less(lines, off, points)
    gross = net = quantity = 0
    plain = True
    for line in lines:
        gross += line.gross
        net += line.net
        if line.net:
            quantity += line.quantity
        if plain and (line.net == 0 or line.gift_card):
            plain = False
    shipping = data.get("shipping", 0)
    tax = 0 if data.get("tax_included", True) else sum(line.get("tax", 0) for line in written or ())
    total = net + shipping + tax
    if data.get("offers") and sum(one["amount"] for one in data["offers"]) > gross - net:
        raise FieldRefused([("offers", "offers_too_large", {"most": gross - net})])
    return Order(
        gross=gross,
        net=net,
        shipping=shipping,
        discount=gross - net,
        quantity=quantity,
        paid_with_points=_paid_with_points(data.get("paid"), total),
        total=total,
        lines=tuple(lines),
        tax_included=data.get("tax_included", True),
        plain=plain,
        points_off=points,
    )


def _less(lines: Sequence[OrderLine], off: int, points: int) -> list[OrderLine]:
    """The lines after a discount of all of them, and what points take off. Raises FieldRefused."""
    before = [line.net for line in lines]
    if off > sum(before):
        raise FieldRefused([("discount", "discount_too_large", {"most": sum(before)})])
    if off + points > sum(before):
        raise FieldRefused([("points.amount", "discount_too_large", {"most": sum(before) - off})])
    if not off + points:
        return list(lines)
    shares = split(off + points, [Fraction(net) for net in before])
    return [_discounted(line, share) for line, share in zip(lines, shares, strict=True)]


def _lines(written: Sequence[Mapping[str, Any]]) -> list[OrderLine]:
    lines = []
    for place, line in enumerate(written):
        milli = _milli(line.get("quantity", 1))
        gross = (2 * milli * line["unit_price"] + MILLI) // (2 * MILLI)  # half up
        off = line.get("discount", 0)
        if off > gross:
            raise FieldRefused([(f"lines.{place}.discount", "discount_too_large", {"most": gross})])
        lines.append(
            OrderLine(
                sku=line.get("sku") or "",
                category=line.get("category") or "",
                labels=tuple(line.get("labels", ())),
                quantity=milli,
                unit_price=line["unit_price"],
                gross=gross,
                net=gross - off,
                tax=line.get("tax", 0),
            )
        )
    return lines


def _milli(quantity: int | Decimal | str) -> int:
    return quantity * MILLI if isinstance(quantity, int) else int(Decimal(quantity) * MILLI)


def _amount_line(amount: int) -> OrderLine:
    return OrderLine("", "", (), MILLI, amount, amount, amount)


def _discounted(line: OrderLine, share: int) -> OrderLine:
    return replace(line, net=line.net - share)


def _paid_with_points(paid: Sequence[Mapping[str, Any]] | None, total: int) -> int:
    if paid is None:
        return 0
    given = sum(payment["amount"] for payment in paid)
    if given != total:
        raise FieldRefused([("paid", "paid_sum", {"expected": total, "given": given})])
    return int(sum(payment["amount"] for payment in paid if payment["with"] == "points"))
