"""`ganbo programme …` as people call it: what it prints, in their language, and how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ganbo.features.programmes import queries
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context

TIDY = """\
ganbo: 1
programme: small
name: {vi: Nhỏ, en: Small}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: rolling, months: 12}}
earn:
  - id: base
    name: {vi: Mua hàng, en: Buying}
    on: purchase
    give: {wallet: points, amount: 1, per: 10000, of: net}
rewards:
  - id: latte
    name: {vi: Ly latte, en: Latte}
    kind: free_item
    sku: latte
    price: {wallet: points, amount: 60}
    cost: 15000
examples:
  - event: {type: purchase, occurred_at: "2026-11-24T09:00:00+07:00", data: {amount: 55000}}
    expect: {points: 5}
"""
UNUSED = TIDY.replace("rewards:", "unused:").split("unused:")[0] + "examples: []\n"
WRONG_EXAMPLE = TIDY.replace("expect: {points: 5}", "expect: {points: 6}")

Ganbo = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ganbo() -> Ganbo:
    """Run the command in a shell of its own, in English unless another language is given."""

    def run(*words: str, lang: str = "en_US.UTF-8", **more: str) -> "subprocess.CompletedProcess[str]":
        kept = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES", "LANG")}
        command = [sys.executable, "-c", "from ganbo.doors.cli.main import app; app()", "programme", *words]
        return subprocess.run(
            command,
            env=kept | {"LANG": lang, "COLUMNS": "400"} | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def shop(new_business: Any) -> Any:
    return new_business(TIDY)


def _file(folder: Path, source: str) -> str:
    path = folder / "programme.yaml"
    path.write_text(source, encoding="utf-8")
    return str(path)


CHECKS = [
    (TIDY, (), 0, "1 rules, 1 rewards, 1 examples agree", "fine"),
    (TIDY, ("--strict",), 0, "Supposed: 2 visits a month", "no advice, so strict is content"),
    (UNUSED, (), 0, "nothing can be had for it", "advice never stops anybody"),
    (UNUSED, ("--strict",), 1, "nothing can be had for it", "unless asked to"),
    (WRONG_EXAMPLE, (), 1, "Example 1 expects 6 points, but the rules give 5 points.", "its own example fails"),
    (TIDY + "games: []\n", (), 1, "comes with a later version", "not yet"),
    ("ganbo: [", (), 1, "programme.yaml:1:", "not even YAML; with line and column"),
]


@pytest.mark.parametrize(("source", "options", "status", "said", "why"), CHECKS)
def test_check(
    ganbo: Ganbo, tmp_path: Path, source: str, options: tuple[str, ...], status: int, said: str, why: str
) -> None:
    done = ganbo("check", _file(tmp_path, source), *options)
    assert done.returncode == status, (why, done.stdout, done.stderr)
    assert said in done.stdout + done.stderr, why


def test_check_for_machines(ganbo: Ganbo, tmp_path: Path) -> None:
    done = ganbo("check", _file(tmp_path, UNUSED), "--json", "--strict", "--bill", "50000")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["ok"] is True
    assert {one["code"] for one in told["advice"]} >= {"no_end_point"}
    assert all(one["where"] and one["why"] and one["todo"] and one["line"] for one in told["advice"])
    assert "50,000 ₫" in told["assumptions"]


def test_terms_in_both_languages(ganbo: Ganbo, tmp_path: Path) -> None:
    file = _file(tmp_path, TIDY)
    vi = ganbo("terms", file, lang="vi_VN.UTF-8").stdout
    assert "1 điểm cho mỗi 10.000 ₫ hóa đơn." in vi
    assert ganbo("terms", file, "--lang", "vi").stdout == vi, "asked for is as good as spoken"
    made = json.loads(ganbo("terms", file, "--organiser", "Hoàn Kiếm Café", "--json").stdout)
    assert made["lang"] == "en"
    assert "Hoàn Kiếm Café runs the loyalty programme “Small”." in made["text"]
    assert made["digest"] == sha256(made["text"].encode()).hexdigest()
    assert ganbo("terms", _file(tmp_path, "ganbo: [")).returncode == 1


def _versions(ganbo: Ganbo, shop: Any) -> list[tuple[int, str, str]]:
    rows = json.loads(ganbo("versions", "--business", shop.slug, "--json").stdout)
    return [(row["version"], row["state"], row["note"]) for row in rows]


def test_publish_for_later_then_withdraw(ganbo: Ganbo, tmp_path: Path, shop: Any) -> None:
    file = _file(tmp_path, TIDY.replace("per: 10000", "per: 20000").replace("{points: 5}", "{points: 2}"))
    begins = (clock.now() + timedelta(days=30)).isoformat()
    done = ganbo("publish", file, "--business", shop.slug, "--from", begins, "--note", "Milk is dearer")
    assert done.returncode == 0, done.stderr
    assert f"Version 2 will be in force for Test from {begins}" in done.stdout
    assert "! Rule “Buying”, what it gives: 1 point for every 10,000 ₫" in done.stdout
    assert "(worse for members)" in done.stdout
    assert _versions(ganbo, shop) == [(2, "scheduled", "Milk is dearer"), (1, "in_force", "")]
    assert "2  " in ganbo("versions", "--business", shop.slug).stdout
    gone = ganbo("withdraw", "2", "--business", shop.slug, lang="vi_VN.UTF-8")
    assert (gone.returncode, gone.stdout.strip()) == (0, "Đã rút bản 2.")
    states = [(number, state) for number, state, _ in _versions(ganbo, shop)]
    assert states == [(3, "withdrawal"), (2, "withdrawn"), (1, "in_force")]
    refused = ganbo("withdraw", "1", "--business", shop.slug)
    assert (refused.returncode, refused.stderr.strip()) == (1, "Version 1 does not begin later.")


@pytest.mark.parametrize(
    ("options", "status", "said", "why"),
    [
        (("--from", "2020-01-01T00:00:00+07:00"), 1, "cannot begin in the past", "it was judged already"),
        (("--from", "2027-01-01T00:00:00"), 2, "--from", "without its offset nobody knows when"),
        (("--from", "soon"), 2, "--from", "no instant"),
        (("--existing", "some"), 2, "--existing", "not a choice"),
        (("--business", "nobody"), 1, "There is no business “nobody”", "whose?"),
    ],
)
def test_what_is_not_published(
    ganbo: Ganbo, tmp_path: Path, shop: Any, options: tuple[str, ...], status: int, said: str, why: str
) -> None:
    done = ganbo("publish", _file(tmp_path, TIDY + "# new\n"), "--business", shop.slug, *options)
    assert done.returncode == status, (why, done.stdout, done.stderr)
    assert said in done.stderr, why
    with context.within(shop):
        assert len(queries.versions()) == 1, "nothing changed"


def test_a_document_with_an_error_is_not_published(ganbo: Ganbo, tmp_path: Path, shop: Any) -> None:
    done = ganbo("publish", _file(tmp_path, WRONG_EXAMPLE), "--business", shop.slug)
    assert done.returncode == 1
    assert "Example 1 expects 6 points" in done.stderr
    with context.within(shop):
        assert len(queries.versions()) == 1
