"""Found a household, invite, join, leave, hand over, dissolve. Every change locks the household; demands a transaction.

Whoever changes where a member is holds the member's lock already: points of a household are spent under the locks of all
its people, so nobody comes or goes while they are.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from ganbo.features.households import models
from ganbo.foundation import chance
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal

OWNER = "owner"
MOST_INVITATIONS = (
    10  # of a household a day: an invitation says nothing of who is a member, and many say nothing either
)
_DAY = timedelta(days=1)


class HouseholdUnknown(Refusal):
    """There is no such household, or it was dissolved."""

    code = "households.unknown"


class PersonUnknown(Refusal):
    """Nobody of this household is, or is asked to be, this member."""

    code = "households.person_unknown"


class InOneAlready(Refusal):
    """The member is in a household; one leaves it before joining another."""

    code = "households.in_one_already"


class Full(Refusal):
    """The household has as many people as the programme allows."""

    code = "households.full"


class TooManyInvitations(Refusal):
    """The household has invited many people within a day."""

    code = "households.too_many_invitations"


class NotInvited(Refusal):
    """There is no invitation that can still be accepted."""

    code = "households.not_invited"


class OwnerStays(Refusal):
    """The owner hands the household over before leaving it."""

    code = "households.owner_stays"


@needs_transaction
def found(owner: UUID, *, at: datetime) -> UUID:
    """A new household of one. Raises InOneAlready."""
    _refuse_second(owner)
    household = models.Household.objects.create(id=chance.new_id(), founded_at=at)
    _join(household.id, owner, OWNER, at)
    return household.id


@needs_transaction
def invite(
    household_id: UUID, member: UUID | None, *, role: str, hint: str, most: int, at: datetime, expires_at: datetime
) -> UUID:
    """An invitation, or the open one there is, prolonged. Raises Full, InOneAlready for one of it, TooManyInvitations."""
    _locked(household_id)
    people = _people(household_id)
    if member in people:
        raise InOneAlready()
    if len(people) >= most:
        raise Full(most=most)
    mine = models.Invitation.objects.filter(household_id=household_id)
    if mine.filter(invited_at__gt=at - _DAY).count() >= MOST_INVITATIONS:
        raise TooManyInvitations(most=MOST_INVITATIONS)
    same = mine.filter(member_id=member) if member else mine.filter(member_id=None, hint=hint)
    open_one = same.filter(state="open").first()
    if open_one is not None:
        mine.filter(pk=open_one.id).update(role=role, expires_at=expires_at)
        return open_one.id
    made = models.Invitation.objects.create(
        id=chance.new_id(), household_id=household_id, member_id=member, role=role, hint=hint, invited_at=at,
        expires_at=expires_at,
    )  # fmt: skip
    return made.id


@needs_transaction
def accept(household_id: UUID, member: UUID, *, most: int, at: datetime) -> None:
    """The invited joins; again changes nothing. Raises NotInvited, InOneAlready, Full."""
    _locked(household_id)
    people = _people(household_id)
    if member in people:
        return
    asked = _open(household_id, member).filter(expires_at__gt=at).first()
    if asked is None:
        raise NotInvited()
    _refuse_second(member)
    if len(people) >= most:
        raise Full(most=most)
    _answer(household_id, member, "accepted", at)
    _join(household_id, member, asked.role, at)


@needs_transaction
def decline(household_id: UUID, member: UUID, *, at: datetime) -> None:
    """The invited says no; again changes nothing. Raises NotInvited."""
    _locked(household_id)
    if not _answer(household_id, member, "declined", at):
        declined = models.Invitation.objects.filter(household_id=household_id, member_id=member, state="declined")
        if not declined.exists():
            raise NotInvited()


@needs_transaction
def withdraw(invitation_id: UUID, *, household_id: UUID, at: datetime) -> None:
    """An invitation is taken back; again changes nothing. Raises PersonUnknown."""
    _locked(household_id)
    asked = models.Invitation.objects.filter(pk=invitation_id, household_id=household_id)
    if not asked.exists():
        raise PersonUnknown()
    asked.filter(state="open").update(state="withdrawn", answered_at=at)


@needs_transaction
def leave(household_id: UUID, member: UUID, *, at: datetime) -> None:
    """A person leaves or is removed, or an invitation is withdrawn; the last one dissolves it.

    Raises PersonUnknown, or OwnerStays while there are others.
    """
    _locked(household_id)
    people = _people(household_id)
    if member not in people:
        if not _answer(household_id, member, "withdrawn", at):
            raise PersonUnknown()
        return
    if people[member] == OWNER:
        if len(people) > 1:
            raise OwnerStays()
        _end(household_id, at)
        return
    _here(household_id).filter(member_id=member).update(left_at=at)


@needs_transaction
def change_role(household_id: UUID, member: UUID, *, role: str, at: datetime) -> None:
    """A person becomes adult or child; `owner` hands the household over, and who owned it is an adult.

    Raises PersonUnknown, or OwnerStays for an owner who would be none.
    """
    _locked(household_id)
    people = _people(household_id)
    if member not in people:
        raise PersonUnknown()
    if people[member] == role:
        return
    if people[member] == OWNER:
        raise OwnerStays()
    if role == OWNER:
        _here(household_id).filter(role=OWNER).update(role="adult")
    _here(household_id).filter(member_id=member).update(role=role)


@needs_transaction
def dissolve(household_id: UUID, *, at: datetime) -> None:
    """Everybody leaves. Raises HouseholdUnknown."""
    _locked(household_id)
    _end(household_id, at)


def _end(household_id: UUID, at: datetime) -> None:
    _here(household_id).update(left_at=at)
    models.Invitation.objects.filter(household_id=household_id, state="open").update(state="withdrawn", answered_at=at)
    models.Household.objects.filter(pk=household_id).update(dissolved_at=at)


def _locked(household_id: UUID) -> models.Household:
    row = models.Household.objects.select_for_update().filter(pk=household_id, dissolved_at=None).first()
    if row is None:
        raise HouseholdUnknown()
    return row


def _here(household_id: UUID) -> QuerySet[models.Person]:
    return models.Person.objects.filter(household_id=household_id, left_at=None)


def _people(household_id: UUID) -> dict[UUID | None, str]:
    return dict(_here(household_id).values_list("member_id", "role"))


def _open(household_id: UUID, member: UUID) -> QuerySet[models.Invitation]:
    return models.Invitation.objects.filter(household_id=household_id, member_id=member, state="open")


def _answer(household_id: UUID, member: UUID, state: str, at: datetime) -> bool:
    return bool(_open(household_id, member).update(state=state, answered_at=at))


def _join(household_id: UUID, member: UUID, role: str, at: datetime) -> None:
    models.Person.objects.create(
        id=chance.new_id(), household_id=household_id, member_id=member, role=role, joined_at=at
    )


def _refuse_second(member: UUID) -> None:
    """Under the member's lock. Raises InOneAlready."""
    if models.Person.objects.filter(member_id=member, left_at=None).exists():
        raise InOneAlready()
