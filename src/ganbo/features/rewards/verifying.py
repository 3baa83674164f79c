"""Recompute what vouchers, gift cards, stock and pools of codes say from their uses and issues. Reads only."""

from collections.abc import Collection

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
    "gift card's payments": """
        SELECT v.id::text, v.amount, COALESCE(m.paid, 0) FROM rewards_voucher v LEFT JOIN (
            SELECT voucher_id, sum(amount) AS paid FROM rewards_card_move GROUP BY voucher_id) m ON m.voucher_id = v.id
        WHERE v.source = 'sale' AND v.amount <> COALESCE(m.paid, 0)""",
    "use without voucher": """
        SELECT u.id::text, 1, 0 FROM rewards_use u
        WHERE NOT EXISTS (SELECT 1 FROM rewards_voucher v WHERE v.id = u.voucher_id)""",
    "partner's code given without a voucher": """
        SELECT p.id::text, 1, 0 FROM rewards_pool p LEFT JOIN rewards_voucher v ON v.id = p.voucher_id
        WHERE p.voucher_id IS NOT NULL AND (v.id IS NULL OR v.pool <> 'given' OR v.reward <> p.reward)""",
    "voucher without its partner's code": """
        SELECT v.id::text, 1, 0 FROM rewards_voucher v LEFT JOIN rewards_pool p ON p.voucher_id = v.id
        WHERE v.pool = 'given' AND p.id IS NULL""",
}
# What the books have of each line against the vouchers that say so, redemptions without a voucher, and codes still to be made.
_BUDGETS = """
    WITH lines AS (
        SELECT a.id, substr(a.asset, 8) AS key, a.role FROM ledger_account a
        WHERE a.asset LIKE 'budget:%' AND a.role IN ('committed', 'spent')),
    moved AS (
        SELECT l.key, l.role, sum(x.amount) AS n FROM lines l JOIN (
            SELECT credit_id AS account, amount FROM ledger_transfer WHERE asset LIKE 'budget:%'
            UNION ALL SELECT debit_id, -amount FROM ledger_transfer WHERE asset LIKE 'budget:%') x ON x.account = l.id
        GROUP BY l.key, l.role),
    held AS (
        SELECT budget AS key, booked AS role, sum(cost) AS n FROM (
            SELECT budget, booked, cost FROM rewards_voucher WHERE booked IN ('committed', 'spent')
            UNION ALL SELECT budget, 'spent', cost FROM rewards_redemption WHERE budget <> '' AND state = 'issued'
            UNION ALL SELECT budget, 'committed', cost * (count - done) FROM rewards_batch WHERE budget <> '') y
        GROUP BY budget, booked)
    SELECT COALESCE(moved.key, held.key) || ' ' || COALESCE(moved.role, held.role), COALESCE(moved.n, 0), COALESCE(held.n, 0)
    FROM moved FULL JOIN held USING (key, role) WHERE COALESCE(moved.n, 0) <> COALESCE(held.n, 0)
    UNION ALL SELECT b.key || ' taken', b.taken, COALESCE(sum(m.n), 0) FROM rewards_budget b
    LEFT JOIN moved m ON m.key = b.key GROUP BY b.key, b.taken HAVING b.taken <> COALESCE(sum(m.n), 0)"""
# What was issued of rewards while their version counted a stock: redemptions that stand, and every gift and code of a batch.
_STOCK = """
    WITH counts AS (SELECT * FROM unnest(%s::int[], %s::text[]) AS k(programme_version, reward)),
    issued AS (
        SELECT reward, sum(quantity) AS n FROM rewards_redemption JOIN counts USING (programme_version, reward)
        WHERE state = 'issued' GROUP BY reward
        UNION ALL SELECT reward, count(*) FROM rewards_voucher JOIN counts USING (programme_version, reward)
        WHERE redemption_id IS NULL GROUP BY reward),
    again AS (SELECT reward, sum(n) AS n FROM issued GROUP BY reward)
    SELECT reward, COALESCE(s.taken, 0), COALESCE(again.n, 0) FROM rewards_stock s FULL JOIN again USING (reward)
    WHERE COALESCE(s.taken, 0) <> COALESCE(again.n, 0)"""


def differences(stocked: Collection[tuple[int, str]]) -> list[tuple[str, str, int, int]]:
    """(what, id, stored, recomputed) of everything that does not agree; the first hundred of a kind.

    `stocked`: (version, reward) of every version of the programme in which a reward has a stock.
    """
    columns = ([version for version, _ in stocked], [reward for _, reward in stocked])
    checks = [(what, sql, ()) for what, sql in _CHECKS.items()]
    checks += [("stock", _STOCK, columns), ("budget", _BUDGETS, ())]
    found = []
    with connection.cursor() as cursor:
        for what, sql, parameters in checks:
            cursor.execute(f"{sql} LIMIT {MOST_NAMED}", parameters or None)
            found += [(what, str(i), int(stored), int(again)) for i, stored, again in cursor.fetchall()]
    return found
