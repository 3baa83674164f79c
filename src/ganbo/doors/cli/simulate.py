"""`ganbo simulate PROGRAMME SALES`: what a draft would have given and cost; needs no database."""

import tempfile
from enum import StrEnum
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ganbo.doors.cli import choosing, environment, look, page, programme, saying

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme
    from ganbo.insights.look.reading import Reading
    from ganbo.insights.simulation.assuming import Assumed


class Engine(StrEnum):
    """Where members are lived through."""

    local = "local"
    spark = "spark"


def simulate(
    document: Annotated[Path, typer.Argument(metavar="PROGRAMME", help="The draft, YAML or JSON.")],
    sales: Annotated[
        Path | None,
        typer.Argument(help="CSV, XLSX or Parquet; left out: what this business recorded, redemptions too."),
    ] = None,
    against: Annotated[list[Path] | None, typer.Option("--against", help="Another draft; may be repeated.")] = None,
    redeem: Annotated[str, typer.Option("--redeem", help="none, when-affordable or rate=0.6.")] = "when-affordable",
    uplift: Annotated[float, typer.Option("--uplift", min=0, max=1, help="Share of sales made once more.")] = 0,
    signup: Annotated[bool, typer.Option("--signup/--no-signup", help="Members join with the first bill.")] = True,
    seed: Annotated[int, typer.Option("--seed", help="Whose redemptions are drawn.")] = 1,
    map_: Annotated[list[str] | None, typer.Option("--map", help="FIELD=COLUMN, such as amount=total_vnd.")] = None,
    anonymous: Annotated[list[str] | None, typer.Option("--anonymous", help="Walk-in customer's name.")] = None,
    business: Annotated[str | None, typer.Option("--business", help="Whose record, without a file.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
    engine: Annotated[Engine, typer.Option("--engine", help="Processes here, or a Spark cluster.")] = Engine.local,
    processes: Annotated[int | None, typer.Option("--processes", min=1, help="Else one for each core.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="vi or en; else the terminal's.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="A page with charts, into this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Replay a sales file under a draft: cost, share of sales, levels reached, liability, breakage, winners, by month."""
    from ganbo.doors.cli import simulate_page, simulate_tables
    from ganbo.insights.look import looking
    from ganbo.insights.simulation import comparing

    if html is not None:
        page.ready(html)
    files = [document, *(against or [])]
    assumed = _assumed(redeem, uplift, seed, signup) if sales else _as_recorded()
    if sales is None:
        with choosing.database(data=data):
            drafts = _drafts(files)
            keys, totals, without = _recorded(business, drafts, assumed)
            how = None
    else:
        environment.start_without_database()
        drafts = _drafts(files)
        read = _read(sales, drafts[0], map_ or [], anonymous or [])
        how = looking.how_read(read)
        keys, totals, without = _lived(read, drafts, assumed, 0 if engine is Engine.spark else processes)
    found = [_told(one, total, keys, without) for one, total in zip(drafts, totals, strict=True)]
    for n, one in enumerate(found):
        one["programme"] = files[n].name
        one["assumptions"] = _assumptions(assumed)
        one["reading"] = how
        if n:
            one["against"] = comparing.against(keys, totals[n], totals[0])
    if html is not None:
        simulate_page.write(html, sales.name if sales else business or "", found, drafts, lang or saying.language())
    if json:
        saying.as_json({**found[0], "others": found[1:]} if found[1:] else found[0])
    elif html is not None:
        saying.say(f"Đã ghi {html}.", f"{html} is written.")
    else:
        simulate_tables.show(found, drafts, lang or saying.language())


def _assumed(redeem: str, uplift: float, seed: int, signup: bool) -> "Assumed":
    from ganbo.insights.simulation import assuming

    try:
        shown, rate = assuming.behaviour(redeem)
    except assuming.NoBehaviour as unknown:
        raise typer.BadParameter("none, when-affordable, rate=0.6", param_hint="--redeem") from unknown
    return assuming.Assumed(shown, rate, Fraction(uplift).limit_denominator(10_000), seed, signup)


def _assumptions(assumed: "Assumed") -> dict[str, Any]:
    return {
        "redeem": assumed.redeem,
        "rate": float(assumed.rate),
        "uplift": float(assumed.uplift),
        "seed": assumed.seed,
        "joins_with_first_bill": assumed.signs_up,
        "rewards_cost": "stated cost, else worth on the member's mean bill; every voucher is used",
    }


def _as_recorded() -> "Assumed":
    from ganbo.insights.simulation import assuming

    return assuming.Assumed(assuming.RECORDED, Fraction(0), signs_up=False)


def _drafts(files: list[Path]) -> list["Programme"]:
    drafts = [_draft(file) for file in files]
    _same_money(files, drafts)
    return drafts


def _draft(file: Path) -> "Programme":
    """A draft that is fine; else its problems are told."""
    found, problems = programme.checked(programme.read(file))
    for problem in problems:
        saying.errors.print(f"{file}:{problem['line']}:{problem['column']} {problem['message']}", soft_wrap=True)
    if found is None or problems:
        raise typer.Exit(1)
    draft: Programme = found
    return draft


def _same_money(files: list[Path], drafts: list["Programme"]) -> None:
    for file, draft in zip(files, drafts, strict=True):
        if (draft.currency, draft.timezone) != (drafts[0].currency, drafts[0].timezone):
            saying.refuse(
                f"{file}: tiền tệ hoặc múi giờ khác {files[0]} ({drafts[0].currency}, {drafts[0].timezone}).",
                f"{file}: another currency or time zone than {files[0]} ({drafts[0].currency}, {drafts[0].timezone}).",
            )


def _read(sales: Path, draft: "Programme", map_: list[str], anonymous: list[str]) -> "Reading":
    from ganbo.foundation import clock
    from ganbo.insights.look import reading

    today = reading.tomorrow(clock.now().astimezone(draft.timezone).date())
    asked = reading.Asked(look.told(map_), tuple(anonymous), draft.timezone, today, lines=True)
    with _bar() as bar:
        task = bar.add_task(sales.name, total=None)
        return look.read(sales, asked, lambda done, size: bar.update(task, completed=done, total=size))


def _lived(
    read: "Reading", drafts: list["Programme"], assumed: "Assumed", processes: int | None
) -> tuple[list[str], list[Any], int]:
    """Members' keys, each draft's totals, and the receipts without a member in minor units; 0 processes: on Spark."""
    from ganbo.books.events.bills import minor
    from ganbo.doors.cli import simulating
    from ganbo.insights.simulation import pasts, running

    zone = drafts[0].timezone
    with tempfile.TemporaryDirectory(prefix="ganbo-simulate-") as folder, _bar() as bar:
        task = bar.add_task(saying.pick("sắp xếp", "sorting"), total=None)
        past = pasts.arrange(read, Path(folder) / "lines.arrow", zone=zone)
        if not past.members:
            saying.refuse("Không dòng nào có tên khách.", "No line names a member.")
        of = simulating.Drafts(tuple(draft.source for draft in drafts), assumed, past.until)
        work = running.Work(simulating.make, of, past.path, zone)
        names = saying.pick("sống lại", "replaying")
        bar.update(task, description=names, total=sum(size for _, size in past.shards), completed=0)
        live = _on_spark if processes == 0 else partial(running.run, processes=processes)
        keys, totals = live(work, past, step=lambda lines: bar.advance(task, lines))
    return keys, totals, minor(past.without, drafts[0].currency)


def _on_spark(work: Any, past: Any, *, step: Any) -> tuple[list[str], list[Any]]:
    """On the cluster that Spark's own settings name (`SPARK_CONF_DIR`, spark-submit), else on this machine."""
    import os
    import sys

    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        saying.refuse("Cần phần thêm: pip install 'ganbo[spark]'.", "This needs the extra: pip install 'ganbo[spark]'.")
    from ganbo.insights.simulation import on_spark

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    built = SparkSession.builder.appName("ganbo simulate").config("spark.ui.showConsoleProgress", "false")
    session = built.getOrCreate()
    try:
        return on_spark.run(work, past, session, step=step)
    except on_spark.SharedOnSpark:
        saying.refuse(
            "Bản nháp có ngân sách dừng hẳn, quà có hạn hoặc giới hạn chung: hãy dùng --engine local.",
            "The draft has a budget with a hard stop, limited stock or a common limit: use --engine local.",
        )
    finally:
        session.stop()


def _recorded(slug: str | None, drafts: list["Programme"], assumed: "Assumed") -> tuple[list[str], list[Any], int]:
    """The same for what a business recorded, up to now."""
    from ganbo.books.events import queries as events
    from ganbo.doors.cli import simulating
    from ganbo.foundation import clock
    from ganbo.foundation.tenancy import context

    with context.within(choosing.business(slug)), _bar() as bar:
        members = list(simulating.recorded())
        if not members:
            saying.refuse("Chưa ghi nhận việc gì của thành viên.", "Nothing of members was recorded yet.")
        of = simulating.Drafts(tuple(draft.source for draft in drafts), assumed, clock.now())
        task = bar.add_task(saying.pick("sống lại", "replaying"), total=len(members) * len(drafts))
        lived = simulating.make(of)
        totals = [simulating.live_recorded(one, members, step=lambda n: bar.advance(task, n)) for one in lived]
        return [one.key for one in members], totals, events.sold_without_member()


def _told(draft: "Programme", total: Any, keys: list[str], without: int) -> dict[str, Any]:
    from ganbo.insights.simulation import comparing, totals

    found = totals.told(total, draft, anonymous=without)
    found["winners"] = comparing.winners(keys, total)
    found["findings"] = comparing.findings(found, total, draft)
    return found


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=saying.errors, transient=True)
