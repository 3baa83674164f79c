"""Households: who spends together; invited by the owner, joined by their own yes, left with one's own points."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, id_of, needs, write
from ganbo.doors.api.members import actor, member_of, programme_now
from ganbo.features.households import queries
from ganbo.features.households.queries import HouseholdRow, InvitationRow
from ganbo.foundation import clock
from ganbo.journeys import holdings, households

_STRICT = ConfigDict(strict=True, extra="forbid")
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Founded(BaseModel):
    """`owner`: an id of ganbo's."""

    model_config = _STRICT
    owner: Name


class Invited(BaseModel):
    """`member`: an id of ganbo's; `role`: what they will be."""

    model_config = _STRICT
    member: Name
    role: Literal["adult", "child"] = "adult"


class RoleWanted(BaseModel):
    """`owner` hands the household over; who owned it becomes an adult."""

    model_config = _STRICT
    role: Literal["owner", "adult", "child"]


class PersonShown(BaseModel):
    """`joined_at`: since when."""

    member_id: str
    role: str
    joined_at: str


class InvitationShown(BaseModel):
    """`expires_at`: the last second on which it can be accepted."""

    household_id: str
    member_id: str | None
    role: str
    invited_at: str
    expires_at: str


class PoolShown(BaseModel):
    """`available`: what all hold together; `own`: by member, what each would leave with."""

    available: int
    own: dict[str, int]


class HouseholdShown(BaseModel):
    """The owner stands first. `balances`: by wallet that is spent together."""

    id: str
    founded_at: str
    people: list[PersonShown]
    invited: list[InvitationShown]
    balances: dict[str, PoolShown]


class MembersHousehold(BaseModel):
    """Where a member belongs, and what they are asked to join."""

    household: HouseholdShown | None
    invited: list[InvitationShown]


_TAGS = ["households"]
_CHANGED = shapes.statuses(HouseholdShown, 200, 404, 409, 413, 415)


@api.post("/households", response=shapes.statuses(HouseholdShown, 201, 404, 409, 413, 415), tags=_TAGS)
@needs("members:write")
def found(request: HttpRequest, data: Founded) -> HttpResponse:
    """A household of one person, its owner."""

    def work() -> tuple[int, Any]:
        owner = member_of(data.owner).id
        return 201, shown(households.found(owner, by=actor(request), now=clock.now()))

    return write(request, work)


@api.get("/households/{household_id}", response=shapes.statuses(HouseholdShown, 404), tags=_TAGS)
@needs("members:read")
def read(request: HttpRequest, household_id: str) -> HttpResponse:
    """Its people, who is invited, and what they hold together."""
    return answer(shown(households.get(id_of(household_id), now=clock.now())))


@api.get("/members/{member_id}/household", response=shapes.statuses(MembersHousehold, 404), tags=_TAGS)
@needs("members:read")
def of_member(request: HttpRequest, member_id: str) -> HttpResponse:
    """The household a member is in, and the invitations they can accept."""
    member, now = member_of(member_id).id, clock.now()
    row = queries.of_member(member, at=now)
    invited = [_invitation(one) for one in queries.invitations(member, at=now)]
    return answer({"household": shown(row) if row else None, "invited": invited})


@api.post("/households/{household_id}/people", response=_CHANGED, tags=_TAGS)
@needs("members:write")
def invite(request: HttpRequest, household_id: str, data: Invited) -> HttpResponse:
    """Ask a member to join, in the owner's name; asked again, the invitation lasts longer."""

    def work() -> tuple[int, Any]:
        member, by, now = member_of(data.member), actor(request), clock.now()
        hint = (member.phone or "")[-3:]
        row = households.invite(id_of(household_id), member.id, by=by, now=now, role=data.role, hint=hint)
        return 200, shown(row)

    return write(request, work)


@api.post("/households/{household_id}/people/{member_id}/accept", response=_CHANGED, tags=_TAGS)
@needs("members:write")
def accept(request: HttpRequest, household_id: str, member_id: str) -> HttpResponse:
    """The invited member's yes."""

    def work() -> tuple[int, Any]:
        member = member_of(member_id).id
        return 200, shown(households.accept(id_of(household_id), member, by=actor(request), now=clock.now()))

    return write(request, work)


@api.post("/households/{household_id}/people/{member_id}/decline", response=_CHANGED, tags=_TAGS)
@needs("members:write")
def decline(request: HttpRequest, household_id: str, member_id: str) -> HttpResponse:
    """The invited member's no."""

    def work() -> tuple[int, Any]:
        id, now = id_of(household_id), clock.now()
        households.decline(id, member_of(member_id).id, by=actor(request), now=now)
        return 200, shown(households.get(id, now=now))

    return write(request, work)


@api.patch("/households/{household_id}/people/{member_id}", response=_CHANGED, tags=_TAGS)
@needs("members:write")
def change_role(request: HttpRequest, household_id: str, member_id: str, data: RoleWanted) -> HttpResponse:
    """Make a person adult or child, or hand the household over to them."""

    def work() -> tuple[int, Any]:
        member, id = member_of(member_id).id, id_of(household_id)
        row = households.change_role(id, member, role=data.role, by=actor(request), now=clock.now())
        return 200, shown(row)

    return write(request, work)


@api.delete(
    "/households/{household_id}/people/{member_id}",
    response=shapes.statuses(MembersHousehold, 200, 404, 409),
    tags=_TAGS,
)
@needs("members:write")
def leave(request: HttpRequest, household_id: str, member_id: str) -> HttpResponse:
    """A person leaves with their own points, or an invitation is withdrawn; the last one dissolves the household."""

    def work() -> tuple[int, Any]:
        households.leave(id_of(household_id), member_of(member_id).id, by=actor(request), now=clock.now())
        return 200, {"household": None, "invited": []}

    return write(request, work)


@api.delete("/households/{household_id}", response=shapes.statuses(MembersHousehold, 200, 404, 409), tags=_TAGS)
@needs("members:write")
def dissolve(request: HttpRequest, household_id: str) -> HttpResponse:
    """Everybody leaves with their own points."""

    def work() -> tuple[int, Any]:
        households.dissolve(id_of(household_id), by=actor(request), now=clock.now())
        return 200, {"household": None, "invited": []}

    return write(request, work)


def shown(row: HouseholdRow) -> dict[str, Any]:
    """A household as the API shows it."""
    accounts, members = programme_now().accounts, [person.member_id for person in row.people]
    own = {
        wallet: holdings.available(members, wallet, at=clock.now())
        for wallet in (sorted(accounts.wallets) if accounts else ())
    }
    return {
        "id": str(row.id),
        "founded_at": row.founded_at.isoformat(),
        "people": [
            {"member_id": str(one.member_id), "role": one.role, "joined_at": one.joined_at.isoformat()}
            for one in row.people
        ],
        "invited": [_invitation(one) for one in row.invited],
        "balances": {
            wallet: {"available": sum(each.values()), "own": {str(who): n for who, n in each.items()}}
            for wallet, each in own.items()
        },
    }


def _invitation(row: InvitationRow) -> dict[str, Any]:
    return {
        "household_id": str(row.household_id),
        "member_id": str(row.member_id) if row.member_id else None,
        "role": row.role,
        "invited_at": row.invited_at.isoformat(),
        "expires_at": (row.expires_at - timedelta(seconds=1)).isoformat(),
    }
