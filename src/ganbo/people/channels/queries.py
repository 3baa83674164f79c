"""Which messages were sent to whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from ganbo.people.channels import models


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: UUID
    kind: str
    channel: str
    subject: str
    body: str
    state: str
    created_at: datetime
    sent_at: datetime | None


def of_member(member_id: UUID, *, most: int = 50) -> list[MessageRow]:
    """Messages to a member, newest first; the text of sign-in codes is never shown."""
    found = models.Message.objects.filter(member_id=member_id).order_by("-created_at")[:most]
    return [
        MessageRow(
            m.pk,
            m.kind,
            m.channel,
            m.subject,
            "" if m.kind == "sign_in_code" else m.body,
            m.state,
            m.created_at,
            m.sent_at,
        )
        for m in found
    ]


def due(at: datetime) -> bool:
    """True when something waits to be sent."""
    waiting = [models.State.QUEUED, models.State.SENDING]
    return models.Message.objects.filter(state__in=waiting, next_try_at__lte=at).exists()


def sent(since: datetime) -> dict[str, int]:
    """How many messages went out by each channel since then."""
    found = models.Message.objects.filter(state=models.State.SENT, sent_at__gte=since).values_list("channel")
    return dict(found.annotate(n=Count("pk")).order_by("channel"))
