"""The shape of a programme document, strict: what pydantic checks before anything is compiled.

What contract.md names but this version cannot carry out stands in LATER and is refused with a message that says so.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

MOST_WALLETS = 10
MOST_RULES = 100
MOST_REWARDS = 500
MOST_LEVELS = 12
MOST_EXAMPLES = 200
MOST_LIMITS = 5
MOST_AMOUNT = 10**12

_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Count = Annotated[int, Field(ge=1, le=MOST_AMOUNT)]


def _number(value: object) -> object:
    """A whole or exact decimal number, never a yes or no."""
    if type(value) is int or type(value) is Decimal:
        return Decimal(value)
    raise ValueError("not_a_number")


Factor = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=100, decimal_places=4)]


def _local(value: object) -> object:
    """One text for all languages, or a text per language."""
    return {"vi": value} if isinstance(value, str) else value


LocalWords = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")], Words],
    BeforeValidator(_local),
    Field(min_length=1, max_length=20),
]

# Keys that contract.md names and later versions bring, by where they stand.
LATER: dict[str, frozenset[str]] = {
    "": frozenset(
        [
            "stamp_cards",
            "referral",
            "games",
            "occasions",
            "messages",
            "budget",
            "goals",
            "runs",
            "legal",
            "products",
            "never",
            "offers",
            "tables",
            "perks",
            "packages",
            "topups",
            "accounts",
            "partners",
            "milestones",
            "challenges",
            "spend_proof",
            "claims",
            "holdout",
        ]
    ),
    "wallets": frozenset(["money", "spendable", "pay", "refundable"]),
    "expires": frozenset(["reset_by", "grace", "until", "dates"]),
    "earn": frozenset(["during", "combine", "say", "expires", "pending", "tier_multiplier"]),
    "give": frozenset(["voucher", "min", "by_tier"]),
    "tiers": frozenset(["metric", "window", "downgrade", "counts", "metrics", "valid"]),
    "levels": frozenset(["enter", "keep", "invitation_only"]),
    "benefits": frozenset(["rewards", "service_priority", "on_enter", "yearly", "unlocks", "perks"]),
    "rewards": frozenset(
        ["taste", "codes", "budget", "stacking", "when", "min_order", "valid", "choose", "within_days"]
    ),
    "price": frozenset(["plus"]),
    "examples": frozenset(["story"]),
    "expect": frozenset(["stamps", "pay", "balances", "expired", "tier"]),
}
LATER_VALUES = {
    "pending.kind": frozenset(["after", "on_date", "until_event", "days", "date", "event"]),
    "on_refund": frozenset(["keep", "only_pending", "unlimited"]),
    "expires.kind": frozenset(["end_of_quarter", "end_of_year", "fixed", "fixed_dates", "inactivity"]),
    "rewards.kind": frozenset(["partner_card", "gift_card"]),
    "scope": frozenset({"code"}),
    "on": frozenset({"refund", "referral"}),
}


class ExpiryDoc(BaseModel):
    model_config = _STRICT
    kind: Literal["never", "end_of_month", "rolling"]
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    days: Annotated[int, Field(ge=1, le=3660)] | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        given = {name for name in ("months", "days") if getattr(self, name) is not None}
        wanted = {"never": "", "end_of_month": "months", "rolling": "months days"}[self.kind].split()
        if len(given) != min(len(wanted), 1) or not given <= set(wanted):
            raise ValueError("expiry_needs")
        return self


class PendingDoc(BaseModel):
    model_config = _STRICT
    kind: Literal["none"]


class WalletDoc(BaseModel):
    model_config = _STRICT
    name: LocalWords
    face_value: Annotated[int, Field(ge=1, le=10**9)] | None = None
    expires: ExpiryDoc = ExpiryDoc(kind="never")
    pending: PendingDoc = PendingDoc(kind="none")
    on_refund: Literal["within_balance"] = "within_balance"


class GiveDoc(BaseModel):
    model_config = _STRICT
    wallet: Id
    amount: Count
    per: Count | None = None
    of: Literal["net", "gross", "quantity"] | None = None
    rounding: Literal["down", "up", "half_up", "none"] = "down"
    carry: bool = False

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.per is None) != (self.of is None):
            raise ValueError("per_and_of")
        if self.carry and (self.per is None or self.rounding != "down"):
            raise ValueError("carry_needs_down")
        return self


class MultiplyDoc(BaseModel):
    model_config = _STRICT
    rule: Id | None = None
    wallet: Id | None = None
    by: Factor

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.rule is None) == (self.wallet is None):
            raise ValueError("rule_or_wallet")
        return self


class RollingDoc(BaseModel):
    model_config = _STRICT
    rolling_days: Annotated[int, Field(ge=1, le=366)]


class LimitDoc(BaseModel):
    model_config = _STRICT
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
On = Annotated[
    str,
    StringConstraints(
        pattern=r"^(purchase|signup|subscribe|visit|review|share|survey|checkin|custom\.[a-z][a-z0-9_]{0,39})$"
    ),
]


class RuleDoc(BaseModel):
    model_config = _STRICT
    id: Id
    name: LocalWords | None = None
    on: On
    when: Source | None = None
    lines: Source | None = None
    give: GiveDoc | None = None
    multiply: MultiplyDoc | None = None
    limits: Limits = []

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.give is None) == (self.multiply is None):
            raise ValueError("give_or_multiply")
        if self.lines is not None and (self.on != "purchase" or self.multiply is not None):
            raise ValueError("lines_need_purchase_and_give")
        if self.give and self.give.of and self.on != "purchase":
            raise ValueError("of_needs_purchase")
        if self.multiply and any(limit.count is None for limit in self.limits):
            raise ValueError("multiply_limits_count")
        return self


class BenefitsDoc(BaseModel):
    model_config = _STRICT
    multiply: Factor | None = None


class LevelDoc(BaseModel):
    model_config = _STRICT
    id: Id
    name: LocalWords | None = None
    benefits: BenefitsDoc = BenefitsDoc()


class TiersDoc(BaseModel):
    model_config = _STRICT
    levels: Annotated[list[LevelDoc], Field(min_length=1, max_length=MOST_LEVELS)]


class PriceDoc(BaseModel):
    model_config = _STRICT
    wallet: Id
    amount: Count


class RewardDoc(BaseModel):
    model_config = _STRICT
    id: Id
    name: LocalWords | None = None
    kind: Literal["free_item", "discount", "gift", "experience"]
    price: PriceDoc | None = None
    sku: Words | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    amount: Count | None = None
    max: Count | None = None
    cost: Annotated[int, Field(ge=0, le=MOST_AMOUNT)] | None = None
    stock: Annotated[int, Field(ge=0, le=10**9)] | None = None
    valid_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    labels: Annotated[list[Words], Field(max_length=20)] = []
    limits: Limits = []

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.kind == "discount" and (self.percent is None) == (self.amount is None):
            raise ValueError("percent_or_amount")
        if self.kind != "discount" and (self.percent is not None or self.max is not None):
            raise ValueError("percent_needs_discount")
        if self.kind == "free_item" and self.sku is None:
            raise ValueError("sku_needed")
        if any(limit.money is not None or limit.scope == "store" for limit in self.limits):
            raise ValueError("reward_limits")
        return self


class GivenMemberDoc(BaseModel):
    model_config = _STRICT
    tier: Id | None = None
    age_days: Annotated[int, Field(ge=0)] = 0
    purchases: Annotated[int, Field(ge=0)] = 0  # before this event
    spend: Annotated[int, Field(ge=0)] = 0
    visits: Annotated[int, Field(ge=0)] = 0
    days_since_purchase: Annotated[int, Field(ge=-1)] = -1


class GivenDoc(BaseModel):
    model_config = _STRICT
    member: GivenMemberDoc = GivenMemberDoc()


class ExampleEventDoc(BaseModel):
    model_config = _STRICT
    type: Words
    occurred_at: Words
    store: Words | None = None
    channel: Words | None = None
    data: dict[str, Any] = {}


class ExampleDoc(BaseModel):
    model_config = _STRICT
    given: GivenDoc = GivenDoc()
    event: ExampleEventDoc
    expect: dict[str, Annotated[int, Field(ge=0)]]


class ProgrammeDoc(BaseModel):
    """The whole document."""

    model_config = _STRICT
    ganbo: Literal[1]
    programme: Id
    name: LocalWords
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    timezone: Words
    wallets: Annotated[dict[Id, WalletDoc], Field(min_length=1, max_length=MOST_WALLETS)]
    earn: Annotated[list[RuleDoc], Field(max_length=MOST_RULES)] = []
    tiers: TiersDoc | None = None
    rewards: Annotated[list[RewardDoc], Field(max_length=MOST_REWARDS)] = []
    examples: Annotated[list[ExampleDoc], Field(max_length=MOST_EXAMPLES)] = []
