"""Before Django starts: a real PostgreSQL for the tests, one database per test process.

TEST_DATABASE_URL names a server to use instead (its user must be able to create databases and roles).
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

SKIPPED = Path(tempfile.gettempdir()) / f"ganbo-skipped-{os.getuid()}"
DATA = (
    "is not beside the project"  # why a test of public data is skipped: it lies in ../shared/data, not in the project
)
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def _server() -> str:
    """The address of the server; the first process starts one and stops it at the end."""
    known = os.environ.get("TEST_DATABASE_URL")
    if known:
        return known
    from ganbo.foundation.postgres.cluster import Cluster

    folder = Path(tempfile.mkdtemp(prefix="ganbo-tests-", dir="/tmp" if os.access("/tmp", os.W_OK) else None))
    folder.chmod(0o755)
    # no plug is pulled; two workers race with threads
    cluster = Cluster(folder, {"fsync": "off", "max_connections": "400"})
    cluster.start()

    def stop() -> None:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    os.environ["TEST_DATABASE_URL"] = cluster.url
    return cluster.url


def _own_database(server: str) -> str:
    """An empty database of this test process on the server."""
    name = f"ganbo_test_{_WORKER}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path="/" + name))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The server must be there before Django's settings are read."""
    if _WORKER == "main" and not os.environ.get("PYTEST_XDIST_WORKER"):
        SKIPPED.write_text("")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ganbo.settings")
    os.environ["GANBO_DATABASE_URL"] = _own_database(_server())
    os.environ["GANBO_SECRET_KEY"] = "only for tests: no secret hangs on this sentence"
    os.environ["GANBO_ROLE"] = "app"
    os.environ["GANBO_DEMO"] = "yes"
    os.environ["GANBO_LOG_LEVEL"] = "ERROR"
    data = tempfile.mkdtemp(prefix="ganbo-data-")
    os.environ["GANBO_DATA"] = data
    os.makedirs(os.path.join(data, "static"), exist_ok=True)
    atexit.register(shutil.rmtree, data, ignore_errors=True)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A skipped test is remembered; in CI it is a failure, but for public data that is not part of the project."""
    if report.skipped and _WORKER == "main":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        with SKIPPED.open("a") as file:
            file.write(f"{report.nodeid}: {reason}\n")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Nothing may be skipped where TESTS_SKIP_NOTHING is set."""
    told = SKIPPED.read_text().splitlines() if _WORKER == "main" and SKIPPED.exists() else []
    if os.environ.get("TESTS_SKIP_NOTHING") and [line for line in told if DATA not in line]:
        session.exitstatus = 1
