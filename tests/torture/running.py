"""The real demo as its user runs it: a process tree of its own, on a free port, in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import orjson
import psutil

GANBO = Path(sys.executable).parent / "ganbo"


def environment() -> dict[str, str]:
    """What a newcomer's shell has: nothing of the tests, no UTF-8 locale."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GANBO_", "TEST_", "DJANGO_", "LC_"))}
    return kept | {"LANG": "C"}


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """`ganbo demo` on a data folder; may be started again after it was killed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ganbo-demo-", dir="/tmp"))
        self.folder.chmod(0o755)  # PostgreSQL runs as an unprivileged user and must get here
        self.data = self.folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._root: psutil.Popen | None = None

    def start(self, seconds: float = 150.0) -> None:
        """Start it and wait until it answers."""
        command = [str(GANBO), "demo", "--port", str(self.port), "--data", str(self.data)]
        with self._log.open("ab") as log:
            self._root = psutil.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                cwd=self.folder,
                start_new_session=True,
            )
        until = time.monotonic() + seconds
        while not (self.ready() and (self.data / "demo.json").exists()):
            if self._root.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"the demo did not start:\n{self.said()}")
            time.sleep(0.1)

    @property
    def notes(self) -> dict[str, Any]:
        """demo.json."""
        found: dict[str, Any] = orjson.loads((self.data / "demo.json").read_bytes())
        return found

    @property
    def _log(self) -> Path:
        return self.folder / "said"

    def said(self) -> str:
        """The end of what it printed."""
        return self._log.read_text(errors="replace")[-3000:]

    def ready(self) -> bool:
        """Whether /readyz says yes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def tree(self) -> list[psutil.Process]:
        """The root and all its descendants, PostgreSQL's among them."""
        if self._root is None or self._root.poll() is not None:
            return []
        root = psutil.Process(self._root.pid)
        return [root, *root.children(recursive=True)]

    def postgres(self) -> list[psutil.Process]:
        """The PostgreSQL processes of this demo."""
        return [p for p in self.tree() if _name(p) == "postgres"]

    def kill(self) -> None:
        """`kill -9` of everything, the root first."""
        everything = self.tree()
        _kill(everything)
        psutil.wait_procs(everything, timeout=20)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another ganbo command on the same folder."""
        command = [str(GANBO), *arguments, "--data", str(self.data)]
        return subprocess.run(
            command, env=environment(), cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )

    def stop(self) -> None:
        """End it politely, then whatever is left; remove the folder."""
        everything = self.tree()
        if self._root is not None and self._root.poll() is None:
            self._root.send_signal(signal.SIGTERM)
            psutil.wait_procs([self._root], timeout=40)
        _kill(everything)
        psutil.wait_procs(everything, timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()  # psutil looks at the start time first: never another process under the same number
        except psutil.NoSuchProcess:
            continue
