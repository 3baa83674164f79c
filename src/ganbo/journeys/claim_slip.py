"""Forgotten points: the slip that is printed for a sale without a member, and the member who claims with it.

The slip's code is 60 bits of an HMAC over the sale's id with a check symbol, so it is printed again without being stored.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from ganbo.books.events import operations as events
from ganbo.books.events import queries as event_queries
from ganbo.books.events.queries import EventRow
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import codes
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import claim as claiming
from ganbo.journeys import gathering, guessing
from ganbo.journeys.claim import AlreadyClaimed, SaleReversed
from ganbo.journeys.reverse import EventUnknown, Reversed
from ganbo.kernel.refusal import Refusal

RULE = "claims:slip"  # of the counter; no id of the document has a colon


class NoClaims(Refusal):
    """The programme says nothing under `claims`."""

    code = "claims.none"


class SlipUnknown(Refusal):
    """No slip has this code."""

    code = "claims.unknown"


class ClaimOver(Refusal):
    """The last day to claim this sale is over."""

    code = "claims.over"


class TooManyClaims(Refusal):
    """The member has claimed as many sales today as the programme allows."""

    code = "claims.too_many"


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed: the code, and the last day on which it brings something."""

    event_id: str
    code: str
    last_day: date


def slip(event_id: str, *, at: datetime) -> Slip:
    """The slip of a sale without a member. Raises EventUnknown, NoClaims, AlreadyClaimed, SaleReversed, ClaimOver."""
    programme = programmes.in_force_at(context.current().schema, at).programme
    event = event_queries.get(event_id)
    if event is None or event.type != "purchase":
        raise EventUnknown(event_id=event_id)
    last_day = _check(event, programme, at=at)
    code = _code(event_id)
    with transaction.atomic():
        events.keep_slip(event_id, codes.hash_of(code), at=at)
    return Slip(event_id, code, last_day)


def claim(code: str, member_id: UUID, *, by: str, terminal: str = "", at: datetime) -> Reversed:
    """The sale of a slip becomes the member's, judged by the rules of its own day; told again, the first answer.

    Raises TooManyTries for who guesses, SlipUnknown, NoClaims, AlreadyClaimed, SaleReversed, ClaimOver, TooManyClaims.
    """
    with guessing.trying(f"claim:{member_id}", f"claim:{terminal or member_id}", at=at) as attempt:
        event_id = event_queries.of_slip(codes.hash_of(code)) if codes.normal(code) else None
        if event_id is None:
            attempt.in_vain = True
            raise SlipUnknown()
    programme = programmes.in_force_at(context.current().schema, at).programme
    with transaction.atomic():
        event = event_queries.locked(event_id)
        if event is None:
            raise SlipUnknown()
        if event.member_id != member_id:
            _check(event, programme, at=at)
            gathering.lock(Pipeline.inside_django(), context.current().schema, [member_id])
            _count(member_id, programme, at=at)
        return claiming.claim(event_id, ("id", str(member_id)), by=by, now=at)


def _check(event: EventRow, programme: Programme, *, at: datetime) -> date:
    """The last day to claim a sale. Raises NoClaims, AlreadyClaimed, SaleReversed, ClaimOver."""
    if programme.claims is None:
        raise NoClaims()
    if event.member_id is not None:
        raise AlreadyClaimed(event_id=event.event_id)
    if event.reversed_at is not None:
        raise SaleReversed(event_id=event.event_id)
    zone = programme.timezone
    last_day = programme.claims.last_day(event.occurred_at.astimezone(zone).date())
    if at.astimezone(zone).date() > last_day:
        raise ClaimOver(day=last_day.isoformat())
    return last_day


def _count(member_id: UUID, programme: Programme, *, at: datetime) -> None:
    """One more today, under the member's lock. Raises TooManyClaims."""
    assert programme.claims is not None
    day = f"day:{at.astimezone(programme.timezone).date().isoformat()}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO programmes_usage AS u (subject, rule, period, count, points, money) VALUES (%s, %s, %s, 1, 0, 0)"
            " ON CONFLICT (subject, rule, period) DO UPDATE SET count = u.count + 1 RETURNING count",
            [f"member:{member_id}", RULE, day],
        )
        (count,) = cursor.fetchone()
    if count > programme.claims.max_per_day:
        raise TooManyClaims(most=programme.claims.max_per_day)


def _code(event_id: str) -> str:
    schema = context.current().schema
    subject = UUID(bytes=sha256(f"{schema}|{event_id}".encode()).digest()[:16])
    return codes.code_of(subject, key=f"slip {settings.CODE_KEY}")
