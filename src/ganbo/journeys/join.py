"""A new member: identity, standing, perhaps a card, and the event `signup:<member id>`, all or nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction

from ganbo.books.events.reading import EventRequest
from ganbo.foundation import chance, strict_json
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import accept_terms, record_events
from ganbo.journeys.accept_terms import Words
from ganbo.journeys.record_events import Asked
from ganbo.people.members import operations
from ganbo.people.members.operations import Person


@dataclass(frozen=True, slots=True)
class Joined:
    """The new member and what the signup earned (the contract's Recorded)."""

    member_id: UUID
    recorded: dict[str, Any]


def join(
    person: Person,
    *,
    at: datetime,
    channel: str | None = None,
    store: str | None = None,
    tier: str | None = None,
    agreed: Words | None = None,
) -> Joined:
    """Enrol a person, with their yes to the terms they were shown, if any were.

    Raises members.Exists (with who has the contact), NotReachable, NoProgramme, UnknownVersion, OtherWords.
    """
    member_id = chance.new_id()
    try:
        with transaction.atomic():
            operations.enrol(person, member_id=member_id, at=at, tier=tier)
            recorded = signup(Pipeline.inside_django(), member_id, at=at, channel=channel, store=store)
            if agreed is not None:
                accept_terms.accept_inside(
                    member_id,
                    at=at,
                    lang=agreed.lang,
                    channel=channel or "",
                    version=agreed.version,
                    digest=agreed.digest,
                )
    except IntegrityError:
        operations.refuse_known(person)  # somebody was faster with the same contact
        raise
    return Joined(member_id, recorded)


def signup(pipe: Pipeline, member_id: UUID, *, at: datetime, channel: str | None, store: str | None) -> dict[str, Any]:
    """Record the signup inside the running transaction."""
    request = signup_request(member_id, at=at, channel=channel, store=store)
    outcome = record_events.record_inside(pipe, Asked(context.current(), at), [request])[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    recorded: dict[str, Any] = orjson.loads(outcome.answer or "{}")
    return recorded


def signup_request(member_id: UUID, *, at: datetime, channel: str | None, store: str | None) -> EventRequest:
    """The event every enrolment records."""
    body = {"id": f"signup:{member_id}", "type": "signup", "member": str(member_id)}
    return EventRequest(
        id=f"signup:{member_id}",
        type="signup",
        occurred_at=at,
        member=("id", str(member_id)),
        store=store,
        channel=channel,
        staff=None,
        data={},
        body_hash=strict_json.digest(body),
        order_key=None,
    )
