"""Holds: units set aside on the member's `held` account until they are captured, let go, or their time is over; once.

Their time is an interval, measured by the database's clock alone: a clock that jumps on one of the web servers neither ends
a hold nor keeps it. A hold whose time is over counts as ended at once; whoever touches the member first books it. What was
set aside keeps its lots, also past their end; what comes back to a lot that has ended ends with it.

Pure but for the SQL that reads them: posting.py plans and writes, journeys decide when.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from ganbo.books.ledger.lots import Lot
from ganbo.foundation.pipelines import Row, Statement, text_array, uuid_array

HELD, CAPTURED, VOIDED, EXPIRED = "held", "captured", "voided", "expired"
RULE = "hold:"  # of the transfers that set aside and bring back; no id of the document looks so


@dataclass(frozen=True, slots=True)
class Hold:
    """`amount` of an asset set aside for a member, and for one order when it names one; `parts` are the lots it came from.

    `open`: not resolved yet; `due`: its time was over when it was read. `captured`: of one that was captured by hand before
    the sale of its order came, how much; `parts` then are the lots that paid.
    """

    id: UUID
    member: UUID
    asset: str
    amount: int
    order_id: str
    store: str
    held_at: datetime
    until: datetime
    open: bool = True
    due: bool = False
    captured: int = 0
    parts: tuple[tuple[Lot, int], ...] = ()

    def of_order(self, order_id: str, store: str) -> bool:
        """Whether it was placed for this order; one that names no store is for the order wherever it is sold."""
        return bool(self.order_id) and self.order_id == order_id and self.store in ("", store)


@dataclass(frozen=True, slots=True)
class End:
    """How a hold ended: `captured` of it was spent, for `cause`; the rest came back."""

    hold: Hold
    outcome: str
    captured: int
    cause: str
    at: datetime


def cause_of(hold_id: UUID) -> str:
    """What stands as the cause of its transfers."""
    return f"hold:{hold_id}"


_READ = """SELECT h.id, h.member_id, h.asset, h.amount, h.order_id, h.store, h.held_at, h.until, h.open,
 h.until <= clock_timestamp(), e.captured, l.id, l.account_id, l.expires_at, l.earned_month, l.remaining, t.amount
 FROM "{s}".ledger_hold h LEFT JOIN "{s}".ledger_hold_end e ON e.hold_id = h.id
 LEFT JOIN LATERAL (SELECT x.lot_id, sum(x.amount) AS amount FROM "{s}".ledger_transfer x
  WHERE x.cause = 'hold:' || h.id AND x.kind = CASE WHEN h.open THEN 'hold' ELSE 'spend' END
  GROUP BY x.lot_id) t ON true
 LEFT JOIN "{s}".ledger_lot l ON l.id = t.lot_id
 WHERE h.member_id = ANY($1::uuid[])
 AND (h.open OR (h.order_id = ANY($2::text[]) AND h.event_id = '' AND e.outcome = 'captured'))
 ORDER BY h.held_at, h.id, l.expires_at, l.earned_month"""


def read(schema: str, members: Iterable[UUID], orders: Iterable[str]) -> Statement:
    """SQL for of_rows: the open holds of these members, and those captured ahead of their orders' sales."""
    return _READ.format(s=schema), (uuid_array(sorted(set(members))), text_array(sorted({o for o in orders if o})))


def of_rows(rows: list[Row]) -> list[Hold]:
    """The holds, the oldest first."""
    found: dict[UUID, Hold] = {}
    for r in rows:
        id = UUID(r[0])
        hold = found.get(id) or Hold(
            id=id,
            member=UUID(r[1]),
            asset=str(r[2]),
            amount=int(r[3] or 0),
            order_id=str(r[4]),
            store=str(r[5]),
            held_at=datetime.fromisoformat(str(r[6])),
            until=datetime.fromisoformat(str(r[7])),
            open=r[8] == "t",
            due=r[8] == "t" and r[9] == "t",
            captured=int(r[10] or 0),
        )
        if r[11]:
            end, month = datetime.fromisoformat(str(r[13])), date.fromisoformat(str(r[14]))
            lot = Lot(UUID(r[11]), UUID(r[12]), end, month, int(r[15] or 0))
            hold = replace(hold, parts=(*hold.parts, (lot, int(r[16] or 0))))
        found[id] = hold
    return list(found.values())
