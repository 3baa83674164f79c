"""`ganbo import sales FILE`."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ganbo.doors.cli import choosing, look, saying
from ganbo.doors.cli.imports.members import publish_first

if TYPE_CHECKING:
    from ganbo.books.events.reading import EventRequest
    from ganbo.engine.programme import Programme
    from ganbo.foundation.tenancy.queries import BusinessRow
    from ganbo.insights.look.reading import Reading
    from ganbo.journeys.import_sales import NotTaken, Outlook

MOST_SHOWN = 20  # orders not taken that the terminal names; --json has them all


def sales(
    file: Annotated[
        Path, typer.Argument(help="CSV, XLSX or Parquet, a line of an order a row, as `ganbo look` reads it.")
    ],
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as amount=total_vnd.")] = None,
    anonymous: Annotated[list[str] | None, typer.Option("--anonymous", help="Walk-in customer's name.")] = None,
    earn: Annotated[
        bool, typer.Option("--earn", help="They earn, too, by the rules in force when they happened.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write; without it nothing changes.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Sales of another system, with their dates: they count for visits, spend and levels, and with --earn give points."""
    with choosing.database(data=data):
        from ganbo.doors.cli.imports import files
        from ganbo.features.programmes import queries as programmes
        from ganbo.features.programmes.in_force import NoProgramme
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.insights.look import reading
        from ganbo.journeys import import_sales

        now, chosen = clock.now(), choosing.business(business)
        with context.within(chosen), files.bar(file.name) as heard:
            try:
                programme = programmes.in_force_at(chosen.schema, now).programme
            except NoProgramme:
                publish_first()
            today = reading.tomorrow(now.astimezone(programme.timezone).date())
            asked = reading.Asked(look.told(map_ or []), tuple(anonymous or []), programme.timezone, today, lines=True)
            read = look.read(file, asked, heard)
            if "order_id" not in read.found:
                saying.refuse(
                    "Tệp không có mã đơn, nên không biết đơn nào đã nhập. Ví dụ: --map order_id=so_phieu",
                    "The file has no order ids, so nobody could tell what is in already. For example: --map order_id=receipt",
                )
            outlook = _through(read, programme, chosen, earn=earn, write=yes, now=now, heard=heard)
            if yes:
                import_sales.note({**outlook.counts, "refused": len(outlook.refused), "earn": earn}, by="cli")
        _tell(read, outlook, programme.currency, written=yes, json=json, earn=earn)


def _through(
    read: "Reading", programme: "Programme", business: "BusinessRow", *, earn: bool, write: bool, now: Any, heard: Any
) -> "Outlook":
    """All orders, a chunk at a time."""
    from ganbo.foundation.pipelines import Pipeline, connection_parameters
    from ganbo.journeys import import_sales
    from ganbo.journeys.record_events import Asked

    outlook, asked = import_sales.Outlook(), Asked(business, now, backfill=True, history=not earn)
    done, orders = 0, read.orders.height
    with ExitStack() as opened:
        pipe = opened.enter_context(closing(Pipeline.open(**connection_parameters()))) if write else None
        for chunk in import_sales.chunks(_made(read, programme, business, outlook)):
            if pipe is not None:
                import_sales.bring_in(pipe, asked, chunk, outlook)
            else:
                import_sales.look(chunk, outlook)
            done += sum(request.type == "purchase" for request in chunk)
            heard(done, orders)
    return outlook


def _made(
    read: "Reading", programme: "Programme", business: "BusinessRow", outlook: "Outlook"
) -> Iterator[list["EventRequest"]]:
    """Each order's events; what cannot be one is noted."""
    from ganbo.books.events.reading import FieldsRefused
    from ganbo.doors.cli.imports import sale_rows
    from ganbo.journeys import import_sales
    from ganbo.journeys.import_sales import NotTaken

    lines = sale_rows.sorted_lines(read)
    cells = lines["member"].drop_nulls().unique().to_list()
    known, shops = sale_rows.members(cells, business.country), sale_rows.shops()
    for who, bill in sale_rows.bills(lines, shops, zone=programme.timezone):
        if who is not None and who not in known:
            outlook.refused.append(NotTaken(bill.order_id, "unknown_member", who))
            continue
        try:
            made = import_sales.events(
                bill, known[who] if who is not None else None, currency=programme.currency, region=business.country
            )
        except FieldsRefused as refusal:
            fields = ", ".join(problem.field for problem in refusal.problems)
            outlook.refused.append(NotTaken(bill.order_id, "bad_sale", fields))
            continue
        if not made:
            outlook.refused.append(NotTaken(bill.order_id, "only_returns"))
        yield made


def _tell(read: "Reading", outlook: "Outlook", currency: str, *, written: bool, json: bool, earn: bool) -> None:
    from ganbo.insights.look import looking

    if json:
        bad = [{"order_id": o.order_id, "reason": o.reason, "message": _said(o)} for o in outlook.refused]
        told = {**outlook.counts, "amount": {"amount": outlook.amount, "currency": currency}, "refused": len(bad)}
        saying.as_json({**told, "orders": bad, "earn": earn, "reading": looking.how_read(read), "written": written})
        return
    left = sum(read.reasons.values())
    figures = {**outlook.counts, "refused": len(outlook.refused), "left": left}
    saying.say(
        "{sales:,} đơn mới ({without_member:,} không có thành viên), {returns:,} lần trả, {known:,} đã có,"
        " {refused:,} đơn không nhận, {left:,} dòng không đọc được.".format(**figures),
        "{sales:,} new sales ({without_member:,} without a member), {returns:,} returns, {known:,} in already,"
        " {refused:,} orders not taken, {left:,} rows not read.".format(**figures),
    )
    for one in outlook.refused[:MOST_SHOWN]:
        saying.errors.print(f"  {one.order_id}: {_said(one)}", markup=False, soft_wrap=True)
    if len(outlook.refused) > MOST_SHOWN:
        saying.errors.print(f"  … +{len(outlook.refused) - MOST_SHOWN:,}", markup=False)
    if left:
        saying.say("`ganbo look TỆP` kể từng dòng không đọc được.", "`ganbo look FILE` names the rows not read.")
    if written:
        saying.say("Đã nhập.", "They are in.")
    elif earn:
        saying.say(
            "Chưa ghi gì. `ganbo simulate` cho biết chúng được bao nhiêu điểm; thêm --yes để nhập.",
            "Nothing was written. `ganbo simulate` says what they would earn; add --yes to import.",
        )
    else:
        saying.say(
            "Chưa ghi gì. Chúng được tính vào hạng và số lần mua, không cho điểm (--earn thì có). Thêm --yes để nhập.",
            "Nothing was written. They count for levels and visits and give nothing (with --earn they do). Add --yes to import.",
        )


def _said(one: "NotTaken") -> str:
    from ganbo.doors.cli.imports import reasons

    return reasons.said(one.reason, one.what)
