"""What the cashier typed becomes the API's plain event, or a sentence that says what to mend."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from ganbo.foundation import chance
from ganbo.kernel import money as money_

ROWS = 3  # lines a cashier types by hand; a longer receipt comes from the POS
MOST_ORDER_ID = 64
THOUSANDS_BELOW = 1_000  # in đồng nobody sells for less: 110 means 110.000
_GROUPED = re.compile(r"\d{1,3}([.,\s\u00a0]\d{3})+|\d+")


class UnreadableError(Exception):
    """The sentence for the cashier is the message."""


@dataclass(frozen=True, slots=True)
class Row:
    """One typed line of a receipt, as text; `n` makes its field names."""

    n: int
    sku: str = ""
    quantity: str = ""
    price: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sale as it stands in the form; `sale` makes that pressing twice records once."""

    sale: str
    member: str = ""
    amount: str = ""
    order_id: str = ""
    rows: tuple[Row, ...] = field(default_factory=lambda: tuple(Row(n) for n in range(1, ROWS + 1)))

    @property
    def event_id(self) -> str:
        return f"till:{self.sale}"

    @property
    def has_rows(self) -> bool:
        return any(row.sku or row.quantity or row.price for row in self.rows)

    @property
    def empty(self) -> bool:
        return not self.amount and not self.has_rows


def fresh(member: str = "") -> Draft:
    """An empty form with a sale id of its own."""
    return Draft(sale=str(chance.new_id()), member=member)


def drafted(form: QueryDict) -> Draft:
    """The form as sent; a sale id that is none of ours gets replaced."""
    try:
        sale = str(UUID(form.get("sale", "")))
    except ValueError:
        sale = str(chance.new_id())
    rows = tuple(
        Row(n, *(form.get(f"{name}{n}", "").strip()[:64] for name in ("sku", "quantity", "price")))
        for n in range(1, ROWS + 1)
    )
    return Draft(
        sale=sale,
        member=form.get("member", "").strip()[:64],
        amount=form.get("amount", "").strip()[:32],
        order_id=form.get("order_id", "").strip(),
        rows=rows,
    )


def minor_units(text: str, currency: str) -> int:
    """Minor units of a typed amount: 110, 110.000 and 110k are all 110.000 ₫. Raises UnreadableError."""
    plain = text.strip().lower().removesuffix("₫").removesuffix("đ").strip()
    times = 1
    if plain.endswith("k"):
        plain, times = plain[:-1].strip(), 1_000
    if not plain.isascii() and "\u00a0" not in plain:
        raise UnreadableError(_amount_wanted())
    if money_.digits(currency):
        return _with_decimals(plain, money_.digits(currency))
    if not _GROUPED.fullmatch(plain) or len(plain) > 20:
        raise UnreadableError(_amount_wanted())
    grouped = not plain.isdigit()
    amount = int("".join(c for c in plain if c.isdigit())) * times
    if currency == "VND" and not grouped and times == 1 and 0 < amount < THOUSANDS_BELOW:
        amount *= 1_000
    return amount


def _amount_wanted() -> str:
    return _("Type the total in digits, like 110.000; 110 is enough for it, too.")


def _with_decimals(plain: str, digits: int) -> int:
    found = re.fullmatch(rf"(\d{{1,12}})(?:[.,](\d{{1,{digits}}}))?", plain)
    if not found:
        raise UnreadableError(_("Type the total in digits, like 12.50."))
    return int(found[1] + (found[2] or "").ljust(digits, "0"))


def body(draft: Draft, *, currency: str, at: datetime, store: str | None, staff: str) -> dict[str, Any]:
    """The event a POS would send. Raises UnreadableError with what to mend."""
    bought: dict[str, Any] = {"currency": currency}
    if draft.has_rows:
        bought["lines"] = [_line(row, currency) for row in draft.rows if row.sku or row.quantity or row.price]
        if draft.amount and minor_units(draft.amount, currency) != total(bought):
            raise UnreadableError(_("The total and the items differ. Clear the total, or type the items anew."))
    else:
        if not draft.amount:
            raise UnreadableError(_("Type what the bill comes to first."))
        bought["amount"] = minor_units(draft.amount, currency)
    if total(bought) == 0:
        raise UnreadableError(_("A bill of nothing earns nothing. Type what the bill comes to."))
    if len(draft.order_id) > MOST_ORDER_ID:
        raise UnreadableError(_("The receipt number may have 64 characters at most; scan it again."))
    if draft.order_id:
        bought["order_id"] = draft.order_id
    event: dict[str, Any] = {
        "id": draft.event_id,
        "type": "purchase",
        "occurred_at": at.isoformat(),
        "channel": "till",
        "staff": staff,
        "data": bought,
    }
    if draft.member:
        event["member"] = {"id": draft.member}
    if store:
        event["store"] = store
    return event


def total(bought: dict[str, Any]) -> int:
    """What the customer pays, in minor units."""
    if "lines" in bought:
        return sum(line["quantity"] * line["unit_price"] for line in bought["lines"])
    return int(bought["amount"])


def _line(row: Row, currency: str) -> dict[str, Any]:
    quantity = row.quantity or "1"
    if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:9]) <= 1_000):
        raise UnreadableError(_("Line %(n)s: type how many, from 1 to 1000.") % {"n": row.n})
    if not row.price:
        raise UnreadableError(_("Line %(n)s: type the price of one.") % {"n": row.n})
    line: dict[str, Any] = {"quantity": int(quantity), "unit_price": minor_units(row.price, currency)}
    if row.sku:
        line["sku"] = row.sku
    return line
