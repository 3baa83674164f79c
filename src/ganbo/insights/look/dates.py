"""Days as tills write them, in the shop's zone: ISO, `23/11/2026 10:05`, `1.2.26`, `20261123`, a day number of Excel."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

EARLIEST = date(1970, 1, 1)
_CLOCK = r"(?:[T ]+\d{1,2}[:hH]\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*(?:AM|PM|am|pm|SA|CH|sa|ch))?)?"
_TIME = r"[T ]+(\d{1,2})[:hH](\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(AM|PM|am|pm|SA|CH|sa|ch)?\s*$"
_LOCAL = rf"^\s*(\d[\d/.\-]*){_CLOCK}\s*$"
_OFFSET = re.compile(r"(?i)^\d{4}-\d{2}-\d{2}[T ].*(z|[+-]\d{2}:?\d{2})$")
_PARTS = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})")


def month_first(cells: pl.Series) -> bool:
    """Whether 11/23/2026 occurs more than 23/11/2026; else the day comes first, as in Vietnam."""
    parts = cells.str.extract_groups(r"^\s*(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{2,4}").struct.unnest()
    first, second = (parts[name].cast(pl.Int32, strict=False) for name in parts.columns)
    return int(((second > 12) & (first <= 12)).sum() or 0) > int(((first > 12) & (second <= 12)).sum() or 0)


def read(cells: pl.Series, *, american: bool, zone: ZoneInfo) -> pl.Series:
    """Each cell's day, null where it is none."""
    part = cells.str.extract(_LOCAL)
    days = _mapped(part, {cell: day(cell, american=american) for cell in part.drop_nulls().unique().to_list()})
    rest = cells.filter(days.is_null() & cells.is_not_null()).unique()
    if not rest.len():
        return days
    slow = _mapped(cells, {cell: instant(cell, zone) for cell in rest.to_list()})
    return pl.select(pl.coalesce(pl.lit(days), pl.lit(slow)))[:, 0]


def moments(cells: pl.Series, days: pl.Series, *, zone: ZoneInfo) -> pl.Series:
    """When each cell was by the shop's clocks, in microseconds since 1970 as if they showed UTC; noon without a time of day.

    `days` are those that `read` found.
    """
    parts = cells.str.extract_groups(_TIME).struct.unnest()
    hour, minute, second = (parts[name].cast(pl.Int64, strict=False) for name in parts.columns[:3])
    half = parts[parts.columns[3]].str.to_lowercase()
    frame = pl.DataFrame({"day": days, "hour": hour, "minute": minute, "second": second, "half": half})
    late = pl.col("half").is_in(["pm", "ch"])
    hours = pl.when(pl.col("half").is_null()).then(pl.col("hour")).otherwise(pl.col("hour") % 12 + 12 * late)
    of_day = (hours * 60 + pl.col("minute")) * 60 + pl.col("second").fill_null(0)
    fits = (hours < 24) & (pl.col("minute") < 60)
    clock = pl.when(fits).then(of_day).otherwise(12 * 3600).fill_null(12 * 3600)
    local = frame.select(at=pl.col("day").cast(pl.Datetime("us")).cast(pl.Int64) + clock * 1_000_000)["at"]
    exact = cells.filter(cells.str.contains(_OFFSET.pattern).fill_null(False)).unique()
    if not exact.len():
        return local
    known = pl.DataFrame({"cell": exact, "exact": [_shown(cell.strip(), zone) for cell in exact.to_list()]})
    found = pl.DataFrame({"cell": cells, "local": local}).join(known, on="cell", how="left", maintain_order="left")
    return found.select(at=pl.coalesce("exact", "local"))["at"]


def _shown(cell: str, zone: ZoneInfo) -> int | None:
    """What the shop's clocks showed at an instant with its offset."""
    try:
        at = datetime.fromisoformat(cell).astimezone(zone).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return int(at.timestamp() * 1_000_000)


def _mapped(cells: pl.Series, known: dict[str, date | None]) -> pl.Series:
    table = pl.DataFrame({"cell": list(known), "day": list(known.values())}, schema={"cell": pl.String, "day": pl.Date})
    return pl.DataFrame({"cell": cells}).join(table, on="cell", how="left", maintain_order="left")["day"]


def day(text: str, *, american: bool) -> date | None:
    """A date without its time of day."""
    text = text.strip(".-/")
    found = _PARTS.fullmatch(text)
    if found is None:
        return _bare(text)
    first, second, third = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) == 4:
        order = (first, second, third)
    elif len(found[1]) <= 2 and len(found[4]) in (2, 4):
        year = third if len(found[4]) == 4 else 2000 + third
        swap = (american and first <= 12) or second > 12
        order = (year, first, second) if swap else (year, second, first)
    else:
        return None
    try:
        return date(*order)
    except ValueError:
        return None


def _bare(text: str) -> date | None:
    """20261123, or days since 1899-12-30 as Excel counts."""
    try:
        if re.fullmatch(r"(19|20)\d{6}", text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if re.fullmatch(r"[2-6]\d{4}(\.\d+)?", text):
            return date(1899, 12, 30) + timedelta(days=int(float(text)))
    except ValueError:
        pass
    return None


def instant(cell: str, zone: ZoneInfo) -> date | None:
    """A time with its offset, as the shop's day; and Excel's number."""
    text = cell.strip()
    if text.startswith("="):
        return _bare(text.removeprefix("=").strip('"'))
    if not _OFFSET.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(zone).date()
    except (ValueError, OverflowError):
        return None
