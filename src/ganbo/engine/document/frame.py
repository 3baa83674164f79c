"""`never`, `runs`, `legal`: what a programme leaves out, how long it runs, and who answers for it."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Day, LocalWords, Words

Kinds = Annotated[list[Words], Field(max_length=50)]


class NeverDoc(BaseModel):
    """What is left out of the whole programme, by the category or a label of a line."""

    model_config = STRICT
    earn: Kinds = []
    """Lines of these never earn points or stamps, nor count towards tiers or challenges.

    {earn: [tobacco, infant-formula]}
    """
    pay: Kinds = []
    """Lines of these are never paid for with points.

    {pay: [tobacco]}
    """
    reward: Kinds = []
    """Lines of these are never lowered by a voucher or reward.

    {reward: [alcohol]}
    """
    why: LocalWords | None = None
    """The reason, shown with it at the till and in the terms.

    {earn: [tobacco], why: {vi: Luật cấm khuyến mại thuốc lá, en: The law bans promotion of tobacco}}
    """


class RunsDoc(BaseModel):
    """How long the programme runs, by the business's days. The last days count."""

    model_config = STRICT
    from_: Annotated[Day | None, Field(alias="from")] = None
    """The first day on which anything is earned or spent.

    {from: 2026-12-01}
    """
    earn_until: Day | None = None
    """The last day to earn.

    {earn_until: 2027-12-31}
    """
    spend_until: Day | None = None
    """The last day to redeem points, and to use vouchers given from then on.

    {earn_until: 2027-12-31, spend_until: 2028-03-31}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        days = [day for day in (self.from_, self.earn_until, self.spend_until) if day is not None]
        if days != sorted(days):
            raise ValueError("runs_order")
        return self


class LegalDoc(BaseModel):
    """Who answers for the programme: printed on the terms and beside vouchers."""

    model_config = STRICT
    organiser: Words | None = None
    """The company that runs it.

    {organiser: Công ty Gắn Bó}
    """
    tax_code: Words | None = None
    """Its tax code.

    {tax_code: "0101234567"}
    """
    type: Words | None = None
    """The kind of promotion that was notified.

    {type: frequent_customer}
    """
    notice_no: Words | None = None
    """The number of the notice to the authority.

    {notice_no: "12/TB-KM"}
    """
    areas: Annotated[list[Words], Field(max_length=70)] = []
    """Where it holds.

    {areas: [Hà Nội, Hải Phòng]}
    """
