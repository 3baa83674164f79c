"""`topups`: money paid in advance onto the card, and what the shop adds."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Count, Id


class TopUpDoc(BaseModel):
    """One amount that can be paid onto the card; other amounts are not taken."""

    model_config = STRICT
    pay: Count
    """What the member pays, in minor units; all of it goes onto the card. Each amount stands once.

    {pay: 500000}
    """
    bonus: Annotated[int, Field(ge=1, le=10**12)] | None = None
    """What the shop adds, in minor units.

    {pay: 500000, bonus: 50000, bonus_wallet: gift_money}
    """
    bonus_wallet: Id | None = None
    """Where the bonus goes: a money wallet with `refundable: false`.

    {pay: 500000, bonus: 50000, bonus_wallet: gift_money}
    """
    spend: Literal["paid_first", "bonus_first"] = "paid_first"
    """Which is spent first when a bill is paid from the card; the same for all bonuses of a programme.

    {pay: 500000, bonus: 50000, bonus_wallet: gift_money, spend: bonus_first}
    """
    wallet: Id | None = None
    """Where the paid money goes; left out, the one money wallet that is `refundable`.

    {pay: 500000, wallet: card}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.bonus is None) != (self.bonus_wallet is None):
            raise ValueError("bonus_and_wallet")
        return self
