"""`milestones` and `challenges`: what a member reaches once, and what that gives."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, WithJsonSchema, model_validator

from ganbo.engine.document.shapes import STRICT, Count, Day, Id, LocalWords, Source

MOST_STEPS = 50
MOST_DISTINCT = 100
ItemsOnly = Annotated[Source, WithJsonSchema({"form": "[condition](#conditions)"})]


class GiftDoc(BaseModel):
    """One voucher, or units of a wallet; they can be used at once."""

    model_config = STRICT
    voucher: Id | None = None
    """A voucher for this reward.

    {voucher: ten-percent}
    """
    wallet: Id | None = None
    """Or units of this wallet, with `amount`.

    {wallet: points, amount: 100}
    """
    amount: Count | None = None
    """How many units; of a money wallet minor units.

    {wallet: points, amount: 100}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.wallet is None) != (self.amount is None) or (self.wallet is None) == (self.voucher is None):
            raise ValueError("wallet_or_voucher")
        return self


class MilestoneStepDoc(BaseModel):
    """One milestone: passed once, it gives once."""

    model_config = STRICT
    at: Count
    """What the member's total must reach; of spend minor units.

    {at: 100, give: {voucher: ten-percent}}
    """
    give: GiftDoc
    """What passing it gives.

    {at: 100, give: {voucher: ten-percent}}
    """


class MilestonesDoc(BaseModel):
    """Steps on the way of a member's whole life in the programme."""

    model_config = STRICT
    of: Literal["points_earned", "spend", "purchases", "visits"]
    """Which total: `spend`, `purchases` and `visits` since joining; `points_earned` since milestones stand in the programme.

    {of: spend, steps: [{at: 5000000, give: {voucher: ten-percent}}]}
    """
    steps: Annotated[list[MilestoneStepDoc], Field(min_length=1, max_length=MOST_STEPS)]
    """The milestones, the lowest first.

    {of: points_earned, steps: [{at: 100, give: {voucher: ten-percent}}]}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        places = [step.at for step in self.steps]
        if places != sorted(set(places)):
            raise ValueError("steps_rise")
        return self


class NeedsDoc(BaseModel):
    """What fulfils a challenge: one of the four. Free items never count."""

    model_config = STRICT
    distinct: Literal["sku", "category", "store"] | None = None
    """So many (`n`) different items, categories or stores.

    {distinct: sku, n: 7}
    """
    n: Annotated[int, Field(ge=2, le=MOST_DISTINCT)] | None = None
    """How many different ones.

    {distinct: category, n: 3}
    """
    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Or so many purchases.

    {count: 5}
    """
    units: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Or so many pieces.

    {units: 20}
    """
    spend: Count | None = None
    """Or so much money, in minor units after discounts.

    {spend: 2000000}
    """
    lines: ItemsOnly | None = None
    """Only these items count.

    {units: 10, lines: 'line.category == "coffee"'}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        named = [self.distinct, self.count, self.units, self.spend]
        if sum(one is not None for one in named) != 1 or (self.distinct is None) != (self.n is None):
            raise ValueError("one_need")
        return self


class ChallengeDoc(BaseModel):
    """Something to do within a time; done once, it gives once."""

    model_config = STRICT
    id: Id
    """The challenge's name in the books; used once.

    {id: seven-brews}
    """
    name: LocalWords | None = None
    """Shown to people; left out, the id is.

    {name: {vi: Bảy kiểu pha, en: Seven brews}}
    """
    from_: Annotated[Day | None, Field(alias="from")] = None
    """The first day on which purchases count.

    {from: 2027-03-01, until: 2027-04-01}
    """
    until: Day | None = None
    """The first day on which they no longer count.

    {from: 2027-03-01, until: 2027-04-01}
    """
    needs: NeedsDoc
    """What fulfils it.

    {needs: {distinct: sku, n: 7}}
    """
    give: GiftDoc
    """What fulfilling it gives.

    {give: {voucher: ten-percent}}
    """
    say: LocalWords | None = None
    """Its condition in your own words, needed when it has no standard sentence.

    {needs: {count: 2, lines: line.quantity % 2 == 1}, say: {vi: Mua lẻ, en: Odd numbers}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.from_ and self.until and self.from_ >= self.until:
            raise ValueError("during_needs_order")
        return self
