"""Lines of the budget in the books: what is planned is committed when a reward is issued, spent when it is used, or free again.

Three accounts a line, of the asset `budget:<key>`: `planned` gives, `committed` and `spent` hold. Their balances are
derived, so that no row is touched by every event.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ganbo.books.ledger.posting import Cause, Posting, account_id

PLANNED, COMMITTED, SPENT = "planned", "committed", "spent"
ROLES = (PLANNED, COMMITTED, SPENT)


def asset_of(key: str) -> str:
    """The asset of a line: its key is `rewards`, or `rewards@2026-12` when the plan starts anew each month."""
    return f"budget:{key}"


def move(posting: Posting, key: str, amount: int, why: Cause, *, was: str, now: str) -> None:
    """Plan the transfer of a commitment that `was` in one account and is `now` in another."""
    kind = "commit" if was == PLANNED else "release" if now == PLANNED else "use" if now == SPENT else "unuse"
    if was != now and amount:
        posting.between(was, now, asset_of(key), amount, kind=kind, why=why)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line stands, minor units: committed and spent; taken since an instant; when it was first taken."""

    committed: int = 0
    spent: int = 0
    lately: int = 0
    first_at: datetime | None = None


_SUMS = """SELECT d.asset, d.role, sum(d.amount), sum(d.amount) FILTER (WHERE d.at > %s), min(d.at) FROM (
 SELECT asset, k.role, amount, at FROM unnest(%s::uuid[], %s::text[]) k(id, role)
 JOIN ledger_transfer t ON t.credit_id = k.id
 UNION ALL SELECT asset, k.role, -amount, at FROM unnest(%s::uuid[], %s::text[]) k(id, role)
 JOIN ledger_transfer t ON t.debit_id = k.id AND t.kind <> 'earn') d GROUP BY d.asset, d.role"""


def standings(keys: Iterable[str], *, since: datetime) -> dict[str, Standing]:
    """How these lines stand; `lately` counts from `since`. Lines that nothing was ever taken of are not there."""
    wanted = sorted(set(keys))
    pairs = [(account_id(role, asset_of(key)), role) for key in wanted for role in ROLES]
    columns = ([id_ for id_, _ in pairs], [role for _, role in pairs])
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [since, *columns, *columns])
        rows = cursor.fetchall()
    found: dict[str, dict[str, tuple[int, int, datetime]]] = {}
    for asset, role, total, lately, first in rows:
        found.setdefault(asset.removeprefix("budget:"), {})[role] = (int(total), int(lately or 0), first)
    nothing = (0, 0, None)
    return {
        key: Standing(
            committed=by.get(COMMITTED, nothing)[0],
            spent=by.get(SPENT, nothing)[0],
            lately=-by.get(PLANNED, nothing)[1],
            first_at=by.get(PLANNED, nothing)[2],
        )
        for key, by in found.items()
    }
