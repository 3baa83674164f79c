"""`earn`: the rules that give and multiply, with their limits; `tables` and `base`."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from ganbo.engine.document.shapes import (
    MOST_LIMITS,
    STRICT,
    Count,
    Day,
    Factor,
    Id,
    LocalWords,
    On,
    Source,
    Weekday,
)
from ganbo.engine.document.wallets import ExpiryDoc, PendingDoc

InOrOut = Literal["in", "out"]


class BaseDoc(BaseModel):
    """Which parts of a bill earn. Left out: as the programme's `base` says, else the default of each."""

    model_config = STRICT
    tax: InOrOut | None = None
    shipping: InOrOut | None = None
    discounts: InOrOut | None = None
    gift_cards: InOrOut | None = None
    paid_with_points: InOrOut | None = None


class GiveDoc(BaseModel):
    """What a rule gives: units of a wallet, or a voucher."""

    model_config = STRICT
    wallet: Id | None = None
    amount: Count | Source | None = None
    voucher: Id | None = None
    per: Count | None = None
    of: Literal["net", "gross", "quantity"] | None = None
    rounding: Literal["down", "up", "half_up", "none"] = "down"
    carry: bool = False
    min: Count | None = None
    base: BaseDoc | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.wallet is None) != (self.amount is None) or (self.wallet is None) == (self.voucher is None):
            raise ValueError("wallet_or_voucher")
        if (self.per is None) != (self.of is None) or (self.voucher and self.per):
            raise ValueError("per_and_of")
        if self.carry and (self.per is None or self.rounding != "down"):
            raise ValueError("carry_needs_down")
        if self.base is not None and self.of not in ("net", "gross"):
            raise ValueError("base_needs_of")
        if isinstance(self.amount, str) and self.per is not None:
            raise ValueError("formula_without_per")
        return self


class MultiplyDoc(BaseModel):
    """A factor for one rule, or for all of a wallet."""

    model_config = STRICT
    rule: Id | None = None
    wallet: Id | None = None
    by: Factor

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.rule is None) == (self.wallet is None):
            raise ValueError("rule_or_wallet")
        return self


class RollingDoc(BaseModel):
    """The last so many days, today included."""

    model_config = STRICT
    rolling_days: Annotated[int, Field(ge=1, le=366)]


class LimitDoc(BaseModel):
    """How often or how much in a period, per whom."""

    model_config = STRICT
    scope: Literal["business", "programme", "rule", "member", "store"] = "member"
    period: Literal["day", "week", "month", "quarter", "year", "ever"] | RollingDoc
    count: Count | None = None
    points: Count | None = None
    money: Count | None = None
    on_exceed: Literal["cap", "reject"] = "cap"

    @model_validator(mode="after")
    def fits(self) -> Self:
        if sum(n is not None for n in (self.count, self.points, self.money)) != 1:
            raise ValueError("one_of_count_points_money")
        return self


Limits = Annotated[list[LimitDoc], Field(max_length=MOST_LIMITS)]


class DuringDoc(BaseModel):
    """When a rule holds: from a day, until (not including) a day, on weekdays, between two hours."""

    model_config = STRICT
    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None
    hours: Annotated[list[Annotated[int, Field(ge=0, le=24)]], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.from_ and self.until and self.from_ >= self.until:
            raise ValueError("during_needs_order")
        if self.hours and self.hours[0] >= self.hours[1]:
            raise ValueError("during_needs_order")
        if not (self.from_ or self.until or self.days or self.hours):
            raise ValueError("during_needs")
        return self


class RuleDoc(BaseModel):
    """One earn rule: it gives or it multiplies."""

    model_config = STRICT
    id: Id
    name: LocalWords | None = None
    on: On
    during: DuringDoc | None = None
    when: Source | None = None
    lines: Source | None = None
    give: GiveDoc | None = None
    multiply: MultiplyDoc | None = None
    combine: Literal["product", "best", "add"] = "product"
    limits: Limits = []
    expires: ExpiryDoc | None = None
    pending: PendingDoc | None = None
    tier_multiplier: bool | None = None
    say: LocalWords | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.give is None) == (self.multiply is None):
            raise ValueError("give_or_multiply")
        if self.lines is not None and (self.on != "purchase" or self.multiply is not None):
            raise ValueError("lines_need_purchase_and_give")
        if self.give and self.give.of and self.on != "purchase":
            raise ValueError("of_needs_purchase")
        if (self.multiply or (self.give and self.give.voucher)) and any(limit.count is None for limit in self.limits):
            raise ValueError("multiply_limits_count")
        if self.multiply is None and self.combine != "product":
            raise ValueError("combine_needs_multiply")
        if (self.give is None or self.give.wallet is None) and (self.expires or self.pending or self.tier_multiplier):
            raise ValueError("needs_give_wallet")
        return self


Table = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=60)], Annotated[int, Field(ge=-(10**12), le=10**12)]],
    Field(min_length=1, max_length=200),
]
