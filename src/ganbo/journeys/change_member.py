"""Change who a member is, or their cards; each change is noted in the audit."""

from typing import Any
from uuid import UUID

from django.db import transaction

from ganbo.foundation import clock
from ganbo.foundation.audit import operations as audit
from ganbo.people.members import operations
from ganbo.people.members.operations import Person


def change(member_id: UUID, changes: dict[str, Any], *, by: str) -> None:
    """Raises Exists when another member has the new contact, NotReachable when none would be left."""
    with transaction.atomic():
        contacts = {key: changes[key] for key in ("phone", "email", "external_id") if changes.get(key)}
        operations.refuse_known(Person(**contacts), but=member_id)
        operations.refuse_unreachable(member_id, changes)
        names = sorted(changes)
        operations.change(member_id, dict(changes))
        audit.note(by, "member.changed", str(member_id), fields=names)


def add_card(member_id: UUID, number: str, *, by: str) -> None:
    """Raises Exists or TooManyCards."""
    with transaction.atomic():
        operations.add_card(member_id, number, at=clock.now())
        audit.note(by, "card.added", str(member_id))


def block_card(member_id: UUID, number: str, *, by: str) -> None:
    """Raises CardUnknown."""
    with transaction.atomic():
        operations.block_card(member_id, number, at=clock.now())
        audit.note(by, "card.blocked", str(member_id))
