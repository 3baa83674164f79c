"""Đối tác: who they are, whether both sides agree, and each month's statement, netted to one amount."""

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import rewards, showing
from ganbo.doors.console.showing import MAY_SET_UP, REVIEWS, Showing
from ganbo.engine.partners import Partner
from ganbo.engine.programme import Programme
from ganbo.features.partners import queries, statements
from ganbo.features.partners.queries import LineRow
from ganbo.features.partners.statements import Statement
from ganbo.features.programmes import partner_sentences
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import clock
from ganbo.foundation.staff.access import staff_only
from ganbo.foundation.tenancy import queries as businesses
from ganbo.journeys import partner_bills, partner_links, settle_partner
from ganbo.kernel.refusal import Refusal

MOST_SHOWN = 300  # lines on a page; the CSV has all
MOST_MONTHS = 12
Line = tuple[str, ...]


@staff_only(*REVIEWS)
def partners(request: HttpRequest) -> HttpResponse:
    """Every partner with its terms, what is open, and its months."""
    shown = showing.begin(request)
    found = list(shown.programme.partners.values()) if shown.programme else []
    rows = [_partner(one, shown.programme, shown) for one in found if shown.programme]
    return showing.page(
        request,
        "console/partners.html",
        shown,
        section="programme",
        rows=rows,
        **rewards.head(shown) | {"tab": "partners"},
    )


def _partner(one: Partner, programme: Programme, shown: Showing) -> dict[str, Any]:
    speaker = Speaker(programme, shown.locale)
    said = partner_sentences.partner(one, speaker)
    theirs = partner_links.offered(one.id, at=shown.now) if one.business else None
    asked: list[str] = []
    if theirs is not None:
        there = Speaker(theirs[1], shown.locale)
        told = partner_sentences.partner(theirs[0], there)
        asked = [told.text, *told.notes, *_their_side(theirs[0], there)]
    other = businesses.by_slug(one.business) if one.business else None
    agreed = theirs is not None and queries.agreed(one.id) == partner_links.terms_text(*theirs)
    ours = bool(one.per or one.accepts)  # else they have nothing to agree to
    return {
        "id": one.id,
        "name": one.name.text(shown.locale) or one.id,
        "outside": not one.business,
        "business": other.name if other else one.business,
        "sentences": [said.text, *said.notes, *partner_sentences.settling(one, speaker)],
        "holds": partner_links.holds(one.id, at=shown.now) if ours else agreed,
        "named": theirs is not None,
        "asked": asked,
        "agreed": agreed,
        "balance": who_pays(queries.balance(one.id), shown),
        "months": [_month(one.id, month, shown) for month in queries.months(one.id)[:MOST_MONTHS]],
    }


def _their_side(one: Partner, speaker: Speaker) -> list[str]:
    """What we would pay and be paid for the partner's points here."""
    said = []
    if one.per:
        said.append(_("For each point earned here we pay %(money)s.") % {"money": speaker.money(one.pays_us)})
    if one.takes_points:
        said.append(_("For each point used here we are paid %(money)s.") % {"money": speaker.money(one.we_pay)})
    return said


def _month(partner: str, month: str, shown: Showing) -> dict[str, Any]:
    found = statements.of(partner, month, running=_running(partner))
    return {
        "month": month,
        "name": month_words(month),
        "lines": len(found.lines),
        "closing": who_pays(found.closing, shown),
        "state": found.state,
        "state_words": state_words(found.state),
    }


def _running(partner: str) -> str:
    return partner_bills.month_of(clock.now(), partner_links.latest(partner).programme.timezone)


def month_words(month: str) -> str:
    """11/2026"""
    return f"{month[5:]}/{month[:4]}"


def state_words(state: str) -> str:
    """How a month stands."""
    return {"running": _("still running"), "closed": _("to be paid"), "settled": _("settled")}[state]


def who_pays(amount: int, shown: Showing) -> str:
    """The one amount, and which side pays it."""
    if not amount:
        return _("nobody owes anything")
    money = shown.money(abs(amount))
    return (_("they pay us %(money)s") if amount > 0 else _("we pay them %(money)s")) % {"money": money}


@staff_only(*REVIEWS)
def statement(request: HttpRequest, partner: str, month: str) -> HttpResponse:
    """A month: opening, sums by kind, closing, and every line."""
    shown = showing.begin(request)
    found, name = _found(partner, month, shown)
    mine = partner_links.latest(partner).other is None or found.closing >= 0
    return showing.page(
        request,
        "console/partner_statement.html",
        shown,
        section="programme",
        partner={"id": partner, "name": name},
        month=month,
        month_name=month_words(month),
        state=found.state,
        state_words=state_words(found.state),
        opening=who_pays(found.opening, shown),
        closing=who_pays(found.closing, shown),
        totals=[
            (kind_words(t.ours, t.kind), shown.number(t.lines), shown.number(t.units) if t.units else "",
             signed(t.amount, shown))
            for t in found.totals
        ],
        lines=[_line(line, shown) for line in found.lines[:MOST_SHOWN]],
        more=len(found.lines) > MOST_SHOWN,
        settles=found.state == "closed" and mine,
        waits=found.state == "closed" and not mine,
        **rewards.head(shown) | {"tab": "partners"},
    )  # fmt: skip


def _found(partner: str, month: str, shown: Showing) -> tuple[Statement, str]:
    try:
        link = partner_links.latest(partner)
    except partner_links.PartnerUnknown as unknown:
        raise Http404 from unknown
    found = statements.of(partner, month, running=_running(partner))
    if not found.lines and month not in queries.months(partner):
        raise Http404
    return found, link.partner.name.text(shown.locale) or partner


def signed(amount: int, shown: Showing) -> str:
    """+5.500 ₫ is owed to us, −5.500 ₫ by us."""
    return ("+" if amount > 0 else "−" if amount < 0 else "") + shown.money(abs(amount))


def kind_words(ours: bool, kind: str) -> str:
    """What a line is about."""
    whose = {
        (True, "earn"): _("Our points earned there"),
        (True, "earn_back"): _("Our points earned there, returned"),
        (True, "points"): _("Our points used there"),
        (True, "points_back"): _("Our points used there, returned"),
        (True, "gift_card"): _("Our gift cards used there"),
        (True, "gift_card_back"): _("Our gift cards used there, returned"),
        (False, "earn"): _("Their points earned here"),
        (False, "earn_back"): _("Their points earned here, returned"),
        (False, "points"): _("Their points used here"),
        (False, "points_back"): _("Their points used here, returned"),
        (False, "gift_card"): _("Their gift cards used here"),
        (False, "gift_card_back"): _("Their gift cards used here, returned"),
    }
    return whose.get((ours, kind)) or _("Payment")


def _line(line: LineRow, shown: Showing) -> dict[str, str]:
    return {
        "at": shown.moment(line.at),
        "kind": kind_words(line.ours, line.kind),
        "reference": month_words(line.settles) if line.settles else line.reference,
        "units": shown.number(line.units) if line.units else "",
        "amount": signed(line.amount, shown),
    }


@staff_only(*REVIEWS)
def download(request: HttpRequest, partner: str, month: str) -> HttpResponseBase:
    """Every line of a month as CSV; both sides download the same ids and references with opposite signs."""
    found, _name = _found(partner, month, showing.begin(request))
    answer = StreamingHttpResponse(_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{partner}-{month}.csv"'
    return answer


class _Echo:
    """What csv writes into: each row comes back as its text."""

    def write(self, text: str) -> str:
        return text


def _csv(found: Statement) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # so that a spreadsheet reads Vietnamese
    yield writer.writerow(["id", "at", "whose", "kind", "reference", "units", "amount", "currency"])
    yield writer.writerow(["", "", "", "opening", "", "", found.opening, ""])
    rows = iter(found.lines)
    while some := list(islice(rows, 500)):
        for x in some:
            reference = f"'{x.reference}" if x.reference[:1] == "-" else x.reference  # no formula in a spreadsheet
            whose = "ours" if x.ours else "theirs"
            yield writer.writerow([x.id, x.at.isoformat(), whose, x.kind, reference, x.units, x.amount, x.currency])
    yield writer.writerow(["", "", "", "closing", "", "", found.closing, ""])


@require_POST
@staff_only(*MAY_SET_UP)
def agree(request: HttpRequest, partner: str) -> HttpResponse:
    """Agree to the partner's terms as they are now."""
    shown = showing.begin(request)
    try:
        settle_partner.agree(partner, by=shown.staff.actor, now=shown.now)
    except Refusal:
        messages.error(request, _("The other business does not name this one as its partner yet."))
    else:
        messages.success(request, _("Agreed. Their points and gift cards are known here from now on."))
    return redirect("console:partners")


@require_POST
@staff_only(*MAY_SET_UP)
def settle(request: HttpRequest, partner: str, month: str) -> HttpResponse:
    """Say that everything up to this month was paid."""
    shown = showing.begin(request)
    try:
        settle_partner.settle(partner, month, by=shown.staff.actor, now=shown.now)
    except partner_links.PartnerUnknown as unknown:
        raise Http404 from unknown
    except Refusal:
        messages.error(request, _("This month cannot be settled now; look at how it stands."))
    else:
        messages.success(request, _("Settled: nothing is open up to %(month)s.") % {"month": month_words(month)})
    return redirect("console:partner_statement", partner=partner, month=month)
