"""From a sales file's lines to members' pasts, dealt out in shards that processes read by themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.books.events.bills import Bill, BillLine
from ganbo.insights.look.reading import LINES, Reading

SHARD = 20_000  # lines: a second or two of a process's work
COLUMNS = ("member", "order_id", "at", "amount", "quantity", "unit_price", "store", "sku", "category")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pasts:
    """Lines with a member in a file of Arrow's, in order of member and time; `shards`: (first line, lines) of whole members.

    `without`: sum of the receipts without a member, ten-thousandths; `until`: the end of the last day, by the shop's clocks.
    """

    path: Path
    shards: tuple[tuple[int, int], ...]
    members: int
    without: int
    until: datetime


def arrange(reading: Reading, path: Path, *, zone: ZoneInfo) -> Pasts:
    """Write the lines of a file that was read with its lines to `path`, sorted."""
    lines = pl.concat(reading.lines) if reading.lines else pl.DataFrame(schema=LINES)
    reading.lines.clear()
    if reading.two_members:
        lines = lines.with_columns(member=pl.col("member").min().over("order_id"))
    last = lines["at"].max()
    assert isinstance(last, int)
    end = (_EPOCH + timedelta(microseconds=last)).date() + timedelta(days=1)
    without = lines.filter(pl.col("member").is_null())["amount"].sum()
    named = lines.drop_nulls("member").with_row_index("place").sort("member", "at", "order_id", "place").drop("place")
    named.write_ipc(path)
    counts = named.group_by("member", maintain_order=True).len()["len"].to_list()
    until = datetime(end.year, end.month, end.day, tzinfo=zone)
    return Pasts(path, tuple(_shards(counts)), len(counts), int(without), until)


def _shards(counts: list[int]) -> Iterator[tuple[int, int]]:
    start = size = 0
    for count in counts:
        if size and size + count > SHARD:
            yield start, size
            start, size = start + size, 0
        size += count
    if size:
        yield start, size


def of_shard(path: Path, start: int, size: int, *, zone: ZoneInfo) -> Iterator[tuple[str, list[Bill]]]:
    """Each member of a shard with their bills, in order of time."""
    frame = pl.scan_ipc(path).slice(start, size).collect()
    return members_of(zip(*(frame[name].to_list() for name in COLUMNS), strict=True), zone=zone)


def keys_of(path: Path) -> list[str]:
    """The members, in the order of their lines."""
    keys: list[str] = pl.scan_ipc(path).select("member").collect()["member"].unique(maintain_order=True).to_list()
    return keys


def members_of(rows: Iterable[tuple[Any, ...]], *, zone: ZoneInfo) -> Iterator[tuple[str, list[Bill]]]:
    """Members with their bills from rows of COLUMNS, in order of member and time."""
    member, bills = "", dict[str, Bill]()
    for who, order, at, amount, quantity, price, store, sku, category in rows:
        if who != member:
            if bills:
                yield member, list(bills.values())
            member, bills = who, {}
        line = BillLine(local(at, zone), amount, quantity, price, sku, category)
        bill = bills.get(order)
        if bill is None:
            bills[order] = Bill(order, store, [line])
        else:
            bill.lines.append(line)
    if bills:
        yield member, list(bills.values())


def local(at: int, zone: ZoneInfo) -> datetime:
    """The instant at which the shop's clocks showed so many microseconds since 1970."""
    return (_EPOCH + timedelta(microseconds=at)).replace(tzinfo=zone)
