"""`kill -9` under load: whatever was acknowledged is there after the next start, once, with the very same answer.

The client keeps a journal: an event is written down before it is sent, its answer after it came.
"""

import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from uuid import uuid4

import orjson
import pytest

from tests.torture.running import Demo

ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "1"))
CLIENTS, LOAD_SECONDS, RECOVERY_SECONDS = 8, 1.5, 10.0


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    found = Demo()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@dataclass
class Entry:
    """An event: its body, written before it is sent; the answer, when one came."""

    id: str
    body: bytes
    answer: bytes | None = None


@dataclass
class Load:
    """Threads that post events until told to stop; every event stands in the journal."""

    demo: Demo
    members: list[str]
    journal: list[Entry] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._post, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)
            assert not thread.is_alive()

    def answered(self) -> list[Entry]:
        return [e for e in self.journal if e.answer is not None]

    def _post(self) -> None:
        client = Client(self.demo)
        while not self._over.is_set():
            entry = an_event(random.choice(self.members))
            self.journal.append(entry)
            try:
                status, answer = client.post(entry.body)
            except (OSError, HTTPException):
                client.close()
                time.sleep(0.05)
                continue
            if status == 201:
                entry.answer = answer
            elif status == 503:
                time.sleep(0.05)
            else:
                self.wrong.append(f"{status} {answer!r}")
        client.close()


class Client:
    """One kept-alive connection."""

    def __init__(self, demo: Demo) -> None:
        self._connection = HTTPConnection("127.0.0.1", demo.port, timeout=15)
        self._headers = {"Authorization": f"Bearer {demo.notes['api_key']}", "Content-Type": "application/json"}

    def post(self, body: bytes, path: str = "/api/v1/events") -> tuple[int, bytes]:
        self._connection.request("POST", path, body, self._headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        self._connection.close()


def an_event(member: str) -> Entry:
    """A purchase with an id of its own."""
    event_id = f"torture:{uuid4()}"
    body = {
        "id": event_id,
        "type": "purchase",
        "occurred_at": datetime.now(UTC).isoformat(),
        "member": member,
        "store": "hoan-kiem",
        "data": {"amount": random.randrange(1_000, 500_000)},
    }
    return Entry(event_id, orjson.dumps(body))


@pytest.fixture(scope="module")
def members(demo: Demo) -> list[str]:
    client = Client(demo)
    found = []
    for _ in range(20):
        body = orjson.dumps({"phone": f"+8498{random.randrange(10**7):07}", "name": "Minh"})
        status, answer = client.post(body, "/api/v1/members")
        assert status in (200, 201), answer
        found.append(orjson.loads(answer)["id"])
    client.close()
    return found


def tell_again(demo: Demo, load: Load) -> None:
    """Every event without an answer, and a tenth of the others: nothing acknowledged is lost or told differently."""
    answered = load.answered()
    assert len(answered) > 20, f"no load worth the name: {len(answered)} of {len(load.journal)}; {load.wrong[:3]}"
    assert not load.wrong, load.wrong[:3]
    client = Client(demo)
    for entry in random.sample(answered, max(len(answered) // 10, 20)) + answered[-CLIENTS * 4 :]:
        assert client.post(entry.body) == (200, entry.answer), f"{entry.id} was acknowledged"
    for entry in [e for e in load.journal if e.answer is None]:
        status, answer = client.post(entry.body)
        assert status in (200, 201), answer
        assert client.post(entry.body) == (200, answer), f"{entry.id} is recorded once"
    client.close()


def under_load(demo: Demo, members: list[str]) -> Load:
    load = Load(demo, members)
    load.start()
    time.sleep(LOAD_SECONDS)
    return load


def verify(demo: Demo) -> None:
    done = demo.run("verify")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("number", range(ROUNDS))
def test_everything_killed(demo: Demo, members: list[str], number: int) -> None:
    load = under_load(demo, members)
    demo.kill()
    load.stop()
    demo.start()
    tell_again(demo, load)
    verify(demo)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_postgresql_killed(demo: Demo, members: list[str], number: int) -> None:
    load = under_load(demo, members)
    before, killed = demo.tree()[0], demo.postgres()
    assert killed, "the demo has a PostgreSQL of its own"
    for process in killed:
        if process.is_running():
            process.kill()
    at, seen = time.monotonic(), len(load.journal)
    while not any(e.answer for e in load.journal[seen + 3 * CLIENTS :]):
        assert time.monotonic() - at < RECOVERY_SECONDS, f"still not answering:\n{demo.said()}"
        time.sleep(0.05)
    load.stop()
    assert demo.tree()[0] == before, "the root lives on"
    tell_again(demo, load)
    verify(demo)
