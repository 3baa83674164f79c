"""What the cashier typed becomes the API's plain event, or a sentence that says what to mend."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from ganbo.books.events.body import MOST_CODES
from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.features.rewards import codes
from ganbo.features.rewards import queries as rewards
from ganbo.features.rewards.codes import ALPHABET
from ganbo.foundation import chance
from ganbo.kernel import money as money_

ROWS = 3  # lines a cashier types by hand; a longer receipt comes from the POS
SHARES = ("half", "most")
MOST_ORDER_ID = MOST_CODE = 64
THOUSANDS_BELOW = 1_000  # in đồng nobody sells for less: 110 means 110.000


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
    """A sale as it stands in the form; `sale` makes that pressing twice records once.

    `codes` are ticked, `chosen` says that the cashier did it; `typed` stands in the box of codes and is not on the bill yet.
    """

    sale: str
    member: str = ""
    amount: str = ""
    order_id: str = ""
    codes: tuple[str, ...] = ()
    typed: str = ""
    chosen: bool = False
    card: bool = False  # the member's card pays what it can
    shown: str = ""  # what the card was shown to pay, so that it pays nothing else
    points: str = ""  # half or most of what points could pay
    proof: str = ""  # that the member showed, by its id
    seen: str = ""  # what was to pay when points were chosen, minor units
    rows: tuple[Row, ...] = field(default_factory=lambda: tuple(Row(n) for n in range(1, ROWS + 1)))

    @property
    def event_id(self) -> str:
        return f"till:{self.sale}"

    def with_typed(self) -> "Draft":
        """The code that was typed stands on the bill, ticked."""
        if not self.typed:
            return self
        return replace(self, codes=tuple(dict.fromkeys((*self.codes, self.typed))), typed="")

    @property
    def has_rows(self) -> bool:
        return any(row.sku or row.quantity or row.price for row in self.rows)

    @property
    def pays(self) -> dict[str, str]:
        """What a quote is asked to pay with points."""
        return {"points": self.points} if self.points else {}

    @property
    def empty(self) -> bool:
        return not self.amount and not self.has_rows


def fresh(member: str = "", proof: str = "") -> Draft:
    """An empty form with a sale id of its own."""
    return Draft(sale=str(chance.new_id()), member=member, proof=proof)


def drafted(form: QueryDict) -> Draft:
    """The form as sent; a sale id that is none of ours gets replaced."""
    try:
        sale = str(UUID(form.get("sale", "")))
    except ValueError:
        sale = str(chance.new_id())
    ticked = tuple(dict.fromkeys(code[:MOST_CODE] for code in form.getlist("code")[:MOST_CODES] if code))
    rows = tuple(
        Row(n, *(form.get(f"{name}{n}", "").strip()[:64] for name in ("sku", "quantity", "price")))
        for n in range(1, ROWS + 1)
    )
    return Draft(
        sale=sale,
        member=form.get("member", "").strip()[:64],
        amount=form.get("amount", "").strip()[:32],
        order_id=form.get("order_id", "").strip(),
        codes=ticked,
        typed="".join(form.get("typed", "").split())[:MOST_CODE],
        points=_share(form.get("points", "")),
        proof=form.get("proof", "")[:36],
        seen=form.get("seen", "")[:20],
        chosen=form.get("chosen") == "1" or set(ticked) != set(form.get("proposed", "").split()),
        card=form.get("card") == "1",
        shown=form.get("card_shown", "")[:20],
        rows=rows,
    )


def _share(asked: str) -> str:
    return asked if asked in SHARES else ""


def minor_units(text: str, currency: str) -> int:
    """Minor units of a typed amount: 110, 110.000 and 110k are all 110.000 ₫. Raises UnreadableError."""
    plain = text.strip().lower().removesuffix("₫").removesuffix("đ").strip()
    times = 1
    if plain.endswith("k"):
        plain, times = plain[:-1].strip(), 1_000
    amount = money_.written(plain, currency)
    if amount is None:
        raise UnreadableError(
            _amount_wanted() if not money_.digits(currency) else _("Type the total in digits, like 12.50.")
        )
    if currency == "VND" and plain.isdigit() and times == 1 and 0 < amount < THOUSANDS_BELOW:
        times = 1_000
    return amount * times


def _amount_wanted() -> str:
    return _("Type the total in digits, like 110.000; 110 is enough for it, too.")


def of(draft: Draft, at: Counter) -> dict[str, Any]:
    """The event of this form at this counter. Raises UnreadableError with what to mend."""
    store = at.store.id if at.store else None
    return body(draft, currency=at.currency, at=at.now, store=store, staff=at.staff.actor)


def body(draft: Draft, *, currency: str, at: datetime, store: str | None, staff: str) -> dict[str, Any]:
    """The event a POS would send. Raises UnreadableError with what to mend."""
    bought: dict[str, Any] = {"currency": currency}
    if draft.has_rows:
        bought["lines"] = [_line(row, currency) for row in draft.rows if row.sku or row.quantity or row.price]
        if draft.amount and minor_units(draft.amount, currency) != total(bought):
            raise UnreadableError(_("The total and the items differ. Clear the total, or type the items anew."))
    else:
        if not draft.amount:
            raise UnreadableError(saying.bill_first())
        bought["amount"] = minor_units(draft.amount, currency)
    if total(bought) == 0:
        raise UnreadableError(_("A bill of nothing earns nothing. Type what the bill comes to."))
    if len(draft.order_id) > MOST_ORDER_ID:
        raise UnreadableError(_("The receipt number may have 64 characters at most; scan it again."))
    if draft.codes:
        bought["codes"] = list(draft.codes)
    bought["order_id"] = draft.order_id or number(draft.sale)
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


def number(sale: str) -> str:
    """A receipt number for a sale that came without one, always the same: T-7K3QF-2MX9D. It cannot be guessed."""
    n = int.from_bytes(sha256(sale.encode()).digest()[:7], "big")
    letters = "".join(ALPHABET[(n >> shift) & 31] for shift in range(0, 50, 5))
    return f"T-{letters[:5]}-{letters[5:]}"


def same(stored: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whether a recorded sale is the one that was told: the same goods, number and vouchers, whatever these took off."""
    return all(part(stored) == part(told) for part in (_goods, _vouchers, lambda data: data.get("order_id")))


def _goods(data: dict[str, Any]) -> dict[Any, Decimal]:
    if "amount" in data:
        return {None: Decimal(data["amount"])}
    found: dict[Any, Decimal] = {}
    for line in data["lines"]:
        kind = (line.get("sku"), line["unit_price"])
        found[kind] = found.get(kind, Decimal(0)) + Decimal(line["quantity"])
    return found


def _vouchers(data: dict[str, Any]) -> set[str]:
    """By their ids; a code that is none stands for itself."""
    found = set()
    for code in data.get("codes", []):
        row = None if codes.named(code) else rewards.by_code(code)
        found.add(codes.hidden(row.id) if row else code)
    return found


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
