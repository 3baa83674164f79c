"""Opens the file of an import, tells what cannot be read, and writes the rows that were not taken into a file of their own."""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ganbo.doors.cli import saying
from ganbo.doors.cli.imports import reasons
from ganbo.insights.look import columns, files, sheets
from ganbo.insights.look.sheets import Fields, Sheet
from ganbo.journeys.import_members import Refused

MOST_SHOWN = 20  # rows not taken that the terminal names; --rejected and --json have them all
REASON = "ganbo_reason"


@contextmanager
def bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error; what it gives is told (done, of all)."""
    parts = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*parts, console=saying.errors, transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, size: progress.update(task, completed=done, total=size)


def opened(file: Path, fields: Fields, told: Mapping[str, str], heard: Callable[[int, int], None]) -> Sheet:
    """The file's table, or a sentence and exit 1."""
    try:
        return sheets.opened(file, fields, told, heard)
    except OSError as failure:
        saying.refuse(f"Không đọc được {file}: {failure.strerror}", f"Cannot read {file}: {failure.strerror}")
    except files.Unreadable as failure:
        saying.refuse(
            f"{file} không phải bảng CSV, XLSX hay Parquet đọc được ({failure}).",
            f"{file} is no CSV, XLSX or Parquet table that can be read ({failure}).",
        )
    except columns.MapUnknown as unknown:
        known = ", ".join(fields.known)
        saying.refuse(
            f"--map {unknown}: không có trường hoặc cột ấy. Các trường: {known}.",
            f"--map {unknown}: there is no such field or column. Fields: {known}.",
        )
    except columns.NoColumns as lacking:
        names, wanted = ", ".join(f"“{one}”" for one in lacking.heading), ", ".join(lacking.lacking)
        saying.refuse(
            f"Không nhận ra cột cho: {wanted}. Tệp có các cột {names}. Ví dụ: --map phone=dien_thoai",
            f"No column for: {wanted}. The file has {names}. For example: --map phone=mobile_no",
        )


def ready(rejected: Path | None) -> None:
    """Refuse a file for the rows not taken that is there already, or cannot be made."""
    if rejected is None:
        return
    try:
        os.close(os.open(rejected, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as failure:
        saying.refuse(f"Không ghi được {rejected}: {failure.strerror}", f"Cannot write {rejected}: {failure.strerror}")


def reject(file: Path, rejected: Path, refused: list[Refused]) -> None:
    """Copy the rows not taken as they stand, with the reason in a column of its own: to be mended and told again."""
    wanted: dict[int, str] = {}
    for one in refused:
        wanted.setdefault(one.line, reasons.said(one.reason, one.what))
    with rejected.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(sheets.copied(file, wanted, REASON))


def rows_of(refused: list[Refused]) -> list[dict[str, object]]:
    """Rows not taken, for --json."""
    return [
        {"line": one.line, "reason": one.reason, "message": reasons.said(one.reason, one.what)}
        for one in sorted(refused, key=lambda one: one.line)
    ]


def tell(refused: list[Refused], rejected: Path | None) -> None:
    """Name the first rows not taken, by line and reason."""
    for one in sorted(refused, key=lambda one: one.line)[:MOST_SHOWN]:
        saying.errors.print(f"  {one.line}: {reasons.said(one.reason, one.what)}", markup=False, soft_wrap=True)
    if len(refused) > MOST_SHOWN:
        saying.errors.print(f"  … +{len(refused) - MOST_SHOWN:,}", markup=False)
    if refused and rejected is not None:
        saying.say(
            f"{len(refused):,} dòng không nhận được ghi vào {rejected}: sửa rồi nhập tệp ấy.",
            f"The {len(refused):,} rows not taken are in {rejected}: mend and import that file.",
        )
    elif refused:
        saying.say("--rejected TỆP chép riêng các dòng ấy.", "--rejected FILE copies those rows into a file.")


def tell_columns(sheet: Sheet) -> None:
    """Which columns were read as what, and which nobody reads."""
    tell_found(sheet.heading, sheet.found)
    if sheet.unread:
        names = ", ".join(sheet.unread)
        saying.errors.print(
            saying.pick(f"Không đọc cột: {names}.", f"Columns not read: {names}."), markup=False, soft_wrap=True
        )


def tell_found(heading: Sequence[str], found: Mapping[str, int]) -> None:
    """Which columns were read as what."""
    read = ", ".join(f"{heading[place]} → {name}" for name, place in found.items())
    saying.errors.print(saying.pick(f"Cột: {read}.", f"Columns: {read}."), markup=False, soft_wrap=True)
