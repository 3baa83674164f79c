"""A sale recorded without a member gets one: it is judged for them by the rules of the day it happened, once."""

from datetime import datetime
from uuid import UUID

import orjson
from django.db import transaction

from ganbo.books.events import operations as events
from ganbo.books.events import queries as event_queries
from ganbo.books.events import reading
from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import Posting
from ganbo.engine import history, limits
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, jobs
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import budgeting, gathering, inactivity, paying, refund_reading, reverse
from ganbo.journeys.gathering import Snapshot
from ganbo.journeys.judging import Batch
from ganbo.journeys.record_events import read_by_code, what_it_did
from ganbo.journeys.recording import MemberUnknown
from ganbo.journeys.reverse import EventUnknown, Reversed
from ganbo.journeys.waiting import Waiting
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members


class AlreadyClaimed(Refusal):
    """This sale already belongs to a member."""

    code = "events.already_claimed"


class SaleReversed(Refusal):
    """This sale was undone; it cannot be claimed."""

    code = "events.reversed"


def claim(event_id: str, member: tuple[str, str], *, by: str, now: datetime) -> Reversed:
    """Give a sale to a member; told again for the same member, the first answer.

    Raises EventUnknown, MemberUnknown, AlreadyClaimed, SaleReversed.
    """
    business = context.current()
    with transaction.atomic():
        found = members.by_key(*member)
        if found is None:
            raise MemberUnknown(by=member[0])
        event = event_queries.locked(event_id)
        if event is None:
            raise EventUnknown(event_id=event_id)
        if event.member_id is not None:
            before = event_queries.decision(f"{event_id}/claim")
            if before is not None and event.member_id == found.id:
                return Reversed(before.answer, True)
            raise AlreadyClaimed(event_id=event_id)
        if event.reversed_at is not None:
            raise SaleReversed(event_id=event_id)
        answer = _judge_for(event, found.id, now=now)
        events.give_member(event_id, found.id)
        audit.note(by, "event.claimed", event_id)
    jobs.wake(business.id)
    return Reversed(answer, False)


def _judge_for(event: event_queries.EventRow, member_id: UUID, *, now: datetime) -> str:
    business, key = context.current(), ("id", str(member_id))
    pipe = Pipeline.inside_django()
    standing = reverse.lock(pipe, member_id)
    timeline = programmes.timeline(business.schema)
    programme = timeline.at(event.occurred_at).programme
    snapshot = Snapshot(timeline, members={key: standing}, balances=ledger.held(standing.member_id))
    wanted = limits.keys(programme, type=event.type, occurred_at=event.occurred_at, member_id=key[1], store=event.store)
    if wanted:
        columns = gathering.shared_statements(business.schema, sorted(wanted))
        snapshot.used = gathering.usage(pipe.run(columns)[1])
    request = _request(event, key)
    snapshot.used |= read_by_code(pipe, business.schema, timeline, [request], None)
    waiting = gathering.awaited(business.schema, timeline, [request], gathering.member_arrays([key]))
    gathering.note_awaited(snapshot, pipe.run(waiting) if waiting else [])
    posting = Posting(chance.new_id, snapshot.balances, pending=snapshot.pending)
    lapses = inactivity.lapsed(timeline, [standing], now=now)
    inactivity.settle(pipe, business.schema, lapses, posting)
    batch = Batch(snapshot, posting, now, business.locale, backfill=True)
    first = event_queries.decision(event.event_id)
    batch.history = first is not None and history.is_told_in(first.trace)
    if event.type == "purchase":
        _refunds_wait(pipe, batch, request, now=now)
    snapshot.budget = budgeting.lock(pipe, business.schema, timeline, [budgeting.given_at(request)])
    batch.judge_all([request])
    outcome = batch.outcomes[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    pipe.run(what_it_did(business.schema, batch, now=now))
    judged = batch.judged[0]
    events.decide(f"{event.event_id}/claim", answer=judged.answer, trace=judged.trace, at=now, version=judged.version)
    events.publish("event.claimed", {"event_id": event.event_id, "type": event.type, "member_id": key[1]}, at=now)
    if judged.moved:
        events.publish("tier.changed", {**judged.moved, "event_id": event.event_id, "member_id": key[1]}, at=now)
    return judged.answer


def _refunds_wait(pipe: Pipeline, batch: Batch, request: EventRequest, *, now: datetime) -> None:
    """Returns of the sale waited for its member: they settle with the claim."""
    key, schema = request.order_key, context.current().schema
    if key is not None:
        members = [s.member_id for s in batch.snapshot.members.values()]
        rows, lots, vouchers = refund_reading.waiting(pipe, schema, [key], members, now=now)
        paying.keep(batch.posting, lots)
        batch.waiting = Waiting(rows, vouchers)


def _request(event: event_queries.EventRow, key: tuple[str, str]) -> EventRequest:
    """The event as if it had named the member from the start."""
    data = orjson.loads(event.body)
    return EventRequest(
        id=event.event_id,
        type=event.type,
        occurred_at=event.occurred_at,
        member=key,
        store=event.store,
        channel=event.channel,
        staff=event.staff,
        data=data,
        body_hash=b"",
        order_key=reading.order_key(event.store, event.type, data),
    )
