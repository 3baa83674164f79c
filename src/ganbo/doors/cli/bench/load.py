"""A small HTTP/1.1 load generator: N connections, each sends its next request when the last was answered.

Runs in a process of its own; requests are prepared before the clock starts.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from ganbo.foundation import clock


@dataclass
class Result:
    """What one run did: seconds, answers by status, and latencies in milliseconds."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def good(self) -> int:
        return sum(n for status, n in self.statuses.items() if status < 300)

    @property
    def errors(self) -> int:
        return sum(n for status, n in self.statuses.items() if status >= 300)

    @property
    def rate(self) -> float:
        return self.good / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The latency that `share` of the answers did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


class _Connection(asyncio.Protocol):
    """One keep-alive connection that works through requests from a shared iterator."""

    def __init__(self, following: Callable[[], bytes | None], result: Result, done: asyncio.Future[None]) -> None:
        self._following, self._result, self._done = following, result, done
        self._buffer = b""
        self._started = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        request = self._following()
        assert self._transport is not None
        if request is None:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._started = clock.monotonic()
        self._transport.write(request)

    def data_received(self, received: bytes) -> None:
        self._buffer = self._buffer + received if self._buffer else received
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        size = int(head[at + 15 : head.find(b"\r\n", at) if b"\r\n" in head[at:] else len(head)])
        if len(self._buffer) < end + 4 + size:
            return
        status = int(head[9:12])
        self._result.statuses[status] = self._result.statuses.get(status, 0) + 1
        self._result.latencies.append((clock.monotonic() - self._started) * 1000)
        self._buffer = b""
        self._send()

    def connection_lost(self, failure: Exception | None) -> None:
        if not self._done.done():
            self._result.statuses[599] = self._result.statuses.get(599, 0) + 1
            self._done.set_result(None)


def request_bytes(host: str, port: int, path: str, key: str, body: bytes) -> bytes:
    """One POST as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _run(host: str, port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Result:
    result = Result()
    loop = asyncio.get_running_loop()
    waiting = iter(requests)
    start = clock.monotonic()

    def following() -> bytes | None:
        return next(waiting, None) if clock.monotonic() - start < seconds else None

    futures = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        futures.append(done)
        await loop.create_connection(lambda done=done: _Connection(following, result, done), host, port)
    await asyncio.gather(*futures)
    result.seconds = clock.monotonic() - start
    return result


def run(host: str, port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Result:
    """Send `requests` over `connections` for at most `seconds`."""
    try:
        import uvloop  # the same loop as the server's

        return uvloop.run(_run(host, port, requests, connections, seconds))
    except ImportError:
        return asyncio.run(_run(host, port, requests, connections, seconds))
