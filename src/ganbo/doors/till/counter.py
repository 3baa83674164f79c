"""Where a till stands and by which rules it sells; its last sales, and what each earned and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow, StoreRow
from ganbo.doors.till import saying
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import why
from ganbo.foundation import clock
from ganbo.foundation.staff.access import StaffRow
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys.reverse import CASHIERS
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

LAST_SALES = 5
_READ_BACK = 30  # enrolments stand between sales; enough to find five of them
_STORE = "till_store"


@dataclass(frozen=True, slots=True)
class Counter:
    """Where this till stands and by which rules it sells. `store` is None until one was chosen."""

    business: BusinessRow
    programme: Programme
    staff: StaffRow
    stores: list[StoreRow]
    store: StoreRow | None
    now: datetime

    @property
    def currency(self) -> str:
        return self.programme.currency

    @property
    def zone(self) -> ZoneInfo:
        return self.programme.timezone

    def local(self, moment: datetime) -> datetime:
        """As it is written in the shop's zone, without the zone: pages show it as it is."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    @property
    def reach(self) -> list[str | None]:
        """The stores whose sales this person may open: a cashier this till's own, others every store they work in."""
        if self.staff.role == "cashier":
            return [self.store.id if self.store else None]
        return [*(store.id for store in self.stores), *([] if self.staff.stores else [None])]

    def may_see(self, event: EventRow) -> bool:
        """Whether this person may open a sale: of a store in reach, or their own."""
        return event.staff == self.staff.actor or event.store in self.reach

    @property
    def undo_within(self) -> timedelta | None:
        """A cashier's hour; managers and owners have no limit."""
        return CASHIERS if self.staff.role == "cashier" else None


def of(request: HttpRequest) -> Counter:
    """The counter of this request. Raises NoProgramme."""
    business: BusinessRow = request.business  # type: ignore[attr-defined]
    staff: StaffRow = request.staff  # type: ignore[attr-defined]
    now = clock.now()
    open_to = [s for s in events.stores() if not staff.stores or s.id in staff.stores]
    chosen = request.session.get(_STORE)
    store = next((s for s in open_to if s.id == chosen), open_to[0] if len(open_to) == 1 else None)
    return Counter(business, programmes.in_force_at(business.schema, now).programme, staff, open_to, store, now)


def choose(request: HttpRequest, store_id: str) -> None:
    """Remember where this till stands."""
    request.session[_STORE] = store_id


@dataclass(frozen=True, slots=True)
class Sale:
    """One of the last sales; `minutes` is how long it can still be undone, None when without limit, 0 when over."""

    event_id: str
    number: str
    at: datetime
    name: str
    net: int
    gained: str
    minutes: int | None
    undone: bool


def last_sales(at: Counter, most: int = LAST_SALES) -> list[Sale]:
    """The last of this store, or of this person when no store was chosen."""
    where = {"store": at.store.id} if at.store else {"staff": at.staff.actor}
    found = [
        e for e in events.recent(most=_READ_BACK, since=at.now - timedelta(days=1), **where) if e.type == "purchase"
    ]
    people = members.by_ids([e.member_id for e in found[:most] if e.member_id])
    return [sale(e, people.get(e.member_id) if e.member_id else None, at) for e in found[:most]]


def sale(event: EventRow, member: MemberRow | None, at: Counter) -> Sale:
    """An event as the lists show it."""
    return Sale(
        event_id=event.event_id,
        number=orjson.loads(event.body).get("order_id", ""),
        at=at.local(event.recorded_at),
        name=saying.called(member) if member else "",
        net=event.net or 0,
        gained=gained(event, at.programme),
        minutes=minutes_left(event, at),
        undone=event.reversed_at is not None,
    )


def because(event: EventRow, at: Counter, member: MemberRow | None) -> list[str]:
    """What a sale earned and why, in the language of the page."""
    programme = programmes.in_force_at(at.business.schema, event.occurred_at).programme
    trace = orjson.loads(event.trace).get("trace")
    if not trace:
        return []
    return why.because(trace, programme, locale=saying.locale(), address=member.address_form if member else None)


def gained(event: EventRow, programme: Programme) -> str:
    """+16 điểm, of every wallet that was given something; empty when none was."""
    sums: dict[str, int] = {}
    for effect in orjson.loads(event.answer).get("effects", []):
        if effect.get("kind") == "wallet":
            sums[effect["wallet"]] = sums.get(effect["wallet"], 0) + effect["amount"]
    return ", ".join(f"+{saying.points(n, programme, w)}" for w, n in sums.items() if n)


def minutes_left(event: EventRow, at: Counter) -> int | None:
    """Whole minutes left to undo; a manager has no limit."""
    if at.undo_within is None:
        return None
    return max(0, int((event.recorded_at + at.undo_within - at.now).total_seconds() // 60))


def why_not(event: EventRow, at: Counter, member: MemberRow | None) -> list[str]:
    """Why a sale earned nothing."""
    programme = programmes.in_force_at(at.business.schema, event.occurred_at).programme
    trace = orjson.loads(event.trace).get("trace")
    if not trace:
        return []
    return why.because_not(trace, programme, locale=saying.locale(), address=member.address_form if member else None)
