"""Households from the first invitation to the last goodbye. Each step is one transaction: the member's lock, then the household's.

Points move nowhere: lots stay with who earned them, so that leaving is leaving with them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ganbo.engine.accounts import Accounts
from ganbo.features.households import operations, queries
from ganbo.features.households.operations import HouseholdUnknown
from ganbo.features.households.queries import HouseholdRow
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import gathering
from ganbo.kernel.refusal import Refusal


class NotOffered(Refusal):
    """The programme knows no households."""

    code = "households.not_offered"


def accounts(now: datetime) -> Accounts:
    """What the programme in force says of households. Raises NotOffered."""
    found = programmes.in_force_at(context.current().schema, now).programme.accounts
    if found is None:
        raise NotOffered()
    return found


def found(owner: UUID, *, by: str, now: datetime) -> HouseholdRow:
    """A household of one, its owner. Raises NotOffered or InOneAlready."""
    accounts(now)
    with transaction.atomic():
        _lock([owner])
        id = operations.found(owner, at=now)
        audit.note(by, "household.founded", str(id))
        return _row(id, now)


def invite(
    household_id: UUID, member_id: UUID | None, *, by: str, now: datetime, role: str = "adult", hint: str = ""
) -> HouseholdRow:
    """Ask somebody to join, for some days. Raises NotOffered, HouseholdUnknown, Full, InOneAlready, TooManyInvitations."""
    allowed = accounts(now)
    with transaction.atomic():
        ends = now + timedelta(days=allowed.invite_days)
        most = allowed.people
        id = operations.invite(household_id, member_id, role=role, hint=hint, most=most, at=now, expires_at=ends)
        audit.note(by, "household.invited", str(household_id), invitation=str(id))
        return _row(household_id, now)


def accept(household_id: UUID, member_id: UUID, *, by: str, now: datetime) -> HouseholdRow:
    """Who is invited joins; again changes nothing. Raises NotOffered, HouseholdUnknown, NotInvited, InOneAlready, Full."""
    most = accounts(now).people
    with transaction.atomic():
        _lock([member_id])
        operations.accept(household_id, member_id, most=most, at=now)
        audit.note(by, "household.joined", str(household_id), member=str(member_id))
        return _row(household_id, now)


def decline(household_id: UUID, member_id: UUID, *, by: str, now: datetime) -> None:
    """Who is invited says no. Raises HouseholdUnknown or NotInvited."""
    with transaction.atomic():
        operations.decline(household_id, member_id, at=now)
        audit.note(by, "household.declined", str(household_id), member=str(member_id))


def withdraw(household_id: UUID, invitation_id: UUID, *, by: str, now: datetime) -> HouseholdRow:
    """An invitation is taken back. Raises HouseholdUnknown or PersonUnknown."""
    with transaction.atomic():
        operations.withdraw(invitation_id, household_id=household_id, at=now)
        audit.note(by, "household.invitation_withdrawn", str(household_id), invitation=str(invitation_id))
        return _row(household_id, now)


def leave(household_id: UUID, member_id: UUID, *, by: str, now: datetime) -> None:
    """A person leaves or is removed, with their own lots; or an invitation is withdrawn. The last one dissolves it.

    Raises HouseholdUnknown, PersonUnknown or OwnerStays.
    """
    with transaction.atomic():
        _lock([member_id])
        operations.leave(household_id, member_id, at=now)
        audit.note(by, "household.left", str(household_id), member=str(member_id))


def change_role(household_id: UUID, member_id: UUID, *, role: str, by: str, now: datetime) -> HouseholdRow:
    """A person becomes adult, child or, when the owner hands over, owner. Raises HouseholdUnknown, PersonUnknown, OwnerStays."""
    with transaction.atomic():
        _lock(_people(household_id, now))
        operations.change_role(household_id, member_id, role=role, at=now)
        audit.note(by, "household.role_changed", str(household_id), member=str(member_id), role=role)
        return _row(household_id, now)


def dissolve(household_id: UUID, *, by: str, now: datetime) -> None:
    """Everybody leaves with their own lots. Raises HouseholdUnknown."""
    with transaction.atomic():
        _lock(_people(household_id, now))
        operations.dissolve(household_id, at=now)
        audit.note(by, "household.dissolved", str(household_id))


def get(household_id: UUID, *, now: datetime) -> HouseholdRow:
    """One household. Raises HouseholdUnknown."""
    return _row(household_id, now)


def _people(household_id: UUID, now: datetime) -> list[UUID]:
    return [person.member_id for person in _row(household_id, now).people]


def _lock(members: Iterable[UUID]) -> None:
    """The members' standings, in order: nobody spends from them meanwhile."""
    gathering.lock(Pipeline.inside_django(), context.current().schema, members)


def _row(household_id: UUID, now: datetime) -> HouseholdRow:
    row = queries.get(household_id, at=now)
    if row is None:
        raise HouseholdUnknown()
    return row
