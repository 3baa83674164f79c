"""Perks of the member's level at the till: shown with what is left, used with one tap, undone."""

from hashlib import sha256
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.doors.till import counter as counters
from ganbo.doors.till import identify, perk_rows, saying, serving, views
from ganbo.doors.till.acting import act, page_of
from ganbo.features.perks import queries
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import answer_once, perks, recording
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members


@act
def use(request: HttpRequest) -> HttpResponse:
    """One more of a perk; once per form however often it is sent."""
    at, member, wanted = counters.of(request), request.POST.get("member", ""), request.POST.get("perk", "")[:64]
    try:
        key, found = f"till:perk:{UUID(request.POST.get('key', ''))}", identify.picked(member).member
        if found is None:
            raise recording.MemberUnknown(by="id")
        store, who = at.store.id if at.store else "", found.id

        def work() -> tuple[int, str]:
            return 200, str(perks.use(wanted, member_id=who, by=at.staff.actor, now=at.now, store=store).id)

        done = answer_once.once(key, sha256(f"{member}|{wanted}".encode()).digest(), work, at=at.now)
    except ValueError:
        return HttpResponseRedirect(page_of(member))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(page_of(member))
    return HttpResponseRedirect(reverse("till:perk_used", args=[done.answer]))


@act
def undo(request: HttpRequest) -> HttpResponse:
    """It was not used after all; a cashier within the hour."""
    at = counters.of(request)
    try:
        used = perks.undo(UUID(request.POST.get("use", "")), by=at.staff.actor, now=at.now, within=at.undo_within)
    except ValueError:
        return HttpResponseRedirect(reverse("till:counter"))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:perk_used", args=[used.id]))


@staff_only(*views.ROLES)
def used(request: HttpRequest, use_id: UUID) -> HttpResponse:
    """A perk that was just used."""
    at = counters.of(request)
    row = queries.use(use_id)
    member = members.get(row.member_id) if row else None
    if row is None or member is None:
        raise Http404
    name = {"perk": perk_rows.name_of(row.perk, at)}
    late = at.undo_within is not None and at.now - row.at > at.undo_within
    context = {
        "title": _("Undone") if row.undone else _("Perk used"),
        "sentence": (_("Undone: %(perk)s was not used.") if row.undone else _("Give it: %(perk)s.")) % name,
        "undone": row.undone,
        "undo": "" if row.undone else reverse("till:undo_perk"),
        "field": ("use", row.id),
        "late": late,
        "served": serving.served(member, at),
        "perks": perk_rows.of_member(member, at),
    }
    return views.page(request, at, "till/told.html", context)
