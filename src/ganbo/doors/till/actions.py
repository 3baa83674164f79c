"""What a cashier does: each is posted, safe to press twice, and leads to a page that says what happened."""

from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.events.reading import Shown
from ganbo.doors.till import counter as counters
from ganbo.doors.till import handing, identify, offers, proving, receipt, saying, views
from ganbo.doors.till.acting import act, page_of
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.identify import Found
from ganbo.doors.till.receipt import Draft
from ganbo.journeys import join, redeem_reward, redemption_writing
from ganbo.journeys import reverse as reversing
from ganbo.journeys import sell as selling
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import contacts
from ganbo.people.members import queries as members
from ganbo.people.members.operations import ADDRESS_FORMS, Person

MOST_NAME = 120
REASON = "till"
_PAGES = {"purchase": "till:done", "refund": "till:returned", "topup": "till:topped_up"}  # where an undone one is shown


@act
def choose_store(request: HttpRequest) -> HttpResponse:
    """Remember where this till stands, until somebody chooses anew."""
    at = counters.of(request)
    wanted = request.POST.get("store", "")
    if not wanted or any(store.id == wanted for store in at.stores):
        counters.choose(request, wanted)
    return HttpResponseRedirect(reverse("till:counter"))


@act
def sell(request: HttpRequest) -> HttpResponse:
    """Record the sale, once per form however often it is sent. A typed code is put on the bill first, and shown."""
    at, draft = counters.of(request), receipt.drafted(request.POST)
    found = identify.picked(draft.member) if draft.member else Found("without")
    if _only_shown(request, draft):
        return views.show(request, at, found, draft=draft.with_typed())
    if draft.empty and draft.codes:
        return _handed_over(request, at, draft, found)
    return _recorded(request, at, draft, found)


def _only_shown(request: HttpRequest, draft: Draft) -> bool:
    return bool(draft.typed) or "look" in request.POST


def _recorded(request: HttpRequest, at: Counter, draft: Draft, found: Found) -> HttpResponse:
    step = proving.step(request, found.member, at, note=_("Bill"))
    if found.member is not None and "proof_do" in request.POST and not step.ready:
        return proving.page(request, found.member, at, step)
    try:
        body = receipt.of(draft, at)
        if not _told_before(draft.event_id, body):
            _record(draft, body | _proof(step), at)
    except (receipt.UnreadableError, offers.UnfitError) as unreadable:
        return views.show(request, at, found, draft=draft, sentence=str(unreadable), status=422)
    except Refusal as refusal:
        if refusal.code in proving.NEEDED and found.member is not None:
            return proving.page(request, found.member, at, proving.Step(), refusal=refusal)
        return views.show(request, at, found, draft=draft, sentence=saying.refusal(refusal), status=409)
    return HttpResponseRedirect(reverse("till:done", args=[draft.event_id]))


def _proof(step: proving.Step) -> dict[str, Any]:
    return {"proof": {"id": step.proof}} if step.proof else {}


def _record(draft: Draft, body: dict[str, Any], at: Counter) -> None:
    """Raises UnfitError or what refused it, unless the same form was recorded meanwhile."""
    try:
        refused = selling.record(at.business, offers.sold(draft, body, at), now=at.now).refusal
        if refused is not None:
            raise refused
    except (offers.UnfitError, Refusal):
        if not _told_before(draft.event_id, body):
            raise


def _told_before(event_id: str, body: dict[str, Any]) -> bool:
    """True when this form was recorded already with the same figures; only the moment differs."""
    before = events.get(event_id)
    member = body.get("member", {}).get("id")
    if before is None:
        return False
    same_member = member == (str(before.member_id) if before.member_id else None)
    return same_member and receipt.same(orjson.loads(before.body), body["data"])


def _handed_over(request: HttpRequest, at: Counter, draft: Draft, found: Found) -> HttpResponse:
    """Nothing was bought: the vouchers are used for what is handed over."""
    try:
        handing.hand_over(draft, at)
    except receipt.UnreadableError as unreadable:
        return views.show(request, at, found, draft=draft, sentence=str(unreadable), status=422)
    except Refusal as refusal:
        return views.show(request, at, found, draft=draft, sentence=saying.refusal(refusal), status=409)
    return HttpResponseRedirect(reverse("till:handed", args=[draft.sale]))


@act
def join_and_sell(request: HttpRequest) -> HttpResponse:
    """A new card, and the sale on it when an amount stands there already. Sent again: the same card, the same sale."""
    at, draft = counters.of(request), receipt.drafted(request.POST)
    typed = request.POST.get("phone", "")
    if _only_shown(request, draft):
        return views.show(request, at, Found("new", typed, phone=typed), draft=draft.with_typed())
    try:
        phone = contacts.phone(typed, region=at.business.country)
        if not draft.empty:
            receipt.of(draft, at)
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
        return HttpResponseRedirect(page_of(member_id))
    mine = replace(draft, member=str(member_id))
    return _recorded(request, at, mine, identify.picked(mine.member))


def _person(request: HttpRequest, phone: str) -> Person:
    form = request.POST.get("form", "")
    return Person(
        phone=phone,
        name=" ".join(request.POST.get("name", "").split())[:MOST_NAME],
        address_form=form if form in ADDRESS_FORMS else "",
    )


@act
def redeem(request: HttpRequest) -> HttpResponse:
    """One gift for points; the form's key makes that pressing twice gives one."""
    at = counters.of(request)
    member, reward = request.POST.get("member", ""), request.POST.get("reward", "")
    found = identify.picked(member)
    if found.member is None:
        messages.error(request, saying.refusal(redeem_reward.recording.MemberUnknown(by="id")))
        return HttpResponseRedirect(reverse("till:counter"))
    step = proving.step(request, found.member, at, note=saying.reward(at.programme, reward))
    if "proof_do" in request.POST and not step.ready:
        return proving.page(request, found.member, at, step)
    key = f"till:{request.POST.get('key', '')[:64]}"
    told = sha256(f"{member}|{reward}".encode()).digest()
    shown = Shown("id", UUID(step.proof)) if step.proof else None
    ask = redemption_writing.Ask(
        ("id", str(found.member.id)), reward, 1, key, told, store=at.store.id if at.store else "", shown=shown
    )
    try:
        given = selling.redeem(at.business, ask, now=at.now)
        if given.refusal is not None:
            raise given.refusal
    except Refusal as refusal:
        if refusal.code in proving.NEEDED:
            return proving.page(request, found.member, at, proving.Step(), refusal=refusal)
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(page_of(member))
    answer = orjson.loads(given.answer or "{}")
    if answer["voucher"] is None:
        messages.success(request, saying.into_wallet(answer, at.programme))
        return HttpResponseRedirect(page_of(member))
    return HttpResponseRedirect(reverse("till:redeemed", args=[answer["id"]]))


@act
def undo(request: HttpRequest) -> HttpResponse:
    """Take a sale or a return back; a cashier within the hour."""
    at, event_id = counters.of(request), request.POST.get("event", "")
    event = events.get(event_id)
    try:
        if event is None or event.type not in _PAGES or not at.may_see(event):
            raise reversing.EventUnknown(event_id=event_id)
        reversing.reverse_event(event_id, reason=REASON, by=at.staff.actor, now=at.now, within=at.undo_within)
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse(_PAGES[event.type], args=[event_id]))


@act
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


@act
def undo_handing(request: HttpRequest) -> HttpResponse:
    """What was handed over came back: its vouchers can be used again."""
    at, draft = counters.of(request), receipt.drafted(request.POST)
    try:
        handing.take_back(draft.event_id, at)
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:handed", args=[draft.sale]))
