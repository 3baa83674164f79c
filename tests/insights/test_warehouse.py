"""The warehouse against the books: what was exported bit by bit is what one export of everything gives, and is the books."""

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from django.db import connection

from ganbo.engine import basket
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.insights.warehouse import exporting, manifest, reading, tables
from ganbo.journeys import claim, join, reverse, sell
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import MONDAY, purchase, record

ROOT = Path(__file__).parents[2]
CAFE = (ROOT / "tests" / "cafe_programme.yaml").read_text(encoding="utf-8")
CAST = [
    Person(phone="+84912345678", email="lan@example.com", card="GB-0001", name="Nguyễn Thị Lan", address_form="chị"),
    Person(phone="+84987654321", email="minh@example.com", external_id="crm-77310", name="Trần Văn Minh"),
    Person(phone="+84903000003", card="GB-0003", name="Lê Thị Tư", address_form="cô"),
]
LINES = [
    {"sku": "latte", "category": "coffee", "quantity": 2, "unit_price": 55_000},
    {"sku": "beans", "category": "beans", "quantity": "0.35", "unit_price": 99_999, "discount": 1_000},
    {"sku": "cake", "quantity": 1, "unit_price": 40_001},
]


class Somebody:
    def __init__(self, id: str) -> None:
        self.id = id


@pytest.fixture
def shop(new_business: Any) -> Any:
    made = new_business(CAFE)
    with context.within(made):
        yield made


def rows_of(folder: Path, slug: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every row of every table, as often as it is there."""
    found = reading.opened(folder, slug)
    assert found is not None
    return {
        table.name: Counter(
            tuple(row.values()) for path in found.paths(table.name) for row in pq.ParquetFile(path).read().to_pylist()
        )
        for table in tables.TABLES
    }


def same(folder: Path, business: Any, tmp_path: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """Hold what is there against an export of everything into another folder; the rows."""
    whole = tmp_path / f"whole-{chance.new_id()}"
    exporting.export(business, whole, at=clock.now())
    bit_by_bit, anew = rows_of(folder, business.slug), rows_of(whole, business.slug)
    for table in tables.TABLES:
        if table is not tables.TIER_CHANGES:  # it tells what two exports saw
            assert bit_by_bit[table.name] == anew[table.name], table.name
            assert not anew[table.name] or max(anew[table.name].values()) == 1, f"{table.name}: each row once"
    return bit_by_bit


def enrolled() -> list[Somebody]:
    return [
        Somebody(str(join.join(one, at=MONDAY - timedelta(days=40), channel="pos", store="cau-giay").member_id))
        for one in CAST
    ]


def sale(member: Any, order: str, **data: Any) -> dict[str, Any]:
    return purchase(member, at=MONDAY, id=f"s:{order}", data={"order_id": order} | data)


def test_bit_by_bit_is_the_same_as_at_once(shop: Any, tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    lan, minh, _ = enrolled()
    record(shop, sale(lan, "1", lines=LINES, discount=1_001), sale(minh, "2", amount=300_000), now=MONDAY)
    record(shop, sale(None, "3", amount=50_000), sale(lan, "4", amount=900_000), now=MONDAY)
    first = exporting.export(shop, folder, at=clock.now())
    assert first is not None and first.anew and first.rows["events"] == 7
    assert exporting.export(shop, folder, at=clock.now()).rows["events"] == 0  # type: ignore[union-attr]
    refund = {"id": "r:1", "type": "refund", "occurred_at": MONDAY.isoformat(), "store": "hoan-kiem"}
    record(shop, refund | {"data": {"order_id": "1", "lines": [2]}}, now=MONDAY)
    early = refund | {"id": "r:9", "data": {"order_id": "9"}}
    survey = purchase(minh, at=MONDAY, id="q:1", type="survey", data={"nps": 9, "csat": 11, "remark": "Lan rất vui"})
    record(shop, early, survey, now=MONDAY)
    exporting.export(shop, folder, at=clock.now())
    claim.claim("s:3", ("id", minh.id), by="key:1", now=clock.now())
    reverse.reverse_event("s:2", reason="wrong", by="staff:1", now=clock.now())
    sell.redeem(shop, Ask(("id", lan.id), "peach-tea"), now=clock.now())
    record(shop, sale(lan, "9", amount=77_000), sale(lan, "old", amount=1), now=MONDAY)
    last = exporting.export(shop, folder, at=clock.now())
    assert last is not None and not last.anew
    found = same(folder, shop, tmp_path)
    events = {row[0]: dict(zip((c.name for c in tables.EVENTS.columns), row, strict=True)) for row in found["events"]}
    assert events["s:3"]["member_id"] == minh.id, "the claim is seen"
    assert events["s:2"]["reversed_at"] is not None
    assert events["r:1"]["refunded"] == 39_783, "40,001 less its share of the discount, 218"
    assert (events["r:9"]["refunded"], events["r:9"]["order_id"]) == (77_000, "9"), "it waited for its sale"
    assert [(row[1], row[5]) for row in found["answers"]] == [("nps", 9)], "a mark out of range is none"
    members = {row[0]: row for row in found["members"]}
    assert members[lan.id][2:] == ("bronze", "pos", "cau-giay")


def test_it_is_the_books(shop: Any, tmp_path: Path) -> None:
    lan, minh, _ = enrolled()
    record(shop, sale(lan, "1", lines=LINES), sale(minh, "2", amount=2_000_000), now=MONDAY)
    sell.redeem(shop, Ask(("id", minh.id), "ten-percent"), now=clock.now())
    reverse.reverse_event("s:1", reason="wrong", by="staff:1", now=clock.now())
    exporting.export(shop, tmp_path, at=clock.now())
    held: Counter[tuple[str, str, str]] = Counter()
    lots: Counter[str] = Counter()
    for row in rows_of(tmp_path, shop.slug)["transfers"]:
        move = dict(zip((c.name for c in tables.TRANSFERS.columns), row, strict=True))
        held[move["asset"], move["credit_role"], move["credit_member"]] += move["amount"]
        held[move["asset"], move["debit_role"], move["debit_member"]] -= move["amount"]
        if move["lot_id"]:
            lots[move["lot_id"]] += move["amount"] * (1 if move["credit_role"] == "member" else -1)
        assert move["debit_role"] and move["credit_role"], "every account has its role"
    with connection.cursor() as cursor:
        cursor.execute("SELECT asset, role, holder_id::text, balance FROM ledger_account WHERE holder_id IS NOT NULL")
        for asset, role, holder, balance in cursor.fetchall():
            assert held[asset, role, holder] == (-balance if role == "owed" else balance)
        cursor.execute("SELECT id::text, remaining FROM ledger_lot")
        assert dict(cursor.fetchall()) == dict(lots)
    assert held["points", "issued", None] < 0 < held["points", "spent", None]


ORDERS = [
    (LINES, 0, "nothing to share"),
    (LINES, 1_001, "by largest remainder"),
    (LINES, 183_999, "all but some"),
    ([{"unit_price": 100}] * 7, 3, "ties go to the earlier line"),
    ([{"unit_price": 0}, {"unit_price": 5, "quantity": "2.5"}], 12, "half up; what is free bears nothing"),
    ([{"unit_price": 9 * 10**11}] * 2, 9 * 10**11 + 1, "large amounts"),
]


def test_a_lines_net_is_the_engines(shop: Any, tmp_path: Path) -> None:
    lan = enrolled()[0]
    for n, (lines, discount, _) in enumerate(ORDERS):
        outcome = record(shop, sale(lan, str(n), lines=lines, discount=discount), now=MONDAY)[0]
        assert outcome.status == "applied"
    exporting.export(shop, tmp_path, at=clock.now())
    rows = rows_of(tmp_path, shop.slug)["lines"]
    for n, (lines, discount, why) in enumerate(ORDERS):
        found = sorted((row[1], row[5], row[6], row[7]) for row in rows if row[0] == f"s:{n}")
        exact = [one | ({"quantity": Decimal(one["quantity"])} if "quantity" in one else {}) for one in lines]
        order = basket.order_of({"lines": exact, "discount": discount}, "VND")
        assert found == [(place, x.quantity, x.gross, x.net) for place, x in enumerate(order.lines)], why


def test_what_commits_late_is_neither_missed_nor_doubled(shop: Any, tmp_path: Path) -> None:
    """An older row becomes visible after newer ones were exported: times and ids would have passed it by."""
    folder = tmp_path / "warehouse"
    exporting.export(shop, folder, at=clock.now())
    insert = (
        f'INSERT INTO "{shop.schema}".events_event (event_id, type, occurred_at, recorded_at, body)'
        " VALUES (%s, 'visit', %s, %s, '{}')"
    )
    with psycopg.connect(**connection_parameters()) as slow, psycopg.connect(**connection_parameters()) as slower:
        slow.execute(insert, ["slow", MONDAY, MONDAY])
        with slower.transaction():
            slower.execute("SELECT pg_current_xact_id()")
            record(shop, purchase(None, at=MONDAY, id="fast"), now=MONDAY + timedelta(hours=1))
            exporting.export(shop, folder, at=clock.now())
            assert [key[0] for key in rows_of(folder, shop.slug)["events"]] == ["fast"]
            slow.commit()
            exporting.export(shop, folder, at=clock.now())
            with slower.transaction():  # a subtransaction has an id of its own
                slower.execute(insert, ["slower", MONDAY, MONDAY])
            exporting.export(shop, folder, at=clock.now())
            record(shop, purchase(None, at=MONDAY, id="later"), now=MONDAY + timedelta(hours=2))
            exporting.export(shop, folder, at=clock.now())
        slower.commit()
    exporting.export(shop, folder, at=clock.now())
    found = same(folder, shop, tmp_path)["events"]
    assert sorted(key[0] for key in found) == ["fast", "later", "slow", "slower"]


def test_a_race_of_writers_and_exports_ends_with_everything_once(shop: Any, tmp_path: Path) -> None:
    folder, lan = tmp_path / "warehouse", enrolled()[0]
    over = threading.Event()

    def write(writer: int) -> None:
        for n in range(12):
            with context.within(shop):
                record(shop, *(sale(lan if writer % 2 else None, f"{writer}-{n}-{k}", lines=LINES) for k in range(3)))
        connection.close()

    def export() -> None:
        with context.within(shop):
            while not over.is_set():
                exporting.export(shop, folder, at=clock.now())
        connection.close()

    writers = [threading.Thread(target=write, args=[n]) for n in range(4)]
    exporter = threading.Thread(target=export)
    for thread in [exporter, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    exporter.join()
    exporting.export(shop, folder, at=clock.now())
    found = same(folder, shop, tmp_path)
    assert len(found["lines"]) == 4 * 12 * 3 * 3
    assert manifest.read(manifest.folder_of(folder, shop.slug)).number > 2  # type: ignore[union-attr]


def test_no_identifier_of_anybody_is_in_the_files(shop: Any, tmp_path: Path) -> None:
    lan, minh, _ = enrolled()
    body = sale(lan, "1", lines=[LINES[0] | {"name": "Latte của Nguyễn Thị Lan"}]) | {"staff": "ti@example.com"}
    said = purchase(minh, id="v:1", type="review", data={"verified": True, "rating": 5, "text": "Gọi 0987654321"})
    record(shop, body, said, now=clock.now())
    sell.redeem(shop, Ask(("id", lan.id), "peach-tea"), now=clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT code_hash FROM rewards_voucher")
        hashes = [bytes(code).hex() for (code,) in cursor.fetchall()]
    exporting.export(shop, tmp_path, at=clock.now())
    told = [str(value) for found in rows_of(tmp_path, shop.slug).values() for row in found for value in row]
    raw = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    personal = ["ti@example.com", "0987654321", "Latte của", *hashes]
    for one in CAST:
        personal += [x for x in (one.phone, one.email, one.card, one.external_id, one.name, one.address_form) if x]
        personal += [(one.phone or "")[3:], " ".join(one.name.split()[1:])]
    assert len(told) > 100
    assert [x for x in personal if any(x in text for text in told) or x.encode() in raw] == []


CHILD = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context, queries
from ganbo.insights.warehouse import exporting
slug, folder, last = sys.argv[1:]
def told(step, rows):
    if step == last:
        os.kill(os.getpid(), signal.SIGKILL)
business = queries.by_slug(slug)
with context.within(business):
    exporting.export(business, Path(folder), at=clock.now(), told=told)
"""


def killed(shop: Any, folder: Path, step: str) -> None:
    """An export in a process of its own that is killed at a step, as with kill -9."""
    done = subprocess.run([sys.executable, "-c", CHILD, shop.slug, str(folder), step], check=False, timeout=60)
    assert done.returncode == -9, step


def test_killed_anywhere_it_goes_on_as_if_nothing_had_been(shop: Any, tmp_path: Path) -> None:
    folder, lan = tmp_path / "warehouse", enrolled()[0]
    record(shop, sale(lan, "0", lines=LINES), now=MONDAY)
    killed(shop, folder, "transfers")
    assert reading.opened(folder, shop.slug) is None, "nothing counts before the first manifest"
    exporting.export(shop, folder, at=clock.now())
    for n, step in enumerate(["merge events", "members", "commit", "sweep"]):
        record(shop, sale(lan, f"{n + 1}", lines=LINES), now=MONDAY)
        reverse.reverse_event(f"s:{n}", reason="wrong", by="staff:1", now=clock.now())
        before = rows_of(folder, shop.slug)
        killed(shop, folder, step)
        committed = step == "sweep"
        after = rows_of(folder, shop.slug)
        assert (after == before) != committed, f"killed at {step}: all of it or nothing"
        if n % 2:
            exporting.export(shop, folder, at=clock.now())
            same(folder, shop, tmp_path)
    exporting.export(shop, folder, at=clock.now())
    same(folder, shop, tmp_path)
    found = reading.opened(folder, shop.slug)
    assert found is not None
    counting = {path for table in tables.TABLES for path in found.paths(table.name)}
    assert {str(path) for path in folder.rglob("*.parquet")} == counting, "no litter"


def test_one_export_at_a_time(shop: Any, tmp_path: Path) -> None:
    with manifest.alone(manifest.folder_of(tmp_path, shop.slug)), pytest.raises(manifest.Busy):
        exporting.export(shop, tmp_path, at=clock.now())


@pytest.mark.parametrize("changed", ["another database", "rolled back", "another zone"])
def test_a_watermark_of_somewhere_else_is_not_believed(shop: Any, tmp_path: Path, changed: str) -> None:
    from dataclasses import replace

    record(shop, purchase(None, at=MONDAY, id="one"), now=MONDAY)
    exporting.export(shop, tmp_path, at=clock.now())
    folder = manifest.folder_of(tmp_path, shop.slug)
    found = manifest.read(folder)
    assert found is not None
    if changed == "rolled back":
        manifest.commit(folder, replace(found, horizon=found.horizon + 1_000_000))
    else:
        key = "system" if changed == "another database" else "zone"
        manifest.commit(folder, replace(found, source=found.source | {key: "another"}))
    report = exporting.export(shop, tmp_path, at=clock.now())
    assert report is not None and report.anew
    same(tmp_path, shop, tmp_path)


def test_many_exports_do_not_leave_many_files(shop: Any, tmp_path: Path) -> None:
    for n in range(16):
        record(shop, purchase(None, at=MONDAY, id=f"one:{n}"), now=MONDAY)
        exporting.export(shop, tmp_path, at=clock.now())
    found = reading.opened(tmp_path, shop.slug)
    assert found is not None
    assert found.rows("events") == 16
    assert len(found.paths("events")) <= 12


def test_a_tier_that_changed_without_an_event_is_told(shop: Any, tmp_path: Path) -> None:
    lan = enrolled()[0]
    exporting.export(shop, tmp_path, at=MONDAY)
    from ganbo.journeys import change_member

    change_member.change(lan.id, {"tier": "gold"}, by="staff:1")
    exporting.export(shop, tmp_path, at=MONDAY)
    exporting.export(shop, tmp_path, at=MONDAY)
    found = rows_of(tmp_path, shop.slug)["tier_changes"]
    assert list(found.elements()) == [(lan.id, MONDAY.date(), "bronze", "gold")]


def test_a_business_without_a_programme_has_no_warehouse(database: None, tmp_path: Path) -> None:
    from ganbo.foundation.tenancy import operations

    options = connection.settings_dict["OPTIONS"]
    role = options.pop("options")
    connection.close()
    made = operations.create("Empty", slug=f"e{chance.new_id().hex[-10:]}")
    connection.close()
    options["options"] = role
    with context.within(made):
        assert exporting.export(made, tmp_path, at=clock.now()) is None


def test_the_page_and_the_files_agree(shop: Any, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "reference" / "warehouse.md").read_text(encoding="utf-8")
    assert "\n".join(tables.described()).strip() in page, "run scripts/reference.py"
    enrolled()
    record(shop, sale(None, "1", lines=LINES), now=MONDAY)
    exporting.export(shop, tmp_path, at=clock.now())
    found = reading.opened(tmp_path, shop.slug)
    assert found is not None
    for table in tables.TABLES:
        for path in found.paths(table.name):
            written = pq.ParquetFile(path).schema_arrow
            assert [(field.name, field.type) for field in written] == [(c.name, c.type) for c in table.columns], (
                table.name
            )
