"""API keys: made once, shown once, stored as a hash; each belongs to one business and has scopes."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from ganbo.foundation import chance, clock
from ganbo.foundation.staff import models

SCOPES = (
    "events:write",
    "quotes:read",
    "members:read",
    "members:write",
    "redemptions:write",
    "spend:vouched",
    "programme:read",
    "programme:write",
    "kpis:read",
    "webhooks:write",
    "partners:write",
)
PARTNER = "partner:"  # with the partner's id: a partner's own key, for its bills, returns and statements alone
_PARTNERS = re.compile(r"partner:[a-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What is known of a key; never the key itself."""

    id: UUID
    business_id: int
    name: str
    prefix: str
    scopes: frozenset[str]
    test: bool
    created_at: datetime
    revoked_at: datetime | None


def digest(secret: str) -> bytes:
    """What is stored of a key; 192 random bits need no slow hash."""
    return sha256(secret.encode()).digest()


def create(business_id: int, *, name: str, scopes: list[str], test: bool = False) -> tuple[KeyRow, str]:
    """A new key and its secret, which is not kept. Raises ValueError for a scope that does not exist."""
    unknown = sorted(scope for scope in set(scopes) - set(SCOPES) if not _PARTNERS.fullmatch(scope))
    if unknown or not scopes:
        raise ValueError(f"unknown scope {', '.join(unknown)}; known are {', '.join(SCOPES)}")
    secret = ("gb_test_" if test else "gb_live_") + chance.token(192)
    key = models.ApiKey.objects.create(
        id=chance.new_id(),
        business_id=business_id,
        name=name,
        prefix=secret[:12],
        digest=digest(secret),
        scopes=sorted(set(scopes)),
        test=test,
        created_at=clock.now(),
    )
    return _row(key), secret


def find(secret: str) -> KeyRow | None:
    """The key with this secret, unless it was revoked."""
    found = models.ApiKey.objects.filter(digest=digest(secret), revoked_at=None).first()
    return _row(found) if found else None


def of_business(business_id: int) -> list[KeyRow]:
    """All keys of a business, newest first."""
    return [_row(key) for key in models.ApiKey.objects.filter(business_id=business_id).order_by("-created_at")[:200]]


def revoke(key_id: UUID, *, business_id: int) -> bool:
    """End a key; True when it was alive."""
    found = models.ApiKey.objects.filter(pk=key_id, business_id=business_id, revoked_at=None)
    return bool(found.update(revoked_at=clock.now()))


def _row(key: models.ApiKey) -> KeyRow:
    return KeyRow(
        id=key.pk,
        business_id=key.business_id,
        name=key.name,
        prefix=key.prefix,
        scopes=frozenset(key.scopes),
        test=key.test,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
    )
