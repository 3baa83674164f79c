"""Everything a business has, of one instant: its tables as JSON lines, what people open as CSV, the programme as YAML.

One transaction that sees one snapshot and can write nothing; rows come as PostgreSQL hands them over, never all at once.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import transaction
from psycopg import sql

import ganbo
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.features.rewards import batches, pools
from ganbo.foundation import clock
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import connection_parameters
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys.moving import manifest as manifests
from ganbo.journeys.moving import tables, views
from ganbo.journeys.moving.manifest import File, Manifest
from ganbo.journeys.moving.tables import Table

_BLOCK = 1 << 18  # bytes handed over at once
PROGRAMME = "programme"
_FETCHED = 5_000  # vouchers read at once for their codes
_BOM = "\N{BYTE ORDER MARK}".encode()
# neither sign stands in JSON text, where control characters are escaped: so a line is the row, as it is
_LINES = "(FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"
_SETTINGS = ("TimeZone = 'UTC'", "DateStyle = 'ISO'", "IntervalStyle = 'iso_8601'", "bytea_output = 'hex'")
_WAITING = """
SELECT (SELECT count(*) FROM {s}.outbox_fact),
    (SELECT count(*) FROM {s}.channels_message WHERE state IN ('queued', 'sending'))"""
_CODES = """
SELECT v.id, v.member_id, v.reward, v.code_hash, COALESCE(b.pattern, ''), p.sealed
FROM {s}.rewards_voucher v
LEFT JOIN {s}.rewards_batch b ON b.id = v.batch_id
LEFT JOIN {s}.rewards_pool p ON p.voucher_id = v.id
WHERE v.state = 'issued' AND (v.pool = '' OR p.id IS NOT NULL)
    AND (v.remaining IS NULL OR v.remaining > 0) AND v.used < v.uses
UNION ALL
SELECT NULL, NULL, p.reward, NULL, '', p.sealed FROM {s}.rewards_pool p WHERE p.voucher_id IS NULL
ORDER BY 1, 6"""


@dataclass(slots=True)
class Piece:
    """A file to be written: its bytes a block at a time; `rows` is right once they are through."""

    name: str
    blocks: Iterator[bytes]
    columns: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True, slots=True)
class _Source:
    cursor: psycopg.Cursor[Any]
    business: BusinessRow
    zone: str

    @property
    def schema(self) -> str:
        return sql.Identifier(self.business.schema).as_string(self.cursor)


def note(*, by: str, codes: bool) -> None:
    """Write in the audit that everything is taken out; before it is, so that one that breaks off is known, too."""
    with transaction.atomic():
        audit.note(by, "business.exported", "", codes=codes)


class Taking:
    """One export: its pieces in order, each to be written before the next is asked for; then what to say of them all."""

    def __init__(self, source: _Source, *, codes: bool) -> None:
        self._source, self._codes = source, codes
        source.cursor.execute("SELECT now()")
        self.taken_at = _one(source.cursor)[0]

    def pieces(self) -> Iterator[Piece]:
        """Every file but the manifest."""
        for table in tables.TABLES:
            yield self._table(table)
        yield from self._documents()
        for view in views.VIEWS:
            query = view.query(
                schema=self._source.schema,
                zone=sql.Literal(self._source.zone).as_string(self._source.cursor),
                business=self._source.business.id,
            )
            yield self._copied(view.file, query, "(FORMAT csv, HEADER)", head=_BOM)
        if self._codes:
            yield self._shown()

    def manifest(self, files: Iterable[File]) -> Manifest:
        """What the export says of itself."""
        cursor, business = self._source.cursor, self._source.business
        cursor.execute(_WAITING.format(s=self._source.schema).encode())
        facts, messages = _one(cursor)
        programme = _programme(business)
        return Manifest(
            format=tables.FORMAT,
            ganbo=ganbo.__version__,
            business={name: getattr(business, name) for name in ("slug", "name", "locale", "country", "accent")},
            currency=programme.currency if programme else None,
            timezone=programme.timezone.key if programme else None,
            taken_at=self.taken_at.isoformat(),
            code_key=manifests.fingerprint(settings.CODE_KEY),
            migrations=migrations(cursor, self._source.schema),
            waiting={"facts": facts, "messages": messages},
            left_out={name: english for name, (_, english) in (tables.LEFT_OUT | tables.STAYS).items()},
            files=tuple(files),
        )

    def _table(self, table: Table) -> Piece:
        named = sql.SQL(", ").join(map(sql.Identifier, table.columns)).as_string(self._source.cursor)
        order = sql.SQL(", ").join(map(sql.Identifier, table.key)).as_string(self._source.cursor)
        only = f" WHERE {table.only}" if table.only else ""
        rows = f"SELECT {named} FROM {self._source.schema}.{table.of}{only} ORDER BY {order}"
        piece = self._copied(table.file, f"SELECT row_to_json(r) FROM ({rows}) r", _LINES)
        piece.columns = table.columns
        return piece

    def _copied(self, name: str, query: str, how: str, *, head: bytes = b"") -> Piece:
        piece = Piece(name, iter(()))
        heading = len(head) > 0

        def blocks() -> Iterator[bytes]:
            block = bytearray(head)
            with self._source.cursor.copy(f"COPY ({query}) TO STDOUT {how}".encode()) as copy:
                for row in copy:
                    block += row
                    piece.rows += 1
                    if len(block) >= _BLOCK:
                        yield bytes(block)
                        block.clear()
            piece.rows -= heading
            yield bytes(block)

        piece.blocks = blocks()
        return piece

    def _documents(self) -> Iterator[Piece]:
        cursor = self._source.cursor
        cursor.execute(
            f"SELECT version, source FROM {self._source.schema}.programmes_version ORDER BY version".encode()
        )
        for version, text in cursor.fetchall():
            yield Piece(f"{PROGRAMME}/version-{version:04d}.yaml", iter((text.encode(),)), rows=len(text.splitlines()))

    def _shown(self) -> Piece:
        """Every code that can be used, in the clear."""
        piece = Piece(views.CODES.file, iter(()))

        def blocks() -> Iterator[bytes]:
            yield _BOM + _line(views.CODES.columns)
            with self._source.cursor.connection.cursor(name="codes") as cursor:
                cursor.itersize = _FETCHED
                cursor.execute(_CODES.format(s=self._source.schema).encode())
                for row in cursor:
                    code = _code(*row[3:], voucher=row[0])
                    if code:
                        piece.rows += 1
                        yield _line((code, row[0], row[1], row[2]))

        piece.blocks = blocks()
        return piece


@contextmanager
def taking(business: BusinessRow, *, codes: bool = False) -> Iterator[Taking]:
    """An export of the business, in its tenancy context; its snapshot stays until the block ends."""
    programme = _programme(business)
    zone = programme.timezone.key if programme else "UTC"
    with psycopg.connect(**connection_parameters()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.cursor() as cursor:
            for one in _SETTINGS:
                cursor.execute(f"SET LOCAL {one}".encode())
            yield Taking(_Source(cursor, business, zone), codes=codes)


def _programme(business: BusinessRow) -> Programme | None:
    """The programme in force; None before the first, and when every version was called off."""
    try:
        times = programmes.timeline(business.schema)
    except NoProgramme:
        return None
    return times.at(clock.now()).programme if times.versions else None


def migrations(cursor: Any, schema: str) -> dict[str, str]:
    """The last migration of each part of a schema's tables."""
    cursor.execute(f"SELECT app, max(name) FROM {schema}.django_migrations GROUP BY app ORDER BY app")
    known = tables.parts()
    return {app: name for app, name in cursor.fetchall() if app in known}


def _code(kept: bytes | None, pattern: str, sealed: str | None, *, voucher: UUID) -> str:
    if sealed is not None:
        return pools.opened(sealed, key=settings.CODE_KEY) or ""
    return batches.plain(voucher, pattern=pattern, kept=bytes(kept or b""), key=settings.CODE_KEY)


def _line(cells: Iterable[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(["" if cell is None else _safe(str(cell)) for cell in cells])
    return out.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(tuple("=+-@\t\r＝＋－＠")) else text


def _one(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    row = cursor.fetchone()
    assert row is not None
    return tuple(row)
