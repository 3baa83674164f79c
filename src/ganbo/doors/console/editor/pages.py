"""The draft as a whole: its cards, beginning one, taking a change back, dropping it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import showing
from ganbo.doors.console.editor import beginning, cards, trying
from ganbo.doors.console.editor import desk as desk_
from ganbo.doors.console.editor.desk import Desk
from ganbo.doors.console.showing import MAY_PUBLISH
from ganbo.features.programmes import templates
from ganbo.features.programmes.drafts import DraftChanged
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import edit_draft

LATE = "late"


@staff_only()
def draft(request: HttpRequest) -> HttpResponse:
    """The cards, with a bill to try; before anything is written, what to begin from."""
    desk = desk_.begin(request)
    if not desk.draft.source.strip():
        return page(request, desk, "console/editor/start.html", choices=_choices(desk))
    if not desk.document:
        return redirect("console:programme_edit_yaml")
    return page(
        request, desk, "console/editor/draft.html", choices=_choices(desk), sections=cards.sections(desk),
        **trying.context(desk, request.GET),
    )  # fmt: skip


@staff_only()
def receipt(request: HttpRequest) -> HttpResponse:
    """What the bill would earn, as a part of the page (asked for while somebody types)."""
    desk = desk_.begin(request)
    return render(request, "console/editor/_receipt.html", trying.context(desk, request.GET))


@require_POST
@staff_only(*MAY_PUBLISH)
def change(request: HttpRequest) -> HttpResponse:
    """Begin anew (`from`: live, empty, or a template's name), take the last save back, or drop the draft."""
    desk = desk_.begin(request)
    typed = request.POST.get("revision", "")
    seen = int(typed) if typed.isdigit() and len(typed) < 10 else -1
    try:
        done = _change(request.POST.get("do", ""), request.POST.get("from", ""), desk, seen)
    except DraftChanged:
        messages.error(request, _("Somebody saved the draft meanwhile; nothing was changed. Here is what it says now."))
        return redirect("console:programme_edit")
    messages.success(request, done)
    return redirect("console:programme_edit")


def _change(do: str, origin: str, desk: Desk, seen: int) -> str:
    by = desk.shown.staff.actor
    if do == "undo":
        edit_draft.take_back(revision=seen, by=by)
        return _("The last change was taken back.")
    if do == "drop":
        edit_draft.drop(revision=seen)
        return _("The draft is gone; what is in force stays as it is.")
    if do != "start":
        raise Http404
    edit_draft.save(_source(origin, desk), revision=seen, based_on=desk.latest, by=by)
    return _("The draft begins here. What is in force stays as it is until you publish.")


def _source(origin: str, desk: Desk) -> str:
    if origin == "empty":
        name = desk.shown.programme.name.text("vi") if desk.shown.programme else _("Our programme")
        return beginning.empty(name, currency=desk.shown.currency, zone=desk.shown.zone.key)
    if origin not in {one.name for one in templates.all()}:
        raise Http404
    return templates.source(origin)


def _choices(desk: Desk) -> list[dict[str, str]]:
    """What a draft can begin from."""
    locale = desk.shown.locale
    found = [
        {"from": t.name, "title": t.title.text(locale), "summary": t.summary.text(locale), "kind": t.kind}
        for t in templates.all()
    ]
    empty = {
        "from": "empty", "title": _("Empty"), "kind": "plain",
        "summary": _("One kind of points and nothing that earns them."),
    }  # fmt: skip
    return [*found, empty]


def page(request: HttpRequest, desk: Desk, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return showing.page(
        request,
        template,
        desk.shown,
        section="programme",
        tab="edit",
        status=status,
        desk=desk,
        **head(desk),
        **context,
    )


def head(desk: Desk) -> dict[str, Any]:
    """Whose draft it is, of when, and whether the rules in force have moved on since it was begun."""
    row, shown = desk.draft, desk.shown
    programme = desk.told.programme if desk.told else None
    return {
        "programme_name": programme.name.text(shown.locale) if programme else "",
        "saved_at": shown.moment(row.updated_at) if row.updated_at else "",
        "saved_by": showing.who(row.updated_by) if row.updated_by else "",
        "overtaken": row.revision > 0 and row.based_on < desk.latest,
    }
