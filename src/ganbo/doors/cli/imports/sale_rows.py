"""From a sales file's lines to bills with their member: who is meant by a cell, and which shop."""

from collections.abc import Iterable, Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.books.events import queries as events
from ganbo.books.events.bills import Bill, BillLine
from ganbo.doors.cli.imports import member_rows
from ganbo.doors.cli.imports.times import local
from ganbo.insights.look.reading import LINES, Reading
from ganbo.kernel.fold import fold
from ganbo.people.members import bringing, contacts
from ganbo.people.members.bringing import Key

_AT_ONCE = 5_000
_COLUMNS = ("order_id", "store", "member", "at", "amount", "quantity", "unit_price", "sku", "category")


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


def members(cells: Iterable[str], region: str) -> dict[str, UUID]:
    """Whom each cell means: by external id, else card, phone or e-mail; nobody knows the others."""
    found: dict[str, UUID] = {}
    waiting = list(cells)
    for start in range(0, len(waiting), _AT_ONCE):
        keys = {cell: _keys(cell, region) for cell in waiting[start : start + _AT_ONCE]}
        known = bringing.holders(key for some in keys.values() for key in some)
        for cell, some in keys.items():
            who = next((known[key] for key in some if key in known), None)
            if who is not None:
                found[cell] = who
    return found


def _keys(cell: str, region: str) -> list[Key]:
    """What a cell may be, the likeliest first."""
    found: list[Key] = [("external_id", cell)]
    for kind in ("card", "phone", "email"):
        try:
            found.append((kind, member_rows.contact(kind, cell, region)))
        except (contacts.BadPhone, contacts.BadEmail, contacts.BadCard):
            continue
    return found
