"""The programme: read, check, publish; stores."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from ganbo.books.events import queries as events
from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import problems, shapes, version_shapes
from ganbo.doors.api.app import NotFound, answer, api, locale_of, needs, write
from ganbo.doors.api.members import actor
from ganbo.doors.api.terms import lang_of
from ganbo.engine.loading import DocumentRefused
from ganbo.features.programmes import advice_words, change_words, document_words, queries
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import confirm_store, preview_moves, preview_programme, publish_programme, withdraw_version


@api.exception_handler(DocumentRefused)
def document_refused(request: HttpRequest, failure: DocumentRefused) -> HttpResponse:
    """A 422 that names line and column of every error."""
    locale = locale_of(request)
    errors = [
        {
            "field": error.path or "document",
            "code": error.code,
            "message": document_words.placed(error, locale=locale),
            "line": error.line,
            "column": error.column,
        }
        for error in failure.errors
    ]
    status, body = problems.problem("programme.refused", locale, None, errors)
    return HttpResponse(problems.body_bytes(body), status=status, content_type=problems.CONTENT_TYPE)


@api.exception_handler(publish_programme.ExamplesFail)
def examples_fail(request: HttpRequest, failure: publish_programme.ExamplesFail) -> HttpResponse:
    """A 422 that tells of every example what it expected and what came, and of a story after which step."""
    locale, code = locale_of(request), failure.code
    told = document_words.example_problems(failure.failures, failure.programme, code, locale=locale)
    errors = [{"field": one.pop("path"), **one} for one in told]
    status, body = problems.problem(code, locale, failure.params, errors)
    return HttpResponse(problems.body_bytes(body), status=status, content_type=problems.CONTENT_TYPE)


@api.get("/programme", response=shapes.statuses(shapes.ProgrammeView, 409), tags=["programme"])
@needs("programme:read")
def read(request: HttpRequest) -> HttpResponse:
    """The rules in force."""
    published = queries.in_force_at(context.current().schema, clock.now())
    return answer(
        {
            "version": published.version,
            "in_force_from": published.in_force_from.isoformat(),
            "document": published.programme.document,
            "source": published.programme.source,
        }
    )


@api.post("/programme/check", response=shapes.statuses(shapes.Checked, 200, 413, 415), tags=["programme"])
@needs("programme:read")
def check(request: HttpRequest, payload: shapes.Document) -> HttpResponse:
    """Whether a document could be published; changes nothing."""
    programme = publish_programme.check(payload.document)
    return answer(
        {
            "ok": True,
            "rules": len(programme.rules),
            "rewards": len(programme.rewards),
            "examples": len(programme.examples),
            "advice": [asdict(one) for one in advice_words.told(programme, locale=locale_of(request))],
            "assumptions": advice_words.assumptions(programme, locale=locale_of(request)),
        }
    )


@api.post("/programme/preview", response=shapes.statuses(shapes.Preview, 200, 409, 413, 415), tags=["programme"])
@needs("programme:read")
def preview(request: HttpRequest, payload: shapes.Document) -> HttpResponse:
    """Whose points would end earlier or later if a document's expiry applied to all points; changes nothing."""
    return answer(preview_programme.preview(payload.document, at=clock.now()))


@api.post("/programme/moves", response=shapes.statuses(shapes.Moves, 200, 409, 413, 415), tags=["programme"])
@needs("programme:read")
def moves(request: HttpRequest, payload: shapes.Document) -> HttpResponse:
    """Whose level a document would change: in the night after publishing, and at later reviews; changes nothing."""
    return answer(preview_moves.preview(payload.document, at=clock.now()))


@api.post("/programme/publish", response=shapes.statuses(shapes.Published, 201, 413, 415), tags=["programme"])
@needs("programme:write")
def publish(request: HttpRequest, payload: shapes.DocumentToPublish) -> HttpResponse:
    """Put a document in force from now on, or from a later instant; says what becomes worse for members."""
    since = _instant(payload.in_force_from)

    def work() -> tuple[int, Any]:
        done = publish_programme.publish(
            payload.document,
            by=actor(request),
            in_force_from=since,
            existing=payload.existing,
            expecting=payload.expecting,
            note=payload.note,
        )
        locale = locale_of(request)
        worse = change_words.worse(done.before, done.programme, locale=locale) if done.before else []
        return 201, {
            "version": done.version,
            "in_force_from": done.in_force_from.isoformat(),
            "worse_for_members": worse,
        }

    return write(request, work)


def _instant(text: str | None) -> datetime | None:
    """An instant with its offset. Raises FieldsRefused."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise FieldsRefused([FieldProblem("in_force_from", "not_rfc3339", {})])
    return found


@api.get("/programme/versions", response=shapes.statuses(shapes.Page), tags=["programme"])
@needs("programme:read")
def versions(request: HttpRequest) -> HttpResponse:
    """All versions, newest first: past, in force, scheduled, replaced by one of the same instant, withdrawn."""
    items = [
        {
            "version": one.row.version,
            "in_force_from": one.row.in_force_from.isoformat(),
            "published_at": one.row.published_at.isoformat(),
            "published_by": one.row.published_by,
            "note": one.row.note,
            "withdraws": one.row.withdraws,
            "state": one.state,
        }
        for one in queries.listed(context.current().schema, at=clock.now())
    ]
    return answer({"items": items, "next": None})


@api.post(
    "/programme/versions/{version}/withdraw",
    response=shapes.statuses(version_shapes.Withdrawn, 200, 409),
    tags=["programme"],
)
@needs("programme:write")
def withdraw(request: HttpRequest, version: int) -> HttpResponse:
    """Call off a version that has not begun; the one before it goes on. Twice is once."""

    def work() -> tuple[int, Any]:
        withdraw_version.withdraw(version, by=actor(request))
        return 200, {"version": version, "state": "withdrawn"}

    return write(request, work)


@api.get(
    "/programme/versions/{version}/changes",
    response=shapes.statuses(version_shapes.VersionChanges, 404),
    tags=["programme"],
)
@needs("programme:read")
def changes(request: HttpRequest, version: int, against: int | None = None, lang: str | None = None) -> HttpResponse:
    """What a version changed against another one (the one before it), in words, better or worse for members."""
    against = version - 1 if against is None else against
    old, new = (queries.programme_of(n) for n in (against, version))
    if old is None or new is None:
        raise NotFound()
    told = [asdict(one) for one in change_words.told(old, new, locale=lang_of(request, lang))]
    return answer({"version": version, "against": against, "changes": told})


@api.get("/stores", response=shapes.statuses(shapes.Page), tags=["stores"])
@needs("programme:read")
def stores(request: HttpRequest) -> HttpResponse:
    """All stores; those an event named before anybody confirmed them are unconfirmed."""
    items = [{"id": s.id, "name": s.name, "confirmed": s.confirmed} for s in events.stores()]
    return answer({"items": items, "next": None})


@api.post("/stores", response=shapes.statuses(shapes.Store, 201, 413, 415), tags=["stores"])
@needs("programme:write")
def add_store(request: HttpRequest, payload: shapes.StoreNew) -> HttpResponse:
    """Name and confirm a store."""

    def work() -> tuple[int, Any]:
        confirm_store.confirm(payload.id, name=payload.name, by=actor(request))
        return 201, {"id": payload.id, "name": payload.name, "confirmed": True}

    return write(request, work)
