"""New rows beside those that are there: each key once, and not too many files. DuckDB, in bounded memory."""

from pathlib import Path

import duckdb

from ganbo.insights.warehouse.manifest import Part
from ganbo.insights.warehouse.streaming import COMPRESSION, path_of
from ganbo.insights.warehouse.tables import APPEND, Table

MOST_FILES = 12  # of a month; one more and they become one
_MEMORY = "512MB"


def engine(folder: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB of bounded memory that goes nowhere else; what does not fit waits below `folder`."""
    return duckdb.connect(
        config={
            "memory_limit": _MEMORY,
            "threads": 2,
            "temp_directory": str(folder / ".spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def merged(
    duck: duckdb.DuckDBPyConnection,
    folder: Path,
    table: Table,
    *,
    old: tuple[Part, ...],
    new: tuple[Part, ...],
    number: int,
) -> tuple[Part, ...]:
    """The files that hold `old` and `new` rows, each key once: of two the first when rows never change, else the last."""
    months = {part.month for part in new}
    kept = [part for part in old if part.month not in months]
    for part in new:
        before = tuple(one for one in old if one.month == part.month)
        kept += _month(duck, folder, table, before=before, new=part, number=number)
    return tuple(kept)


def _month(
    duck: duckdb.DuckDBPyConnection, folder: Path, table: Table, *, before: tuple[Part, ...], new: Part, number: int
) -> tuple[Part, ...]:
    if not before:
        return (new,)
    olds = _scan(folder, before)
    news = _scan(folder, (new,))
    keys = ", ".join(f'"{name}"' for name in table.key)
    twice = duck.execute(f"SELECT count(*) FROM {news} n SEMI JOIN {olds} o USING ({keys})").fetchone()[0]  # type: ignore[index]
    if table.way == APPEND and twice == new.rows:
        return before  # nothing of it is new
    if not twice and len(before) < MOST_FILES:
        return (*before, new)
    first, second = (olds, news) if table.way == APPEND else (news, olds)
    return (
        _written(
            duck,
            folder,
            f"SELECT * FROM {first} UNION ALL SELECT s.* FROM {second} s ANTI JOIN {first} f USING ({keys})",
            path_of(table.name, new.month, f"{number:06d}-all.parquet"),
            new.month,
        ),
    )


def _written(duck: duckdb.DuckDBPyConnection, folder: Path, query: str, path: str, month: str) -> Part:
    (folder / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = duck.execute(f"COPY ({query}) TO {_text(folder / path)} (FORMAT parquet, COMPRESSION {COMPRESSION})")
    return Part(path, month, made.fetchone()[0])  # type: ignore[index]


def _scan(folder: Path, parts: tuple[Part, ...]) -> str:
    return f"read_parquet([{', '.join(_text(folder / part.path) for part in parts)}], hive_partitioning = false)"


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def said_where(
    duck: duckdb.DuckDBPyConnection, folder: Path, members: Part, events: tuple[Part, ...], path: str
) -> Part:
    """The members with the channel and the store they came by, as their events tell."""
    facts = _scan(folder, events) if events else None
    if facts is None:
        return members
    query = f"""SELECT m.member_id, m.joined_on, m.tier, e.source, e.first_store FROM {_scan(folder, (members,))} m
 LEFT JOIN (SELECT member_id, arg_min(channel, occurred_at) FILTER (WHERE type = 'signup') AS source,
  arg_min(store, epoch_us(occurred_at) + CASE type WHEN 'signup' THEN 0 ELSE 10000000000000000 END)
  FILTER (WHERE store IS NOT NULL) AS first_store FROM {facts}
  WHERE member_id IS NOT NULL AND type IN ('signup', 'purchase') AND reversed_at IS NULL GROUP BY 1) e USING (member_id)"""
    return _written(duck, folder, query, path, members.month)


def moved(
    duck: duckdb.DuckDBPyConnection, folder: Path, *, before: tuple[Part, ...], now: tuple[Part, ...]
) -> list[tuple[str, str | None, str | None]]:
    """(member, tier before, tier now) of whose tier two snapshots tell otherwise; new members did not move."""
    if not before or not now:
        return []
    return duck.execute(
        f"SELECT n.member_id, o.tier, n.tier FROM {_scan(folder, now)} n JOIN {_scan(folder, before)} o"
        " USING (member_id) WHERE n.tier IS DISTINCT FROM o.tier ORDER BY 1"
    ).fetchall()
