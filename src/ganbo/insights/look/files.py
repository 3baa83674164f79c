"""Opens a sales file: CSV in the encodings tills write, XLSX, Parquet; hands over its rows a batch at a time."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

BATCH = 100_000
HEAD = 1_048_576
FIELD_MOST = 1_048_576
Row = list[str]


class Unreadable(Exception):
    """The file is not a table that can be read."""


@dataclass
class Batch:
    """Rows with the number of the line each begins on; what is no row at all is told apart."""

    lines: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    cells: "pl.DataFrame | None" = None  # instead of rows, where all have the same width: a column for each place

    @property
    def listed(self) -> list[Row]:
        """The rows, however they were read."""
        return self.rows if self.cells is None else [list(row) for row in self.cells.iter_rows()]


@dataclass
class Table:
    """An opened file: how it was read, and its rows from the first line on."""

    kind: str
    encoding: str
    delimiter: str
    batches: Iterator[Batch]
    size: int = 0
    position: Callable[[], int] | None = None  # bytes read so far


def opened(path: Path) -> Table:
    """The table in a file, by its content and then its name."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise Unreadable("empty")
    if head[:4] == b"PAR1":
        return Table("parquet", "", "", _parquet(path))
    if head[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return Table("xlsx", "", "", _workbook(path))
    encoding = encoding_of(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    delimiter = delimiter_of(text)
    raw, size = path.open("rb"), path.stat().st_size
    stream = io.TextIOWrapper(io.BufferedReader(raw, HEAD), encoding=encoding, errors="replace", newline="")  # type: ignore[type-var]
    return Table(
        "csv",
        encoding,
        delimiter,
        _lines(stream, encoding, delimiter),
        size,
        lambda: size if raw.closed else raw.tell(),
    )


def encoding_of(head: bytes) -> str:
    """UTF-8 or UTF-16 by their marks, UTF-16 by its zeros, UTF-8 if it decodes, else windows-1258."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:2000]
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[start::2].count(0) > len(sample) // 6 and sample[1 - start :: 2].count(0) < len(sample) // 20:
            return name
    wrong = codecs.getincrementaldecoder("utf-8")("replace").decode(head).count("\ufffd")
    if wrong == 0:
        return "utf-8"
    high = sum(byte > 127 for byte in head)
    return "utf-8" if wrong * 4 < high else "windows-1258"


def delimiter_of(text: str) -> str:
    """The sign that parts the most cells, evenly, in the first lines."""
    lines = [line for line in text.splitlines()[:40] if line.strip()]
    counts = {sign: [len(next(csv.reader([line], delimiter=sign), [])) for line in lines] for sign in ",;\t|"}
    best, _ = max(
        ((sign, max((found.count(n) * (n > 1), n) for n in set(found))) for sign, found in counts.items() if found),
        key=lambda pair: pair[1],
        default=(",", (0, 0)),
    )
    return best


def _lines(stream: io.TextIOWrapper, encoding: str, delimiter: str) -> Iterator[Batch]:
    csv.field_size_limit(FIELD_MOST)
    source: Iterator[str] = stream
    if encoding == "windows-1258":
        source = (unicodedata.normalize("NFC", line) for line in stream)
    begun, width = 1, 0
    with stream:
        while block := list(islice(source, BATCH)):
            whole = _whole(block, delimiter, width) if width else None
            if whole is not None:
                yield Batch(lines=list(range(begun, begun + len(block))), cells=whole)
                begun += len(block)
                continue
            batch, begun = _read(chain(block, source), delimiter, begun)
            width = len(batch.rows[-1]) if batch.rows else width
            yield batch


def _whole(block: list[str], delimiter: str, width: int) -> "pl.DataFrame | None":
    """Lines without a quote and of one width, parted all at once; None when they must be read one by one."""
    import polars as pl

    lines = pl.Series(block).str.strip_chars_end("\r\n")
    if (
        lines.str.contains('"', literal=True).any()
        or (lines.str.count_matches(delimiter, literal=True) != width - 1).any()
    ):
        return None
    return lines.str.split_exact(delimiter, width - 1).struct.unnest()


def _read(source: Iterator[str], delimiter: str, begun: int) -> tuple[Batch, int]:
    """Up to BATCH rows, quotes and breaks in them minded, and the line after them; `begun`: the line they begin on."""
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=delimiter != "\t")
    batch = Batch()
    rows, lines, before = batch.rows, batch.lines, 0
    while len(rows) < BATCH:
        try:
            for row in reader:
                rows.append(row)
                lines.append(begun + before)
                before = reader.line_num
                if len(rows) >= BATCH:
                    break
            else:
                break
        except csv.Error:
            batch.broken.append((begun + before, "unclosed_quote"))
            before = reader.line_num
    return batch, begun + before


def _workbook(path: Path) -> Iterator[Batch]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheet = next(
            (found for name in book.sheet_names if (found := book.get_sheet_by_name(name)).height > 1),
            book.get_sheet_by_index(0),
        )
    except Exception as failure:
        raise Unreadable(str(failure)) from failure
    batch = Batch()
    start = sheet.start[0] if sheet.start else 0
    for number, row in enumerate(sheet.iter_rows(), start=start + 1 if sheet.start else 1):
        batch.rows.append([_cell(one) for one in row])
        batch.lines.append(number)
        if len(batch.rows) >= BATCH:
            yield batch
            batch = Batch()
    yield batch


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return f"={int(value)}" if value.is_integer() else f"={value!r}"
    if isinstance(value, int):
        return f"={value}"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _parquet(path: Path) -> Iterator[Batch]:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except Exception as failure:
        raise Unreadable(str(failure)) from failure
    yield Batch(lines=[0], rows=[list(frame.columns)])
    for start in range(0, frame.height, BATCH):
        part = frame.slice(start, BATCH)
        columns: Sequence[list[Any]] = [part[name].to_list() for name in part.columns]
        rows = [
            [_cell(value) if type(value) is not str else value for value in row] for row in zip(*columns, strict=True)
        ]
        yield Batch(lines=list(range(start + 1, start + 1 + len(rows))), rows=rows)
