"""The process tree of `serve` and `demo`: web processes, the bulk process and the worker, watched and restarted.

Every child dies with its parent (PR_SET_PDEATHSIG), so that killing the tree's root leaves nothing behind.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from ganbo.foundation import clock

_GRACE_SECONDS = 15.0
_QUICK_SECONDS = 3.0  # a child that dies sooner is started again after a pause
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass
class Child:
    """One kind of process to keep running."""

    name: str
    arguments: Sequence[str]
    nice: int = 0
    listens: socket.socket | None = None  # inherited; held here so that it stays open for every new start
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0


class Tree:
    """Children that are started together, kept alive, and stopped together."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def add(self, child: Child) -> None:
        """Start a child and keep it running."""
        self._children.append(child)
        _start(child)
        threading.Thread(target=self._keep, args=(child,), name=child.name, daemon=True).start()

    def pids(self, *names: str) -> list[int]:
        """Process ids of the children whose names begin so."""
        return [c.process.pid for c in self._children if c.process is not None and c.name.startswith(names)]

    def wait(self) -> None:
        """Until `stop` is called, from a signal handler or another thread."""
        self._stopping.wait()

    def stop(self) -> None:
        """Ask every child to finish; end those that do not."""
        self._stopping.set()
        for child in self._children:
            if child.process and child.process.poll() is None:
                child.process.terminate()
        until = clock.monotonic() + _GRACE_SECONDS
        for child in self._children:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(until - clock.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()

    def on_signals(self) -> None:
        """Stop on Ctrl-C and on a polite kill."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())

    def _keep(self, child: Child) -> None:
        while not self._stopping.is_set():
            assert child.process is not None
            child.process.wait()
            if self._stopping.is_set():
                return
            print(f"{child.name} ended with {child.process.returncode}; starting it again", file=sys.stderr, flush=True)
            if clock.monotonic() - child.started < _QUICK_SECONDS:
                self._stopping.wait(1.0)
            if not self._stopping.is_set():
                _start(child)


def _start(child: Child) -> None:
    nice = child.nice

    def dies_with_parent() -> None:
        if _prctl is not None:
            _prctl(1, signal.SIGKILL)
        if nice:
            os.nice(nice)

    child.started = clock.monotonic()
    child.process = subprocess.Popen(
        list(child.arguments),
        pass_fds=(child.listens.fileno(),) if child.listens else (),
        env={**os.environ, **child.environment},
        preexec_fn=dies_with_parent,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def listen(host: str, port: int) -> socket.socket:
    """The socket all web processes accept from. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(2048)
    sock.set_inheritable(True)
    return sock


def web(sock: socket.socket, number: int) -> Child:
    """One web process with its lane."""
    arguments = [sys.executable, "-m", "ganbo.doors.cli.web", "--fd", str(sock.fileno())]
    return Child(f"web {number}", arguments, listens=sock)


def bulk() -> Child:
    """The process that records batches, a little behind the others so that single calls stay fast."""
    return Child("bulk", [sys.executable, "-m", "ganbo.doors.cli.bulk"], nice=10)


def worker() -> Child:
    """The process that sends messages and does nightly work."""
    return Child("worker", [sys.executable, "-m", "ganbo.doors.cli.work"], nice=15)
