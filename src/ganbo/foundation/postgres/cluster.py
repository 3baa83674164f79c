"""One embedded cluster in a data folder: initdb, start, supervise, stop.

`postgres` is a direct child in its own process group and dies with us (PR_SET_PDEATHSIG). As root it runs as an
unprivileged user, since PostgreSQL refuses root; folders of others are never touched.
"""

import ctypes
import fcntl
import logging
import os
import pwd
import secrets
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg
from psycopg import sql

from ganbo.foundation import clock
from ganbo.foundation.postgres import binaries

logger = logging.getLogger(__name__)

OWNER, APP, DATABASE = "ganbo_owner", "ganbo_app", "ganbo"
_SUPERUSER = "postgres"
_READY_SECONDS = 60.0
_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "idle_in_transaction_session_timeout": "60s",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",
}


class CannotStart(RuntimeError):
    """The embedded PostgreSQL did not start; the sentence says why and what to do."""


class Cluster:
    """The embedded server of one data folder; `settings` of PostgreSQL are added to ganbo's own."""

    def __init__(self, data: Path, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self._settings = {**_SETTINGS, **settings}
        self.user = _unprivileged_user()
        self.data = _reachable(data.absolute(), self.user)
        self.folder = self.data / "postgres"
        self.sockets = _socket_folder(self.data)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock_file: int | None = None
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """The address of the database `ganbo` for its owner."""
        return f"postgresql://{OWNER}:{quote(self._password())}@/{DATABASE}?host={quote(str(self.sockets))}"

    def start(self) -> None:
        """Initialise when new, start, and keep it running until `stop`. Raises CannotStart."""
        self._claim()
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.user is not None:
            os.chown(self.sockets, self.user.pw_uid, self.user.pw_gid)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._end_leftover()
        self._launch()
        self._wait_ready()
        self._make_database()
        threading.Thread(target=self._supervise, name="postgres", daemon=True).start()

    def stop(self) -> None:
        """End every session and shut down in order."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _claim(self) -> None:
        """One ganbo per data folder."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._lock_file = os.open(self.data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as failure:
            raise CannotStart(
                f"Another ganbo is running in {self.data}: stop it, or choose another --data."
            ) from failure

    def _initialise(self) -> None:
        password_file = self.data / "postgres.password"
        if not password_file.exists():
            _write_private(password_file, secrets.token_urlsafe(24))
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._own(self.folder)
        shown = self.sockets / "password"
        _write_private(shown, self._password())
        self._own(shown)
        arguments = ["-D", self.folder, "-U", _SUPERUSER, f"--pwfile={shown}", "--auth=scram-sha-256"]
        arguments += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        done = subprocess.run(
            [binaries.program("initdb"), *map(str, arguments)],
            capture_output=True,
            preexec_fn=self._as_user(),
            check=False,
        )
        shown.unlink()
        if done.returncode:
            raise CannotStart("initdb failed: " + done.stderr.decode(errors="replace").strip())

    def _end_leftover(self) -> None:
        """A server that outlived its killed parent: ours by its data folder; end it in order, then start anew."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except (OSError, ValueError, IndexError):
            return
        if str(self.folder) not in command:
            return
        os.kill(pid, signal.SIGINT)
        until = clock.monotonic() + 30
        while Path(f"/proc/{pid}").exists() and clock.monotonic() < until:
            self._stopping.wait(0.05)

    def _launch(self) -> None:
        settings = {**self._settings, "unix_socket_directories": str(self.sockets), "unix_socket_permissions": "0700"}
        if self.user is not None:
            settings["unix_socket_permissions"] = "0777"  # the folder around it is private to root and that user
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = open(self.data / "postgres.log", "ab")  # noqa: SIM115  (lives as long as the server)
        self._process = subprocess.Popen(
            [binaries.program("postgres"), "-D", str(self.folder), *options],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            preexec_fn=self._as_user(dies_with_parent=True),
            start_new_session=True,
        )
        log.close()

    def _wait_ready(self) -> None:
        until = clock.monotonic() + _READY_SECONDS
        while True:
            try:
                self._connect("postgres").close()
                return
            except psycopg.OperationalError as failure:
                assert self._process is not None
                if self._process.poll() is not None or clock.monotonic() > until:
                    tail = (self.data / "postgres.log").read_bytes()[-2000:].decode(errors="replace")
                    raise CannotStart(f"PostgreSQL did not start ({failure}).\n{tail}") from failure
                self._stopping.wait(0.05)

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            for role, rights in ((APP, "NOLOGIN"), (OWNER, "LOGIN CREATEDB CREATEROLE")):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} " + rights).format(sql.Identifier(role)))
                    if role == OWNER:
                        connection.execute(
                            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                                sql.Identifier(role), sql.Literal(self._password())
                            )
                        )
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(APP), sql.Identifier(OWNER))
            )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            dbname=database,
            user=_SUPERUSER,
            password=self._password(),
            autocommit=True,
            connect_timeout=5,
        )

    def _supervise(self) -> None:
        """Start it again whenever it dies; crash recovery is PostgreSQL's own."""
        while not self._stopping.is_set():
            assert self._process is not None
            self._process.wait()
            if self._stopping.is_set():
                return
            logger.error("PostgreSQL ended with %s; starting it again", self._process.returncode)
            try:
                self._end_leftover()
                self._launch()
                self._wait_ready()
            except (CannotStart, OSError) as failure:
                logger.error("%s", failure)
                self._stopping.wait(1.0)

    def _password(self) -> str:
        return (self.data / "postgres.password").read_text().strip()

    def _own(self, path: Path) -> None:
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def _as_user(self, *, dies_with_parent: bool = False) -> "_BecomeUser":
        return _BecomeUser(self.user, dies_with_parent)


class _BecomeUser:
    """Runs in the child before exec: drops to the unprivileged user and asks to die with the parent."""

    def __init__(self, user: pwd.struct_passwd | None, dies_with_parent: bool) -> None:
        self._user, self._dies = user, dies_with_parent
        self._prctl = ctypes.CDLL(None, use_errno=True).prctl if os.uname().sysname == "Linux" else None

    def __call__(self) -> None:
        if self._user is not None:
            os.setgroups([])
            os.setgid(self._user.pw_gid)
            os.setuid(self._user.pw_uid)
            os.umask(0o077)
        if self._dies and self._prctl is not None:
            self._prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG, after setuid, which clears it


def _unprivileged_user() -> pwd.struct_passwd | None:
    """The user postgres runs as when we are root; None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart("PostgreSQL does not run as root and there is no user nobody: run ganbo as an ordinary user.")


def _reachable(data: Path, user: pwd.struct_passwd | None) -> Path:
    """The data folder, or as root one under /var/lib/ganbo when the unprivileged user cannot get into its parents."""
    if user is None or all(_may_enter(parent, user) for parent in data.parents if parent.exists()):
        return data
    name = f"{data.name}-{sha256(str(data).encode()).hexdigest()[:8]}"
    return Path("/var/lib/ganbo") / name


def _may_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    found = folder.stat()
    if found.st_uid == user.pw_uid:
        return bool(found.st_mode & 0o100)
    return bool(found.st_mode & (0o010 if found.st_gid == user.pw_gid else 0o001))


def _socket_folder(data: Path) -> Path:
    """A private folder for the socket; a short one elsewhere when the path would not fit a socket's 107 bytes."""
    wanted = data / "run"
    if len(str(wanted / ".s.PGSQL.5432")) < 100:
        return wanted
    return Path(tempfile.gettempdir()) / f"ganbo-{os.geteuid()}-{sha256(str(data).encode()).hexdigest()[:12]}"


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
