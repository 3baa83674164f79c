"""Who collects on which card: read from the transfers of stamps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from ganbo.books.ledger.posting import STAMPS, stamp_asset

_FIRST = """SELECT c.holder_id, min(substr(t.asset, 7)), min(t.at) FROM ledger_transfer t
 JOIN ledger_account c ON c.id = t.credit_id
 WHERE t.asset = ANY(%(assets)s) AND c.role = %(role)s GROUP BY 1
 HAVING min(t.at) >= %(since)s AND min(t.at) < %(until)s AND count(DISTINCT t.asset) = 1 ORDER BY 3, 1"""


def begun(cards: Sequence[str], *, since: datetime, until: datetime) -> list[tuple[UUID, str, datetime]]:
    """(member, card, when) of everybody whose very first stamp on any of these cards fell into the time, and who has only one of them."""
    params: dict[str, Any] = {
        "assets": [stamp_asset(card) for card in cards],
        "role": STAMPS,
        "since": since,
        "until": until,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, params)
        return [(UUID(str(member)), card, at) for member, card, at in cursor.fetchall()]
