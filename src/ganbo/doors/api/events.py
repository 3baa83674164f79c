"""Events: the hot calls through Django (the same bytes as the thin way), reading, why, undo, claim."""

from typing import Any, Literal
from urllib.parse import quote as quoted

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict

from ganbo.books.events import queries, reading
from ganbo.books.events.body import Code, EventBody, MemberRef
from ganbo.doors.api import bulk, hot, problems, quote_shapes, shapes
from ganbo.doors.api.app import answer, api, check_body, locale_of, needs, reply
from ganbo.doors.api.hot import Caller
from ganbo.doors.api.members import actor
from ganbo.engine.trace import Trace
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import refund_sentences, why
from ganbo.foundation import clock, strict_json
from ganbo.foundation.tenancy import context
from ganbo.journeys import claim as claiming
from ganbo.journeys import claim_slip, recording, sell
from ganbo.journeys import reverse as reversing
from ganbo.people.members import queries as members


def body_of(shape: Any) -> dict[str, Any]:
    """The OpenAPI of a body that is read by the hot calls themselves."""
    schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@api.post(
    "/events",
    response=shapes.statuses(shapes.Recorded, 200, 201, 409, 413, 415),
    tags=["events"],
    openapi_extra=body_of(EventBody),
)
@needs("events:write")
def record(request: HttpRequest) -> HttpResponse:
    """Record one event: 201, or 200 with the same body when told again."""
    check_body(request)
    caller: Caller = request.auth  # type: ignore[attr-defined]
    hot.check_idempotency_key(request.headers.get("Idempotency-Key"))
    outcome = sell.record(caller.business, strict_json.loads(request.body), now=clock.now())
    return reply(hot.word_event(outcome, locale_of(request)))


class QuoteBody(EventBody):
    """An event, and which vouchers to try: the best of all, or of the given codes only."""

    vouchers: Literal["best", "given"] = "best"


@api.post(
    "/quotes",
    response=shapes.statuses(quote_shapes.Quote, 200, 409, 413, 415),
    tags=["events"],
    openapi_extra=body_of(QuoteBody),
)
@needs("quotes:read")
def quote(request: HttpRequest) -> HttpResponse:
    """What the event would earn, which vouchers make it cheapest, and why; changes nothing."""
    check_body(request)
    caller: Caller = request.auth  # type: ignore[attr-defined]
    outcome = sell.quote(caller.business, strict_json.loads(request.body), now=clock.now())
    return reply(hot.word_quote(outcome, locale_of(request)))


@api.post("/events/batch", response=shapes.statuses(shapes.BatchAnswer, 200, 409, 413, 415), tags=["events"])
@needs("events:write")
def record_batch(request: HttpRequest) -> HttpResponse:
    """Record up to 10,000 events, as JSON or NDJSON; one bad event never harms its neighbours."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    if len(request.body) > bulk.MOST_BYTES:
        return reply(hot.refused("body.too_large", locale_of(request), most=bulk.MOST_BYTES))
    if request.content_type not in (bulk.JSON, bulk.NDJSON):
        return reply(hot.refused("body.media_type", locale_of(request), wanted=f"{bulk.JSON} / {bulk.NDJSON}"))
    return reply(
        bulk.here(caller.business, request.content_type, locale_of(request), request.body, vouched=hot.vouches(caller))
    )


@api.get("/events/{event_id}", response=shapes.statuses(shapes.Recorded, 404), tags=["events"])
@needs("events:write")
def read(request: HttpRequest, event_id: str) -> HttpResponse:
    """What was recorded, as it was answered; after a claim, the claim's answer."""
    found = queries.latest_decision(event_id)
    if found is None:
        raise reversing.EventUnknown(event_id=event_id)
    return HttpResponse(found.answer, content_type="application/json")


@api.get("/events/{event_id}/why", response=shapes.statuses(shapes.Why, 404), tags=["events"])
@needs("events:write")
def why_(request: HttpRequest, event_id: str, lang: str | None = None) -> HttpResponse:
    """The trace as sentences, with the rules that did not apply."""
    event, decision = queries.get(event_id), queries.latest_decision(event_id)
    if event is None or decision is None:
        raise reversing.EventUnknown(event_id=event_id)
    locale = problems.language(lang) if lang else locale_of(request)
    member = members.get(event.member_id) if event.member_id else None
    programme = programmes.in_force_at(context.current().schema, event.occurred_at).programme
    stored = orjson.loads(decision.trace)
    trace = Trace.from_json(stored.get("trace", {}))
    address = member.address_form if member else None
    because = why.because(trace, programme, locale=locale, address=address)
    if "refund" in stored:
        because = refund_sentences.because(stored["refund"], programme, locale=locale, address=address)
    return answer(
        {
            "event_id": event_id,
            "lang": locale,
            "because": because,
            "because_not": why.because_not(trace, programme, locale=locale, address=address),
        }
    )


@api.post(
    "/events/{event_id}/reverse", response=shapes.statuses(shapes.Reversed, 200, 404, 409, 413, 415), tags=["events"]
)
@needs("events:write")
def reverse(request: HttpRequest, event_id: str, payload: shapes.ReverseBody) -> HttpResponse:
    """Undo an event in full, once."""
    done = reversing.reverse_event(event_id, reason=payload.reason, by=actor(request), now=clock.now())
    headers = {"Idempotent-Replayed": "true"} if done.replayed else None
    return HttpResponse(done.answer, content_type="application/json", headers=headers)


class ClaimBody(BaseModel):
    """Who the sale belongs to."""

    model_config = ConfigDict(strict=True, extra="forbid")
    member: Code | MemberRef


@api.post(
    "/events/{event_id}/claim", response=shapes.statuses(shapes.Recorded, 200, 404, 409, 413, 415), tags=["events"]
)
@needs("events:write")
def claim(request: HttpRequest, event_id: str, payload: ClaimBody) -> HttpResponse:
    """Give a sale that was recorded without a member to one."""
    member = reading.member_of(payload.member, region=context.current().country)
    assert member is not None
    done = claiming.claim(event_id, member, by=actor(request), now=clock.now())
    headers = {"Idempotent-Replayed": "true"} if done.replayed else None
    return HttpResponse(done.answer, content_type="application/json", headers=headers)


class SlipShown(BaseModel):
    """`code` is typed or scanned in the wallet, `url` opens it there; `last_day` still counts."""

    event_id: str
    code: str
    url: str
    last_day: str


@api.post("/events/{event_id}/slip", response=shapes.statuses(SlipShown, 200, 404, 409), tags=["events"])
@needs("events:write")
def slip(request: HttpRequest, event_id: str) -> HttpResponse:
    """What to print for a customer who forgot their card; asked again, the same."""
    made = claim_slip.slip(event_id, at=clock.now())
    url = f"{settings.PUBLIC_URL}/b/{context.current().slug}/wallet/claim/{quoted(made.code)}/"
    return answer({"event_id": event_id, "code": made.code, "url": url, "last_day": made.last_day.isoformat()})


class SlipClaimed(BaseModel):
    """Whose sale it becomes, and the slip's code."""

    model_config = ConfigDict(strict=True, extra="forbid")
    member: Code | MemberRef
    code: Code


@api.post("/claims", response=shapes.statuses(shapes.Recorded, 200, 409, 413, 415), tags=["events"])
@needs("events:write")
def claim_by_slip(request: HttpRequest, payload: SlipClaimed) -> HttpResponse:
    """A member claims the sale of a slip, as in the wallet: once, in time, and so many a day."""
    ref = reading.member_of(payload.member, region=context.current().country)
    assert ref is not None
    found = members.by_key(*ref)
    if found is None:
        raise recording.MemberUnknown(by=ref[0])
    done = claim_slip.claim(payload.code, found.id, by=actor(request), terminal=actor(request), at=clock.now())
    headers = {"Idempotent-Replayed": "true"} if done.replayed else None
    return HttpResponse(done.answer, content_type="application/json", headers=headers)
