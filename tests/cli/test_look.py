"""`ganbo look FILE` as a newcomer calls it: no database, no settings, no set-up."""

import json
import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ganbo.doors.cli import saying
from ganbo.doors.cli.main import app
from ganbo.foundation import chance
from tests.house.source import ROOT

CDNOW = next(
    (file for up in ROOT.parents if (file := up / "shared" / "data" / "CDNOW_sample.txt").exists()), Path("none")
)


def look(*words: str, lang: str = "vi_VN.UTF-8", ends: int = 0) -> str:
    """What it prints; on refusal, what it says on standard error."""
    environment = {"PATH": os.environ["PATH"], "LANG": lang, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "ganbo.doors.cli.main", "look", *words], env=environment, capture_output=True, text=True
    )
    assert done.returncode == ends, done.stderr
    return done.stdout if ends == 0 else done.stderr


def test_a_newcomer_sees_what_the_file_says_and_what_was_left_out(tmp_path: Path) -> None:
    file = tmp_path / "bán hàng.csv"
    file.write_text(
        "Mã đơn;Khách hàng;Ngày bán;Thành tiền\n"
        "HD1;Lan;01/10/2026 08:15;110.000\n"
        "HD2;Khách lẻ;02/10/2026 09:00;45.000\n"
        "HD3;Lan;03/11/2026 10:00;1.250.000 ₫\n"
        "HD4;Minh;31/11/2026 10:00;60.000\n"
        "HD5;Minh;05/11/2026 10:00;60.000\n",
        encoding="utf-8-sig",
    )
    printed = look(str(file), "--anonymous", "khách lẻ")
    assert "occurred_at = “Ngày bán”" in printed
    assert "dòng 5 ngày không có thật hoặc không đọc được: 31/11/2026 10:00" in printed
    assert "Một nửa khách chỉ mua một lần" in printed
    told = json.loads(look(str(file), "--anonymous", "Khách lẻ", "--json", lang="C.UTF-8"))
    assert (told["orders"], told["members"], told["revenue"]) == (3, 2, 1_465_000)
    assert told["receipts_with_member"] == 0.75
    assert told["revenue_existing"] == 1_250_000
    assert told["reading"]["problems"] == [{"line": 5, "reason": "bad_date", "value": "31/11/2026 10:00"}]
    assert set(told) >= {
        *("orders", "members", "receipts_with_member", "revenue", "revenue_existing", "net_revenue_retention", "aov"),
        *("repeat_members", "repeat_purchase_rate", "orders_per_member", "monthly", "cohorts", "rfm", "clv"),
    }
    assert set(told["monthly"][0]) == {
        *("month", "active_prev", "retained", "crr", "churn", "active", "new", "reactivated", "revenue", "aov")
    }


HOSTILE = """\
order_id,member,occurred_at,amount
1,<script>alert(1)</script>,2026-10-01,100
2,"""  # the second row is broken on purpose
MANY = "order_id,member,occurred_at,amount\n" + "".join(
    f"{n},K{n * n % 61},2026-{n % 9 + 1:02d}-{n % 28 + 1:02d},{20_000 + 700 * (n % 37)}\n" for n in range(600)
)
PAGES = [
    (HOSTILE, "one customer, and a name that is a script"),
    (MANY, "months, cohorts, groups and lifetime values"),
    ("order_id,member,occurred_at,amount\n1,,2026-10-01,100\n", "nobody has a name"),
]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("sales", "why"), PAGES, ids=[row[1] for row in PAGES])
def test_the_page_stands_alone(tmp_path: Path, sales: str, why: str, lang: str) -> None:
    file, html = tmp_path / "<b>sales.csv", tmp_path / "look.html"
    file.write_text(sales)
    done = CliRunner().invoke(app, ["look", str(file), "--html", str(html), "--lang", lang])
    assert done.exit_code == 0, done.output
    text = html.read_text()
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<b>|https?:|src=|@import|url\(|<link", text.replace("http-equiv", "")), why
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    assert html.stat().st_mode & 0o077 == 0, "it tells of customers"
    shown = [part.partition("</text>")[0] for part in text.split("<text")[1:]]
    assert all("nan" not in one and "inf" not in one for one in shown)
    if sales == MANY:
        assert text.count('<circle cx="') >= 100
        assert ("Trong 100 khách" if lang == "vi" else "Of 100 customers") in text


def test_a_page_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text(MANY)
    for path in (tmp_path, tmp_path / "no" / "look.html"):
        done = CliRunner().invoke(app, ["look", str(file), "--html", str(path), "--lang", "en"], env={"LANG": "C"})
        assert done.exit_code == 1
        assert "Cannot write" in done.stderr


def test_customers_who_spend_alike_are_said_to(tmp_path: Path) -> None:
    draw, rows = chance.seeded(7), []
    for n in range(400):
        for _ in range(1 + int(draw.expovariate(0.5 + 2 * (n % 2)))):
            day = date(2026, 1, 1) + timedelta(days=int(draw.random() * (40 + 5 * (n % 50))))
            rows.append(f"{len(rows)},K{n},{day},{round(100_000 * draw.gammavariate(4, 0.25))}")
    file = tmp_path / "alike.csv"
    file.write_text("order_id,member,occurred_at,amount\n" + "\n".join(rows))
    told = json.loads(CliRunner().invoke(app, ["look", str(file), "--json"]).stdout)
    assert not told["clv"]["gamma_gamma"]["differences_identified"]
    assert abs(told["aov"] / 100_000 - 1) < 0.05


def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*words: str, ends: int = 1) -> str:
        done = CliRunner().invoke(app, ["look", *words])
        assert done.exit_code == ends, done.output
        return " ".join(done.output.split())

    monkeypatch.setattr(saying, "language", lambda: "en")
    file = tmp_path / "sales.csv"
    file.write_text("who,when,total_vnd\nLan,2026-10-01,5\n")
    said = refused(str(file))
    assert "No column for: member, occurred_at" in said
    assert "“who”, “when”, “total_vnd”" in said
    assert "member=nobody" in refused(str(file), "--map", "member=nobody")
    told = json.loads(refused(str(file), "--map", "member=who", "--map", "occurred_at=when", "--json", ends=0))
    assert told["revenue"] == 5
    file.write_text("order,customer,date,total\n1,Lan,2026-13-01,5\n")
    assert "Not one line of sales could be read" in refused(str(file))
    file.write_text("order,customer,date,total\n1,,2026-10-01,5\n")
    assert json.loads(refused(str(file), "--json", "--window", "90d", ends=0))["members"] == 0
    assert "nothing can be said of who comes back" in refused(str(file), "--lang", "en", ends=0)
    file.write_bytes(b"")
    assert "no CSV, XLSX or Parquet table" in refused(str(file))
    assert "Cannot read" in refused(str(tmp_path / "none.csv"))
    refused(str(file), "--window", "long", ends=2)


@pytest.mark.skipif(not CDNOW.exists(), reason="the CDNOW sample is not beside the project")
def test_the_published_figures_come_out_of_the_cdnow_sample(tmp_path: Path) -> None:
    file = tmp_path / "cdnow.csv"
    rows = [line.split() for line in CDNOW.read_text().splitlines()]
    file.write_text(
        "order_id,member,occurred_at,amount\n"
        + "".join(f"{place},{member},{day},{amount}\n" for place, (_, member, day, _, amount) in enumerate(rows))
    )
    told = json.loads(look(str(file), "--until", "1997-09-30", "--json"))
    assert (told["orders"], told["members"]) == (6919, 2357)
    life, spend = told["clv"]["bg_nbd"], told["clv"]["gamma_gamma"]
    # the paper prints three places, which for r is coarser than 0.1 %: equal as printed, and within 0.1 % of longer figures
    assert [round(life[name], 3) for name in ("r", "alpha", "a", "b")] == [0.243, 4.414, 0.793, 2.426]
    longer = {"r": 0.242595, "alpha": 4.413602, "a": 0.792922, "b": 2.425906}
    assert all(abs(life[name] / value - 1) < 0.001 for name, value in longer.items())
    assert round(life["log_likelihood"], 1) == -9582.4
    assert life["dropout_identified"]
    assert spend["differences_identified"]
    assert all(abs(spend[name] / value - 1) < 0.001 for name, value in {"p": 6.25, "v": 15.44}.items())
    assert round(spend["q"], 2) == 3.74
    assert abs(spend["log_likelihood"] + 4055.92) < 0.01
    assert told["clv"]["repeat"] == 946
    assert all(row["crr"] + row["churn"] == 1 for row in told["monthly"][1:])
    assert sum(told["rfm"]["cells"].values()) == 2357
