"""Find and keep first answers. Demands a running transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ganbo.foundation.idempotency import models
from ganbo.foundation.transactions import needs_transaction

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    body_hash: bytes
    status: int
    answer: str


@needs_transaction
def find(key: str) -> AnswerRow | None:
    """The answer given for a key."""
    found = models.Answer.objects.filter(pk=key).first()
    return AnswerRow(bytes(found.body_hash), found.status, found.answer) if found else None


@needs_transaction
def keep(key: str, *, body_hash: bytes, status: int, answer: str, at: datetime) -> None:
    """Remember the first answer."""
    models.Answer.objects.create(key=key, body_hash=body_hash, status=status, answer=answer, answered_at=at)


def forget(*, before: datetime, most: int = 10_000) -> int:
    """Drop up to `most` answers given before a moment; how many went."""
    old = models.Answer.objects.filter(answered_at__lt=before).values("pk")[:most]
    return models.Answer.objects.filter(pk__in=old).delete()[0]
