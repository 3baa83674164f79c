"""The only place that draws chance, always from the operating system's generator."""

import os
import random
import secrets
import threading
import time
from uuid import UUID

from ganbo.kernel import ids

_MASK = (1 << 74) - 1
_WIDTH = 10  # bytes for 74 bits
_AT_ONCE = 256  # ids' worth of chance drawn in one system call


class _Pool(threading.local):
    """Chance drawn ahead, one pool a thread; a forked child starts with none, so that no two ids share it."""

    def __init__(self) -> None:
        self.drawn, self.at = b"", 0


_pool = _Pool()


def _forget() -> None:
    _pool.drawn, _pool.at = b"", 0


os.register_at_fork(after_in_child=_forget)


def new_id() -> UUID:
    """A fresh UUIDv7: ordered by time, 74 random bits."""
    pool = _pool
    if pool.at == len(pool.drawn):
        pool.drawn, pool.at = os.urandom(_WIDTH * _AT_ONCE), 0
    part = pool.drawn[pool.at : pool.at + _WIDTH]
    pool.at += _WIDTH
    return ids.uuid7(time.time_ns() // 1_000_000, int.from_bytes(part, "big") & _MASK)


def token(bits: int = 160) -> str:
    """A URL-safe secret with at least `bits` random bits."""
    return secrets.token_urlsafe((bits + 7) // 8)


def digits(n: int) -> str:
    """n decimal digits, each equally likely."""
    return f"{secrets.randbelow(10**n):0{n}d}"


def seeded(seed: int) -> random.Random:
    """Repeatable chance for made-up histories; never for anything that must not be guessed."""
    return random.Random(seed)
