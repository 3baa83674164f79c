"""From a file's rows to orders; every row that is left out is counted and named with its line and reason."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.insights.look import columns, dates, files, numbers

MOST_TOLD = 10_000  # rows left out that are named one by one; all are counted
HEAD_ROWS = 20
EMPTY = " \t\r\u00a0\ufeff"
LINES = {
    "order_id": pl.String,
    "member": pl.String,
    "at": pl.Int64,
    "amount": pl.Int64,
    "quantity": pl.Int64,
    "unit_price": pl.Int64,
    "store": pl.String,
    "sku": pl.String,
    "category": pl.String,
}  # `at` as dates.moments; amounts and quantities in ten-thousandths, null without such a column
ORDERS = {"order_id": pl.String, "member": pl.String, "day": pl.Date, "amount": pl.Int64}


class NothingLeft(Exception):
    """Not one row could be read."""

    def __init__(self, reading: "Reading") -> None:
        super().__init__("nothing left")
        self.reading = reading


@dataclass(frozen=True)
class Asked:
    """What the caller says of the file."""

    told: Mapping[str, str] = field(default_factory=dict)
    anonymous: tuple[str, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    today: date = date(9999, 1, 1)
    lines: bool = False  # keep the lines, too: a back-test sells them again
    guess: bool = True  # False: only what is told is a column, nothing else is looked for
    rows: Callable[[int], None] = lambda n: None  # told of the rows read so far, now and then


@dataclass(frozen=True)
class Problem:
    """A row left out."""

    line: int
    reason: str
    value: str


@dataclass
class Reading:
    """How the file was read: orders, and what was left out."""

    kind: str = ""
    encoding: str = ""
    delimiter: str = ""
    heading: list[str] = field(default_factory=list)
    heading_line: int = 0
    found: dict[str, int] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    blank: int = 0
    anonymous_rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    two_members: int = 0
    many_days: int = 0
    orders: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ORDERS))
    lines: list[pl.DataFrame] = field(default_factory=list)  # of LINES, when they were asked for

    def leave_out(self, line: int, reason: str, value: str) -> None:
        """Count a row that is not read, and name it while there are not too many."""
        self.reasons[reason] += 1
        if len(self.problems) < MOST_TOLD:
            self.problems.append(Problem(line, reason, value[:80]))


def read(path: Path, asked: Asked, told: Callable[[int, int], None] = lambda done, size: None) -> Reading:
    """Orders of a sales file: id, member or null, day, amount in ten-thousandths."""
    table = files.opened(path)
    reading = Reading(kind=table.kind, encoding=table.encoding, delimiter=table.delimiter)
    parts = [pl.DataFrame(schema={**ORDERS, "last_member": pl.String, "last_day": pl.Date})]
    for batch in table.batches:
        if not reading.heading:
            _head(reading, batch, asked)
        for line, reason in batch.broken:
            reading.rows += 1
            reading.leave_out(line, reason, "")
        parts.append(_orders(_cells(reading, batch), reading, asked))
        asked.rows(reading.rows)
        if table.position:
            told(table.position(), table.size)
    merged = _merged(pl.concat(parts))
    reading.problems.sort(key=lambda one: one.line)
    reading.two_members = merged.filter(pl.col("member") != pl.col("last_member")).height
    reading.many_days = merged.filter(pl.col("day") != pl.col("last_day")).height
    reading.orders = merged.select(*ORDERS)
    if not merged.height:
        raise NothingLeft(reading)
    return reading


def _merged(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("order_id").agg(
        pl.col("member").min(),
        pl.col("day").min(),
        pl.col("amount").sum(),
        pl.col("last_member").max(),
        pl.col("last_day").max(),
    )


def _head(reading: Reading, batch: files.Batch, asked: Asked) -> None:
    """Find the heading among the first rows and take it and what stands above it out of the batch."""
    place, reading.found = columns.find(
        batch.rows[:HEAD_ROWS], asked.told, columns.KNOWN if asked.guess else dict.fromkeys(columns.KNOWN, ())
    )
    reading.heading = [cell.strip(EMPTY) for cell in batch.rows[place]]
    reading.heading_line = batch.lines[place]
    for line, row in zip(batch.lines[:place], batch.rows[:place], strict=True):
        if any(cell.strip(EMPTY) for cell in row):
            reading.rows += 1
            reading.leave_out(line, "above_heading", " ".join(row).strip())
        else:
            reading.blank += 1
    del batch.rows[: place + 1], batch.lines[: place + 1]


def _cells(reading: Reading, batch: files.Batch) -> pl.DataFrame:
    """The needed cells as text; rows of a wrong width are told, blank ones counted."""
    width = len(reading.heading)
    reading.rows += len(batch.lines)
    if batch.cells is not None and batch.cells.width == width:
        found = {name: batch.cells.to_series(place) for name, place in reading.found.items()}
        return _without_blank(reading, batch.lines, found, batch.cells)
    lines, rows = batch.lines, batch.listed
    if any(len(row) != width for row in rows):
        given, lines, rows = rows, [], []
        for line, row in zip(batch.lines, given, strict=True):
            if len(row) > width and not any(cell.strip(EMPTY) for cell in row[width:]):
                row = row[:width]
            if len(row) == width:
                lines.append(line)
                rows.append(row)
            elif any(cell.strip(EMPTY) for cell in row):
                reading.leave_out(line, "columns", f"{len(row)} ≠ {width}: {' '.join(row)}")
            else:
                reading.blank += 1
                reading.rows -= 1
    found = {name: pl.Series([row[place] for row in rows], dtype=pl.String) for name, place in reading.found.items()}
    return _without_blank(reading, lines, found, rows)


def _without_blank(
    reading: Reading, lines: list[int], found: dict[str, pl.Series], rows: list[files.Row] | pl.DataFrame
) -> pl.DataFrame:
    """The needed cells, stripped; rows of which no cell says anything are counted as blank and left out."""
    cells = dict(found)
    cells.setdefault("order_id", pl.Series([str(line) for line in lines], dtype=pl.String))
    frame = pl.DataFrame({"line": pl.Series(lines, dtype=pl.Int64), **cells})
    text = pl.col(pl.String).str.strip_chars(EMPTY)
    frame = frame.with_columns(pl.when(text != "").then(text))
    empty = frame.select(pl.all_horizontal(pl.col(*cells).exclude("order_id").is_null()))[:, 0]
    if not empty.any():
        return frame
    said = [rows.row(place) if isinstance(rows, pl.DataFrame) else rows[place] for place in empty.arg_true().to_list()]
    gone = empty.arg_true().filter(pl.Series([not any(cell.strip(EMPTY) for cell in row) for row in said]))
    reading.blank += gone.len()
    reading.rows -= gone.len()
    return frame.with_row_index("place").filter(~pl.col("place").is_in(gone.implode())).drop("place")


def _number(frame: pl.DataFrame, reading: Reading, name: str) -> pl.Series:
    if name not in frame.columns:
        return pl.Series([0], dtype=pl.Int64).new_from_index(0, frame.height)
    way = reading.styles.get(name)
    if way is None:
        way = reading.styles[name] = numbers.style(frame[name])
    return numbers.read(frame[name], way)


def _amounts(frame: pl.DataFrame, reading: Reading) -> tuple[pl.Series, pl.Series]:
    """The lines' amounts, and the cells they come from."""
    if "amount" in reading.found:
        return _number(frame, reading, "amount"), frame["amount"]
    factors = {name: _number(frame, reading, name) for name in ("quantity", "unit_price", "discount")}
    discount = (
        pl.when(pl.lit(frame["discount"]).is_null()).then(0).otherwise(pl.lit(factors["discount"]))
        if ("discount" in frame.columns)
        else pl.lit(factors["discount"])
    )
    gross = pl.lit(factors["quantity"]).cast(pl.Float64) * pl.lit(factors["unit_price"]) / numbers.SCALE
    whole = pl.when(gross.abs() < numbers.MOST * numbers.SCALE).then(gross.round(0))
    cells = pl.concat_str(pl.lit(frame["quantity"]), pl.lit(" × "), pl.lit(frame["unit_price"]))
    done = pl.select(amount=whole.cast(pl.Int64, strict=False) - discount, cells=cells)
    return done["amount"], done["cells"]


def _orders(frame: pl.DataFrame, reading: Reading, asked: Asked) -> pl.DataFrame:
    """A batch's orders; its bad rows are told."""
    if "date" not in reading.styles:
        reading.styles["date"] = "month_first" if dates.month_first(frame["occurred_at"]) else "day_first"
    days = dates.read(frame["occurred_at"], american=reading.styles["date"] == "month_first", zone=asked.zone)
    amounts, shown = _amounts(frame, reading)
    names = [pl.col(name).str.strip_prefix("=").str.strip_chars('"') for name in ("order_id", "member")]
    frame = frame.with_columns(*names).with_columns(day=days, amount=amounts, shown=shown)
    needed = [name for name in frame.columns if frame.schema[name] == pl.String and name != "shown"]
    head = pl.lit(reading.heading[reading.found["occurred_at"]])
    reason = (
        pl.when(pl.any_horizontal(pl.col(*needed).str.contains("\0", literal=True)))
        .then(pl.lit("nul"))
        .when(pl.any_horizontal(pl.col(*needed).str.contains("\n", literal=True)))
        .then(pl.lit("line_break"))
        .when(pl.any_horizontal(pl.col("order_id", "member").str.contains("\ufffd", literal=True)))
        .then(pl.lit("encoding"))
        .when(pl.col("occurred_at") == head)
        .then(pl.lit("heading_again"))
        .when(pl.col("order_id").is_null())
        .then(pl.lit("no_order_id"))
        .when(pl.col("occurred_at").is_null())
        .then(pl.lit("no_date"))
        .when(pl.col("day").is_null())
        .then(pl.lit("bad_date"))
        .when(pl.col("day") < dates.EARLIEST)
        .then(pl.lit("old_date"))
        .when(pl.col("day") > asked.today)
        .then(pl.lit("future_date"))
        .when(pl.col("shown").is_null())
        .then(pl.lit("no_amount"))
        .when(pl.col("amount").is_null())
        .then(pl.lit("bad_amount"))
        .alias("reason")
    )
    frame = frame.with_columns(reason)
    for row in frame.filter(pl.col("reason").is_not_null()).iter_rows(named=True):
        _tell(reading, row)
    good = frame.filter(pl.col("reason").is_null())
    nobody = [name.strip().casefold() for name in asked.anonymous]
    if nobody:
        hidden = pl.col("member").str.to_lowercase().is_in(nobody)
        good = good.with_columns(member=pl.when(~hidden).then(pl.col("member")))
    reading.anonymous_rows += good["member"].null_count()
    if asked.lines:
        reading.lines.append(_lines(good, reading, asked.zone))
    return _merged(good.select(*ORDERS, last_member=pl.col("member"), last_day=pl.col("day")))


def _lines(good: pl.DataFrame, reading: Reading, zone: ZoneInfo) -> pl.DataFrame:
    """The good rows as lines of a bill."""
    at = dates.moments(good["occurred_at"], good["day"], zone=zone)
    known = {name: _number(good, reading, name) for name in ("quantity", "unit_price") if name in good.columns}
    named = [
        (pl.col(name) if name in good.columns else pl.lit(None, dtype=pl.String)).alias(name)
        for name in ("store", "sku", "category")
    ]
    empty = [pl.lit(None, dtype=pl.Int64).alias(name) for name in ("quantity", "unit_price") if name not in known]
    return good.with_columns(at=at, **known).with_columns(*named, *empty).select(*LINES)


def _tell(reading: Reading, row: Mapping[str, object]) -> None:
    reason = str(row["reason"])
    cell = {"no_order_id": "occurred_at", "no_date": "order_id", "no_amount": "order_id"}.get(reason)
    cell = cell or ("shown" if reason == "bad_amount" else "occurred_at" if reason.endswith("date") else "order_id")
    if reason in ("nul", "line_break", "encoding"):
        value = " ".join(str(row[name]) for name in ("order_id", "member", "occurred_at") if row[name])
        reading.leave_out(int(str(row["line"])), reason, value.replace("\0", "␀").replace("\n", "⏎"))
        return
    reading.leave_out(int(str(row["line"])), reason, str(row[cell] or ""))


def tomorrow(today: date) -> date:
    """The last day a sale may carry: clocks differ, so one day is let pass."""
    return today + timedelta(days=1)
