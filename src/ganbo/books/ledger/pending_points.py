"""Points given but not yet usable: one row per effect, held on the member's `pending` account until they are released.

Pure: posting.py plans and writes them, journeys decide when.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from ganbo.foundation.pipelines import Row


@dataclass(frozen=True, slots=True)
class PendingPoints:
    """`amount` of one effect: `remaining` still waits, `cancelled` was let go because what it awaited never came.

    Usable from `usable_at`; with `awaits`, when such an event of the member happens before then, else cancelled. `cause`
    and `rule` say where they come from, `earned_at` when that happened; `expires_at` is lots.NEVER when they never end.
    """

    id: UUID
    member: UUID
    asset: str
    amount: int
    remaining: int
    cancelled: int
    usable_at: datetime
    awaits: str
    order_id: str
    cause: str
    rule: str
    expires_at: datetime
    earned_month: date
    earned_at: datetime

    def awaited(self, type: str, at: datetime, order_id: str) -> bool:
        """Whether an event is the one these points wait for: in time, and of the same order when both name one."""
        if self.awaits != type or not self.earned_at <= at < self.usable_at:
            return False
        return not self.order_id or not order_id or self.order_id == order_id


COLUMNS = (
    "id, member_id, asset, amount, remaining, cancelled, usable_at, awaits, order_id, cause, rule, expires_at,"
    " earned_month, earned_at"
)


def of_rows(rows: list[Row]) -> dict[UUID, PendingPoints]:
    """id → points, from rows of COLUMNS as text."""
    parts = [
        PendingPoints(
            id=UUID(r[0]),
            member=UUID(r[1]),
            asset=str(r[2]),
            amount=int(r[3] or 0),
            remaining=int(r[4] or 0),
            cancelled=int(r[5] or 0),
            usable_at=datetime.fromisoformat(str(r[6])),
            awaits=str(r[7]),
            order_id=str(r[8]),
            cause=str(r[9]),
            rule=str(r[10]),
            expires_at=datetime.fromisoformat(str(r[11])),
            earned_month=date.fromisoformat(str(r[12])),
            earned_at=datetime.fromisoformat(str(r[13])),
        )
        for r in rows
    ]
    return {part.id: part for part in parts}
