"""What was recorded: events with their decisions, and stores."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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


def locked(event_id: str) -> EventRow | None:
    """The event, locked by the running transaction."""
    found = rows(list(models.Event.objects.select_for_update().filter(pk=event_id)))
    return found[0] if found else None


def decision(subject: str) -> DecisionRow | None:
    """What was decided about an event, `<id>/claim` or `<id>/reverse`."""
    found = models.Decision.objects.filter(pk=subject).first()
    return DecisionRow(found.pk, found.answer, found.trace, found.programme_version) if found else None


def latest_decision(event_id: str) -> DecisionRow | None:
    """The decision that counts: the claim's when the sale was claimed, else the first."""
    return decision(f"{event_id}/claim") or decision(event_id)


def of_member(member_id: UUID, *, most: int, before: datetime | None = None) -> list[EventRow]:
    """A member's events, newest first."""
    found = models.Event.objects.filter(member_id=member_id).order_by("-occurred_at", "-event_id")
    if before is not None:
        found = found.filter(occurred_at__lt=before)
    return rows(list(found[:most]))


def recent(*, most: int, staff: str | None = None, store: str | None = None, since: datetime | None = None) -> list[EventRow]:
    """The last recorded events, newest first; of a member of staff or a store."""
    found = models.Event.objects.order_by("-recorded_at", "-event_id")
    if staff is not None:
        found = found.filter(staff=staff)
    if store is not None:
        found = found.filter(store=store)
    if since is not None:
        found = found.filter(recorded_at__gte=since)
    return rows(list(found[:most]))


def stores() -> list[StoreRow]:
    """All stores, confirmed ones first."""
    return [StoreRow(s.pk, s.name or s.pk, s.confirmed) for s in models.Store.objects.order_by("-confirmed", "pk")[:1000]]
