"""`ganbo export` and `ganbo import everything`: nothing is lost, nothing is half, and the business goes on where it was."""

import csv
import re
import stat
import threading
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from typer.testing import CliRunner

from ganbo.books.events import reading
from ganbo.doors.cli import export_folder
from ganbo.features.rewards import batches
from ganbo.features.rewards import queries as vouchers
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context, queries
from ganbo.journeys import holdings, join, publish_programme, record_all, verify_books
from ganbo.journeys.moving import bringing, tables, views
from ganbo.journeys.moving import manifest as manifests
from ganbo.journeys.record_events import Asked
from ganbo.people.members.operations import Person
from tests.cli import awkward
from tests.cli.moving_world import NAMES, PROGRAMME, World, sale

Call = Callable[..., Any]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """`ganbo` with these words, in English, in this process."""
    from ganbo.doors.cli import main

    for name, value in (("LC_ALL", "C.UTF-8"), ("COLUMNS", "200"), ("GANBO_ROLE", "app"), ("GANBO_DATA", "var")):
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(
        main.app, [*map(str, words), "--data", str(tmp_path)], catch_exceptions=False
    )


@pytest.fixture
def empty(new_business: Any) -> Callable[[], Any]:
    """A business of which there is nothing but its tables."""
    return lambda: new_business(None)


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {}


@pytest.fixture
def world(empty: Any, made: dict[str, Any]) -> World:
    """A business with some of everything; one for all tests here, which do not change it."""
    if not made:
        business = empty()
        with context.within(business):
            publish_programme.publish(PROGRAMME, by="staff:7")
        made["world"] = World(business)
    return made["world"]


@pytest.fixture
def exported(world: World, call: Call, tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    done = call("export", folder, "--business", world.business.slug)
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.fixture
def moved(world: World, exported: Path, empty: Any, call: Call) -> Any:
    """The business in its new place."""
    there = empty()
    done = call("import", "everything", exported, "--business", there.slug, "--yes")
    assert done.exit_code == 0, done.stderr
    return there


def expected(table: tables.Table, lines: bytes, *, slug: str) -> bytes:
    """What a table's lines are in the new place: staff are those of the old one, and what waits there is not sent here."""
    for column in table.actors:
        lines = lines.replace(
            b'"%b":"staff:7"' % column.encode(), b'"%b":"staff:7@%b"' % (column.encode(), slug.encode())
        )
    if table.name == "messages":
        rows = [orjson.loads(line) for line in lines.splitlines()]
        left = {"state": "failed", "failure": "left to the place it came from"}
        rows = [row | (left if row["state"] in ("queued", "sending") else {}) for row in rows]
        lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    return lines


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as found:
        return list(csv.DictReader(found))


def nothing_in(business: Any) -> bool:
    with context.within(business), connection.cursor() as cursor:
        for table in tables.TABLES:
            cursor.execute(f"SELECT count(*) FROM {table.of}")
            assert cursor.fetchone() == (0,), table.name
    return True


def rewritten(folder: Path, **changes: Any) -> None:
    """A manifest that says something else."""
    found = orjson.loads((folder / manifests.NAME).read_bytes())
    (folder / manifests.NAME).write_bytes(orjson.dumps(found | changes))


def forged(folder: Path, name: str, before: bytes, after: bytes) -> None:
    """A table with other words in it, and a manifest that swears to them."""
    path = folder / "tables" / f"{name}.jsonl"
    assert before in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(before, after, 1))
    files = orjson.loads((folder / manifests.NAME).read_bytes())["files"]
    for file in files:
        if file["name"] == f"tables/{name}.jsonl":
            file["sha256"] = sha256(path.read_bytes()).hexdigest()
    rewritten(folder, files=files)


def test_everything_comes_in_as_it_was(world: World, exported: Path, moved: Any, call: Call, tmp_path: Path) -> None:
    assert call("export", tmp_path / "again", "--business", moved.slug).exit_code == 0
    for table in tables.TABLES:
        first, second = ((folder / table.file).read_bytes() for folder in (exported, tmp_path / "again"))
        first = expected(table, first, slug=world.business.slug)
        if table.name == "audit":
            here = [orjson.loads(line) for line in second.removeprefix(first).splitlines()]
            assert [line["action"] for line in here] == ["business.imported", "business.exported"]
            second = second[: len(first)]
        assert second == first, table.name
    for name in ("members", "balances", "vouchers", "history", "consents"):
        assert (tmp_path / "again" / f"{name}.csv").read_bytes() == (exported / f"{name}.csv").read_bytes(), name
    with context.within(moved):
        assert verify_books.verify().differences == ()
    found = queries.by_slug(moved.slug)
    assert found is not None
    assert (found.name, found.locale) == ("Test", world.business.locale), "its name is that of the new place"


def test_the_world_has_some_of_everything(exported: Path) -> None:
    counts = manifests.read((exported / manifests.NAME).read_bytes()).rows
    rare = {
        "redatings",
        "budget-notices",
        "experiments",
        "exposures",
        "baselines",
        "leases",
        "conflicts",
        "settlements",
    }
    rare |= {"partner-settlings", "partner-agreements", "package-people"}
    assert {name for name, count in counts.items() if not count} <= rare


def test_no_table_is_forgotten(cafe: Any) -> None:
    """Whoever makes a table says in tables.py under which name it is exported, or why it is not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [cafe.schema])
        there = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = %s", [cafe.schema])
        counting = {name for (name,) in cursor.fetchall()}
    carried = [table.of for table in tables.TABLES]
    assert sorted([*carried, *tables.LEFT_OUT]) == sorted(there)
    assert counting == {"django_migrations_id_seq"}, "a sequence would have to be set on after an import"
    ours = {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}
    assert {model._meta.db_table for model in apps.get_models() if model._meta.app_label in ours} <= there
    assert all(vi and en for vi, en in (tables.LEFT_OUT | tables.STAYS).values())


def test_every_column_of_every_table_survives(empty: Any, call: Call, tmp_path: Path) -> None:
    """Rows no journey would write, with the awkward values of each type; so this also holds for tables to come."""
    here, there = empty(), empty()
    for business in (here, there):
        awkward.unrule(business.schema)
    with context.within(here):
        for table in tables.TABLES:
            awkward.fill(table)
    assert call("export", tmp_path / "out", "--business", here.slug).exit_code == 0
    manifest = manifests.read((tmp_path / "out" / manifests.NAME).read_bytes())
    assert {name for name, count in manifest.rows.items() if count < 1} == set()
    with context.within(there), transaction.atomic():
        bringing.write_all(manifest, lambda file: export_folder.lines(tmp_path / "out", file))
    assert call("export", tmp_path / "again", "--business", there.slug).exit_code == 0
    for table in tables.TABLES:
        first, second = ((folder / table.file).read_bytes() for folder in (tmp_path / "out", tmp_path / "again"))
        if table.name == "audit":
            first, second = first.splitlines()[-1], second.splitlines()[-1]
        assert second == first, table.name


def test_the_business_goes_on_where_it_was(empty: Any, call: Call, tmp_path: Path) -> None:
    """The same days in both places: sales, returns, old codes, holds, waiting points, ends, the review of levels."""
    here, there = empty(), empty()
    with context.within(here):
        publish_programme.publish(PROGRAMME, by="staff:7")
    world = World(here)
    assert call("export", tmp_path / "out", "--business", here.slug).exit_code == 0
    assert call("import", "everything", tmp_path / "out", "--business", there.slug, "--yes").exit_code == 0
    told = [world.live_on(business) for business in (here, there)]
    assert told[0] == told[1]
    assert call("export", tmp_path / "here", "--business", here.slug).exit_code == 0
    assert call("export", tmp_path / "there", "--business", there.slug).exit_code == 0
    kept = ("accounts", "lots", "standings", "usages", "stocks", "budgets", "holds", "package-units", "card-moves")
    for name in (*kept, "pending-points", "vouchers", "voucher-uses", "partner-lines"):
        first, second = (
            _without_new_ids(folder / "tables" / f"{name}.jsonl") for folder in (tmp_path / "here", tmp_path / "there")
        )
        assert first == second, name


def _without_new_ids(path: Path) -> list[str]:
    """The lines without what is drawn anew for what is new, and without the place staff worked in."""
    drawn = re.compile(r'"(id|voucher_id)":"[0-9a-f-]{36}"|"(at|code_hash)":"[^"]*"|(?<="staff:7)@\w+')
    return sorted(drawn.sub("", line) for line in path.read_text().splitlines())


def test_an_export_shows_one_instant_while_the_shop_goes_on(empty: Any, call: Call, tmp_path: Path) -> None:
    """Sales are recorded without pause beside it; what came out is one moment of the books, so they agree."""
    here, there = empty(), empty()
    with context.within(here):
        publish_programme.publish(PROGRAMME, by="tests")
        lan = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    over, sold = threading.Event(), []

    def sell() -> None:
        with closing(Pipeline.open(**connection_parameters())) as pipe:
            while not over.is_set():
                body = sale(f"busy:{len(sold)}", lan, 50_000, f"B-{len(sold)}", clock.now())
                sold.extend(record_all.record(pipe, Asked(here, clock.now()), [reading.read(body, region="VN")]))

    shop = threading.Thread(target=sell)
    shop.start()
    try:
        while len(sold) < 5:
            time.sleep(0.01)
        before = len(sold)
        assert call("export", tmp_path / "out", "--business", here.slug).exit_code == 0
        after = len(sold)
    finally:
        over.set()
        shop.join()
    assert {outcome.status for outcome in sold} == {"applied"}
    assert after > before, "the shop went on selling"
    done = call("import", "everything", tmp_path / "out", "--business", there.slug, "--yes", "--json")
    assert done.exit_code == 0, done.stderr
    counts = orjson.loads(done.stdout)["rows"]
    assert counts["events"] == counts["event-keys"] == counts["decisions"]
    assert before <= counts["events"] - 1 <= after + 1


def test_an_export_is_private(exported: Path) -> None:
    for path in [exported, *exported.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_that_has_something_stays_as_it_is(world: World, call: Call, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for folder in (tmp_path / "mine", tmp_path / "mine" / "letter.txt", tmp_path / "link"):
        done = call("export", folder, "--business", world.business.slug)
        assert (done.exit_code, "is not an empty folder" in done.stderr) == (1, True)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert not (tmp_path / "elsewhere").exists()


def test_no_secret_and_nobody_else_is_in_it(world: World, exported: Path, fumi: Any) -> None:
    with context.within(fumi):
        stranger = join.join(Person(phone=f"+849{chance.digits(8)}", name="Fumi Tanaka"), at=clock.now()).member_id
    everything = b"".join(path.read_bytes() for path in exported.rglob("*") if path.is_file())
    assert len(world.secrets) == 5
    for what, secret in world.secrets.items():
        assert secret.encode() not in everything, what
    assert str(stranger).encode() not in everything
    assert world.card.code.encode() not in everything, "codes only with --with-codes"


def test_codes_in_the_clear_are_those_that_can_be_used(world: World, call: Call, tmp_path: Path) -> None:
    assert call("export", tmp_path / "out", "--business", world.business.slug, "--with-codes").exit_code == 0
    found = {row["code"]: row for row in rows(tmp_path / "out", "codes")}
    with context.within(world.business):
        held = {
            v.code: v
            for member in world.members
            for v in vouchers.vouchers_of(member)
            if v.state == "issued" and v.code
        }
        batch = batches.get(world.batch)
        assert batch is not None
        loose = set(batches.all_codes(batch, key=settings.CODE_KEY)) | {world.card.code, "AB-12", "AB-14"}
    assert set(found) == set(held) | loose
    assert {code: UUID(found[code]["member_id"]) for code in held} == {
        code: member for member in world.members for code in held if _of(world, code) == member
    }


def _of(world: World, code: str) -> UUID:
    with context.within(world.business):
        return next(m for m in world.members if code in {v.code for v in vouchers.vouchers_of(m)})


def test_the_tables_for_people_open_in_a_spreadsheet(world: World, exported: Path) -> None:
    assert all((exported / f"{view.name}.csv").read_bytes().startswith(b"\xef\xbb\xbf") for view in views.VIEWS)
    people = {row["member_id"]: row for row in rows(exported, "members")}
    told = [people[str(member)]["name"] for member in world.members]
    assert told == [f"'{name}" if name[0] in "=@" else name for name in NAMES], (
        "a formula is text; commas and lines stay"
    )
    assert all(row["phone"].startswith("'+84") for row in people.values())
    for name in (view.name for view in views.VIEWS):
        cells = {
            cell for row in rows(exported, name) for cell in row.values() if cell and not re.fullmatch(r"-?\d+", cell)
        }
        assert [cell for cell in cells if cell[0] in "=+-@\t\r＝＋－＠"] == [], name
    with context.within(world.business):
        for member in world.members:
            mine = [row for row in rows(exported, "balances") if row["member_id"] == str(member)]
            for wallet, stands in holdings.balances(member, ["points", "miles"], at=clock.now()).items():
                sums = {state: sum(int(row["amount"]) for row in mine if (row["wallet"], row["state"]) == (wallet, state))
                        for state in ("available", "held", "owed", "pending")}  # fmt: skip
                assert sums == {state: getattr(stands, state) for state in sums}
    consents = [(row["channel"], row["answer"]) for row in rows(exported, "consents")]
    assert sorted(consents) == [("email", "yes"), ("sms", "no"), ("sms", "yes"), ("terms", "yes")]
    assert (exported / "programme" / "version-0001.yaml").read_text(encoding="utf-8") == PROGRAMME


def test_the_members_table_can_be_imported(
    world: World, exported: Path, empty: Any, call: Call, tmp_path: Path
) -> None:
    """Whoever leaves for a ganbo that is not empty brings the people; they are the same people."""
    done = call("import", "members", exported / "members.csv", "--business", world.business.slug, "--json")
    told = orjson.loads(done.stdout)
    assert (told["known"], told["new"], told["changed"], told["kept"]) == (4, 0, 0, 0), told
    assert [row["reason"] for row in told["rows"]] == ["too_long"], "a name on two lines is told, by line and reason"
    there = empty()
    with context.within(there):
        publish_programme.publish(PROGRAMME, by="tests")
    assert call("import", "members", exported / "members.csv", "--business", there.slug, "--yes").exit_code == 0
    assert call("export", tmp_path / "again", "--business", there.slug).exit_code == 0
    columns = ("name", "phone", "email", "external_id", "card", "address_form", "birthday", "joined", "tier")
    first, second = (
        [{c: row[c] for c in columns} for row in rows(f, "members")] for f in (exported, tmp_path / "again")
    )
    assert sorted(second, key=str) == sorted((row for row in first if "\n" not in row["name"]), key=str)


def test_both_are_in_the_audit(world: World, exported: Path, moved: Any) -> None:
    with context.within(world.business), connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, facts FROM audit_line WHERE action = 'business.exported' ORDER BY id DESC LIMIT 1"
        )
        assert cursor.fetchone() == ("cli", '{"codes": false}')
    with context.within(moved), connection.cursor() as cursor:
        cursor.execute("SELECT actor, subject, facts->>'members' FROM audit_line WHERE action = 'business.imported'")
        assert cursor.fetchall() == [("cli", world.business.slug, "5")]


def test_dry_is_dry(world: World, exported: Path, empty: Any, call: Call) -> None:
    there = empty()
    done = call("import", "everything", exported, "--business", there.slug)
    assert done.exit_code == 0, done.stderr
    assert "Nothing was written. Add --yes" in done.stdout
    assert "The short name is" in done.stdout
    assert nothing_in(there)


def other_key(folder: Path) -> None:
    rewritten(folder, code_key="0" * 32)


def torn(folder: Path) -> None:
    path = folder / "tables" / "lots.jsonl"
    path.write_bytes(path.read_bytes()[:-5])


SECOND = b'{"id":"x","name":"","confirmed":true,"created_at":"2026-11-28T00:00:00+00:00"},{'
BAD: list[tuple[Callable[[Path], Any], str, str]] = [
    (lambda f: (f / manifests.NAME).unlink(), "has no manifest.json", "an export that was killed"),
    (lambda f: (f / manifests.NAME).write_text("{}"), "cannot be read", "no manifest"),
    (lambda f: (f / manifests.NAME).write_text('{"format": 1}'), "cannot be read", "half a manifest"),
    (lambda f: rewritten(f, format=2), "is of format 2; this ganbo reads format 1", "a later format"),
    (lambda f: rewritten(f, migrations={"ledger": "0001_initial"}, ganbo="9.9"), "It is of ganbo 9.9", "other tables"),
    (lambda f: rewritten(f, business={"slug": "x' OR 1=1"}), "cannot be read", "a name that is none"),
    (other_key, "GANBO_CODE_KEY", "another key: holders' codes would not work"),
    (torn, "tables/lots.jsonl is missing or not as it was", "a file cut short"),
    (lambda f: (f / "tables" / "cards.jsonl").unlink(), "tables/cards.jsonl is missing", "a file lost"),
    (lambda f: (f / "members.csv").write_text("x"), "members.csv is missing or not", "even what people read"),
    (lambda f: forged(f, "cards", b'"number":', b'"nummer":'), "cannot come in", "no card without a number"),
    (lambda f: forged(f, "lots", b'"remaining":', b'"remaining":9'), "Its books differ", "points from nowhere"),
    (lambda f: forged(f, "stores", b"{", SECOND), "a line is not one row", "two rows in a line"),
    (lambda f: forged(f, "members", b'{"id"', b'{"id'), "tables/members.jsonl cannot come in", "no JSON"),
]


@pytest.mark.parametrize(("harm", "said", "why"), BAD, ids=[why.replace(" ", "-") for _, _, why in BAD])
def test_what_is_not_whole_does_not_come_in(
    exported: Path, empty: Any, call: Call, harm: Callable[[Path], Any], said: str, why: str
) -> None:
    there = empty()
    harm(exported)
    done = call("import", "everything", exported, "--business", there.slug, "--yes")
    assert (done.exit_code, said in done.stderr) == (1, True), (why, done.stderr)
    assert nothing_in(there)


def test_a_business_that_has_something_stays_as_it_is(world: World, exported: Path, fumi: Any, call: Call) -> None:
    with context.within(fumi), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(id::text) FROM members_member")
        before = cursor.fetchone()
        done = call("import", "everything", exported, "--business", "fumi", "--yes")
        assert (done.exit_code, "has something already (versions 1" in done.stderr) == (1, True), done.stderr
        cursor.execute("SELECT count(*), max(id::text) FROM members_member")
        assert cursor.fetchone() == before
    again = call("import", "everything", exported, "--business", world.business.slug, "--yes")
    assert again.exit_code == 1


def test_an_empty_business_can_leave_too(empty: Any, call: Call, tmp_path: Path) -> None:
    here, there = empty(), empty()
    assert call("export", tmp_path / "out", "--business", here.slug).exit_code == 0
    done = call("import", "everything", tmp_path / "out", "--business", there.slug, "--yes", "--json")
    assert done.exit_code == 0, done.stderr
    assert orjson.loads(done.stdout)["rows"]["members"] == 0
