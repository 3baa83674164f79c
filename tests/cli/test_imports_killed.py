"""An import is killed with -9 in the middle, told again, or told twice at once: the books end as if it had run once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from ganbo.foundation import chance
from ganbo.foundation.tenancy import context
from ganbo.journeys import verify_books
from tests.cli.test_import_balances import PROGRAMME

ROWS = 3_000


def files(folder: Path, mark: str) -> dict[str, Path]:
    """A file of each kind, of the same people."""
    people = [f"{mark}{n:05d}" for n in range(ROWS)]
    made = {
        "members": ["Mã KH;Họ tên"] + [f"{who};Lan" for who in people],
        "balances": ["Mã KH;Loại điểm;Số dư"] + [f"{who};points;{n + 1}" for n, who in enumerate(people)],
        "sales": ["Mã đơn;Khách;Ngày;Thành tiền"]
        + [f"{who}-1;{who};03/02/2026;{n + 1}0000" for n, who in enumerate(people)],
    }
    for kind, lines in made.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines), encoding="utf-8")
    return {kind: folder / f"{kind}.csv" for kind in made}


def begun(kind: str, file: Path, shop: Any, folder: Path) -> "subprocess.Popen[bytes]":
    """`ganbo import KIND FILE --yes` in a process of its own."""
    words = ["import", kind, str(file), "--yes", "--business", shop.slug, "--data", str(folder)]
    return subprocess.Popen(
        [sys.executable, "-m", "ganbo.doors.cli.main", *words],
        env=os.environ | {"LC_ALL": "C.UTF-8", "GANBO_DATA": str(folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def counted(shop: Any, kind: str) -> tuple[int, int]:
    """How many are in, and what that comes to."""
    sql = {
        "members": "SELECT count(*), count(DISTINCT external_id) FROM {s}.members_member",
        "balances": "SELECT count(*), coalesce(sum(amount), 0) FROM {s}.ledger_transfer WHERE kind = 'opening'",
        "sales": "SELECT count(*), coalesce(sum(net) / 1000000, 0) FROM {s}.events_event WHERE type = 'purchase'",
    }[kind]
    with connection.cursor() as cursor:
        cursor.execute(sql.format(s=f'"{shop.schema}"'))
        n, much = cursor.fetchone()
    return int(n), int(much)


def killed(run: "subprocess.Popen[bytes]", when: Callable[[], bool]) -> bool:
    """Kill it as soon as `when` holds; False when it was done before."""
    until = time.monotonic() + 60
    while run.poll() is None and time.monotonic() < until:
        if when():
            run.send_signal(signal.SIGKILL)
            break
        time.sleep(0.005)
    return run.wait() == -signal.SIGKILL


def whole(kind: str) -> tuple[int, int]:
    return (ROWS, ROWS) if kind == "members" else (ROWS, ROWS * (ROWS + 1) // 2)


@pytest.mark.parametrize(("kind", "share"), [("members", 0), ("balances", 0), ("balances", 0.5), ("sales", 0.3)])
def test_killed_and_told_again(new_business: Any, tmp_path: Path, kind: str, share: float) -> None:
    shop, told = new_business(PROGRAMME), files(tmp_path, f"K{chance.digits(4)}")
    if kind != "members":
        assert begun("members", told["members"], shop, tmp_path).wait() == 0
    run = begun(kind, told[kind], shop, tmp_path)
    assert killed(run, lambda: counted(shop, kind)[0] > share * ROWS), "it was faster than the kill: use more rows"
    before = counted(shop, kind)[0]
    assert 0 < before < ROWS, "the kill fell into the middle"
    again = begun(kind, told[kind], shop, tmp_path)
    assert again.wait() == 0, again.stderr.read() if again.stderr else ""
    assert counted(shop, kind) == whole(kind)
    with context.within(shop):
        assert verify_books.verify().differences == ()


@pytest.mark.parametrize("kind", ["members", "balances", "sales"])
def test_two_at_once(new_business: Any, tmp_path: Path, kind: str) -> None:
    shop, told = new_business(PROGRAMME), files(tmp_path, f"K{chance.digits(4)}")
    if kind != "members":
        assert begun("members", told["members"], shop, tmp_path).wait() == 0
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: begun(kind, told[kind], shop, tmp_path), range(2)))
        errors = [run.communicate()[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors
    assert counted(shop, kind) == whole(kind)
    with context.within(shop):
        assert verify_books.verify().differences == ()
