"""Any file's rows by the names of their columns; what cannot be a row is told with its line and reason, never dropped."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ganbo.insights.look import columns, files
from ganbo.insights.look.columns import Known, Lacking

HEAD_ROWS = 20
EMPTY = " \t\r\u00a0\ufeff"
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Fields:
    """What columns a kind of file may have, by the names they go by, and without which it cannot be read."""

    known: Known
    lacking: Lacking


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its fields; cells without spaces around them, an empty one is left out. `line` is where it begins."""

    line: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class Left:
    """A row that is none."""

    line: int
    reason: str
    value: str = ""


@dataclass
class Sheet:
    """An opened file: how it is read, and its rows a batch at a time. `left` grows as they are read."""

    kind: str
    encoding: str
    delimiter: str
    heading: list[str]
    heading_line: int
    found: dict[str, int]
    left: list[Left] = field(default_factory=list)
    blank: int = 0
    _batches: Iterator[files.Batch] = field(default_factory=lambda: iter(()))
    _done: Callable[[], None] = lambda: None

    @property
    def unread(self) -> list[str]:
        """Names of columns nobody knows."""
        return [name for place, name in enumerate(self.heading) if name and place not in self.found.values()]

    def batches(self) -> Iterator[list[Row]]:
        """The rows, up to files.BATCH at a time."""
        for batch in self._batches:
            self.left += [Left(line, reason) for line, reason in batch.broken]
            yield [
                row for line, cells in zip(batch.lines, batch.listed, strict=True) if (row := self._row(line, cells))
            ]
            self._done()

    def _row(self, line: int, cells: list[str]) -> Row | None:
        bare = [cell.strip(EMPTY) for cell in cells]
        while len(bare) > len(self.heading) and not bare[-1]:
            bare.pop()
        if not any(bare):
            self.blank += 1
        elif len(bare) != len(self.heading):
            self.left.append(Left(line, "columns", f"{len(bare)} ≠ {len(self.heading)}"))
        elif bare == self.heading:
            self.left.append(Left(line, "heading_again"))
        elif any("\0" in cell for cell in bare):
            self.left.append(Left(line, "nul"))
        elif any("\ufffd" in cell for cell in bare):
            self.left.append(Left(line, "encoding"))
        else:
            return Row(line, {name: _plain(bare[place]) for name, place in self.found.items() if bare[place]})
        return None


_COMPUTED = tuple("=+-@\t\r＝＋－＠")  # at the front of a cell: what a spreadsheet would compute


def _plain(cell: str) -> str:
    """A number of a workbook stands behind `=`, and Excel's way to keep a text, too; an export's is an apostrophe."""
    if cell.startswith("'") and cell[1:2] in _COMPUTED:
        return cell[1:]
    return cell.removeprefix("=").strip('"') if cell.startswith("=") else cell


def opened(
    path: Path, fields: Fields, told: Mapping[str, str], heard: Callable[[int, int], None] = lambda done, size: None
) -> Sheet:
    """The table in a file; `told`: field → column where the heading does not say it. `heard` is told of bytes read.

    Raises OSError, files.Unreadable, columns.NoColumns or columns.MapUnknown.
    """
    table = files.opened(path)
    first = next(table.batches, files.Batch())
    place, found = columns.find(first.rows[:HEAD_ROWS], told, fields.known, fields.lacking)
    heading = [cell.strip(EMPTY) for cell in first.rows[place]]
    sheet = Sheet(table.kind, table.encoding, table.delimiter, heading, first.lines[place], found)
    for line, row in zip(first.lines[:place], first.rows[:place], strict=True):
        if any(cell.strip(EMPTY) for cell in row):
            sheet.left.append(Left(line, "above_heading", " ".join(row).strip()[:80]))
        else:
            sheet.blank += 1
    del first.rows[: place + 1], first.lines[: place + 1]
    sheet._batches = _all(first, table.batches)
    sheet._done = lambda: heard(table.position(), table.size) if table.position else None
    return sheet


def _all(first: files.Batch, rest: Iterator[files.Batch]) -> Iterator[files.Batch]:
    yield first
    yield from rest


def copied(path: Path, wanted: Mapping[int, str], reason: str) -> Iterator[list[str]]:
    """The heading line and the wanted lines of a file as they stand, each with its text in a last column named `reason`."""
    headed = False
    for batch in files.opened(path).batches:
        for line, row in zip(batch.lines, batch.listed, strict=True):
            if line in wanted:
                yield [*(_plain(cell) for cell in row), wanted[line]]
            elif not headed:
                headed = True
                yield [*row, reason]
