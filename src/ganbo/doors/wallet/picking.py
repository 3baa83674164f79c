"""Picking one reward of a choice in the wallet: once, and a second press changes nothing."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.wallet.sign_in import members_only
from ganbo.foundation import clock
from ganbo.journeys import choosing
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.queries import MemberRow


@require_POST
@members_only
def choose(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    """The choice becomes what was picked; its page shows the code then."""
    member: MemberRow = request.member  # type: ignore[attr-defined]
    wanted = request.POST.get("reward", "")[:60]
    try:
        choosing.choose(voucher_id, wanted, member_id=member.id, by=f"member:{member.id}", now=clock.now())
    except choosing.NoChoice:
        messages.error(request, _("This choice is no longer open."))
        return redirect("wallet:gifts")
    except choosing.ChosenAlready:
        messages.error(request, _("You have chosen already; this is your gift."))
    except Refusal:
        messages.error(request, _("This gift has run out. Choose another; nothing was taken."))
    else:
        messages.success(request, _("It is yours now."))
    return redirect("wallet:voucher", voucher_id=voucher_id)
