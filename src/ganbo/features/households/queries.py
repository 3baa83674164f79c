"""Households as they are: people, invitations, and where a member belongs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ganbo.features.households import models


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody of a household."""

    member_id: UUID
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An open invitation; `member_id` None: nobody has the contact that was typed."""

    id: UUID
    household_id: UUID
    member_id: UUID | None
    role: str
    hint: str
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """A household: its people, the owner first, then by when they joined; and who is asked to join."""

    id: UUID
    founded_at: datetime
    people: tuple[PersonRow, ...]
    invited: tuple[InvitationRow, ...]

    def role(self, member: UUID) -> str:
        """The member's role; empty when they are not of it."""
        return next((one.role for one in self.people if one.member_id == member), "")


def get(household_id: UUID, *, at: datetime) -> HouseholdRow | None:
    """One household; None when it was dissolved."""
    row = models.Household.objects.filter(pk=household_id, dissolved_at=None).first()
    if row is None:
        return None
    people = models.Person.objects.filter(household_id=household_id, left_at=None).order_by("joined_at", "id")
    asked = models.Invitation.objects.filter(household_id=household_id, state="open", expires_at__gt=at)
    found = sorted((PersonRow(p.member_id, p.role, p.joined_at) for p in people), key=lambda p: p.role != "owner")
    return HouseholdRow(row.id, row.founded_at, tuple(found), tuple(_invitations(asked.order_by("invited_at", "id"))))


def of_member(member_id: UUID, *, at: datetime) -> HouseholdRow | None:
    """The household a member is in."""
    here = models.Person.objects.filter(member_id=member_id, left_at=None).values_list("household_id", flat=True)
    household = here.first()
    return get(household, at=at) if household else None


def with_members(member_ids: Iterable[UUID]) -> set[UUID]:
    """These members and everybody who is in a household with one of them."""
    asked = set(member_ids)
    households = models.Person.objects.filter(member_id__in=asked, left_at=None).values("household_id")
    mates = models.Person.objects.filter(household_id__in=households, left_at=None)
    return asked | set(mates.values_list("member_id", flat=True))


def together(one: UUID, other: UUID) -> bool:
    """Whether two members are in one household."""
    return other in with_members([one])


def invitations(member_id: UUID, *, at: datetime) -> list[InvitationRow]:
    """What a member is asked to join and can still accept, the newest first."""
    asked = models.Invitation.objects.filter(member_id=member_id, state="open", expires_at__gt=at)
    return _invitations(asked.order_by("-invited_at", "-id")[:10])


def _invitations(found: Iterable[models.Invitation]) -> list[InvitationRow]:
    return [InvitationRow(i.id, i.household_id, i.member_id, i.role, i.hint, i.invited_at, i.expires_at) for i in found]
