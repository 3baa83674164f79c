"""The warehouse as Ibis tables, and what several KPIs are counted from: orders, and members with their months.

Months are whole numbers (year × 12 + month − 1). A key is the group of `by`: a tier, a store, a product; "" for none.
"""

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import ibis
import ibis.expr.types as ir
from ibis import _

from ganbo.insights.warehouse import tables
from ganbo.insights.warehouse.reading import Warehouse

MONTH, TIER, STORE, PRODUCT, SOURCE = "month", "tier", "store", "product", "source"
GROUPINGS = (MONTH, TIER, STORE, PRODUCT, SOURCE)
NO_KEY = ""
_MEMORY = "512MB"


class Engine(Protocol):
    """What reads Parquet and computes."""

    def table(self, name: str, paths: list[str]) -> ir.Table:
        """The table of the warehouse that is in these files; without files it has no rows."""
        ...

    def rows(self, facts: "Facts", key: Hashable, build: "Build") -> list[dict[str, Any]]:
        """What an expression gives; expressions of one key are the same but for the files."""
        ...


class DuckDb:
    """The embedded engine, in bounded memory, that goes nowhere else.

    To turn an expression into SQL takes longer than to run it on a shop's year, so the SQL is kept for the process.
    """

    _kept: ClassVar[dict[Hashable, tuple[str, tuple[str, ...]]]] = {}  # key → SQL and the tables it reads

    def __init__(self) -> None:
        self._backend = ibis.duckdb.connect(
            memory_limit=_MEMORY, threads=2, autoinstall_known_extensions=False, autoload_known_extensions=False
        )
        self._views: dict[str, list[str]] = {}

    def table(self, name: str, paths: list[str]) -> ir.Table:
        """The table of the warehouse that is in these files; without files it has no rows."""
        self._view(name, paths)
        return self._backend.table(name)

    def rows(self, facts: "Facts", key: Hashable, build: "Build") -> list[dict[str, Any]]:
        """What an expression gives."""
        if key not in self._kept:
            known, self._views = self._views, {}
            sql = str(ibis.to_sql(build(facts), dialect="duckdb"))
            self._kept[key] = (sql, tuple(self._views))
            self._views = known | self._views
        sql, names = self._kept[key]
        for name in names:
            self._view(name, facts.warehouse.paths(name))
        found = self._backend.con.execute(sql)
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def _view(self, name: str, paths: list[str]) -> None:
        """The files under the table's name; made once."""
        if self._views.get(name) == paths:
            return
        columns = tables.by_name()[name].columns
        if paths:
            files = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
            chosen = ", ".join(f'"{column.name}"' for column in columns)
            source = f"SELECT {chosen} FROM read_parquet([{files}], hive_partitioning = false)"
        else:
            empty = ", ".join(f'NULL::{_SQL_TYPES[column.type]} AS "{column.name}"' for column in columns)
            source = f"SELECT {empty} WHERE false"
        self._backend.con.execute(f'CREATE OR REPLACE VIEW "{name}" AS {source}')
        self._views[name] = paths


_SQL_TYPES = {
    tables.TEXT: "VARCHAR",
    tables.WHOLE: "BIGINT",
    tables.YES_NO: "BOOLEAN",
    tables.DAY: "DATE",
    tables.INSTANT: "TIMESTAMPTZ",
}


class Spark:
    """A Spark session (pyspark's) for what one machine is too small for; it must see the warehouse's folder."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._backend = ibis.pyspark.connect(session)

    def table(self, name: str, paths: list[str]) -> ir.Table:
        """The table of the warehouse that is in these files; without files it has no rows."""
        known = tables.by_name()[name]
        if not paths:
            return ibis.memtable(known.schema().empty_table())
        view = f"ganbo_{hashlib.sha256(' '.join(paths).encode()).hexdigest()[:16]}"
        self._session.read.parquet(*paths).createOrReplaceTempView(view)
        return self._backend.table(view).select(*[column.name for column in known.columns])

    def rows(self, facts: "Facts", key: Hashable, build: "Build") -> list[dict[str, Any]]:
        """What an expression gives."""
        found: list[dict[str, Any]] = build(facts).to_pyarrow().to_pylist()
        return found


@dataclass(frozen=True)
class Facts:
    """One warehouse on one engine."""

    warehouse: Warehouse
    engine: Engine

    def table(self, name: str) -> ir.Table:
        """A table of the warehouse; one without rows when it has no files."""
        return self.engine.table(name, self.warehouse.paths(name))

    @property
    def events(self) -> ir.Table:
        """What happened and was not undone."""
        return self.table("events").filter(_.reversed_at.isnull())

    def orders(self) -> ir.Table:
        """Purchases: event_id, member_id, m, day, at, store, tier, amount (net less what was given back)."""
        events = self.events
        back = (
            events.filter(_.type == "refund", _.order_id.notnull())
            .group_by(at_store=_.store.fill_null(""), of_order=_.order_id)
            .agg(back=_.refunded.fill_null(0).sum().cast("int64"))
        )
        sales = events.filter(_.type == "purchase").mutate(at_store=_.store.fill_null(""))
        together = sales.left_join(back, [sales.at_store == back.at_store, sales.order_id == back.of_order])
        return together.select(
            "event_id",
            "member_id",
            "day",
            m=month_of(together.day),
            at=together.occurred_at,
            store=sales.at_store,
            tier=together.tier.fill_null(NO_KEY),
            amount=(together.net.fill_null(0) - together.back.fill_null(0)).cast("int64"),
        )

    def keyed(self, by: str) -> ir.Table:
        """Orders with the key of a grouping; by product a row for each product of an order, with what its lines cost.

        By tier the key is the member's tier after their last order of the month.
        """
        orders = self.orders()
        if by == STORE:
            return orders.mutate(key=_.store)
        if by == PRODUCT:
            return self._by_product(orders)
        if by == TIER:
            latest = ibis.window(group_by=["member_id", "m"], order_by=[_.at.desc(), _.event_id.desc()])
            return orders.mutate(key=_.tier.first().over(latest))
        return orders.mutate(key=ibis.literal(NO_KEY))

    def _by_product(self, orders: ir.Table) -> ir.Table:
        lines = (
            self.table("lines")
            .filter(_.sku.notnull())
            .group_by(of_event=_.event_id, key=_.sku)
            .agg(cost=_.net.sum().cast("int64"))
        )
        found = orders.inner_join(lines, orders.event_id == lines.of_event)
        return found.select(*[c for c in orders.columns if c != "amount"], amount=found.cost, key=found.key)

    def active(self, by: str) -> ir.Table:
        """Who bought in which month: m, key, member_id, n orders, amount. Only members."""
        return (
            self.keyed(by)
            .filter(_.member_id.notnull())
            .group_by("m", "key", "member_id")
            .agg(n=_.count().cast("int64"), amount=_.amount.sum().cast("int64"))
        )

    def moves(self) -> ir.Table:
        """How what is owed to members moved: m, key (the wallet), member_id, column, change in units.

        `column`: earned, redeemed, expired, adjusted, exactly as the liability report sorts them.
        """
        wallets = self.table("wallets").select(key="wallet")
        moves = self.table("transfers").inner_join(wallets, _.asset == wallets.key)
        comes, goes = moves.credit_role.isin(HOLDERS), moves.debit_role.isin(HOLDERS)
        other = ibis.ifelse(comes, moves.debit_role, moves.credit_role)
        column = ibis.cases(
            (other == "spent", "redeemed"),
            (other == "expired", "expired"),
            ((other == "issued") & comes & moves.kind.isin(GIVEN), "earned"),
            else_="adjusted",
        )
        change = moves.amount * (comes.cast("int64") - goes.cast("int64"))
        return moves.filter(comes | goes).select(
            m=month_of(moves.day),
            key=moves.key,
            member_id=ibis.coalesce(moves.credit_member, moves.debit_member),
            column=column,
            change=change.cast("int64"),
        )


Build = Callable[[Facts], ir.Table]
HOLDERS = ("member", "stamps", "pending", "held")
GIVEN = ("earn", "pending")


def month_of(day: ir.Value) -> ir.Value:
    """The number of a day's month."""
    return (day.year() * 12 + day.month() - 1).cast("int64")
