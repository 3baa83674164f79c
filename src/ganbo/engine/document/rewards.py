"""`rewards`: what members get, for points, stamps, levels or as a thank-you. `budget`: what is planned for them."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.earn import Limits
from ganbo.engine.document.shapes import STRICT, Cost, Count, Id, LocalWords, Source, Words

Kind = Literal[
    "free_item", "discount", "free_delivery", "gift", "upgrade", "experience", "card_money", "partner_card", "gift_card"
]


class PriceDoc(BaseModel):
    """What a reward costs: units of a wallet, perhaps fewer for some levels, perhaps money besides."""

    model_config = STRICT
    wallet: Id
    amount: Count
    plus: Count | None = None
    by_tier: dict[Id, Count] = {}


class ValidFromDoc(BaseModel):
    """`from: next_order`: not on the order that earned it."""

    model_config = STRICT
    from_: Annotated[Literal["next_order", "at_once"], Field(alias="from")]


class IssuerDoc(BaseModel):
    """Whose card or code it is; a competitor's is refused."""

    model_config = STRICT
    name: Words
    competitor: bool = False


class RewardDoc(BaseModel):
    """One reward; redeeming or being given it issues a voucher."""

    model_config = STRICT
    id: Id
    name: LocalWords | None = None
    kind: Kind
    price: PriceDoc | None = None
    sku: Words | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    amount: Count | None = None
    wallet: Id | None = None
    max: Count | None = None
    base: Literal["initial", "discounted"] | None = None
    stacking: Literal["exclusive", "joint"] = "joint"
    min_order: Count | None = None
    lines: Source | None = None
    when: Source | None = None
    cost: Cost | None = None
    value: Cost | None = None
    stock: Annotated[int, Field(ge=0, le=10**9)] | None = None
    valid_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    valid: ValidFromDoc | None = None
    uses: Annotated[int, Field(ge=1, le=10**6)] = 1
    codes: Literal["generated", "imported"] = "generated"
    issuer: IssuerDoc | None = None
    taste: Literal["material", "emotional"] | None = None
    fulfil: Literal["at_once", "later"] = "at_once"
    budget: Id | None = None
    labels: Annotated[list[Words], Field(max_length=20)] = []
    limits: Limits = []
    say: LocalWords | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
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
        if self.issuer is not None and self.issuer.competitor:
            raise ValueError("competitor_refused")
        if any(limit.money is not None or limit.scope == "store" for limit in self.limits):
            raise ValueError("reward_limits")
        return self


class BudgetLineDoc(BaseModel):
    """What is planned for one purpose, in minor units."""

    model_config = STRICT
    planned: Cost
    stop: Literal["soft"] = "soft"


class BudgetDoc(BaseModel):
    """The plan in all and by line; the advice compares it with what the rules can give."""

    model_config = STRICT
    total: Cost | None = None
    lines: Annotated[dict[Id, BudgetLineDoc], Field(min_length=1, max_length=20)]
