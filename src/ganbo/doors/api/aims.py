"""Milestones and challenges of a member."""

from django.http import HttpRequest, HttpResponse

from ganbo.doors.api import aim_shapes, shapes
from ganbo.doors.api.app import answer, api, locale_of, needs
from ganbo.doors.api.members import member_of, programme_now
from ganbo.features.programmes import aims_view
from ganbo.foundation import clock


@api.get("/members/{member_id}/aims", response=shapes.statuses(aim_shapes.Aims, 404), tags=["members"])
@needs("members:read")
def aims_of(request: HttpRequest, member_id: str) -> HttpResponse:
    """Milestones that were passed and the next one; challenges that are open or were fulfilled."""
    row, programme = member_of(member_id), programme_now()
    day = clock.now().astimezone(programme.timezone).date()
    items = [
        {
            "id": one.id,
            "kind": one.kind,
            "name": one.name,
            "have": one.have,
            "of": one.of,
            "done": one.done,
            "last_on": one.last_on.isoformat() if one.last_on else None,
            "gift": one.gift,
            "reward": one.reward,
        }
        for one in aims_view.of_member(row, programme, locale=locale_of(request), day=day)
    ]
    return answer({"items": items})
