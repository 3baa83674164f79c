"""What a cashier does: each is posted, safe to press twice, and leads to a page that says what happened."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from ganbo.books.events import queries as events
from ganbo.doors.till import counter as counters
from ganbo.doors.till import identify, receipt, saying, views
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.identify import Found
from ganbo.doors.till.receipt import Draft
from ganbo.foundation.pipelines import StatementFailed
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import join, redeem_reward, redemption_writing
from ganbo.journeys import reverse as reversing
from ganbo.journeys import sell as selling
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import contacts
from ganbo.people.members import queries as members
from ganbo.people.members.operations import ADDRESS_FORMS, Person

MOST_NAME = 120
REASON = "till"

View = Callable[..., HttpResponse]


def _act(view: View) -> View:
    """Posted by staff of the till; a fault of ours says that nothing was taken."""

    @wraps(view)
    def acted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DatabaseError, StatementFailed):
            return render(request, "till/fault.html", {"back": _back(request)}, status=503)

    guarded = staff_only(*views.ROLES)(acted)

    @wraps(view)
    def posted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":  # a reload or a language switch on a page that answered a post
            return HttpResponseRedirect(reverse("till:counter"))
        return guarded(request, *args, **kwargs)

    return posted


def _back(request: HttpRequest) -> str:
    member = request.POST.get("member", "")
    return _page_of(member) if member else reverse("till:counter")


def _page_of(member_id: object) -> str:
    return f"{reverse('till:counter')}?member={member_id}"


@_act
def choose_store(request: HttpRequest) -> HttpResponse:
    """Remember where this till stands, until somebody chooses anew."""
    at = counters.of(request)
    wanted = request.POST.get("store", "")
    if not wanted or any(store.id == wanted for store in at.stores):
        counters.choose(request, wanted)
    return HttpResponseRedirect(reverse("till:counter"))


@_act
def sell(request: HttpRequest) -> HttpResponse:
    """Record the sale, once per form however often it is sent."""
    at, draft = counters.of(request), receipt.drafted(request.POST)
    found = identify.picked(draft.member) if draft.member else Found("without")
    return _recorded(request, at, draft, found)


def _recorded(request: HttpRequest, at: Counter, draft: Draft, found: Found) -> HttpResponse:
    try:
        body = _body(draft, at)
        if not _told_before(draft.event_id, body):
            refused = selling.record(at.business, body, now=at.now).refusal
            if refused is not None and not _told_before(draft.event_id, body):
                raise refused
    except receipt.UnreadableError as unreadable:
        return views.show(request, at, found, draft=draft, sentence=str(unreadable), status=422)
    except Refusal as refusal:
        return views.show(request, at, found, draft=draft, sentence=saying.refusal(refusal), status=409)
    return HttpResponseRedirect(reverse("till:done", args=[draft.event_id]))


def _body(draft: Draft, at: Counter) -> dict[str, Any]:
    store = at.store.id if at.store else None
    return receipt.body(draft, currency=at.currency, at=at.now, store=store, staff=at.staff.actor)


def _told_before(event_id: str, body: dict[str, Any]) -> bool:
    """True when this form was recorded already with the same figures; only the moment differs."""
    before = events.get(event_id)
    member = body.get("member", {}).get("id")
    if before is None:
        return False
    return orjson.loads(before.body) == body["data"] and member == (str(before.member_id) if before.member_id else None)


@_act
def join_and_sell(request: HttpRequest) -> HttpResponse:
    """A new card, and the sale on it when an amount stands there already. Sent again: the same card, the same sale."""
    at, draft = counters.of(request), receipt.drafted(request.POST)
    typed = request.POST.get("phone", "")
    try:
        phone = contacts.phone(typed, region=at.business.country)
        if not draft.empty:
            _body(draft, at)
        known = members.by_key("phone", phone)
        member_id = (
            known.id
            if known
            else join.join(
                _person(request, phone),
                at=at.now,
                channel="till",
                store=at.store.id if at.store else None,
                tier=at.programme.first_tier,
            ).member_id
        )
    except receipt.UnreadableError as unreadable:
        return views.show(
            request, at, Found("new", typed, phone=phone), draft=draft, sentence=str(unreadable), status=422
        )
    except Refusal as refusal:
        return views.show(request, at, Found("nothing", typed), sentence=saying.refusal(refusal), status=409)
    if draft.empty:
        return HttpResponseRedirect(_page_of(member_id))
    mine = Draft(draft.sale, str(member_id), draft.amount, draft.order_id, draft.rows)
    return _recorded(request, at, mine, identify.picked(mine.member))


def _person(request: HttpRequest, phone: str) -> Person:
    form = request.POST.get("form", "")
    return Person(
        phone=phone,
        name=" ".join(request.POST.get("name", "").split())[:MOST_NAME],
        address_form=form if form in ADDRESS_FORMS else "",
    )


@_act
def redeem(request: HttpRequest) -> HttpResponse:
    """One gift for points; the form's key makes that pressing twice gives one."""
    at = counters.of(request)
    member, reward = request.POST.get("member", ""), request.POST.get("reward", "")
    found = identify.picked(member)
    if found.member is None:
        messages.error(request, saying.refusal(redeem_reward.recording.MemberUnknown(by="id")))
        return HttpResponseRedirect(reverse("till:counter"))
    key = f"till:{request.POST.get('key', '')[:64]}"
    told = sha256(f"{member}|{reward}".encode()).digest()
    ask = redemption_writing.Ask(("id", str(found.member.id)), reward, 1, key, told)
    try:
        given = selling.redeem(at.business, ask, now=at.now)
        if given.refusal is not None:
            raise given.refusal
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(_page_of(member))
    answer = orjson.loads(given.answer or "{}")
    if answer["voucher"] is None:
        messages.success(request, saying.into_wallet(answer, at.programme))
        return HttpResponseRedirect(_page_of(member))
    return HttpResponseRedirect(reverse("till:redeemed", args=[answer["id"]]))


@_act
def undo(request: HttpRequest) -> HttpResponse:
    """Take a sale back; a cashier within the hour."""
    at, event_id = counters.of(request), request.POST.get("event", "")
    try:
        reversing.reverse_event(event_id, reason=REASON, by=at.staff.actor, now=at.now, within=at.undo_within)
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:done", args=[event_id]))


@_act
def undo_redemption(request: HttpRequest) -> HttpResponse:
    """Give the points back and void the voucher, unless it was used."""
    at = counters.of(request)
    try:
        redemption = UUID(request.POST.get("redemption", ""))
        reversing.reverse_redemption(redemption, by=at.staff.actor, now=at.now)
    except ValueError:
        return HttpResponseRedirect(reverse("till:counter"))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:redeemed", args=[redemption]))
