"""The approvals inbox: spends that a cashier asked for, decided by somebody else, with a reason."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import figures, members, showing
from ganbo.doors.console.showing import MAY_SET_UP, Showing
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import show_proof
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import proofs
from ganbo.people.members import queries as people
from ganbo.people.members.proofs import ProofRow, ProofState
from ganbo.people.members.queries import MemberRow


@staff_only(*MAY_SET_UP)
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first; what was decided, the newest first."""
    shown = showing.begin(request)
    asked = proofs.asked(at=shown.now, stores=shown.staff.stores)
    decided = proofs.decided(stores=shown.staff.stores)
    known = people.by_ids([row.member_id for row in (*asked, *decided)])
    return showing.page(
        request,
        "console/approvals.html",
        shown,
        section="today",
        asked=[_row(row, known, shown) for row in asked],
        decided=[_row(row, known, shown) for row in decided],
    )


def _row(row: ProofRow, known: dict[UUID, MemberRow], shown: Showing) -> dict[str, Any]:
    member, stores = known.get(row.member_id), showing.store_names()
    return {
        "id": row.id,
        "amount": shown.money(row.most or 0),
        "note": row.note,
        "member_id": row.member_id,
        "member": figures.called(member) if member else "",
        "contact": members.contact(member, shown) if member else "",
        "by": showing.who(row.asked_by),
        "store": stores.get(row.store, row.store),
        "at": shown.moment(row.created_at),
        "own": row.asked_by == shown.staff.actor,
        "refused": row.state == ProofState.REFUSED,
        "used": row.state == ProofState.USED,
        "reason": row.reason,
        "decided_by": showing.who(row.decided_by) if row.decided_by else "",
    }


@require_POST
@staff_only(*MAY_SET_UP)
def decide(request: HttpRequest, proof_id: UUID) -> HttpResponse:
    """Yes or no, with a reason; the till that asked goes on by itself."""
    shown, yes = showing.begin(request), request.POST.get("yes") == "1"
    try:
        mine = {row.id for row in proofs.asked(at=shown.now, stores=shown.staff.stores)}
        if proof_id not in mine:
            raise proofs.NotWaiting()
        reason = request.POST.get("reason", "")
        show_proof.decide(proof_id, yes=yes, reason=reason, by=shown.staff.actor, at=shown.now)
    except Refusal as refusal:
        messages.error(request, _words(refusal))
    else:
        messages.success(request, _("Approved; the till goes on.") if yes else _("Refused; the till says so."))
    return redirect("console:approvals")


def _words(refusal: Refusal) -> str:
    return {
        "proof.reason_needed": _("Say why in a few words; nothing was decided."),
        "proof.not_yourself": _("You asked for this yourself. Somebody else decides it."),
    }.get(refusal.code) or _("This was decided or is over. The list shows how it stands now.")
