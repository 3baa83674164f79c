"""Xem và áp dụng: what a draft would change and for whom, then put it in force, now or later; at most once."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ganbo.doors.console import reviewing, showing
from ganbo.doors.console.reviewing import Review
from ganbo.doors.console.showing import MAY_PUT_IN_FORCE, REVIEWS, Showing
from ganbo.features.programmes import drafts, queries
from ganbo.features.programmes.drafts import DraftChanged, DraftRow
from ganbo.features.programmes.operations import InForceInPast, Overtaken
from ganbo.foundation import clock
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import edit_draft

LONGEST_NOTE = 200
MODES = ("new", "all", "extend")  # what a changed expiry does to points that are there


@dataclass(frozen=True, slots=True)
class Wish:
    """What was chosen. `since` is None for now; `problem` says what cannot be so."""

    later: bool = False
    day: str = ""
    hour: str = "00:00"
    existing: str = "new"
    note: str = ""
    agreed: bool = False
    since: datetime | None = None
    problem: str = ""


@staff_only(*REVIEWS)
def publish(request: HttpRequest) -> HttpResponse:
    """The draft reviewed under what was chosen; POST `do=publish` puts it in force."""
    shown = showing.begin(request)
    draft = drafts.current(_latest(shown))
    wish = _wish(request, shown)
    if request.method == "POST" and request.POST.get("do") == "publish":
        if shown.staff.role not in MAY_PUT_IN_FORCE:
            problem = _("Your role may look at it; an owner or a manager puts it in force.")
            return _page(request, shown, draft, wish, problem=problem, status=403)
        return _publish(request, shown, draft, wish)
    return _page(request, shown, draft, wish, status=422 if wish.problem else 200)


def _latest(shown: Showing) -> int:
    return shown.timeline.latest if shown.timeline else 0


def _wish(request: HttpRequest, shown: Showing) -> Wish:
    """What the form says; a time of day without a day, or one that is over, is a problem."""
    told = request.POST if request.method == "POST" else request.GET  # a page that leads here may say the day
    existing = told.get("existing", "new")
    wish = {
        "later": told.get("when") == "later",
        "day": told.get("day", "")[:10],
        "hour": told.get("hour", "")[:5] or "00:00",
        "existing": existing if existing in MODES else "new",
        "note": " ".join(told.get("note", "").split())[:LONGEST_NOTE],
        "agreed": told.get("agreed") == "yes",
    }
    if not wish["later"]:
        return Wish(**wish)
    try:
        since = datetime.fromisoformat(f"{wish['day']}T{wish['hour']}").replace(tzinfo=shown.zone)
    except ValueError:
        return Wish(**wish, problem=_("Choose the day on which it begins."))
    if since <= shown.now:
        return Wish(**wish, problem=_("That is over already; choose a later time, or from now on."))
    return Wish(**wish, since=since)


def _publish(request: HttpRequest, shown: Showing, draft: DraftRow, wish: Wish) -> HttpResponse:
    """What was reviewed and nothing else, once: pressed again it answers as the first time."""
    seen = request.POST.get("digest", "")
    if _digest(draft.source) != seen:
        return _changed(request, shown, draft, wish)
    programme, problems = reviewing.checked(draft.source, shown)
    if wish.problem or problems or programme is None:
        return _page(request, shown, draft, wish, status=422)
    found = reviewing.review(programme, shown, since=wish.since or shown.now)
    if found.changes.worse and not wish.agreed:
        problem = _("Read what becomes worse for members and say that you mean it.")
        return _page(request, shown, draft, wish, problem=problem, status=422)
    expecting = request.POST.get("latest", "")
    try:
        done = edit_draft.publish(
            draft.source,
            revision=draft.revision,
            by=shown.staff.actor,
            in_force_from=wish.since,
            existing=wish.existing,
            expecting=int(expecting) if expecting.isdigit() else None,
            note=wish.note,
        )
    except (DraftChanged, Overtaken):
        return _changed(request, shown, drafts.current(_latest(showing.begin(request))), wish)
    except InForceInPast:
        return _page(request, shown, draft, wish, problem=_("That is over already; choose a later time."), status=422)
    return _said(request, shown, done.version, done.in_force_from)


def _changed(request: HttpRequest, shown: Showing, draft: DraftRow, wish: Wish) -> HttpResponse:
    """What was reviewed is no longer the draft: it was just published, or somebody wrote or published something else."""
    newest = next(iter(queries.versions()), None)
    if newest is not None and _digest(newest.source) == request.POST.get("digest", "") and draft.revision == 0:
        return _said(request, shown, newest.version, newest.in_force_from)
    problem = _("Somebody changed the draft or published a version while you were reading. Look again, then publish.")
    return _page(request, showing.begin(request), draft, wish, problem=problem, status=409)


def _said(request: HttpRequest, shown: Showing, version: int, since: datetime) -> HttpResponse:
    if since > clock.now():
        told = _("Version %(n)s will be in force from %(since)s. Until then you may withdraw it.")
        messages.success(request, told % {"n": version, "since": shown.moment(since)})
        return redirect("console:programme_versions")
    messages.success(request, _("Version %(n)s is in force from now on.") % {"n": version})
    return redirect("console:programme")


def _page(
    request: HttpRequest, shown: Showing, draft: DraftRow, wish: Wish, *, status: int = 200, **context: Any
) -> HttpResponse:
    programme, problems = reviewing.checked(draft.source, shown)
    found = reviewing.review(programme, shown, since=wish.since or shown.now) if programme else None
    return showing.page(
        request,
        "console/programme_publish.html",
        shown,
        section="programme",
        tab="edit",
        wish=wish,
        draft=draft,
        problems=problems,
        review=found,
        latest=_latest(shown),
        digest=_digest(draft.source),
        nothing=draft.revision == 0,
        overtaking=_overtaking(found, shown),
        today=shown.now.astimezone(shown.zone).date().isoformat(),
        zone=str(shown.zone),
        status=status,
        **context,
    )


def _overtaking(found: Review | None, shown: Showing) -> list[tuple[int, str]]:
    """Versions that begin later and would end this one."""
    return [(v.version, shown.moment(v.in_force_from)) for v in found.overtaken_by] if found else []


def _digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()
