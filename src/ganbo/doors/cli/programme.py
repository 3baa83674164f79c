"""`ganbo programme check|publish|preview|moves|terms|versions|withdraw|diff|template`."""

from datetime import datetime
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


Lang = Annotated[str | None, typer.Option("--lang", help="vi or en; else the terminal's.")]


@app.command("check")
def check(
    file: File,
    json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 with advice, too.")] = False,
    visits: Annotated[int, typer.Option("--visits", min=1, help="A typical member's visits a month.")] = 2,
    bill: Annotated[int | None, typer.Option("--bill", min=1, help="Minor units; else as in the examples.")] = None,
    members: Annotated[int, typer.Option("--members", min=1, help="How many members.")] = 1_000,
    margin: Annotated[int, typer.Option("--margin", min=1, max=100, help="Most given back, per cent.")] = 30,
) -> None:
    """Check shape, types, conditions and the document's own examples, then give advice; needs no database."""
    environment.start_without_database()
    from fractions import Fraction

    from ganbo.engine.advice import Assumptions

    programme, problems = checked(read(file))
    assumed = Assumptions(visits_a_month=visits, bill=bill, members=members, margin=Fraction(margin, 100))
    told, supposed = _advised(programme, assumed) if programme is not None else ([], "")
    if json:
        saying.as_json({"ok": not problems, "errors": problems, "advice": told, "assumptions": supposed})
    for problem in [] if json else problems:
        saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
    if problems or programme is None:
        raise typer.Exit(1)
    if not json:
        count = len(programme.examples)
        saying.say(
            f"{file}: hợp lệ, {len(programme.rules)} quy tắc, {len(programme.rewards)} quà, {count} ví dụ đúng.",
            f"{file}: fine, {len(programme.rules)} rules, {len(programme.rewards)} rewards, {count} examples agree.",
        )
        _print_advice(file, told, supposed)
    if strict and told:
        raise typer.Exit(1)


def _advised(programme: Any, assumed: Any) -> tuple[list[dict[str, Any]], str]:
    """Findings in words, and what was supposed."""
    from dataclasses import asdict

    from ganbo.features.programmes import advice_words

    locale = saying.language()
    told = advice_words.told(programme, locale=locale, assumed=assumed)
    return [asdict(one) for one in told], advice_words.assumptions(programme, locale=locale, assumed=assumed)


def _print_advice(file: Path, told: list[dict[str, Any]], supposed: str) -> None:
    for one in told:
        line = f"{file}:{one['line']} [{one['severity']}] {one['where']}: {one['why']} {one['todo']}"
        saying.console.print(line, markup=False, soft_wrap=True)
    saying.console.print(supposed, markup=False, soft_wrap=True)


@app.command("terms")
def terms(
    file: File,
    lang: Lang = None,
    organiser: Annotated[str, typer.Option("--organiser", help="Who runs the programme.")] = "",
    json: Json = False,
) -> None:
    """The terms in plain words, from the rules; needs no database."""
    environment.start_without_database()
    from ganbo.features.programmes import terms as terms_

    programme, problems = checked(read(file))
    for problem in problems:
        saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
    if programme is None:
        raise typer.Exit(1)
    made = terms_.of(programme, lang=lang or saying.language(), organiser=organiser)
    if json:
        saying.as_json({"lang": made.lang, "digest": made.digest, "text": made.text})
    else:
        typer.echo(made.text, nl=False)


@app.command("publish")
def publish(
    file: File,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
    existing: Annotated[
        Existing, typer.Option("--existing", help="What a changed expiry does to points that are there already.")
    ] = Existing.new,
    since: Annotated[str | None, typer.Option("--from", help="When it begins, RFC 3339 with offset.")] = None,
    note: Annotated[str, typer.Option("--note", help="Why, for the list of versions.")] = "",
) -> None:
    """Check a document and put it in force from now on, or from a later instant."""
    source, begins = read(file), _instant(since)
    with choosing.database(data=data):
        from ganbo.features.programmes import change_words
        from ganbo.features.programmes.operations import InForceInPast
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import publish_programme

        chosen = choosing.business(business)
        _, problems = checked(source)
        for problem in problems:
            saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
        if problems:
            raise typer.Exit(1)
        with context.within(chosen):
            try:
                done = publish_programme.publish(
                    source, by="cli", in_force_from=begins, existing=existing.value, note=note[:200]
                )
            except InForceInPast:
                saying.refuse("Không thể bắt đầu trong quá khứ.", "It cannot begin in the past.")
        if begins is None:
            saying.say(
                f"Bản {done.version} đã áp dụng cho {chosen.name}.",
                f"Version {done.version} is in force for {chosen.name}.",
            )
        else:
            saying.say(
                f"Bản {done.version} sẽ áp dụng cho {chosen.name} từ {done.in_force_from.isoformat()}.",
                f"Version {done.version} will be in force for {chosen.name} from {done.in_force_from.isoformat()}.",
            )
        locale = saying.language()
        for sentence in change_words.worse(done.before, done.programme, locale=locale) if done.before else []:
            saying.console.print(f"! {sentence}", markup=False, soft_wrap=True)


def _instant(text: str | None) -> datetime | None:
    """An instant with its offset, or exit 2."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as failure:
        raise typer.BadParameter("2027-01-01T00:00:00+07:00", param_hint="--from") from failure
    if found.tzinfo is None:
        raise typer.BadParameter("2027-01-01T00:00:00+07:00", param_hint="--from")
    return found


@app.command("versions")
def versions(
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
    json: Json = False,
) -> None:
    """All versions, newest first: past, in force, scheduled."""
    with choosing.database(data=data):
        from ganbo.features.programmes import queries
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context

        with context.within(choosing.business(business)) as chosen:
            found = queries.listed(chosen.schema, at=clock.now())
        shown = [
            {
                "version": one.row.version,
                "in_force_from": one.row.in_force_from.isoformat(),
                "state": one.state,
                "published_by": one.row.published_by,
                "note": one.row.note,
            }
            for one in found
        ]
        if json:
            saying.as_json(shown)
        for one in [] if json else shown:
            saying.console.print(
                f"{one['version']}  {one['in_force_from']}  {one['state']}  {one['published_by']}  {one['note']}".rstrip(),
                markup=False,
                soft_wrap=True,
            )


@app.command("withdraw")
def withdraw(
    version: Annotated[int, typer.Argument(help="The number of a version that has not begun.")],
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Call off a version that has not begun; the one before it goes on."""
    with choosing.database(data=data):
        from ganbo.features.programmes.in_force import NoProgramme
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import withdraw_version

        with context.within(choosing.business(business)):
            try:
                withdraw_version.withdraw(version, by="cli")
            except (NoProgramme, withdraw_version.NotScheduled):
                saying.refuse(
                    f"Bản {version} không phải là bản chờ áp dụng.", f"Version {version} does not begin later."
                )
        saying.say(f"Đã rút bản {version}.", f"Version {version} is withdrawn.")


@app.command("preview")
def preview(
    file: File,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
    json: Json = False,
) -> None:
    """Whose points would end earlier or later if the document's expiry applied to all points; changes nothing."""
    source = read(file)
    with choosing.database(data=data):
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import preview_programme

        chosen = choosing.business(business)
        programme, problems = checked(source)
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


@app.command("moves")
def moves(
    file: File,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
    json: Json = False,
) -> None:
    """Whose level the document would change, up or down; changes nothing."""
    source = read(file)
    with choosing.database(data=data):
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import preview_moves

        chosen = choosing.business(business)
        programme, problems = checked(source)
        for problem in problems:
            saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
        if problems:
            raise typer.Exit(1)
        with saying.console.status(chosen.name), context.within(chosen):
            found = preview_moves.of_programme(programme, at=clock.now())
    if json:
        saying.as_json(found)
        return
    _say_moves(found["at_once"], "Đêm sau khi công bố", "The night after publishing")
    _say_moves(found["later"], "Kỳ xét sau (so với quy tắc hiện nay)", "At the next review (against today's rules)")
    if not found["at_once"] and not found["later"]:
        saying.say("Không ai đổi hạng.", "Nobody's level would change.")


def _say_moves(rows: list[dict[str, Any]], vi: str, en: str) -> None:
    for row in rows:
        way = f"{row['from'] or '—'} {'↑' if row['up'] else '↓'} {row['to'] or '—'}"
        saying.say(f"{vi}: {way}: {row['members']} khách", f"{en}: {way}: {row['members']} members")
        saying.console.print(f"  {', '.join(row['sample'])}", markup=False, soft_wrap=True)


@app.command("diff")
def diff(first: File, second: File, lang: Lang = None, json: Json = False) -> None:
    """What changed from one document to another, old → new in words, better or worse for members."""
    environment.start_without_database()
    from dataclasses import asdict

    from ganbo.features.programmes import change_words

    old, new = (_loaded(read(file), file) for file in (first, second))
    told = change_words.told(old, new, locale=lang or saying.language())
    if json:
        saying.as_json([asdict(one) for one in told])
        return
    signs = {"better": "+", "worse": "-", "mixed": "±", "neutral": "="}
    for one in told:
        saying.console.print(f"{signs[one.verdict]} {one.text} ({one.mark})", markup=False, soft_wrap=True)
    if not told:
        saying.say("Hai tài liệu giống nhau.", "The two documents say the same.")


@app.command("template")
def template(
    name: Annotated[str | None, typer.Argument(help="Which one; left out, all are listed.")] = None,
    json: Json = False,
) -> None:
    """Documents to begin from: lists them, or prints one; needs no database."""
    from ganbo.features.programmes import templates

    if name is not None:
        try:
            typer.echo(templates.source(name), nl=False)
        except templates.TemplateUnknown:
            saying.refuse(f"Không có mẫu {name}.", f"There is no template {name}.")
        return
    if json:
        saying.as_json(
            [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "title": dict(one.title.by_language),
                    "summary": dict(one.summary.by_language),
                }
                for one in templates.all()
            ]
        )
        return
    locale = saying.language()
    for one in templates.all():
        line = f"{one.name:<14} {one.title.text(locale)}: {one.summary.text(locale)}"
        saying.console.print(line, markup=False, soft_wrap=True)


def read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        saying.refuse(f"Không đọc được {file}: {failure}", f"Cannot read {file}: {failure}")


def checked(source: str) -> tuple[Any, list[dict[str, Any]]]:
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
        return None, document_words.example_problems(failed.failures, failed.programme, failed.code, locale=locale)


def _loaded(source: str, file: Path) -> Any:
    from ganbo.engine import loading

    try:
        return loading.load(source)
    except loading.DocumentRefused as refused:
        saying.refuse(f"{file}: {refused}", f"{file}: {refused}")
