"""`ganbo import balances FILE`."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganbo.doors.cli import choosing, saying
from ganbo.doors.cli.imports.members import day_of, programme_at
from ganbo.doors.cli.look import told as mapped

if TYPE_CHECKING:
    from ganbo.doors.cli.imports.balance_rows import Reading
    from ganbo.insights.look.sheets import Sheet
    from ganbo.journeys.import_balances import Opening
    from ganbo.journeys.import_members import Refused


def balances(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet: a member's balance a row.")],
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as amount=diem_cu.")] = None,
    wallet: Annotated[str | None, typer.Option("--wallet", help="The wallet of rows that name none.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="Last day of rows that say none.")] = None,
    rejected: Annotated[Path | None, typer.Option("--rejected", help="Copy the rows not taken there.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write; without it nothing changes.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Points and card money that members had in another system, with their own last day; each row once."""
    until, told = day_of(expires, "--expires"), mapped(map_ or [])
    with choosing.database(data=data):
        from ganbo.doors.cli.imports import balance_rows, files
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import import_balances

        files.ready(rejected)
        now, chosen = clock.now(), choosing.business(business)
        with context.within(chosen), files.bar(file.name) as heard:
            programme = programme_at(chosen, now)
            if wallet is not None and wallet not in programme.wallets:
                known = ", ".join(programme.wallets)
                saying.refuse(
                    f"--wallet {wallet}: chương trình chỉ có {known}.",
                    f"--wallet {wallet}: the programme has {known}.",
                )
            reading = balance_rows.Reading(chosen, programme, now, wallet=wallet, until=until)
            sheet = files.opened(file, balance_rows.FIELDS, told, heard)
            counts, units, refused = _through(sheet, reading, write=yes)
            if yes:
                import_balances.note({**counts, **units}, by="cli")
        if rejected is not None:
            files.reject(file, rejected, refused)
        _tell(sheet, counts, units, refused, rejected=rejected, written=yes, json=json)


def _through(sheet: "Sheet", reading: "Reading", *, write: bool) -> tuple[Counter[str], Counter[str], list["Refused"]]:
    """All rows, a chunk at a time: how many come, units by wallet, and those not taken."""
    from ganbo.journeys import import_balances
    from ganbo.journeys.import_members import Refused

    counts, units = Counter[str](new=0, known=0, empty=0), Counter[str]()
    refused, told = list[Refused](), import_balances.Told()
    rest = _openings(sheet, reading, counts, refused)
    while chunk := list(islice(rest, import_balances.CHUNK)):
        outlook = import_balances.bring_in(chunk, told, now=reading.now) if write else import_balances.look(chunk, told)
        counts.update(new=len(outlook.new), known=outlook.known)
        for _, row in outlook.new:
            units[row.wallet] += row.amount
        refused += outlook.refused
    refused += [Refused(one.line, one.reason, one.value) for one in sheet.left]
    return counts, units, refused


def _openings(
    sheet: "Sheet", reading: "Reading", counts: Counter[str], refused: list["Refused"]
) -> Iterator["Opening"]:
    from ganbo.doors.cli.imports.balance_rows import EMPTY
    from ganbo.journeys.import_members import Refused

    for rows in sheet.batches():
        for one in reading.read(rows):
            if not isinstance(one, Refused):
                yield one
            elif one.reason == EMPTY:
                counts["empty"] += 1
            else:
                refused.append(one)


def _tell(
    sheet: "Sheet",
    counts: Counter[str],
    units: Counter[str],
    refused: list["Refused"],
    *,
    rejected: Path | None,
    written: bool,
    json: bool,
) -> None:
    from ganbo.doors.cli.imports import files

    if json:
        bad = files.rows_of(refused)
        told = {**counts, "units": dict(units), "refused": len(bad), "rows": bad, "unread": sheet.unread}
        saying.as_json({**told, "written": written})
        return
    files.tell_columns(sheet)
    figures = {**counts, "refused": len(refused)}
    saying.say(
        "{new:,} số dư mới, {known:,} đã có, {empty:,} bằng 0, {refused:,} dòng không nhận.".format(**figures),
        "{new:,} new balances, {known:,} in already, {empty:,} of nothing, {refused:,} rows not taken.".format(
            **figures
        ),
    )
    for wallet, amount in sorted(units.items()):
        saying.say(f"  {wallet}: {amount:,}", f"  {wallet}: {amount:,}")
    files.tell(refused, rejected)
    if written:
        saying.say("Đã nhập.", "They are in.")
    else:
        saying.say("Chưa ghi gì. Thêm --yes để nhập.", "Nothing was written. Add --yes to import.")
