"""`ganbo import …` called in this process, on one business of a test module; a process of its own would cost two seconds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ganbo.doors.cli import importing

Call = Callable[..., Result]
Bring = Callable[..., dict[str, Any]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """The command with these words, in English; its standard error stands apart."""
    for name, value in (("LC_ALL", "C.UTF-8"), ("COLUMNS", "200"), ("GANBO_ROLE", "app"), ("GANBO_DATA", "var")):
        monkeypatch.setenv(name, value)

    def run(*words: str) -> Result:
        return CliRunner().invoke(importing.app, [*words, "--data", str(tmp_path)], catch_exceptions=False)

    return run


def bringing(call: Call, shop: Any, file: Path, kind: str, heading: str) -> Bring:
    """Import rows of a kind, and give back what --json says."""

    def make(*rows: str, options: tuple[str, ...] = ("--yes",), heading: str = heading) -> dict[str, Any]:
        file.write_text("\n".join([heading, *rows]), encoding="utf-8")
        done = call(kind, str(file), "--business", shop.slug, "--json", *options)
        assert done.exit_code == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return make


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """One business for all tests of a module: each has people of its own."""
    return {}


@pytest.fixture
def shop(request: pytest.FixtureRequest, new_business: Any, made: dict[str, Any]) -> Any:
    """The module's business, of its own PROGRAMME."""
    if not made:
        made["shop"] = new_business(request.module.PROGRAMME)
    return made["shop"]
