"""Fill a business's warehouse with what was written since the last time: nothing missed, nothing twice, killed anywhere.

All tables are read in one snapshot, so that the warehouse shows the books as they were at one instant. What is new is
told by the transaction that wrote a row (xmin), not by times or ids, which are made before the commit: see
docs/decisions/0021-the-warehouses-watermark.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import psycopg
import pyarrow as pa
from psycopg import sql

from ganbo.books.ledger import budgets, partner_debts, posting
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.pipelines import connection_parameters
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.insights.warehouse import manifest as manifests
from ganbo.insights.warehouse import merging, streaming, tables
from ganbo.insights.warehouse.manifest import Manifest, Part
from ganbo.insights.warehouse.tables import Table

Told = Callable[[str, int], None]  # what is being written, and how many rows more
_COUNTERS = (*posting.COUNTER_ROLES, *budgets.ROLES, *partner_debts.ROLES, "reversed")
_HALF = 1 << 31  # transaction ids farther apart than this cannot be compared as rows carry them
_WRAP = 1 << 32


@dataclass(frozen=True, slots=True)
class Report:
    """What an export did: rows that came by table; `anew` when everything was read."""

    number: int
    taken_at: datetime
    anew: bool
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Source:
    """The database as one transaction sees it, and the watermark that decides what of it is new."""

    cursor: psycopg.Cursor[Any]
    schema: sql.Identifier
    zone: str
    first_tier: str | None
    names: dict[str, str]  # what the rows come from
    horizon: int
    newest: int

    def query(self, table: Table, since: int | None) -> str:
        """The rows of a table that a transaction from `since` on wrote; all without it."""
        known = {"s": self.schema.as_string(self.cursor)}
        known |= {"zone": _literal(self.cursor, self.zone), "first": _literal(self.cursor, self.first_tier)}
        new = _Since(since)
        if table is tables.TRANSFERS:
            known["counters"] = self._counters(known["s"], new)
        return " ".join(table.sql.format(**known, new=new).split())

    def _counters(self, schema: str, new: "_Since") -> str:
        """The business's own accounts have no row: their ids follow from role and asset."""
        self.cursor.execute(f"SELECT DISTINCT t.asset FROM {schema}.ledger_transfer t WHERE {new:t}".encode())
        known = [
            (posting.account_id(role, asset), role) for (asset,) in self.cursor for role in dict.fromkeys(_COUNTERS)
        ]
        rows = ", ".join(f"('{id_}'::uuid, '{role}')" for id_, role in known) or "(NULL::uuid, '')"
        return f"(VALUES {rows})"


class _Since:
    """`{new:e}` in a query: whether the row of alias e was written from the horizon on."""

    def __init__(self, horizon: int | None) -> None:
        self._horizon = horizon

    def __format__(self, alias: str) -> str:
        if self._horizon is None:
            return "true"
        return f"age({alias}.xmin) <= age('{self._horizon % _WRAP}'::xid)"


def export(
    business: BusinessRow, warehouse: Path, *, at: datetime, told: Told = lambda step, rows: None
) -> Report | None:
    """Bring the business's warehouse up to now; None while it has no programme. Raises manifest.Busy.

    Works in the business's tenancy context. `warehouse` is the folder of all businesses' warehouses.
    """
    try:
        programme = programmes.in_force_at(business.schema, at).programme
    except programmes.in_force.NoProgramme:
        return None
    folder = manifests.folder_of(warehouse, business.slug)
    with manifests.alone(folder), psycopg.connect(**connection_parameters()) as connection:
        before = manifests.read(folder)
        manifests.sweep(folder, before)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.cursor() as cursor:
            source = _source(cursor, business.schema, programme)
            filling = _Filling(folder, source, _comparable(before, source), told)
            found = filling.all(programme, at)
        told("commit", 0)
        manifests.commit(folder, found)
        told("sweep", 0)
        manifests.sweep(folder, found)
    told("done", 0)
    return Report(found.number, at, filling.anew, filling.came)


def _source(cursor: psycopg.Cursor[Any], schema: str, programme: Programme) -> _Source:
    cursor.execute(
        "SELECT (SELECT system_identifier::text FROM pg_control_system()),"
        " (SELECT timeline_id::text FROM pg_control_checkpoint()), n.oid::text,"
        " pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        " FROM pg_namespace n WHERE n.nspname = %s",
        [schema],
    )
    row = cursor.fetchone()
    assert row is not None
    system, timeline, oid, horizon, newest = row
    zone = programme.timezone.key
    names = {"system": system, "timeline": timeline, "schema": oid, "zone": zone, "format": str(tables.FORMAT)}
    return _Source(cursor, sql.Identifier(schema), zone, programme.first_tier, names, horizon, newest)


def _comparable(before: Manifest | None, source: _Source) -> Manifest | None:
    """The last manifest when its watermark means something here: the same database, and not too long ago."""
    if before is None or before.source != source.names or not 0 <= source.newest - before.horizon < _HALF:
        return None
    return before


class _Filling:
    """One export: the files of each table, old and new."""

    def __init__(self, folder: Path, source: _Source, before: Manifest | None, told: Told) -> None:
        self._folder, self._source, self._told = folder, source, told
        self.anew = before is None
        self._before = before or Manifest()
        last = manifests.read(folder)
        self._number = (last.number if last else 0) + 1
        self.came: dict[str, int] = {}

    def all(self, programme: Programme, at: datetime) -> Manifest:
        """The manifest after everything was written."""
        found = Manifest(
            source=self._source.names, horizon=self._source.horizon, number=self._number, taken_at=at.isoformat()
        )
        duck = merging.engine(self._folder)
        try:
            for table in tables.FACTS:
                found = self._kept(found, table, self._facts(duck, table))
            members = self._members(duck, found.parts(tables.EVENTS.name))
            found = self._kept(found, tables.MEMBERS, members)
            found = self._kept(found, tables.TIER_CHANGES, self._tier_changes(duck, members, at))
        finally:
            duck.close()
        for table in tables.LISTS:
            found = self._kept(found, table, self._fresh(table, None))
        found = self._kept(found, tables.WALLETS, self._told_rows(tables.WALLETS, _wallets(programme)))
        return self._kept(found, tables.BUDGET_LINES, self._told_rows(tables.BUDGET_LINES, _budget_lines(programme)))

    def _kept(self, found: Manifest, table: Table, parts: tuple[Part, ...]) -> Manifest:
        return found.with_parts(table.name, parts, table.shape)

    def _old(self, table: Table) -> tuple[Part, ...] | None:
        """Its files when they have today's columns."""
        known = self._before.shapes.get(table.name) == table.shape
        return self._before.parts(table.name) if known else None

    def _facts(self, duck: duckdb.DuckDBPyConnection, table: Table) -> tuple[Part, ...]:
        old = self._old(table)
        new = self._fresh(table, None if old is None else self._before.horizon)
        self._told(f"merge {table.name}", 0)
        return merging.merged(duck, self._folder, table, old=old or (), new=new, number=self._number)

    def _fresh(self, table: Table, since: int | None) -> tuple[Part, ...]:
        rows = streaming.batches(self._source.cursor, self._source.query(table, since), table)
        return self._fill(table, rows)

    def _fill(self, table: Table, rows: Iterator[pa.RecordBatch]) -> tuple[Part, ...]:
        self._told(table.name, 0)
        parts = streaming.fill(self._folder, table, self._number, rows, lambda n: self._told(table.name, n))
        self.came[table.name] = sum(part.rows for part in parts)
        return parts

    def _told_rows(self, table: Table, rows: list[dict[str, Any]]) -> tuple[Part, ...]:
        return self._fill(table, iter([pa.RecordBatch.from_pylist(rows, schema=table.schema())] if rows else []))

    def _members(self, duck: duckdb.DuckDBPyConnection, events: tuple[Part, ...]) -> tuple[Part, ...]:
        parts = self._fresh(tables.MEMBERS, None)
        path = streaming.path_of(tables.MEMBERS.name, "", f"{self._number:06d}-all.parquet")
        return tuple(merging.said_where(duck, self._folder, part, events, path) for part in parts)

    def _tier_changes(
        self, duck: duckdb.DuckDBPyConnection, members: tuple[Part, ...], at: datetime
    ) -> tuple[Part, ...]:
        table, day = tables.TIER_CHANGES, at.astimezone(ZoneInfo(self._source.zone)).date()
        changed = merging.moved(duck, self._folder, before=self._old(tables.MEMBERS) or (), now=members)
        rows = [{"member_id": who, "day": day, "before": was, "after": is_} for who, was, is_ in changed]
        new = self._told_rows(table, rows)
        return merging.merged(duck, self._folder, table, old=self._old(table) or (), new=new, number=self._number)


def _wallets(programme: Programme) -> list[dict[str, Any]]:
    return [
        {
            "wallet": wallet.id,
            "face_value": wallet.face_value,
            "money": wallet.money,
            "spendable": wallet.spendable,
            "currency": programme.currency,
        }
        for wallet in programme.wallets.values()
    ]


def _budget_lines(programme: Programme) -> list[dict[str, Any]]:
    budget = programme.budget
    if budget is None:
        return []
    drawn = {reward.budget for reward in programme.rewards.values()}
    return [
        {
            "line": line,
            "store": store,
            "planned": planned,
            "monthly": budget.monthly,
            "hard": line in budget.hard,
            "rewards": line in drawn,
        }
        for line, store, planned in budget.plans()
    ]


def _literal(cursor: psycopg.Cursor[Any], text: str | None) -> str:
    return sql.Literal(text).as_string(cursor)
