"""What a programme is for and how its effect is told: goals, and members left out of what nobody was promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ganbo.engine.document import GoalDoc, HoldoutDoc


@dataclass(frozen=True, slots=True)
class Goal:
    """`kpi` is to be `target` by the day `by`; `start` None: as measured when the version began."""

    kpi: str
    start: Decimal | None
    target: Decimal
    by: date
    owner: str


def of(holdout: HoldoutDoc | None, goals: Iterable[GoalDoc]) -> dict[str, Any]:
    """What a programme keeps of both; a holdout of 0 without one."""
    return {
        "holdout": Fraction(holdout.share) if holdout else Fraction(0),
        "goals": tuple(Goal(g.kpi, g.from_, g.to, date.fromisoformat(g.by), g.owner or "") for g in goals),
    }
