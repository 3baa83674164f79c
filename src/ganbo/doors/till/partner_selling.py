"""Selling to a partner's member: our sale and the issuer's points are one deed, and so is its undo."""

from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.doors.till import counter as counters
from ganbo.doors.till import offers, partner_cards, receipt, saying, views
from ganbo.doors.till.acting import act
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.identify import Found
from ganbo.doors.till.receipt import Draft
from ganbo.features.partners import queries
from ganbo.features.partners.queries import LineRow
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.foundation.tenancy import context
from ganbo.journeys import partner_sales
from ganbo.kernel.refusal import Refusal


@act
def sell(request: HttpRequest) -> HttpResponse:
    """Record the sale and the bill at the issuer's, once per form however often it is sent."""
    at, draft = counters.of(request), receipt.drafted(request.POST)
    found = partner_cards.found(request.POST.get("their_card", "")[:100], at)
    uses = request.POST.get("use") == "points"
    done = HttpResponseRedirect(reverse("till:partner_done", args=[draft.event_id]))
    if events.get(draft.event_id) is not None:
        return done
    if found is None:
        return HttpResponseRedirect(reverse("till:counter"))
    if draft.typed or "look" in request.POST:
        return views.show(request, at, found, draft=draft.with_typed())
    try:
        _record(found, draft, at, uses=uses)
    except (receipt.UnreadableError, offers.UnfitError) as unreadable:
        return views.show(request, at, found, draft=draft, sentence=str(unreadable), status=422)
    except Refusal as refusal:
        return views.show(request, at, found, draft=draft, sentence=saying.refusal(refusal), status=409)
    return done


def _record(found: Found, draft: Draft, at: Counter, *, uses: bool) -> None:
    theirs = found.theirs
    assert theirs is not None
    body: dict[str, Any] = offers.sold(draft, receipt.of(draft, at), at)
    bill = offers.bill(draft, at)
    to_pay = (bill.to_pay or 0) if bill else 0
    paying, pays = partner_cards.paying(theirs, to_pay, uses=uses)
    ours = sum(offer.takes for offer in bill.offers if offer.pays and offer.ticked) if bill else 0
    parts = {"gift_card": ours, "other": pays, "cash": to_pay - pays}
    body = body | {"data": body["data"] | {"paid": [{"with": how, "amount": n} for how, n in parts.items() if n]}}
    partner_sales.sell(theirs.link, body, to_pay, paying, by=at.staff.actor, now=at.now)


@staff_only(*views.ROLES)
def done(request: HttpRequest, event_id: str) -> HttpResponse:
    """What was earned and used of the partner's, in sentences to read aloud."""
    at = counters.of(request)
    event = events.get(event_id)
    lines = queries.used_here([event_id]).get(event_id, [])
    side = partner_sales.issuer(event_id)
    if event is None or side is None or not at.may_see(event):
        raise Http404
    with context.within(side.business):
        bill = queries.bill(side.partner, event_id)
    undone = event.reversed_at is not None
    other = by_partners(event.body) if not undone else 0
    page = {
        "event": event,
        "issuer": side.business.name,
        "sentences": [_("Undone: their points and cards are as before.")] if undone else _said(lines),
        "undone": undone,
        "other": other,
        "pays": (bill.amount if bill else event.net or 0) - other,
        "minutes": counters.minutes_left(event, at),
    }
    return views.page(request, at, "till/partner_done.html", page)


def _said(lines: list[LineRow]) -> list[str]:
    said = []
    for line in lines:
        if line.kind == "earn":
            said.append(_("Points earned: %(n)s.") % {"n": i18n.number(line.units, saying.locale())})
        elif line.kind == "points":
            said.append(_("Points used: %(n)s.") % {"n": i18n.number(line.units, saying.locale())})
        elif line.kind == "gift_card":
            said.append(_("Paid with a gift card."))
    return said


def by_partners(body: str) -> int:
    """What partners' points and cards paid of a sale to a partner's member, minor units."""
    return sum(part["amount"] for part in orjson.loads(body).get("paid") or () if part["with"] == "other")
