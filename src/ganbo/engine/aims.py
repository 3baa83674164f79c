"""Milestones and challenges as the engine works with them: what is aimed at, and the gift for it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ganbo.engine.conditions import Condition
from ganbo.kernel.local_text import LocalText


@dataclass(frozen=True, slots=True)
class Gift:
    """A voucher for a reward, or `amount` units of a wallet."""

    voucher: str | None
    wallet: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Step:
    """Passing `at` gives once."""

    at: int
    give: Gift


@dataclass(frozen=True, slots=True)
class Milestones:
    """Steps of one total of a member's life: points_earned, spend (minor units), purchases or visits."""

    of: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Challenge:
    """Local days [since, until) in which `n` of `kind` are needed: distinct (by sku, category, store), count, units, spend."""

    id: str
    name: LocalText
    since: date | None
    until: date | None
    kind: str
    by: str
    n: int
    lines: Condition | None
    give: Gift
    say: LocalText | None = None
    never: frozenset[str] = frozenset()  # categories or labels whose lines never count
    line_memo: dict[tuple[Any, ...], bool] = field(default_factory=dict, repr=False)  # bounded by matching

    @property
    def of(self) -> str:
        """What is counted; a challenge that counts something else begins anew under the same id."""
        return f"{self.kind}:{self.by}" if self.by else self.kind

    def open_on(self, day: date) -> bool:
        """Whether a purchase of a local day counts."""
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Aims:
    """All that members of a programme can aim at."""

    milestones: Milestones | None = None
    challenges: tuple[Challenge, ...] = ()

    @property
    def gifts(self) -> tuple[Gift, ...]:
        """Everything they can give."""
        steps = self.milestones.steps if self.milestones else ()
        return (*[step.give for step in steps], *[one.give for one in self.challenges])

    @property
    def any(self) -> bool:
        return self.milestones is not None or bool(self.challenges)


NO_AIMS = Aims()
