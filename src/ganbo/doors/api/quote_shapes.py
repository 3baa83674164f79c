"""Shapes of quotes: the bill, what offers and vouchers take off it, and the sale to record."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ganbo.doors.api.shapes import Effect, Money, Reward


class LineOff(BaseModel):
    line: int
    takes_off: Money


class QuotedVoucher(BaseModel):
    """A voucher on a quote: what it takes off, or why not; a code's place in `data.codes`. Others' codes are just not valid."""

    code: str
    given: int | None
    used: bool
    times: int
    takes_off: Money
    lines: list[LineOff]
    reason: str | None
    because: str | None
    because_not: str | None
    voucher_id: str | None = None
    kind: str | None = None
    reward: str | None = None
    reward_kind: str | None = None
    name: str | None = None
    uses_left: int | None = None
    left: Money | None = None
    expires_at: str | None = None


class LineOffer(BaseModel):
    """What an offer takes off a line."""

    offer: str
    amount: Money
    because: str


class PriceLine(BaseModel):
    """One line: `plain`, less the `discount` it came with, less offers, less vouchers, is `net`."""

    line: int
    plain: Money
    discount: Money
    offers: list[LineOffer]
    vouchers: Money
    net: Money


class Bill(BaseModel):
    """The bill as it was asked, less offers, less vouchers (`off`), less what gift cards pay; and line by line."""

    before: Money
    offers: Money
    off: Money
    points: Money
    gift_cards: Money
    card_money: Money
    to_pay: Money
    lines: list[PriceLine]


class Payable(BaseModel):
    """How much of the bill points could pay at most, in units and money; `least` and `step` are money."""

    model_config = ConfigDict(populate_by_name=True)
    wallet: str
    points: int
    as_: str = Field(alias="as")
    amount: Money
    least: Money
    step: Money


class Quote(BaseModel):
    """`effects` are those of `sale`: the `data` to record, with the offers and vouchers that are used."""

    effects: list[Effect]
    balances_after: dict[str, Any]
    rewards: list[Reward]
    vouchers: list[QuotedVoucher]
    price: Bill | None
    sale: dict[str, Any] | None
    points_payable: Payable | None
    because: list[str]
    because_not: list[str]
