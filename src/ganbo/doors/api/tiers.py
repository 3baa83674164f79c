"""Levels: what they ask and bring, and where a member stands."""

from django.http import HttpRequest, HttpResponse

from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, locale_of, needs
from ganbo.doors.api.members import member_of, programme_now
from ganbo.features.programmes import tier_view
from ganbo.foundation import clock


@api.get("/tiers", response=shapes.statuses(shapes.Page), tags=["programme"])
@needs("programme:read")
def levels(request: HttpRequest) -> HttpResponse:
    """Every level, the lowest first: its thresholds and what it brings."""
    return answer({"items": tier_view.levels(programme_now(), locale_of(request)), "next": None})


@api.get("/members/{member_id}/tier", response=shapes.statuses(shapes.MemberTier, 404), tags=["members"])
@needs("members:read")
def tier(request: HttpRequest, member_id: str) -> HttpResponse:
    """The member's level, what is missing to the next, what keeps it, and what the next review would make of it."""
    row, programme = member_of(member_id), programme_now()
    who = tier_view.holder(programme, row.tier, row.state, row.created_at)
    seen = tier_view.of(programme, who, clock.now().astimezone(programme.timezone).date())
    locale = locale_of(request)
    return answer(tier_view.row(programme, seen, locale) if seen else tier_view.NO_LEVELS)
