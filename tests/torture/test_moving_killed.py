"""`kill -9` while a business goes out or comes in: half an export is known as such, and half an import is nothing."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from ganbo.foundation.tenancy import context
from ganbo.journeys.moving import tables
from tests.torture.running import GANBO

SECONDS = 60.0
LONG = "TORTURE_ROUNDS" in os.environ  # `make torture`: at several points; `make test`: at one


@pytest.fixture
def empty(new_business: Any) -> Any:
    """A business of which there is nothing but its tables."""
    return new_business(None)


def started(*words: str) -> "subprocess.Popen[bytes]":
    """`ganbo` as a process of its own on the tests' database."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "COLUMNS": "300"}
    return subprocess.Popen(
        [str(GANBO), *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def said(*words: str) -> tuple[int, str]:
    process = started(*words)
    _, errors = process.communicate(timeout=SECONDS)
    return process.returncode, errors.decode()


def when(process: "subprocess.Popen[bytes]", true: Callable[[], bool]) -> None:
    """Kill the process as soon as something is true."""
    until = time.monotonic() + SECONDS
    while not true():
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < until
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=SECONDS)


def count(business: Any) -> int:
    with context.within(business), connection.cursor() as cursor:
        found = 0
        for table in tables.TABLES:
            cursor.execute(f"SELECT count(*) FROM {table.of}")
            found += cursor.fetchone()[0]
    return found


@pytest.mark.parametrize("at", ["tables/events.jsonl", "history.csv", "staff.csv"] if LONG else ["history.csv"])
def test_an_export_that_was_killed_is_known_as_such(empty: Any, cafe: Any, enrol: Any, tmp_path: Path, at: str) -> None:
    enrol()
    out = tmp_path / "out"
    when(started("export", str(out), "--business", cafe.slug), lambda: (out / at).exists())
    whole = (out / "manifest.json").exists()  # the last word may have been faster than the kill
    assert not whole or at == "staff.csv"
    code, words = said("import", "everything", str(out), "--business", empty.slug)
    assert (code, "has no manifest.json" in words) == ((0, False) if whole else (1, True)), words
    code, words = said("export", str(out), "--business", cafe.slug)
    assert (code, "is not an empty folder" in words) == (1, True), words
    shutil.rmtree(out)
    assert said("export", str(out), "--business", cafe.slug)[0] == 0


@pytest.mark.parametrize("table", ["members_member", "ledger_transfer", "audit_line"] if LONG else ["ledger_transfer"])
def test_an_import_that_was_killed_left_nothing(empty: Any, cafe: Any, enrol: Any, tmp_path: Path, table: str) -> None:
    enrol()
    out = tmp_path / "out"
    assert said("export", str(out), "--business", cafe.slug)[0] == 0
    with psycopg.connect(os.environ["GANBO_DATABASE_URL"]) as held:
        held.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(empty.schema, table)))
        if table == "members_member":  # whoever works there is waited for, a while
            code, words = said("import", "everything", str(out), "--business", empty.slug, "--yes")
            assert (code, "Somebody is writing in this business" in words) == (1, True), words
        else:
            process = started("import", "everything", str(out), "--business", empty.slug, "--yes")
            when(process, lambda: waits(empty, table))
    until = time.monotonic() + SECONDS
    while writing(empty) and time.monotonic() < until:
        time.sleep(0.05)
    assert count(empty) == 0
    assert said("import", "everything", str(out), "--business", empty.slug, "--yes")[0] == 0
    assert count(empty) > 0


def waits(business: Any, table: str) -> bool:
    """Whether somebody waits to write this table of the business."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass",
            [f"{business.schema}.{table}"],
        )
        return bool(cursor.fetchone()[0])


def writing(business: Any) -> bool:
    """Whether a transaction still holds a table of the business."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE c.relnamespace = %s::regnamespace AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid()",
            [business.schema],
        )
        return bool(cursor.fetchone()[0])
