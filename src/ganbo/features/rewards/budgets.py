"""Lines of the budget with a hard stop, locked last, once a batch; and vouchers whose commitment the books have otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from ganbo.books.ledger.budgets import PLANNED, asset_of
from ganbo.books.ledger.posting import account_id
from ganbo.features.rewards import models
from ganbo.foundation.pipelines import Pipeline, Row, Statement, array, text_array, uuid_array
from ganbo.foundation.transactions import needs_transaction

COMMITTED, SPENT, VOID, ENDED = "committed", "spent", "void", "ended"
_IS = """CASE WHEN v.state = 'void' THEN 'void'
 WHEN v.state = 'used' OR v.used > 0 OR v.remaining < v.amount OR v.handed OR v.pool = 'given' THEN 'spent'
 ELSE 'committed' END"""


@lru_cache(maxsize=4096)
def _texts(schema: str) -> dict[str, str]:
    s = f'"{schema}"'
    return {
        # a line that turns hard begins with what the books say was taken of it
        "reserve": f"INSERT INTO {s}.rewards_budget (key, taken) SELECT k, COALESCE((SELECT sum(CASE WHEN"
        f" t.debit_id = p THEN t.amount ELSE -t.amount END) FROM {s}.ledger_transfer t"
        " WHERE t.kind <> 'earn' AND (t.debit_id = p OR t.credit_id = p)), 0)"
        " FROM unnest($1::text[], $2::uuid[]) AS w(k, p)"
        f" WHERE NOT EXISTS (SELECT 1 FROM {s}.rewards_budget b WHERE b.key = k) ORDER BY k ON CONFLICT DO NOTHING",
        "look": f"SELECT key, taken FROM {s}.rewards_budget WHERE key = ANY($1::text[]) ORDER BY key",
        "take": f"UPDATE {s}.rewards_budget b SET taken = b.taken + d.n"
        " FROM (SELECT * FROM unnest($1::text[], $2::bigint[]) AS u(k, n) ORDER BY k) d WHERE b.key = d.k",
        "due": f"SELECT v.id, v.budget, v.cost, v.booked, {_IS}, v.expires_at <= $1::timestamptz"
        f" FROM {s}.rewards_voucher v WHERE v.id IN ("
        f"(SELECT c.id FROM {s}.rewards_voucher c WHERE c.budget <> '' AND CASE WHEN c.state = 'void' THEN c.booked <> 'void'"
        " WHEN c.state = 'used' OR c.used > 0 OR c.remaining < c.amount OR c.handed OR c.pool = 'given'"
        " THEN c.booked <> 'spent' ELSE c.booked NOT IN ('committed', 'ended') END LIMIT $2::int)"
        f" UNION ALL (SELECT c.id FROM {s}.rewards_voucher c WHERE c.booked = 'committed'"
        " AND c.expires_at <= $1::timestamptz LIMIT $2::int)) ORDER BY v.id FOR UPDATE OF v SKIP LOCKED",
        "note": f"UPDATE {s}.rewards_voucher v SET booked = d.booked FROM unnest($1::uuid[], $2::text[])"
        " AS d(id, booked) WHERE v.id = d.id",
    }


def lock(pipe: Pipeline, schema: str, planned: Mapping[str, int], *, wait: bool = True) -> dict[str, int]:
    """What these lines with a hard stop have left, locked; {} without a trip when there are none.

    `planned`: by key in the books. With `wait=False` (a quote) nothing is locked and nobody waits.
    """
    if not planned:
        return {}
    keys = sorted(planned)
    if not wait:
        rows = pipe.query(_texts(schema)["look"], text_array(keys))
    else:
        accounts = uuid_array([account_id(PLANNED, asset_of(key)) for key in keys])
        rows = pipe.run(
            [
                (_texts(schema)["reserve"], (text_array(keys), accounts)),
                (_texts(schema)["look"] + " FOR UPDATE", (text_array(keys),)),
            ]
        )[1]
    taken = {str(key): int(n or 0) for key, n in rows}
    return {key: planned[key] - taken.get(key, 0) for key in keys}


def take(schema: str, taken: Mapping[str, int]) -> Statement:
    """Add to what lines have taken, as far as they have a row: those that never had a hard stop have none."""
    keys = sorted(taken)
    return _texts(schema)["take"], (text_array(keys), array([taken[key] for key in keys]))


@dataclass(frozen=True, slots=True)
class Due:
    """A voucher whose commitment the books have otherwise: `was` and `now` are committed, spent, void or ended."""

    voucher: UUID
    key: str
    cost: int
    was: str
    now: str


def due(schema: str, *, at: datetime, most: int) -> Statement:
    """Up to twice `most` vouchers under lock whose commitment is to be booked anew; those that others hold wait."""
    return _texts(schema)["due"], (at.isoformat(), str(most))


def found(rows: Iterable[Row]) -> list[Due]:
    """The rows of `due`."""
    return [
        Due(UUID(r[0]), str(r[1]), int(r[2] or 0), str(r[3]), ENDED if r[4] == COMMITTED and r[5] == "t" else str(r[4]))
        for r in rows
    ]


def note(schema: str, changed: Iterable[Due]) -> Statement:
    """These are booked now."""
    rows = list(changed)
    return _texts(schema)["note"], (uuid_array([d.voucher for d in rows]), text_array([d.now for d in rows]))


@needs_transaction
def first_told(key: str, share: int, *, at: datetime) -> bool:
    """Note that it was told that so many per cent of a line are taken; False when it was told before."""
    _, new = models.BudgetNotice.objects.get_or_create(key=key, share=share, defaults={"at": at})
    return new
