"""`partners`: businesses where members earn our points, or that take them as payment; the debts are settled monthly."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from ganbo.engine.document.shapes import STRICT, Count, Id, LocalWords


class PartnerEarnsDoc(BaseModel):
    """What a purchase at the partner's gives: `amount` points for every full `per`; the partner pays us for each point."""

    model_config = STRICT
    per: Count
    """For every full so much of the bill, in minor units.

    {per: 20000, amount: 1, pays_us: 110}
    """
    amount: Count
    """How many points.

    {per: 20000, amount: 1, pays_us: 110}
    """
    pays_us: Annotated[int, Field(ge=0, le=10**9)]
    """What the partner pays us for each point, in minor units.

    {per: 20000, amount: 1, pays_us: 110}
    """


class PartnerDoc(BaseModel):
    """One partner. Purchases there count towards no level."""

    model_config = STRICT
    id: Id
    """The partner's name in the books; used once.

    {id: bookshop, accepts: [gift_card]}
    """
    name: LocalWords | None = None
    """Shown to people; left out, the id is.

    {name: {vi: Nhà sách Phương Nam, en: Phương Nam Books}}
    """
    business: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] | None = None
    """The partner's short name, when it is a business of this installation; both must name each other. Left out, it is outside.

    {business: nha-sach}
    """
    category: Id | None = None
    """Its trade.

    {category: books}
    """
    competitor: bool = False
    """Whether it sells what we sell.

    {competitor: true}
    """
    wallet: Id | None = None
    """Which points; left out, the first kind that is not money.

    {wallet: points}
    """
    earns: PartnerEarnsDoc | None = None
    """What members earn there; left out, nothing.

    {earns: {per: 20000, amount: 1, pays_us: 110}}
    """
    accepts: Annotated[list[Literal["points", "gift_card"]], Field(max_length=2)] = []
    """What of ours pays there: points, gift cards, or both. Gift cards are paid to the partner at what they paid.

    {accepts: [points, gift_card], we_pay: 95}
    """
    we_pay: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """What we pay the partner for each point its customers paid with, in minor units.

    {accepts: [points], we_pay: 95}
    """
    settle: Literal["monthly"] = "monthly"
    """How often debts are netted and paid.

    {settle: monthly}
    """

    @model_validator(mode="after")
    def _whole(self) -> "PartnerDoc":
        if "points" in self.accepts and self.we_pay is None:
            raise ValueError("we_pay_needed")
        if self.earns is None and not self.accepts and self.business is None:
            raise ValueError("partner_does_nothing")
        return self
