"""`ganbo export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ganbo.doors.cli import choosing, saying

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow
    from ganbo.journeys.moving.manifest import Manifest


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An empty folder, or one to be made.")],
    codes: Annotated[bool, typer.Option("--with-codes", help="Also codes.csv: usable codes in the clear.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Everything a business has, in open files: members, lots, levels, vouchers, consents, history."""
    with choosing.database(data=data):
        from ganbo.doors.cli import export_folder

        chosen = choosing.business(business)
        try:
            export_folder.ready(folder)
        except export_folder.NotEmpty:
            saying.refuse(
                f"{folder} không phải thư mục trống: hãy chọn thư mục khác.",
                f"{folder} is not an empty folder: choose another.",
            )
        except OSError as failure:
            saying.refuse(f"Không ghi được {folder}: {failure.strerror}", f"Cannot write {folder}: {failure.strerror}")
        try:
            manifest = _take(chosen, folder, codes=codes)
        except OSError as failure:
            saying.refuse(
                f"Chưa xuất xong: {failure.strerror}. Xóa {folder} rồi gọi lại.",
                f"It is not complete: {failure.strerror}. Remove {folder} and call again.",
            )
    if json:
        saying.as_json({"folder": str(folder), "taken_at": manifest.taken_at, "rows": manifest.rows, "codes": codes})
        return
    _tell(manifest, folder, codes=codes)


def _take(chosen: "BusinessRow", folder: Path, *, codes: bool) -> "Manifest":
    from ganbo.doors.cli import export_folder
    from ganbo.foundation.tenancy import context
    from ganbo.journeys.moving import taking

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=saying.errors, transient=True) as bar, context.within(chosen):
        task = bar.add_task(chosen.slug, total=None)
        taking.note(by="cli", codes=codes)
        with taking.taking(chosen, codes=codes) as everything:
            return export_folder.write(folder, everything, lambda step: bar.update(task, description=step))


def _tell(manifest: "Manifest", folder: Path, *, codes: bool) -> None:
    from ganbo.doors.cli import export_folder
    from ganbo.journeys.moving import tables

    rows = manifest.rows
    saying.say(
        f"Đã xuất {sum(rows.values()):,} dòng ({rows['members']:,} thành viên, {rows['lots']:,} lô,"
        f" {rows['vouchers']:,} phiếu) vào {folder}, lúc {export_folder.taken(manifest)}.",
        f"{sum(rows.values()):,} rows ({rows['members']:,} members, {rows['lots']:,} lots,"
        f" {rows['vouchers']:,} vouchers) are in {folder}, as of {export_folder.taken(manifest)}.",
    )
    saying.say(
        "Thư mục chứa dữ liệu cá nhân: giữ kín, và xóa khi không cần nữa.",
        "The folder holds personal data: keep it private, and remove it when it is no longer needed.",
    )
    saying.say("Không xuất, vì là bí mật hoặc thuộc máy này:", "Left out, as secrets or as part of this installation:")
    for name, (vi, en) in (tables.LEFT_OUT | tables.STAYS).items():
        if name != "django_migrations":
            saying.console.print(f"  {name}: {saying.pick(vi, en)}", soft_wrap=True, markup=False)
    if any(manifest.waiting.values()):
        saying.say(
            f"Còn {manifest.waiting['facts']:,} việc chưa báo và {manifest.waiting['messages']:,} tin chưa gửi: nơi này gửi,"
            " nơi mới không gửi.",
            f"{manifest.waiting['facts']:,} facts wait to be told and {manifest.waiting['messages']:,} messages to be sent:"
            " they are sent from here, not from the new place.",
        )
    if codes:
        saying.say(
            "codes.csv chứa mã còn dùng được, ai đọc được là tiêu được.",
            "codes.csv holds usable codes: whoever reads it can spend them.",
        )
