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

from ganbo.foundation.tenancy import context
from ganbo.journeys import verify_books
from tests.cli.test_import_balances import PROGRAMME

LONG = "TORTURE_ROUNDS" in os.environ  # `make torture`: every kind at several points; `make test`: each kind once
ROWS = 3_000 if LONG else 1_800
COUNTED = {
    "members": "members_member",
    "balances": "ledger_transfer WHERE kind = 'opening'",
    "sales": "events_event WHERE type = 'purchase'",
    "earning": "events_event WHERE type = 'purchase'",
}
BOOKS = [
    "SELECT external_id, name, date(created_at) FROM {s}.members_member ORDER BY 1",
    "SELECT m.external_id, s.purchases, s.spend, s.visits, s.last_purchase_at, s.tier, s.carried"
    " FROM {s}.members_standing s JOIN {s}.members_member m ON m.id = s.member_id ORDER BY 1",
    "SELECT m.external_id, a.asset, a.role, a.balance, l.expires_at, l.earned_month, l.remaining"
    " FROM {s}.ledger_account a LEFT JOIN {s}.members_member m ON m.id = a.holder_id"
    " LEFT JOIN {s}.ledger_lot l ON l.account_id = a.id ORDER BY 1, 2, 3, 5, 6",
    "SELECT asset, kind, rule, amount, cause LIKE 'opening/%' FROM {s}.ledger_transfer ORDER BY 1, 2, 3, 4",
    "SELECT event_id, type, occurred_at, net FROM {s}.events_event WHERE type <> 'signup' ORDER BY 1",
    "SELECT type, count(*) FROM {s}.events_event GROUP BY 1 ORDER BY 1",
]


def files(folder: Path) -> dict[str, Path]:
    """A file of each kind, of the same people; `earning` are the sales that give points and enrol their buyers."""
    people = [f"K{n:05d}" for n in range(ROWS)]
    made = {
        "members": ["Mã KH;Họ tên;Ngày tham gia"] + [f"{who};Lan;01/02/2026" for who in people],
        "balances": ["Mã KH;Loại điểm;Số dư;Ngày tích;Hạn dùng"]
        + [f"{who};points;{n + 1};03/02/2026;31/12/2099" for n, who in enumerate(people)],
        "sales": ["Mã đơn;Khách;Ngày;Thành tiền"]
        + [f"{who}-1;{who};03/02/2026;{n + 1}0000" for n, who in enumerate(people)],
    }
    for kind, lines in made.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines), encoding="utf-8")
    paths = {kind: folder / f"{kind}.csv" for kind in made}
    return paths | {"earning": paths["sales"]}


def begun(kind: str, file: Path, shop: Any, folder: Path) -> "subprocess.Popen[bytes]":
    """`ganbo import KIND FILE --yes` in a process of its own."""
    earn = ["--earn", "--unknown", "enrol"] if kind == "earning" else []
    words = [
        "import",
        "sales" if earn else kind,
        str(file),
        *earn,
        "--yes",
        "--business",
        shop.slug,
        "--data",
        str(folder),
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "ganbo.doors.cli.main", *words],
        env=os.environ | {"LC_ALL": "C.UTF-8", "GANBO_DATA": str(folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def counted(shop: Any, kind: str) -> int:
    """How many rows of the file are in."""
    return int(told(shop, [f"SELECT count(*) FROM {{s}}.{COUNTED[kind]}"])[0][0][0])


def told(shop: Any, queries: list[str]) -> list[list[tuple[Any, ...]]]:
    """The rows of queries on the business's tables."""
    answers = []
    with connection.cursor() as cursor:
        for sql in queries:
            cursor.execute(sql.format(s=f'"{shop.schema}"'))
            answers.append(cursor.fetchall())
    return answers


def books(shop: Any) -> list[list[tuple[Any, ...]]]:
    """What the imports made, whatever ids it got: people, lots, accounts, counters and transfers."""
    return told(shop, BOOKS)


def killed(run: "subprocess.Popen[bytes]", when: Callable[[], bool]) -> bool:
    """Kill it as soon as `when` holds; False when it was done before."""
    until = time.monotonic() + 60
    while run.poll() is None and time.monotonic() < until:
        if when():
            run.send_signal(signal.SIGKILL)
            break
        time.sleep(0.005)
    return run.wait() == -signal.SIGKILL


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The books after each kind that ran once, to its end; made when they are first asked for."""
    return {}


@pytest.fixture
def uninterrupted(new_business: Any, made: dict[str, Any], tmp_path: Path) -> Callable[[str], Any]:
    """The books of a business into which nobody's import of this kind was disturbed."""

    def of(kind: str) -> Any:
        if kind not in made:
            shop = new_business(PROGRAMME)
            prepare(kind, shop, tmp_path)
            assert begun(kind, files(tmp_path)[kind], shop, tmp_path).wait() == 0
            made[kind] = books(shop)
            assert counted(shop, kind) == ROWS
        return made[kind]

    return of


def prepare(kind: str, shop: Any, folder: Path) -> None:
    """Members come before what is theirs; who only buys is enrolled by the sales themselves."""
    if kind in ("balances", "sales"):
        assert begun("members", files(folder)["members"], shop, folder).wait() == 0


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("members", 0),
        ("balances", 0.5),
        ("sales", 0),
        ("earning", 0.3),
        *([("members", 0.5), ("balances", 0), ("sales", 0.7)] if LONG else []),
    ],
)
def test_killed_and_told_again(
    new_business: Any, uninterrupted: Callable[[str], Any], tmp_path: Path, kind: str, share: float
) -> None:
    shop, file = new_business(PROGRAMME), files(tmp_path)[kind]
    prepare(kind, shop, tmp_path)
    run = begun(kind, file, shop, tmp_path)
    assert killed(run, lambda: counted(shop, kind) > share * ROWS), "it was faster than the kill: use more rows"
    assert 0 < counted(shop, kind) < ROWS, "the kill fell into the middle"
    again = begun(kind, file, shop, tmp_path)
    assert again.wait() == 0, again.stderr.read() if again.stderr else ""
    assert books(shop) == uninterrupted(kind)
    with context.within(shop):
        assert verify_books.verify().differences == ()


@pytest.mark.parametrize("kind", ["members", "balances", "sales", "earning"] if LONG else ["balances", "earning"])
def test_two_at_once(new_business: Any, uninterrupted: Callable[[str], Any], tmp_path: Path, kind: str) -> None:
    shop, file = new_business(PROGRAMME), files(tmp_path)[kind]
    prepare(kind, shop, tmp_path)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: begun(kind, file, shop, tmp_path), range(2)))
        errors = [run.communicate()[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors
    assert books(shop) == uninterrupted(kind)
    with context.within(shop):
        assert verify_books.verify().differences == ()
