"""A query's rows into Parquet files, one a month: COPY → Arrow → Parquet, in bounded memory."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from ganbo.insights.warehouse.manifest import WHOLE, Part
from ganbo.insights.warehouse.tables import INSTANT, Table

_BLOCK = 4 << 20  # bytes of CSV parsed at once
_GROUP = 65_536  # rows of a file written together
_WAITING = 4 * _GROUP  # rows of all months that wait for their group to fill
COMPRESSION = "zstd"


class _Copied(io.RawIOBase):
    """The text of a running COPY as a file that can be read once."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._rows = iter(copy)
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        found, length = [self._left], len(self._left)
        while length < size:
            row = next(self._rows, None)
            if row is None:
                break
            found.append(bytes(row))
            length += len(row)
        whole = b"".join(found)
        self._left = whole[size:]
        return whole[:size]


def batches(cursor: psycopg.Cursor[Any], query: str, table: Table) -> Iterator[pa.RecordBatch]:
    """The rows of `query`, which selects the columns of `table`, a few megabytes at a time."""
    raw = {c.name: pa.int64() if c.type == INSTANT else c.type for c in table.columns}
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)".encode()) as copy:
        source = _Copied(copy)
        first = source.read(1)
        if not first:
            return  # not a single row: there is no CSV to read
        source._left = first + source._left
        reader = pyarrow.csv.open_csv(
            pa.PythonFile(source, mode="r"),
            read_options=pyarrow.csv.ReadOptions(column_names=list(raw), block_size=_BLOCK),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=raw,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        for batch in reader:
            columns = [
                column.cast(c.type) if c.type == INSTANT else column
                for c, column in zip(table.columns, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=table.schema())


class Months:
    """Writes rows into a new file a month below `folder`; `parts()` says which when all is written."""

    def __init__(self, folder: Path, table: Table, number: int) -> None:
        self._folder, self._table, self._name = folder, table, f"{number:06d}.parquet"
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._rows: dict[str, int] = {}
        self._waiting: dict[str, list[pa.RecordBatch]] = {}

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; those of a month are written once there are enough of them."""
        for month, rows in self._by_month(batch):
            self._waiting.setdefault(month, []).append(rows)
            if self._count(month) >= _GROUP:
                self._flush(month)
        while sum(map(self._count, self._waiting)) > _WAITING:
            self._flush(max(self._waiting, key=self._count))

    def parts(self) -> tuple[Part, ...]:
        """Write what waits, close the files and name them."""
        for month in list(self._waiting):
            self._flush(month)
        for writer in self._writers.values():
            writer.close()
        return tuple(Part(self._path(month), month, rows) for month, rows in sorted(self._rows.items()))

    def _by_month(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        if not self._table.partitioned:
            yield WHOLE, batch
            return
        day = batch.column(self._table.day)
        months = pc.add(pc.multiply(pc.year(day), 12), pc.subtract(pc.month(day), 1))
        for number in sorted(pc.unique(months).to_pylist()):
            yield f"{number // 12:04d}-{number % 12 + 1:02d}", batch.filter(pc.equal(months, number))

    def _count(self, month: str) -> int:
        return sum(rows.num_rows for rows in self._waiting[month])

    def _flush(self, month: str) -> None:
        rows = pa.Table.from_batches(self._waiting.pop(month))
        if month not in self._writers:
            path = self._folder / self._path(month)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._writers[month] = pq.ParquetWriter(path, self._table.schema(), compression=COMPRESSION)
        self._writers[month].write_table(rows, row_group_size=_GROUP)
        self._rows[month] = self._rows.get(month, 0) + rows.num_rows

    def _path(self, month: str) -> str:
        return path_of(self._table.name, month, self._name)


def path_of(table: str, month: str, name: str) -> str:
    """A file's place below the business's folder."""
    return f"{table}/month={month}/{name}" if month else f"{table}/{name}"


def fill(
    folder: Path, table: Table, number: int, rows: Iterator[pa.RecordBatch], told: Callable[[int], None]
) -> tuple[Part, ...]:
    """All rows into new files; `told` hears how many came."""
    months = Months(folder, table, number)
    for batch in rows:
        months.write(batch)
        told(batch.num_rows)
    return months.parts()
