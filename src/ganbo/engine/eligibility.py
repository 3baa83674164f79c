"""Who may take a reward: its level, and its condition on the member. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ganbo.engine import conditions, tiers, variables
from ganbo.engine.facts import Facts, MemberFacts
from ganbo.engine.programme import Programme, Reward


@dataclass(frozen=True, slots=True)
class Barred:
    """Why not: the lowest level that may (`tier`), or the parts of the condition that do not hold (`missing`)."""

    tier: str | None = None
    missing: tuple[Mapping[str, Any], ...] = ()


def barred(programme: Programme, reward: Reward, member: MemberFacts, *, at: datetime) -> Barred | None:
    """What keeps the member from the reward at `at`; None when nothing does."""
    if not tiers.unlocked(programme, reward.id, member.tier):
        level = tiers.opened_by(programme, reward.id)
        return Barred(tier=level.id if level else None)
    if reward.when is None:
        return None
    facts = Facts("", at, member, None, None, None, {}, None, {}, {})
    wanted = variables.readers([reward.when], programme.tables)
    values = variables.read(wanted, facts, at.astimezone(programme.timezone))
    if conditions.holds(reward.when, values):
        return None
    return Barred(missing=tuple(conditions.failing(reward.when, values)))
