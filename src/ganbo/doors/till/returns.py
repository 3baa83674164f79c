"""Goods come back: find the sale by its receipt, choose what, see what goes back, confirm once."""

from typing import Any
from uuid import UUID

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow
from ganbo.books.events.reading import order_key
from ganbo.doors.till import counter as counters
from ganbo.doors.till import returning, saying, serving, views
from ganbo.doors.till.acting import act
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.receipt import UnreadableError
from ganbo.doors.till.returning import Choice
from ganbo.engine.programme import Programme
from ganbo.features.programmes import refund_sentences
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import refund_answers, returnable
from ganbo.journeys import sell as selling
from ganbo.journeys.returnable import Returnable
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members

MOST_RECENT = 8


@staff_only(*views.ROLES)
def find(request: HttpRequest) -> HttpResponse:
    """`?q=` a receipt number; the last sales of this store stand below."""
    at, text = counters.of(request), request.GET.get("q", "").strip()
    found = returning.find(text, at)
    if len(found) == 1:
        return HttpResponseRedirect(reverse("till:return_of", args=[found[0].event_id]))
    context = {
        "text": text[:64],
        "several": [counters.sale(sale, members.get(sale.member_id) if sale.member_id else None, at) for sale in found],
        "last": counters.last_sales(at, MOST_RECENT),
    }
    return views.page(request, at, "till/return_find.html", context, status=404 if text and not found else 200)


def _sale(event_id: str, at: Counter) -> tuple[EventRow, Returnable]:
    """The sale with what is left of it. Raises Http404 alike for what is unknown and what is not theirs to see."""
    sale = events.get(event_id)
    left = returnable.look(event_id) if sale is not None and at.may_see(sale) else None
    if sale is None or left is None:
        raise Http404
    return sale, left


@staff_only(*views.ROLES)
def choose(request: HttpRequest, event_id: str) -> HttpResponse:
    """What of this sale comes back; as soon as something is chosen, what that would take back."""
    at = counters.of(request)
    sale, left = _sale(event_id, at)
    return _choose(request, at, sale, left, returning.chosen(request.GET))


def _choose(
    request: HttpRequest,
    at: Counter,
    sale: EventRow,
    left: Returnable,
    choice: Choice,
    *,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    member = members.get(sale.member_id) if sale.member_id else None
    picked = dict(choice.lines)
    shown, hint = (None, wrong) if wrong or not choice.what else _shown(choice, sale, left, at)
    context = {
        "sale": sale,
        "number": returning.number(sale),
        "member": saying.called(member) if member else "",
        "member_id": sale.member_id,
        "left": left,
        "closed": left.nothing or left.undone,
        "choice": choice,
        "lines": [_line(line, picked) for line in left.lines if line.open],
        "shown": shown,
        "hint": hint,
        "wrong": wrong,
        "local": at.local(sale.occurred_at),
        "minutes": counters.minutes_left(sale, at),
    }
    return views.page(request, at, "till/return.html", context, status=status)


def _line(line: returnable.LineLeft, picked: dict[int, int | None]) -> dict[str, Any]:
    pieces = line.pieces if 1 < line.pieces <= returning.MOST_PIECES else 0
    wanted = picked.get(line.place) or pieces
    return {
        "place": line.place,
        "name": line.name or _("Line %(n)s") % {"n": line.place + 1},
        "quantity": returning.shown_quantity(line.left),
        "net": line.net,
        "whole": line.untouched,
        "ticked": line.place in picked,
        "pieces": [(n, n == wanted) for n in range(1, pieces + 1)],
    }


def _shown(choice: Choice, sale: EventRow, left: Returnable, at: Counter) -> tuple[dict[str, Any] | None, str]:
    """What the return would take back, or the sentence that says what to mend."""
    try:
        quoted = selling.quote(at.business, returning.body(choice, sale, left, at), now=at.now)
        if quoted.refusal is not None:
            raise quoted.refusal
    except UnreadableError as unreadable:
        return None, str(unreadable)
    except Refusal as refusal:
        return None, saying.refusal(refusal)
    answer = orjson.loads(quoted.answer or "{}")
    money = answer["refunded"]["amount"]
    status = "no_member" if sale.member_id is None else "applied" if answer["effects"] or money else "nothing"
    told = refund_answers.told_of(answer["effects"], money, status=status, balances=answer["balances_after"])
    hand = answer["refunded"]["in_money"]
    sentences = _sentences(told, sale.member_id, left.programme)[1:]
    return {"money": hand, "card": money - hand, "sentences": sentences}, ""


def _sentences(told: dict[str, Any], member_id: UUID | None, programme: Programme) -> list[str]:
    """The money first, then what was taken back and what is left, in the language of the page."""
    member = members.get(member_id) if member_id else None
    address = member.address_form if member else None
    return refund_sentences.because(told, programme, locale=saying.locale(), address=address)


@act
def record(request: HttpRequest, event_id: str) -> HttpResponse:
    """Take the goods back, once per form however often it is sent."""
    at, choice = counters.of(request), returning.chosen(request.POST)
    sale, left = _sale(event_id, at)
    done = HttpResponseRedirect(reverse("till:returned", args=[choice.event_id]))
    if events.get(choice.event_id) is not None:
        return done
    try:
        refused = selling.record(at.business, returning.body(choice, sale, left, at), now=at.now).refusal
        if refused is not None and events.get(choice.event_id) is None:
            raise refused
    except UnreadableError as unreadable:
        return _choose(request, at, sale, left, choice, wrong=str(unreadable), status=422)
    except Refusal as refusal:
        return _choose(request, at, sale, left, choice, wrong=saying.refusal(refusal), status=409)
    return done


def _judged_by(refund: EventRow, at: Counter) -> Programme:
    """The programme its sale was judged by."""
    key = order_key(refund.store, refund.type, orjson.loads(refund.body))
    sale = next(iter(events.of_orders([key] if key else [])), None)
    look = returnable.look(sale.event_id) if sale else None
    return look.programme if look else at.programme


@staff_only(*views.ROLES)
def returned(request: HttpRequest, event_id: str) -> HttpResponse:
    """What went back, in sentences to read aloud; an undone return says so."""
    at = counters.of(request)
    event = events.get(event_id)
    if event is None or event.type != "refund" or not at.may_see(event):
        raise Http404
    member = members.get(event.member_id) if event.member_id else None
    decided = events.latest_decision(event_id)
    assert decided is not None
    told = orjson.loads(decided.trace)["refund"]
    undone = event.reversed_at is not None
    hand = told.get("in_money", told["money"])
    programme = _judged_by(event, at)
    context = {
        "event": event,
        "undone": undone,
        "sentences": [_("Undone: the return does not count any more.")]
        if undone
        else _sentences(told, event.member_id, programme),
        "hand": hand,
        "card": told["money"] - hand,
        "minutes": counters.minutes_left(event, at),
        "served": serving.served(member, at) if member else None,
    }
    return views.page(request, at, "till/returned.html", context)
