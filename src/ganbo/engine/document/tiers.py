"""`tiers`: levels of membership, how they are reached and kept, and what they bring."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from ganbo.engine.document.shapes import STRICT, Factor, Id, LocalWords, On, Source
from ganbo.engine.document.wallets import ExpiryDoc

MOST_LEVELS = 12
BUILT_IN = ("spend", "purchases", "points_earned", "visits")


class ManyDoc(BaseModel):
    """`{any: [spend, purchases]}` or `{all: […]}`: how the metrics of a threshold go together."""

    model_config = STRICT
    any: Annotated[list[Id], Field(min_length=1, max_length=6)] | None = None
    all: Annotated[list[Id], Field(min_length=1, max_length=6)] | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.any is None) == (self.all is None):
            raise ValueError("any_or_all")
        return self


class WindowDoc(BaseModel):
    """Which past counts. Months are whole: a rolling window of 12 is this month and the twelve before it."""

    model_config = STRICT
    kind: Literal["rolling", "calendar_year", "anniversary", "since_change", "lifetime"]
    months: Annotated[int, Field(ge=1, le=36)] | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.months is not None) != (self.kind == "rolling"):
            raise ValueError("window_months")
        return self


class DowngradeDoc(BaseModel):
    """What happens when a level is no longer deserved."""

    model_config = STRICT
    mode: Literal["never", "one_step", "to_eligible"] = "to_eligible"
    grace_days: Annotated[int, Field(ge=0, le=366)] = 0


class ValidDoc(BaseModel):
    """How long a level reached is kept whatever comes: to the end of its year, some months, or both added."""

    model_config = STRICT
    until: Literal["end_of_year", "end_of_month"] | None = None
    plus_months: Annotated[int, Field(ge=0, le=36)] = 0

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.until is None and not self.plus_months:
            raise ValueError("valid_needs")
        return self


class CountsDoc(BaseModel):
    """Which purchases count towards levels."""

    model_config = STRICT
    purchase: Source | None = None
    say: LocalWords | None = None
    max_per_day: Annotated[int, Field(ge=1, le=100)] | None = None


class MetricDoc(BaseModel):
    """A metric of your own: what a wallet was given, or how many events of some types there were."""

    model_config = STRICT
    wallet: Id | None = None
    events: Annotated[list[On], Field(min_length=1, max_length=10)] | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.wallet is None) == (self.events is None):
            raise ValueError("wallet_or_events")
        return self


def _tree(value: object, depth: int = 0) -> object:
    """A threshold: {metric: least, …}, {any: […]}, {all: {…} or […]}."""
    if depth > 4:
        raise ValueError("threshold_form")
    if not isinstance(value, dict) or not value or len(value) > 6:
        raise ValueError("threshold_form")
    if set(value) & {"any", "all"}:
        if len(value) != 1:
            raise ValueError("threshold_form")
        (inside,) = value.values()
        for part in inside if isinstance(inside, list) and inside else [inside]:
            _tree(part, depth + 1)
        return value
    if any(type(least) is not int or not 0 < least <= 10**12 for least in value.values()):
        raise ValueError("threshold_form")
    return value


Threshold = Annotated[dict[str, Any], BeforeValidator(_tree)]


class WalletMultiplyDoc(BaseModel):
    """A level's factor for one wallet, for some of its rules or all."""

    model_config = STRICT
    rules: Annotated[list[Id], Field(min_length=1, max_length=50)] | None = None
    by: Factor


class BenefitsDoc(BaseModel):
    """What a level brings: a factor on earning, vouchers, rewards only it may take, priority, longer life of points."""

    model_config = STRICT
    multiply: Factor | dict[Id, WalletMultiplyDoc] | None = None
    rewards: Annotated[list[Id], Field(max_length=50)] = []
    on_enter: Annotated[list[Id], Field(max_length=20)] = []
    yearly: Annotated[list[Id], Field(max_length=20)] = []
    unlocks: Annotated[list[Id], Field(max_length=50)] = []
    service_priority: Annotated[int, Field(ge=1, le=9)] | None = None
    expires: dict[Id, ExpiryDoc] = {}


class LevelDoc(BaseModel):
    """One level; the first is where members begin."""

    model_config = STRICT
    id: Id
    name: LocalWords | None = None
    enter: Threshold | None = None
    keep: Threshold | None = None
    invitation_only: bool = False
    no_downgrade: bool = False
    benefits: BenefitsDoc = BenefitsDoc()


class TiersDoc(BaseModel):
    """All levels, the lowest first, and how members move."""

    model_config = STRICT
    metric: Id | ManyDoc = "spend"
    metrics: Annotated[dict[Id, MetricDoc], Field(max_length=6)] = {}
    counts: CountsDoc = CountsDoc()
    window: WindowDoc = WindowDoc(kind="lifetime")
    upgrade: Literal["at_once", "period_end"] = "at_once"
    downgrade: DowngradeDoc = DowngradeDoc()
    valid: ValidDoc | None = None
    levels: Annotated[list[LevelDoc], Field(min_length=1, max_length=MOST_LEVELS)]
