"""Recompute the units of packages from their uses, and what was given back. Reads only."""

from django.db import connection

MOST_NAMED = 100
_CHECKS = {
    "package's units": """
        SELECT u.package_id || ' ' || u.unit, u.sold, u.used + u."left" + u.refunded + u.expired FROM packages_unit u
        WHERE u.sold <> u.used + u."left" + u.refunded + u.expired""",
    "package's uses": """
        SELECT u.package_id || ' ' || u.unit, u.used, COALESCE(x.n, 0) FROM packages_unit u LEFT JOIN (
            SELECT package_id, unit, sum(quantity) AS n FROM packages_use WHERE undone_at IS NULL
            GROUP BY package_id, unit) x ON x.package_id = u.package_id AND x.unit = u.unit
        WHERE u.used <> COALESCE(x.n, 0)""",
    "package given back or ended with units left": """
        SELECT p.id::text, 0, sum(u."left") FROM packages_package p JOIN packages_unit u ON u.package_id = p.id
        WHERE p.state <> 'active' GROUP BY p.id HAVING sum(u."left") > 0""",
    "package gave back too much": """
        SELECT id::text, refunded, price FROM packages_package WHERE refunded > price""",
}


def differences() -> list[tuple[str, str, int, int]]:
    """(what, id, stored, recomputed) of everything that does not agree; the first hundred of a kind."""
    found = []
    with connection.cursor() as cursor:
        for what, sql in _CHECKS.items():
            cursor.execute(f"{sql} LIMIT {MOST_NAMED}")
            found += [(what, str(i), int(stored), int(again)) for i, stored, again in cursor.fetchall()]
    return found
