"""`ganbo liability` as an accountant calls it: what it prints, what it writes, and what it refuses."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from ganbo.doors.cli import liability
from ganbo.doors.cli import liability_options as options
from ganbo.engine import loading
from ganbo.foundation import chance
from ganbo.foundation.tenancy import context
from ganbo.journeys import join
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: owing
name: Nợ điểm
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 90}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
stamp_cards:
  - {id: coffee, name: Thẻ cà phê, on: purchase, size: 4, reward: latte}
rewards:
  - {id: latte, kind: free_item, sku: latte, cost: 12000}
"""
Ganbo = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ganbo() -> Ganbo:
    def call(*words: str, lang: str = "C.UTF-8") -> "subprocess.CompletedProcess[str]":
        given = os.environ | {"LC_ALL": lang, "COLUMNS": "100"}
        command = [sys.executable, "-m", "ganbo.doors.cli.main", "liability", *words]
        return subprocess.run(command, env=given, capture_output=True, text=True, timeout=90, check=False)

    return call


@pytest.fixture
def shop(new_business: Any) -> Any:
    """In October 2026 Lan bought for 250,000 and 110,000."""
    made = new_business(PROGRAMME)
    with context.within(made):
        now = datetime(2026, 10, 5, 5, tzinfo=UTC)
        lan = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=now).member_id)
        bought = {"type": "purchase", "occurred_at": now.isoformat(), "member": lan}
        told = [bought | {"id": f"p{n}", "data": {"amount": n}} for n in (250_000, 110_000)]
        assert {o.status for o in record(made, *told, now=now)} == {"applied"}
    return made


OCTOBER = ("--month", "2026-10")


def test_the_statement_and_its_files(shop: Any, ganbo: Ganbo, tmp_path: Path) -> None:
    entries, sheet = tmp_path / "entries.csv", tmp_path / "sheet.csv"
    words = (
        "--business",
        shop.slug,
        *OCTOBER,
        "--journal",
        str(entries),
        "--csv",
        str(sheet),
        "--account",
        "revenue=5111",
    )
    done = ganbo(*words, lang="vi_VN.UTF-8")
    assert done.returncode == 0, done.stderr
    assert "36" in done.stdout and "giá trị quy đổi ghi trong chương trình" in done.stdout
    assert "chưa đủ dữ liệu" in done.stdout
    lines = list(csv.DictReader(entries.open(encoding="utf-8-sig")))
    points = [line for line in lines if line["entry"].endswith("points-earned")]
    assert [(x["date"], x["account"], x["debit"], x["credit"]) for x in points] == [
        ("2026-10-31", "5111", "3240", ""),
        ("2026-10-31", "3387", "", "3240"),
    ]
    assert sum(int(x["debit"] or 0) - int(x["credit"] or 0) for x in lines) == 0
    rows = {row["wallet"]: row for row in csv.DictReader(sheet.open(encoding="utf-8-sig"))}
    assert (rows["points"]["closing"], rows["points"]["closing_value"]) == ("36", "3240")
    assert (rows["stamp:coffee"]["closing"], rows["stamp:coffee"]["closing_value"]) == ("2", "6000")


def test_for_machines(shop: Any, ganbo: Ganbo) -> None:
    done = ganbo("--business", shop.slug, *OCTOBER, "--json", "--value", "points=12.5", "--stress", "2027-02-05")
    found = json.loads(done.stdout)
    points = found["wallets"][0]
    assert points["worth"] | {"uses": []} == {"value": 12.5, "cost": 12.5, "basis": "given", "uses": []}
    assert points["outstanding"]["value"] == 450
    assert found["allocation"]["sales"] == 360_000
    assert sum(found["allocation"]["allocated"].values()) == 360_000
    assert (found["stress"]["by"], found["stress"]["cost"]) == ("2027-02-05", 450 + 6_000)


TODAY = date(2026, 11, 27)
PARSED = loading.load(PROGRAMME)


@pytest.mark.parametrize(
    ("asked", "named", "why"),
    [
        (lambda: options.span("2026-13", None, None, today=TODAY), "2026-11", "there is no such month"),
        (lambda: options.span("2026-10", "2026-09", None, today=TODAY), "--month", "one or the other"),
        (lambda: options.span(None, "2026-11", "2026-10", today=TODAY), "2026-11 … 2026-10", "the first comes first"),
        (lambda: options.span(None, None, "2999-01", today=TODAY), "2999-01", "what is to come cannot be told"),
        (lambda: options.day("Tết"), "2027-02-05", "a day is asked for"),
        (
            lambda: options.values(["dots=5"], PARSED),
            "points, stamp:coffee",
            "no such wallet; those there are get named",
        ),
        (lambda: options.values(["points=NaN"], PARSED), "points=95", "no number"),
        (lambda: options.values(["points=-1"], PARSED), "points=95", "nothing is worth less than nothing"),
        (lambda: options.values(["points"], PARSED), "points=95", "no number at all"),
        (lambda: options.accounts(["cost=641"]), "deferred=3387", "an account nobody posts to"),
        (lambda: options.accounts(["revenue="]), "revenue=511", "an account without a name"),
    ],
)
def test_what_is_refused_shows_what_would_do(asked: Callable[[], object], named: str, why: str) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        asked()
    assert named in str(refused.value), why


@pytest.mark.parametrize(
    ("asked", "first", "last", "why"),
    [
        ((None, None, None), date(2025, 12, 1), date(2026, 11, 30), "the last twelve months"),
        (("2026-02", None, None), date(2026, 2, 1), date(2026, 2, 28), "one month"),
        ((None, "2026-09", None), date(2026, 9, 1), date(2026, 11, 30), "up to this one"),
        ((None, None, "2026-09"), date(2025, 10, 1), date(2026, 9, 30), "twelve up to that one"),
    ],
)
def test_whole_months(asked: tuple[Any, Any, Any], first: date, last: date, why: str) -> None:
    assert options.span(*asked, today=TODAY) == (first, last), why


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit) as ended:
        liability.write(tmp_path / "no" / "sheet.csv", ["a"], "--csv")
    assert ended.value.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_what_stood_in_a_file_stays_when_its_lines_break_off(tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("before")

    def lines() -> Iterator[str]:
        yield "half"
        raise OSError(28, "no space")

    with pytest.raises(typer.Exit):
        liability.write(tmp_path / "sheet.csv", lines(), "--csv")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("sheet.csv", "before")]
