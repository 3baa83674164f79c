"""Khách: everybody who has a card, found by anything one remembers of them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from ganbo.doors.console import figures, showing
from ganbo.doors.console.showing import Showing
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import holdings
from ganbo.people.members import queries
from ganbo.people.members.queries import MemberRow

PAGE = 50  # a screen and a half; a balance is read for each
FOUND = 50


@staff_only()
def members(request: HttpRequest) -> HttpResponse:
    """Newest first, or those a search means."""
    shown = showing.begin(request)
    text = request.GET.get("q", "").strip()[:100]
    if text:
        found, older = queries.search(text, most=FOUND), None
    else:
        found = queries.page(after=_cursor(request), most=PAGE + 1)
        older = found[PAGE - 1].id if len(found) > PAGE else None
        found = found[:PAGE]
    return showing.page(
        request,
        "console/members.html",
        shown,
        section="members",
        q=text,
        rows=_rows(found, shown),
        older=older,
        later=bool(request.GET.get("after")),
        total=shown.number(queries.count()),
    )


def _cursor(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["after"])
    except (KeyError, ValueError):
        return None


def _rows(found: list[MemberRow], shown: Showing) -> list[dict[str, object]]:
    """Members as lines of the list, with what they can spend of the first wallet."""
    asset = shown.assets[0] if shown.assets else None
    held = holdings.available([m.id for m in found], asset, at=shown.now) if asset else {}
    return [
        {
            "id": member.id,
            "name": figures.called(member),
            "contact": contact(member, shown),
            "tier": tier_name(member, shown),
            "tier_id": member.tier,
            "balance": shown.points(held.get(member.id, 0), asset) if asset else "",
            "visits": shown.number(member.visits),
            "last": shown.day(member.last_purchase_at) if member.last_purchase_at else "",
        }
        for member in found
    ]


def tier_name(member: MemberRow, shown: Showing) -> str:
    if not member.tier:
        return ""
    level = shown.programme.by_level.get(member.tier) if shown.programme else None
    return (level.name.text(shown.locale) if level else "") or member.tier


def contact(member: MemberRow, shown: Showing) -> str:
    """Phone or e-mail; who need not call the member sees only its end."""
    value = member.phone or member.email or ""
    if shown.staff.role in showing.SEES_CONTACTS:
        return value
    return masked(value)


def masked(value: str) -> str:
    """••• 678 of a phone, l•••@example.com of an e-mail."""
    if "@" in value:
        name, _, host = value.partition("@")
        return f"{name[:1]}•••@{host}"
    return f"••• {value[-3:]}" if value else ""
