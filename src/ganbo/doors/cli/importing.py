"""`ganbo import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from ganbo.doors.cli import choosing, saying
from ganbo.doors.cli.imports.balances import balances
from ganbo.doors.cli.imports.everything import everything
from ganbo.doors.cli.imports.members import members
from ganbo.doors.cli.imports.sales import sales

if TYPE_CHECKING:
    from ganbo.journeys.import_codes import Brought, Outlook

MOST_SHOWN = 20  # bad lines on the terminal; --json has them all

app = typer.Typer(no_args_is_help=True, help="Bring in what other systems have.")


@app.callback()
def group() -> None:
    """Bring in what other systems have; without --yes it only says what would come of it."""


@app.command("codes")
def codes(
    file: Annotated[Path, typer.Argument(help="TXT or CSV: a code a line, and its last day if it has one.")],
    reward: Annotated[str, typer.Option("--reward", help="The reward they are for, with `codes: imported`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Write; without it nothing changes.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """A partner's codes for a reward: how many are new, known or wrong; with --yes they are kept, sealed."""
    text = _read(file)
    with choosing.database(data=data):
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import import_codes
        from ganbo.journeys.redeem_reward import RewardUnknown

        now = clock.now()
        with context.within(choosing.business(business)):
            try:
                outlook = import_codes.look(reward, import_codes.read(text, now=now), now=now)
            except RewardUnknown:
                saying.refuse(f"Chương trình không có quà “{reward}”.", f"The programme has no reward “{reward}”.")
            except import_codes.NotImported:
                saying.refuse(
                    f"Quà “{reward}” chưa ghi “codes: imported”.",
                    f"The reward “{reward}” does not say “codes: imported”.",
                )
            brought = None
            if yes:
                with Progress(console=saying.errors, transient=True) as progress:
                    task = progress.add_task(reward, total=len(outlook.new))
                    brought = import_codes.bring_in(
                        outlook, by="cli", now=now, told=lambda done: progress.update(task, completed=done)
                    )
    _tell(outlook, brought, json=json)


app.command("everything")(everything)
app.command("members")(members)
app.command("balances")(balances)
app.command("sales")(sales)


@app.command("products")
def products(
    file: Annotated[Path, typer.Argument(help="CSV: sku, name, category, labels, price, cost, price:LIST.")],
    yes: Annotated[bool, typer.Option("--yes", help="Write; without it nothing changes.")] = False,
    business: Annotated[str | None, typer.Option("--business", help="Short name of the business.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """The list of products with prices and labels: how many are new or changed; with --yes they are kept."""
    text = _read(file)
    with choosing.database(data=data):
        from ganbo.features.products import import_words
        from ganbo.features.programmes.in_force import NoProgramme
        from ganbo.foundation import clock
        from ganbo.foundation.tenancy import context
        from ganbo.journeys import import_products

        now = clock.now()
        with context.within(choosing.business(business)):
            try:
                outlook = import_products.look(text, now=now)
            except NoProgramme:
                saying.refuse(
                    "Hãy công bố chương trình trước: nó cho biết giá tính bằng tiền gì.",
                    "Publish a programme first: it says in which currency the prices are.",
                )
            kept = 0
            if yes:
                with Progress(console=saying.errors, transient=True) as progress:
                    task = progress.add_task("products", total=len(outlook.writes))
                    kept = import_products.bring_in(
                        outlook, by="cli", now=now, told=lambda done: progress.update(task, completed=done)
                    )
    locale = saying.language()
    bad = [{"line": b.number, "reason": b.reason, "message": import_words.said(b, locale=locale)} for b in outlook.bad]
    counts = {"new": len(outlook.new), "changed": len(outlook.changed), "same": outlook.same, "twice": outlook.twice}
    if json:
        saying.as_json(counts | {"unread": outlook.unread, "bad": bad, "kept": kept})
        return
    saying.say(
        "{new:,} mặt hàng mới, {changed:,} thay đổi, {same:,} như cũ, {twice:,} lặp lại, {bad:,} dòng lỗi.".format(
            **counts, bad=len(bad)
        ),
        "{new:,} new, {changed:,} changed, {same:,} as before, {twice:,} told twice, {bad:,} wrong.".format(
            **counts, bad=len(bad)
        ),
    )
    if outlook.unread:
        names = ", ".join(outlook.unread)
        saying.say(f"Không hiểu cột: {names}.", f"Columns nobody reads: {names}.")
    _tell_bad(bad)
    if not yes:
        saying.say("Chưa ghi gì. Thêm --yes để nhập.", "Nothing was written. Add --yes to import.")
        return
    saying.say(f"Đã ghi {kept:,} mặt hàng.", f"{kept:,} products are kept.")


def _read(file: Path) -> str:
    from ganbo.features.rewards.code_files import MOST_BYTES

    try:
        if file.stat().st_size > MOST_BYTES:
            saying.refuse(f"{file} lớn hơn 64 MiB; hãy chia nhỏ.", f"{file} is larger than 64 MiB; split it.")
        return file.read_text(encoding="utf-8-sig")
    except OSError:
        saying.refuse(f"Không đọc được {file}.", f"{file} cannot be read.")
    except UnicodeDecodeError:
        saying.refuse(f"{file} không phải UTF-8; hãy xuất lại dạng UTF-8.", f"{file} is not UTF-8; export it as UTF-8.")


def _tell(outlook: "Outlook", brought: "Brought | None", *, json: bool) -> None:
    from ganbo.features.rewards import import_words

    locale = saying.language()
    bad = [{"line": b.number, "reason": b.reason, "message": import_words.said(b, locale=locale)} for b in outlook.bad]
    if json:
        counts = {"reward": outlook.reward, "new": len(outlook.new), "duplicate": outlook.duplicate, "bad": bad}
        saying.as_json(counts | {"added": brought.added if brought else 0, "filled": brought.filled if brought else 0})
        return
    saying.say(
        f"{outlook.reward}: {len(outlook.new):,} mã mới, {outlook.duplicate:,} trùng, {len(bad):,} dòng lỗi.",
        f"{outlook.reward}: {len(outlook.new):,} new, {outlook.duplicate:,} duplicate, {len(bad):,} wrong.",
    )
    _tell_bad(bad)
    if brought is None:
        saying.say("Chưa ghi gì. Thêm --yes để nhập.", "Nothing was written. Add --yes to import.")
        return
    saying.say(f"Đã nhập {brought.added:,} mã.", f"{brought.added:,} codes are in.")
    if brought.filled:
        saying.say(
            f"{brought.filled:,} quà đang chờ đã có mã.", f"{brought.filled:,} gifts that waited have their code now."
        )


def _tell_bad(bad: list[dict[str, Any]]) -> None:
    for one in bad[:MOST_SHOWN]:
        saying.errors.print(f"  {one['line']}: {one['message']}", markup=False, soft_wrap=True)
    if len(bad) > MOST_SHOWN:
        saying.errors.print(f"  … +{len(bad) - MOST_SHOWN:,}", markup=False)
