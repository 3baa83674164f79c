"""Take facts out of the outbox. Demands a running transaction: the facts are gone only when it commits."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from ganbo.foundation.transactions import needs_transaction


@dataclass(frozen=True, slots=True)
class FactRow:
    id: UUID
    topic: str
    body: str  # JSON


@needs_transaction
def take(most: int) -> list[FactRow]:
    """Remove and return the oldest facts that no other worker is taking."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM outbox_fact WHERE id = ANY(ARRAY("
            "SELECT id FROM outbox_fact ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)) RETURNING id, topic, body",
            [most],
        )
        return sorted((FactRow(*row) for row in cursor.fetchall()), key=lambda fact: fact.id)
