"""The shape of an event as the world tells it: strict, no coercion; what is wrong is named by field."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

MOST_LINES = 500  # a supermarket's longest receipts have about 200
MOST_OFFERS = 100  # a programme has no more
MOST_CODES = 20  # vouchers and gift cards on one order
MOST_MINOR_UNITS = 10**13  # 100 billion in a currency with two decimals; more is a typing error
MOST_QUANTITY = 10**6
_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)

EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Amount = Annotated[int, Field(ge=0, le=MOST_MINOR_UNITS)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Type = Annotated[
    str,
    StringConstraints(
        pattern=r"^(purchase|signup|subscribe|visit|review|share|survey|referral|checkin|refund|topup|custom\.[a-z][a-z0-9_]{0,39})$"
    ),
]


def _instant(value: object) -> datetime:
    """An RFC 3339 string with its offset."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if not isinstance(value, str) or len(value) < 16 or len(value) > 35 or value[10] not in "Tt":
        raise ValueError("not_rfc3339")
    try:
        instant = datetime.fromisoformat(value.replace("z", "Z"))
    except ValueError as failure:
        raise ValueError("not_rfc3339") from failure
    if instant.tzinfo is None:
        raise ValueError("no_offset")
    return instant


def _quantity(value: object) -> object:
    """A whole number, or an exact decimal with at most three places, also as a string of ASCII digits."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("not_a_quantity")
    if isinstance(value, str):
        if not value.isascii() or not value.replace(".", "", 1).isdigit():
            raise ValueError("not_a_quantity")
        value = Decimal(value)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -3:
            raise ValueError("too_many_decimals")
    if not 0 < value <= MOST_QUANTITY:
        raise ValueError("out_of_range")
    return value


Instant = Annotated[datetime, BeforeValidator(_instant)]
Quantity = Annotated[Any, BeforeValidator(_quantity)]


class MemberRef(BaseModel):
    """One way to name a member."""

    model_config = _STRICT
    id: Code | None = None
    card: Code | None = None
    phone: Annotated[str, StringConstraints(min_length=3, max_length=32)] | None = None
    email: Annotated[str, StringConstraints(min_length=3, max_length=254)] | None = None
    external_id: Code | None = None
    token: Code | None = None

    @model_validator(mode="after")
    def exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1 or next(iter(self.__dict__[n] for n in self.model_fields_set)) is None:
            raise ValueError("exactly_one")
        return self


class ProofRef(BaseModel):
    """What proves a spend: a proof that was given before (`POST /proofs`), or the wallet's changing code."""

    model_config = _STRICT
    id: Code | None = None
    token: Code | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> Self:
        if (self.id is None) == (self.token is None):
            raise ValueError("id_or_token")
        return self


class Line(BaseModel):
    """One line of a receipt; `discount` and `tax` are for the whole line."""

    model_config = _STRICT
    sku: Code | None = None
    name: Annotated[str, StringConstraints(max_length=200)] | None = None
    category: Code | None = None
    labels: Annotated[list[Code], Field(max_length=20)] = []
    quantity: Quantity = 1
    unit_price: Amount
    discount: Amount = 0
    tax: Amount = 0


class UsedOffer(BaseModel):
    """What an offer took off; it stands in the discounts of the lines already."""

    model_config = _STRICT
    offer: Code
    amount: Annotated[int, Field(ge=1, le=MOST_MINOR_UNITS)]


class Payment(BaseModel):
    model_config = _STRICT
    with_: Literal["cash", "bank", "card_money", "points", "gift_card", "voucher", "other"] = Field(alias="with")
    amount: Amount


class PointsOff(BaseModel):
    """Points that come off the price; `amount` is the money they take off."""

    model_config = _STRICT
    amount: Amount


class Purchase(BaseModel):
    """`data` of a purchase: lines, or a bare amount."""

    model_config = _STRICT
    order_id: Code | None = None
    currency: Currency | None = None
    lines: Annotated[list[Line], Field(max_length=MOST_LINES)] | None = None
    amount: Amount | None = None
    shipping: Amount = 0
    discount: Amount = 0
    tax_included: bool = True
    codes: Annotated[list[Code], Field(max_length=MOST_CODES)] = []
    offers: Annotated[list[UsedOffer], Field(max_length=MOST_OFFERS)] | None = None
    points: PointsOff | None = None
    paid: Annotated[list[Payment], Field(max_length=20)] | None = None

    @model_validator(mode="after")
    def lines_or_amount(self) -> Self:
        if (self.lines is None) == (self.amount is None):
            raise ValueError("lines_or_amount")
        if self.lines is not None and not self.lines:
            raise ValueError("lines_or_amount")
        return self


class ReturnedLine(BaseModel):
    """A line by its place from 0, or lines by `sku`; some pieces of it, or some money of it, or all of it."""

    model_config = _STRICT
    line: Annotated[int, Field(ge=0, lt=MOST_LINES)] | None = None
    sku: Code | None = None
    quantity: Quantity | None = None
    amount: Annotated[int, Field(ge=1, le=MOST_MINOR_UNITS)] | None = None

    @model_validator(mode="after")
    def one_line_one_measure(self) -> Self:
        if (self.line is None) == (self.sku is None):
            raise ValueError("line_or_sku")
        if self.quantity is not None and self.amount is not None:
            raise ValueError("quantity_or_amount")
        return self


def _by_place(value: object) -> object:
    """A bare number is the whole line at that place."""
    return {"line": value} if isinstance(value, int) and not isinstance(value, bool) else value


Returned = Annotated[ReturnedLine, BeforeValidator(_by_place)]


class Refund(BaseModel):
    """`data` of a refund: of which order, and its lines, or an amount of it; the whole order when neither."""

    model_config = _STRICT
    order_id: Code
    lines: Annotated[list[Returned], Field(min_length=1, max_length=MOST_LINES)] | None = None
    amount: Annotated[int, Field(ge=1, le=MOST_MINOR_UNITS)] | None = None
    currency: Currency | None = None
    reason: Annotated[str, StringConstraints(max_length=200)] | None = None

    @model_validator(mode="after")
    def lines_or_amount_or_neither(self) -> Self:
        if self.lines is not None and self.amount is not None:
            raise ValueError("lines_and_amount")
        return self


class TopUp(BaseModel):
    """`data` of money paid onto the member's card: one of the programme's amounts, and how it was paid."""

    model_config = _STRICT
    amount: Annotated[int, Field(ge=1, le=MOST_MINOR_UNITS)]
    currency: Currency | None = None
    paid_with: Literal["cash", "bank", "other"] | None = None


SHAPES: dict[str, type[BaseModel]] = {
    "purchase": Purchase,
    "refund": Refund,
    "topup": TopUp,
}  # of `data`, by type of event


_WITHOUT_MEMBER = ("purchase", "refund")


class EventBody(BaseModel):
    """One event. `member` may be left out of a purchase: it is recorded, earns nothing, and can be claimed.

    A refund belongs to the member of its sale; `member` is not needed there and not looked at.
    """

    model_config = _STRICT
    id: EventId
    type: Type
    occurred_at: Instant
    member: Code | MemberRef | None = None
    proof: ProofRef | None = None
    store: Code | None = None
    channel: Code | None = None
    staff: Code | None = None
    data: dict[str, Any] = {}

    @model_validator(mode="after")
    def check_data(self) -> Self:
        if self.type not in _WITHOUT_MEMBER and self.member is None:
            raise ValueError("member_needed")
        return self


class NotPlain(ValueError):
    """Values in `data` are texts, whole numbers, yes/no, or short lists of them."""


MOST_KEYS = 50
MOST_TEXT = 2_000
_KEY_LENGTH = 40


def check_plain(data: dict[str, Any]) -> list[tuple[str, str]]:
    """(field, code) of every value in a non-purchase's `data` that is not plain; empty when all is well."""
    if len(data) > MOST_KEYS:
        return [("data", "too_many_keys")]
    wrong = []
    for key, value in data.items():
        if not (key.isascii() and key.isidentifier() and key == key.lower() and len(key) <= _KEY_LENGTH):
            wrong.append((f"data.{key[:_KEY_LENGTH]}", "bad_key"))
        for one in value if isinstance(value, list) else [value]:
            problem = _plain_problem(one)
            if problem:
                wrong.append((f"data.{key[:_KEY_LENGTH]}", problem))
        if isinstance(value, list) and len(value) > MOST_KEYS:
            wrong.append((f"data.{key[:_KEY_LENGTH]}", "too_many"))
    return wrong


def _plain_problem(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return None if abs(value) <= MOST_MINOR_UNITS else "out_of_range"
    if isinstance(value, str):
        return None if len(value) <= MOST_TEXT else "too_long"
    return "not_plain" if not isinstance(value, Decimal) else "float"
