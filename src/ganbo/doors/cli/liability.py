"""`ganbo liability`: what is still owed to members, what it is worth, and the entries for the accounts."""

import contextlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganbo.doors.cli import choosing, liability_options, saying

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme
    from ganbo.foundation.tenancy.queries import BusinessRow
    from ganbo.insights.liability.statement import Asked, Statement


def liability(
    business: Annotated[str | None, typer.Option("--business", help="Short name, when there are several.")] = None,
    month: Annotated[str | None, typer.Option("--month", help="One month, such as 2026-11.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First month; twelve months back when left out.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last month; this one when left out.")] = None,
    by_day: Annotated[bool, typer.Option("--by-day", help="A row a day instead of a month.")] = False,
    value: Annotated[list[str] | None, typer.Option("--value", help="points=95: what a unit is worth.")] = None,
    sales: Annotated[int | None, typer.Option("--sales", help="Sales to members to share by IFRS 15.", min=0)] = None,
    stress: Annotated[str | None, typer.Option("--stress", help="Everybody redeems by this day; else by Tết.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the roll-forward here.")] = None,
    journal: Annotated[Path | None, typer.Option("--journal", help="Write the entries here.")] = None,
    account: Annotated[
        list[str] | None, typer.Option("--account", help="deferred=3387, revenue=511, cash=111.")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="vi or en; else the terminal's.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """What you still owe your members: points by month, fair value, breakage, entries, and the stress of Tết."""
    accounts = liability_options.accounts(account or [])
    spoken = "vi" if (lang or saying.language()) == "vi" else "en"
    with choosing.database(data=data):
        from ganbo.foundation.tenancy import context
        from ganbo.insights.liability.statement import Asked
        from ganbo.kernel.money import digits

        chosen = choosing.business(business)
        with saying.errors.status(chosen.name), context.within(chosen):
            programme, now = _programme()
            first, last = liability_options.span(month, from_, to, today=now.astimezone(programme.timezone).date())
            asked = Asked(
                first,
                last,
                by_day,
                liability_options.day(stress),
                liability_options.values(value or [], programme),
                sales,
            )
            found = _read(chosen, programme, asked, now)
        decimals = digits(programme.currency)
        if csv is not None:
            from ganbo.insights.liability import sheet

            write(csv, sheet.text(found.shown, decimals=decimals), "--csv")
        if journal is not None:
            from ganbo.doors.cli import liability_tables
            from ganbo.insights.liability import journal as entries

            write(
                journal, entries.text(liability_tables.entries(found, accounts, spoken), decimals=decimals), "--journal"
            )
    if json:
        saying.as_json(found.shown)
        return
    from ganbo.doors.cli import liability_tables

    liability_tables.show(found.shown, spoken)


def _programme() -> "tuple[Programme, datetime]":
    from ganbo.features.programmes import queries as programmes
    from ganbo.features.programmes.in_force import NoProgramme
    from ganbo.foundation import clock
    from ganbo.foundation.tenancy import context

    now = clock.now()
    try:
        return programmes.timeline(context.current().schema).at(now).programme, now
    except NoProgramme:
        saying.refuse("Chưa có chương trình nào được áp dụng.", "No programme is in force yet.")


def _read(business: "BusinessRow", programme: "Programme", asked: "Asked", now: datetime) -> "Statement":
    """The warehouse is brought up to now first; while another export runs, the one before it is read."""
    from django.conf import settings

    from ganbo.features.programmes import budget_view
    from ganbo.insights.liability import statement
    from ganbo.insights.warehouse import exporting, manifest, reading

    with contextlib.suppress(manifest.Busy):
        exporting.export(business, settings.WAREHOUSE, at=now)
    stored = reading.opened(settings.WAREHOUSE, business.slug)
    if stored is None:
        saying.refuse(
            "Kho phân tích đang được tạo lần đầu. Hãy đợi nó xong rồi gọi lại.",
            "The warehouse is being made for the first time. Wait until it is done, then call again.",
        )
    return statement.of_warehouse(stored, programme, asked, left=budget_view.left(programme, at=now))


def write(path: Path, lines: Iterable[str], option: str) -> None:
    """The whole file or nothing of it: written beside, then moved into its place."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        beside.replace(path)
    except OSError as failure:
        beside.unlink(missing_ok=True)
        saying.refuse(
            f"{option}: không ghi được {path}: {failure.strerror}", f"{option}: cannot write {path}: {failure.strerror}"
        )
