"""`rewards`: what members get, for points, stamps, levels or as a thank-you."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.earn import Limits
from ganbo.engine.document.shapes import STRICT, Cost, Count, Id, LocalWords, Source, Words

Kind = Literal[
    "free_item",
    "discount",
    "free_delivery",
    "gift",
    "upgrade",
    "experience",
    "card_money",
    "partner_card",
    "gift_card",
    "choice",
]


class PriceDoc(BaseModel):
    """What a reward costs: units of a wallet, perhaps fewer for some levels, perhaps money besides."""

    model_config = STRICT
    wallet: Id
    """Which wallet pays.

    {wallet: points, amount: 100}
    """
    amount: Count
    """How many units.

    {wallet: points, amount: 300}
    """
    plus: Count | None = None
    """Money to be paid besides, in minor units.

    {wallet: points, amount: 200, plus: 29000}
    """
    by_tier: dict[Id, Count] = {}
    """Another price for members of some levels.

    {wallet: points, amount: 100, by_tier: {silver: 80}}
    """


class ValidFromDoc(BaseModel):
    """`from: next_order`: not on the order that earned it."""

    model_config = STRICT
    from_: Annotated[Literal["next_order", "at_once"], Field(alias="from")]
    """`next_order`: not on the order that earned it.

    {from: next_order}
    """


class IssuerDoc(BaseModel):
    """Whose card or code it is; a competitor's is refused."""

    model_config = STRICT
    name: Words
    """Whose card or code it is.

    {name: Nhà sách Phương Nam}
    """
    competitor: bool = False
    """Say `true` of a competitor's card and the document is refused.

    {name: Nhà sách Phương Nam, competitor: false}
    """


class RewardDoc(BaseModel):
    """One reward; redeeming or being given it issues a voucher."""

    model_config = STRICT
    id: Id
    """The reward's name in the books; used once.

    {id: tote, kind: gift}
    """
    name: LocalWords | None = None
    """Shown to people; left out, the id is.

    {name: {vi: Túi vải, en: Tote bag}}
    """
    kind: Kind
    """What it is; with `choose` it is a `choice` and may be left out.

    {kind: experience}
    """
    price: PriceDoc | None = None
    """What it costs; without it nobody can redeem it, it is only given.

    {price: {wallet: points, amount: 100}}
    """
    choose: Annotated[list[Id], Field(min_length=2, max_length=10)] | None = None
    """Of which rewards the member picks one, in the wallet, at the till or through your app; once.

    {choose: [free-coffee, ten-percent], within_days: 14}
    """
    within_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    """For how many days the choice is open, the last one inclusive; left out, without end.

    {choose: [free-coffee, ten-percent], within_days: 14}
    """
    sku: Words | None = None
    """Which item is free.

    {kind: free_item, sku: latte}
    """
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """How much is off, in per cent.

    {kind: discount, percent: 10}
    """
    amount: Count | None = None
    """How much is off, or on the card, in minor units.

    {kind: discount, amount: 20000}
    """
    wallet: Id | None = None
    """Into which money wallet `card_money` goes.

    {kind: card_money, amount: 50000, wallet: card}
    """
    max: Count | None = None
    """The most that a percentage takes off, in minor units.

    {kind: discount, percent: 10, max: 50000}
    """
    base: Literal["initial", "discounted"] | None = None
    """Whether a percentage counts on the price before other discounts (`initial`) or after them.

    {kind: discount, percent: 10, base: initial}
    """
    stacking: Literal["exclusive", "joint"] = "joint"
    """`exclusive`: alone on an order.

    {kind: discount, percent: 20, stacking: exclusive}
    """
    min_order: Count | None = None
    """The least bill it can be used on, in minor units.

    {kind: discount, percent: 10, min_order: 100000}
    """
    lines: Source | None = None
    """Which lines it is for. Of these `line.net` and `line.quantity` are those of all lines of the same goods, before discounts.

    {kind: discount, percent: 10, lines: 'line.category == "cake"'}
    """
    when: Source | None = None
    """Who sees it and may take it: a condition about member, day and place.

    {when: member.visits >= 3}
    """
    cost: Cost | None = None
    """What it costs you, in minor units.

    {cost: 12000}
    """
    value: Cost | None = None
    """What it is worth to the member, in minor units.

    {value: 55000}
    """
    stock: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """How many there are in all.

    {stock: 40}
    """
    valid_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    """How many days its voucher can be used; left out, without end.

    {valid_days: 30}
    """
    valid: ValidFromDoc | None = None
    """From when its voucher can be used.

    {valid: {from: next_order}}
    """
    uses: Annotated[int, Field(ge=1, le=10**6)] = 1
    """How many times one voucher can be used.

    {uses: 5}
    """
    codes: Literal["generated", "imported"] = "generated"
    """Codes made by ganbo, or a pool that you import.

    {codes: imported}
    """
    issuer: IssuerDoc | None = None
    """Whose card or code it is, when not yours.

    {kind: partner_card, codes: imported, issuer: {name: Nhà sách Phương Nam}}
    """
    taste: Literal["material", "emotional"] | None = None
    """Something to use, or something to remember.

    {taste: emotional}
    """
    fulfil: Literal["at_once", "later"] = "at_once"
    """Handed over at once, or later.

    {fulfil: later}
    """
    budget: Id | None = None
    """Which line of the budget pays for it.

    {budget: rewards}
    """
    labels: Annotated[list[Words], Field(max_length=20)] = []
    """For your own sorting.

    {labels: [summer]}
    """
    limits: Limits = []
    """How often a member may redeem it; not by money, store or code.

    {limits: [{period: month, count: 1}]}
    """
    say: LocalWords | None = None
    """Its condition in your own words, needed when it has no standard sentence.

    {when: member.visits % 2 == 0, say: {vi: Cứ hai lần ghé, en: Every second visit}}
    """

    @model_validator(mode="before")
    @classmethod
    def choice(cls, told: Any) -> Any:
        """`choose` says what kind it is."""
        if isinstance(told, dict) and "choose" in told and "kind" not in told:
            return {**told, "kind": "choice"}
        return told

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.kind == "choice") != (self.choose is not None) or (self.within_days and self.choose is None):
            raise ValueError("choose_needs")
        own = (self.cost, self.budget, self.stock, self.valid_days, self.valid, self.min_order, self.lines)
        if self.choose and (any(part is not None for part in own) or self.uses > 1 or self.codes == "imported"):
            raise ValueError("choice_only_chooses")
        if self.kind == "discount" and (self.percent is None) == (self.amount is None):
            raise ValueError("percent_or_amount")
        if self.kind != "discount" and (self.percent is not None or self.max is not None or self.base):
            raise ValueError("percent_needs_discount")
        if self.kind == "free_item" and self.sku is None:
            raise ValueError("sku_needed")
        if self.kind in ("card_money", "gift_card") and self.amount is None:
            raise ValueError("amount_needed")
        if (self.kind == "card_money") != (self.wallet is not None):
            raise ValueError("card_money_wallet")
        if self.kind == "partner_card" and self.codes != "imported":
            raise ValueError("partner_card_codes")
        if self.codes == "imported" and (self.kind in ("card_money", "gift_card") or self.uses > 1):
            raise ValueError("imported_codes")
        if self.issuer is not None and self.issuer.competitor:
            raise ValueError("competitor_refused")
        if any(limit.money is not None or limit.scope in ("store", "code") for limit in self.limits):
            raise ValueError("reward_limits")
        return self
