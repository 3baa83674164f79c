"""What stands on the counter while somebody is served: store, programme, the member's balance and gifts, last sales."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow, StoreRow
from ganbo.doors.till import saying
from ganbo.engine.programme import Programme
from ganbo.features.programmes import catalogue, why
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.staff.access import StaffRow
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import holdings
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
class Purse:
    """One wallet of a member: what is there and what it is worth in minor units, None when it has no worth."""

    amount: int
    unit: str
    worth: int | None


@dataclass(frozen=True, slots=True)
class Gift:
    """A reward as the till offers it; `key` makes that pressing twice gives one."""

    id: str
    name: str
    price: int
    unit: str
    missing: int
    left: int | None
    key: str


@dataclass(frozen=True, slots=True)
class Served:
    """The member at the counter."""

    row: MemberRow
    name: str
    tier: str
    level: str
    purses: list[Purse]
    now: list[Gift]
    later: list[Gift]


def served(row: MemberRow, at: Counter) -> Served:
    """Who stands here, what they have and what they can have."""
    programme = at.programme
    held = holdings.balances(row.id, list(programme.wallets), at=at.now)
    purses = [
        Purse(held[w].available, saying.unit(programme, w), face * held[w].available if face else None)
        for w, face in ((w, programme.wallets[w].face_value) for w in programme.wallets)
    ]
    balances = {w: {"available": b.available} for w, b in held.items()}
    who = catalogue.looking(row, programme, at=at.now)
    offered = catalogue.rewards(programme, locale=saying.locale(), balances=balances, taken=rewards.taken(), who=who)
    gifts = [(_gift(r, programme), r["affordable"]) for r in offered if r["price"]]
    tier = row.tier or programme.first_tier
    level = programme.by_level.get(tier) if tier else None
    return Served(
        row=row,
        name=saying.called(row),
        tier=level.name.text(saying.locale()) if level else "",
        level=tier or "",
        purses=purses,
        now=[g for g, affordable in gifts if affordable],
        later=sorted((g for g, affordable in gifts if not affordable), key=lambda g: (g.left == 0, g.missing)),
    )


def _gift(reward: dict[str, Any], programme: Programme) -> Gift:
    return Gift(
        id=reward["id"],
        name=reward["name"],
        price=reward["price"]["amount"],
        unit=saying.unit(programme, reward["price"]["wallet"]),
        missing=reward["missing"] or 0,
        left=reward["stock"],
        key=str(chance.new_id()),
    )


@dataclass(frozen=True, slots=True)
class Sale:
    """One of the last sales; `minutes` is how long it can still be undone, None when without limit, 0 when over."""

    event_id: str
    at: datetime
    name: str
    net: int
    gained: str
    minutes: int | None
    undone: bool


def last_sales(at: Counter) -> list[Sale]:
    """The last five of this store, or of this person when no store was chosen."""
    where = {"store": at.store.id} if at.store else {"staff": at.staff.actor}
    found = [
        e for e in events.recent(most=_READ_BACK, since=at.now - timedelta(days=1), **where) if e.type == "purchase"
    ]
    people = members.by_ids([e.member_id for e in found[:LAST_SALES] if e.member_id])
    return [_sale(e, people.get(e.member_id) if e.member_id else None, at) for e in found[:LAST_SALES]]


def _sale(event: EventRow, member: MemberRow | None, at: Counter) -> Sale:
    return Sale(
        event_id=event.event_id,
        at=event.recorded_at.astimezone(at.zone),
        name=saying.called(member) if member else "",
        net=event.net or 0,
        gained=gained(event, at.programme),
        minutes=minutes_left(event, at),
        undone=event.reversed_at is not None,
    )


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
