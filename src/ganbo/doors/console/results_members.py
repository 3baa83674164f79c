"""The members behind a number of Kết quả: each with their part, counting to it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ganbo.doors.console import results, showing
from ganbo.doors.console.showing import Showing
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.kpis import counting, served
from ganbo.insights.kpis.counting import Behind
from ganbo.insights.kpis.definitions import KPIS, MONEY, Kpi
from ganbo.insights.kpis.words import WORDS
from ganbo.insights.warehouse import reading
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

PAGE = 50
_NOBODY = "nobody"


@staff_only(*results.SEES)
def behind(request: HttpRequest, name: str, month: str) -> HttpResponse:
    """A page of them; `by` and `key` as the number was told."""
    shown, slug = showing.begin(request), request.business.slug  # type: ignore[attr-defined]
    kpi, by, key = KPIS.get(name), request.GET.get("by", "month"), request.GET.get("key", "")[:128]
    at, known = _number(month), reading.opened(settings.WAREHOUSE, slug)
    if kpi is None or at is None or by not in kpi.by or known is None or shown.programme is None:
        raise Http404
    told = served.rows(settings.WAREHOUSE, slug, kpi, first=at, last=at, by=by)
    row = next((one for one in told if one.key == key), None)
    if row is None:
        raise Http404
    after = request.GET.get("after")
    found = served.behind(
        settings.WAREHOUSE, slug, kpi, month=at, by=by, key=key, most=PAGE + 1, after="" if after == _NOBODY else after
    )
    words = WORDS[kpi.name]
    above, below = results.parts(kpi, row, shown)
    return showing.page(
        request,
        "console/results_members.html",
        shown,
        section="results",
        title=words.name.text(shown.locale),
        says=words.says.text(shown.locale),
        month=f"{month[5:]}/{month[:4]}",
        group=results.key_name(key, by, kpi, shown),
        value=results.said(kpi, row.value, shown),
        numerator=(above, words.numerator.text(shown.locale)),
        denominator=(below, words.denominator.text(shown.locale)) if below else None,
        rows=_rows(kpi, found[:PAGE], shown),
        more=(found[PAGE - 1].member_id or _NOBODY) if len(found) > PAGE else None,
        by=by,
        key=key,
        later=after is not None,
    )


def _number(month: str) -> int | None:
    year, _dash, part = month.partition("-")
    good = len(month) == 7 and year.isdecimal() and part.isdecimal() and month.isascii() and 1 <= int(part) <= 12
    return int(year) * 12 + int(part) - 1 if good else None


def _rows(kpi: Kpi, found: list[Behind], shown: Showing) -> list[dict[str, Any]]:
    known = members.by_ids([UUID(one.member_id) for one in found if one.member_id])
    return [_row(kpi, one, known, shown) for one in found]


def _row(kpi: Kpi, one: Behind, known: dict[UUID, MemberRow], shown: Showing) -> dict[str, Any]:
    """Who was erased meanwhile still counts, without a name."""
    member = known.get(UUID(one.member_id)) if one.member_id else None
    row = counting.Row("", "", one.numerator, one.denominator, None, False)
    above, below = results.parts(kpi, row, shown)
    nobody = _("planned in the budget") if kpi.unit == MONEY and kpi.name.endswith("_cost") else _("without a member")
    return {
        "id": member.id if member else None,
        "name": (member.name or member.phone or member.email)
        if member
        else nobody
        if not one.member_id
        else _("erased"),
        "above": above,
        "below": below,
    }
