"""`earn`: the rules that give and multiply, with their limits; `tables` and `base`."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, WithJsonSchema, model_validator

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

Formula = Annotated[Source, WithJsonSchema({"form": "[formula](#formulas)"})]
InOrOut = Literal["in", "out"]


class BaseDoc(BaseModel):
    """Which parts of a bill earn. Left out: as the programme's `base` says, else the default of each."""

    model_config = STRICT
    tax: InOrOut | None = None
    """Whether tax is part of what earns; left out, as the bill's prices are.

    {tax: out}
    """
    shipping: InOrOut | None = None
    """Whether shipping earns; left out, it does not.

    {shipping: in}
    """
    discounts: InOrOut | None = None
    """`in` counts the price before discounts, `out` (left out too) the price after them.

    {discounts: in}
    """
    gift_cards: InOrOut | None = None
    """Whether selling gift cards (category or label `gift-card`) earns; left out, it does not.

    {gift_cards: out}
    """
    paid_with_points: InOrOut | None = None
    """Whether the part paid with points earns; left out, it does.

    {paid_with_points: out}
    """


class GiveDoc(BaseModel):
    """What a rule gives: units of a wallet, a voucher, or a voucher by level."""

    model_config = STRICT
    wallet: Id | None = None
    """What is given; either this with `amount`, or `voucher`.

    {wallet: points, amount: 20}
    """
    amount: Count | Formula | None = None
    """How many units; a formula is allowed instead of a number.

    {wallet: miles, amount: 'event.miles * table.class[event.class] / 100'}
    """
    voucher: Id | None = None
    """A voucher for this reward.

    {voucher: ten-percent}
    """
    by_tier: Annotated[dict[Id, Id], Field(min_length=1, max_length=20)] | None = None
    """Or a voucher by the member's level; levels that are not named get nothing.

    {by_tier: {bronze: ten-percent, silver: free-coffee}}
    """
    per: Count | None = None
    """The amount is given for each so many of `of`.

    {wallet: points, amount: 1, per: 10000, of: net}
    """
    of: Literal["net", "gross", "quantity"] | None = None
    """What is counted: minor units of the bill, or units of goods.

    {wallet: points, amount: 5, per: 1, of: quantity}
    """
    rounding: Literal["down", "up", "half_up", "none"] = "down"
    """What becomes of a part-step; `none` keeps it in proportion.

    {wallet: points, amount: 1, per: 10000, of: net, rounding: half_up}
    """
    carry: bool = False
    """Keeps what is below one step for the member's next event.

    {wallet: points, amount: 1, per: 10000, of: net, carry: true}
    """
    min: Count | None = None
    """The least that is given when anything is.

    {wallet: miles, amount: event.miles, min: 500}
    """
    base: BaseDoc | None = None
    """Which parts of the bill earn by this rule, over the programme's own `base`.

    {wallet: points, amount: 1, per: 10000, of: net, base: {shipping: in}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        given = (self.wallet, self.voucher, self.by_tier)
        if (self.wallet is None) != (self.amount is None) or sum(one is not None for one in given) != 1:
            raise ValueError("wallet_or_voucher")
        if (self.per is None) != (self.of is None) or (self.wallet is None and self.per):
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
    """The giving rule it multiplies.

    {rule: base, by: 2}
    """
    wallet: Id | None = None
    """Or the wallet of which it multiplies every rule.

    {wallet: points, by: 1.5}
    """
    by: Factor
    """The factor, up to four decimals.

    {rule: base, by: 3}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.rule is None) == (self.wallet is None):
            raise ValueError("rule_or_wallet")
        return self


class RollingDoc(BaseModel):
    """The last so many days, today included."""

    model_config = STRICT
    rolling_days: Annotated[int, Field(ge=1, le=366)]
    """The last so many days, today included.

    {rolling_days: 30}
    """


class LimitDoc(BaseModel):
    """How often or how much in a period, per whom."""

    model_config = STRICT
    scope: Literal["business", "programme", "rule", "code", "member", "store"] = "member"
    """Over whom it counts together. `code`: over all sales on which one voucher is used; a sale without a voucher is not limited by it.

    {scope: store, period: day, count: 200}
    """
    period: Literal["day", "week", "month", "quarter", "year", "ever"] | RollingDoc
    """In which time.

    {period: month, count: 1}
    """
    count: Count | None = None
    """How many times at most.

    {period: day, count: 1}
    """
    points: Count | None = None
    """How many units of the wallet at most.

    {period: month, points: 500}
    """
    money: Count | None = None
    """On how much of the bills, in minor units, at most.

    {period: day, money: 2000000}
    """
    on_exceed: Literal["cap", "reject"] = "cap"
    """`cap` gives what is left, `reject` gives nothing from this rule; the event stands.

    {period: day, points: 100, on_exceed: reject}
    """

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
    """The first day.

    {from: 2027-06-01}
    """
    until: Day | None = None
    """The first day after it.

    {from: 2027-06-01, until: 2027-07-01}
    """
    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None
    """On which weekdays.

    {days: [tue, wed]}
    """
    hours: Annotated[list[Annotated[int, Field(ge=0, le=24)]], Field(min_length=2, max_length=2)] | None = None
    """From one hour until, not including, another.

    {hours: [14, 17]}
    """

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
    """The rule's name in the books; used once.

    {id: cakes, give: {wallet: points, amount: 1}}
    """
    name: LocalWords | None = None
    """Shown in sentences; left out, the id is.

    {name: {vi: Giờ trà, en: Tea hour}, give: {wallet: points, amount: 1}}
    """
    on: On
    """Which type of event it judges.

    {on: review, give: {wallet: points, amount: 20}}
    """
    during: DuringDoc | None = None
    """In which time it holds; left out, always.

    {during: {days: [tue]}, give: {wallet: points, amount: 5}}
    """
    when: Source | None = None
    """A condition about the event; left out, always.

    {when: order.net >= 50000, give: {wallet: points, amount: 5}}
    """
    lines: Source | None = None
    """A condition about each line: only lines for which it holds count; `on: purchase` with `give` only.

    {lines: 'line.category == "beans"', give: {wallet: points, amount: 5, per: 1, of: quantity}}
    """
    give: GiveDoc | None = None
    """What it gives; either this or `multiply`.

    {give: {wallet: points, amount: 50}}
    """
    multiply: MultiplyDoc | None = None
    """What it multiplies.

    {multiply: {rule: base, by: 2}}
    """
    combine: Literal["product", "best", "add"] = "product"
    """With others of the same target: all times each other, only the `best`, or what each gives above one added.

    {multiply: {rule: base, by: 2}, combine: best}
    """
    limits: Limits = []
    """How often or how much; a multiplier or a voucher by `count` only.

    {give: {wallet: points, amount: 20}, limits: [{period: day, count: 1}]}
    """
    expires: ExpiryDoc | None = None
    """When what it gives ends, instead of the wallet's `expires`.

    {give: {wallet: points, amount: 50}, expires: {kind: rolling, days: 30}}
    """
    pending: PendingDoc | None = None
    """When what it gives may be used, instead of the wallet's `pending`.

    {give: {wallet: points, amount: 50}, pending: {kind: after, days: 7}}
    """
    tier_multiplier: bool | None = None
    """Whether the level's factor applies; left out, on purchases only.

    {give: {wallet: points, amount: 50}, tier_multiplier: false}
    """
    say: LocalWords | None = None
    """The rule in your own words, needed when its condition has no standard sentence.

    {when: order.net % 1000 == 0, give: {wallet: points, amount: 1}, say: {vi: Hóa đơn tròn nghìn, en: Bills of round thousands}}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.give is None) == (self.multiply is None):
            raise ValueError("give_or_multiply")
        if self.lines is not None and (self.on != "purchase" or self.multiply is not None):
            raise ValueError("lines_need_purchase_and_give")
        if self.give and self.give.of and self.on != "purchase":
            raise ValueError("of_needs_purchase")
        if (self.multiply or (self.give and self.give.wallet is None)) and any(
            limit.count is None for limit in self.limits
        ):
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
