"""Choices of the member at the counter, and picking one of their rewards for them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.doors.till import counter as counters
from ganbo.doors.till import identify, saying
from ganbo.doors.till.acting import act, page_of
from ganbo.journeys import choosing, recording
from ganbo.kernel.refusal import Refusal


@act
def choose(request: HttpRequest) -> HttpResponse:
    """The choice becomes what the customer picked; pressed twice, nothing more happens."""
    at, member = counters.of(request), request.POST.get("member", "")
    try:
        found = identify.picked(member)
        if found.member is None:
            raise recording.MemberUnknown(by="id")
        voucher, wanted = UUID(request.POST.get("voucher", "")), request.POST.get("reward", "")[:64]
        choosing.choose(voucher, wanted, member_id=found.member.id, by=at.staff.actor, now=at.now)
        messages.success(request, _("Chosen: %(name)s") % {"name": saying.reward(at.programme, wanted)})
    except ValueError:
        return HttpResponseRedirect(reverse("till:counter"))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
    return HttpResponseRedirect(page_of(member))
