"""Pages of the till that change nothing: the counter, the live quote, what was done."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.doors.till import counter as counters
from ganbo.doors.till import identify, receipt, saying
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.identify import Found
from ganbo.doors.till.receipt import Draft
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import holdings, sell
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members

ROLES = ("owner", "manager", "cashier")
FORMS_OF_ADDRESS = ("anh", "chị", "cô", "chú", "em")
_A_MOMENT = timedelta(microseconds=1)


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
    else:
        found = identify.found(request.GET.get("q", ""), country=at.business.country)
    return show(request, at, found)


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
    served = counters.served(found.member, at) if found.kind == "member" and found.member else None
    several = [(row, saying.called(row)) for row in found.several]
    context: dict[str, Any] = {
        "at": at,
        "found": found,
        "served": served,
        "several": several,
        "voucher": _voucher(found, at),
        "draft": draft or receipt.fresh(str(found.member.id) if served and found.member else ""),
        "sentence": sentence,
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
    response = render(request, template, {**here, **context}, status=status)
    response.headers["Cache-Control"] = "no-store"  # a page with people on a shared machine
    return response


def _sign(currency: str) -> str:
    return "₫" if currency == "VND" else currency


def _voucher(found: Found, at: Counter) -> dict[str, Any] | None:
    if found.voucher is None:
        return None
    row, reward = found.voucher, at.programme.rewards.get(found.voucher.reward)
    ended = row.expires_at is not None and row.expires_at <= at.now
    return {
        "name": (reward.name.text(saying.locale()) if reward else "") or row.reward,
        "state": "expired" if ended and row.state == "issued" else row.state,
        "last_day": last_day(row.expires_at, at) if row.expires_at else "",
        "owner": saying.called(found.member) if found.member else "",
        "member_id": row.member_id,
    }


def last_day(first_unusable: datetime, at: Counter) -> str:
    """The last day a voucher can be used: the day before its first unusable midnight."""
    local = first_unusable.astimezone(at.zone)
    return i18n.day((local - _A_MOMENT).date(), saying.locale())


@staff_only(*ROLES)
def quote(request: HttpRequest) -> HttpResponse:
    """The live line under the amount; an unfinished amount says nothing yet."""
    try:
        at = counters.of(request)
        draft = receipt.drafted(request.GET)
        body = receipt.body(
            draft, currency=at.currency, at=at.now, store=at.store.id if at.store else None, staff=at.staff.actor
        )
        outcome = sell.quote(at.business, body, now=at.now)
    except receipt.UnreadableError as unreadable:
        return render(request, "till/_quote.html", {"hint": "" if draft.empty else str(unreadable)})
    except Refusal as refusal:
        return render(request, "till/_quote.html", {"hint": saying.refusal(refusal)})
    if outcome.refusal is not None:
        return render(request, "till/_quote.html", {"hint": saying.refusal(outcome.refusal)})
    answer = orjson.loads(outcome.answer or "{}")
    sums: dict[str, int] = {}
    for effect in (row for row in answer["effects"] if row["kind"] == "wallet"):
        sums[effect["wallet"]] = sums.get(effect["wallet"], 0) + effect["amount"]
    gains = [{"amount": n, "unit": saying.unit(at.programme, w)} for w, n in sums.items() if n]
    stamped = sum(row["added"] for row in answer["effects"] if row["kind"] == "stamp")
    if stamped:
        gains.append({"amount": stamped, "unit": _("stamps")})
    context = {"total": receipt.total(body["data"]), "at": at, "gains": gains, "with_member": bool(draft.member)}
    return render(request, "till/_quote.html", context)


@staff_only(*ROLES)
def done(request: HttpRequest, event_id: str) -> HttpResponse:
    """What was earned and why, in one sentence; undone sales say so."""
    at = counters.of(request)
    event = events.get(event_id)
    if event is None or event.type != "purchase":
        raise Http404
    member = members.get(event.member_id) if event.member_id else None
    answer = orjson.loads(event.answer)
    undone = event.reversed_at is not None
    sentence = saying.earned(
        answer, member=member, net=event.net, why_not=counters.why_not(event, at, member), currency=at.currency
    )
    context = {
        "event": event,
        "sentence": _taken_back(event.net or 0, at) if undone else sentence,
        "balance": _balance(member, at) if member else "",
        "undone": undone,
        "minutes": counters.minutes_left(event, at),
        "served": counters.served(member, at) if member else None,
        "next": reverse("till:counter"),
    }
    return page(request, at, "till/done.html", context)


def _taken_back(net: int, at: Counter) -> str:
    paid = i18n.money(net, at.currency, saying.locale())
    return _("Undone: %(paid)s and what it earned were taken back.") % {"paid": paid}


def _balance(member: members.MemberRow, at: Counter) -> str:
    held = holdings.balances(member.id, list(at.programme.wallets), at=at.now)
    all_of_it = ", ".join(saying.points(b.available, at.programme, w) for w, b in held.items())
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
        "gift": (reward.name.text(saying.locale()) if reward else "") or row.reward,
    }
    undone = row.state == "void"
    sentence = _("%(points)s became: %(gift)s.")
    if undone:
        sentence = _("Undone: %(points)s came back, the voucher is void.")
    context = {
        "sentence": sentence % given,
        "balance": _balance(member, at),
        "voucher": row,
        "undone": undone,
        "last_day": last_day(row.expires_at, at) if row.expires_at else "",
        "served": counters.served(member, at),
    }
    return page(request, at, "till/redeemed.html", context)
