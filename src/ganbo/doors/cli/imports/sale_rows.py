"""From a sales file's lines to bills, in order of time or member by member; and which shop a cell means."""

from collections.abc import Iterator, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.books.events import queries as events
from ganbo.books.events.bills import Bill, BillLine
from ganbo.doors.cli.imports.times import local
from ganbo.insights.look.reading import LINES, Reading
from ganbo.kernel.fold import fold

_COLUMNS = ("order_id", "store", "member", "at", "amount", "quantity", "unit_price", "sku", "category")
_NAMES = {"member": pl.String, "who": pl.String}


def sorted_lines(reading: Reading) -> pl.DataFrame:
    """The lines of a file that was read with its lines: whole orders, by the time of their first line."""
    lines = pl.concat(reading.lines) if reading.lines else pl.DataFrame(schema=LINES)
    reading.lines.clear()
    order = pl.col("order_id"), pl.col("store")
    return (
        lines.with_row_index("place")
        .with_columns(begun=pl.col("at").min().over(*order), member=pl.col("member").min().over(*order))
        .sort("begun", "store", "order_id", "at", "place", nulls_last=True)
        .select(*_COLUMNS)
    )


def by_member(lines: pl.DataFrame, known: Mapping[str, UUID]) -> pl.DataFrame:
    """Sorted lines, a member's orders together; who goes by several names in the file is one."""
    names = pl.DataFrame({"member": list(known), "who": [str(one) for one in known.values()]}, schema=_NAMES)
    return (
        lines.join(names, on="member", how="left").sort("who", maintain_order=True, nulls_last=True).select(*_COLUMNS)
    )


def bills(lines: pl.DataFrame, stores: dict[str, str], *, zone: ZoneInfo) -> Iterator[tuple[str | None, Bill]]:
    """Each order with the cell that names its member, in order of time."""
    now: tuple[str, str | None] | None = None
    who: str | None = None
    bill = Bill("", None, [])
    for order, store, member, at, amount, quantity, price, sku, category in lines.iter_rows():
        if (order, store) != now:
            if now is not None:
                yield who, bill
            now, who = (order, store), member
            bill = Bill(order, stores.get(fold(store), store) if store else None, [])
        bill.lines.append(BillLine(local(at, zone), amount, quantity, price, sku, category))
    if now is not None:
        yield who, bill


def shops() -> dict[str, str]:
    """A known store by its id or name, folded."""
    known = events.stores()
    return {fold(one.name): one.id for one in known} | {fold(one.id): one.id for one in known}
