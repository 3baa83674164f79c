"""Put facts into the outbox and take them out. Taking demands a running transaction: the facts are gone only when it commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from ganbo.foundation import chance
from ganbo.foundation.pipelines import Statement, text_array, texts, uuid_array
from ganbo.foundation.transactions import needs_transaction


@dataclass(frozen=True, slots=True)
class FactRow:
    id: UUID
    topic: str
    body: str  # JSON


def statement(schema: str, facts: Sequence[tuple[str, str]], at: datetime) -> Statement:
    """SQL that puts (topic, JSON) of each into the outbox."""
    sql = (
        f'INSERT INTO "{schema}".outbox_fact (id, topic, body, recorded_at)'
        " SELECT t.*, $4::timestamptz FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t"
    )
    ids = uuid_array([chance.new_id() for _ in facts])
    return sql, (ids, text_array([t for t, _ in facts]), texts([b for _, b in facts]), at.isoformat())


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
