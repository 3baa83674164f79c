"""Mục tiêu: how the programme's goals stand and where they are heading; the report of a version begins the next one."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import results, showing, trend_chart
from ganbo.doors.console.showing import MAY_PUBLISH, Showing
from ganbo.engine.programme import Programme
from ganbo.features.goals import queries
from ganbo.features.programmes import drafts, goal_sentences
from ganbo.features.programmes.drafts import DraftChanged
from ganbo.features.programmes.in_force import Published
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.goals import report as reports
from ganbo.insights.goals import sentences, served
from ganbo.insights.goals.report import GiftReport
from ganbo.insights.goals.standing import Standing
from ganbo.insights.warehouse import reading
from ganbo.journeys import goals as journeys
from ganbo.journeys.goals import NextGoal

BADGES = {"green": "green", "met": "green", "amber": "amber", "red": "amber", "missed": "amber", "grey": ""}
ICONS = {"green": "up", "met": "check", "amber": "warning", "red": "falling", "missed": "warning", "grey": "same"}


@staff_only(*results.SEES)
def goals(request: HttpRequest) -> HttpResponse:
    """Every goal of the programme in force."""
    shown = showing.begin(request)
    slug = request.business.slug  # type: ignore[attr-defined]
    known = reading.opened(settings.WAREHOUSE, slug)
    if known is None or shown.timeline is None:
        return results.before(request, shown, tab="goals")
    version = shown.timeline.at(shown.now)
    found = served.standings(settings.WAREHOUSE, slug, version, queries.baselines(version.version))
    return showing.page(
        request,
        "console/goals.html",
        shown,
        section="results",
        tab="goals",
        cards=[_card(one, version.programme, shown) for one in found],
        **results.filled(request, shown, known),
    )


def _card(one: Standing, programme: Programme, shown: Showing) -> dict[str, Any]:
    lang, kpi = shown.locale, one.goal.kpi
    values = [value for _month, value in one.points[-13:]]
    start = goal_sentences.value(kpi, one.start, programme, lang) if one.start is not None else ""
    name = goal_sentences.name(kpi, lang)
    return {
        "kpi": kpi,
        "name": name,
        "light": sentences.say(sentences.LIGHTS[one.light], lang),
        "badge": BADGES[one.light],
        "icon": ICONS[one.light],
        "now": goal_sentences.value(kpi, one.now, programme, lang) if one.now is not None else "–",
        "start": start,
        "target": goal_sentences.value(kpi, one.goal.target, programme, lang),
        "by": i18n.day(one.goal.by, lang),
        "owner": one.goal.owner,
        "way": None if one.way is None else round(min(max(one.way, 0.0), 1.0) * 100),
        "svg": trend_chart.svg([values, [float(one.goal.target)] * len(values)], name) if len(values) > 1 else None,
        "first": sentences.month(one.points[-len(values)][0], lang) if values else "",
        "last": sentences.month(one.points[-1][0], lang) if values else "",
        "rows": [
            (sentences.month(m, lang), goal_sentences.value(kpi, v, programme, lang)) for m, v in one.points[-13:]
        ],
        "said": sentences.standing(one, programme, lang),
    }


@staff_only(*results.SEES)
def report(request: HttpRequest) -> HttpResponse:
    """What a version promised, what happened, and what to change."""
    shown = showing.begin(request)
    slug = request.business.slug  # type: ignore[attr-defined]
    known = reading.opened(settings.WAREHOUSE, slug)
    if known is None or shown.timeline is None:
        return results.before(request, shown, tab="goals")
    chosen = _chosen(shown, request.GET.get("version", ""))
    until = served.last_day(shown.timeline, chosen, today=_today(shown))
    kept, since = queries.baselines(chosen.version), served.since_of(shown.timeline, chosen)
    found = served.reported(settings.WAREHOUSE, slug, chosen, kept, since=since, until=until)
    programme, lang = chosen.programme, shown.locale
    return showing.page(
        request,
        "console/goals_report.html",
        shown,
        section="results",
        tab="goals",
        version=chosen.version,
        versions=[v.version for v in reversed(shown.timeline.versions) if v.in_force_from <= shown.now],
        revision=drafts.current(shown.timeline.latest).revision,
        since=i18n.day(found.since, lang),
        until=i18n.day(found.until - timedelta(days=1), lang),
        cards=[_card(one, programme, shown) for one in found.goals],
        gifts=[_gift(one, programme, shown) for one in found.gifts],
        advice=[sentences.advice(one, programme, lang) for one in found.advice],
        **results.filled(request, shown, known),
    )


def _gift(one: GiftReport, programme: Programme, shown: Showing) -> dict[str, str]:
    reward = programme.rewards[one.reward]
    return {
        "name": reward.name.text(shown.locale) or reward.id,
        "given": shown.number(one.given),
        "used": shown.number(one.used),
        "cost": shown.money(one.cost) if one.cost is not None else "",
        "later": sentences.later(one.later, shown.locale),
    }


@require_POST
@staff_only(*MAY_PUBLISH)
def begin_next(request: HttpRequest, number: int) -> HttpResponse:
    """Make the draft of the next version from this one: its goals start where it ended."""
    shown = showing.begin(request)
    slug = request.business.slug  # type: ignore[attr-defined]
    known = reading.opened(settings.WAREHOUSE, slug)
    if known is None or shown.timeline is None:
        raise Http404
    chosen = _chosen(shown, str(number))
    found = served.standings(settings.WAREHOUSE, slug, chosen, queries.baselines(chosen.version))
    following = [_following(one, _today(shown)) for one in found]
    revision = request.POST.get("revision", "")
    try:
        journeys.begin_next(
            chosen.programme.source,
            following,
            revision=int(revision) if revision.isdigit() and len(revision) < 9 else 0,
            based_on=shown.timeline.latest,
            by=shown.staff.actor,
        )
    except DraftChanged:
        messages.error(request, _("Somebody saved the draft meanwhile. Look at what they wrote, then start again."))
        return redirect("console:goals_report")
    messages.success(
        request, _("The next version is a draft now: its goals begin where version %(n)s stands.") % {"n": number}
    )
    return redirect("console:programme_edit")


def _following(one: Standing, today: date) -> NextGoal:
    start, target, by = reports.stretched(one, today=today)
    return NextGoal(one.goal.kpi, start, target, by, one.goal.owner)


def _chosen(shown: Showing, written: str) -> Published:
    """The version asked for, else the one in force. Raises Http404 for one that never began."""
    assert shown.timeline is not None
    if not written:
        return shown.timeline.at(shown.now)
    for one in shown.timeline.versions:
        if str(one.version) == written and one.in_force_from <= shown.now:
            return one
    raise Http404


def _today(shown: Showing) -> date:
    return shown.now.astimezone(shown.zone).date()
