"""What was recorded: events with their decisions, and stores."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Max, Sum

from ganbo.books.events import models


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event with what was decided about it at first."""

    event_id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    member_id: UUID | None
    store: str | None
    channel: str | None
    staff: str | None
    net: int | None
    body: str  # JSON of `data`
    reversed_at: datetime | None
    answer: str
    trace: str
    programme_version: int | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    subject: str
    answer: str
    trace: str
    programme_version: int | None


@dataclass(frozen=True, slots=True)
class StoreRow:
    id: str
    name: str
    confirmed: bool


class PastRow(NamedTuple):
    """One event as it was told; `body` is the JSON of its `data`."""

    event_id: str
    type: str
    occurred_at: datetime
    member_id: UUID
    store: str | None
    channel: str | None
    staff: str | None
    body: str
    reversed_at: datetime | None


def _row(event: models.Event, decision: models.Decision | None) -> EventRow:
    return EventRow(
        event_id=event.pk,
        type=event.type,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        member_id=event.member_id,
        store=event.store,
        channel=event.channel,
        staff=event.staff,
        net=event.net,
        body=event.body,
        reversed_at=event.reversed_at,
        answer=decision.answer if decision else "{}",
        trace=decision.trace if decision else "{}",
        programme_version=decision.programme_version if decision else None,
    )


def rows(events: list[models.Event]) -> list[EventRow]:
    """Events with their decisions, in the given order; one query for any number."""
    decisions = models.Decision.objects.in_bulk([e.pk for e in events])
    return [_row(event, decisions.get(event.pk)) for event in events]


def get(event_id: str) -> EventRow | None:
    found = rows(list(models.Event.objects.filter(pk=event_id)))
    return found[0] if found else None


def many(event_ids: list[str]) -> dict[str, EventRow]:
    """Events with their decisions, by id; two queries for any number."""
    return {row.event_id: row for row in rows(list(models.Event.objects.filter(pk__in=event_ids)))}


def hashes(keys: Iterable[str]) -> dict[str, bytes]:
    """key → hash of what was asked under it, of those that are taken."""
    found = models.Key.objects.filter(pk__in=list(keys)).values_list("event_id", "body_hash")
    return {key: bytes(digest) for key, digest in found}


def sold(order_keys: list[str]) -> dict[str, str]:
    """order key → event of its sale, of orders that were recorded."""
    found = models.Key.objects.filter(order_key__in=order_keys).exclude(event_id__startswith="?")
    return {key: event for key, event in found.values_list("order_key", "event_id") if key is not None}


def of_orders(order_keys: list[str]) -> list[EventRow]:
    """The purchases with these order keys (see reading.order_key), with their decisions."""
    found = models.Key.objects.filter(order_key__in=order_keys).values_list("event_id", flat=True)
    return [row for row in many(list(found)).values() if row.type == "purchase"]


def locked(event_id: str) -> EventRow | None:
    """The event, locked by the running transaction."""
    found = rows(list(models.Event.objects.select_for_update().filter(pk=event_id)))
    return found[0] if found else None


def decision(subject: str) -> DecisionRow | None:
    """What was decided about an event, `<id>/claim` or `<id>/reverse`."""
    found = models.Decision.objects.filter(pk=subject).first()
    return DecisionRow(found.pk, found.answer, found.trace, found.programme_version) if found else None


def latest_decision(event_id: str) -> DecisionRow | None:
    """The decision that counts: the claim's when the sale was claimed, a return's when its sale came, else the first."""
    found = models.Decision.objects.in_bulk([event_id, f"{event_id}/claim", f"{event_id}/settled"])
    counts = found.get(f"{event_id}/claim") or found.get(f"{event_id}/settled") or found.get(event_id)
    return DecisionRow(counts.pk, counts.answer, counts.trace, counts.programme_version) if counts else None


def decisions(subjects: list[str]) -> dict[str, DecisionRow]:
    """What was decided under these subjects (an event's id, `<id>/claim`, `<id>/settled`, `<id>/reverse`); one query."""
    found = models.Decision.objects.in_bulk(subjects)
    return {subject: DecisionRow(d.pk, d.answer, d.trace, d.programme_version) for subject, d in found.items()}


def of_member(member_id: UUID, *, most: int, before: datetime | None = None) -> list[EventRow]:
    """A member's events, newest first."""
    found = models.Event.objects.filter(member_id=member_id).order_by("-occurred_at", "-event_id")
    if before is not None:
        found = found.filter(occurred_at__lt=before)
    return rows(list(found[:most]))


def recent(
    *,
    most: int,
    staff: str | None = None,
    store: str | None = None,
    since: datetime | None = None,
    happened_since: datetime | None = None,
) -> list[EventRow]:
    """The last recorded events, newest first; of a member of staff or a store."""
    found = models.Event.objects.order_by("-recorded_at", "-event_id")
    if staff is not None:
        found = found.filter(staff=staff)
    if store is not None:
        found = found.filter(store=store)
    if since is not None:
        found = found.filter(recorded_at__gte=since)
    if happened_since is not None:
        found = found.filter(occurred_at__gte=happened_since)
    return rows(list(found[:most]))


def latest_buyers(*, store: str | None, since: datetime, most: int) -> list[UUID]:
    """Who bought in a store (None: anywhere) since then, the latest first."""
    found = models.Event.objects.filter(type="purchase", recorded_at__gte=since, member_id__isnull=False)
    if store is not None:
        found = found.filter(store=store)
    last = found.values("member_id").annotate(last=Max("recorded_at")).order_by("-last", "member_id")
    return [row["member_id"] for row in last[:most] if row["member_id"]]


def stores() -> list[StoreRow]:
    """All stores, confirmed ones first."""
    return [
        StoreRow(s.pk, s.name or s.pk, s.confirmed) for s in models.Store.objects.order_by("-confirmed", "pk")[:1000]
    ]


# --- figures: sums over a stretch of time, for the console. Bounded by when things happened.

RETURNS_WITHIN = timedelta(days=90)  # who bought in the 90 days before counts as coming back


@dataclass(frozen=True, slots=True)
class Span:
    """Sales of one stretch of time; `buyers` are different members, `returning` those of them who had bought before it."""

    receipts: int
    with_member: int
    new_members: int
    buyers: int
    returning: int


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """Sales of one shop over a stretch of time."""

    store: str
    receipts: int
    with_member: int
    new_members: int


_AT_STORE = " AND store = %(store)s"


def spans(until: datetime, *, step: timedelta, count: int, store: str | None = None) -> list[Span]:
    """`count` stretches of length `step` that end at `until`, the oldest first."""
    given: dict[str, Any] = {
        "since": until - step * count,
        "until": until,
        "step": step.total_seconds(),
        "store": store,
    }
    given["before"] = until - step * count - RETURNS_WITHIN
    given["within"] = RETURNS_WITHIN
    where = _AT_STORE if store else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT floor(extract(epoch FROM %(until)s - occurred_at - interval '1 microsecond') / %(step)s)::int,"
            " count(*) FILTER (WHERE type = 'purchase'), count(member_id) FILTER (WHERE type = 'purchase'),"
            " count(*) FILTER (WHERE type = 'signup') FROM events_event WHERE type IN ('purchase', 'signup')"
            f" AND reversed_at IS NULL AND occurred_at >= %(since)s AND occurred_at < %(until)s{where} GROUP BY 1",
            given,
        )
        sales = {back: rest for back, *rest in cursor.fetchall()}
        cursor.execute(
            "WITH bought AS (SELECT member_id, occurred_at, lag(occurred_at) OVER (PARTITION BY member_id ORDER BY"
            " occurred_at) AS before, floor(extract(epoch FROM %(until)s - occurred_at - interval '1 microsecond')"
            " / %(step)s)::int AS back FROM events_event WHERE type = 'purchase' AND member_id IS NOT NULL"
            f" AND reversed_at IS NULL AND occurred_at >= %(before)s AND occurred_at < %(until)s{where}),"
            " firsts AS (SELECT DISTINCT ON (member_id, back) back, occurred_at, before FROM bought"
            " WHERE occurred_at >= %(since)s ORDER BY member_id, back, occurred_at)"
            " SELECT back, count(*), count(*) FILTER (WHERE before >= occurred_at - %(within)s) FROM firsts GROUP BY 1",
            given,
        )
        buyers = {back: rest for back, *rest in cursor.fetchall()}
    return [Span(*sales.get(n, (0, 0, 0)), *buyers.get(n, (0, 0))) for n in reversed(range(count))]


def by_store(since: datetime, until: datetime, *, most: int = 100) -> list[StoreFigures]:
    """Sales of every shop in [since, until), the busiest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(store, ''), count(*) FILTER (WHERE type = 'purchase') AS receipts,"
            " count(member_id) FILTER (WHERE type = 'purchase'), count(*) FILTER (WHERE type = 'signup')"
            " FROM events_event WHERE type IN ('purchase', 'signup') AND reversed_at IS NULL"
            " AND occurred_at >= %s AND occurred_at < %s GROUP BY 1 ORDER BY receipts DESC, 1 LIMIT %s",
            [since, until, most],
        )
        return [StoreFigures(*row) for row in cursor.fetchall()]


def happened(
    since: datetime, until: datetime, *, most: int, store: str | None = None, types: tuple[str, ...] = ()
) -> list[EventRow]:
    """What happened in [since, until), newest first; only these types, or all."""
    found = models.Event.objects.filter(occurred_at__gte=since, occurred_at__lt=until)
    if store:
        found = found.filter(store=store)
    if types:
        found = found.filter(type__in=types)
    return rows(list(found.order_by("-occurred_at", "-event_id")[:most]))


def buyers(
    since: datetime, until: datetime, *, returning: bool, most: int, store: str | None = None
) -> list[tuple[UUID, int, datetime]]:
    """(member, purchases, last one) of who bought in [since, until); with `returning` only those who had before, too."""
    given: dict[str, Any] = {"since": since, "until": until, "store": store, "within": RETURNS_WITHIN, "most": most}
    where = _AT_STORE if store else ""
    again_where = " AND b.store = %(store)s" if store else ""
    again = (
        " HAVING EXISTS (SELECT 1 FROM events_event b WHERE b.member_id = e.member_id AND b.type = 'purchase'"
        " AND b.reversed_at IS NULL AND b.occurred_at < %(since)s"
        f" AND b.occurred_at >= min(e.occurred_at) - %(within)s{again_where})"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.member_id, count(*), max(e.occurred_at) FROM events_event e WHERE e.type = 'purchase'"
            " AND e.member_id IS NOT NULL AND e.reversed_at IS NULL AND e.occurred_at >= %(since)s"
            f" AND e.occurred_at < %(until)s{where} GROUP BY e.member_id{again if returning else ''}"
            " ORDER BY 3 DESC, 1 LIMIT %(most)s",
            given,
        )
        return [(member, count, last) for member, count, last in cursor.fetchall()]


def any_recorded() -> bool:
    """True once a purchase was recorded."""
    return models.Event.objects.filter(type="purchase").exists()


def past() -> Iterator[PastRow]:
    """Every member's events, member by member in order of time; read in pieces, not kept.

    A return that does not count any more is left out; another event that was undone has its `reversed_at`.
    """
    found = models.Event.objects.filter(member_id__isnull=False).exclude(type="refund", reversed_at__isnull=False)
    ordered = found.order_by("member_id", "occurred_at", "recorded_at", "event_id").values_list(*PastRow._fields)
    return (PastRow(*row) for row in ordered.iterator(chunk_size=5_000))


def sold_without_member() -> int:
    """The net of all standing purchases without a member, minor units."""
    found = models.Event.objects.filter(member_id__isnull=True, type="purchase", reversed_at__isnull=True)
    return found.aggregate(net=Sum("net"))["net"] or 0


def claims(event_ids: list[str]) -> dict[str, DecisionRow]:
    """The decisions of those events that were claimed later, by event id; one query for any number."""
    found = models.Decision.objects.in_bulk([f"{event_id}/claim" for event_id in event_ids])
    return {
        subject.removesuffix("/claim"): DecisionRow(d.pk, d.answer, d.trace, d.programme_version)
        for subject, d in found.items()
    }


def of_slip(code_hash: bytes) -> str | None:
    """The sale that a slip is for."""
    return models.Slip.objects.filter(code_hash=code_hash).values_list("event_id", flat=True).first()
