"""The only place that draws chance, always from the operating system's generator."""

import os
import random
import secrets
import time
from uuid import UUID

from ganbo.kernel import ids

_BITS = 74


def new_id() -> UUID:
    """A fresh UUIDv7: ordered by time, 74 random bits."""
    return ids.uuid7(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big") & ((1 << _BITS) - 1))


def token(bits: int = 160) -> str:
    """A URL-safe secret with at least `bits` random bits."""
    return secrets.token_urlsafe((bits + 7) // 8)


def digits(n: int) -> str:
    """n decimal digits, each equally likely."""
    return f"{secrets.randbelow(10**n):0{n}d}"


def seeded(seed: int) -> random.Random:
    """Repeatable chance for made-up histories; never for anything that must not be guessed."""
    return random.Random(seed)
