"""`ganbo look SALES`: needs no database and no settings."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ganbo.doors.cli import page, saying

if TYPE_CHECKING:
    from ganbo.insights.look.reading import Asked, Reading


class Period(StrEnum):
    """How long a member may take to come back and still count as kept."""

    month = "month"
    quarter = "quarter"
    year = "year"


def look(
    sales: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet: a row is a line of an order.")],
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as amount=total_vnd.")] = None,
    anonymous: Annotated[list[str] | None, typer.Option("--anonymous", help="Walk-in customer's name.")] = None,
    period: Annotated[Period, typer.Option("--period", help="How customers' comings are counted.")] = Period.month,
    window: Annotated[str | None, typer.Option("--window", help="Active for so many days, such as 90d.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The models learn up to this day.")] = None,
    timezone: Annotated[str, typer.Option("--timezone", help="For times with an offset.")] = "Asia/Ho_Chi_Minh",
    lang: Annotated[str | None, typer.Option("--lang", help="vi or en; else the terminal's.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="A page with charts, into this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """What a sales file says of loyalty: who comes back, cohorts, RFM, lifetime value; needs no set-up."""
    from ganbo.foundation import clock
    from ganbo.insights.look import looking, reading
    from ganbo.insights.look.periods import Rhythm

    zone = _zone(timezone)
    asked = reading.Asked(
        told(map_ or []), tuple(anonymous or []), zone, reading.tomorrow(clock.now().astimezone(zone).date())
    )
    rhythm = Rhythm(period.value, _days(window))
    end = _day(until)
    if html is not None:
        page.ready(html)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=saying.errors, transient=True
    ) as bar:
        task = bar.add_task(sales.name, total=None)
        sold = read(sales, asked, lambda done, size: bar.update(task, completed=done, total=size))
        found = looking.look(
            sold, rhythm, until=end, step=lambda name: bar.update(task, description=f"{sales.name}: {name}", total=None)
        )
    if html is not None:
        from ganbo.doors.cli import look_page

        look_page.write(html, sales.name, found, lang or saying.language())
    if json:
        saying.as_json(found)
        return
    if html is not None:
        saying.say(f"Đã ghi {html}.", f"{html} is written.")
        return
    from ganbo.doors.cli import look_tables

    look_tables.show(found, lang or saying.language())


def read(sales: Path, asked: "Asked", told: Any) -> "Reading":
    from ganbo.insights.look import columns, files, reading

    try:
        return reading.read(sales, asked, told)
    except OSError as failure:
        saying.refuse(f"Không đọc được {sales}: {failure.strerror}", f"Cannot read {sales}: {failure.strerror}")
    except files.Unreadable as failure:
        saying.refuse(
            f"{sales} không phải bảng CSV, XLSX hay Parquet đọc được ({failure}).",
            f"{sales} is no CSV, XLSX or Parquet table that can be read ({failure}).",
        )
    except columns.MapUnknown as unknown:
        saying.refuse(
            f"--map {unknown}: không có trường hoặc cột ấy. Các trường: {', '.join(columns.KNOWN)}.",
            f"--map {unknown}: there is no such field or column. Fields: {', '.join(columns.KNOWN)}.",
        )
    except columns.NoColumns as lacking:
        names = ", ".join(f"“{one}”" for one in lacking.heading)
        saying.refuse(
            f"Không nhận ra cột cho: {', '.join(lacking.lacking)}. Tệp có các cột {names}. Ví dụ: --map amount=total_vnd",
            f"No column for: {', '.join(lacking.lacking)}. The file has {names}. For example: --map amount=total_vnd",
        )
    except reading.NothingLeft as nothing:
        _nothing(nothing.reading)


def _nothing(read: "Reading") -> None:
    from ganbo.insights.look import sentences

    for one in read.problems[:20]:
        line, why = one.line, sentences.reason(one.reason, saying.language())
        saying.errors.print(f"  {line}: {why} ({one.value})", markup=False, soft_wrap=True)
    saying.refuse("Không đọc được dòng bán hàng nào.", "Not one line of sales could be read.")


def told(pairs: list[str]) -> dict[str, str]:
    told = dict(one.partition("=")[::2] for one in pairs)
    if not all(told) or not all(told.values()):
        raise typer.BadParameter("amount=total_vnd", param_hint="--map")
    return told


def _days(window: str | None) -> int | None:
    if window is None:
        return None
    number = window.removesuffix("d")
    if not number.isdecimal() or not 1 <= int(number) <= 3660:
        raise typer.BadParameter("90d", param_hint="--window")
    return int(number)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as failure:
        raise typer.BadParameter("2026-09-30", param_hint="--until") from failure


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as failure:
        raise typer.BadParameter("Asia/Ho_Chi_Minh", param_hint="--timezone") from failure
