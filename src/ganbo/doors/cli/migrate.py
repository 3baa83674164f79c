"""`ganbo migrate`."""

from pathlib import Path
from typing import Annotated

import typer

from ganbo.doors.cli import choosing, saying

Data = Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database and the secrets.")]


def migrate(data: Data = None) -> None:
    """Bring the public schema and every business up to date, and the rights of the app role with them."""
    with choosing.database(role="owner", data=data):
        from ganbo.foundation.tenancy import operations

        with saying.console.status("…"):
            done = operations.migrate_all()
        saying.say(f"Đã cập nhật {len(done)} lược đồ.", f"{len(done)} schemas are up to date.")
