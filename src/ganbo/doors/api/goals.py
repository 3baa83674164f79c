"""Goals of the programme, and the report of a version."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import BaseModel, Field

from ganbo.doors.api import shapes
from ganbo.doors.api.app import NotFound, answer, api, locale_of, needs
from ganbo.engine.programme import Programme
from ganbo.features.goals import queries
from ganbo.features.programmes import goal_sentences
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context

if TYPE_CHECKING:  # what counts is heavy: who never asks does not carry it
    from ganbo.insights.goals.report import Report
    from ganbo.insights.goals.standing import Standing


class GoalsShown(BaseModel):
    """Every goal of a version; figures as the KPIs have them (shares from 0 to 1, money in minor units)."""

    version: int
    items: list[dict[str, Any]]


class ReportShown(BaseModel):
    """A version from `since` to `until`, both inclusive: what was promised, what happened, what to change."""

    version: int
    since: str
    until: str
    goals: list[dict[str, Any]]
    rewards: list[dict[str, Any]]
    advice: list[dict[str, Any]]


@api.get("/goals", response=shapes.statuses(GoalsShown, 409), tags=["kpis"])
@needs("kpis:read")
def goals(request: HttpRequest) -> HttpResponse:
    """Each goal of the programme in force: start, target, last whole month, light, and the forecast with its interval."""
    from ganbo.insights.goals import served

    business, lang = context.current(), locale_of(request)
    version = programmes.in_force_at(business.schema, clock.now())
    kept = queries.baselines(version.version)
    found = served.standings(settings.WAREHOUSE, business.slug, version, kept)
    return answer({"version": version.version, "items": [_goal(one, version.programme, lang) for one in found]})


@api.get("/goals/report", response=shapes.statuses(ReportShown, 404, 409), tags=["kpis"])
@needs("kpis:read")
def report(request: HttpRequest, version: Annotated[int | None, Query(), Field(ge=1, le=10**6)] = None) -> HttpResponse:
    """What a version promised, what happened while it was in force, and what to change; without `version` the one in force."""
    from ganbo.insights.goals import served

    business, lang, now = context.current(), locale_of(request), clock.now()
    timeline = programmes.timeline(business.schema)
    chosen = next((v for v in timeline.versions if v.version == version), None) if version else timeline.at(now)
    if chosen is None or chosen.in_force_from > now:
        raise NotFound()
    until = served.last_day(timeline, chosen, today=_day(now, chosen.programme))
    kept = queries.baselines(chosen.version)
    since = served.since_of(timeline, chosen)
    found = served.reported(settings.WAREHOUSE, business.slug, chosen, kept, since=since, until=until)
    return answer({"version": chosen.version, **_report(found, chosen.programme, lang)})


def _day(now: datetime, programme: Programme) -> Any:
    return now.astimezone(programme.timezone).date()


def _goal(one: "Standing", programme: Programme, lang: str) -> dict[str, Any]:
    from ganbo.insights.goals import sentences

    return {
        "kpi": one.goal.kpi,
        "name": goal_sentences.name(one.goal.kpi, lang),
        "start": _number(one.start),
        "target": float(one.goal.target),
        "by": one.goal.by.isoformat(),
        "owner": one.goal.owner or None,
        "now": one.now,
        "way": one.way,
        "light": one.light,
        "forecast": {"value": one.ahead.value, "low": one.ahead.low, "high": one.ahead.high, "months": one.ahead.months}
        if one.ahead
        else None,
        "because": sentences.standing(one, programme, lang),
    }


def _report(found: "Report", programme: Programme, lang: str) -> dict[str, Any]:
    from ganbo.insights.goals import sentences

    return {
        "since": found.since.isoformat(),
        "until": (found.until - timedelta(days=1)).isoformat(),
        "goals": [_goal(one, programme, lang) for one in found.goals],
        "rewards": [
            {
                "reward": gift.reward,
                "given": gift.given,
                "used": gift.used,
                "cost": {"amount": gift.cost, "currency": programme.currency} if gift.cost is not None else None,
                "bought_later": {"members": gift.later.members, "bought": gift.later.bought, "low": gift.later.low,
                                 "high": gift.later.high} if gift.later else None,
            }
            for gift in found.gifts
        ],
        "advice": [{"code": one.code, "message": sentences.advice(one, programme, lang)} for one in found.advice],
    }  # fmt: skip


def _number(figure: Decimal | None) -> float | None:
    return float(figure) if figure is not None else None
