"""Holds as people see them: one, or a member's; those whose time is over count as ended also before that is booked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from ganbo.books.ledger import holds as holds_
from ganbo.books.ledger.holds import Hold
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context

MOST_OF_MEMBER = 50


def open_holds(members: Iterable[UUID]) -> list[Hold]:
    """What is set aside of these members' points, the oldest first; `due`: its time is over."""
    return holds_.of_rows(Pipeline.inside_django().run([holds_.read(context.current().schema, members, [])])[0])


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold as it stands now: `state` is held, captured, voided or expired, the last also before that is booked."""

    id: UUID
    member_id: UUID
    wallet: str
    amount: int
    captured: int
    state: str
    order_id: str
    store: str
    held_at: datetime
    until: datetime
    ended_at: datetime | None
    event_id: str


def rows(
    *, id: UUID | None = None, member: UUID | None = None, only_open: bool = False, most: int = MOST_OF_MEMBER
) -> list[HoldRow]:
    """One hold, or a member's, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.id, h.member_id, h.asset, h.amount, COALESCE(e.captured, 0),"
            " COALESCE(e.outcome, CASE WHEN h.until <= clock_timestamp() THEN 'expired' ELSE 'held' END) AS state,"
            " h.order_id, h.store, h.held_at, h.until, COALESCE(e.at, CASE WHEN h.until <= clock_timestamp() THEN h.until END),"
            " h.event_id FROM ledger_hold h LEFT JOIN ledger_hold_end e ON e.hold_id = h.id"
            " WHERE (%(id)s::uuid IS NULL OR h.id = %(id)s) AND (%(member)s::uuid IS NULL OR h.member_id = %(member)s)"
            " AND (NOT %(only_open)s OR (h.open AND h.until > clock_timestamp()))"
            " ORDER BY h.held_at DESC, h.id DESC LIMIT %(most)s",
            {"id": id, "member": member, "only_open": only_open, "most": most},
        )
        return [HoldRow(*row) for row in cursor.fetchall()]


def members_with_holds_due(*, most: int) -> list[UUID]:
    """Members who have holds whose time is over by the database's clock, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT member_id FROM (SELECT member_id FROM ledger_hold WHERE open AND until <= clock_timestamp()"
            " ORDER BY until LIMIT %s) due ORDER BY 1",
            [most],
        )
        return [member for (member,) in cursor.fetchall()]
