"""The draft as YAML: the same document as the cards, with the part that was selected there selected here."""

import difflib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ganbo.doors.console.editor import desk as desk_
from ganbo.doors.console.editor import pages, parts
from ganbo.doors.console.editor.desk import Desk
from ganbo.doors.console.editor.parts import KINDS
from ganbo.doors.console.showing import MAY_PUBLISH
from ganbo.features.programmes import drafts
from ganbo.features.programmes.drafts import DraftChanged
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import edit_draft

LONGEST = 300_000  # characters; above what a document may be, so that it is refused with a sentence
NEAR = 3  # lines shown around a problem


@staff_only()
def text(request: HttpRequest) -> HttpResponse:
    """The text; POST saves it for who may, whatever it says: what is wrong is told beside it."""
    desk = desk_.begin(request)
    if request.method != "POST":
        return _page(request, desk, desk.draft.source)
    if desk.shown.staff.role not in MAY_PUBLISH:
        return _page(
            request,
            desk,
            desk.draft.source,
            problem=_("Your role may read the programme but not change it."),
            status=403,
        )
    source = request.POST.get("source", "").replace("\r\n", "\n")[:LONGEST]
    typed = request.POST.get("revision", "")
    seen = int(typed) if typed.isdigit() and len(typed) < 10 else -1
    try:
        edit_draft.save(source, revision=seen, based_on=desk.draft.based_on, by=desk.shown.staff.actor)
    except DraftChanged:
        return _changed(request, desk_.begin(request), source)
    messages.success(request, _("Saved in the draft."))
    return redirect("console:programme_edit_yaml")


def _changed(request: HttpRequest, desk: Desk, source: str) -> HttpResponse:
    """Somebody saved meanwhile: what saving would change of theirs; saving again is done knowingly."""
    problem = _(
        "Somebody saved the draft meanwhile. Your text is still here; below is what saving it would change of theirs."
    )
    return _page(request, desk, source, problem=problem, changes=changes(desk.draft.source, source), status=409)


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """(added | removed | place | same, line), three lines of context around each change."""
    found = []
    for line in list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]:
        kind = {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "same")
        found.append((kind, line if kind == "place" else line[1:]))
    return found


def _page(request: HttpRequest, desk: Desk, source: str, *, status: int = 200, **context: Any) -> HttpResponse:
    shown = desk_.lay(desk.shown, drafts.DraftRow(source, 0, 0, None, "", undoable=False))
    wrong = {p.line for p in shown.problems if p.line}
    at = request.GET.get("line", "")
    selected = int(at) if at.isdigit() and len(at) < 7 else 0
    near = {n + away for n in wrong for away in range(-NEAR, NEAR + 1)}
    near |= set(range(selected, _end(shown, selected))) if selected else set()
    lines = [(n, line, n in wrong) for n, line in enumerate(source.split("\n"), 1) if n in near]
    return pages.page(
        request, desk, "console/editor/yaml.html", status=status, source=source, problems=shown.problems,
        lines=lines, selected=selected, ends=_end(shown, selected), starts=_starts(shown), **context,
    )  # fmt: skip


def _starts(desk: Desk) -> list[tuple[int, str]]:
    """(line, card) of every part, so that the way back leads to the card one was in."""
    found = []
    for kind in KINDS.values():
        for key, _one in parts.entries(kind, desk.document) if kind.path else ():
            path = parts.path_of(kind, key, desk.document)
            if path and desk.placed:
                found.append((desk.placed.place(path)[0], f"{kind.slug}-{key}"))
    return sorted(found)


def _end(desk: Desk, line: int) -> int:
    """The line after the part that begins at one."""
    if not desk.placed:
        return line + 1
    columns = {place[0]: place[1] for place in reversed(desk.placed.places.values())}
    mine = columns.get(line, 1)
    later = [n for n, column in columns.items() if n > line and column <= mine]
    return min(later, default=len(desk.draft.source.split("\n")) + 1)
