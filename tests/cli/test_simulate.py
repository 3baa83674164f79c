"""`ganbo simulate DRAFT SALES` as an owner calls it before promising anything: no database, no set-up."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ganbo.doors.cli.main import app
from tests.house.source import ROOT

DRAFT = """\
ganbo: 1
programme: nha
name: {vi: Quen, en: Regulars}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 1000, expires: {kind: rolling, days: 40}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: welcome, on: signup, give: {wallet: points, amount: 5}}
  - {id: never, on: purchase, when: order.net > 90000000, give: {wallet: points, amount: 1}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ, en: Card}, lines: 'line.category == "coffee"', size: 2, reward: cake}
rewards:
  - {id: tea, name: {vi: Trà, en: Tea}, kind: free_item, sku: tea, cost: 9000, budget: gifts, price: {wallet: points, amount: 20}}
  - {id: cake, name: {vi: Bánh, en: Cake}, kind: free_item, sku: cake, cost: 15000}
budget: {lines: {gifts: {planned: 10000}}}
"""
SALES = """\
mã đơn;khách;ngày giờ;nhóm;số lượng;đơn giá
A1;Lan;2026-01-05 08:00:00;coffee;2;50.000
A2;Lan;2026-01-06 08:00:00;tea;1;105.000
A2;Lan;2026-01-07 09:00:00;tea;-1;5.000
A3;Minh;2026-01-20 18:30:00;coffee;1;40.000
A4;;2026-01-21 18:30:00;coffee;1;60.000
A5;Minh;2026-03-15 18:30:00;coffee;1;200.000
"""


def simulate(*words: str, lang: str = "vi_VN.UTF-8", ends: int = 0) -> str:
    """What it prints; on refusal, what it says on standard error."""
    done = CliRunner().invoke(app, ["simulate", *words], env={"LANG": lang, "LC_ALL": lang, "COLUMNS": "100"})
    assert done.exit_code == ends, done.output
    return done.stdout if ends == 0 else done.stderr


def test_a_newcomer_needs_no_database_and_no_set_up(files: tuple[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    program = [sys.executable, "-m", "ganbo.doors.cli.main", "simulate", *files]
    done = subprocess.run(program, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Supposed: everybody takes the cheapest reward as soon as it is affordable" in done.stdout


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "draft.yaml").write_text(DRAFT, encoding="utf-8")
    (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")
    return str(tmp_path / "draft.yaml"), str(tmp_path / "sales.csv")


def as_json(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(simulate(*words, "--json", lang="C.UTF-8"))
    return found


def test_every_figure_of_two_members_by_hand(files: tuple[str, str]) -> None:
    told = as_json(*files)
    # Lan: 5 + 10, stamps 2 → cake; 10 more (25) → tea for 20; a return of 5,000 takes a point. Minh: 5 + 4, which end on
    # 1 March (40 days after 20 January); 20 on 15 March → tea; stamps 2 → cake.
    assert told["events"] == 7, "two signups, four sales, a return"
    assert told["members"] == 2
    assert (told["sales"], told["sales_members"]) == (500_000, 440_000)
    assert told["issued"] == {"points": 15 + 10 - 1 + 9 + 20}
    assert told["redeemed"] == {"points": 40}
    assert told["expired"] == {"points": 4 + 9}
    assert told["outstanding"] == {"points": 0}
    assert told["rewards"] == {"tea": 2, "cake": 2}
    assert told["cost"] == 2 * 9_000 + 2 * 15_000
    assert told["cost_share"] == told["cost"] / 500_000
    assert told["liability"] == 0
    assert told["breakage"] == {"points": 13 / 53}
    january, february, march = told["monthly"]
    assert [row["month"] for row in told["monthly"]] == ["2026-01", "2026-02", "2026-03"]
    assert (january["issued"]["points"], january["outstanding"]["points"], january["liability"]) == (33, 13, 13_000)
    assert (february["expired"]["points"], february["outstanding"]["points"]) == (4, 9), "Lan's last four"
    assert (march["expired"]["points"], march["outstanding"]["points"]) == (9, 0)
    assert told["budget"] == [
        {"line": "gifts", "planned": 10_000, "spent": 18_000, "periods": 1, "over": 1}
        | {"used_up_on": "2026-03-15", "earliest": None}
    ]
    assert told["first_gift"] == {"members": 2, "share": 1.0, "days": 0}
    assert [(one["member"], one["gained"]) for one in told["winners"]] == [("Lan", 24_000), ("Minh", 24_000)]
    assert {one["code"] for one in told["findings"]} >= {"budget_used_up", "never_gave", "worst_month", "first_gift"}
    assert next(one for one in told["findings"] if one["code"] == "never_gave")["rules"] == ["never"]


def test_what_is_supposed_changes_what_comes_out(files: tuple[str, str]) -> None:
    nobody = as_json(*files, "--redeem", "none", "--no-signup")
    assert (nobody["redeemed"]["points"], nobody["issued"]["points"], nobody["rewards"]) == (
        0,
        10 + 9 + 24,
        {"cake": 2},
    )
    again = as_json(*files, "--uplift", "1")
    assert again["sales_members"] == 2 * 440_000, "every bill comes once more, returns too"
    some = [as_json(*files, "--redeem", "rate=0.5", "--seed", str(seed))["rewards"].get("tea", 0) for seed in range(4)]
    assert len(set(some)) > 1, "chance draws who redeems"
    assert as_json(*files, "--redeem", "rate=0.5", "--seed", "3") == as_json(
        *files, "--redeem", "rate=0.5", "--seed", "3"
    )


def test_what_members_share_is_taken_in_the_order_of_time(files: tuple[str, str]) -> None:
    draft = Path(files[0])
    draft.write_text(DRAFT.replace("planned: 10000", "planned: 10000, stop: hard"), encoding="utf-8")
    told = as_json(*files)
    assert told["rewards"] == {"tea": 1, "cake": 2}, "the line pays one, and Lan was first"
    assert told["budget"][0]["spent"] == 9_000
    assert [one["member"] for one in told["winners"]] == ["Minh", "Lan"], "Minh keeps twenty points instead"


def test_drafts_are_compared_over_the_same_members(files: tuple[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(DRAFT.replace("amount: 1, per: 10000", "amount: 1, per: 5000"), encoding="utf-8")
    told = as_json(*files, "--against", str(other))
    (second,) = told["others"]
    assert second["programme"] == "other.yaml"
    assert (second["against"]["better_off"], second["against"]["worse_off"], second["against"]["same"]) == (2, 0, 0)
    printed = simulate(*files, "--against", str(other)).replace("\u00a0", " ")
    assert "So với draft.yaml: 2 khách được hơn, 0 khách thiệt hơn, 0 khách như nhau." in printed
    assert "Dòng ngân sách “gifts” (10.000 ₫) hết vào ngày 2026-03-15." in printed
    english = simulate(*files, lang="C.UTF-8").replace("\u00a0", " ")
    assert "The line “gifts” of the budget (10,000 ₫) is used up on 2026-03-15." in english


def test_the_page_shows_drafts_side_by_side(files: tuple[str, str], tmp_path: Path) -> None:
    other, html = tmp_path / "<i>.yaml", tmp_path / "page.html"
    other.write_text(DRAFT.replace("amount: 1, per: 10000", "amount: 1, per: 5000"), encoding="utf-8")
    assert str(html) in simulate(*files, "--against", str(other), "--html", str(html)).replace("\n", "")
    text = html.read_text(encoding="utf-8")
    assert text.count("<path") == 4, "cost and liability, a line for each draft"
    assert "&lt;i&gt;.yaml" in text
    assert "<i>.yaml" not in text
    assert "Giả định" in text
    assert "Cannot write" in simulate(*files, "--html", str(tmp_path), lang="C.UTF-8", ends=1)


def test_many_processes_count_as_one(files: tuple[str, str], tmp_path: Path) -> None:
    rows = [f"B{n};K{n % 3001};2026-01-{n % 28 + 1:02d} 10:00:00;coffee;1;{20_000 + n}" for n in range(42_000)]
    large = tmp_path / "large.csv"
    large.write_text("\n".join([SALES.splitlines()[0], *rows]), encoding="utf-8")
    one, two = (as_json(files[0], str(large), "--processes", n) for n in ("1", "2"))
    assert one == two
    assert one["members"] == 3001
    assert one["events"] == 42_000 + 3001


REFUSED = [
    (["--redeem", "often"], 2, "rate=0.6", "no such behaviour"),
    (["--redeem", "rate=2"], 2, "rate=0.6", "more than everybody"),
    (["--uplift", "2"], 2, "--uplift", "more than all bills again"),
    (["--map", "amount=nope"], 1, "amount=nope", "no such column"),
    (["--anonymous", "Lan", "--anonymous", "Minh"], 1, "No line names a member", "nobody is left"),
]


@pytest.mark.parametrize(("words", "ends", "said", "why"), REFUSED, ids=[row[3] for row in REFUSED])
def test_what_cannot_be_is_refused(files: tuple[str, str], words: list[str], ends: int, said: str, why: str) -> None:
    assert said in simulate(*files, *words, lang="C.UTF-8", ends=ends), why


def test_a_draft_that_is_not_fine_is_refused_by_line(files: tuple[str, str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(DRAFT.replace("wallet: points, amount: 5", "wallet: stars, amount: 5"), encoding="utf-8")
    assert f"{bad}:10:" in simulate(str(bad), files[1], ends=1)
    euro = tmp_path / "euro.yaml"
    euro.write_text(DRAFT.replace("VND", "EUR"), encoding="utf-8")
    assert "another currency" in simulate(*files, "--against", str(euro), lang="C.UTF-8", ends=1)
