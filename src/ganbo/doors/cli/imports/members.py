"""`ganbo import members FILE`."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ganbo.doors.cli import choosing, saying
from ganbo.doors.cli.look import told as mapped

if TYPE_CHECKING:
    from ganbo.doors.cli.imports.member_rows import Reading
    from ganbo.engine.programme import Programme
    from ganbo.foundation.tenancy.queries import BusinessRow
    from ganbo.insights.look.sheets import Sheet
    from ganbo.journeys.import_members import Newcomer, Refused

COUNTS = ("new", "changed", "cards", "consents", "known", "kept")


def members(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet: a person a row.")],
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as phone=mobile_no.")] = None,
    update: Annotated[bool, typer.Option("--update", help="The file overwrites what is known.")] = False,
    consent_source: Annotated[str | None, typer.Option("--consent-source", help="Where consents were given.")] = None,
    consent_date: Annotated[str | None, typer.Option("--consent-date", help="The day they were given on.")] = None,
    rejected: Annotated[Path | None, typer.Option("--rejected", help="Copy the rows not taken there.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write; without it nothing changes.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Members of another system: who is new or known already, by phone, e-mail, card or external id; nobody twice."""
    said_on, told = day_of(consent_date, "--consent-date"), mapped(map_ or [])
    with choosing.database(data=data):
        from ganbo.doors.cli.imports import files, member_rows
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import import_members

        files.ready(rejected)
        now, chosen = clock.now(), choosing.business(business)
        with context.within(chosen), files.bar(file.name) as heard:
            programme = programme_at(chosen, now)
            reading = member_rows.Reading(chosen, programme, now, source=consent_source, said_on=said_on)
            sheet = files.opened(file, member_rows.FIELDS, told, heard)
            counts, refused = _through(sheet, reading, update=update, write=yes)
            if yes:
                import_members.note(counts, by="cli")
        if rejected is not None:
            files.reject(file, rejected, refused)
        _tell(sheet, counts, refused, rejected=rejected, written=yes, json=json)


def programme_at(business: "BusinessRow", at: datetime) -> "Programme":
    """The programme in force; a business without one can bring in nothing."""
    from ganbo.features.programmes import queries
    from ganbo.features.programmes.in_force import NoProgramme

    try:
        return queries.in_force_at(business.schema, at).programme
    except NoProgramme:
        _publish_first()


def _publish_first() -> NoReturn:
    saying.refuse(
        "Hãy công bố chương trình trước: nó cho biết hạng, loại điểm và múi giờ.",
        "Publish a programme first: it says which levels, wallets and time zone there are.",
    )


def day_of(text: str | None, option: str) -> date | None:
    """A day of an option. Raises typer.BadParameter."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as failure:
        raise typer.BadParameter("2026-09-30", param_hint=option) from failure


def _through(sheet: "Sheet", reading: "Reading", *, update: bool, write: bool) -> tuple[Counter[str], list["Refused"]]:
    """All rows, a chunk at a time: what they come to, and those not taken."""
    from ganbo.journeys import import_members
    from ganbo.journeys.import_members import CHUNK, Refused, Told

    counts, refused, told = Counter[str](dict.fromkeys(COUNTS, 0)), list[Refused](), Told()
    rest = _people(sheet, reading, refused)
    while chunk := list(islice(rest, CHUNK)):
        fresh, again = told.once(chunk)
        if write:
            outlook = import_members.bring_in(fresh, update=update, now=reading.now)
        else:
            outlook = import_members.look(fresh, update=update)
        refused += again + outlook.refused
        told_consents = sum(len(row.consents) for row in outlook.new) + len(outlook.consents)
        counts.update(
            new=len(outlook.new), changed=outlook.changed, known=outlook.known, kept=outlook.kept,
            cards=len(outlook.cards), consents=told_consents,
        )  # fmt: skip
    refused += [Refused(one.line, one.reason, one.value) for one in sheet.left]
    return counts, refused


def _people(sheet: "Sheet", reading: "Reading", refused: list["Refused"]) -> Iterator["Newcomer"]:
    from ganbo.journeys.import_members import Refused

    for rows in sheet.batches():
        for one in reading.read(rows):
            if isinstance(one, Refused):
                refused.append(one)
            else:
                yield one


def _tell(
    sheet: "Sheet", counts: Counter[str], refused: list["Refused"], *, rejected: Path | None, written: bool, json: bool
) -> None:
    from ganbo.doors.cli.imports import files

    if json:
        bad = files.rows_of(refused)
        saying.as_json({**counts, "refused": len(bad), "rows": bad, "unread": sheet.unread, "written": written})
        return
    files.tell_columns(sheet)
    figures = {**counts, "refused": len(refused)}
    saying.say(
        "{new:,} người mới, {known:,} đã có ({changed:,} được bổ sung, {kept:,} có dữ liệu khác và được giữ nguyên),"
        " {consents:,} lời đồng ý hoặc từ chối, {refused:,} dòng không nhận.".format(**figures),
        "{new:,} new, {known:,} known ({changed:,} filled in, {kept:,} with other values, which stay),"
        " {consents:,} consents or refusals, {refused:,} rows not taken.".format(**figures),
    )
    files.tell(refused, rejected)
    if written:
        saying.say("Đã nhập.", "They are in.")
    else:
        saying.say("Chưa ghi gì. Thêm --yes để nhập.", "Nothing was written. Add --yes to import.")
