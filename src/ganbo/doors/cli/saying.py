"""What commands print, in Vietnamese or English by the terminal's language; refusals end with 1."""

import os
from typing import Any, NoReturn

import orjson
import typer
from rich.console import Console

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def language() -> str:
    """vi when the terminal speaks it (LC_ALL, LC_MESSAGES, LANG), else en."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "vi" if wanted.lower().startswith("vi") else "en"


def pick(vi: str, en: str) -> str:
    """The one in the reader's language."""
    return vi if language() == "vi" else en


def say(vi: str, en: str) -> None:
    """One line in the reader's language."""
    console.print(pick(vi, en), soft_wrap=True)


def refuse(vi: str, en: str) -> NoReturn:
    """A sentence on standard error, exit code 1."""
    errors.print(pick(vi, en), soft_wrap=True)
    raise typer.Exit(1)


def as_json(value: Any) -> None:
    """Machine-readable output on standard output."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())
