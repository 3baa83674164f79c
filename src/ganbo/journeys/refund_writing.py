"""Statements that write what returns did: which order a refund belongs to, what was taken, vouchers, later answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ganbo.foundation import strict_json
from ganbo.foundation.pipelines import Statement, array, text_array, uuid_array
from ganbo.journeys.refund_reading import awaited
from ganbo.journeys.settling import State


@dataclass(frozen=True, slots=True)
class SettledLater:
    """A refund that had waited for its sale, or for the sale's member: its second answer."""

    event_id: str
    member_id: UUID
    answer: str
    trace: str


def note_refund(schema: str, event_id: str, order_key: str, *, waits: bool) -> list[Statement]:
    """The refund belongs to this order; with `waits` the order's key is taken for the sale to find."""
    written: list[Statement] = [
        (f'INSERT INTO "{schema}".events_refund (event_id, order_key) VALUES ($1, $2)', (event_id, order_key))
    ]
    if waits:
        written.append(
            (
                f"INSERT INTO \"{schema}\".events_key (event_id, order_key, body_hash) VALUES ($1, $2, decode('', 'hex'))",
                (awaited(order_key), order_key),
            )
        )
    return written


def awaited_no_more(schema: str, order_keys: Sequence[str]) -> Statement:
    """The sales have come: their keys are theirs."""
    keys = text_array(sorted(awaited(key) for key in order_keys))
    return f'DELETE FROM "{schema}".events_key WHERE event_id = ANY($1::text[])', (keys,)


def settlements(schema: str, states: Mapping[str, State]) -> list[Statement]:
    """What was taken of each sale so far."""
    if not states:
        return []
    sales = sorted(states)
    sql = (
        f'INSERT INTO "{schema}".events_settlement AS s (event_id, state) SELECT * FROM unnest($1::text[], $2::text[])'
        " ON CONFLICT (event_id) DO UPDATE SET state = excluded.state"
    )
    return [(sql, (text_array(sales), text_array([strict_json.dumps(states[sale]) for sale in sales])))]


def voucher_states(schema: str, changed: Mapping[UUID, str]) -> list[Statement]:
    """Vouchers void, or issued again."""
    if not changed:
        return []
    ids = sorted(changed)
    sql = (
        f'UPDATE "{schema}".rewards_voucher v SET state = d.state FROM unnest($1::uuid[], $2::text[]) d(id, state)'
        " WHERE v.id = d.id"
    )
    return [(sql, (uuid_array(ids), array([changed[one] for one in ids])))]


def settled_later(schema: str, settled: Sequence[SettledLater], *, now: datetime) -> list[Statement]:
    """Second answers of refunds that had waited, and whose they are."""
    if not settled:
        return []
    ids = text_array([one.event_id for one in settled])
    return [
        (
            f'INSERT INTO "{schema}".events_decision (subject, programme_version, answer, trace, at)'
            " SELECT i || '/settled', NULL, a, t, $4::timestamptz FROM unnest($1::text[], $2::text[], $3::text[])"
            " AS x(i, a, t)",
            (ids, text_array([x.answer for x in settled]), text_array([x.trace for x in settled]), now.isoformat()),
        ),
        (
            f'UPDATE "{schema}".events_event e SET member_id = d.member'
            " FROM unnest($1::text[], $2::uuid[]) d(id, member) WHERE e.event_id = d.id",
            (ids, uuid_array([x.member_id for x in settled])),
        ),
    ]
