"""A row for each table that nobody would write: the awkward values of every column's type."""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from django.apps import apps
from django.db import connection, models

from ganbo.journeys.moving.tables import Table

TEXT = 'a,"b"\n\t\\N \\. \x01\x02\x7f ￿ 😀 Nguyễn \u2028 =1+1 {"k": [1]} '
LARGE, SMALL = 2**63 - 1, 2**15 - 1
AWKWARD: dict[type, Any] = {
    models.UUIDField: UUID(int=2**128 - 1),
    models.TextField: TEXT,
    models.BigIntegerField: LARGE,
    models.IntegerField: 2**31 - 1,
    models.SmallIntegerField: SMALL,
    models.BooleanField: True,
    models.BinaryField: bytes(range(256)),
    models.DateTimeField: datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    models.DateField: date(1, 1, 1),
    models.DecimalField: Decimal("-999999999999999999.000001"),
    models.DurationField: timedelta(days=-3, microseconds=1),
    models.JSONField: {"ß": [1.5, None, TEXT.replace("\x00", "")], "big": 12345678901234567890},
}


def fill(table: Table) -> None:
    """One row with every column set to something awkward; its rules were taken away."""
    model = next(m for m in apps.get_models() if m._meta.db_table == table.of)
    fields = [f for f in model._meta.local_fields if f.column]
    values = []
    for field in fields:
        target = field.target_field if field.is_relation else field
        values.append(field.get_db_prep_save(_value(target), connection))
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{f.column}"' for f in fields)
        cursor.execute(f"INSERT INTO {table.of} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})", values)


def _value(field: Any) -> Any:
    kind = next(k for k in type(field).__mro__ if k in AWKWARD)
    return AWKWARD[kind]


def unrule(schema: str) -> None:
    """Take a schema's checks and foreign keys away; as its owner."""
    with psycopg.connect(os.environ["GANBO_DATABASE_URL"]) as owner:
        found = owner.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint"
            " WHERE connamespace = %s::regnamespace AND contype IN ('c', 'f')",
            [schema],
        ).fetchall()
        for table, name in found:
            owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
