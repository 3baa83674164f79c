"""The SQL that writes what posting.py planned: a few statements with arrays, however much happened. Nobody else calls it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ganbo.books.ledger import pending_points
from ganbo.books.ledger.holds import End, Hold
from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.foundation.pipelines import Statement, array, text_array, texts, uuid_array


class Transfer(NamedTuple):
    """One debit, one credit, amount ≥ 1; `lot` is the member's lot it adds to or burns."""

    id: UUID
    debit: UUID
    credit: UUID
    asset: str
    amount: int
    kind: str
    cause: str
    rule: str
    lot: UUID | None
    at: datetime


def transfers(schema: str, moved: Sequence[Transfer], now: datetime) -> Statement:
    """All of them, in one statement."""
    sql = (
        f'INSERT INTO "{schema}".ledger_transfer'
        " (id, debit_id, credit_id, asset, amount, kind, cause, rule, lot_id, at, recorded_at)"
        " SELECT t.*, $11::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[],"
        " $6::text[], $7::text[], $8::text[], $9::uuid[], $10::timestamptz[]) t"
    )
    return sql, (
        uuid_array([t.id for t in moved]),
        uuid_array([t.debit for t in moved]),
        uuid_array([t.credit for t in moved]),
        texts([t.asset for t in moved]),
        array([t.amount for t in moved]),
        array([t.kind for t in moved]),
        texts([t.cause for t in moved]),
        texts([t.rule for t in moved]),
        uuid_array([t.lot for t in moved]),
        text_array([t.at.isoformat() for t in moved]),
        now.isoformat(),
    )


def accounts(
    schema: str, changes: Iterable[tuple[UUID, UUID, str, str, int]], *, known: Collection[UUID]
) -> list[Statement]:
    """(account, holder, asset, role, change) of each; those not `known` are opened."""
    changes = list(changes)
    fresh, moved = [c for c in changes if c[0] not in known], [c for c in changes if c[0] in known and c[4]]
    planned: list[Statement] = []
    if fresh:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_account (id, asset, role, holder_id, balance)'
                " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])",
                (
                    uuid_array([account for account, *_ in fresh]),
                    text_array([asset for _, _, asset, _, _ in fresh]),
                    array([role for _, _, _, role, _ in fresh]),
                    uuid_array([holder for _, holder, *_ in fresh]),
                    array([change for *_, change in fresh]),
                ),
            )
        )
    if moved:
        planned.append(
            (
                f'UPDATE "{schema}".ledger_account a SET balance = a.balance + d.change'
                " FROM unnest($1::uuid[], $2::bigint[]) d(id, change) WHERE a.id = d.id",
                (uuid_array([account for account, *_ in moved]), array([change for *_, change in moved])),
            )
        )
    return planned


def pending(schema: str, parts: Iterable[PendingPoints], known: frozenset[UUID]) -> list[Statement]:
    """Points that wait: new ones, and what remains of those that are `known`."""
    parts = list(parts)
    fresh, moved = [p for p in parts if p.id not in known], [p for p in parts if p.id in known]
    planned: list[Statement] = []
    if fresh:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_pending ({pending_points.COLUMNS}) SELECT * FROM unnest($1::uuid[],'
                " $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::text[],"
                " $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::date[], $14::timestamptz[])",
                (
                    uuid_array([p.id for p in fresh]),
                    uuid_array([p.member for p in fresh]),
                    text_array([p.asset for p in fresh]),
                    array([p.amount for p in fresh]),
                    array([p.remaining for p in fresh]),
                    array([p.cancelled for p in fresh]),
                    text_array([p.usable_at.isoformat() for p in fresh]),
                    text_array([p.awaits for p in fresh]),
                    text_array([p.order_id for p in fresh]),
                    text_array([p.cause for p in fresh]),
                    text_array([p.rule for p in fresh]),
                    text_array([p.expires_at.isoformat() for p in fresh]),
                    array([p.earned_month for p in fresh]),
                    text_array([p.earned_at.isoformat() for p in fresh]),
                ),
            )
        )
    if moved:
        planned.append(
            (
                f'UPDATE "{schema}".ledger_pending p SET remaining = d.remaining, cancelled = d.cancelled,'
                " expires_at = d.expires_at FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::timestamptz[])"
                " d(id, remaining, cancelled, expires_at) WHERE p.id = d.id",
                (
                    uuid_array([p.id for p in moved]),
                    array([p.remaining for p in moved]),
                    array([p.cancelled for p in moved]),
                    text_array([p.expires_at.isoformat() for p in moved]),
                ),
            )
        )
    return planned


def lots(schema: str, changes: Iterable[tuple[Lot, int]]) -> list[Statement]:
    """What came into lots and went out of them."""
    changes = list(changes)
    added = [
        (lot, change) for lot, change in changes if change >= 0
    ]  # a lot that was emptied at once stands there, too
    burnt = [(lot, change) for lot, change in changes if change < 0]
    planned: list[Statement] = []
    if added:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_lot AS l (id, account_id, expires_at, earned_month, remaining)'
                " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::date[], $5::bigint[])"
                " ON CONFLICT (id) DO UPDATE SET remaining = l.remaining + excluded.remaining",
                (
                    uuid_array([lot.id for lot, _ in added]),
                    uuid_array([lot.account for lot, _ in added]),
                    text_array([lot.expires_at.isoformat() for lot, _ in added]),
                    array([lot.earned_month for lot, _ in added]),
                    array([change for _, change in added]),
                ),
            )
        )
    if burnt:
        planned.append(
            (
                f'UPDATE "{schema}".ledger_lot l SET remaining = l.remaining + d.change'
                " FROM unnest($1::uuid[], $2::bigint[]) d(id, change) WHERE l.id = d.id",
                (uuid_array([lot.id for lot, _ in burnt]), array([change for _, change in burnt])),
            )
        )
    return planned


def holds(schema: str, placed: Sequence[Hold], ended: Sequence[End], told: Mapping[UUID, str]) -> list[Statement]:
    """New holds, how holds ended (twice breaks their key), and the sales that used them."""
    planned: list[Statement] = []
    if placed:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_hold (id, member_id, asset, amount, order_id, store, held_at, until, open,'
                " event_id) SELECT t.*, true, '' FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[],"
                " $6::text[], $7::timestamptz[], $8::timestamptz[]) t",
                (
                    uuid_array([h.id for h in placed]),
                    uuid_array([h.member for h in placed]),
                    texts([h.asset for h in placed]),
                    array([h.amount for h in placed]),
                    texts([h.order_id for h in placed]),
                    texts([h.store for h in placed]),
                    text_array([h.held_at.isoformat() for h in placed]),
                    text_array([h.until.isoformat() for h in placed]),
                ),
            )
        )
    if ended:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_hold_end (hold_id, outcome, captured, cause, at)'
                " SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[])",
                (
                    uuid_array([e.hold.id for e in ended]),
                    texts([e.outcome for e in ended]),
                    array([e.captured for e in ended]),
                    texts([e.cause for e in ended]),
                    text_array([e.at.isoformat() for e in ended]),
                ),
            )
        )
    if ended or told:
        sales = {e.hold.id: "" for e in ended} | dict(told)
        planned.append(
            (
                f'UPDATE "{schema}".ledger_hold h SET open = false, event_id = d.event'
                " FROM unnest($1::uuid[], $2::text[]) d(id, event) WHERE h.id = d.id",
                (uuid_array(sales), texts(sales.values())),
            )
        )
    return planned
