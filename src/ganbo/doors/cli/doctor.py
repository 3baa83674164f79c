"""`ganbo doctor`: what is unsafe or missing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ganbo.doors.cli import choosing, saying

Finding = tuple[bool, str, str]  # good, in Vietnamese, in English
OLDEST = 150_000
_LEAST_FREE = 1 << 30


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of the embedded database.")] = None,
) -> None:
    """Say what is unsafe or missing; exit 1 when something is."""
    with choosing.database(data=data):
        findings = [*_database(), *_settings(), *_machine()]
    if json:
        saying.as_json([{"ok": good, "vi": vi, "en": en} for good, vi, en in findings])
    else:
        for good, vi, en in findings:
            saying.console.print(("✓ " if good else "✗ ") + (vi if saying.language() == "vi" else en), soft_wrap=True)
    if not all(good for good, _, _ in findings):
        raise typer.Exit(1)


def _database() -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from ganbo.foundation.tenancy import context, privileges, queries

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
        yield number >= OLDEST, f"PostgreSQL {version} (cần ≥ 15)", f"PostgreSQL {version} (15 or newer is needed)"
        cursor.execute("SELECT current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off'")
        yield cursor.fetchone()[0], "ghi bền (fsync, synchronous_commit)", "durable writes (fsync, synchronous_commit)"
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield not plan, "lược đồ mới nhất (ganbo migrate)", "schemas up to date (ganbo migrate)"
    for business in queries.live():
        open_tables = privileges.violations(business.schema)
        names = ", ".join(open_tables)
        yield (
            not open_tables,
            f"{business.slug}: sổ chỉ được ghi thêm {names}",
            f"{business.slug}: the books are append-only {names}",
        )
        with context.within(business):
            yield (
                _codes_open(),
                f"{business.slug}: mở được mã đối tác (GANBO_CODE_KEY)",
                f"{business.slug}: partners' codes can be opened (GANBO_CODE_KEY)",
            )


def _codes_open() -> bool:
    """Whether the current business's codes of partners can be read; False too when its tables are not up to date."""
    from django.db import ProgrammingError

    from ganbo.features.rewards import pools

    try:
        return pools.readable()
    except ProgrammingError:
        return False


def _settings() -> Iterator[Finding]:
    from django.conf import settings

    yield not settings.DEBUG, "GANBO_DEBUG tắt", "GANBO_DEBUG is off"
    yield len(settings.SECRET_KEY) >= 32, "GANBO_SECRET_KEY đủ dài", "GANBO_SECRET_KEY is long enough"
    local = settings.PUBLIC_URL.startswith(("http://127.0.0.1", "http://localhost"))
    yield (
        local or settings.PUBLIC_URL.startswith("https://"),
        f"GANBO_PUBLIC_URL {settings.PUBLIC_URL} dùng HTTPS hoặc chỉ trên máy này",
        f"GANBO_PUBLIC_URL {settings.PUBLIC_URL} is HTTPS or this machine only",
    )
    yield _smtp(settings.EMAIL_HOST, settings.EMAIL_PORT)


def _smtp(host: str, port: int) -> Finding:
    import socket

    try:
        socket.create_connection((host, port), timeout=3).close()
        good = True
    except OSError:
        good = False
    return good, f"máy chủ thư {host}:{port} trả lời", f"the mail server {host}:{port} answers (GANBO_EMAIL_URL)"


def _machine() -> Iterator[Finding]:
    from django.conf import settings

    folder = settings.DATA_DIR if settings.DATA_DIR.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free
    yield free > _LEAST_FREE, f"còn {free >> 20} MiB đĩa", f"{free >> 20} MiB of disk are free"
