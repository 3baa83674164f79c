"""Hôm nay: how the shops do, in four numbers, one sentence and the last ten events."""

from datetime import datetime, time, timedelta

from babel.dates import format_date
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow
from ganbo.doors.console import budgets, figures, offline_sales, showing
from ganbo.doors.console.figures import Asked
from ganbo.doors.console.showing import Showing
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import holdings
from ganbo.people.members import queries as members

PERIODS = (7, 30)
MOST_LISTED = 200  # rows behind a figure; more is what exports are for
LAST_EVENTS = 10
SOON = timedelta(days=7)


def _asked(request: HttpRequest, shown: Showing) -> Asked:
    """Period and store as the page was asked for; anything unknown falls back."""
    days = request.GET.get("days", "7")
    names = showing.store_names()
    store = request.GET.get("store") or None
    return Asked(
        days=int(days) if days in {str(n) for n in PERIODS} else PERIODS[0],
        store=store if store in names else None,
        until=shown.now,
        stores=names,
    )


@staff_only()
def today(request: HttpRequest) -> HttpResponse:
    """The first page of the day; a new business sees its first three steps instead."""
    shown = showing.begin(request)
    if shown.timeline is None or not events.any_recorded():
        context = {"has_programme": shown.timeline is not None, "members": members.count()}
        return showing.page(
            request, "console/first_steps.html", shown, section="today", heading=_heading(shown), **context
        )
    asked = _asked(request, shown)
    tiles = figures.tiles(asked, shown)
    return showing.page(
        request,
        "console/today.html",
        shown,
        section="today",
        heading=_heading(shown),
        asked=asked,
        periods=PERIODS,
        sentence=figures.sentence(asked, shown),
        tiles=tiles,
        by_store=figures.by_store(asked),
        offline=offline_sales.unseen(shown),
        soon=_soon(shown),
        budgets=budgets.notices(shown) if shown.staff.role in showing.REVIEWS else [],
        last=_last(asked, shown),
        running=_running(shown),
    )


def _running(shown: Showing) -> dict[str, object]:
    """Which programme is in force."""
    assert shown.timeline is not None
    now = shown.timeline.at(shown.now)
    return {
        "name": now.programme.name.text(shown.locale) or now.programme.id,
        "version": now.version,
        "since": shown.day(now.in_force_from),
    }


def _heading(shown: Showing) -> str:
    """Thứ Ba, 24/11/2026 or Tuesday 24 November 2026."""
    on = shown.now.astimezone(shown.zone).date()
    if shown.locale == "vi":
        return f"{format_date(on, 'EEEE', locale='vi')}, {on.day}/{on.month}/{on.year}"
    return str(format_date(on, "EEEE d MMMM y", locale="en"))


def _soon(shown: Showing) -> list[str]:
    """What happens by itself in the next seven days."""
    midnight = datetime.combine(shown.now.astimezone(shown.zone).date(), time(), shown.zone)
    lines = []
    for day in range(1, SOON.days + 1):
        first, last = midnight + timedelta(days=day), midnight + timedelta(days=day + 1)
        for asset, amount in sorted(holdings.points_ending(first, last).items()):
            ends = first.date() - timedelta(days=1)  # the last day they can be used
            lines.append(
                _("%(points)s expire at the end of %(day)s")
                % {"points": shown.points(amount, asset), "day": _short_day(ends, shown)}
            )
    return lines


def _short_day(on: object, shown: Showing) -> str:
    pattern = "EEEE d/M" if shown.locale == "vi" else "EEEE d MMMM"
    return str(format_date(on, pattern, locale=shown.locale))  # type: ignore[arg-type]


def _last(asked: Asked, shown: Showing) -> list[dict[str, object]]:
    found = events.happened(shown.now - timedelta(days=30), shown.now + SOON, most=LAST_EVENTS, store=asked.store)
    people = members.by_ids([e.member_id for e in found if e.member_id])
    return [_told(event, people, asked.stores, shown) for event in found]


def _told(
    event: EventRow, people: dict[object, members.MemberRow], stores: dict[str, str], shown: Showing
) -> dict[str, object]:
    """One event as a line: when, who, the sentence that was stored with it, where."""
    member = people.get(event.member_id)
    same_day = event.occurred_at.astimezone(shown.zone).date() == shown.now.astimezone(shown.zone).date()
    at = event.occurred_at.astimezone(shown.zone)
    return {
        "id": event.event_id,
        "at": f"{at:%H:%M}" if same_day else f"{at:%H:%M} {at.day}/{at.month}",
        "member": figures.called(member) if member else None,
        "member_id": event.member_id,
        "sentence": figures.sentence_of(event, shown),
        "store": stores.get(event.store or "", event.store or ""),
        "net": shown.money(event.net) if event.net is not None else "",
        "reversed": event.reversed_at is not None,
        "points": [shown.points(e["amount"], e["wallet"], signed=True) for e in figures.summed(event)],
    }


@staff_only()
def behind(request: HttpRequest, figure: str) -> HttpResponse:
    """The receipts or members a tile counted."""
    shown = showing.begin(request)
    asked = _asked(request, shown)
    since = asked.until - timedelta(days=asked.days)
    context: dict[str, object] = {}
    if figure in ("share", "points"):
        found = events.happened(since, asked.until, most=MOST_LISTED, store=asked.store, types=("purchase",))
        people = members.by_ids([e.member_id for e in found if e.member_id])
        lines = [_told(event, people, asked.stores, shown) for event in found]
        context["lines"] = [line for line in lines if line["points"]] if figure == "points" else lines
    elif figure == "returning":
        rows = events.buyers(since, asked.until, returning=True, most=MOST_LISTED, store=asked.store)
        people = members.by_ids([member for member, _count, _last_at in rows])
        context["buyers"] = [
            {"id": m, "name": figures.called(people[m]), "count": n, "at": shown.moment(last)}
            for m, n, last in rows
            if m in people
        ]
    elif figure == "new":
        found = events.happened(since, asked.until, most=MOST_LISTED, store=asked.store, types=("signup",))
        people = members.by_ids([e.member_id for e in found if e.member_id])
        context["lines"] = [_told(event, people, asked.stores, shown) for event in found]
    else:
        raise Http404
    tile = next(t for t in figures.tiles(asked, shown) if t.id == figure)
    return showing.page(
        request, "console/behind.html", shown, section="today", asked=asked, periods=PERIODS, tile=tile,
        most=MOST_LISTED, figure=figure, **context,
    )  # fmt: skip
