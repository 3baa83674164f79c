"""What recorded events count towards levels, read for many members at once; nothing is written.

What was counted by the rules of one fingerprint is added up by the database; events that count by other rules, or of which
something was returned, are read one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from ganbo.foundation.pipelines import Parameter, Pipeline, Row, array, uuid_array

# d: the decision that counts, the claim's before the first. A trace of an event that other rules than its own counted
# begins with their fingerprint, so that nothing is parsed to find out who counted.
_EVENTS = """
FROM "{s}".events_event e
JOIN LATERAL (
    SELECT x.programme_version, x.answer, x.trace FROM "{s}".events_decision x
    WHERE x.subject IN (e.event_id, e.event_id || '/claim') ORDER BY x.subject DESC LIMIT 1) d ON true
CROSS JOIN LATERAL (SELECT CASE WHEN d.trace LIKE '{"counted":{"by":"%' THEN substr(d.trace, 19, 12)
    WHEN d.programme_version = ANY($3::int[]) THEN $2::text END AS by) c
CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM "{s}".events_key k JOIN "{s}".events_refund r
    ON r.order_key = k.order_key WHERE k.event_id = e.event_id) AS returned) b"""
_SUMS = f"""
SELECT e.member_id, left(x.counted ->> 'day', 7), (x.counted ->> 'change')::int, m.key, sum(m.value::bigint)
{_EVENTS}
CROSS JOIN LATERAL (SELECT d.trace::jsonb -> 'counted' AS counted) x
CROSS JOIN LATERAL jsonb_each_text(x.counted -> 'metrics') m
WHERE e.member_id = ANY($1::uuid[]) AND e.type <> 'refund' AND e.reversed_at IS NULL
    AND c.by = $2::text AND d.trace LIKE '{{"counted":%' AND NOT b.returned
GROUP BY 1, 2, 3, 4"""
_EACH = f"""
SELECT e.event_id, e.type, e.occurred_at, e.member_id, e.store, e.channel, e.staff,
    CASE WHEN $4::bool OR b.returned THEN e.body END, e.net, e.reversed_at IS NOT NULL, c.by IS NOT DISTINCT FROM $2::text,
    CASE WHEN b.returned THEN k.order_key END, CASE WHEN $5::bool THEN d.answer END,
    CASE WHEN d.trace LIKE '{{"counted":%' THEN d.trace::jsonb ->> 'counted' END, d.trace LIKE '%"visited":true%'
{_EVENTS}
LEFT JOIN "{{s}}".events_key k ON k.event_id = e.event_id
WHERE e.member_id = ANY($1::uuid[]) AND e.type <> 'refund' AND (c.by IS DISTINCT FROM $2::text OR b.returned)
    AND ($6::timestamptz IS NULL OR e.occurred_at >= $6::timestamptz)
    AND ($7::timestamptz IS NULL OR e.occurred_at < $7::timestamptz)
ORDER BY e.occurred_at, e.event_id"""


@dataclass(frozen=True, slots=True)
class Sum:
    """How much of a metric events of a month (YYYY-MM) count together, under one number of change."""

    member_id: UUID
    month: str
    change: int
    metric: str
    amount: int


@dataclass(frozen=True, slots=True)
class EventToCount:
    """An event with the decision that counts; `same`: it was counted by the rules asked for, as `counted` says.

    `order_key`: of a sale of which something was returned. `data` is there for such a sale, and when `bodies` are asked
    for; `effects` when `answers` are.
    """

    event_id: str
    type: str
    occurred_at: datetime
    member_id: UUID
    store: str | None
    channel: str | None
    staff: str | None
    data: Mapping[str, Any]
    net: int | None
    undone: bool
    same: bool
    order_key: str | None
    effects: Sequence[Mapping[str, Any]]
    counted: dict[str, Any] | None
    visited: bool


@dataclass(frozen=True, slots=True)
class CountedBy:
    """The rules of one fingerprint, the published versions that have it, and what they look at beside net amounts."""

    fingerprint: str
    versions: tuple[int, ...]
    bodies: bool
    answers: bool


@lru_cache(maxsize=4096)
def _texts(schema: str) -> tuple[str, str]:
    return _SUMS.replace("{s}", schema), _EACH.replace("{s}", schema)


def sums(pipe: Pipeline, schema: str, members: Sequence[UUID], by: CountedBy) -> list[Sum]:
    """What events that were counted by these rules count, without those of which something was returned."""
    rows = pipe.query(_texts(schema)[0], *_asked(members, by))
    return [Sum(UUID(r[0]), str(r[1]), int(r[2] or 0), str(r[3]), int(r[4] or 0)) for r in rows]


def each(
    pipe: Pipeline,
    schema: str,
    members: Sequence[UUID],
    by: CountedBy,
    *,
    first: datetime | None = None,
    before: datetime | None = None,
) -> list[EventToCount]:
    """The events that `sums` leaves out, undone ones too, in order of time; of a stretch of time when it is given."""
    flags = ("t" if by.bodies else "f", "t" if by.answers else "f")
    span = (first.isoformat() if first else None, before.isoformat() if before else None)
    return [_event(row) for row in pipe.query(_texts(schema)[1], *_asked(members, by), *flags, *span)]


def _event(row: Row) -> EventToCount:
    return EventToCount(
        event_id=str(row[0]),
        type=str(row[1]),
        occurred_at=datetime.fromisoformat(row[2] or ""),
        member_id=UUID(row[3]),
        store=row[4],
        channel=row[5],
        staff=row[6],
        data=orjson.loads(row[7] or "{}"),
        net=int(row[8]) if row[8] is not None else None,
        undone=row[9] == "t",
        same=row[10] == "t",
        order_key=row[11],
        effects=orjson.loads(row[12]).get("effects", ()) if row[12] else (),
        counted=orjson.loads(row[13]) if row[13] else None,
        visited=row[14] == "t",
    )


def _asked(members: Sequence[UUID], by: CountedBy) -> tuple[Parameter, ...]:
    return uuid_array(members), by.fingerprint, array(by.versions)
