"""A programme ready to judge events: what a published document means, checked and compiled. Made by `loading.load`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ganbo.engine.conditions import Condition
from ganbo.engine.limits import Limit
from ganbo.engine.variables import Reader
from ganbo.kernel.local_text import LocalText
from ganbo.kernel.period import midnight, plus_months


@dataclass(frozen=True, slots=True)
class Expiry:
    """When points of a wallet end, by the business's calendar.

    `end_of_month`: with the month that lies `months` after the month they were earned in. `rolling`: after that many whole
    days or months, with the end of the day.
    """

    kind: str  # never, end_of_month, rolling
    months: int
    days: int
    zone: ZoneInfo

    def expires_at(self, occurred_at: datetime) -> datetime | None:
        """The first unusable instant in UTC; None when they never end."""
        return self.expires_on(occurred_at.astimezone(self.zone).date())

    def expires_on(self, earned: date) -> datetime | None:
        """The same for points earned on a local day."""
        if self.kind == "never":
            return None
        return _first_unusable(self.kind, self.months, self.days, earned, self.zone)


@lru_cache(maxsize=4096)
def _first_unusable(kind: str, months: int, days: int, earned: date, zone: ZoneInfo) -> datetime:
    if kind == "end_of_month":
        first = plus_months(earned, months + 1)
    else:
        first = _months_later(earned, months) + timedelta(days=days + 1)
    return midnight(first, zone).astimezone(UTC)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where that month is shorter."""
    first = plus_months(day, months)
    return min(first + timedelta(days=day.day - 1), plus_months(first, 1) - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Wallet:
    """One currency of the programme; `face_value` is what one point is worth in minor units of money."""

    id: str
    name: LocalText
    face_value: int | None
    expires: Expiry

    def earned_month(self, occurred_at: datetime) -> date:
        """The first day of the local month the points were earned in; lots are merged by it."""
        return occurred_at.astimezone(self.expires.zone).date().replace(day=1)


@dataclass(frozen=True, slots=True)
class Give:
    """`amount` points per `per` of `of`; without `per` the amount itself. Money in minor units, quantity in thousandths."""

    wallet: str
    amount: int
    per: int | None
    of: str | None  # net, gross, quantity
    rounding: str  # down, up, half_up, none
    carry: bool


@dataclass(frozen=True, slots=True)
class Multiply:
    """A factor for one rule, or for all rules of one wallet."""

    rule: str | None
    wallet: str | None
    by: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One earn rule: it gives or it multiplies, never both."""

    id: str
    name: LocalText
    on: str
    when: Condition | None
    lines: Condition | None
    give: Give | None
    multiply: Multiply | None
    limits: tuple[Limit, ...]
    line_memo: dict[tuple[Any, ...], bool] = field(default_factory=dict, repr=False)  # bounded by decide


@dataclass(frozen=True, slots=True)
class Level:
    """A tier and the factor on points earned from purchases."""

    id: str
    name: LocalText
    multiply: Fraction


@dataclass(frozen=True, slots=True)
class Reward:
    """What points can be turned into: a voucher for a discount, an item, a gift or an experience."""

    id: str
    name: LocalText
    kind: str  # discount, free_item, gift, experience
    price: tuple[str, int] | None  # (wallet, points)
    sku: str | None
    percent: int | None
    amount: int | None  # minor units
    max: int | None  # minor units
    cost: int | None  # minor units
    stock: int | None
    valid_days: int | None
    labels: tuple[str, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True, eq=False)
class Programme:
    """A checked document. `document` is the parsed mapping in plain JSON values, `source` the text, `digest` its SHA-256."""

    id: str
    name: LocalText
    currency: str
    timezone: ZoneInfo
    wallets: Mapping[str, Wallet]
    rules: tuple[Rule, ...]
    levels: tuple[Level, ...]
    rewards: Mapping[str, Reward]
    examples: tuple[Mapping[str, Any], ...]
    document: Mapping[str, Any]
    source: str
    digest: str
    has_limits: bool  # whether any earn rule is limited, so that counters must be read
    reads: Mapping[str, tuple[tuple[str, Reader], ...]]  # by type of event, the variables its conditions read
    by_type: Mapping[str, tuple[Rule, ...]]
    by_rule: Mapping[str, Rule]
    by_level: Mapping[str, Level]

    @property
    def first_tier(self) -> str | None:
        """Where members begin; None in a programme without tiers."""
        return self.levels[0].id if self.levels else None

    def rules_for(self, type: str) -> tuple[Rule, ...]:
        """The rules on one type of event, in document order."""
        return self.by_type.get(type, ())
