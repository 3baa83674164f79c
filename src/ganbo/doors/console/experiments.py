"""Thử nghiệm: what is tried on whom, until when, and whether it did more than chance; planning one says first how many it takes."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import csv_files, interval_chart, results, showing
from ganbo.doors.console.showing import MAY_PUBLISH, Showing
from ganbo.features.experiments import queries
from ganbo.features.experiments.operations import Over, Unknown
from ganbo.features.experiments.queries import ExperimentRow
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.experiments import result as figures
from ganbo.insights.experiments import sentences, served
from ganbo.insights.experiments.result import Result
from ganbo.insights.warehouse import reading
from ganbo.insights.warehouse.reading import NotFilled
from ganbo.journeys import experiments as journeys

PAGE = 5_000  # members read at a time into a file
_BADGES = {figures.MORE: "green", figures.LESS: "amber", figures.UNEVEN: "amber", figures.TOO_FEW: "amber"}


@staff_only(*results.SEES)
def experiments(request: HttpRequest) -> HttpResponse:
    """Every experiment, the latest first."""
    shown = showing.begin(request)
    return showing.page(
        request,
        "console/experiments.html",
        shown,
        section="results",
        tab="experiments",
        rows=[_row(row, shown) for row in queries.every()],
        **_filled(request, shown),
    )


def _filled(request: HttpRequest, shown: Showing) -> dict[str, Any]:
    known = reading.opened(settings.WAREHOUSE, request.business.slug)  # type: ignore[attr-defined]
    return results.filled(request, shown, known) if known else {}


def _row(row: ExperimentRow, shown: Showing) -> dict[str, Any]:
    lang = shown.locale
    return {
        "slug": row.slug,
        "name": row.name,
        "question": row.question,
        "metric": sentences.metric(row, lang),
        "days": _("%(first)s to %(last)s")
        % {"first": _day(row.starts_on, lang), "last": _day(row.until, lang, before=True)},
        "state": _states()[row.state(_today(shown))],
        "running": row.state(_today(shown)) == "running",
    }


def _states() -> dict[str, str]:
    return {"planned": _("to come"), "running": _("running"), "ended": _("ended"), "stopped": _("stopped")}


def _day(day: date, lang: str, *, before: bool = False) -> str:
    return i18n.day(date.fromordinal(day.toordinal() - before), lang)


def _today(shown: Showing) -> date:
    return shown.now.astimezone(shown.zone).date()


@staff_only(*results.SEES)
def experiment(request: HttpRequest, slug: str) -> HttpResponse:
    """One experiment: the verdict in a sentence, each group with its interval."""
    shown, row = showing.begin(request), _known(slug)
    try:
        found = served.told(settings.WAREHOUSE, request.business.slug, row)  # type: ignore[attr-defined]
    except NotFilled:
        found = None
    return showing.page(
        request,
        "console/experiment.html",
        shown,
        section="results",
        tab="experiments",
        row=_row(row, shown),
        may_stop=row.state(_today(shown)) in ("planned", "running"),
        plan=_plan(row, shown),
        **(_told(row, found, shown) if found else {"groups": _groups(row, shown)}),
    )


def _plan(row: ExperimentRow, shown: Showing) -> str:
    """What was supposed when it was planned."""
    if row.unit != "member" or "needed" not in row.plan:
        return ""
    text = _(
        "Planned for %(n)s members a group: so many find a lift of %(lift)s four times in five; before it was %(base)s."
    )
    return text % {
        "n": shown.number(int(row.plan["needed"])),
        "lift": i18n.percent(
            float(row.plan["least"]) if "/" not in row.plan["least"] else _ratio(row.plan["least"]), shown.locale
        ),
        "base": sentences.figure(row, float(row.plan["base"]), shown.locale, shown.currency),
    }


def _ratio(written: str) -> float:
    above, _slash, below = written.partition("/")
    return int(above) / int(below)


def _told(row: ExperimentRow, found: Result, shown: Showing) -> dict[str, Any]:
    lang = shown.locale
    scale = interval_chart.scale([(g.low, g.high) for g in found.groups])
    first, *rest = sentences.sentences(row, found, lang, shown.currency)

    def figure(value: float) -> str:
        return sentences.figure(row, value, lang, shown.currency)

    groups = []
    for group in found.groups:
        name, interval = sentences.name(row, group.id, lang), f"{figure(group.low)} – {figure(group.high)}"
        groups.append({
            "id": group.id, "name": name, "n": shown.number(group.n),
            "mean": figure(group.mean) if group.n else "–", "interval": interval if group.n > 1 else "–",
            "svg": interval_chart.svg(group.low, group.mean, group.high, scale=scale, label=f"{name}: {interval}") if group.n > 1 else "",
        })  # fmt: skip
    return {
        "groups": groups,
        "verdict": sentences.say(sentences.VERDICTS[found.verdict], lang),
        "badge": _BADGES.get(found.verdict, ""),
        "lead": first,
        "said": rest,
        "unit": sentences.say(sentences.UNITS[row.unit], lang),
        "as_of": shown.moment(found.taken_at),
        "files": row.unit == "member",
    }


def _groups(row: ExperimentRow, shown: Showing) -> list[dict[str, Any]]:
    """Before the warehouse was ever filled: the groups alone."""
    sizes = queries.sizes(row.slug)
    return [
        {
            "id": g.id,
            "name": g.name or g.id,
            "n": shown.number(sizes.get(g.id, 0)),
            "mean": "–",
            "interval": "–",
            "svg": "",
        }
        for g in row.groups
    ]


@staff_only(*results.SEES)
def download(request: HttpRequest, slug: str, group: str) -> HttpResponse:
    """The members of a group by id, with when they entered it: for whoever treats the group by hand."""
    row = _known(slug)
    if group not in [one.id for one in row.groups] or row.unit != "member":
        raise Http404
    rows: list[list[object]] = []
    after = None
    while some := queries.page(row.slug, group, after=after, most=PAGE):
        rows += [[str(member), at.isoformat()] for member, at in some]
        after = some[-1][0]
    return csv_files.csv_of(f"{row.slug}-{group}", ["member_id", "since"], rows)


@require_POST
@staff_only(*MAY_PUBLISH)
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """From today nothing counts any more."""
    shown = showing.begin(request)
    try:
        journeys.stop(slug, today=_today(shown), by=shown.staff.actor)
        messages.success(request, _("Stopped. What was noted until yesterday stays."))
    except Unknown as failure:
        raise Http404 from failure
    except Over:
        messages.error(request, _("It is over already."))
    return redirect("console:experiment", slug)


def _known(slug: str) -> ExperimentRow:
    found = queries.by_slug(slug)
    if found is None:
        raise Http404
    return found
