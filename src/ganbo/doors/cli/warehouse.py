"""`ganbo warehouse`: what happened as Parquet files."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ganbo.doors.cli import choosing, saying

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow
    from ganbo.insights.warehouse.exporting import Report

app = typer.Typer(help="What happened, as Parquet files for KPIs and your own tools.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """What happened, as Parquet files for KPIs and your own tools."""


@app.command("export")
def export(
    business: Annotated[
        str | None, typer.Option("--business", help="Short name; all businesses when left out.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Bring the warehouse up to now: what was written since the last time, exactly once. The worker does it each night."""
    with choosing.database(data=data):
        from django.conf import settings

        from ganbo.foundation.tenancy import queries

        chosen = [choosing.business(business)] if business else list(queries.live())
        reports = {row.slug: _fill(row, settings.WAREHOUSE) for row in chosen}
        folder = settings.WAREHOUSE
    if json:
        saying.as_json({slug: asdict(report) if report else None for slug, report in reports.items()})
        return
    for slug, report in reports.items():
        _say(slug, report, folder)


def _fill(business: "BusinessRow", folder: Path) -> "Report | None":
    from ganbo.foundation import clock
    from ganbo.foundation.tenancy import context
    from ganbo.insights.warehouse import exporting, manifest

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=saying.errors, transient=True) as bar, context.within(business):
        task, came = bar.add_task(business.slug, total=None), 0

        def told(step: str, rows: int) -> None:
            nonlocal came
            came += rows
            bar.update(task, description=f"{business.slug}: {step} {came:,}")

        try:
            return exporting.export(business, folder, at=clock.now(), told=told)
        except manifest.Busy:
            saying.refuse(
                f"{business.slug}: một lần xuất kho khác đang chạy. Hãy đợi nó xong rồi gọi lại.",
                f"{business.slug}: another export is running. Wait until it is done, then call again.",
            )


def _say(slug: str, report: "Report | None", folder: Path) -> None:
    if report is None:
        saying.say(
            f"{slug}: chưa có chương trình, chưa có gì để xuất.", f"{slug}: no programme yet, nothing to export."
        )
        return
    facts = _thousands(sum(_facts(report).values()))
    each = ", ".join(f"{name} {_thousands(rows)}" for name, rows in _facts(report).items() if rows)
    saying.say(
        f"{slug}: {facts} dòng mới trong {folder}{f' ({each})' if each else ''}.",
        f"{slug}: {facts} new rows in {folder}{f' ({each})' if each else ''}.",
    )


def _facts(report: "Report") -> dict[str, Any]:
    from ganbo.insights.warehouse import tables

    return {table.name: report.rows[table.name] for table in tables.FACTS}


def _thousands(number: int) -> str:
    """As the reader's language writes it."""
    return f"{number:,}".replace(",", ".") if saying.language() == "vi" else f"{number:,}"
