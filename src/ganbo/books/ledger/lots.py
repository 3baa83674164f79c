"""Lots: what a balance is made of. Pure: the plan is made here, posting.py writes it, the simulator replays it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from ganbo.kernel.swift import swift

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # the expiry instant of points that do not expire


@swift
@dataclass(frozen=True, slots=True)
class Lot:
    """Points of one account with one expiry instant and one month of earning; remaining ≥ 0."""

    id: UUID
    account: UUID
    expires_at: datetime
    earned_month: date
    remaining: int

    def with_remaining(self, remaining: int) -> "Lot":
        """The same lot with another remainder; `dataclasses.replace` costs several times as much."""
        return Lot(self.id, self.account, self.expires_at, self.earned_month, remaining)


@lru_cache(maxsize=16_384)  # as many as accounts are remembered
def lot_id(account: UUID, expires_at: datetime, earned_month: date) -> UUID:
    """The one lot of `account` with this expiry and month: derived, so merging needs no look-up."""
    name = b"%b|%d|%d" % (account.bytes, int(expires_at.timestamp()), earned_month.toordinal())
    return UUID(bytes=blake2b(name, digest_size=16).digest())


def burn(lots: Sequence[Lot], amount: int, *, at: datetime) -> tuple[list[tuple[Lot, int]], int]:
    """Which lots pay `amount` at `at`: first the one that expires first, then the oldest; stops when covered.

    Returns (lot, taken) pairs and what could not be covered (0 when all was).
    """
    taken: list[tuple[Lot, int]] = []
    missing, at = amount, at.astimezone(UTC)  # as ends are kept: instants of two zones are dear to compare
    for lot in sorted(lots, key=lambda lot: (lot.expires_at, lot.earned_month)):
        if missing == 0:
            break
        if lot.remaining == 0 or lot.expires_at <= at:
            continue
        part = min(lot.remaining, missing)
        taken.append((lot, part))
        missing -= part
    return taken, missing
