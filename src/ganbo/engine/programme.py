"""A programme ready to judge events: what a published document means, checked and compiled. Made by `loading.load`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from ganbo.engine.conditions import Condition, Formula
from ganbo.engine.expiry import Expiry, Pending
from ganbo.engine.limits import Limit
from ganbo.engine.variables import Reader
from ganbo.kernel.local_text import LocalText


@dataclass(frozen=True, slots=True)
class Wallet:
    """One currency of the programme; `face_value` is what one unit is worth in minor units of money.

    `money`: its units are minor units of the programme's currency. `floors`: by tier, `""` for the others, how far
    below zero `available` may fall under `on_refund: unlimited`. `returned_days`: how long points that come back with a
    return may still be used when their lot has ended meanwhile.
    """

    id: str
    name: LocalText
    face_value: int | None
    expires: Expiry
    pending: Pending
    money: bool
    spendable: bool
    on_refund: str  # keep, only_pending, within_balance, unlimited
    floors: Mapping[str, int]
    returned_days: int
    notice_days: tuple[int, ...] = (30, 7)  # how many days before their last day members are told

    def earned_month(self, occurred_at: datetime) -> date:
        """The first day of the local month the points were earned in; lots are merged by it."""
        return occurred_at.astimezone(self.expires.zone).date().replace(day=1)

    def floor(self, tier: str | None) -> int:
        """The lowest `available` for a member of a tier; 0 but under `unlimited`."""
        return self.floors.get(tier or "", self.floors.get("", 0))


@dataclass(frozen=True, slots=True)
class Base:
    """Which parts of a bill earn, each True for *in*. `tax` None: as the bill's prices are."""

    tax: bool | None = None
    shipping: bool = False
    discounts: bool = False
    gift_cards: bool = False
    paid_with_points: bool = True


@dataclass(frozen=True, slots=True)
class Give:
    """`amount` units of `wallet` per `per` of `of`; without `per` the amount itself, or what `formula` says; or a voucher.

    Money in minor units, quantity in thousandths.
    """

    wallet: str | None
    amount: int
    formula: Formula | None
    voucher: str | None
    per: int | None
    of: str | None  # net, gross, quantity
    rounding: str  # down, up, half_up, none
    carry: bool
    least: int
    base: Base


@dataclass(frozen=True, slots=True)
class Multiply:
    """A factor for one rule, or for all rules of one wallet; `combine` with others of the same target."""

    rule: str | None
    wallet: str | None
    by: Fraction
    combine: str  # product, best, add


@dataclass(frozen=True, slots=True)
class During:
    """Local days [since, until), weekdays (0 Monday) and hours [from_hour, to_hour) in which a rule holds."""

    since: date | None
    until: date | None
    weekdays: frozenset[int]
    from_hour: int
    to_hour: int

    def holds(self, local: datetime) -> bool:
        """Whether it was then, by the business's clocks."""
        day = local.date()
        return (
            (self.since is None or day >= self.since)
            and (self.until is None or day < self.until)
            and (not self.weekdays or local.weekday() in self.weekdays)
            and self.from_hour <= local.hour < self.to_hour
        )


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One earn rule: it gives or it multiplies, never both. `expires` and `pending` override the wallet's."""

    id: str
    name: LocalText
    on: str
    during: During | None
    when: Condition | None
    lines: Condition | None
    give: Give | None
    multiply: Multiply | None
    limits: tuple[Limit, ...]
    expires: Expiry | None
    pending: Pending | None
    tier_multiplier: bool
    say: LocalText | None
    line_memo: dict[tuple[Any, ...], bool] = field(default_factory=dict, repr=False)  # bounded by decide


@dataclass(frozen=True, slots=True, eq=False)
class StampCard:
    """`size` stamps make a `reward`. `count`: unit, order or visit."""

    id: str
    name: LocalText
    on: str
    when: Condition | None
    lines: Condition | None
    count: str
    paid_only: bool
    min_order: int
    max_per_day: int | None
    size: int
    head_start: int
    head_start_on: str  # first, every
    reward: str
    repeat: bool
    say: LocalText | None = None
    line_memo: dict[tuple[Any, ...], bool] = field(default_factory=dict, repr=False)


Threshold = tuple[Any, ...]  # ("least", metric, n) | ("any" | "all", (Threshold, …))


@dataclass(frozen=True, slots=True)
class LevelMultiply:
    """A level's factor on what purchases earn in a wallet (None: every wallet but money), for some rules or all."""

    wallet: str | None
    rules: frozenset[str]
    by: Fraction


@dataclass(frozen=True, slots=True)
class Level:
    """A tier: its factor on points earned from purchases, its thresholds, and what it brings."""

    id: str
    name: LocalText
    multiply: Fraction
    multiplies: tuple[LevelMultiply, ...] = ()
    enter: Threshold | None = None
    keep: Threshold | None = None
    invitation_only: bool = False
    no_downgrade: bool = False
    rewards: tuple[str, ...] = ()
    on_enter: tuple[str, ...] = ()
    yearly: tuple[str, ...] = ()
    unlocks: tuple[str, ...] = ()
    service_priority: int | None = None
    expires: Mapping[str, Expiry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class TierRules:
    """How members move between levels. `metrics`: own metric → ("wallet", id) or ("events", types)."""

    metrics: Mapping[str, tuple[str, Any]]
    counts: Condition | None
    max_per_day: int | None
    window: str  # rolling, calendar_year, anniversary, since_change, lifetime
    window_months: int
    upgrade: str  # at_once, period_end
    downgrade: str  # never, one_step, to_eligible
    grace_days: int
    valid_until: str | None  # end_of_year, end_of_month
    valid_months: int
    used: frozenset[str]  # metrics that some threshold reads
    say: LocalText | None = None  # what counts, when its condition has no standard sentence


@dataclass(frozen=True, slots=True, eq=False)
class Reward:
    """What a member gets: a voucher for a discount, an item, a service, money or somebody else's code."""

    id: str
    name: LocalText
    kind: str
    price: tuple[str, int] | None  # (wallet, units)
    plus: int  # money to be paid besides, minor units
    price_by_tier: Mapping[str, int]
    sku: str | None
    percent: int | None
    amount: int | None  # minor units
    wallet: str | None  # card_money: where the amount goes
    max: int | None  # minor units
    base: str  # initial, discounted
    exclusive: bool
    min_order: int
    lines: Condition | None
    when: Condition | None
    cost: int | None  # minor units, to the business
    value: int | None  # minor units, as the member sees it
    stock: int | None
    valid_days: int | None
    from_next_order: bool
    uses: int
    imported: bool
    issuer: str | None
    taste: str | None
    fulfil: str  # at_once, later
    budget: str | None
    labels: tuple[str, ...]
    limits: tuple[Limit, ...]
    say: LocalText | None = None

    def price_for(self, tier: str | None) -> int:
        """Units for a member of a tier; 0 when it has no price."""
        if self.price is None:
            return 0
        return self.price_by_tier.get(tier or "", self.price[1])


@dataclass(frozen=True, slots=True)
class Budget:
    """What is planned, in minor units."""

    total: int | None
    lines: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Programme:
    """A checked document. `document` is the parsed mapping in plain JSON values, `source` the text, `digest` its SHA-256."""

    id: str
    name: LocalText
    currency: str
    timezone: ZoneInfo
    wallets: Mapping[str, Wallet]
    rules: tuple[Rule, ...]
    cards: tuple[StampCard, ...]
    tiers: TierRules | None
    levels: tuple[Level, ...]
    rewards: Mapping[str, Reward]
    budget: Budget | None
    tables: Mapping[str, Mapping[str, int]]
    late_days: int
    examples: tuple[Mapping[str, Any], ...]
    document: Mapping[str, Any]
    source: str
    digest: str
    has_limits: bool  # whether any earn rule is limited, so that counters must be read
    reads: Mapping[str, tuple[tuple[str, Reader], ...]]  # by type of event, the variables its conditions read
    by_type: Mapping[str, tuple[Rule, ...]]
    by_rule: Mapping[str, Rule]
    by_level: Mapping[str, Level]
    by_card: Mapping[str, StampCard]
    cards_by_type: Mapping[str, tuple[StampCard, ...]]

    @property
    def first_tier(self) -> str | None:
        """Where members begin; None in a programme without tiers."""
        return self.levels[0].id if self.levels else None

    def floors(self, tier: str | None) -> dict[str, int]:
        """By wallet, how far below zero a member of a tier may be shown."""
        level = tier or self.first_tier
        return {name: wallet.floor(level) for name, wallet in self.wallets.items()}

    def rules_for(self, type: str) -> tuple[Rule, ...]:
        """The rules on one type of event, in document order."""
        return self.by_type.get(type, ())
