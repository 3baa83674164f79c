"""What makes a plan for an experiment sound. Pure; says every field that is wrong, and with which remedy."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from ganbo.books.events.reading import FieldProblem

METRICS = ("revenue", "repeat_rate", "completion_rate")
UNITS = ("member", "store", "start_date")
MOST_GROUPS = 5
MOST_DAYS = 730
LEAST_DAYS = 7  # a week holds every weekday once
MOST_NAME = 120
MOST_QUESTION = 300
SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A group as it was told: a share of all members, or stores."""

    id: str
    name: str = ""
    share: Fraction = Fraction(0)
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """An experiment as it was told. `cards`: the stamp cards' `experiment`, for completion_rate; `least`: the smallest lift
    worth finding, as a share of what the first group does. `ends_on`: the first day after it."""

    slug: str
    name: str
    question: str
    metric: str
    unit: str
    groups: Sequence[GroupPlan]
    starts_on: date
    ends_on: date
    least: Fraction = Fraction(1, 10)
    cards: str = ""
    supposed: Mapping[str, Any] = field(default_factory=dict)


def problems(plan: Plan, *, today: date, stores: Sequence[str]) -> Iterator[FieldProblem]:
    """Everything that is wrong; `stores`: the ids of those there are."""
    if not SLUG.fullmatch(plan.slug):
        yield FieldProblem("slug", "experiment_slug", {})
    for name, text, most in (("name", plan.name, MOST_NAME), ("question", plan.question, MOST_QUESTION)):
        if not 1 <= len(text.strip()) <= most:
            yield FieldProblem(name, "experiment_text", {"most": most})
    if plan.metric not in METRICS:
        yield FieldProblem("metric", "experiment_choice", {"choices": ", ".join(METRICS)})
    if plan.unit not in UNITS:
        yield FieldProblem("unit", "experiment_choice", {"choices": ", ".join(UNITS)})
    if plan.metric == "completion_rate" and (plan.unit != "member" or not plan.cards):
        yield FieldProblem("cards", "experiment_cards", {})
    if plan.unit in ("store", "start_date") and plan.metric != "revenue":
        yield FieldProblem("metric", "experiment_store_metric", {})
    if not 0 < plan.least <= 5:
        yield FieldProblem("least", "experiment_least", {})
    yield from _days(plan, today)
    yield from _groups(plan, stores)


def _days(plan: Plan, today: date) -> Iterator[FieldProblem]:
    days = (plan.ends_on - plan.starts_on).days
    if not LEAST_DAYS <= days <= MOST_DAYS:
        yield FieldProblem("ends_on", "experiment_days", {"least": LEAST_DAYS, "most": MOST_DAYS})
    if plan.unit == "start_date":
        if plan.starts_on < today - timedelta(days=MOST_DAYS):
            yield FieldProblem("starts_on", "experiment_long_past", {"most": MOST_DAYS})
    elif plan.starts_on < today:
        yield FieldProblem("starts_on", "experiment_past", {})


def _groups(plan: Plan, stores: Sequence[str]) -> Iterator[FieldProblem]:
    ids = [group.id for group in plan.groups]
    if not 2 <= len(ids) <= MOST_GROUPS or len(set(ids)) < len(ids):
        yield FieldProblem("groups", "experiment_groups", {"most": MOST_GROUPS})
    for n, group in enumerate(plan.groups):
        if not SLUG.fullmatch(group.id):
            yield FieldProblem(f"groups.{n}.id", "experiment_slug", {})
        for store in group.stores:
            if store not in stores:
                yield FieldProblem(f"groups.{n}.stores", "experiment_store_unknown", {"store": store})
    if plan.unit == "member" and not (
        all(0 < group.share <= 1 for group in plan.groups) and sum(group.share for group in plan.groups) <= 1
    ):
        yield FieldProblem("groups", "experiment_shares", {})
    if plan.unit == "store":
        named = [store for group in plan.groups for store in group.stores]
        if len(set(named)) < len(named) or not all(group.stores for group in plan.groups):
            yield FieldProblem("groups", "experiment_stores", {})


def stored(groups: Sequence[GroupPlan]) -> list[dict[str, Any]]:
    """The groups as they are kept."""
    return [{"id": g.id, "name": g.name, "share": str(g.share), "stores": list(g.stores)} for g in groups]
