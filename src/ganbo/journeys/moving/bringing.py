"""An export into an empty business: all of it in one transaction, and only if the books agree afterwards.

Rows are written as they stand in the files, the books too: nothing is judged again, so that balances, dates, levels and
codes are those of the day of the export. `ganbo verify`'s sums are done before the commit.
"""

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg import sql

from ganbo.books.ledger.verifying import Report
from ganbo.foundation import append_only
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context
from ganbo.foundation.tenancy import operations as tenancy
from ganbo.foundation.transactions import needs_transaction
from ganbo.journeys import verify_books
from ganbo.journeys.moving import manifest as manifests
from ganbo.journeys.moving import tables, taking
from ganbo.journeys.moving.manifest import File, Manifest
from ganbo.journeys.moving.tables import Table

Lines = Callable[[File], Iterable[bytes]]
Told = Callable[[str, int], None]  # what is being written, and how many rows more
_CHUNK, _BYTES = 5_000, 4 << 20  # rows and bytes of one statement, at most
_WAIT = "5s"  # for somebody else's work in the business
_DERIVED = ("vouchers", "slips", "pool-codes", "batches")  # their codes follow from the key


class NotTaken(Exception):
    """An export that cannot come in; nothing of it is here."""


class OtherTables(NotTaken):
    """Another version of ganbo wrote it; the arguments are its version and the parts that differ."""


class NotEmpty(NotTaken):
    """The business has something already; the argument is table → rows, of the first kinds."""


class OtherKey(NotTaken):
    """Its voucher codes follow from another GANBO_CODE_KEY."""


class NotOurs(NotTaken):
    """A line is not what its table can hold; the argument is the file and what PostgreSQL says."""


class Busy(NotTaken):
    """Somebody is writing in the business right now."""


class BooksDisagree(NotTaken):
    """The books do not add up; the argument is verify's report."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report


def look(manifest: Manifest) -> None:
    """Whether this export can come into the current business. Raises OtherTables, OtherKey or NotEmpty."""
    with connection.cursor() as cursor:
        ours = taking.migrations(cursor, _schema())
    differ = sorted(part for part in ours | manifest.migrations if ours.get(part) != manifest.migrations.get(part))
    lacking = [table.name for table in tables.TABLES if _columns(manifest, table) != table.columns]
    if differ or lacking:
        raise OtherTables(manifest.ganbo, differ or lacking)
    if codes(manifest) and manifest.code_key != manifests.fingerprint(settings.CODE_KEY):
        raise OtherKey()
    _empty()


def codes(manifest: Manifest) -> int:
    """How many things of the export have a code that follows from the key."""
    return sum(manifest.rows.get(name, 0) for name in _DERIVED)


def bring_in(manifest: Manifest, lines: Lines, *, by: str, told: Told = lambda step, rows: None) -> Report:
    """Write it all, or nothing; the books as they are then.

    Raises what `look` raises, NotOurs, BooksDisagree, or what `lines` raises.
    """
    with transaction.atomic():
        _alone()
        look(manifest)
        write_all(manifest, lines, told)
        tenancy.dress(
            context.current().id, **{name: manifest.business[name] for name in ("locale", "country", "accent")}
        )
        audit.note(by, "business.imported", manifest.business["slug"], taken_at=manifest.taken_at, **manifest.rows)
        told("verify", 0)
        report = verify_books.recompute()
        if report.differences:
            raise BooksDisagree(report)
    return report


def _columns(manifest: Manifest, table: Table) -> tuple[str, ...]:
    file = manifest.file(table.file)
    return file.columns if file else ()


def _schema() -> str:
    return f'"{context.current().schema}"'


def _alone() -> None:
    """Nobody else writes until the end. Tables that are only added to cannot be locked; their keys clash instead."""
    fixed = set(append_only.tables())
    names = ", ".join(f"{_schema()}.{table.of}" for table in tables.TABLES if table.of not in fixed)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_WAIT}'")
        try:
            cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        except OperationalError as failure:
            raise Busy() from failure
        cursor.execute("SET LOCAL lock_timeout = 0")


def _empty() -> None:
    """Nothing is there but what was noted of the business itself. Raises NotEmpty."""
    there: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in tables.TABLES:
            if table.name != "audit":
                cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {_schema()}.{table.of} LIMIT 1000) r")
                (count,) = cursor.fetchone()
                there |= {table.name: count} if count else {}
    if there:
        raise NotEmpty(there)


@needs_transaction
def write_all(manifest: Manifest, lines: Lines, told: Told = lambda step, rows: None) -> None:
    """Every row as it stands in the files; whether the books agree is for the caller to see. Raises NotOurs."""
    table = tables.TABLES[0]
    try:
        for table in tables.TABLES:
            file = manifest.file(table.file)
            assert file is not None  # look has seen to it
            _write(table, lines(file), slug=manifest.business["slug"], told=told)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (DatabaseError, UnicodeDecodeError) as failure:
        raise NotOurs(table.file, str(failure).partition("\n")[0]) from failure


def _write(table: Table, lines: Iterable[bytes], *, slug: str, told: Told) -> None:
    with connection.cursor() as cursor:
        statement = _statement(table, slug).as_string(cursor.cursor)
        for chunk in _chunks(lines):
            cursor.execute(statement, [f"[{b','.join(chunk).decode()}]"])
            if cursor.rowcount != len(chunk):
                raise NotOurs(table.file, "a line is not one row")
            told(table.name, len(chunk))


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines, as many at a time as one statement takes."""
    chunk, size = list[bytes](), 0
    for line in lines:
        chunk.append(line)
        size += len(line)
        if len(chunk) == _CHUNK or size >= _BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _statement(table: Table, slug: str) -> sql.Composed:
    return sql.SQL(
        "INSERT INTO {into} ({columns}) SELECT {cells} FROM json_populate_recordset(NULL::{into}, %s::json) AS r"
    ).format(
        into=sql.Identifier(context.current().schema, table.of),
        columns=sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        cells=sql.SQL(", ").join(_cell(table, column, slug) for column in table.columns),
    )


def _cell(table: Table, column: str, slug: str) -> sql.Composable:
    """A column as it is written. Staff are known by number: one who worked elsewhere is `staff:7@there`, nobody here."""
    if column in table.arrives:
        return sql.SQL(table.arrives[column])
    cell = sql.SQL("r.{}").format(sql.Identifier(column))
    if column not in table.actors:
        return cell
    there = sql.Literal(f"@{slug}")
    return sql.SQL("CASE WHEN {0} ~ '^staff:[0-9]+$' THEN {0} || {1} ELSE {0} END").format(cell, there)
