"""Which files of a business's warehouse count. Renaming the manifest is the commit; other files are litter of a crash.

`<warehouse>/business=<slug>/manifest.json` names every file with its rows; a reader that keeps to it sees each fact once,
whatever an export is doing meanwhile. A file that counts is never changed: another one takes its place.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import orjson

NAME = "manifest.json"
_LOCK = ".lock"
WHOLE = ""  # the month of tables that are not partitioned


class Busy(Exception):
    """Another export of this business is running."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its path below the business's folder, the month YYYY-MM of its rows ("" in snapshots), and how many."""

    path: str
    month: str
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What counts. `source` names what the rows were read from; a warehouse of another source is filled anew.

    `horizon`: the oldest transaction that was still running at the last export; what it or a later one wrote comes next.
    """

    source: dict[str, str] = field(default_factory=dict)
    horizon: int = 0
    number: int = 0  # of the export
    taken_at: str = ""  # RFC 3339: the instant of the database the warehouse shows
    tables: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)  # the columns of each table, separated by commas

    @property
    def taken(self) -> datetime | None:
        """When it was last filled."""
        return datetime.fromisoformat(self.taken_at) if self.taken_at else None

    def parts(self, table: str) -> tuple[Part, ...]:
        return self.tables.get(table, ())

    def with_parts(self, table: str, parts: tuple[Part, ...], shape: str) -> "Manifest":
        """The same with these files of a table, in order of month."""
        ordered = tuple(sorted(parts, key=lambda part: (part.month, part.path)))
        return replace(self, tables={**self.tables, table: ordered}, shapes={**self.shapes, table: shape})


def folder_of(warehouse: Path, slug: str) -> Path:
    """Where a business's files are."""
    return warehouse / f"business={slug}"


def read(folder: Path) -> Manifest | None:
    """What counts in a business's folder; None before the first export."""
    try:
        found = orjson.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        return None
    tables = {name: tuple(Part(**part) for part in parts) for name, parts in found.pop("tables").items()}
    return Manifest(tables=tables, **found)


def commit(folder: Path, manifest: Manifest) -> None:
    """From now on these files count, and only they; they are on the disk before, and so is the manifest after."""
    for parts in manifest.tables.values():
        for part in parts:
            _to_disk(folder / part.path)
            _to_disk((folder / part.path).parent)
    written = folder / f"{NAME}.new"
    written.write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    _to_disk(written)
    written.replace(folder / NAME)
    _to_disk(folder)


def sweep(folder: Path, manifest: Manifest | None) -> None:
    """Remove every data file that does not count."""
    kept = {part.path for parts in manifest.tables.values() for part in parts} if manifest else set()
    for path in folder.rglob("*.parquet"):
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other exports of this business out; a process that dies lets go. Raises Busy."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise Busy(folder.name) from taken
        yield


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
