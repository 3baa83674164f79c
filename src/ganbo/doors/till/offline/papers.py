"""What the server signs for a till and reads back: whose snapshot it is, and whom the till may give gifts on a day.

Signed with the server's key and bound to the business: a till can neither make nor change them, only bring them back.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from ganbo.foundation import chance
from ganbo.journeys.sync_offline import Till

LIVES = timedelta(hours=24)  # how long a till shows whom it knows; what it sold is told at any later time
_COOKIE = "till_device"
_YEARS = 2 * 366 * 86_400
_SHORT = 32  # characters of a lease's signature: 192 bits


def device(request: HttpRequest) -> UUID | None:
    """The till's browser by its signed cookie; None when it has no name yet."""
    try:
        return UUID(request.get_signed_cookie(_COOKIE, salt=_COOKIE))
    except (KeyError, ValueError, signing.BadSignature):
        return None


def name(request: HttpRequest, response: HttpResponse) -> None:
    """Name the browser for good, with the first page it shows: a snapshot is only for one that knows its name."""
    if device(request) is not None:
        return
    secure = settings.SESSION_COOKIE_SECURE
    response.set_signed_cookie(
        _COOKIE, str(chance.new_id()), salt=_COOKIE, max_age=_YEARS, httponly=True, samesite="Lax", secure=secure
    )


def write(till: Till, schema: str) -> str:
    """The paper that goes with everything this till tells."""
    told = {"d": str(till.device), "s": till.store, "a": till.staff, "t": till.taken_at.isoformat()}
    return signing.dumps(told, salt=_salt(schema))


def read(paper: str, schema: str) -> Till | None:
    """The till of a paper; None when we did not sign it for this business."""
    try:
        told = signing.loads(paper, salt=_salt(schema))
        return Till(UUID(told["d"]), told["s"], told["a"], datetime.fromisoformat(told["t"]))
    except (signing.BadSignature, KeyError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Lease:
    """A till's right to give a member gifts on a day."""

    device: UUID
    member: UUID
    day: date

    def signature(self, schema: str) -> str:
        """What proves that we granted it."""
        text = f"{self.device}|{self.member}|{self.day}"
        return signing.Signer(salt=f"{_salt(schema)}-lease").signature(text)[:_SHORT]

    def signed(self, signature: str, schema: str) -> bool:
        return compare_digest(signature.encode(), self.signature(schema).encode())


def _salt(schema: str) -> str:
    return f"till-offline-{schema}"
