"""`ganbo verify`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ganbo.doors.cli import choosing, saying

if TYPE_CHECKING:
    from ganbo.books.ledger.verifying import Report


def verify(
    business: Annotated[
        str | None, typer.Option("--business", help="Short name; all businesses when left out.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Recompute the books from the transfers; exit 1 on any difference."""
    with choosing.database(data=data):
        from ganbo.foundation.tenancy import context, queries
        from ganbo.journeys import verify_books

        chosen = [choosing.business(business)] if business else list(queries.live())
        reports = {}
        for row in chosen:
            with saying.console.status(row.name), context.within(row):
                reports[row.slug] = verify_books.verify()
    if json:
        saying.as_json({slug: asdict(report) for slug, report in reports.items()})
    else:
        for slug, report in reports.items():
            _print(slug, report)
    if any(report.differences for report in reports.values()):
        raise typer.Exit(1)


def _print(slug: str, report: "Report") -> None:
    differences = report.differences
    counts = f"{report.transfers} / {report.accounts} / {report.lots}"
    if not differences:
        saying.say(
            f"{slug}: sổ khớp ({counts} bút toán / tài khoản / lô).",
            f"{slug}: the books agree ({counts} transfers / accounts / lots).",
        )
        return
    saying.say(f"{slug}: {len(differences)} chỗ lệch.", f"{slug}: {len(differences)} differences.")
    for found in differences[:20]:
        saying.console.print(f"  {found.what} {found.id}: {found.stored} ≠ {found.recomputed}", soft_wrap=True)
