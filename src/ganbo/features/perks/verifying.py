"""Whether any perk was used more often than promised. Reads only."""

from django.db import connection

MOST_NAMED = 100
_TOO_OFTEN = f"""
    SELECT member_id || ' ' || perk || ' ' || period, max(most), count(*) FROM perks_use
    WHERE undone_at IS NULL AND most IS NOT NULL GROUP BY member_id, perk, period HAVING count(*) > max(most)
    LIMIT {MOST_NAMED}"""


def differences() -> list[tuple[str, str, int, int]]:
    """(what, id, promised, used) of everything that was used too often; the first hundred."""
    with connection.cursor() as cursor:
        cursor.execute(_TOO_OFTEN)
        return [("perk used too often", str(id), int(most), int(n)) for id, most, n in cursor.fetchall()]
