"""`ganbo import everything DIR`: an export into an empty business."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ganbo.doors.cli import choosing, saying

if TYPE_CHECKING:
    from ganbo.books.ledger.verifying import Report
    from ganbo.foundation.tenancy.queries import BusinessRow
    from ganbo.journeys.moving.bringing import NotTaken
    from ganbo.journeys.moving.manifest import Manifest

MOST_NAMED = 5


def everything(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `ganbo export` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Write; without it nothing changes.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the empty business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """A whole business that was exported, into an empty one: the same balances, dates, levels and codes; all or nothing."""
    manifest = _manifest(folder)
    with choosing.database(data=data):
        from ganbo.foundation.tenancy import context

        chosen = choosing.business(business)
        with context.within(chosen):
            report = _bring(manifest, folder, yes=yes)
    if json:
        books = {"transfers": report.transfers, "accounts": report.accounts, "lots": report.lots} if report else None
        saying.as_json({"from": manifest.business["slug"], "taken_at": manifest.taken_at, "rows": manifest.rows}
                       | {"written": yes, "books": books})  # fmt: skip
        return
    _tell(manifest, chosen, report)


def _manifest(folder: Path) -> "Manifest":
    """What the folder says it is; a sentence and exit 1 when that cannot come in."""
    from ganbo.journeys.moving import manifest as manifests
    from ganbo.journeys.moving import tables

    try:
        text = (folder / manifests.NAME).read_bytes()
    except OSError:
        saying.refuse(
            f"{folder} không có manifest.json: đây không phải bản xuất, hoặc việc xuất đã dừng giữa chừng.",
            f"{folder} has no manifest.json: it is no export, or one that broke off.",
        )
    try:
        found = manifests.format_of(text)
        if found != tables.FORMAT:
            saying.refuse(
                f"Bản xuất này theo định dạng {found}; ganbo này đọc định dạng {tables.FORMAT}.",
                f"This export is of format {found}; this ganbo reads format {tables.FORMAT}.",
            )
        return manifests.read(text)
    except manifests.NotReadable as failure:
        saying.refuse(
            f"manifest.json trong {folder} không đọc được ({failure}).",
            f"The manifest.json in {folder} cannot be read ({failure}).",
        )


def _bring(manifest: "Manifest", folder: Path, *, yes: bool) -> "Report | None":
    """Check, and with `yes` write; a sentence and exit 1 when it does not come in."""
    from ganbo.doors.cli import export_folder
    from ganbo.journeys.moving import bringing

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=saying.errors, transient=True) as bar:
        task, came = bar.add_task("", total=None), 0

        def told(step: str, rows: int = 0) -> None:
            nonlocal came
            came += rows
            bar.update(task, description=f"{step} {came:,}")

        try:
            bringing.look(manifest)
            export_folder.check(folder, manifest, told)
            if not yes:
                return None
            return bringing.bring_in(manifest, lambda file: export_folder.lines(folder, file), by="cli", told=told)
        except export_folder.Altered as altered:
            bar.stop()
            saying.refuse(
                f"{altered} thiếu hoặc không còn như lúc xuất: hãy chép lại thư mục từ bản gốc. Chưa ghi gì.",
                f"{altered} is missing or not as it was exported: copy the folder again. Nothing was written.",
            )
        except bringing.NotTaken as refused:
            bar.stop()
            saying.refuse(*_sentence(refused))


def _sentence(refused: "NotTaken") -> tuple[str, str]:
    """Why it does not come in, and what to do; Vietnamese and English."""
    from ganbo.journeys.moving import bringing

    match refused:
        case bringing.NotEmpty(args=(there,)):
            some = ", ".join(f"{name} {count:,}" for name, count in list(there.items())[:MOST_NAMED])
            return (
                f"Cửa hàng này đã có dữ liệu ({some}). Hãy tạo cửa hàng mới: ganbo business create.",
                f"This business has something already ({some}). Make a new one: ganbo business create.",
            )
        case bringing.OtherTables(args=(version, parts)):
            named = ", ".join(list(parts)[:MOST_NAMED])
            return (
                f"Bản xuất này của ganbo {version}, các bảng khác ở: {named}. Hãy nhập bằng đúng phiên bản ấy, rồi nâng cấp.",
                f"It is of ganbo {version}, whose tables differ in: {named}. Import it with that version, then upgrade.",
            )
        case bringing.OtherKey():
            return (
                "Mã phiếu trong bản xuất sinh từ khóa khác. Đặt GANBO_CODE_KEY bằng khóa ở nơi cũ (GANBO_CODE_KEY, nếu không"
                " có thì GANBO_SECRET_KEY, hoặc tệp secret-key trong thư mục dữ liệu).",
                "Its voucher codes follow from another key. Set GANBO_CODE_KEY to that of the old place (GANBO_CODE_KEY, else"
                " GANBO_SECRET_KEY, else the file secret-key in its data folder).",
            )
        case bringing.NotOurs(args=(file, said)):
            return (
                f"{file} không nhập được: {said}. Chưa ghi gì.",
                f"{file} cannot come in: {said}. Nothing was written.",
            )
        case bringing.BooksDisagree(report=report):
            found = report.differences
            named = "; ".join(f"{one.what} {one.id}" for one in found[:MOST_NAMED])
            return (
                f"Sổ trong bản xuất lệch {len(found)} chỗ ({named}). Chạy ganbo verify ở nơi cũ. Chưa ghi gì.",
                f"Its books differ in {len(found)} places ({named}). Run ganbo verify in the old place. Nothing was written.",
            )
    return (
        "Đang có người ghi vào cửa hàng này: hãy dừng ganbo serve rồi gọi lại. Chưa ghi gì.",
        "Somebody is writing in this business: stop ganbo serve and call again. Nothing was written.",
    )


def _tell(manifest: "Manifest", chosen: "BusinessRow", report: "Report | None") -> None:
    from ganbo.doors.cli import export_folder

    rows, taken = manifest.rows, export_folder.taken(manifest)
    saying.say(
        f"Bản xuất của “{manifest.business['name']}” lúc {taken}: {sum(rows.values()):,} dòng,"
        f" {rows['members']:,} thành viên, {rows['lots']:,} lô, {rows['vouchers']:,} phiếu. Mọi tệp còn nguyên.",
        f"An export of “{manifest.business['name']}” of {taken}: {sum(rows.values()):,} rows,"
        f" {rows['members']:,} members, {rows['lots']:,} lots, {rows['vouchers']:,} vouchers. Every file is as it was written.",
    )
    if manifest.business["slug"] != chosen.slug:
        there = manifest.business["slug"]
        saying.say(
            f"Tên ngắn ở đây là {chosen.slug}, nơi cũ là {there}: nhóm giữ lại được bốc lại, phiếu đã in không in lại được cùng"
            " mã, và đối tác trên cùng máy vẫn gọi tên cũ.",
            f"The short name is {chosen.slug} here and was {there}: who is held back is drawn anew, a printed slip cannot be"
            " printed again with its code, and partners of the same installation know the old name.",
        )
    if report is None:
        saying.say("Chưa ghi gì. Thêm --yes để nhập.", "Nothing was written. Add --yes to import.")
        return
    saying.say(
        f"Đã nhập, và sổ khớp ({report.transfers} / {report.accounts} / {report.lots} bút toán / tài khoản / lô).",
        f"It is in, and the books agree ({report.transfers} / {report.accounts} / {report.lots} transfers / accounts / lots).",
    )
    saying.say(
        "Còn phải làm: tạo khóa API mới, mời lại nhân viên; thành viên đăng nhập lại và đặt lại PIN.",
        "Still to do: new API keys, accounts for the staff; members sign in again and choose a new PIN.",
    )
