"""The slip for somebody who forgot their card: its QR code claims the sale in the wallet."""

from datetime import date
from typing import Any
from urllib.parse import quote

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ganbo.books.events import queries as events
from ganbo.doors.till import counter as counters
from ganbo.doors.till import saying, views
from ganbo.doors.till.acting import act
from ganbo.foundation import i18n
from ganbo.journeys import claim_slip
from ganbo.journeys.reverse import EventUnknown
from ganbo.kernel.refusal import Refusal


@act
def slip(request: HttpRequest) -> HttpResponse:
    """Show and print it; printed again, it is the same."""
    at, event_id = counters.of(request), request.POST.get("event", "")
    event = events.get(event_id)
    try:
        if event is None or not at.may_see(event):
            raise EventUnknown(event_id=event_id)
        made = claim_slip.slip(event_id, at=at.now)
    except Refusal as refusal:
        messages.error(request, saying.refusal(_worded(refusal)))
        return HttpResponseRedirect(reverse("till:counter"))
    url = f"{settings.PUBLIC_URL}{request.META.get('SCRIPT_NAME', '')}/wallet/claim/{quote(made.code)}/"
    context: dict[str, Any] = {
        "code": made.code,
        "svg": segno.make_qr(url, error="m").svg_inline(scale=6, border=2, omitsize=True),
        "last_day": i18n.day(made.last_day, saying.locale()),
        "net": event.net or 0,
        "when": at.local(event.occurred_at),
        "event": event,
    }
    return views.page(request, at, "till/slip.html", context)


def _worded(refusal: Refusal) -> Refusal:
    """Days as people write them."""
    if "day" in refusal.params:
        refusal.params["day"] = i18n.day(date.fromisoformat(refusal.params["day"]), saying.locale())
    return refusal
