"""`tiers`: levels of membership, how they are reached and kept, and what they bring."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from ganbo.engine.document.shapes import STRICT, Factor, Id, LocalWords, On, Source
from ganbo.engine.document.wallets import ExpiryDoc

MOST_LEVELS = 12
BUILT_IN = ("spend", "purchases", "points_earned", "visits")


class ManyDoc(BaseModel):
    """`{any: [spend, purchases]}` or `{all: […]}`: how the metrics of a threshold go together."""

    model_config = STRICT
    any: Annotated[list[Id], Field(min_length=1, max_length=6)] | None = None
    """One of these metrics is enough.

    {any: [spend, purchases]}
    """
    all: Annotated[list[Id], Field(min_length=1, max_length=6)] | None = None
    """All of these metrics are needed.

    {all: [spend, visits]}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.any is None) == (self.all is None):
            raise ValueError("any_or_all")
        return self


class WindowDoc(BaseModel):
    """Which past counts. Months are whole: a rolling window of 12 is this month and the twelve before it."""

    model_config = STRICT
    kind: Literal["rolling", "calendar_year", "anniversary", "since_change", "lifetime"]
    """Which past counts.

    {kind: calendar_year}
    """
    months: Annotated[int, Field(ge=1, le=36)] | None = None
    """For `rolling`: so many whole months, and this one.

    {kind: rolling, months: 12}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if (self.months is not None) != (self.kind == "rolling"):
            raise ValueError("window_months")
        return self


class DowngradeDoc(BaseModel):
    """What happens when a level is no longer deserved."""

    model_config = STRICT
    mode: Literal["never", "one_step", "to_eligible"] = "to_eligible"
    """What happens when a level is no longer deserved.

    {mode: one_step}
    """
    grace_days: Annotated[int, Field(ge=0, le=366)] = 0
    """Days a member has to deserve it again first.

    {mode: one_step, grace_days: 30}
    """


class ValidDoc(BaseModel):
    """How long a level reached is kept whatever comes: to the end of its year, some months, or both added."""

    model_config = STRICT
    until: Literal["end_of_year", "end_of_month"] | None = None
    """To the end of the year or month it was reached in.

    {until: end_of_year}
    """
    plus_months: Annotated[int, Field(ge=0, le=36)] = 0
    """So many months more.

    {until: end_of_year, plus_months: 12}
    """

    @model_validator(mode="after")
    def fits(self) -> Self:
        if self.until is None and not self.plus_months:
            raise ValueError("valid_needs")
        return self


class CountsDoc(BaseModel):
    """Which purchases count towards levels."""

    model_config = STRICT
    purchase: Source | None = None
    """Which purchases count.

    {purchase: order.net >= 30000}
    """
    say: LocalWords | None = None
    """That condition in your own words, needed when it has no standard sentence.

    {purchase: order.net % 1000 == 0, say: {vi: Hóa đơn tròn nghìn, en: Bills of round thousands}}
    """
    max_per_day: Annotated[int, Field(ge=1, le=100)] | None = None
    """The most purchases that count on one day.

    {max_per_day: 1}
    """


class MetricDoc(BaseModel):
    """A metric of your own: what a wallet was given, or how many events of some types there were."""

    model_config = STRICT
    wallet: Id | None = None
    """What this wallet was given.

    {wallet: miles}
    """
    events: Annotated[list[On], Field(min_length=1, max_length=10)] | None = None
    """Or how many events of these types there were.

    {events: [review, visit]}
    """

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


Threshold = Annotated[dict[str, Any], BeforeValidator(_tree), WithJsonSchema({"form": "[threshold](#thresholds)"})]


class WalletMultiplyDoc(BaseModel):
    """A level's factor for one wallet, for some of its rules or all."""

    model_config = STRICT
    rules: Annotated[list[Id], Field(min_length=1, max_length=50)] | None = None
    """For these rules only.

    {rules: [base], by: 1.2}
    """
    by: Factor
    """The factor.

    {by: 1.5}
    """


class BenefitsDoc(BaseModel):
    """What a level brings: a factor on earning, vouchers, rewards only it may take, priority, longer life of points."""

    model_config = STRICT
    multiply: Factor | dict[Id, WalletMultiplyDoc] | None = None
    """A factor on all points from purchases, or one per wallet.

    {multiply: {points: {rules: [base], by: 1.2}}}
    """
    rewards: Annotated[list[Id], Field(max_length=50)] = []
    """Rewards that only this level and those above may take.

    {rewards: [ten-percent]}
    """
    on_enter: Annotated[list[Id], Field(max_length=20)] = []
    """Vouchers given on reaching it.

    {on_enter: [ten-percent]}
    """
    yearly: Annotated[list[Id], Field(max_length=20)] = []
    """Vouchers given once a year.

    {yearly: [free-coffee]}
    """
    unlocks: Annotated[list[Id], Field(max_length=50)] = []
    """Rewards that it opens.

    {unlocks: [ten-percent]}
    """
    perks: Annotated[list[Id], Field(max_length=20)] = []
    """Which `perks` its members have; other levels name them anew.

    {perks: [upsize]}
    """
    service_priority: Annotated[int, Field(ge=1, le=9)] | None = None
    """Who is served first: 1 before 9.

    {service_priority: 1}
    """
    expires: dict[Id, ExpiryDoc] = {}
    """A longer life for what its members earn, by wallet.

    {expires: {points: {kind: end_of_year, years: 2}}}
    """


class LevelDoc(BaseModel):
    """One level; the first is where members begin."""

    model_config = STRICT
    id: Id
    """The level's name in the books; used once.

    {id: gold}
    """
    name: LocalWords | None = None
    """Shown to people; left out, the id is.

    {name: {vi: Vàng, en: Gold}}
    """
    enter: Threshold | None = None
    """What it takes to reach it; not for the first level.

    {enter: {spend: 5000000, purchases: 20}}
    """
    keep: Threshold | None = None
    """What it takes to keep it; left out, as `enter`.

    {enter: {spend: 5000000}, keep: {spend: 3000000}}
    """
    invitation_only: bool = False
    """Reached by staff's word only.

    {invitation_only: true}
    """
    no_downgrade: bool = False
    """Never lost.

    {no_downgrade: true}
    """
    benefits: BenefitsDoc = BenefitsDoc()
    """What it brings.

    {benefits: {multiply: 1.5}}
    """


class TiersDoc(BaseModel):
    """All levels, the lowest first, and how members move."""

    model_config = STRICT
    metric: Id | ManyDoc = "spend"
    """What levels are counted in: `spend`, `purchases`, `points_earned`, `visits`, one of `metrics`, or several.

    {metric: spend}
    """
    metrics: Annotated[dict[Id, MetricDoc], Field(max_length=6)] = {}
    """Metrics of your own.

    {metrics: {engagement: {events: [review, visit]}}}
    """
    counts: CountsDoc = CountsDoc()
    """Which purchases count.

    {counts: {max_per_day: 1}}
    """
    window: WindowDoc = WindowDoc(kind="lifetime")
    """Which past counts; left out, all of it.

    {window: {kind: rolling, months: 12}}
    """
    upgrade: Literal["at_once", "period_end"] = "at_once"
    """When a level that was reached begins.

    {upgrade: period_end}
    """
    downgrade: DowngradeDoc = DowngradeDoc()
    """How a level is lost.

    {downgrade: {mode: never}}
    """
    valid: ValidDoc | None = None
    """How long a level is kept whatever comes.

    {valid: {until: end_of_year, plus_months: 12}}
    """
    levels: Annotated[list[LevelDoc], Field(min_length=1, max_length=MOST_LEVELS)]
    """The levels, the lowest first; members begin in the first.

    {levels: [{id: bronze}, {id: silver, enter: {spend: 5000000}}]}
    """
