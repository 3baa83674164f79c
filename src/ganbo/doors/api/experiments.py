"""Experiments: planned, sized, told and stopped; and who is in which group."""

from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, id_of, locale_of, needs, page_of, write
from ganbo.doors.api.members import actor, member_of, programme_now
from ganbo.features.experiments import operations, queries
from ganbo.features.experiments.planning import MOST_DAYS, GroupPlan, Plan
from ganbo.features.experiments.queries import ExperimentRow
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.insights.warehouse.reading import NotFilled
from ganbo.journeys import experiments

if TYPE_CHECKING:  # what counts is heavy: who never asks does not carry it
    from ganbo.insights.experiments.result import Result
    from ganbo.insights.experiments.sizing import Size

_STRICT = ConfigDict(strict=True, extra="forbid")
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Lift = Annotated[float, Field(ge=0.001, le=5, allow_inf_nan=False)]
Metric = Literal["revenue", "repeat_rate", "completion_rate"]
MOST_STORES = 1_000


class GroupAsked(BaseModel):
    """A group: its `share` of all members, or its `stores`. The first group is what the others are compared with."""

    model_config = _STRICT
    id: Slug
    name: Annotated[str, StringConstraints(max_length=120)] = ""
    share: Share | None = None
    stores: Annotated[list[Annotated[str, StringConstraints(max_length=128)]], Field(max_length=MOST_STORES)] = []


class ExperimentAsked(BaseModel):
    """What is compared, by what, and from when to when; `ends_on` is the first day that does not count.

    `least`: the smallest lift worth finding, 0.1 for ten per cent. `cards`: what stamp cards have as `experiment`; the groups
    are then those cards and the metric is how many are filled. For `start_date` the groups are before and after.
    """

    model_config = _STRICT
    slug: Slug
    name: Text
    question: Text
    metric: Metric = "revenue"
    unit: Literal["member", "store", "start_date"] = "member"
    groups: Annotated[list[GroupAsked], Field(max_length=5)] = []
    cards: Slug | None = None
    starts_on: shapes.Day
    ends_on: shapes.Day
    least: Lift = 0.1


class SizeAsked(BaseModel):
    """How many members an experiment would take: what is compared, for how long, and the smallest lift worth finding."""

    model_config = ConfigDict(extra="ignore")
    metric: Metric = "revenue"
    days: int = Field(28, ge=7, le=MOST_DAYS)
    least: float = Field(0.1, ge=0.001, le=5, allow_inf_nan=False)


class SizeShown(BaseModel):
    """`base`: what members did in as many days before (minor units, or a share). `needed` of each group; null: nothing to go by."""

    base: float
    spread: float
    needed: int | None
    members: int


class ExperimentShown(BaseModel):
    """`result` is null while the warehouse was never filled; `because` tells it in sentences."""

    slug: str
    name: str
    question: str
    metric: str
    unit: str
    state: str
    starts_on: str
    ends_on: str
    stopped_on: str | None
    groups: list[dict[str, Any]]
    plan: dict[str, Any]
    result: dict[str, Any] | None
    because: list[str]


@api.get("/experiments", response=shapes.statuses(shapes.Page), tags=["kpis"])
@needs("kpis:read")
def listed(request: HttpRequest) -> HttpResponse:
    """Every experiment, the latest first, without its result."""
    today = clock.now().astimezone(programme_now().timezone).date()
    return answer({"items": [_shown(row, today) for row in queries.every()], "next": None})


@api.get("/experiments/size", response=shapes.statuses(SizeShown, 409), tags=["kpis"])
@needs("kpis:read")
def size(request: HttpRequest, asked: Query[SizeAsked]) -> HttpResponse:
    """How many members of each group it takes to find such a lift four times in five, by what members did just before."""
    found = _size(asked.metric, asked.days, Fraction(str(asked.least)))
    return answer({"base": found.base, "spread": found.spread, "needed": found.needed, "members": found.members})


@api.post("/experiments", response=shapes.statuses(ExperimentShown, 201, 409, 413, 415), tags=["kpis"])
@needs("programme:write")
def plan(request: HttpRequest, payload: ExperimentAsked) -> HttpResponse:
    """Plan an experiment: its groups are drawn by lot and stay; it is judged on the day it ends, not before."""

    def work() -> tuple[int, Any]:
        programme, now = programme_now(), clock.now()
        experiments.plan(_asked(payload), programme=programme, by=actor(request), at=now)
        row = _known(payload.slug)
        return 201, _shown(row, now.astimezone(programme.timezone).date())

    return write(request, work)


@api.get("/experiments/{slug}", response=shapes.statuses(ExperimentShown, 404), tags=["kpis"])
@needs("kpis:read")
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One experiment with its result as the warehouse stands, and the same in sentences."""
    from ganbo.insights.experiments import sentences, served

    row, programme, lang = _known(slug), programme_now(), locale_of(request)
    shown = _shown(row, clock.now().astimezone(programme.timezone).date())
    try:
        found = served.told(settings.WAREHOUSE, context.current().slug, row)
    except NotFilled:
        return answer(shown)
    shown["result"] = _told(found)
    shown["because"] = sentences.sentences(row, found, lang, programme.currency)
    return answer(shown)


@api.post("/experiments/{slug}/stop", response=shapes.statuses(ExperimentShown, 200, 404, 409), tags=["kpis"])
@needs("programme:write")
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """From today nothing counts any more; what came before stays as it was noted."""

    def work() -> tuple[int, Any]:
        today = clock.now().astimezone(programme_now().timezone).date()
        experiments.stop(slug, today=today, by=actor(request))
        return 200, _shown(_known(slug), today)

    return write(request, work)


@api.get("/experiments/{slug}/groups/{group}/members", response=shapes.statuses(shapes.Page, 404), tags=["kpis"])
@needs("members:read")
def members(request: HttpRequest, slug: str, group: str) -> HttpResponse:
    """Who is in a group, in the order of ids, and from when; noted every hour."""
    row, (most, cursor) = _known(slug), page_of(request)
    after = id_of(cursor) if cursor else None
    rows = queries.page(row.slug, group, after=after, most=most + 1)
    items = [{"member_id": str(member), "since": at.isoformat()} for member, at in rows[:most]]
    return answer({"items": items, "next": str(rows[most - 1][0]) if len(rows) > most else None})


@api.get("/members/{member_id}/experiments", response=shapes.statuses(shapes.Page, 404), tags=["members"])
@needs("members:read")
def of_member(request: HttpRequest, member_id: str) -> HttpResponse:
    """Which groups a member is in since when; `holdout` with `held` or `rest` tells whether what nobody was promised is held back."""
    rows = queries.of_member(UUID(str(member_of(member_id).id)))
    items = [{"experiment": name, "group": group, "since": at.isoformat()} for name, group, at in rows]
    return answer({"items": items, "next": None})


def _asked(told: ExperimentAsked) -> Plan:
    """With what was supposed of it beforehand, when there are figures. Raises FieldsRefused."""
    groups = [
        GroupPlan(g.id, g.name, Fraction(str(g.share)) if g.share is not None else Fraction(0), tuple(g.stores))
        for g in told.groups
    ]
    least, days = Fraction(str(told.least)), (told.ends_on - told.starts_on).days
    if not 0 < days <= MOST_DAYS:
        raise FieldsRefused([FieldProblem("ends_on", "experiment_days", {"least": 7, "most": MOST_DAYS})])
    metric = "completion_rate" if told.cards else told.metric
    supposed: dict[str, Any] = {}
    if told.unit == "member":
        try:
            found = _size(metric, days, least)
            supposed = {"base": found.base, "spread": found.spread, "needed": found.needed, "members": found.members}
        except NotFilled:
            pass
    return Plan(
        told.slug, told.name, told.question, metric, told.unit, groups, told.starts_on, told.ends_on, least,
        told.cards or "", {key: value for key, value in supposed.items() if value is not None},
    )  # fmt: skip


def _size(metric: str, days: int, least: Fraction) -> "Size":
    """Raises NotFilled."""
    from ganbo.insights.experiments import served

    return served.size(settings.WAREHOUSE, context.current().slug, metric=metric, days=days, least=least)


def _known(slug: str) -> ExperimentRow:
    found = queries.by_slug(slug)
    if found is None:
        raise operations.Unknown(slug=slug)
    return found


def _shown(row: ExperimentRow, today: Any) -> dict[str, Any]:
    sizes = queries.sizes(row.slug) if row.unit == "member" else {}
    return {
        "slug": row.slug,
        "name": row.name,
        "question": row.question,
        "metric": row.metric,
        "unit": row.unit,
        "state": row.state(today),
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "stopped_on": row.stopped_on.isoformat() if row.stopped_on else None,
        "groups": [
            {
                "id": g.id, "name": g.name, "share": float(g.share) if g.share else None, "stores": list(g.stores),
                "members": sizes.get(g.id, 0) if row.unit == "member" else None,
            }
            for g in row.groups
        ],
        "plan": dict(row.plan),
        "result": None,
        "because": [],
    }  # fmt: skip


def _told(found: "Result") -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "as_of": found.taken_at.isoformat(),
        "until": (found.until - timedelta(days=1)).isoformat(),
        "needed": found.needed,
        "least_lift": found.least_lift,
        "mismatch_p": found.mismatch,
        "groups": [
            {"id": g.id, "n": g.n, "mean": g.mean, "low": g.low, "high": g.high} for g in found.groups
        ],
        "compared": [
            {
                "id": c.id, "verdict": c.verdict, "by": c.difference.by, "low": c.difference.low, "high": c.difference.high,
                "p": c.difference.p, "lift": c.difference.lift, "gain": list(c.gain) if c.gain else None,
            }
            for c in found.compared
        ],
    }  # fmt: skip
