"""Recompute the books from transfers and name every difference. Reads only; one consistent snapshot."""

from dataclasses import dataclass

from django.db import connection

MOST_NAMED = 100

_CHECKS = {
    "account": """
        SELECT a.id::text, a.balance, COALESCE(t.sum, 0)
        FROM ledger_account a LEFT JOIN (
            SELECT account, sum(amount) AS sum FROM (
                SELECT credit_id AS account, amount FROM ledger_transfer
                UNION ALL SELECT debit_id, -amount FROM ledger_transfer) x GROUP BY account) t ON t.account = a.id
        WHERE a.holder_id IS NOT NULL
          AND a.balance <> CASE a.role WHEN 'owed' THEN -COALESCE(t.sum, 0) ELSE COALESCE(t.sum, 0) END""",
    "lot": """
        SELECT l.id::text, l.remaining, COALESCE(t.sum, 0)
        FROM ledger_lot l LEFT JOIN (
            SELECT x.lot_id, sum(CASE WHEN x.credit_id = l2.account_id THEN x.amount ELSE -x.amount END) AS sum
            FROM ledger_transfer x JOIN ledger_lot l2 ON l2.id = x.lot_id GROUP BY x.lot_id) t ON t.lot_id = l.id
        WHERE l.remaining <> COALESCE(t.sum, 0)""",
    "lots of an account": """
        SELECT a.id::text, a.balance, COALESCE(l.sum, 0)
        FROM ledger_account a LEFT JOIN (
            SELECT account_id, sum(remaining) AS sum FROM ledger_lot GROUP BY account_id) l ON l.account_id = a.id
        WHERE a.role = 'member' AND a.balance <> COALESCE(l.sum, 0)""",
    "pending points of an account": """
        SELECT a.id::text, a.balance, COALESCE(p.sum, 0)
        FROM ledger_account a LEFT JOIN (
            SELECT member_id, asset, sum(remaining) AS sum FROM ledger_pending GROUP BY member_id, asset) p
            ON p.member_id = a.holder_id AND p.asset = a.asset
        WHERE a.role = 'pending' AND a.balance <> COALESCE(p.sum, 0)""",
    "pending points without account": """
        SELECT p.id::text, p.remaining, 0 FROM ledger_pending p
        WHERE p.remaining > 0 AND NOT EXISTS (SELECT 1 FROM ledger_account a
            WHERE a.holder_id = p.member_id AND a.asset = p.asset AND a.role = 'pending')""",
    "held points of an account": """
        SELECT a.id::text, a.balance, COALESCE(h.sum, 0)
        FROM ledger_account a LEFT JOIN (
            SELECT member_id, asset, sum(amount) AS sum FROM ledger_hold WHERE open GROUP BY member_id, asset) h
            ON h.member_id = a.holder_id AND h.asset = a.asset
        WHERE a.role = 'held' AND a.balance <> COALESCE(h.sum, 0)""",
    "held points without account": """
        SELECT h.id::text, h.amount, 0 FROM ledger_hold h
        WHERE h.open AND NOT EXISTS (SELECT 1 FROM ledger_account a
            WHERE a.holder_id = h.member_id AND a.asset = h.asset AND a.role = 'held')""",
    "hold": """
        SELECT h.id::text, CASE WHEN h.open THEN h.amount ELSE 0 END, COALESCE(t.sum, 0)
        FROM ledger_hold h LEFT JOIN (
            SELECT cause, sum(CASE kind WHEN 'hold' THEN amount ELSE -amount END) AS sum FROM ledger_transfer
            WHERE kind IN ('hold', 'unhold') GROUP BY cause) t ON t.cause = 'hold:' || h.id
        WHERE COALESCE(t.sum, 0) <> CASE WHEN h.open THEN h.amount ELSE 0 END""",
    "set aside by a hold": """
        SELECT h.id::text, h.amount, COALESCE(t.sum, 0)
        FROM ledger_hold h LEFT JOIN (
            SELECT cause, sum(amount) AS sum FROM ledger_transfer WHERE kind = 'hold' GROUP BY cause) t
            ON t.cause = 'hold:' || h.id
        WHERE COALESCE(t.sum, 0) <> h.amount""",
    "captured of a hold": """
        SELECT e.hold_id::text, e.captured, COALESCE(t.sum, 0)
        FROM ledger_hold_end e LEFT JOIN (
            SELECT cause, sum(amount) AS sum FROM ledger_transfer WHERE kind = 'spend' AND starts_with(cause, 'hold:')
            GROUP BY cause) t ON t.cause = 'hold:' || e.hold_id
        WHERE COALESCE(t.sum, 0) <> CASE WHEN starts_with(e.cause, 'hold:') THEN e.captured ELSE 0 END""",
    "hold neither open nor resolved, or both": """
        SELECT COALESCE(h.id, e.hold_id)::text, CASE WHEN h.open THEN 0 ELSE 1 END, count(e.hold_id)
        FROM ledger_hold h FULL JOIN ledger_hold_end e ON e.hold_id = h.id
        GROUP BY 1, 2, h.amount, e.captured, h.id
        HAVING h.id IS NULL OR count(e.hold_id) <> CASE WHEN h.open THEN 0 ELSE 1 END OR e.captured > h.amount""",
    "transfer without account": """
        SELECT t.id::text, 1, 0 FROM ledger_transfer t
        WHERE NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = t.debit_id)
           OR NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = t.credit_id)""",
    "transfer without lot": """
        SELECT t.id::text, 1, 0 FROM ledger_transfer t
        WHERE t.lot_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_lot l WHERE l.id = t.lot_id)""",
    "negative": """
        SELECT id::text, balance, 0 FROM ledger_account WHERE balance < 0
        UNION ALL SELECT id::text, remaining, 0 FROM ledger_lot WHERE remaining < 0""",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in the cache that the transfers do not bear out."""

    what: str
    id: str
    stored: int
    recomputed: int


@dataclass(frozen=True, slots=True)
class Report:
    """How much was recomputed, and every difference (the first hundred of a kind)."""

    accounts: int
    lots: int
    transfers: int
    differences: tuple[Difference, ...]


def verify() -> Report:
    """Recompute every account and lot of the current business. Call it inside a repeatable-read transaction."""
    found: list[Difference] = []
    with connection.cursor() as cursor:
        for what, sql in _CHECKS.items():
            cursor.execute(f"{sql} LIMIT {MOST_NAMED}")
            found += [Difference(what, str(i), int(stored), int(again)) for i, stored, again in cursor.fetchall()]
        cursor.execute(
            "SELECT (SELECT count(*) FROM ledger_account), (SELECT count(*) FROM ledger_lot),"
            " (SELECT count(*) FROM ledger_transfer)"
        )
        accounts, lots, transfers = cursor.fetchone()
    return Report(accounts, lots, transfers, tuple(found))
