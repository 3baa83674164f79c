"""What settling a return reads: the sale with its decision and its other returns, then its member's books and vouchers.

A refund that comes before its sale parks: a key `?<order key>` stands for the sale that is awaited. The sale meets it
in trip one, without a statement of its own, and the key's uniqueness keeps the two from passing each other unseen.
Locks: the awaited key or the sale's event, then the member.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from ganbo.books.ledger import pending_points
from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.engine import refunds
from ganbo.engine.programme import Programme
from ganbo.features.programmes.in_force import Timeline
from ganbo.features.rewards import pools
from ganbo.foundation.pipelines import Pipeline, Row, text_array, uuid_array
from ganbo.journeys import gathering
from ganbo.journeys.gathering import Standing, instant
from ganbo.journeys.settling import Held, Returns, Sale, State, sale_of

AWAITED = "?"  # no event id begins with it


def awaited(order_key: str) -> str:
    """The key that stands for a sale that has not come yet."""
    return AWAITED + order_key


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A recorded refund; `counts` until it is undone, `settled` when it was answered again after waiting."""

    event_id: str
    order_key: str
    occurred_at: datetime
    data: Mapping[str, Any]
    counts: bool


@dataclass(slots=True)
class SaleRow:
    """A recorded event under lock, its deciding answer, what was taken of it, and its refunds in order of arrival."""

    event_id: str
    type: str
    occurred_at: datetime
    member_id: UUID | None
    body: Mapping[str, Any]
    undone: bool
    version: int | None
    answer: str
    trace: str
    store: str | None = None
    state: State = field(default_factory=dict)
    refunds: list[RefundRow] = field(default_factory=list)

    def sale(self, timeline: Timeline) -> Sale:
        return sale_of(
            self.event_id,
            self.type,
            occurred_at=self.occurred_at,
            body=self.body,
            answer=self.answer,
            trace=self.trace,
            programme=judged_by(timeline, self.version, self.occurred_at),
            store=self.store,
        )

    def returns(self, *, but: str | None = None) -> Returns:
        """The returns that count, without one of them."""
        each = tuple(refunds.read(row.data) for row in self.refunds if row.counts and row.event_id != but)
        return Returns(each, self.undone)


def judged_by(timeline: Timeline, version: int | None, at: datetime) -> Programme:
    """The programme of the version that judged an event."""
    return next((p.programme for p in timeline.versions if p.version == version), timeline.at(at).programme)


@dataclass(frozen=True, slots=True)
class Texts:
    """The statements of one business, formatted once."""

    order: str
    order_of_refund: str
    sale: str
    look: str
    decisions: str
    state: str
    refunds: str
    lots: str
    ended: str
    pending: str
    vouchers: str


_REFUNDS = """SELECT r.event_id, r.order_key, e.occurred_at, e.body, e.reversed_at IS NULL FROM "{s}".events_refund r
 JOIN "{s}".events_event e ON e.event_id = r.event_id WHERE r.order_key = ANY($1::text[])
 ORDER BY e.recorded_at, r.event_id"""
_SALE = """SELECT e.event_id, e.type, e.occurred_at, e.member_id, e.body, e.reversed_at IS NOT NULL, k.order_key, e.store
 FROM "{s}".events_event e LEFT JOIN "{s}".events_key k ON k.event_id = e.event_id WHERE e.event_id = $1"""
_LOTS = """SELECT l.id, l.account_id, l.expires_at, l.earned_month, l.remaining FROM "{s}".ledger_account a
 JOIN "{s}".ledger_lot l ON l.account_id = a.id
 WHERE a.holder_id = ANY($1::uuid[]) AND a.role = 'member' AND l.remaining > 0"""
_ENDED = """SELECT x.lot_id, sum(x.amount) FROM "{s}".ledger_account a CROSS JOIN LATERAL (
 SELECT t.lot_id, t.amount FROM "{s}".ledger_transfer t WHERE t.debit_id = a.id AND t.kind IN ('expire', 'reexpire')
 UNION ALL SELECT t.lot_id, -t.amount FROM "{s}".ledger_transfer t WHERE t.credit_id = a.id AND t.kind = 'unexpire') x
 WHERE a.holder_id = ANY($1::uuid[]) AND a.role = 'member' GROUP BY x.lot_id HAVING sum(x.amount) > 0"""
_VOUCHERS = """SELECT id, member_id, reward, source, rule, cause, state, used, expires_at, pool
 FROM "{s}".rewards_voucher
 WHERE member_id = ANY($1::uuid[]) AND state IN ('issued', 'void')
 AND (source IN ('card', 'milestone', 'challenge') OR cause = ANY($2::text[]))
 ORDER BY id"""


@lru_cache(maxsize=4096)
def texts(schema: str) -> Texts:
    """All SQL of this module for a schema."""
    sale = _SALE.format(s=schema)
    return Texts(
        order=f'SELECT order_key, event_id FROM "{schema}".events_key WHERE order_key = ANY($1::text[]) FOR UPDATE',
        order_of_refund=f'SELECT order_key FROM "{schema}".events_refund WHERE event_id = $1',
        sale=sale + " FOR UPDATE OF e",
        look=sale,
        decisions=f'SELECT subject, programme_version, answer, trace FROM "{schema}".events_decision'
        " WHERE subject = ANY($1::text[]) ORDER BY subject DESC",
        state=f'SELECT state FROM "{schema}".events_settlement WHERE event_id = $1',
        refunds=_REFUNDS.format(s=schema),
        lots=_LOTS.format(s=schema),
        ended=_ENDED.format(s=schema),
        pending=f'SELECT {pending_points.COLUMNS} FROM "{schema}".ledger_pending'
        " WHERE member_id = $1 AND cause = $2 ORDER BY usable_at, id",
        vouchers=_VOUCHERS.format(s=schema) + " FOR UPDATE",
    )


def sale_row(pipe: Pipeline, schema: str, event_id: str, *, lock: bool = True) -> SaleRow | None:
    """The event and all that was returned of it; locked, so that its returns come one after the other."""
    sql = texts(schema)
    subjects = text_array([event_id, f"{event_id}/claim"])
    rows = pipe.run(
        [(sql.sale if lock else sql.look, (event_id,)), (sql.decisions, (subjects,)), (sql.state, (event_id,))]
    )
    if not rows[0] or not rows[1]:
        return None
    found, decided = rows[0][0], rows[1][0]  # a claim stands before the first decision
    row = SaleRow(
        event_id=event_id,
        type=str(found[1]),
        occurred_at=instant(found[2]),
        member_id=UUID(found[3]) if found[3] else None,
        body=orjson.loads(found[4] or "{}"),
        undone=found[5] == "t",
        version=int(decided[1]) if decided[1] else None,
        answer=str(decided[2]),
        trace=str(decided[3]),
        store=found[7],
        state=orjson.loads(rows[2][0][0] or "{}") if rows[2] else {},
    )
    if found[6]:
        row.refunds = refunds_of(pipe, schema, [found[6]])
    return row


def refunds_of(pipe: Pipeline, schema: str, order_keys: Sequence[str]) -> list[RefundRow]:
    """The recorded refunds of these orders, in order of arrival."""
    rows = pipe.query(texts(schema).refunds, text_array(order_keys))
    return [RefundRow(str(r[0]), str(r[1]), instant(r[2]), orjson.loads(r[3] or "{}"), r[4] == "t") for r in rows]


def waiting(
    pipe: Pipeline, schema: str, order_keys: Sequence[str], members: Sequence[UUID], *, now: datetime
) -> tuple[dict[str, list[RefundRow]], dict[UUID, dict[UUID, Lot]], dict[UUID, list[Held]]]:
    """Refunds that wait for sales that came now, with lots and stamp-card vouchers of members under lock."""
    sql, wanted = texts(schema), uuid_array(members)
    rows = pipe.run(
        [(sql.order, (text_array(sorted(order_keys)),)), (sql.lots, (wanted,)), (sql.vouchers, (wanted, "{}"))]
    )
    found: dict[str, list[RefundRow]] = {key: [] for key in order_keys}
    for row in refunds_of(pipe, schema, order_keys):
        found[row.order_key].append(row)
    vouchers: dict[UUID, list[Held]] = {}
    for voucher in rows[2]:
        vouchers.setdefault(UUID(voucher[1]), []).append(held_voucher(voucher, now=now, sales=set()))
    return found, gathering.lots_of(rows[1]), vouchers


@dataclass(frozen=True, slots=True)
class MemberBooks:
    """A member's standing, balances, lots and the vouchers a return may touch."""

    standing: Standing
    balances: dict[tuple[UUID, str, str], int]
    lots: dict[UUID, dict[UUID, Lot]]
    pending: dict[UUID, PendingPoints]
    vouchers: list[Held]
    ended: dict[UUID, int]


def member_books(
    pipe: Pipeline,
    schema: str,
    member_id: UUID,
    *,
    sale: str,
    now: datetime,
    lock: bool = True,
    payers: Sequence[UUID] = (),
) -> MemberBooks:
    """All of it under the member's lock; with `lock=False` (a quote) nobody waits.

    `payers`: people of a household whose points paid the sale; their books are read and locked, too.
    """
    key, people = ("id", str(member_id)), sorted({member_id, *payers})
    sql, shared = texts(schema), gathering.texts(schema)
    members, wanted = gathering.member_arrays([("id", str(one)) for one in people]), uuid_array(people)
    vouchers = sql.vouchers if lock else sql.vouchers.removesuffix(" FOR UPDATE")
    rows = pipe.run(
        [
            (shared.lock if lock else shared.look, members),
            (shared.accounts, members),
            (sql.lots, (wanted,)),
            (vouchers, (uuid_array([member_id]), text_array([sale]))),
            (sql.pending, (str(member_id), sale)),
            (sql.ended, (wanted,)),
        ]
    )
    standing = gathering.standings(rows[0])[key]
    held = [held_voucher(row, now=now, sales={sale}) for row in rows[3]]
    pending = pending_points.of_rows(rows[4])
    ended = {UUID(row[0]): int(row[1] or 0) for row in rows[5] if row[0]}
    return MemberBooks(standing, gathering.balances(rows[1]), gathering.lots_of(rows[2]), pending, held, ended)


def held_voucher(row: Row, *, now: datetime, sales: set[str]) -> Held:
    """A voucher from a row of `vouchers`; one that shows a partner's code counts as used, for nobody here can tell."""
    expires = instant(row[8]) if row[8] else None
    return Held(
        id=UUID(row[0]),
        reward=str(row[2]),
        card=str(row[4]).removeprefix("card:") if row[3] == "card" else "",
        of_sale=row[5] in sales,
        state=str(row[6]),
        usable=row[7] == "0" and row[9] != pools.GIVEN and (expires is None or expires > now),
        expires_at=expires,
        aim=str(row[4]) if row[3] in ("milestone", "challenge") else "",
    )
