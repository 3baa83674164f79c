"""`ganbo key create`."""

from pathlib import Path
from typing import Annotated

import typer

from ganbo.doors.cli import choosing, saying

app = typer.Typer(no_args_is_help=True, help="API keys.")


@app.callback()
def group() -> None:
    """API keys."""


@app.command("create")
def create(
    scopes: Annotated[str, typer.Option("--scopes", help="Separated by commas, such as events:write,quotes:read.")],
    name: Annotated[str, typer.Option("--name", help="What it is for.")] = "key",
    test: Annotated[bool, typer.Option("--test", help="A key of a sandbox: gb_test_….")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Make an API key; it is shown once and kept only as a hash."""
    with choosing.database(data=data):
        from ganbo.foundation.staff import keys

        chosen = choosing.business(business)
        try:
            row, secret = keys.create(chosen.id, name=name, scopes=[s.strip() for s in scopes.split(",")], test=test)
        except ValueError as failure:
            saying.refuse(
                f"Phạm vi chưa đúng. Các phạm vi: {', '.join(keys.SCOPES)}.",
                str(failure)[0].upper() + str(failure)[1:] + ".",
            )
        if json:
            saying.as_json({"id": row.id, "key": secret, "scopes": sorted(row.scopes), "business": chosen.slug})
            return
        saying.console.print(secret, soft_wrap=True)
        saying.say("Khóa chỉ hiện một lần, hãy cất ngay.", "The key is shown once; keep it now.")
