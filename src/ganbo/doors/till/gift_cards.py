"""Gift cards at the till: sold for money, topped up by whoever brings one, undone while nothing was paid with it."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.doors.till import counter as counters
from ganbo.doors.till import outcome, receipt, saying, views
from ganbo.doors.till.acting import act
from ganbo.doors.till.counter import Counter
from ganbo.doors.till.receipt import UnreadableError
from ganbo.features.rewards import gift_cards as cards
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import answer_once, gift_cards
from ganbo.kernel.refusal import Refusal

SHOWN_FOR = timedelta(hours=1)  # the code of a card is shown to who sold it, while it is handed over


@act
def sell(request: HttpRequest) -> HttpResponse:
    """A new card; the money was taken. Once per form however often it is sent."""
    at, reward = counters.of(request), request.POST.get("reward", "")[:64]

    def work() -> str:
        return str(gift_cards.sell(reward, by=at.staff.actor, now=at.now, store=_store(at)).id)

    return _done(request, f"sell|{reward}", work, at)


@act
def top_up(request: HttpRequest) -> HttpResponse:
    """Money onto a card that was brought along."""
    at, code = counters.of(request), request.POST.get("code", "")[:64]
    try:
        amount = receipt.minor_units(request.POST.get("amount", ""), at.currency)
    except UnreadableError as unreadable:
        messages.error(request, str(unreadable))
        return HttpResponseRedirect(reverse("till:counter"))

    def work() -> str:
        return str(gift_cards.top_up(code, amount, by=at.staff.actor, now=at.now, store=_store(at)).id)

    return _done(request, f"top_up|{code}|{amount}", work, at)


def _done(request: HttpRequest, told: str, work: Callable[[], str], at: Counter) -> HttpResponse:
    try:
        key = f"till:gift-card:{UUID(request.POST.get('key', ''))}"
        done = answer_once.once(key, sha256(told.encode()).digest(), lambda: (200, work()), at=at.now)
    except ValueError:
        return HttpResponseRedirect(reverse("till:counter"))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:gift_card", args=[done.answer]))


@act
def cancel(request: HttpRequest) -> HttpResponse:
    """It was sold by mistake; a cashier within the hour, nobody once something was paid with it."""
    at = counters.of(request)
    try:
        card = UUID(request.POST.get("card", ""))
        gift_cards.cancel(card, by=at.staff.actor, now=at.now, store=_store(at), within=at.undo_within)
    except ValueError:
        return HttpResponseRedirect(reverse("till:counter"))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:gift_card", args=[card]))


@staff_only(*views.ROLES)
def shown(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """A card that was just sold, topped up or undone; its code only to who sold it, and not for long."""
    at = counters.of(request)
    card = cards.get(card_id)
    last = cards.latest(card_id) if card else None
    if card is None or last is None or last.by != at.staff.actor:
        raise Http404
    undone, fresh = card.state == "void", at.now - last.at < SHOWN_FOR
    money = {"money": i18n.money(abs(last.amount), at.currency, saying.locale())}
    said = {
        cards.SOLD: _("A gift card of %(money)s. Hand over its code.") % money,
        cards.TOPPED_UP: _("%(money)s went onto the card.") % money,
        cards.CANCELLED: _("Undone: hand back %(money)s.") % money,
    }
    page = {
        "card": card,
        "name": saying.reward(at.programme, card.reward),
        "sentence": said[last.kind],
        "undone": undone,
        "code": card.code if fresh and last.kind == cards.SOLD else "",
        "can_undo": last.kind == cards.SOLD and card.left == card.paid_in and not undone,
        "last_day": outcome.last_day(card.expires_at, at.programme) if card.expires_at else "",
    }
    return views.page(request, at, "till/gift_card.html", page)


def _store(at: Counter) -> str:
    return at.store.id if at.store else ""
