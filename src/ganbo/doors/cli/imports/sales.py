"""`ganbo import sales FILE`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganbo.doors.cli import choosing, look, saying
from ganbo.doors.cli.imports.members import programme_at

if TYPE_CHECKING:
    from ganbo.insights.look.reading import Reading
    from ganbo.journeys.import_sales import NotTaken, Outlook

MOST_SHOWN = 20  # orders not taken that the terminal names; --json has them all


class Unknown(StrEnum):
    """What becomes of orders of somebody nobody knows."""

    leave = "leave"
    anonymous = "anonymous"
    enrol = "enrol"


def sales(
    file: Annotated[
        Path, typer.Argument(help="CSV, XLSX or Parquet, a line of an order a row, as `ganbo look` reads it.")
    ],
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as amount=total_vnd.")] = None,
    anonymous: Annotated[list[str] | None, typer.Option("--anonymous", help="Walk-in customer's name.")] = None,
    earn: Annotated[
        bool, typer.Option("--earn", help="They earn, too, by the rules in force when they happened.")
    ] = False,
    unknown: Annotated[
        Unknown,
        typer.Option("--unknown", help="Buyers nobody knows: leave their orders out, take them as anonymous, enrol."),
    ] = Unknown.leave,
    yes: Annotated[bool, typer.Option("--yes", help="Write; without it nothing changes.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Sales of another system, with their dates: they count for visits, spend and levels, and with --earn give points."""
    with choosing.database(data=data):
        from ganbo.doors.cli.imports import files, sale_run
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.insights.look import reading
        from ganbo.journeys import import_sales
        from ganbo.journeys.record_events import Asked

        now, chosen = clock.now(), choosing.business(business)
        with context.within(chosen), files.bar(file.name) as heard:
            programme = programme_at(chosen, now)
            today = reading.tomorrow(now.astimezone(programme.timezone).date())
            asked = reading.Asked(look.told(map_ or []), tuple(anonymous or []), programme.timezone, today, lines=True)
            read = look.read(file, asked, heard)
            if "order_id" not in read.found:
                saying.refuse(
                    "Tệp không có mã đơn, nên không biết đơn nào đã nhập. Ví dụ: --map order_id=so_phieu",
                    "The file has no order ids, so nobody could tell what is in already. For example: --map order_id=receipt",
                )
            run = sale_run.Run(read, programme, Asked(chosen, now, backfill=True, history=not earn), unknown)
            outlook = run.write(heard) if yes else run.foresee(heard)
            if yes:
                import_sales.note({**outlook.counts, "refused": len(outlook.refused), "earn": earn}, by="cli")
        _tell(read, outlook, programme.currency, written=yes, json=json, earn=earn)


def _tell(read: "Reading", outlook: "Outlook", currency: str, *, written: bool, json: bool, earn: bool) -> None:
    from ganbo.doors.cli.imports import files

    if json:
        from ganbo.insights.look import looking

        bad = [{"order_id": o.order_id, "reason": o.reason, "message": _said(o)} for o in outlook.refused]
        told = {
            **outlook.counts,
            "units": dict(outlook.units),
            "amount": {"amount": outlook.amount, "currency": currency},
            "refused": len(bad),
        }
        saying.as_json({**told, "orders": bad, "earn": earn, "reading": looking.how_read(read), "written": written})
        return
    files.tell_found(read.heading, read.found)
    left = sum(read.reasons.values())
    figures = {**outlook.counts, "refused": len(outlook.refused), "left": left}
    saying.say(
        "{sales:,} đơn mới ({without_member:,} không có thành viên), {returns:,} lần trả, {known:,} đã có,"
        " {refused:,} đơn không nhận, {left:,} dòng không đọc được.".format(**figures),
        "{sales:,} new sales ({without_member:,} without a member), {returns:,} returns, {known:,} in already,"
        " {refused:,} orders not taken, {left:,} rows not read.".format(**figures),
    )
    if enrolled := outlook.counts["enrolled"]:
        saying.say(
            f"{enrolled:,} người mua chưa biết được ghi thành thành viên.",
            f"{enrolled:,} buyers nobody knows become members.",
        )
    _tell_units(outlook)
    _tell_left_out(read, outlook)
    if written:
        saying.say("Đã nhập.", "They are in.")
    elif earn:
        saying.say(
            "Chưa ghi gì. Đừng nhập thêm số dư của chính các điểm này. Thêm --yes để nhập.",
            "Nothing was written. Do not import balances of the same points, too. Add --yes to import.",
        )
    else:
        saying.say(
            "Chưa ghi gì. Chúng được tính vào hạng và số lần mua, không cho điểm (--earn thì có). Thêm --yes để nhập.",
            "Nothing was written. They count for levels and visits and give nothing (with --earn they do). Add --yes to import.",
        )


def _tell_left_out(read: "Reading", outlook: "Outlook") -> None:
    """Orders not taken and rows not read, the first of each, with their reason."""
    from ganbo.doors.cli.imports import reasons

    orders = [f"{one.order_id}: {_said(one)}" for one in outlook.refused]
    rows = [
        saying.pick(f"dòng {one.line}: ", f"row {one.line}: ") + reasons.said(one.reason, one.value)
        for one in read.problems
    ]
    for said, of in ((orders, len(orders)), (rows, sum(read.reasons.values()))):
        for line in said[:MOST_SHOWN]:
            saying.errors.print(f"  {line}", markup=False, soft_wrap=True)
        if of > MOST_SHOWN:
            saying.errors.print(f"  … +{of - MOST_SHOWN:,}", markup=False)
    if len(rows) > MOST_SHOWN:
        saying.say("`ganbo look TỆP` kể từng dòng không đọc được.", "`ganbo look FILE` names the rows not read.")
    if any(one.reason == "unknown_member" for one in outlook.refused):
        saying.say(
            "Người mua chưa biết: --unknown enrol ghi họ thành thành viên, --unknown anonymous nhận đơn không có thành viên.",
            "Buyers nobody knows: --unknown enrol makes them members, --unknown anonymous takes orders without a member.",
        )


def _tell_units(outlook: "Outlook") -> None:
    """What they would give, by wallet."""
    for wallet, amount in sorted(outlook.units.items()):
        saying.say(f"  {wallet}: cho {amount:,}", f"  {wallet}: they give {amount:,}")
    if outlook.units and outlook.counts["returns"]:
        saying.say("  (chưa trừ phần của hàng trả)", "  (before the share of what came back)")


def _said(one: "NotTaken") -> str:
    from ganbo.doors.cli.imports import reasons

    return reasons.said(one.reason, one.what)
