"""Make and end API keys of the current business; each leaves an audit line."""

from uuid import UUID

from django.db import transaction

from ganbo.foundation.audit import operations as audit
from ganbo.foundation.staff import keys
from ganbo.foundation.staff.keys import KeyRow
from ganbo.foundation.tenancy import context


def create(name: str, *, scopes: list[str], test: bool, by: str) -> tuple[KeyRow, str]:
    """A key and its secret, which nobody can read again. Raises ValueError for scopes that do not exist or none."""
    with transaction.atomic():
        row, secret = keys.create(context.current().id, name=name, scopes=scopes, test=test)
        audit.note(by, "key.created", f"key:{row.id}", scopes=sorted(row.scopes))
    return row, secret


def revoke(key_id: UUID, *, by: str) -> bool:
    """End a key of this business; True when it was alive."""
    with transaction.atomic():
        ended = keys.revoke(key_id, business_id=context.current().id)
        if ended:
            audit.note(by, "key.revoked", f"key:{key_id}")
    return ended
