"""Queue messages and note what became of them. Sending itself happens after commit, in senders.py."""

from datetime import datetime, timedelta
from uuid import UUID

from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.people.channels import models
from ganbo.people.channels.models import State

MOST_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=10)
_LEASE = timedelta(minutes=2)  # a sender that died is taken over after this


@needs_transaction
def queue(
    cause: str,
    *,
    member_id: UUID | None,
    kind: str,
    channel: str,
    recipient: str,
    subject: str,
    body: str,
    at: datetime,
) -> bool:
    """One message to send; False when this cause already has one."""
    _, created = models.Message.objects.get_or_create(
        cause=cause,
        defaults={
            "id": chance.new_id(),
            "member_id": member_id,
            "kind": kind,
            "channel": channel,
            "recipient": recipient,
            "subject": subject,
            "body": body,
            "next_try_at": at,
            "created_at": at,
        },
    )
    return created


@needs_transaction
def claim(channel: str, *, most: int, at: datetime) -> list[models.Message]:
    """Messages of a channel that are due, marked as being sent so that no other worker takes them."""
    due = list(
        models.Message.objects.select_for_update(skip_locked=True)
        .filter(channel=channel, state__in=[State.QUEUED, State.SENDING], next_try_at__lte=at)
        .order_by("next_try_at")[:most]
    )
    for message in due:
        message.state, message.attempts, message.next_try_at = State.SENDING, message.attempts + 1, at + _LEASE
        message.save(update_fields=["state", "attempts", "next_try_at"])
    return due


@needs_transaction
def sent(message_id: UUID, *, at: datetime) -> None:
    """It was handed over."""
    models.Message.objects.filter(pk=message_id).update(state=State.SENT, sent_at=at, failure="")


@needs_transaction
def failed(message_id: UUID, *, why: str, attempts: int, at: datetime) -> None:
    """It could not be handed over: again later, longer each time; after the last attempt it is given up."""
    state = State.FAILED if attempts >= MOST_ATTEMPTS else State.QUEUED
    pause = _FIRST_PAUSE * 4 ** min(attempts - 1, 6)
    models.Message.objects.filter(pk=message_id).update(state=state, next_try_at=at + pause, failure=why[:500])
