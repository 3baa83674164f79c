"""The hot calls, the same for both transports: read the request, name the work, word the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ganbo.books.events import reading
from ganbo.books.events.body import Code, MemberRef, ProofRef
from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.doors.api import problems
from ganbo.foundation import clock, strict_json
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.staff.keys import KeyRow
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import quote, record_all, redeem_reward
from ganbo.journeys.quote import Wish
from ganbo.journeys.record_events import Asked
from ganbo.journeys.recording import Outcome
from ganbo.journeys.redeem_reward import Given
from ganbo.journeys.redemption_writing import Ask
from ganbo.kernel.refusal import Refusal

MOST_BYTES = strict_json.MOST_BYTES
MOST_QUANTITY = 100
VOUCHING = "spend:vouched"  # a scope


class Reply(NamedTuple):
    """Status, body and extra headers of an answer."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def content_type(self) -> str:
        return problems.CONTENT_TYPE if self.status >= 400 else "application/json"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the key and its business."""

    key: KeyRow
    business: BusinessRow


@dataclass(frozen=True, slots=True)
class Call:
    """One hot call: the scope it needs, how its body is read, how a batch of it runs, how an answer is worded."""

    scope: str
    read: Any
    run: Any
    word: Any


@dataclass(frozen=True, slots=True)
class Headers:
    """What a hot call reads of its headers."""

    locale: str = "vi"
    content_type: str = "application/json"
    idempotency_key: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


class RedemptionBody(BaseModel):
    """`POST /redemptions`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    member: Code | MemberRef
    reward: Code
    quantity: Annotated[int, Field(ge=1, le=MOST_QUANTITY)] = 1
    store: Code | None = None
    proof: ProofRef | None = None


def refused(code: str, locale: str, **params: Any) -> Reply:
    """A problem of the table as a reply."""
    status, body = problems.problem(code, locale, params)
    headers = (("Retry-After", "1"),) if status in (429, 503) else ()
    return Reply(status, problems.body_bytes(body), headers)


def of_refusal(refusal: Refusal, locale: str) -> Reply:
    """A refusal as a reply."""
    status, body = problems.of(refusal, locale)
    wait = str(refusal.params.get("seconds", 1))
    return Reply(status, problems.body_bytes(body), (("Retry-After", wait),) if status in (429, 503) else ())


def check(call: Call, caller: Caller | None, headers: Headers, size: int) -> Reply | None:
    """What is wrong before the body is read: key, scope, media type, size."""
    if caller is None:
        return Reply(401, refused("auth.no_key", headers.locale).body, (("WWW-Authenticate", "Bearer"),))
    if call.scope not in caller.key.scopes:
        return refused("auth.scope", headers.locale, scope=call.scope)
    if headers.content_type.partition(";")[0].strip().lower() != "application/json":
        return refused("body.media_type", headers.locale, wanted="application/json")
    if size > MOST_BYTES:
        return refused("body.too_large", headers.locale, most=MOST_BYTES)
    return None


def vouches(caller: Caller) -> bool:
    """Whether the caller signs members in itself, so that its spends need no further proof."""
    return VOUCHING in caller.key.scopes


def read_event(body: bytes, caller: Caller, headers: Headers) -> EventRequest:
    """Raises Refusal."""
    return reading.read(strict_json.loads(body), region=caller.business.country, vouched=vouches(caller))


def read_quote(body: bytes, caller: Caller, headers: Headers) -> Wish:
    """Raises Refusal."""
    return quote.read(strict_json.loads(body), region=caller.business.country)


def read_redemption(body: bytes, caller: Caller, headers: Headers) -> Ask:
    """Raises Refusal."""
    value = strict_json.loads(body)
    try:
        wanted = RedemptionBody.model_validate(value)
    except ValidationError as failure:
        raise FieldsRefused(reading.problems_of(failure, value)) from failure
    member = reading.member_of(wanted.member, region=caller.business.country)
    assert member is not None
    key = headers.idempotency_key
    return Ask(
        member=member,
        reward=wanted.reward,
        quantity=wanted.quantity,
        store=wanted.store or "",
        key=f"{caller.key.id}|POST /redemptions|{key}" if key else None,
        body_hash=strict_json.digest(value) if key else b"",
        shown=reading.shown_of(wanted.proof, wanted.member, vouched=vouches(caller)),
    )


def check_idempotency_key(key: str | None) -> None:
    """Raises FieldsRefused for a key that is empty or longer than 255 characters."""
    if key is not None and not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise FieldsRefused([FieldProblem("Idempotency-Key", "string_pattern_mismatch", {})])


def run_events(pipe: Pipeline, business: BusinessRow, requests: Sequence[EventRequest]) -> list[Outcome]:
    return record_all.record(pipe, Asked(business, clock.now()), requests)


def run_quotes(pipe: Pipeline, business: BusinessRow, wishes: Sequence[Wish]) -> list[Outcome]:
    return quote.quote(pipe, Asked(business, clock.now()), wishes)


def run_redemptions(pipe: Pipeline, business: BusinessRow, asks: Sequence[Ask]) -> list[Given]:
    return redeem_reward.redeem(pipe, business, asks, now=clock.now())


def word_event(outcome: Outcome, locale: str) -> Reply:
    """201 for the first answer, 200 with the same body when told again."""
    if outcome.refusal is not None:
        return of_refusal(outcome.refusal, locale)
    body = (outcome.answer or "").encode()
    if outcome.status == "replayed":
        return Reply(200, body, (("Idempotent-Replayed", "true"),))
    return Reply(201, body)


def word_quote(outcome: Outcome, locale: str) -> Reply:
    if outcome.refusal is not None:
        return of_refusal(outcome.refusal, locale)
    return Reply(200, (outcome.answer or "").encode())


def word_redemption(given: Given, locale: str) -> Reply:
    if given.refusal is not None:
        return of_refusal(given.refusal, locale)
    headers = (("Idempotent-Replayed", "true"),) if given.status == "replayed" else ()
    return Reply(201, (given.answer or "").encode(), headers)


EVENTS = Call("events:write", read_event, run_events, word_event)
QUOTES = Call("quotes:read", read_quote, run_quotes, word_quote)
REDEMPTIONS = Call("redemptions:write", read_redemption, run_redemptions, word_redemption)
CALLS = {"/api/v1/events": EVENTS, "/api/v1/quotes": QUOTES, "/api/v1/redemptions": REDEMPTIONS}
