"""The household on a member's page: who spends together, and what staff write down for people without the wallet."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import figures, showing
from ganbo.doors.console.showing import Showing
from ganbo.features.households import queries
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import holdings, households
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

MAY_CHANGE = frozenset({"owner", "manager", "care"})


def of_member(found: MemberRow, shown: Showing) -> dict[str, Any] | None:
    """What the member's page shows; None where the programme knows no households."""
    accounts = shown.programme.accounts if shown.programme else None
    if accounts is None:
        return None
    row = queries.of_member(found.id, at=shown.now)
    wallets = sorted(accounts.wallets)
    ids = [one.member_id for one in row.people] if row else []
    own = {wallet: holdings.available(ids, wallet, at=shown.now) for wallet in wallets} if ids else {}
    known = members.by_ids(ids)
    words = {"owner": _("owner"), "adult": _("adult"), "child": _("child")}
    return {
        "row": row,
        "may": shown.staff.role in MAY_CHANGE,
        "owner": row is not None and row.role(found.id) == "owner",
        "totals": [shown.points(sum(each.values()), wallet) for wallet, each in own.items()],
        "people": [
            {
                "id": one.member_id,
                "name": figures.called(known[one.member_id]) if one.member_id in known else "–",
                "word": words[one.role],
                "own": ", ".join(shown.points(each[one.member_id], wallet) for wallet, each in own.items()),
                "may_leave": one.role != "owner" or len(ids) == 1,
            }
            for one in (row.people if row else ())
        ],
        "waiting": [
            {"name": f"••• {one.hint}" if one.hint else _called(one.member_id), "ends": _last(one.expires_at, shown)}
            for one in (row.invited if row else ())
        ],
        "invited": [
            {"household": one.household_id, "word": words[one.role], "ends": _last(one.expires_at, shown)}
            | {"owner": _owner(one.household_id, shown)}
            for one in queries.invitations(found.id, at=shown.now)
        ],
    }


def _last(expires_at: Any, shown: Showing) -> str:
    return shown.day(expires_at - timedelta(seconds=1))


def _called(member_id: UUID | None) -> str:
    row = members.get(member_id) if member_id else None
    return figures.called(row) if row else "–"


def _owner(household_id: UUID, shown: Showing) -> str:
    row = queries.get(household_id, at=shown.now)
    return _called(row.people[0].member_id) if row else "–"


@require_POST
@staff_only(*MAY_CHANGE)
def do(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Found, invite, write down a yes, or take out."""
    shown = showing.begin(request)
    if members.get(member_id) is None:
        raise Http404
    try:
        messages.success(request, _work(request.POST.get("do", ""), member_id, request, shown))
    except Refusal as refusal:
        messages.error(request, _refused(refusal.code))
    except ValueError:
        raise Http404 from None
    return redirect("console:member", member_id=member_id)


def _work(wanted: str, member_id: UUID, request: HttpRequest, shown: Showing) -> str:
    by, now = shown.staff.actor, shown.now
    if wanted == "found":
        households.found(member_id, by=by, now=now)
        return _("The household is there.")
    if wanted == "invite":
        found = members.search(request.POST.get("who", "").strip()[:60], most=2)
        if len(found) != 1:
            return _("Nobody, or more than one, is meant by that; nothing was changed.")
        role = "child" if request.POST.get("role") == "child" else "adult"
        row = queries.of_member(member_id, at=now)
        if row is None:
            raise households.HouseholdUnknown()
        households.invite(row.id, found[0].id, by=by, now=now, role=role, hint=(found[0].phone or "")[-3:])
        return _("%(name)s is invited; they say yes in their wallet, or on their page here.") % {
            "name": figures.called(found[0])
        }
    household = UUID(request.POST.get("household", ""))
    if wanted == "accept":
        households.accept(household, member_id, by=by, now=now)
        return _("Noted: they joined.")
    if wanted == "decline":
        households.decline(household, member_id, by=by, now=now)
        return _("Noted: they said no.")
    if wanted == "leave":
        households.leave(household, UUID(request.POST.get("person", "")), by=by, now=now)
        return _("They left, with what they earned.")
    raise ValueError(wanted)


def _refused(code: str) -> str:
    return {
        "households.in_one_already": _("That person is in a household already; they leave it first."),
        "households.full": _("The household is full; somebody leaves first."),
        "households.too_many_invitations": _("Many were invited today; invite more tomorrow."),
        "households.not_invited": _("This invitation has ended; invite them again."),
        "households.owner_stays": _("Make somebody else the owner first."),
    }.get(code, _("This cannot be done now; the page shows how it stands."))
