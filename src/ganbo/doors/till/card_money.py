"""Topping up a member's card at the till, and the page that says what went onto it."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.doors.till import counter as counters
from ganbo.doors.till import identify, saying, serving, views
from ganbo.doors.till.acting import act, page_of
from ganbo.doors.till.counter import Counter
from ganbo.engine import pots
from ganbo.engine.pots import TopUp
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import recording
from ganbo.journeys import sell as selling
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members


@act
def top_up(request: HttpRequest) -> HttpResponse:
    """Money onto a card, once per form however often it is sent."""
    at, member = counters.of(request), request.POST.get("member", "")
    try:
        found = identify.picked(member)
        if found.member is None:
            raise recording.MemberUnknown(by="id")
        topup = _wanted(request.POST.get("pay", ""), at)
        event_id = f"till:{UUID(request.POST.get('key', ''))}"
        refused = selling.record(at.business, _body(event_id, member, topup, at), now=at.now).refusal
        if refused is not None and not _told_before(event_id, member, topup):
            raise refused
    except ValueError:
        return HttpResponseRedirect(page_of(member))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(page_of(member))
    return HttpResponseRedirect(reverse("till:topped_up", args=[event_id]))


def _wanted(typed: str, at: Counter) -> TopUp:
    """Raises pots.NoSuchTopUp, also for what is no amount."""
    return pots.find(at.programme.topups, int(typed) if typed.isascii() and typed.isdigit() else -1)


def _body(event_id: str, member: str, topup: TopUp, at: Counter) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": event_id,
        "type": pots.TYPE,
        "occurred_at": at.now.isoformat(),
        "channel": "till",
        "staff": at.staff.actor,
        "member": {"id": member},
        "data": {"amount": topup.pay, "currency": at.currency},
    }
    return body | ({"store": at.store.id} if at.store else {})


def _told_before(event_id: str, member: str, topup: TopUp) -> bool:
    """True when this form was recorded already; only the moment differs."""
    before = events.get(event_id)
    if before is None or before.type != pots.TYPE or str(before.member_id) != member:
        return False
    return bool(orjson.loads(before.body)["amount"] == topup.pay)


@staff_only(*views.ROLES)
def topped_up(request: HttpRequest, event_id: str) -> HttpResponse:
    """What went onto the card, in a sentence to read aloud; an undone one says what to hand back."""
    at = counters.of(request)
    event = events.get(event_id)
    if event is None or event.type != pots.TYPE or event.member_id is None or not at.may_see(event):
        raise Http404
    member = members.get(event.member_id)
    undone = event.reversed_at is not None
    paid = i18n.money(orjson.loads(event.body)["amount"], at.currency, saying.locale())
    told = [_("Undone: hand back %(money)s.") % {"money": paid}] if undone else counters.because(event, at, member)
    context = {
        "event": event,
        "sentence": " ".join(told),
        "balance": views.balance(member, at) if member else "",
        "undone": undone,
        "minutes": counters.minutes_left(event, at),
        "served": serving.served(member, at) if member else None,
    }
    return views.page(request, at, "till/topped_up.html", context)
