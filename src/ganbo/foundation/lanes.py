"""Group commit: one thread, one connection; while its transaction commits, the next batch gathers.

At low load a batch is one request and waits for nothing; under load who was answered together mostly asks again at once, and
a moment's wait makes one batch of two. A batch holds one business and one kind of request.
Correctness comes from the database's locks, never from the lane: several processes each have their own.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ganbo.foundation.pipelines import ConnectionLost, Pipeline

logger = logging.getLogger(__name__)

Run = Callable[[Pipeline, Any, Sequence[Any]], Sequence[Any]]  # (connection, group, requests) → answers in order


COMPANY = 4  # answered together: from so many on the lane waits for them to ask again
MOMENT = 0.002  # seconds it waits at most


class LaneFull(Exception):
    """More requests wait than can be answered soon: say 503 and when to come back."""


@dataclass(slots=True)
class _Waiting:
    run: Run
    group: Any
    request: Any
    future: asyncio.Future[Any]


class Lane:
    """Requests in, answers out, committed together. `submit` is called on the event loop's thread."""

    def __init__(self, open_pipe: Callable[[], Pipeline], *, most: int, queue: int) -> None:
        self._open_pipe = open_pipe
        self._most = most
        self._queue = queue
        self._waiting: deque[_Waiting] = deque()
        self._wake = threading.Event()
        self._enough = 1  # so many waiting wake the lane
        self._stopping = False
        self._pipe: Pipeline | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to work; answers are delivered on `loop`."""
        self._loop = loop
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=10)

    def submit(self, run: Run, group: Any, request: Any) -> asyncio.Future[Any]:
        """A future with the answer to `request`. Raises LaneFull."""
        if len(self._waiting) >= self._queue or self._loop is None or self._stopping:
            raise LaneFull
        future = self._loop.create_future()
        self._waiting.append(_Waiting(run, group, request, future))
        if len(self._waiting) >= self._enough:
            self._wake.set()
        return future

    def _work(self) -> None:
        while True:
            batch = self._next_batch()
            if batch:
                self._answer(batch)
                self._gather(len(batch))
            elif self._stopping:
                if self._pipe is not None:
                    self._pipe.close()
                return
            else:
                self._wake.wait()

    def _gather(self, answered: int) -> None:
        """Wait a moment for those who were just answered, if they were many; meanwhile the loop reads and writes."""
        if answered < COMPANY or self._stopping:
            return
        self._enough = min(len(self._waiting) + answered, self._most)
        self._wake.clear()
        if len(self._waiting) < self._enough:
            self._wake.wait(MOMENT)
        self._enough = 1

    def _next_batch(self) -> list[_Waiting]:
        """What waits, up to the most, of the business and kind that waited longest; the rest keeps its order."""
        self._wake.clear()
        waiting, batch, others = self._waiting, [], []
        first: _Waiting | None = None
        for _ in range(len(waiting)):
            one = waiting.popleft()
            if one.future.cancelled():
                continue
            if first is None:
                first = one
            if one.run is first.run and one.group == first.group:
                batch.append(one)
                if len(batch) >= self._most:
                    break
            else:
                others.append(one)
        waiting.extendleft(reversed(others))
        return batch

    def _answer(self, batch: list[_Waiting]) -> None:
        answers: Sequence[Any]
        try:
            answers = batch[0].run(self._connection(), batch[0].group, [one.request for one in batch])
        except ConnectionLost as failure:
            self._pipe = None
            answers = [failure] * len(batch)
        except Exception as failure:  # a bug must not end the lane: each caller gets it
            logger.exception("a batch of %d failed", len(batch))
            answers = [failure] * len(batch)
        assert self._loop is not None
        self._loop.call_soon_threadsafe(_deliver, batch, answers)

    def _connection(self) -> Pipeline:
        if self._pipe is None or not self._pipe.idle:
            if self._pipe is not None:
                self._pipe.close()
            self._pipe = self._open_pipe()
        return self._pipe


def _deliver(batch: list[_Waiting], answers: Sequence[Any]) -> None:
    for one, answer in zip(batch, answers, strict=True):
        if one.future.done():
            continue
        if isinstance(answer, Exception):
            one.future.set_exception(answer)
        else:
            one.future.set_result(answer)
