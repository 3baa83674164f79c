"""Chương trình: the rules as sentences, the same as YAML to check and publish, and what changed when."""

import difflib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ganbo.doors.console import rule_sentences, showing
from ganbo.doors.console.showing import Showing
from ganbo.engine import loading
from ganbo.engine.loading import DocumentRefused
from ganbo.features.programmes import document_words, queries
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import publish_programme
from ganbo.journeys.publish_programme import ExamplesFail

NEAR = 3  # lines shown around a problem
LONGEST = 1_000_000  # characters; far above any programme


@staff_only()
def cards(request: HttpRequest) -> HttpResponse:
    """The programme in force, as cards in the order a member meets them."""
    shown = showing.begin(request)
    programme = shown.programme
    found = rule_sentences.sections(programme, shown.locale) if programme else []
    return showing.page(
        request, "console/programme.html", shown, section="programme", tab="cards", sections=found, **_head(shown)
    )


def _head(shown: Showing) -> dict[str, Any]:
    """Name and version of what is in force."""
    if shown.timeline is None:
        return {"programme_name": "", "version": None}
    now = shown.timeline.at(shown.now)
    return {
        "programme_name": now.programme.name.text(shown.locale),
        "version": now.version,
        "since": shown.day(now.in_force_from),
    }


@staff_only()
def text(request: HttpRequest) -> HttpResponse:
    """The document as YAML; POST checks it or, for who may, puts it in force."""
    shown = showing.begin(request)
    source = _source(shown)
    if request.method != "POST":
        return _text_page(request, shown, source)
    if shown.staff.role not in showing.MAY_PUBLISH:
        return _text_page(
            request, shown, source, problem=_("Your role may read the programme but not change it."), status=403
        )
    source = request.POST.get("source", "").replace("\r\n", "\n")[:LONGEST]
    if request.POST.get("do") == "publish":
        return _publish(request, shown, source)
    problems, programme = _check(source, shown)
    return _text_page(
        request, shown, source, problems=problems, checked=programme is not None, status=422 if problems else 200
    )


def _source(shown: Showing) -> str:
    if shown.timeline is None:
        return ""
    return queries.source_of(shown.timeline.latest) or ""


def _text_page(request: HttpRequest, shown: Showing, source: str, *, status: int = 200, **context: Any) -> HttpResponse:
    wrong = {p["line"] for p in context.get("problems", ()) if p["line"]}
    near = {n + away for n in wrong for away in range(-NEAR, NEAR + 1)}
    lines = [(n, line, n in wrong) for n, line in enumerate(source.split("\n"), 1) if n in near]
    return showing.page(
        request,
        "console/programme_yaml.html",
        shown,
        section="programme",
        tab="yaml",
        source=source,
        lines=lines,
        latest=shown.timeline.latest if shown.timeline else 0,
        status=status,
        **context,
        **_head(shown),
    )


def _check(source: str, shown: Showing) -> tuple[list[dict[str, Any]], Any]:
    """What is wrong, with line and column; and the programme when nothing is."""
    try:
        return [], publish_programme.check(source)
    except (DocumentRefused, ExamplesFail) as failure:
        return _problems(failure, source, shown), None


def _problems(failure: DocumentRefused | ExamplesFail, source: str, shown: Showing) -> list[dict[str, Any]]:
    if isinstance(failure, DocumentRefused):
        return [
            {"line": e.line, "column": e.column, "path": e.path, "text": document_words.message(e, locale=shown.locale)}
            for e in failure.errors
        ]
    programme = loading.load(source)
    return [
        {"line": 0, "column": 0, "path": "", "text": document_words.example_message(f, programme, locale=shown.locale)}
        for f in failure.failures
    ]


def _publish(request: HttpRequest, shown: Showing, source: str) -> HttpResponse:
    latest = shown.timeline.latest if shown.timeline else 0
    if request.POST.get("latest", "") != str(latest):
        problem = _(
            "Somebody published version %(n)s while you were writing. Compare it under Versions, then publish again."
        )
        return _text_page(request, shown, source, problem=problem % {"n": latest}, status=409)
    try:
        published = publish_programme.publish(source, by=shown.staff.actor)
    except (DocumentRefused, ExamplesFail) as failure:
        return _text_page(request, shown, source, problems=_problems(failure, source, shown), status=422)
    messages.success(request, _("Version %(n)s is in force from now on.") % {"n": published.version})
    return redirect("console:programme")


@staff_only()
def versions(request: HttpRequest) -> HttpResponse:
    """All versions, newest first."""
    shown = showing.begin(request)
    current = shown.timeline.at(shown.now).version if shown.timeline else None
    rows = [
        {"n": v.version, "since": shown.moment(v.in_force_from), "now": v.version == current}
        for v in queries.versions()
    ]
    return showing.page(
        request,
        "console/programme_versions.html",
        shown,
        section="programme",
        tab="versions",
        rows=rows,
        **_head(shown),
    )


@staff_only()
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, and what it changed against the one before."""
    shown = showing.begin(request)
    source = queries.source_of(number)
    if source is None:
        raise Http404
    before = queries.source_of(number - 1) or ""
    return showing.page(
        request,
        "console/programme_version.html",
        shown,
        section="programme",
        tab="versions",
        number=number,
        previous=number - 1 if before else None,
        changes=_changes(before, source) if before else [],
        source=source,
        **_head(shown),
    )


def _changes(before: str, after: str) -> list[tuple[str, str]]:
    """(added | removed | place | same, line), three lines of context around each change."""
    found = []
    for line in list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]:
        kind = {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "same")
        found.append((kind, line if kind == "place" else line[1:]))
    return found
