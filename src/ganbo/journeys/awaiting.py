"""Pending points on the hot path: what an event gives that waits, and what an event was awaited for.

Points that wait for an event are released in the transaction that records it. Whichever of the two arrives first, the
end is the same: an event already recorded is looked up when the points are earned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import orjson

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger import pending_points
from ganbo.books.ledger.lots import NEVER
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.books.ledger.posting import Posting
from ganbo.engine.decide import Decision, WalletEffect
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation.pipelines import Row, Statement, text_array


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event that some points may have waited for."""

    type: str
    at: datetime
    order_id: str


@lru_cache(maxsize=4096)
def texts(who: str, schema: str) -> tuple[str, str]:
    """The SQL of `statements` for a schema; `who` names the members."""
    columns = ", ".join(f"p.{name.strip()}" for name in pending_points.COLUMNS.split(","))
    return (
        who + f"SELECT {columns} FROM (SELECT DISTINCT id FROM who) w"
        f' JOIN "{schema}".ledger_pending p ON p.member_id = w.id'
        " WHERE p.awaits = ANY($6::text[]) AND p.usable_at > $7::timestamptz AND p.remaining + p.cancelled > 0"
        " ORDER BY p.usable_at, p.id",
        who + "SELECT e.member_id, e.type, e.occurred_at, e.body FROM (SELECT DISTINCT id FROM who) w"
        f' JOIN "{schema}".events_event e ON e.member_id = w.id AND e.occurred_at >= $7::timestamptz'
        " WHERE e.type = ANY($6::text[]) AND e.reversed_at IS NULL ORDER BY e.occurred_at",
    )


def concerned(timeline: Timeline, requests: Sequence[EventRequest]) -> bool:
    """Whether anything must be read: most programmes have no points that wait for an event."""
    return bool(timeline.awaited) and any(r.type in timeline.awaited or r.type in timeline.awaiting for r in requests)


def statements(
    sql: tuple[str, str], requests: Sequence[EventRequest], members: list[str], *, types: Iterable[str]
) -> list[Statement]:
    """Two: the members' pending points that wait for an event, and the events that were awaited and came."""
    first = min(r.occurred_at for r in requests).isoformat()
    asked = (*members, text_array(sorted(types)), first)
    return [(text, asked) for text in sql]


def arrived(rows: list[Row]) -> dict[UUID, list[Arrived]]:
    """member → awaited events that were recorded before this batch."""
    found: dict[UUID, list[Arrived]] = {}
    for member, type, at, body in rows:
        order_id = _order_id(orjson.loads(body or "{}"))
        found.setdefault(UUID(member), []).append(Arrived(str(type), datetime.fromisoformat(str(at)), order_id))
    return found


def pending(posting: Posting, member: UUID, effect: WalletEffect, request: EventRequest) -> PendingPoints:
    """The points of one effect that waits."""
    assert effect.usable_at is not None
    return PendingPoints(
        id=posting.new_id(),
        member=member,
        asset=effect.wallet,
        amount=effect.amount,
        remaining=effect.amount,
        cancelled=0,
        usable_at=effect.usable_at,
        awaits=effect.awaits,
        order_id=_order_id(request.data),
        cause=request.id,
        rule=effect.rule,
        expires_at=effect.expires_at or NEVER,
        earned_month=effect.earned_month,
        earned_at=request.occurred_at,
    )


def settle(posting: Posting, came: dict[UUID, list[Arrived]], member: UUID, request: EventRequest) -> None:
    """Release what waited for this event, and remember that it came."""
    order_id = _order_id(request.data)
    for part in [p for p in posting.pending.values() if p.member == member and p.remaining + p.cancelled]:
        if part.awaited(request.type, request.occurred_at, order_id):
            posting.release(part, at=request.occurred_at)
    came.setdefault(member, []).append(Arrived(request.type, request.occurred_at, order_id))


def already_come(
    decision: Decision, came: dict[UUID, list[Arrived]], member: UUID, request: EventRequest, posting: Posting
) -> Decision:
    """The decision with effects usable at once whose awaited event was recorded before."""
    known = came.get(member)
    if not known or not any(effect.awaits for effect in decision.effects):
        return decision

    def resolved(effect: WalletEffect) -> WalletEffect:
        if not effect.awaits or effect.usable_at is None:
            return effect
        part = pending(posting, member, effect, request)
        if any(part.awaited(one.type, one.at, one.order_id) for one in known):
            return replace(effect, usable_at=None, awaits="")
        return effect

    return replace(decision, effects=tuple(resolved(effect) for effect in decision.effects))


def _order_id(data: object) -> str:
    found = data.get("order_id") if isinstance(data, dict) else None
    return "" if found is None else str(found)
