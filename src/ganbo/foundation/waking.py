"""Wake the worker for a business that has news: at most one queued job each, and never inside the hot transaction.

A thread of its own writes the wake-ups, half a second apart; a lost one is made good by the worker's minute sweep.
"""

import logging
import threading
from collections.abc import Callable

from ganbo.foundation.pipelines import ConnectionLost, Pipeline, StatementFailed

logger = logging.getLogger(__name__)
_PAUSE = 0.5
_SQL = (
    "INSERT INTO public.procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)"
    " VALUES ('outbox', 'tell', 0, 'tell:' || $1, jsonb_build_object('business_id', $1::bigint))"
    " ON CONFLICT DO NOTHING"
)


class Waker:
    """Remembers which businesses have news and queues one job for each."""

    def __init__(self, open_pipe: Callable[[], Pipeline]) -> None:
        self._open = open_pipe
        self._pipe: Pipeline | None = None
        self._news: set[int] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="waker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout=5)

    def news(self, business_id: int) -> None:
        """There is something in this business's outbox. Never blocks on the database."""
        if business_id not in self._news:
            with self._lock:
                self._news.add(business_id)
            self._wake.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                waiting, self._news = self._news, set()
            try:
                self._queue(waiting)
            except (ConnectionLost, StatementFailed) as failure:
                logger.warning("could not wake the worker: %s", failure)
                self._pipe = None
            self._stopping.wait(_PAUSE)

    def _queue(self, businesses: set[int]) -> None:
        if self._pipe is None:
            self._pipe = self._open()
        for business in sorted(businesses):
            self._pipe.query(_SQL, str(business))
