"""Whether households are as they must be, and nobody's points paid for somebody they never shared a household with. Reads only."""

from django.db import connection

MOST_NAMED = 100
_CHECKS = {
    "household's owners": """
        SELECT h.id::text, count(p.id) FILTER (WHERE p.role = 'owner'), 1 FROM households_household h
        LEFT JOIN households_person p ON p.household_id = h.id AND p.left_at IS NULL
        WHERE h.dissolved_at IS NULL GROUP BY h.id HAVING count(p.id) FILTER (WHERE p.role = 'owner') <> 1""",
    "dissolved household's people": """
        SELECT h.id::text, count(*), 0 FROM households_household h
        JOIN households_person p ON p.household_id = h.id AND p.left_at IS NULL
        WHERE h.dissolved_at IS NOT NULL GROUP BY h.id""",
    "points spent for a stranger": """
        SELECT t.id::text, t.amount, 0 FROM ledger_transfer t
        JOIN ledger_account a ON a.id = t.debit_id AND a.role = 'member'
        JOIN (SELECT event_id AS cause, member_id FROM events_event WHERE type = 'purchase'
              UNION ALL SELECT id::text, member_id FROM rewards_redemption) s ON s.cause = t.cause
        WHERE t.kind = 'spend' AND s.member_id <> a.holder_id AND NOT EXISTS (
          SELECT 1 FROM households_person p JOIN households_person q ON q.household_id = p.household_id
          WHERE p.member_id = s.member_id AND q.member_id = a.holder_id
            AND t.recorded_at >= greatest(p.joined_at, q.joined_at) - interval '5 minutes'
            AND t.recorded_at <= coalesce(least(p.left_at, q.left_at), t.recorded_at) + interval '5 minutes')""",
}


def differences() -> list[tuple[str, str, int, int]]:
    """(what, id, stored, recomputed) of everything that does not agree; the first hundred of a kind."""
    found = []
    with connection.cursor() as cursor:
        for what, sql in _CHECKS.items():
            cursor.execute(f"{sql} LIMIT {MOST_NAMED}")
            found += [(what, str(i), int(stored), int(again)) for i, stored, again in cursor.fetchall()]
    return found
