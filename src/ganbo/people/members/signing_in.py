"""One-time codes and sessions of members. Only keyed hashes are kept; each operation demands a transaction."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection

from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import models

VALID = timedelta(minutes=10)
MOST_TRIES = 5
CODES_PER_CONTACT, CONTACT_WINDOW = 3, timedelta(minutes=15)
CODES_PER_NETWORK, NETWORK_WINDOW = 10, timedelta(hours=1)
SESSION = timedelta(days=30)


class TooManyCodes(Refusal):
    """Several codes were sent already; use the last one or wait a quarter of an hour."""

    code = "members.too_many_codes"


class WrongCode(Refusal):
    """The code is wrong, used or over; ask for a new one after five tries."""

    code = "members.wrong_code"


@dataclass(frozen=True, slots=True)
class Sent:
    """A code that was made: its id for the browser, the digits for the message."""

    id: UUID
    digits: str


@dataclass(frozen=True, slots=True)
class Proven:
    """The contact that was proved, and whose it is; None when nobody here has it yet."""

    contact: str
    member_id: UUID | None


@needs_transaction
def new_code(contact: str, member_id: UUID | None, *, network: str, key: str, at: datetime, ease: int = 1) -> Sent:
    """A six-digit code for a contact. Raises TooManyCodes; `ease` multiplies the limits (the demo's)."""
    _one_at_a_time(contact, network)
    recent = models.SignInCode.objects.filter(contact=contact, created_at__gt=at - CONTACT_WINDOW).count()
    nearby = models.SignInCode.objects.filter(network=network, created_at__gt=at - NETWORK_WINDOW).count()
    if recent >= CODES_PER_CONTACT * ease or (network and nearby >= CODES_PER_NETWORK * ease):
        raise TooManyCodes()
    code_id, digits = chance.new_id(), chance.digits(6)
    models.SignInCode.objects.create(
        id=code_id,
        contact=contact,
        member_id=member_id,
        digest=_digest(code_id, digits, key),
        network=network,
        created_at=at,
        expires_at=at + VALID,
    )
    return Sent(code_id, digits)


@needs_transaction
def prove(code_id: UUID, digits: str, *, key: str, at: datetime) -> Proven | None:
    """Whose contact the code proves, once; None when it is wrong, used, over, or tried too often."""
    found = models.SignInCode.objects.select_for_update().filter(pk=code_id).first()
    if found is None or found.used_at is not None or found.expires_at <= at or found.tries >= MOST_TRIES:
        return None
    found.tries += 1
    good = hmac.compare_digest(bytes(found.digest), _digest(code_id, digits, key))
    if good:
        found.used_at = at
    found.save(update_fields=["tries", "used_at"])
    return Proven(found.contact, found.member_id) if good else None


@needs_transaction
def open_session(member_id: UUID, *, at: datetime) -> str:
    """A new session; returns its token, which is not kept."""
    token = chance.token(192)
    models.Session.objects.create(
        digest=sha256(token.encode()).digest(), member_id=member_id, created_at=at, expires_at=at + SESSION
    )
    return token


@needs_transaction
def close_session(token: str) -> None:
    """End a session."""
    models.Session.objects.filter(pk=sha256(token.encode()).digest()).delete()


def member_of(token: str, *, at: datetime) -> UUID | None:
    """Whose session it is, while it lasts."""
    found = models.Session.objects.filter(pk=sha256(token.encode()).digest(), expires_at__gt=at)
    return found.values_list("member_id", flat=True).first()


def _one_at_a_time(contact: str, network: str) -> None:
    """Wishes for one contact or from one network wait for each other, so that none slips past a limit."""
    with connection.cursor() as cursor:
        for kind, value in (("contact", contact), ("network", network)):  # always in this order: no deadlock
            if value:
                lock = f"{connection.schema_name}|sign-in {kind}|{value}"
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])


def _digest(code_id: UUID, digits: str, key: str) -> bytes:
    return hmac.new(key.encode(), code_id.bytes + digits.encode(), sha256).digest()
