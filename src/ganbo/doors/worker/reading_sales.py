"""Past sales read for the console: first the head of the file, then, when its columns are told, all of it."""

import csv
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.books.events.bills import minor
from ganbo.doors.worker import supposing
from ganbo.features.starting import queries
from ganbo.features.starting.queries import SalesRow
from ganbo.foundation import clock
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.insights.look import columns, files, looking, reading
from ganbo.insights.look.figures import SCALE
from ganbo.insights.look.periods import Rhythm
from ganbo.insights.simulation import pasts
from ganbo.journeys import starting

FILE, LINES, SAMPLE, LEFT_OUT = "sales", "lines.arrow", "sample.arrow", "left-out.csv"
SHOWN_ROWS, SHOWN_COLUMNS, SHOWN_SIGNS = 20, 40, 60
SAMPLE_MEMBERS, SAMPLE_LINES = 300, 4_000  # tried within a second or so
_BEAT = timedelta(milliseconds=400)


def read(business: BusinessRow, sales: UUID) -> None:
    """Do what its state asks for. Nothing when it was deleted."""
    row = queries.by_id(sales)
    if row is None or not row.working:
        return
    folder = queries.folder(business.schema, sales)
    try:
        if row.state == "received":
            _peek(row, folder)
        else:
            _look(row, folder)
    except (files.Unreadable, UnicodeError, OSError):
        starting.read(row, state="failed", problem="unreadable")
    except Exception:
        starting.read(row, state="failed", problem="fault")
        raise
    if queries.by_id(sales) is None:
        shutil.rmtree(folder, ignore_errors=True)  # deleted while it was read


def _peek(row: SalesRow, folder: Path) -> None:
    """The heading, the first rows, and what the columns seem to be; three numbers become a year of sales."""
    if row.numbers is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        today = clock.now().astimezone(ZoneInfo(row.zone)).date()
        supposing.write(folder / FILE, row.numbers, until=today)
    table = files.opened(folder / FILE)
    batch = next(iter(table.batches), None)
    if batch is None:
        raise files.Unreadable("empty")
    rows = batch.listed[: reading.HEAD_ROWS + SHOWN_ROWS]
    try:
        place, guessed = columns.find(rows[: reading.HEAD_ROWS], {})
    except columns.NoColumns as unknown:
        place = next((n for n, one in enumerate(rows) if one == unknown.heading), 0)
        guessed = columns.guess(unknown.heading, {})
    heading = [cell.strip(reading.EMPTY) for cell in rows[place]] if rows else []
    if len([name for name in heading if name]) < 2:
        raise files.Unreadable("one column")
    head = {
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "heading": heading[:SHOWN_COLUMNS],
        "rows": [[_shown(cell) for cell in one[:SHOWN_COLUMNS]] for one in rows[place + 1 : place + 1 + SHOWN_ROWS]],
        "guess": {field: heading[at] for field, at in guessed.items() if heading[at]},
    }
    if starting.read(row, state="asking", found={"head": head}) and row.numbers is not None:
        starting.tell(row.id, head["guess"], [])  # nobody has to be asked what they mean


def _shown(cell: str) -> str:
    return cell.strip(reading.EMPTY).removeprefix("=").replace("\0", "␀")[:SHOWN_SIGNS]


def _look(row: SalesRow, folder: Path) -> None:
    """Everything the pages tell of the customers, and the members' pasts for the programmes to be tried on."""
    zone, beat = ZoneInfo(row.zone), _Beat(row)
    today = reading.tomorrow(clock.now().astimezone(zone).date())
    asked = reading.Asked(row.columns, row.anonymous, zone, today, lines=True, guess=False, rows=beat.rows)
    head = {"head": row.found["head"]}
    try:
        read = reading.read(folder / FILE, asked, beat.bytes)
    except (columns.NoColumns, columns.MapUnknown):
        starting.read(row, state="failed", problem="no_columns")
        return
    except reading.NothingLeft as nothing:
        _leave_out(folder, nothing.reading)
        starting.read(row, state="failed", problem="nothing_left", found={**head, "reading": _how(nothing.reading)})
        return
    except _Deleted:
        return
    _leave_out(folder, read)
    how = _how(read)
    found = looking.look(read, Rhythm())
    past = pasts.arrange(read, folder / LINES, zone=zone)
    os.chmod(folder / LINES, 0o600)
    if not past.members:
        starting.read(row, state="failed", problem="no_members", found={**head, "reading": how})
        return
    told = {**head, "reading": how, **_kept(found, row.currency), "past": _past(past, folder, row.currency)}
    starting.read(row, state="looked", found=told)


class _Deleted(Exception):
    """Nobody waits for it any more."""


class _Beat:
    """Says how far the reading is, a few times a second at most; stops it when the sales were deleted or told anew."""

    def __init__(self, row: SalesRow) -> None:
        self._row, self._rows, self._last = row, 0, clock.now()

    def rows(self, n: int) -> None:
        self._rows = n
        self._say(0.0)

    def bytes(self, done: int, size: int) -> None:
        self._say(done / size if size else 0.0)

    def _say(self, share: float) -> None:
        now: datetime = clock.now()
        if now - self._last < _BEAT:
            return
        self._last = now
        newest = queries.by_id(self._row.id)
        if newest is None or newest.revision != self._row.revision:
            raise _Deleted
        starting.beat(self._row.id, rows=self._rows, share=max(share, newest.share), at=now)


def _how(read: reading.Reading) -> dict[str, Any]:
    """How the file was read, without the rows that were left out: those are in their file."""
    told = looking.how_read(read)
    del told["problems"]
    return told


def _leave_out(folder: Path, read: reading.Reading) -> None:
    """The rows that were left out, with line and reason, for who mends the file."""
    handle = os.open(folder / LEFT_OUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((one.line, one.reason, one.value) for one in read.problems)


def _kept(found: dict[str, Any], currency: str) -> dict[str, Any]:
    """What the pages tell, money in minor units."""

    def money(amount: float) -> int:
        return minor(round(amount * SCALE), currency)

    return {
        "bill": money(found["aov"] or 0),
        "revenue": money(found["revenue"]),
        "months": [
            {
                "month": one["month"], "active": one["active"], "new": one["new"], "kept": one["retained"],
                "back": one["reactivated"], "revenue": money(one["revenue"]),
            }
            for one in found["monthly"]
        ],
        **{name: found[name] for name in (
            "orders", "members", "receipts_with_member", "members_by_orders", "repeat_members", "cohorts", "from", "to",
        )},
        "findings": [one for one in found["findings"] if one["code"] in ("half_once", "once", "walk_in", "top", "existing", "stay")],
        "stay": [one["crr"] for one in found["monthly"] if one["crr"] is not None][-12:],
    }  # fmt: skip


def _past(past: pasts.Pasts, folder: Path, currency: str) -> dict[str, Any]:
    """Where the members' pasts are, and those of a sample: every so manieth member, as many as are tried in a moment."""
    sizes = pl.scan_ipc(past.path).group_by("member").agg(n=pl.len(), amount=pl.col("amount").sum()).collect()
    sizes = sizes.sort("member")
    every = max(-(-sizes.height // SAMPLE_MEMBERS), -(-int(sizes["n"].sum()) // SAMPLE_LINES), 1)
    chosen = sizes.gather_every(every, offset=every // 2 if sizes.height > every // 2 else 0)
    lines = pl.scan_ipc(past.path).filter(pl.col("member").is_in(chosen["member"].implode())).collect()
    lines.write_ipc(folder / SAMPLE)
    os.chmod(folder / SAMPLE, 0o600)
    return {
        "shards": [list(one) for one in past.shards],
        "members": past.members,
        "without": minor(past.without, currency),
        "until": past.until.isoformat(),
        "sales": minor(int(sizes["amount"].sum()), currency),
        "sample": {"members": chosen.height, "lines": lines.height, "sales": minor(int(chosen["amount"].sum()), currency)},
    }  # fmt: skip


def shards_of(told: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """As they were kept."""
    return ((start, size) for start, size in told["shards"])
