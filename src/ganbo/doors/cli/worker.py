"""`ganbo worker`."""

from pathlib import Path
from typing import Annotated

import typer

from ganbo.doors.cli import choosing


def worker(
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Send messages and do nightly work, until stopped."""
    with choosing.database(data=data):
        from ganbo.doors.worker import running

        running.run()
