"""One member: what they have, everything that happened with them, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.queries import Line
from ganbo.doors.console import family, figures, members, showing
from ganbo.doors.console.showing import Showing
from ganbo.engine.programme import Programme
from ganbo.engine.trace import Trace
from ganbo.features.programmes import why
from ganbo.features.rewards import queries as rewards
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import holdings, paying
from ganbo.people.channels import queries as messages
from ganbo.people.members import queries
from ganbo.people.members.queries import MemberRow

PAGE = 20  # events a page
MOST_LINES = 300  # movements that can belong to a page of events
ONLY = ("all", "purchases", "points", "messages")
EVER = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)


@staff_only()
def member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The page of one member."""
    shown = showing.begin(request)
    found = queries.get(member_id)
    if found is None:
        raise Http404
    only = request.GET.get("only", "all")
    only = only if only in ONLY else "all"
    items, older = _timeline(found, shown, only=only, before=_before(request))
    more = {"only": only, "before": older.isoformat()} if older else None
    return showing.page(
        request,
        "console/member.html",
        shown,
        section="members",
        member=found,
        name=figures.called(found),
        contact=members.contact(found, shown),
        email=_other_contact(found, shown),
        tier=members.tier_name(found, shown),
        spend=shown.money(found.spend),
        since=shown.day(found.created_at),
        birthday=f"{found.birthday.day}/{found.birthday.month}" if found.birthday else "",
        balances=_balances(found, shown),
        lots=_lots(found, shown),
        vouchers=_vouchers(found, shown),
        family=family.of_member(found, shown),
        filters=[(name, _label(name)) for name in ONLY],
        only=only,
        items=items,
        older=f"?{urlencode(more)}" if more else "",
    )


def _label(only: str) -> str:
    return {
        "all": _("Everything"),
        "purchases": _("Purchases"),
        "points": _("Points"),
        "messages": _("Messages we sent"),
    }[only]


def _before(request: HttpRequest) -> datetime | None:
    try:
        at = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _other_contact(found: MemberRow, shown: Showing) -> str:
    if not found.phone or not found.email:
        return ""
    return found.email if shown.staff.role in showing.SEES_CONTACTS else members.masked(found.email)


def _balances(found: MemberRow, shown: Showing) -> list[dict[str, str]]:
    """Each wallet: how much, its worth, what ends next, what is held, what is owed."""
    rows = []
    for asset, held in holdings.balances(found.id, shown.assets, at=shown.now).items():
        face = shown.programme.wallets[asset].face_value if shown.programme else None
        next_ = held.next_expiry
        rows.append(
            {
                "number": shown.number(held.available),
                "unit": shown.unit(asset),
                "worth": shown.money(held.available * face) if face else "",
                "ends": _("%(points)s end on %(day)s")
                % {"points": shown.points(next_[0], asset), "day": _last_day(next_[1], shown)}
                if next_
                else "",
                "held": shown.points(held.held, asset) if held.held else "",
                "owed": shown.points(held.owed, asset) if held.owed else "",
                "together": shown.points(held.together, asset) if held.together is not None else "",
            }
        )
    return rows


def _last_day(first_unusable: datetime, shown: Showing) -> str:
    """The last day on which points can be used."""
    return shown.day(first_unusable - timedelta(seconds=1))


def _lots(found: MemberRow, shown: Showing) -> list[dict[str, Any]]:
    return [
        {
            "earned": f"{lot.earned_month.month}/{lot.earned_month.year}",
            "amount": shown.points(lot.amount, lot.wallet),
            "remaining": shown.points(lot.remaining, lot.wallet),
            "ends": _last_day(lot.expires_at, shown) if lot.expires_at else _("never"),
            "over": lot.remaining == 0 or (lot.expires_at is not None and lot.expires_at <= shown.now),
        }
        for lot in holdings.lot_rows(found.id, shown.assets, at=shown.now)
    ]


def _vouchers(found: MemberRow, shown: Showing) -> list[dict[str, Any]]:
    """Vouchers without their codes: staff redeem what the member shows."""
    names = shown.programme.rewards if shown.programme else {}
    states = {"issued": _("usable"), "used": _("used"), "void": _("taken back")}
    rows = []
    for voucher in rewards.vouchers_of(found.id):
        reward = names.get(voucher.reward)
        rows.append(
            {
                "name": (reward.name.text(shown.locale) if reward else "") or voucher.reward,
                "state": states.get(voucher.state, voucher.state),
                "usable": voucher.state == "issued",
                "ends": _last_day(voucher.expires_at, shown) if voucher.expires_at else "",
                "created": shown.day(voucher.created_at),
            }
        )
    return rows


def _timeline(
    found: MemberRow, shown: Showing, *, only: str, before: datetime | None
) -> tuple[list[dict[str, Any]], datetime | None]:
    """Events, other movements and messages, newest first; and from where older ones go on."""
    happened = events.of_member(found.id, most=PAGE + 1, before=before)
    older = happened[PAGE - 1].occurred_at if len(happened) > PAGE else None
    happened = happened[:PAGE]
    since, until = older or EVER, before or ALWAYS
    moved = ledger.lines_between(found.id, shown.assets, since, until, most=MOST_LINES)
    ids = {event.event_id for event in happened}
    stores = showing.store_names()
    items: list[dict[str, Any]] = []
    if only in ("all", "purchases", "points"):
        claimed = events.claims([e.event_id for e in happened])
        told = [
            _event_item(e, [m for m in moved if m.cause == e.event_id], stores, shown)
            | {"why": reasons(e, claimed.get(e.event_id), found, shown)}
            for e in happened
        ]
        items += [i for i in told if only == "all" or (i["moved"] if only == "points" else i["kind"] == "purchase")]
    if only in ("all", "points"):
        items += _other_movements([line for line in moved if line.cause not in ids], shown)
    if only in ("all", "messages"):
        items += [
            _message_item(m, shown)
            for m in messages.of_member(found.id, most=MOST_LINES)
            if since <= m.created_at < until
        ]
    items.sort(key=lambda item: item["sort"], reverse=True)
    return items, older


def _event_item(event: EventRow, moved: list[Line], stores: dict[str, str], shown: Showing) -> dict[str, Any]:
    """An event with what it gave and took."""
    sums: dict[str, int] = {}
    for line in moved:
        sums[line.wallet] = sums.get(line.wallet, 0) + line.amount
    return {
        "sort": event.occurred_at,
        "kind": event.type,
        "title": _title(event, shown),
        "at": shown.moment(event.occurred_at),
        "where": stores.get(event.store or "", event.store or ""),
        "moved": [(shown.points(n, asset, signed=True), n > 0) for asset, n in sums.items() if n],
        "what": _bought(event),
        "reversed": event.reversed_at is not None,
    }


def _title(event: EventRow, shown: Showing) -> str:
    if event.type == "purchase":
        return _("Bought for %(money)s") % {"money": shown.money(event.net or 0)}
    if event.type == "topup":
        return _("Topped up %(money)s") % {"money": shown.money(orjson.loads(event.body)["amount"])}
    return {"signup": _("Became a member"), "review": _("Wrote a review")}.get(event.type, event.type)


def _bought(event: EventRow) -> str:
    """2 latte, 1 croissant; empty when the till sent no lines."""
    lines = orjson.loads(event.body or "{}").get("lines") or []
    parts = []
    for line in lines[:6]:
        quantity = line.get("quantity", 1)
        parts.append(f"{quantity} {line.get('name') or line.get('sku', '')}".strip())
    return ", ".join(parts) + (" …" if len(lines) > 6 else "")


def reasons(
    event: EventRow, claimed: events.DecisionRow | None, found: MemberRow | None, shown: Showing
) -> dict[str, Any]:
    """Why it gave what it gave and why the rest did not, by the version that judged it; a claim's decision counts."""
    decided = claimed or event
    programme = _judged_by(decided.programme_version, shown)
    if programme is None:
        return {}
    trace = Trace.from_json(orjson.loads(decided.trace).get("trace") or {})
    address = found.address_form if found else None
    return {
        "because": why.because(trace, programme, locale=shown.locale, address=address),
        "because_not": why.because_not(trace, programme, locale=shown.locale, address=address),
        "version": decided.programme_version,
    }


def _judged_by(version: int | None, shown: Showing) -> Programme | None:
    if shown.timeline is None or version is None:
        return None
    return next((p.programme for p in shown.timeline.versions if p.version == version), None)


def _other_movements(moved: list[Line], shown: Showing) -> list[dict[str, Any]]:
    """What redemptions, expiry and reversals moved, one item per cause, kind and wallet."""
    sums: dict[tuple[str, str, str], tuple[int, datetime]] = {}
    for line in moved:
        kind = "paid" if line.kind == "spend" and line.rule == paying.RULE else line.kind
        key = (line.cause, kind, line.wallet)
        amount, at = sums.get(key, (0, line.at))
        sums[key] = (amount + line.amount, max(at, line.at))
    titles = {
        "spend": _("Points turned into a reward"),
        "paid": _("Paid for a purchase"),
        "expire": _("Points expired"),
        "reverse": _("Points taken back, the sale was undone"),
        "return": _("Points given back"),
        "earn": _("Points earned"),
        "restore": _("Points given back, the return was undone"),
    }
    return [
        {
            "sort": at,
            "kind": kind,
            "title": titles.get(kind, kind),
            "at": shown.moment(at),
            "moved": [(shown.points(amount, asset, signed=True), amount > 0)],
            "why": {},
        }
        for (_cause, kind, asset), (amount, at) in sums.items()
        if amount
    ]


def _message_item(message: messages.MessageRow, shown: Showing) -> dict[str, Any]:
    channels = {"email": _("e-mail"), "sms": _("SMS")}
    states = {"queued": _("waiting"), "sending": _("being sent"), "sent": _("sent"), "failed": _("not delivered")}
    title = message.subject or {"sign_in_code": _("Sign-in code"), "receipt": _("Receipt")}.get(
        message.kind, message.kind
    )
    return {
        "sort": message.created_at,
        "kind": "message",
        "title": title,
        "at": shown.moment(message.sent_at or message.created_at),
        "where": f"{channels.get(message.channel, message.channel)} · {states.get(message.state, message.state)}",
        "moved": [],
        "body": message.body,
        "why": {},
    }


@staff_only()
def event(request: HttpRequest, event_id: str) -> HttpResponse:
    """One event by itself: what happened, who, where, and why."""
    shown = showing.begin(request)
    found = events.get(event_id)
    if found is None:
        raise Http404
    who = queries.get(found.member_id) if found.member_id else None
    moved: dict[str, int] = {}
    for effect in figures.summed(found):
        moved[effect["wallet"]] = effect["amount"]
    return showing.page(
        request,
        "console/event.html",
        shown,
        section="members" if who else "today",
        event=found,
        title=_title(found, shown),
        at=shown.moment(found.occurred_at),
        where=showing.store_names().get(found.store or "", found.store or ""),
        what=_bought(found),
        name=figures.called(who) if who else "",
        moved=[(shown.points(n, asset, signed=True), n > 0) for asset, n in moved.items()],
        why=reasons(found, events.claims([event_id]).get(event_id), who, shown),
    )
