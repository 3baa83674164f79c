"""Recompute partners' debts: statements against the ledger and against bills, ours against the partner's. Reads only."""

from collections.abc import Mapping

from django.db import connection

from ganbo.books.ledger.partner_debts import OWED_BY, OWED_TO, asset_of
from ganbo.books.ledger.posting import account_id

MOST_NAMED = 100
_DEBTS = """
    SELECT COALESCE(sum(amount) FILTER (WHERE debit_id = ANY(%s)), 0)
         - COALESCE(sum(amount) FILTER (WHERE credit_id = ANY(%s)), 0)
    FROM ledger_transfer WHERE asset = %s"""
_CHECKS = {
    "points used at a partner's": """
        SELECT d.id::text, d.used, COALESCE(sum(t.amount), 0) FROM partners_deal d
        LEFT JOIN ledger_transfer t ON t.cause = d.id::text AND t.asset = d.wallet
            AND t.kind = CASE WHEN d.sale_id IS NULL THEN 'spend' ELSE 'return' END
        WHERE d.member_id IS NOT NULL AND d.used > 0
        GROUP BY d.id, d.used HAVING d.used <> COALESCE(sum(t.amount), 0)""",
    "points earned at a partner's": """
        SELECT d.id::text, d.earned, COALESCE(sum(t.amount), 0) FROM partners_deal d
        LEFT JOIN ledger_transfer t ON t.cause = d.id::text AND t.asset = d.wallet AND t.kind IN ('earn', 'owed')
        WHERE d.sale_id IS NULL AND d.earned > 0
          AND NOT EXISTS (SELECT 1 FROM ledger_pending p WHERE p.cause = d.id::text)
        GROUP BY d.id, d.earned HAVING d.earned <> COALESCE(sum(t.amount), 0)""",
    "bill at a partner's returned too far": """
        SELECT s.id::text, s.bill, sum(r.bill) FROM partners_deal s JOIN partners_deal r ON r.sale_id = s.id
        GROUP BY s.id, s.bill, s.earned, s.used, s.by_card
        HAVING sum(r.bill) > s.bill OR sum(r.earned) > s.earned OR sum(r.used) > s.used OR sum(r.by_card) > s.by_card""",
}
_MIRROR = """
    SELECT COALESCE(m.id, t.id)::text, COALESCE(m.amount, 0), COALESCE(-t.amount, 0)
    FROM (SELECT id, amount, period FROM partners_line WHERE partner = %s) m
    FULL JOIN (SELECT id, amount, period FROM "{schema}".partners_line WHERE partner = %s) t ON t.id = m.id
    WHERE m.id IS NULL OR t.id IS NULL OR m.amount <> -t.amount OR m.period <> t.period"""


def differences(partners: Mapping[str, tuple[str, str] | None]) -> list[tuple[str, str, int, int]]:
    """(what, id, stored, recomputed) of everything that does not agree; the first hundred of a kind.

    `partners`: every partner → (its schema, what we are called there) when it is a business here.
    """
    found: list[tuple[str, str, int, int]] = []
    with connection.cursor() as cursor:
        for what, sql in _CHECKS.items():
            cursor.execute(f"{sql} LIMIT {MOST_NAMED}")
            found += [(what, str(i), int(stored), int(again)) for i, stored, again in cursor.fetchall()]
        cursor.execute("SELECT partner, currency, sum(amount) FROM partners_line GROUP BY partner, currency")
        for partner, currency, owed in cursor.fetchall():
            asset = asset_of(partner, currency)
            sides = [account_id(role, asset) for role in (OWED_BY, OWED_TO)]
            cursor.execute(_DEBTS, [sides, sides, asset])
            booked = int(cursor.fetchone()[0])
            if booked != int(owed):
                found.append(("partner's statement", f"{partner} {currency}", int(owed), booked))
        for partner, other in partners.items():
            if other is None:
                continue
            cursor.execute(_MIRROR.format(schema=other[0]) + f" LIMIT {MOST_NAMED}", [partner, other[1]])
            found += [("partner's mirror", str(i), int(a), int(b)) for i, a, b in cursor.fetchall()]
    return found
