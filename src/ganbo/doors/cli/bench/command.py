"""The command: prepare once, measure each case beside its limit, print the table."""

import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import psutil
import typer
from rich.table import Table

from ganbo.doors.cli import environment, processes, saying, serve
from ganbo.doors.cli.bench import batch_of_codes, files, imports, limits, load, nightly, requests, warehouse
from ganbo.doors.cli.bench.requests import Choice

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow

HOST = "127.0.0.1"
LEAST_CODES = 20_000.0  # a second
MOST_NIGHT = 60.0  # seconds for a million members
FACTS = 1_000_000  # of the warehouse's export, unless told otherwise
_MOST_RATE = 6_000  # requests prepared for each second of a case
GROUPS = ("events", "redeem", "bulk", "memory", "rules", "files", "warehouse", "imports")
PROGRAMMES = {  # name → document and the slugs of its two businesses
    "first-sale": ("programme.yaml", ("bench-one", "bench-two")),
    "promises": ("promises.yaml", ("bench-three", "bench-four")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `limit` is PostgreSQL's own rate, or for a skewed case the uniform one."""

    case: str
    rate: float
    limit: float | None
    ratio: float | None
    p50_ms: float
    p99_ms: float
    errors: int


@dataclass
class Bench:
    """A running installation with its two businesses."""

    url: str
    port: int
    folder: Path
    schema: str
    keys: list[str]
    members: int
    seconds: int
    samples: tuple[str, str, str]  # answer, trace and body of a typical event

    def events(self, connections: int, *, skewed: bool = False, both: bool = False, count: int = 0) -> load.Result:
        keys = self.keys if both else self.keys[:1]
        made = requests.events(
            HOST, self.port, keys, count or self.seconds * _MOST_RATE, Choice(self.members, skewed=skewed)
        )
        return load.run(HOST, self.port, made, connections=connections, seconds=600 if count else self.seconds)

    def limit(self) -> float:
        return self.pgbench("bench_event")

    def pgbench(self, function: str) -> float:
        script = limits.script(self.schema, function, self.members)
        return limits.pgbench(self.url, self.folder, script, seconds=self.seconds)


def bench(
    members: Annotated[int, typer.Option("--members", help="Members to preload.", min=100)] = 100_000,
    seconds: Annotated[int, typer.Option("--seconds", help="Length of each case.", min=1, max=120)] = 6,
    rounds: Annotated[int, typer.Option("--rounds", help="Times each case is measured; medians are shown.", min=1)] = 1,
    only: Annotated[str | None, typer.Option("--only", help=f"{', '.join(GROUPS)}.")] = None,
    codes: Annotated[int, typer.Option("--codes", help="Only a batch of so many codes.", min=0, max=1_000_000)] = 0,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the bench's own database.")] = None,
    tiers: Annotated[
        int | None,
        typer.Option("--tiers", help="Only the night's review of levels, for so many members.", min=1_000),
    ] = None,
    sales: Annotated[
        int, typer.Option("--sales", help="Rows of the sales file that look and simulate read.", min=1_000)
    ] = files.ROWS,
    facts: Annotated[
        int | None, typer.Option("--facts", help="Only the warehouse's export of so many new facts.", min=1_000)
    ] = None,
    programme: Annotated[
        str, typer.Option("--programme", help="first-sale (6 rules) or promises (25 rules, 4 levels, 3 stamp cards).")
    ] = "first-sale",
) -> None:
    """Measure the hot path over HTTP, each case beside PostgreSQL's own limit in the same minute."""
    if programme not in PROGRAMMES:
        raise typer.BadParameter(f"choose one of {', '.join(PROGRAMMES)}", param_hint="--programme")
    if only not in (None, *GROUPS):
        raise typer.BadParameter(f"choose one of {', '.join(GROUPS)}", param_hint="--only")
    folder = data or Path("var/bench")
    if only == "files":
        _tell(_medians([_file_cases(folder, sales) for _ in range(rounds)]), json=json)
        return
    cluster = serve.prepared(folder)
    tree = processes.Tree()
    try:
        if tiers is not None:
            _tell(_night_cases(tiers), json=json)
            return
        if facts is not None:
            _tell(_warehouse_cases(facts), json=json)
            return
        found = _prepare(tree, environment.data_folder(folder), members, seconds, programme=programme)
        cases = (_event_cases, _redeem_cases, _bulk_cases, _memory_cases, _rule_cases)
        groups: dict[str, Callable[[Bench, processes.Tree], list[Row]]] = dict(zip(GROUPS[:5], cases, strict=True))
        groups["files"] = lambda *_: _file_cases(folder, sales)
        groups["warehouse"] = lambda *_: _warehouse_cases(FACTS)
        groups["imports"] = lambda *_: _import_cases()
        if codes:
            groups, only = {"codes": lambda found, _: _code_cases(found, codes)}, None
        rows: list[Row] = []
        for name, group in groups.items():
            if only in (None, name):
                rows += _medians([group(found, tree) for _ in range(rounds)])
    finally:
        tree.stop()
        if cluster is not None:
            cluster.stop()
    _tell(rows, json=json)


def _tell(rows: list[Row], *, json: bool) -> None:
    if json:
        saying.as_json([asdict(row) for row in rows])
    else:
        _show(rows)


def _night_cases(members: int) -> list[Row]:
    """Seconds of one night's review, beside the minute it may take; the CPU of it does not depend on who else works."""
    from ganbo.foundation import clock

    business = nightly.prepared(_document("promises"), members)
    night = nightly.measured(business, at=clock.now() + timedelta(days=1))
    case = f"night's review of {night.members:,} members, {night.changed:,} change"
    parts = (("seconds", night.seconds), ("CPU seconds of Python", night.python), ("of PostgreSQL", night.postgres))
    return [Row(f"{case}: {what}", n, MOST_NIGHT, n / MOST_NIGHT, 0.0, 0.0, 0) for what, n in parts]


def _file_cases(folder: Path, rows: int) -> list[Row]:
    """What the commands take that read a merchant's own sales; of more than a million rows, look alone."""
    folder.mkdir(parents=True, exist_ok=True)
    sales, draft = files.made(folder, rows), Path(__file__).parent / "draft.yaml"
    many = rows > files.ROWS
    told = [("look", files.took("look", str(sales), "--json"), files.MOST_LOOK_TEN if many else files.MOST_LOOK)]
    if not many:
        told.append(("simulate", files.took("simulate", str(draft), str(sales), "--json"), files.MOST_SIMULATE))
    found = []
    for name, took, most in told:
        found.append(Row(f"{name}, {rows:,} rows (s)", took.seconds, most, took.seconds / most, 0.0, 0.0, 0))
        share = took.memory / files.MOST_MEMORY
        found.append(Row(f"{name}, its memory (MiB)", took.memory, files.MOST_MEMORY, share, 0.0, 0.0, 0))
    return found


def _warehouse_cases(facts: int) -> list[Row]:
    """Seconds of an export of new facts beside what they may take, and of the next night's; memory it took at most."""
    rows = []
    for name, done in zip(
        ("export", "the next export"), warehouse.measured(_document("first-sale"), facts), strict=True
    ):
        most = warehouse.MOST_SECONDS * max(done.rows, facts) / 1_000_000
        case = f"{name} of {done.rows:,} facts"
        rows.append(Row(f"{case}: seconds", done.seconds, most, done.seconds / most, 0.0, 0.0, 0))
        rows.append(Row(f"{case}: MiB at most", done.mebibytes, None, None, 0.0, 0.0, 0))
    return rows


def _import_cases() -> list[Row]:
    """Seconds and memory of each import of a hundred thousand rows."""
    rows = []
    for kind, took in imports.measured(_document("first-sale")).items():
        case, most = f"import {kind}, {imports.ROWS:,} rows", imports.MOST_SECONDS
        rows.append(Row(f"{case} (s)", took.seconds, most, took.seconds / most, 0.0, 0.0, 0))
        share = took.memory / files.MOST_MEMORY
        rows.append(Row(f"import {kind}, its memory (MiB)", took.memory, files.MOST_MEMORY, share, 0.0, 0.0, 0))
    return rows


def _medians(rounds: list[list[Row]]) -> list[Row]:
    """Each case once, with the median of its ratios, rates and latencies."""
    rows = []
    for same in zip(*rounds, strict=True):
        ratios = [row.ratio for row in same if row.ratio is not None]
        bounds = [row.limit for row in same if row.limit is not None]
        rows.append(
            Row(
                same[0].case,
                median(row.rate for row in same),
                median(bounds) if bounds else None,
                median(ratios) if ratios else None,
                median(row.p50_ms for row in same),
                median(row.p99_ms for row in same),
                sum(row.errors for row in same),
            )
        )
    return rows


def _prepare(tree: processes.Tree, folder: Path, members: int, seconds: int, *, programme: str = "first-sale") -> Bench:
    from ganbo.foundation.staff import keys
    from ganbo.foundation.tenancy import operations, queries

    slugs = PROGRAMMES[programme][1]
    businesses = [queries.by_slug(s) or operations.create(s, slug=s) for s in slugs]
    samples = _preload(businesses[0], members, programme)
    _preload(businesses[1], members // 10, programme)
    url = os.environ["GANBO_DATABASE_URL"]
    limits.install(url, businesses[0].schema, samples)
    with processes.listen(HOST, 0) as probe:
        port = probe.getsockname()[1]
    serve.start(tree, HOST, port, 0)
    serve.wait_until_it_answers(port)
    secrets = [keys.create(b.id, name="bench", scopes=list(keys.SCOPES))[1] for b in businesses]
    found = Bench(url, port, folder, businesses[0].schema, secrets, members, seconds, samples)
    found.events(16, both=True, count=2_000)  # warm-up
    return found


def _preload(business: "BusinessRow", members: int, programme: str) -> tuple[str, str, str]:
    """Members with phones and a balance; returns the stored texts of one purchase."""
    from ganbo.books.events import queries as events
    from ganbo.books.events import reading
    from ganbo.foundation import chance, clock
    from ganbo.foundation.pipelines import Pipeline, connection_parameters
    from ganbo.foundation.tenancy import context
    from ganbo.journeys import import_members, join, publish_programme, record_events
    from ganbo.journeys.record_events import Asked
    from ganbo.people.members import queries
    from ganbo.people.members.operations import Person

    now = clock.now()
    with context.within(business):
        publish_programme.publish(_document(programme), by="bench")
        pipe, have = Pipeline.open(**connection_parameters()), queries.count()
        for start in range(have, members, 1_000):
            people = [
                (chance.new_id(), Person(phone=f"+84{requests.phone(n)[1:]}", name="Minh"), now, "bronze")
                for n in range(start, min(start + 1_000, members))
            ]
            import_members.enrol_all(people)
            signups = [join.signup_request(who, at=now, channel=None, store=None) for who, *_ in people]
            record_events.record(pipe, Asked(business, now, backfill=True), signups)
        body = requests.event(f"sample{chance.digits(9)}", 0, 0)
        record_events.record(pipe, Asked(business, now), [reading.read(body, region="VN")])
        pipe.query("ANALYZE")
        pipe.close()
        row = events.get(body["id"])
    assert row is not None
    return row.answer, row.trace, row.body


def _document(programme: str) -> str:
    return (Path(__file__).parent / PROGRAMMES[programme][0]).read_text(encoding="utf-8")


def _row(case: str, result: load.Result, limit: float | None) -> Row:
    return Row(
        case,
        result.rate,
        limit,
        result.rate / limit if limit else None,
        result.percentile(0.5),
        result.percentile(0.99),
        result.errors,
    )


def _event_cases(found: Bench, tree: processes.Tree) -> list[Row]:
    rows = []
    for connections in (1, 16, 64, 256):
        limit = found.limit()
        rows.append(_row(f"POST /events, {connections} connections", found.events(connections), limit))
    uniform = found.events(64)
    rows.append(_row("POST /events, 64, skewed against uniform", found.events(64, skewed=True), uniform.rate))
    for connections in (64, 256):
        limit = found.limit()
        rows.append(_row(f"POST /events, two businesses, {connections}", found.events(connections, both=True), limit))
    quotes = requests.quotes(HOST, found.port, found.keys[0], found.seconds * _MOST_RATE, Choice(found.members))
    rows.append(
        _row("POST /quotes, 64", load.run(HOST, found.port, quotes, connections=64, seconds=found.seconds), None)
    )
    return rows


def _redeem_cases(found: Bench, tree: processes.Tree) -> list[Row]:
    def redeem(*, skewed: bool) -> load.Result:
        choice = Choice(found.members, skewed=skewed)
        made = requests.redemptions(HOST, found.port, found.keys[0], found.seconds * _MOST_RATE, choice)
        return load.run(HOST, found.port, made, connections=64, seconds=found.seconds)

    limit = found.pgbench("bench_redeem")
    uniform = redeem(skewed=False)
    return [
        _row("POST /redemptions, 64", uniform, limit),
        _row("POST /redemptions, 64, skewed against uniform", redeem(skewed=True), uniform.rate),
    ]


def _bulk_cases(found: Bench, tree: processes.Tree) -> list[Row]:
    rows = []
    for size, times in ((1_000, 10), (10_000, 2)):
        limit = limits.copy_rate(found.url, found.schema, *found.samples)
        made = [
            requests.batch(HOST, found.port, found.keys[0], size, Choice(found.members, seed=n)) for n in range(times)
        ]
        result = load.run(HOST, found.port, made, connections=1, seconds=600)
        result.statuses = {status: n * size for status, n in result.statuses.items()}
        rows.append(_row(f"POST /events/batch of {size:,} against COPY", result, limit))
    alone = found.events(64)
    made = [requests.batch(HOST, found.port, found.keys[0], 10_000, Choice(found.members, seed=n)) for n in range(20)]
    feeder = threading.Thread(
        target=load.run, args=(HOST, found.port, made), kwargs={"connections": 1, "seconds": found.seconds}, daemon=True
    )
    feeder.start()
    beside = found.events(64)
    feeder.join()
    rows.append(_row("POST /events, 64, beside a bulk, against alone", beside, alone.rate))
    return rows


def _memory_cases(found: Bench, tree: processes.Tree) -> list[Row]:
    def mebibytes() -> float:
        started = [psutil.Process(pid) for pid in tree.pids("web", "bulk")]
        all_of_them = [*started, *(child for process in started for child in process.children(recursive=True))]
        return sum(process.memory_full_info().pss for process in all_of_them) / (1 << 20)

    rows = [_memory("memory at the start (MiB, proportional set size)", mebibytes())]
    done = found.events(64, count=100_000)
    rows.append(_memory("memory after 100,000 events", mebibytes(), errors=done.errors))
    made = [requests.batch(HOST, found.port, found.keys[0], 10_000, Choice(found.members, seed=n)) for n in range(10)]
    load.run(HOST, found.port, made, connections=1, seconds=600)
    rows.append(_memory("memory after ten bulks of 10,000", mebibytes()))
    return rows


def _code_cases(found: Bench, count: int) -> list[Row]:
    """A batch of codes as it is made in the background, own codes and codes of a pattern."""
    rows = []
    for name, pattern in (("ganbo's own", ""), ("of a pattern", batch_of_codes.PATTERN)):
        rate = batch_of_codes.rate(found.schema, count, pattern)
        rows.append(Row(f"{count:,} codes, {name}", rate, LEAST_CODES, rate / LEAST_CODES, 0.0, 0.0, 0))
    return rows


def _rule_cases(found: Bench, tree: processes.Tree) -> list[Row]:
    """What one more rule costs an event: the many rules of `promises` against the few of `first-sale`, in this process.

    And what many offers cost a long bill.
    """
    from ganbo.doors.cli.bench import offers, rules  # the engine: other commands start without it

    times, counts = [], []
    for name in PROGRAMMES:
        judged = rules.prepared(_document(name), requests.event("rules", 0, 0))
        times.append(rules.microseconds(judged))
        counts.append(judged.rules)
    cost = (times[1] - times[0]) / (counts[1] - counts[0])
    bill = offers.milliseconds()
    return [
        Row(f"one more rule, {counts[1]} against {counts[0]} (µs)", cost, 10.0, cost / 10.0, 0.0, 0.0, 0),
        Row(
            f"{offers.OFFERS} offers on a bill of {offers.LINES} lines (ms)",
            bill,
            offers.MOST_MS,
            bill / offers.MOST_MS,
            0.0,
            0.0,
            0,
        ),
    ]


def _memory(case: str, mebibytes: float, errors: int = 0) -> Row:
    return Row(case, mebibytes, 400.0, mebibytes / 400.0, 0.0, 0.0, errors)


def _show(rows: list[Row]) -> None:
    table = Table()
    for column in ("case", "rate", "limit", "ratio", "p50 ms", "p99 ms", "errors"):
        table.add_column(column, justify="left" if column == "case" else "right")
    for row in rows:
        table.add_row(
            row.case,
            f"{row.rate:,.0f}",
            f"{row.limit:,.0f}" if row.limit else "–",
            f"{row.ratio:.2f}" if row.ratio else "–",
            f"{row.p50_ms:.1f}",
            f"{row.p99_ms:.1f}",
            str(row.errors),
        )
    saying.console.print(table)
