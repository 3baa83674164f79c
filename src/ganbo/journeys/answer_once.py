"""Writes with an Idempotency-Key: the work and its stored answer are one transaction; asked again, the first answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from ganbo.foundation.idempotency import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys.recording import KeyReused
from ganbo.journeys.redeem_reward import InProgress


@dataclass(frozen=True, slots=True)
class Answered:
    """Status and JSON text, and whether it is a repetition."""

    status: int
    answer: str
    replayed: bool


def once(key: str | None, body_hash: bytes, work: Callable[[], tuple[int, str]], *, at: datetime) -> Answered:
    """Do `work` unless `key` was answered before. A Refusal undoes everything and does not burn the key.

    Raises KeyReused for another body, InProgress while the same key is still running elsewhere.
    """
    if key is None:
        status, answer = work()
        return Answered(status, answer, False)
    with transaction.atomic():
        with connection.cursor() as cursor:
            lock = f"{context.current().schema}|{key}"
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
            if not cursor.fetchone()[0]:
                raise InProgress()
        before = operations.find(key)
        if before is not None:
            if before.body_hash != body_hash:
                raise KeyReused(key=key)
            return Answered(before.status, before.answer, True)
        status, answer = work()
        operations.keep(key, body_hash=body_hash, status=status, answer=answer, at=at)
        return Answered(status, answer, False)


def forget_old(*, at: datetime) -> int:
    """Drop answers older than an Idempotency-Key is promised to last; how many went."""
    gone = 0
    while dropped := operations.forget(before=at - operations.KEPT):
        gone += dropped
    return gone
