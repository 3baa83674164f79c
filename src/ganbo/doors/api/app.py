"""The ninja API: keys, strict JSON, problems, idempotency. Operations live in one file per topic."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import callers, hot, problems
from ganbo.doors.api.hot import Caller, Reply
from ganbo.foundation import clock, strict_json
from ganbo.foundation.pipelines import ConnectionLost
from ganbo.foundation.tenancy import context
from ganbo.journeys import answer_once
from ganbo.kernel.refusal import Refusal


class NotFound(Refusal):
    """There is nothing with this id here."""

    code = "not_found"


class MissingScope(Refusal):
    """The key has not the scope this call needs."""

    code = "auth.scope"


class StrictParser(Parser):
    """Bodies by strict_json: no duplicate keys, exact numbers."""

    def parse_body(self, request: HttpRequest) -> Any:
        check_body(request)
        return strict_json.loads(request.body)


class TooLarge(Refusal):
    """The body is too large."""

    code = "body.too_large"


class WrongMedia(Refusal):
    """The body is not JSON by its Content-Type."""

    code = "body.media_type"


def check_body(request: HttpRequest, most: int = strict_json.MOST_BYTES) -> None:
    """Raises TooLarge or WrongMedia."""
    if int(request.headers.get("Content-Length") or 0) > most:
        raise TooLarge(most=most)
    if request.content_type != "application/json":
        raise WrongMedia(wanted="application/json")


class Key(HttpBearer):
    """Finds the caller of a key; the scope is checked by each operation's `@needs`."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        secret = callers.secret_of(f"Bearer {token}")
        return callers.caller_of(secret) if secret else None


class Described(NinjaAPI):
    """Errors are described as what they are: problem+json."""

    def get_openapi_schema(self, **options: Any) -> Any:
        described = super().get_openapi_schema(**options)
        for operations in described["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400:
                        response["content"] = {problems.CONTENT_TYPE: response["content"]["application/json"]}
        return described


api = Described(
    title="ganbo",
    version="1",
    description="Customer loyalty: record events, ask what they earn, redeem safely.",
    auth=Key(),
    parser=StrictParser(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
)

Operation = Callable[..., HttpResponse]


def needs(scope: str) -> Callable[[Operation], Operation]:
    """The operation runs in the key's business, and only when the key has `scope`."""

    def decorate(operation: Operation) -> Operation:
        @wraps(operation)
        def within(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            caller: Caller = request.auth  # type: ignore[attr-defined]
            if scope not in caller.key.scopes:
                raise MissingScope(scope=scope)
            with context.within(caller.business):
                return operation(request, *args, **kwargs)

        return within

    return decorate


def locale_of(request: HttpRequest) -> str:
    """The language of the caller."""
    return problems.language(request.headers.get("Accept-Language"))


def answer(body: Any, status: int = 200, **headers: str) -> HttpResponse:
    """A JSON answer."""
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json", headers=headers or None)


def reply(found: Reply) -> HttpResponse:
    """An answer of the hot calls through Django."""
    return HttpResponse(found.body, status=found.status, content_type=found.content_type, headers=dict(found.headers))


def write(request: HttpRequest, work: Callable[[], tuple[int, Any]]) -> HttpResponse:
    """Do a write once per Idempotency-Key, if the caller sent one."""
    key = request.headers.get("Idempotency-Key")
    hot.check_idempotency_key(key)
    caller: Caller = request.auth  # type: ignore[attr-defined]
    stored_key = f"{caller.key.id}|{request.method} {request.path}|{key}" if key else None
    body_hash = strict_json.digest(strict_json.loads(request.body)) if key and request.body else b""

    def worked() -> tuple[int, str]:
        status, body = work()
        return status, body if isinstance(body, str) else strict_json.dumps(body)

    done = answer_once.once(stored_key, body_hash, worked, at=clock.now())
    headers = {"Idempotent-Replayed": "true"} if done.replayed else {}
    return HttpResponse(done.answer, status=done.status, content_type="application/json", headers=headers)


def id_of(text: str) -> UUID:
    """An id in a path. Raises NotFound."""
    try:
        return UUID(text)
    except ValueError as failure:
        raise NotFound() from failure


def page_of(request: HttpRequest) -> tuple[int, str | None]:
    """`?limit=` (1 to 200, default 50) and `?cursor=`. Raises FieldsRefused."""
    written = request.GET.get("limit", "50")
    if not (written.isascii() and written.isdigit() and len(written) < 5 and 1 <= int(written) <= 200):
        raise FieldsRefused([FieldProblem("limit", "out_of_range", {})])
    return int(written), request.GET.get("cursor")


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return reply(hot.of_refusal(refusal, locale_of(request)))


@api.exception_handler(ValidationError)
def fields(request: HttpRequest, failure: ValidationError) -> HttpResponse:
    found = []
    for error in failure.errors[:20]:
        place = [str(part) for part in error["loc"] if part not in ("body", "payload", "query", "path")]
        context_ = {k: v for k, v in (error.get("ctx") or {}).items() if isinstance(v, str | int | float)}
        reason = str((error.get("ctx") or {}).get("error", ""))
        code = reason if error["type"] == "value_error" else error["type"]
        found.append(FieldProblem(".".join(place) or "body", code, context_))
    return reply(hot.of_refusal(FieldsRefused(found), locale_of(request)))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, failure: HttpError) -> HttpResponse:
    if isinstance(failure.__cause__, Refusal):
        return refused(request, failure.__cause__)
    codes = {401: "auth.no_key", 404: "not_found", 405: "method", 400: "fields.refused"}
    found = hot.refused(codes.get(failure.status_code, "busy"), locale_of(request))
    return reply(found)


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
@api.exception_handler(ConnectionLost)
def away(request: HttpRequest, failure: Exception) -> HttpResponse:
    return reply(hot.refused("busy", locale_of(request)))
