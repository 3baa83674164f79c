"""Rewards that are handed over later, from to do to done; and partners' codes that were shown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse as url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import figures, members, rewards, showing
from ganbo.doors.console.showing import MAY_SET_UP, Showing
from ganbo.features.rewards import queries
from ganbo.features.rewards.queries import HandedRow
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import fulfil_redemption, reverse
from ganbo.people.members import queries as people

MOST = 100  # rows; what is to be done comes oldest first, so nothing is forgotten behind it
STATES = ("to_do", "sent", "done", "codes")
HANDS_OVER = frozenset({"owner", "manager", "cashier", "care"})


@staff_only(*HANDS_OVER)
def hand_over(request: HttpRequest) -> HttpResponse:
    """One state's list; `codes`: the partners' codes given last."""
    shown = showing.begin(request)
    state = request.GET.get("state", "to_do")
    state = state if state in STATES else "to_do"
    found = queries.partners_given(most=MOST) if state == "codes" else queries.handed(state, most=MOST)
    return showing.page(
        request,
        "console/handing_over.html",
        shown,
        section="programme",
        state=state,
        filters=[(name, _label(name)) for name in STATES],
        rows=[_row(row, shown) for row in found],
        **rewards.head(shown),
    )


def _label(state: str) -> str:
    return {
        "to_do": _("To hand over"),
        "sent": _("On the way"),
        "done": _("Handed over"),
        "codes": _("Partners' codes"),
    }[state]


def _row(row: HandedRow, shown: Showing) -> dict[str, Any]:
    reward = shown.programme.rewards.get(row.reward) if shown.programme else None
    member = people.get(row.member_id)
    return {
        "id": row.id,
        "name": (reward.name.text(shown.locale) if reward else "") or row.reward,
        "quantity": row.quantity,
        "member_id": row.member_id,
        "member": figures.called(member) if member else "",
        "contact": members.contact(member, shown) if member else "",
        "at": shown.moment(row.created_at),
        "paid": shown.points(row.price, row.wallet),
        "state": row.fulfilment,
        "reversed": row.state == "reversed",
    }


@require_POST
@staff_only(*HANDS_OVER)
def note(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """This one is sent, or done."""
    shown = showing.begin(request)
    state = "done" if request.POST.get("state") == "done" else "sent"
    try:
        fulfil_redemption.fulfil(redemption_id, state, by=shown.staff.actor, now=shown.now)
    except (fulfil_redemption.CannotFulfil, reverse.RedemptionUnknown):
        messages.error(request, _("Somebody was faster, or it was given back. The list shows how it stands now."))
    else:
        messages.success(request, _("Noted: handed over.") if state == "done" else _("Noted: on its way."))
    return redirect("console:hand_over")


@require_POST
@staff_only(*MAY_SET_UP)
def give_back(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """The partner refused the code: the points come back, and nobody gets the code again."""
    shown = showing.begin(request)
    try:
        reverse.reverse_redemption(redemption_id, by=shown.staff.actor, now=shown.now, even_shown=True)
    except (reverse.RedemptionUnknown, reverse.VoucherUsed):
        messages.error(request, _("The points cannot come back: the voucher was used."))
    else:
        messages.success(request, _("The points came back. Nobody gets that code again."))
    return redirect(url("console:hand_over") + "?state=codes")
