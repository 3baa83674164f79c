"""A programme ready to judge events: what a published document means, checked and compiled. Made by `loading.load`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ganbo.engine.accounts import Accounts
from ganbo.engine.aims import NO_AIMS, Aims
from ganbo.engine.conditions import Condition, Formula
from ganbo.engine.expiry import Expiry, Pending
from ganbo.engine.frame import ALWAYS, NOBODY, NOTHING_LEFT_OUT, Legal, Never, Runs
from ganbo.engine.limits import Limit
from ganbo.engine.packages import Package
from ganbo.engine.partners import Partner
from ganbo.engine.paying import Pay
from ganbo.engine.perks import Perk
from ganbo.engine.pots import TopUp
from ganbo.engine.proof import Claims, ProofLevel
from ganbo.engine.purposes import Goal
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
    refundable: bool = True  # of money: it was paid for, not added by the shop
    notice_days: tuple[int, ...] = (30, 7)  # how many days before their last day members are told
    pay: Pay | None = None  # how its units pay bills

    @property
    def remembers(self) -> bool:
        """Whether what is missing becomes owed, to be made good by later earning."""
        return self.on_refund in ("within_balance", "unlimited")

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
    never: frozenset[str] = frozenset()  # categories or labels whose lines never earn
    by_tier: Mapping[str, str] = field(default_factory=dict)  # level → reward, instead of one voucher for all

    @property
    def vouchers(self) -> tuple[str, ...]:
        """Every reward it may give, each once."""
        return (self.voucher,) if self.voucher else tuple(dict.fromkeys(self.by_tier.values()))


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
    line_memo: dict[tuple[Any, ...], bool] = field(default_factory=dict, repr=False)  # bounded by matching


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
    never: frozenset[str] = frozenset()  # categories or labels whose lines never earn
    experiment: str | None = None  # of the cards that name the same one, a member has one, by lot
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
    perks: tuple[str, ...] = ()
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
    never: frozenset[str] = frozenset()  # categories or labels whose lines it never lowers
    choose: tuple[str, ...] = ()  # a choice: of which rewards one is picked; `valid_days` is for how long

    def price_for(self, tier: str | None) -> int:
        """Units for a member of a tier; 0 when it has no price."""
        if self.price is None:
            return 0
        return self.price_by_tier.get(tier or "", self.price[1])


@dataclass(frozen=True, slots=True)
class BundlePart:
    """`n` pieces of the goods whose `by` (category, sku or label) is `value`."""

    by: str
    value: str
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What lowers prices in the basket: `price` or `percent` of each piece, of a `bundle`, or of every nth.

    `every` with `of` purchases or units; 0: of each. `members`: only for sales with a member.
    """

    id: str
    name: LocalText
    during: During | None
    when: Condition | None
    members: bool
    lines: Condition | None
    price: int | None  # minor units
    percent: int | None
    max: int | None  # minor units
    bundle: tuple[BundlePart, ...]
    every: int
    of: str
    say: LocalText | None = None
    price_list: str | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What is planned, in minor units; `hard` lines are never overspent; `monthly`: the plan starts anew each month.

    `by_store`: plans that stores have for themselves, by store and line; what such a store gives is taken of its own.
    """

    total: int | None
    lines: Mapping[str, int]
    hard: frozenset[str] = frozenset()
    monthly: bool = False
    message_cost: Mapping[str, int] = field(default_factory=dict)  # of one message by channel, minor units
    by_store: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def key(self, line: str, day: date, *, store: str = "") -> str:
        """The name in the books, on a local day, of the line that pays at a store ("": at none).

        `rewards`; `rewards/hoan-kiem` where the store has a plan of its own; `rewards@2026-12` when it starts anew.
        """
        name = f"{line}/{store}" if line in self.by_store.get(store, ()) else line
        return f"{name}@{day:%Y-%m}" if self.monthly else name

    def planned(self, line: str, *, store: str = "") -> int:
        """The plan of the line that pays at a store, minor units."""
        return self.by_store.get(store, self.lines).get(line, self.lines[line])

    def plans(self) -> Iterator[tuple[str, str, int]]:
        """(line, store, planned), in document order: each line's for all, then those that stores have for themselves."""
        for line, planned in self.lines.items():
            yield line, "", planned
            yield from ((line, store, plans[line]) for store, plans in self.by_store.items() if line in plans)


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
    offers: tuple[Offer, ...]
    products: bool  # whether the list of products is used
    budget: Budget | None
    tables: Mapping[str, Mapping[str, int]]
    late_days: int
    examples: tuple[Mapping[str, Any], ...]
    document: Mapping[str, Any]
    source: str
    digest: str
    has_limits: bool  # whether any earn rule is limited, so that counters must be read
    reads: Mapping[str, tuple[tuple[str, Reader], ...]]  # by type of event, the variables its conditions read
    offer_reads: tuple[tuple[str, Reader], ...]  # what the conditions of offers read
    by_type: Mapping[str, tuple[Rule, ...]]
    by_rule: Mapping[str, Rule]
    by_level: Mapping[str, Level]
    by_card: Mapping[str, StampCard]
    by_offer: Mapping[str, Offer]
    cards_by_type: Mapping[str, tuple[StampCard, ...]]
    never: Never = NOTHING_LEFT_OUT
    runs: Runs = ALWAYS
    legal: Legal = NOBODY
    offline_up_to: int = 0  # what gifts of one customer and day may be worth while a till has no network, minor units
    topups: tuple[TopUp, ...] = ()
    packages: Mapping[str, Package] = field(default_factory=dict)
    perks: Mapping[str, Perk] = field(default_factory=dict)
    partners: Mapping[str, Partner] = field(default_factory=dict)
    pots: tuple[str, ...] = ()  # the money wallets in the order in which they pay a bill
    aims: Aims = NO_AIMS
    accounts: Accounts | None = None  # None: everybody spends alone
    spend_proof: tuple[ProofLevel, ...] = ()  # empty: nothing is asked for
    claims: Claims | None = None
    holdout: Fraction = Fraction(0)  # the share of members left out of what nobody was promised
    goals: tuple[Goal, ...] = ()

    @cached_property
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
