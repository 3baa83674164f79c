"""Perks: what a member's level brings, used and undone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, id_of, locale_of, needs, write
from ganbo.doors.api.members import actor, member_of, programme_now
from ganbo.foundation import clock
from ganbo.journeys import perks


class PerkShown(BaseModel):
    """`left` in this period, null without a limit; `counted`: it is used with a call, else it is only told."""

    id: str
    text: str
    counted: bool
    count: int | None
    per: str | None
    used: int
    left: int | None


class PerkUsed(BaseModel):
    """`left` in this period, afterwards."""

    id: str
    left: int | None


@api.get("/members/{member_id}/perks", response=shapes.statuses(shapes.Page, 200, 404), tags=["members"])
@needs("members:read")
def of_member(request: HttpRequest, member_id: str) -> HttpResponse:
    """The perks of the member's level, and how many of each are left now."""
    row, locale = member_of(member_id), locale_of(request)
    items = [
        {
            "id": one.perk.id,
            "text": one.perk.text.text(locale),
            "counted": one.perk.counted,
            "count": one.perk.count,
            "per": one.perk.per if one.perk.count is not None else None,
            "used": one.used,
            "left": one.left,
        }
        for one in perks.of_member(row.id, row.tier, programme_now(), at=clock.now())
    ]
    return answer({"items": items, "next": None})


@api.post("/members/{member_id}/perks/{perk}/use", response=shapes.statuses(PerkUsed, 201, 404, 409), tags=["members"])
@needs("redemptions:write")
def use(request: HttpRequest, member_id: str, perk: str) -> HttpResponse:
    """Use a perk once, never more often than promised for the period."""

    def work() -> tuple[int, Any]:
        used = perks.use(perk, member_id=member_of(member_id).id, by=actor(request), now=clock.now())
        return 201, {"id": str(used.id), "left": used.left}

    return write(request, work)


@api.post("/perks/uses/{use_id}/reverse", response=shapes.statuses(PerkUsed, 200, 404), tags=["members"])
@needs("redemptions:write")
def undo(request: HttpRequest, use_id: str) -> HttpResponse:
    """It was not used after all; once."""

    def work() -> tuple[int, Any]:
        used = perks.undo(id_of(use_id), by=actor(request), now=clock.now())
        return 200, {"id": str(used.id), "left": used.left}

    return write(request, work)
