"""Writes beside the hot path: decisions about earlier events, stores, facts for the outbox. Demand a transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ganbo.books.events import models
from ganbo.foundation import chance, strict_json
from ganbo.foundation.outbox.models import Fact
from ganbo.foundation.transactions import needs_transaction


@needs_transaction
def decide(subject: str, *, answer: str, trace: str, at: datetime, version: int | None = None) -> None:
    """Keep what was decided about a claim or a reversal."""
    models.Decision.objects.create(subject=subject, programme_version=version, answer=answer, trace=trace, at=at)


@needs_transaction
def note_reversal(event_id: str, *, reason: str, at: datetime) -> None:
    """Mark the event as reversed, with the reason people gave."""
    models.Event.objects.filter(pk=event_id).update(reversed_at=at, reason=reason[:200])


@needs_transaction
def give_member(event_id: str, member_id: UUID) -> None:
    """The sale now belongs to this member."""
    models.Event.objects.filter(pk=event_id).update(member_id=member_id)


@needs_transaction
def publish(topic: str, body: dict[str, Any], *, at: datetime) -> None:
    """A fact for the outbox, in the same transaction."""
    Fact.objects.create(id=chance.new_id(), topic=topic, body=strict_json.dumps(body), recorded_at=at)


@needs_transaction
def confirm_store(store_id: str, *, name: str, at: datetime) -> None:
    """A store we know: created or confirmed, with its name."""
    models.Store.objects.update_or_create(
        pk=store_id,
        defaults={"name": name, "confirmed": True},
        create_defaults={"name": name, "confirmed": True, "created_at": at},
    )


@needs_transaction
def keep_slip(event_id: str, code_hash: bytes, *, at: datetime) -> None:
    """The sale has a slip; printed again, it is the same."""
    models.Slip.objects.get_or_create(pk=event_id, defaults={"code_hash": code_hash, "printed_at": at})
