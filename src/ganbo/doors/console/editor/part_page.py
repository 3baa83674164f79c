"""One part of the draft as a form: its answers change the YAML in place, and nothing typed is lost when something is wrong."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.doors.console import showing
from ganbo.doors.console.editor import beginning, cards, desk, filling, labels, parts, trying
from ganbo.doors.console.editor.desk import Desk
from ganbo.doors.console.editor.filling import Asked, Filler
from ganbo.doors.console.editor.parts import KINDS, NEW, Kind
from ganbo.doors.console.editor.reading import Reader
from ganbo.doors.console.showing import MAY_PUBLISH
from ganbo.features.programmes.document_tree import Path, Tree
from ganbo.features.programmes.drafts import DraftChanged
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import edit_draft

FORM = "p"  # every question's name begins with it
TRIES = 5


@dataclass(frozen=True, slots=True)
class Part:
    """The part a page is about; `key` is `new` when it is not there yet, `value` what the document says of it."""

    kind: Kind
    key: str
    path: Path
    value: dict[str, Any]

    @property
    def seen(self) -> str:
        """What somebody saw, so that a change by others is noticed; nothing for a new part."""
        if self.key == NEW:
            return ""
        return hashlib.sha256(json.dumps(self.value, default=str).encode()).hexdigest()[:16]

    @property
    def id(self) -> str:
        return self.key if self.kind.keyed else str(self.value.get("id", ""))


@staff_only(*MAY_PUBLISH)
def part(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """The form; POST saves it, moves the part or takes it out."""
    on = desk.begin(request)
    if not on.document:
        return redirect("console:programme_edit_yaml" if on.draft.source.strip() else "console:programme_edit")
    found = _part(KINDS.get(kind), key, on)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, on, found, _begun(request, on, found))
    for _try in range(TRIES):
        try:
            return _posted(request, on, _again(found, request.POST.get("id_seen", ""), on))
        except DraftChanged:  # between reading and saving; look again whether this part was touched
            on = desk.begin(request)
    return HttpResponse(_("Many are saving at once. Nothing was changed; save again."), status=503)


def _posted(request: HttpRequest, on: Desk, found: Part) -> HttpResponse:
    if request.POST.get("seen", "") != found.seen:
        return _changed(request, on, found)
    if request.POST.get("do") in ("remove", "up", "down"):
        return _moved(request, on, found)
    return _saved(request, on, found)


def _part(kind: Kind | None, key: str, on: Desk) -> Part | None:
    if kind is None:
        return None
    path = parts.path_of(kind, key, on.document)
    if path is None:
        return None
    written = parts.value_at(on.document, path)
    asked = {told.alias or name for name, told in kind.shape.model_fields.items()}
    apart = {"levels"} if kind.slug == "tiers" else set(on.document) - asked if kind.slug == "about" else set()
    value = {name: one for name, one in written.items() if name not in apart} if isinstance(written, dict) else {}
    return Part(kind, key, path, value)


def _again(found: Part, id_seen: str, on: Desk) -> Part:
    """The part that was seen, wherever it stands now; one that is gone would be new again."""
    if found.kind.alone or found.key == NEW or found.id == id_seen:
        return found
    for key, one in parts.entries(found.kind, on.document):
        if id_seen and str(one.get("id", "")) == id_seen:
            return _part(found.kind, key, on) or found
    return _part(found.kind, NEW, on) or found


def _begun(request: HttpRequest, on: Desk, found: Part) -> dict[str, Any]:
    return beginning.part(found.kind, request.GET.get("like", ""), on.document) if found.key == NEW else found.value


def _reader(request: HttpRequest, on: Desk) -> Reader:
    known = parts.ids(on.document)
    filler = Filler(known, on.shown.currency, on.shown.locale)
    return Reader(request.POST, filler.metrics, tuple(level for level, _ in known["levels"]))


def _saved(request: HttpRequest, on: Desk, found: Part) -> HttpResponse:
    reader = _reader(request, on)
    value = reader.group(found.kind.shape, FORM, found.value)
    wrong = [(name, _("This cannot be read: %(detail)s") % {"detail": why}) for name, why in reader.unreadable.items()]
    path, source = _written(request, on, found, value)
    if path is None:
        wrong.append(("", _("Give it a short id of its own: lower-case letters, digits, - and _.")))
    after = desk.look(source, on.shown)[1]
    for problem in after:
        if path is not None and cards.within(problem.path, found.kind, path):
            wrong.append((_name(problem.path, path), problem.text))
    if wrong:
        return _page(request, on, found, value, wrong=wrong, typed=reader.unreadable, status=422)
    edit_draft.save(source, revision=on.draft.revision, based_on=on.draft.based_on, by=on.shown.staff.actor)
    messages.success(request, _("Saved in the draft."))
    return redirect(f"{reverse('console:programme_edit')}#{_anchor(found, path or ())}")


def _written(request: HttpRequest, on: Desk, found: Part, value: dict[str, Any]) -> tuple[Path | None, str]:
    """Where the part stands afterwards, and the whole text; no place when a new one has no usable key."""
    tree, path = Tree(on.draft.source), found.path
    if found.key != NEW:
        whole = parts.value_at(on.document, path)
        if not value and found.kind.alone and whole and set(whole) == set(found.value):
            tree.remove(path)
        elif value or found.value:
            tree.merge(path, found.value, value)
        return path, str(tree)
    if found.kind.keyed:
        typed = request.POST.get(f"{FORM}.key", "").strip()
        taken = {key for key, _ in parts.entries(found.kind, on.document)}
        key = typed or beginning.free_id(value, found.kind, taken)
        if key in taken:
            return None, on.draft.source
        path = (*path[:-1], key)
    else:
        value = beginning.named(found.kind, value, on.document)
    tree.add(path, value)
    return path, str(tree)


def _name(dotted: str, path: Path) -> str:
    """The question a place in the document belongs to."""
    steps = dotted.split(".")[len(path) :]
    return ".".join([FORM, *steps])


def _anchor(found: Part, path: Path) -> str:
    return f"{found.kind.slug}-{'-' if found.kind.alone else path[-1]}"


def _moved(request: HttpRequest, on: Desk, found: Part) -> HttpResponse:
    if found.key == NEW:
        return redirect("console:programme_edit")
    tree = Tree(on.draft.source)
    if request.POST["do"] == "remove":
        tree.remove(found.path)
    else:
        tree.move(found.path, -1 if request.POST["do"] == "up" else 1)
    edit_draft.save(str(tree), revision=on.draft.revision, based_on=on.draft.based_on, by=on.shown.staff.actor)
    done = _("Taken out of the draft.") if request.POST["do"] == "remove" else _("Moved.")
    messages.success(request, done)
    return redirect("console:programme_edit")


def _changed(request: HttpRequest, on: Desk, found: Part) -> HttpResponse:
    """Somebody saved this part meanwhile: what they wrote, and what was typed, to be saved again or not."""
    reader = _reader(request, on)
    value = reader.group(found.kind.shape, FORM, found.value)
    gone = found.key == NEW and request.POST.get("seen", "") != ""
    problem = (
        _("Somebody took this part out meanwhile. Your answers are still here: saving adds it again.")
        if gone
        else _("Somebody changed this part meanwhile; above is what it says now. Your answers are still here: saving replaces theirs.")
    )  # fmt: skip
    return _page(request, on, found, value, problem=problem, typed=reader.unreadable, status=409)


def _page(
    request: HttpRequest, on: Desk, found: Part, value: dict[str, Any], *,
    wrong: list[tuple[str, str]] | None = None, typed: dict[str, str] | None = None, problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    filler = Filler(parts.ids(on.document), on.shown.currency, on.shown.locale)
    asked, more = filler.group(found.kind.shape, FORM, value)
    _keep_typed(request, [*asked, *more], typed or {})
    for one in (*asked, *more):
        one.fixed = one.name == f"{FORM}.id" and found.key != NEW and bool(found.id)
    left = filling.complain([*asked, *more], wrong or ())
    card = cards.card_of(found.kind, found.key, on) if found.key != NEW else None
    return showing.page(
        request,
        "console/editor/part.html",
        on.shown,
        section="programme",
        tab="edit",
        status=status,
        desk=on,
        part=found,
        card=card,
        title=card.name if card else _(labels.ADD[found.kind.slug]),
        what=_(labels.PARTS[found.kind.slug]),
        asked=asked,
        more=more,
        open_more=any(one.said and not one.fixed for one in more),
        wrong=left,
        n_wrong=len(wrong or ()),
        problem=problem,
        new_key=request.POST.get(f"{FORM}.key", ""),
        known_values=[*labels.weekdays(), *filler.ids["levels"], *showing.store_names().items()],
        **trying.context(on, request.GET),
    )


def _keep_typed(request: HttpRequest, asked: list[Asked], unreadable: dict[str, str]) -> None:
    """What could not be read stays as it was typed."""
    for one in filling.everything(asked):
        if one.name in unreadable:
            one.kind, one.value = "yaml", request.POST.get(one.name, "")
