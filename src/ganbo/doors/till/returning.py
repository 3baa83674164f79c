"""A return as the cashier chooses it: which sale, what of it, and the event it becomes."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow
from ganbo.books.events.reading import order_key
from ganbo.doors.till import receipt, saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.receipt import UnreadableError
from ganbo.engine.basket import MILLI
from ganbo.foundation import chance, i18n
from ganbo.journeys.returnable import LineLeft, Returnable

ALL, LINES, AMOUNT = "all", "lines", "amount"
MOST_PIECES = 20  # more are chosen all together


@dataclass(frozen=True, slots=True)
class Choice:
    """What comes back: all that is left, lines (place → pieces, None for all of it), or an amount as typed."""

    key: str
    what: str = ""
    lines: tuple[tuple[int, int | None], ...] = ()
    amount: str = ""

    @property
    def event_id(self) -> str:
        """Of this form and this choice: sent twice it is one return, chosen anew another."""
        told = sha256(repr(self.fields()).encode()).hexdigest()[:16]
        return f"till:return:{self.key}:{told}"

    def fields(self) -> list[tuple[str, str]]:
        """The choice as hidden fields, so that what is confirmed is what was shown."""
        found = [("key", self.key), ("what", self.what)]
        if self.what == LINES:
            for place, pieces in self.lines:
                found += [("line", str(place)), (f"pieces{place}", str(pieces or ""))]
        return [*found, ("amount", self.amount)] if self.what == AMOUNT else found


def chosen(form: QueryDict) -> Choice:
    """The form as sent; a key that is none of ours gets replaced."""
    try:
        key = str(UUID(form.get("key", "")))
    except ValueError:
        key = str(chance.new_id())
    places = sorted({int(text) for text in form.getlist("line")[:500] if text.isdecimal() and len(text) < 4})
    lines = tuple((place, _pieces(form.get(f"pieces{place}", ""))) for place in places)
    return Choice(key, form.get("what", ""), lines, form.get("amount", "").strip()[:32])


def _pieces(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < len(text) < 4 else None


def find(text: str, at: Counter) -> list[EventRow]:
    """The sales this receipt number means, in the stores this person may take returns of."""
    text = text.strip()
    if not text or len(text) > receipt.MOST_ORDER_ID:
        return []
    keys = [order_key(store, "purchase", {"order_id": text}) for store in at.reach]
    return [sale for sale in events.of_orders([key for key in keys if key]) if at.may_see(sale)]


def number(sale: EventRow) -> str:
    """The sale's receipt number; empty when it has none: then it can only be undone whole."""
    return str(orjson.loads(sale.body).get("order_id") or "")


def body(choice: Choice, sale: EventRow, left: Returnable, at: Counter) -> dict[str, Any]:
    """The event a POS would send. Raises UnreadableError with what to mend."""
    data: dict[str, Any] = {"order_id": number(sale), "currency": at.currency}
    if choice.what == LINES:
        data["lines"] = _lines(choice, left)
    elif choice.what == AMOUNT:
        data["amount"] = _amount(choice, left, at)
    elif choice.what != ALL:
        raise UnreadableError(_("Choose what the customer brings back."))
    event: dict[str, Any] = {
        "id": choice.event_id,
        "type": "refund",
        "occurred_at": at.now.isoformat(),
        "channel": "till",
        "staff": at.staff.actor,
        "data": data,
    }
    return event | ({"store": sale.store} if sale.store else {})


def _lines(choice: Choice, left: Returnable) -> list[dict[str, Any]]:
    open_ = {line.place: line for line in left.lines if line.open}
    wanted = [_line(open_[place], pieces) for place, pieces in choice.lines if place in open_]
    if not wanted:
        raise UnreadableError(_("Tick what the customer brings back."))
    return wanted


def _line(line: LineLeft, pieces: int | None) -> dict[str, Any]:
    """All that is left of a line, or some of its pieces; told in pieces, so that an earlier return counts only once."""
    if pieces is not None and line.pieces and pieces < line.pieces:
        return {"line": line.place, "quantity": pieces}
    if line.untouched or not line.left:
        return {"line": line.place}
    whole, part = divmod(line.left, MILLI)
    return {"line": line.place, "quantity": f"{whole}.{part:03d}" if part else whole}


def _amount(choice: Choice, left: Returnable, at: Counter) -> int:
    if not choice.amount:
        raise UnreadableError(_("Type how much money goes back."))
    amount = receipt.minor_units(choice.amount, at.currency)
    if amount == 0:
        raise UnreadableError(_("Type how much money goes back."))
    if amount > left.left:
        most = i18n.money(left.left, at.currency, saying.locale())
        raise UnreadableError(_("At most %(most)s of this sale can still go back.") % {"most": most})
    return amount


def shown_quantity(milli: int) -> str:
    """2; 0,5 as people write it."""
    whole, part = divmod(milli, MILLI)
    return i18n.number(f"{whole}.{part:03d}".rstrip("0") if part else whole, saying.locale())
