"""`ganbo programme check|publish|diff`."""

import difflib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ganbo.doors.cli import choosing, environment, saying

app = typer.Typer(no_args_is_help=True, help="Programme documents.")
File = Annotated[Path, typer.Argument(help="A YAML or JSON document.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable.")]


class Existing(StrEnum):
    """For points earned from now on, for all, or only where the end is then later."""

    new = "new"
    all = "all"
    extend = "extend"


@app.callback()
def group() -> None:
    """Programme documents."""


@app.command("check")
def check(file: File, json: Json = False) -> None:
    """Check shape, types, conditions and the document's own examples; needs no database."""
    _pure_django()
    programme, problems = _checked(_read(file))
    if json:
        saying.as_json({"ok": not problems, "errors": problems})
    else:
        for problem in problems:
            saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
    if problems or programme is None:
        raise typer.Exit(1)
    if not json:
        count = len(programme.examples)
        saying.say(
            f"{file}: hợp lệ, {len(programme.rules)} quy tắc, {len(programme.rewards)} quà, {count} ví dụ đúng.",
            f"{file}: fine, {len(programme.rules)} rules, {len(programme.rewards)} rewards, {count} examples agree.",
        )


@app.command("publish")
def publish(
    file: File,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
    existing: Annotated[
        Existing, typer.Option("--existing", help="What a changed expiry does to points that are there already.")
    ] = Existing.new,
) -> None:
    """Check a document and put it in force from now on."""
    source = _read(file)
    with choosing.database(data=data):
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import publish_programme

        chosen = choosing.business(business)
        _, problems = _checked(source)
        for problem in problems:
            saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
        if problems:
            raise typer.Exit(1)
        with context.within(chosen):
            done = publish_programme.publish(source, by="cli", existing=existing.value)
        saying.say(
            f"Bản {done.version} đã áp dụng cho {chosen.name}.",
            f"Version {done.version} is in force for {chosen.name}.",
        )


@app.command("preview")
def preview(
    file: File,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
    json: Json = False,
) -> None:
    """Whose points would end earlier or later if the document's expiry applied to all points; changes nothing."""
    source = _read(file)
    with choosing.database(data=data):
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import preview_programme

        chosen = choosing.business(business)
        programme, problems = _checked(source)
        for problem in problems:
            saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
        if problems:
            raise typer.Exit(1)
        with context.within(chosen):
            found = preview_programme.of_programme(programme, at=clock.now())
    if json:
        saying.as_json(found)
        return
    for name, wallet in found["wallets"].items():
        _say_preview(name, wallet)
    if not found["wallets"]:
        saying.say("Không điểm nào đổi ngày hết hạn.", "No points would end at another time.")


def _say_preview(name: str, wallet: dict[str, Any]) -> None:
    earlier, later, now = wallet["earlier"], wallet["later"], wallet["ending_now"]
    saying.say(
        f"{name}: nếu áp dụng cho mọi điểm, {earlier['points']} điểm của {earlier['members']} khách hết hạn sớm hơn"
        f" ({now} điểm hết hạn ngay), {later['points']} điểm của {later['members']} khách muộn hơn.",
        f"{name}: if it applied to all points, {earlier['points']} points of {earlier['members']} members would end earlier"
        f" ({now} points at once), {later['points']} points of {later['members']} members later.",
    )
    for one in earlier["sample"]:
        saying.say(
            f"  {one['member_id']}: {one['points']} điểm sớm hơn", f"  {one['member_id']}: {one['points']} earlier"
        )


@app.command("diff")
def diff(first: File, second: File) -> None:
    """What changed from one document to another, by meaning: spacing and key order do not matter."""
    _pure_django()
    before, after = (_plain(_read(file), file) for file in (first, second))
    changed = list(difflib.unified_diff(before, after, str(first), str(second), lineterm=""))
    for line in changed:
        style = "green" if line.startswith("+") else "red" if line.startswith("-") else None
        saying.console.print(line, style=style, markup=False, soft_wrap=True)
    if not changed:
        saying.say("Hai tài liệu giống nhau.", "The two documents say the same.")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        saying.refuse(f"Không đọc được {file}: {failure}", f"Cannot read {file}: {failure}")


def _pure_django() -> None:
    """Settings for the words only; no database is touched."""
    import os

    os.environ.setdefault("GANBO_DATABASE_URL", "postgresql://nobody@localhost/none")
    os.environ.setdefault("GANBO_SECRET_KEY", "no secret is needed to check a document")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    environment.start_django()


def _checked(source: str) -> tuple[Any, list[dict[str, Any]]]:
    from ganbo.engine import loading
    from ganbo.features.programmes import document_words
    from ganbo.journeys import publish_programme

    locale = saying.language()
    try:
        return publish_programme.check(source), []
    except loading.DocumentRefused as refused:
        return None, [
            {
                "code": error.code,
                "path": error.path,
                "line": error.line,
                "column": error.column,
                "message": document_words.message(error, locale=locale),
            }
            for error in refused.errors
        ]
    except publish_programme.ExamplesFail as failed:
        programme = loading.load(source)
        return None, [
            {
                "code": failed.code,
                "path": f"examples.{failure.place}",
                "line": 1,
                "column": 1,
                "message": document_words.example_message(failure, programme, locale=locale),
            }
            for failure in failed.failures
        ]


def _plain(source: str, file: Path) -> list[str]:
    import orjson

    from ganbo.engine import loading

    try:
        document = loading.load(source).document
    except loading.DocumentRefused as refused:
        saying.refuse(f"{file}: {refused}", f"{file}: {refused}")
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode().splitlines()
