"""Các bản: every version with who published it, when and why; any two compared in words; withdrawn, or begun from anew."""

import difflib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import reviewing, showing
from ganbo.doors.console.showing import MAY_PUBLISH, MAY_PUT_IN_FORCE, Showing
from ganbo.features.programmes import drafts, queries
from ganbo.features.programmes.drafts import DraftChanged
from ganbo.features.programmes.queries import Listed
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import edit_draft, withdraw_version
from ganbo.journeys.withdraw_version import NotScheduled


@staff_only()
def versions(request: HttpRequest) -> HttpResponse:
    """All versions, newest first."""
    shown = showing.begin(request)
    rows = [_row(one, shown) for one in _listed(request, shown)]
    return showing.page(
        request,
        "console/programme_versions.html",
        shown,
        section="programme",
        tab="versions",
        rows=rows,
        numbers=[row["n"] for row in rows if row["withdraws"] is None],
    )


def _listed(request: HttpRequest, shown: Showing) -> list[Listed]:
    return queries.listed(request.business.schema, at=shown.now)  # type: ignore[attr-defined]


def _row(one: Listed, shown: Showing) -> dict[str, Any]:
    row = one.row
    return {
        "n": row.version,
        "state": one.state,
        "badge": _badges().get(one.state, ""),
        "since": shown.moment(row.in_force_from),
        "published": shown.moment(row.published_at),
        "by": showing.who(row.published_by),
        "note": row.note,
        "withdraws": row.withdraws,
    }


def _badges() -> dict[str, str]:
    return {
        "in_force": _("in force"),
        "scheduled": _("scheduled"),
        "withdrawn": _("withdrawn"),
        "replaced": _("replaced before it began"),
    }


@staff_only()
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, what it changed against the one before, and its text."""
    shown = showing.begin(request)
    listed = _listed(request, shown)
    one = next((v for v in listed if v.row.version == number and v.row.withdraws is None), None)
    if one is None:
        raise Http404
    before = next((v.row.version for v in listed if v.row.version < number and v.row.withdraws is None), None)
    return showing.page(
        request,
        "console/programme_version.html",
        shown,
        section="programme",
        tab="versions",
        row=_row(one, shown),
        source=one.row.source,
        draft=_draft(shown),
        **(_compared(before, number, shown) if before is not None else {}),
    )


def _draft(shown: Showing) -> drafts.DraftRow:
    return drafts.current(shown.timeline.latest if shown.timeline else 0)


@staff_only()
def compare(request: HttpRequest) -> HttpResponse:
    """Any two versions: what the second changed against the first."""
    shown = showing.begin(request)
    numbers = [v.row.version for v in _listed(request, shown) if v.row.withdraws is None]
    first, second = (request.GET.get(key, "") for key in ("a", "b"))
    chosen = [int(one) for one in (first, second) if one.isascii() and one.isdigit() and int(one) in numbers]
    if len(chosen) != 2:
        raise Http404
    return showing.page(
        request,
        "console/programme_compare.html",
        shown,
        section="programme",
        tab="versions",
        numbers=numbers,
        **_compared(*chosen, shown),
    )


def _compared(first: int, second: int, shown: Showing) -> dict[str, Any]:
    """What the second changed against the first, in words and in lines."""
    old, new = queries.programme_of(first), queries.programme_of(second)
    if old is None or new is None:
        raise Http404
    return {
        "first": first,
        "second": second,
        "changes": reviewing.changes(old, new, shown.locale),
        "lines": _lines(old.source, new.source),
    }


def _lines(before: str, after: str) -> list[tuple[str, str]]:
    """(added | removed | place | same, line), three lines of context around each change."""
    found = []
    for line in list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]:
        kind = {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "same")
        found.append((kind, line if kind == "place" else line[1:]))
    return found


@staff_only()
def download(request: HttpRequest, number: int) -> HttpResponse:
    """The YAML of a version as a file."""
    source = queries.source_of(number)
    if source is None:
        raise Http404
    answer = HttpResponse(source, content_type="application/yaml; charset=utf-8")
    slug = request.business.slug  # type: ignore[attr-defined]
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{number}.yaml"'
    return answer


@require_POST
@staff_only(*MAY_PUBLISH)
def start_draft(request: HttpRequest, number: int) -> HttpResponse:
    """Make a version's text the draft; a draft that is there can be taken back."""
    shown = showing.begin(request)
    source = queries.source_of(number)
    if source is None:
        raise Http404
    revision = request.POST.get("revision", "")
    try:
        edit_draft.save(
            source,
            revision=int(revision) if revision.isdigit() else 0,
            based_on=shown.timeline.latest if shown.timeline else 0,
            by=shown.staff.actor,
        )
    except DraftChanged:
        messages.error(request, _("Somebody saved the draft meanwhile. Look at what they wrote, then start again."))
        return redirect("console:programme_version", number)
    messages.success(request, _("The draft is now the text of version %(n)s. Nothing has changed yet.") % {"n": number})
    return redirect("console:programme_edit")


@require_POST
@staff_only(*MAY_PUT_IN_FORCE)
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Call off a version that has not begun; twice is once."""
    try:
        withdraw_version.withdraw(number, by=request.staff.actor)  # type: ignore[attr-defined]
        messages.success(request, _("Version %(n)s is withdrawn; the one before it goes on.") % {"n": number})
    except NotScheduled:
        messages.error(
            request, _("Version %(n)s is not waiting to begin; publish another one instead.") % {"n": number}
        )
    return redirect("console:programme_versions")
