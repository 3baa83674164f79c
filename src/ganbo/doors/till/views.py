"""Pages of the till that change nothing: the counter, the live quote, what was done."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.doors.till import (
    choices,
    gift_card_rows,
    handing,
    identify,
    offers,
    outcome,
    package_rows,
    partner_cards,
    paying,
    perk_rows,
    proving,
    receipt,
    returning,
    saying,
    serving,
)
from ganbo.doors.till import counter as counters
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.identify import Found
from ganbo.doors.till.offline import papers
from ganbo.doors.till.offline import words as offline
from ganbo.doors.till.receipt import Draft
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.features.rewards import codes
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import holdings, show_proof
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members
from ganbo.people.members import tokens
from ganbo.people.members.proofs import Asking

ROLES = ("owner", "manager", "cashier")
SELLING = ("member", "new", "without", "partner")
FORMS_OF_ADDRESS = ("anh", "chị", "cô", "chú", "em")


@staff_only(*ROLES)
def counter(request: HttpRequest) -> HttpResponse:
    """The one page of the till; `?q=` says who or what, `?member=` who was picked, `?without=1` nobody."""
    try:
        at = counters.of(request)
    except NoProgramme as refusal:
        return render(request, "till/closed.html", {"sentence": saying.refusal(refusal)}, status=409)
    member_id = request.GET.get("member", "")
    if member_id:
        found = identify.picked(member_id)
    elif "without" in request.GET:
        found = Found("without")
    elif (typed := request.GET.get("q", "").strip()).startswith(tokens.PREFIX):
        return _scanned(request, at, typed)
    else:
        found = identify.found(request.GET.get("q", ""), country=at.business.country)
        if found.kind in ("nothing", "new") and (theirs := partner_cards.found(found.text, at)):
            found = theirs
        if found.kind == "nothing" and returning.find(found.text, at):
            return HttpResponseRedirect(f"{reverse('till:return')}?{urlencode({'q': found.text})}")
    return show(request, at, found)


def _scanned(request: HttpRequest, at: Counter, code: str) -> HttpResponse:
    """The wallet's changing code: whose it is, and while it is fresh the proof for what is spent next."""
    token = tokens.read(code, key=settings.SECRET_KEY)
    if token is None:
        messages.error(request, _("This is no code of a wallet. Scan it again, or type the phone number."))
        return HttpResponseRedirect(reverse("till:counter"))
    asked = {"member": str(token.member_id)}
    try:
        if at.programme.spend_proof:
            asking = Asking(at.staff.actor, at.store.id if at.store else "")
            asked["proof"] = str(show_proof.by_token(code, asking, at=at.now).id)
    except Refusal as refusal:
        messages.info(request, saying.refusal(refusal))
    return HttpResponseRedirect(f"{reverse('till:counter')}?{urlencode(asked)}")


def show(
    request: HttpRequest,
    at: Counter,
    found: Found,
    *,
    draft: Draft | None = None,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    """The counter with what was found; `sentence` says why a sale could not be recorded."""
    served = serving.served(found.member, at) if found.kind == "member" and found.member else None
    draft = draft or receipt.fresh(
        str(found.member.id) if served and found.member else "", proving.known_of(request.GET.get("proof", ""))
    )
    several = [(row, saying.called(row)) for row in found.several]
    context: dict[str, Any] = {
        "at": at,
        "found": found,
        "served": served,
        "several": several,
        "voucher": _voucher(found, at),
        "draft": draft,
        "bill": offers.bill(draft, at) if found.kind in SELLING else None,
        "sentence": sentence,
        "before": proving.before(served, at, draft.proof) if served else "",
        "topups": paying.chips(at) if found.kind == "member" else [],
        "choices": choices.of_member(found.member, at) if served and found.member else [],
        "perks": perk_rows.of_member(found.member, at) if served and found.member else [],
        "packages": package_rows.of_member(found.member, at) if served and found.member else [],
        "package_chips": package_rows.chips(at) if served else [],
        "theirs": partner_cards.shown(found, draft, at) if found.theirs else None,
        "gift_cards": gift_card_rows.chips(at) if found.kind in {"waiting", "nothing"} else [],
        "forms": FORMS_OF_ADDRESS,
        "joining": {"form": request.POST.get("form", ""), "name": request.POST.get("name", "")},
        "last": counters.last_sales(at) if found.kind in {"waiting", "nothing"} else [],
    }
    return page(request, at, "till/counter.html", context, status=status)


def page(
    request: HttpRequest, at: Counter, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page with what every page of the till shows."""
    here = {"at": at, "till": at.store.name if at.store else "", "staff": at.staff.name, "sign": _sign(at.currency)}
    here["offline"] = offline.band(at)
    response = render(request, template, {**here, **context}, status=status)
    response.headers["Cache-Control"] = "no-store"  # a page with people on a shared machine
    papers.name(request, response)
    return response


def _sign(currency: str) -> str:
    return "₫" if currency == "VND" else currency


def _voucher(found: Found, at: Counter) -> dict[str, Any] | None:
    if found.voucher is None:
        return None
    row = found.voucher
    ended = row.expires_at is not None and row.expires_at <= at.now
    return {
        "name": saying.reward(at.programme, row.reward),
        "state": "expired" if ended and row.state == "issued" else row.state,
        "last_day": outcome.last_day(row.expires_at, at.programme) if row.expires_at else "",
        "owner": saying.called(found.member) if found.member else "",
        "code": codes.hidden(row.id) if row.member_id else found.text,
        "sale": receipt.fresh().sale,
        "member_id": row.member_id,
        "money_left": row.money_left,
        "key": str(chance.new_id()),
        "bearer": row.member_id is None,
    }


@staff_only(*ROLES)
def quote(request: HttpRequest) -> HttpResponse:
    """The live bill under the amount, and which vouchers stand ticked; an unfinished amount says nothing yet."""
    at = counters.of(request)
    draft = receipt.drafted(request.POST if request.method == "POST" else request.GET)
    context = {"bill": offers.bill(draft, at), "draft": draft, "at": at, "live": True}
    return render(request, "till/_quote.html", context)


@staff_only(*ROLES)
def done(request: HttpRequest, event_id: str) -> HttpResponse:
    """What was earned and why, in one sentence; undone sales say so."""
    at = counters.of(request)
    event = events.get(event_id)
    if event is None or event.type != "purchase" or not at.may_see(event):
        raise Http404
    member = members.get(event.member_id) if event.member_id else None
    undone = event.reversed_at is not None
    got = outcome.of_answer(orjson.loads(event.answer), at.programme)
    sentence = saying.earned(
        counters.because(event, at, member),
        member=member,
        net=event.net,
        why_not=counters.why_not(event, at, member),
        currency=at.currency,
    )
    context = {
        "event": event,
        "number": orjson.loads(event.body).get("order_id", ""),
        "sentence": _taken_back(event.net or 0, at) if undone else sentence,
        "balance": balance(member, at) if member else "",
        "undone": undone,
        "got": None if undone else got,
        "pays": (event.net or 0) - got.cards,
        "minutes": counters.minutes_left(event, at),
        "slips": member is None and not undone and at.programme.claims is not None,
        "served": serving.served(member, at) if member else None,
        "next": reverse("till:counter"),
    }
    return page(request, at, "till/done.html", context)


def _taken_back(net: int, at: Counter) -> str:
    paid = i18n.money(net, at.currency, saying.locale())
    return _("Undone: %(paid)s and what it earned were taken back.") % {"paid": paid}


def balance(member: members.MemberRow, at: Counter) -> str:
    held = holdings.balances(member.id, list(at.programme.wallets), at=at.now)
    told = [(w, b.available) for n, (w, b) in enumerate(held.items()) if b.available or not n]
    all_of_it = ", ".join(saying.points(amount, at.programme, w) for w, amount in told)
    return _("%(you)s have %(points)s now.") % {"you": saying.you(member), "points": all_of_it}


@staff_only(*ROLES)
def redeemed(request: HttpRequest, redemption_id: UUID) -> HttpResponse:
    """The voucher that was just given, with its code."""
    at = counters.of(request)
    row = rewards.by_redemption(redemption_id)
    member = members.get(row.member_id) if row else None
    if row is None or member is None:
        raise Http404
    reward = at.programme.rewards.get(row.reward)
    given = {
        "points": saying.points(row.paid[1], at.programme, row.paid[0]) if row.paid else "",
        "gift": saying.reward(at.programme, row.reward),
    }
    undone = row.state == "void"
    sentence = _("%(points)s became: %(gift)s.")
    if undone:
        sentence = _("Undone: %(points)s came back, the voucher is void.")
    context = {
        "sentence": sentence % given,
        "balance": balance(member, at),
        "voucher": row,
        "undone": undone,
        "plus": reward.plus * row.quantity if reward else 0,
        "last_day": outcome.last_day(row.expires_at, at.programme) if row.expires_at else "",
        "served": serving.served(member, at),
    }
    return page(request, at, "till/redeemed.html", context)


@staff_only(*ROLES)
def handed(request: HttpRequest, sale: UUID) -> HttpResponse:
    """What was handed over for vouchers, without a bill."""
    at = counters.of(request)
    given = handing.handed(f"till:{sale}", at)
    if given is None:
        raise Http404
    member = members.get(given.member_id) if given.member_id else None
    sentence = _("Undone: the voucher for %(gift)s can be used again.") if given.undone else _("Hand over: %(gift)s.")
    context = {
        "sentence": sentence % {"gift": ", ".join(given.names)},
        "sale": sale,
        "undone": given.undone,
        "served": serving.served(member, at) if member else None,
    }
    return page(request, at, "till/handed.html", context)
