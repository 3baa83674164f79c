"""Which business a key belongs to, remembered for a few seconds; a stale answer serves while one task refreshes it."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.db import close_old_connections

from ganbo.doors.api.hot import Caller
from ganbo.foundation import clock
from ganbo.foundation.staff import keys
from ganbo.foundation.tenancy import queries

logger = logging.getLogger(__name__)

FRESH_SECONDS = 2.0  # a revoked key still works this long, plus one refresh
STALE_SECONDS = 30.0  # without the database, known keys work this long
MOST_KEYS = 10_000


def caller_of(secret: str) -> Caller | None:
    """The key's caller, from the database. Blocks."""
    key = keys.find(secret)
    business = queries.by_id(key.business_id) if key else None
    return Caller(key, business) if key and business else None


def secret_of(header: str) -> str | None:
    """The key in an Authorization header."""
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == "bearer" and secret.startswith(("gb_live_", "gb_test_")) else None


@dataclass(slots=True)
class _Known:
    caller: Caller | None
    at: float
    refreshing: bool = False


class Callers:
    """Remembers callers for one event loop."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._thread = ThreadPoolExecutor(1, "callers")
        self._tasks: set[asyncio.Task[None]] = set()

    def remembered(self, secret: str) -> Caller | None:
        """Without waiting: the caller when it is known; refreshed in the background when it is not fresh."""
        known = self._known.get(secret)
        if known is None:
            return None
        age = clock.monotonic() - known.at
        if age > STALE_SECONDS:
            return None
        if age > FRESH_SECONDS and not known.refreshing:
            known.refreshing = True
            task = asyncio.get_running_loop().create_task(self._refresh(secret))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return known.caller

    async def find(self, secret: str) -> Caller | None:
        """The caller, from memory or the database."""
        return self.remembered(secret) or await self._read(secret)

    async def _read(self, secret: str) -> Caller | None:
        caller = await asyncio.get_running_loop().run_in_executor(self._thread, _look_up, secret)
        if caller is None:
            self._known.pop(secret, None)
            return None
        if len(self._known) >= MOST_KEYS:
            self._known.clear()
        self._known[secret] = _Known(caller, clock.monotonic())
        return caller

    async def _refresh(self, secret: str) -> None:
        try:
            await self._read(secret)
        except Exception as failure:  # the stale answer serves until STALE_SECONDS
            logger.warning("cannot refresh an API key: %s", failure)
            known = self._known.get(secret)
            if known is not None:
                known.refreshing = False


def _look_up(secret: str) -> Caller | None:
    close_old_connections()
    return caller_of(secret)
