"""The terms in plain words, and who said yes to them."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from ganbo.doors.api import shapes
from ganbo.doors.api.app import NotFound, answer, api, locale_of, needs, write
from ganbo.doors.api.members import member_of
from ganbo.features.programmes import change_words, queries
from ganbo.features.programmes.queries import AcceptanceRow
from ganbo.foundation import clock, i18n
from ganbo.foundation.tenancy import context
from ganbo.journeys import accept_terms


def lang_of(request: HttpRequest, asked: str | None) -> str:
    """The language asked for, else that of the caller."""
    return asked if asked in i18n.LOCALES else locale_of(request)


@api.get("/programme/terms", response=shapes.statuses(shapes.TermsView, 404, 409), tags=["programme"])
@needs("programme:read")
def terms(request: HttpRequest, lang: str | None = None, version: int | None = None) -> HttpResponse:
    """The terms in force, or of a version, with what they made worse for members; `digest` is the SHA-256 of `text`."""
    timeline = queries.timeline(context.current().schema)
    now = timeline.at(clock.now()).version if version is None else version
    this = next((one for one in timeline.versions if one.version == now), None)
    spoken = lang_of(request, lang)
    shown = queries.terms_of(now, lang=spoken)
    if shown is None or this is None:
        raise NotFound()
    before = timeline.before(this.in_force_from)
    worse = change_words.worse(before.programme, this.programme, locale=spoken) if before else []
    return answer(
        {
            "version": now,
            "in_force_from": this.in_force_from.isoformat(),
            "lang": shown.lang,
            "digest": shown.digest,
            "text": shown.text,
            "worse_for_members": worse,
        }
    )


def _acceptance(member_id: str, row: AcceptanceRow) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "version": row.version,
        "lang": row.lang,
        "digest": row.digest,
        "channel": row.channel,
        "accepted_at": row.at.isoformat(),
    }


@api.get("/members/{member_id}/terms", response=shapes.statuses(shapes.Page, 404), tags=["members"])
@needs("members:read")
def accepted(request: HttpRequest, member_id: str) -> HttpResponse:
    """The terms a member said yes to, newest version first."""
    row = member_of(member_id)
    items = [_acceptance(str(row.id), one) for one in queries.accepted(row.id)]
    return answer({"items": items, "next": None})


@api.post(
    "/members/{member_id}/terms",
    response=shapes.statuses(shapes.Acceptance, 201, 404, 409, 413, 415),
    tags=["members"],
)
@needs("members:write")
def accept(request: HttpRequest, member_id: str, payload: shapes.TermsYes) -> HttpResponse:
    """Keep a member's yes to the terms in force, or of a version; with `digest` only to exactly those words."""
    row = member_of(member_id)

    def work() -> tuple[int, Any]:
        done = accept_terms.accept(
            row.id,
            at=clock.now(),
            lang=payload.lang or row.locale or context.current().locale,
            channel=payload.channel,
            version=payload.version,
            digest=payload.digest,
        )
        return 201, _acceptance(str(row.id), done)

    return write(request, work)
