"""Recompute what vouchers, gift cards and stock say from their uses and issues. Reads only."""

from django.db import connection

MOST_NAMED = 100

_CHECKS = {
    "voucher's uses": """
        SELECT v.id::text, v.used, COALESCE(u.times, 0) FROM rewards_voucher v LEFT JOIN (
            SELECT voucher_id, sum(times) AS times FROM rewards_use
            WHERE state <> 'released' AND amount = 0 GROUP BY voucher_id) u ON u.voucher_id = v.id
        WHERE v.used <> COALESCE(u.times, 0)""",
    "voucher used too often": "SELECT id::text, used, uses FROM rewards_voucher WHERE used > uses",
    "gift card": """
        SELECT v.id::text, v.remaining, v.amount - COALESCE(u.taken, 0) FROM rewards_voucher v LEFT JOIN (
            SELECT voucher_id, sum(amount) AS taken FROM rewards_use
            WHERE state <> 'released' GROUP BY voucher_id) u ON u.voucher_id = v.id
        WHERE v.amount IS NOT NULL AND v.remaining <> v.amount - COALESCE(u.taken, 0)""",
    "use without voucher": """
        SELECT u.id::text, 1, 0 FROM rewards_use u
        WHERE NOT EXISTS (SELECT 1 FROM rewards_voucher v WHERE v.id = u.voucher_id)""",
}


def differences() -> list[tuple[str, str, int, int]]:
    """(what, id, stored, recomputed) of everything that does not agree; the first hundred of a kind."""
    found = []
    with connection.cursor() as cursor:
        for what, sql in _CHECKS.items():
            cursor.execute(f"{sql} LIMIT {MOST_NAMED}")
            found += [(what, str(i), int(stored), int(again)) for i, stored, again in cursor.fetchall()]
    return found
