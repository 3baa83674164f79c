"""Points whose time has come leave the books, and all points of members who did nothing for too long.

Idempotent and resumable: an expired lot has nothing left to expire.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme, Timeline
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import gathering, inactivity
from ganbo.journeys.record_events import update_standings

MOST_MEMBERS = 200  # a transaction's worth: they wait for it


def expire_some(*, at: datetime, since: datetime | None = None) -> int:
    """End points of up to MOST_MEMBERS members of the current business; returns how many members had some.

    With `since` only lots that ended after it are looked for: lots of all times are many, and empty ones among them.
    """
    due = ledger.members_with_expired(at, most=MOST_MEMBERS, since=since)
    if due:
        _expire(due, at=at)
        return len(due)
    try:
        timeline = programmes.timeline(context.current().schema)
    except NoProgramme:
        return 0
    idle = inactivity.idle_members(timeline, at=at, most=MOST_MEMBERS)
    if idle:
        _lapse(timeline, idle, at=at)
    return len(idle)


def _expire(members: list[UUID], *, at: datetime) -> None:
    """One transaction: whatever a run before it or beside it ended is not there any more once the locks are held."""
    schema = context.current().schema
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        gathering.lock(pipe, schema, members)
        posting = Posting(new_id=chance.new_id, balances=ledger.held(*members))
        for member, asset, lot in ledger.expired_lots(members, at=at):
            posting.expire(member, asset, lot, Cause("expiry", lot.expires_at))
        statements = posting.statements(schema, now=at)
        if statements:
            pipe.run(statements)


def _lapse(timeline: Timeline, members: list[UUID], *, at: datetime) -> None:
    schema = context.current().schema
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        standings = gathering.lock(pipe, schema, members)
        posting = Posting(new_id=chance.new_id, balances=ledger.held(*members))
        inactivity.settle(pipe, schema, inactivity.lapsed(timeline, standings.values(), now=at), posting)
        touched = [standing for standing in standings.values() if standing.touched]
        statements = posting.statements(schema, now=at)
        if touched:
            statements.append(update_standings(schema, touched))
        if statements:
            pipe.run(statements)
