"""One box for every code: voucher, coupon, gift card or reward."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ganbo.books.events import reading
from ganbo.books.events.body import Amount, Code, EventId, MemberRef, Purchase
from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import problems, shapes
from ganbo.doors.api.app import answer, api, locale_of, needs, write
from ganbo.doors.api.hot import Caller
from ganbo.doors.api.members import member_named, programme_now
from ganbo.engine import basket
from ganbo.engine.basket import Order
from ganbo.foundation import clock
from ganbo.journeys import codes, guessing
from ganbo.journeys.codes import Typed
from ganbo.journeys.holds import LONGEST
from ganbo.kernel.refusal import Refusal

MOST_TIMES = 100
_STRICT = ConfigDict(strict=True, extra="forbid")
TypedCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class CodeCheck(BaseModel):
    """A typed code; with `member` its holder, with `order` the `data` of the purchase it is meant for."""

    model_config = _STRICT
    code: TypedCode
    member: Code | MemberRef | None = None
    order: dict[str, Any] | None = None


class CodeRedeem(CodeCheck):
    """Use a code for an order; `times` of a code worth several pieces, `amount` of a gift card, minor units.

    With `expires_in` seconds it is released by itself when the order's sale has not come by then.
    """

    order_id: Code | None = None
    event_id: EventId | None = None
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1
    amount: Amount | None = None
    expires_in: Annotated[int, Field(ge=1, le=int(LONGEST.total_seconds()))] | None = None


class CodeRelease(BaseModel):
    """Give a code back that was redeemed for an order which did not come about."""

    model_config = _STRICT
    code: TypedCode
    order_id: Code | None = None
    event_id: EventId | None = None


class CodeAnswer(BaseModel):
    """What a code is; when it cannot be used, `reason` says why, as far as the asker may know."""

    usable: bool
    kind: str | None = None
    voucher_id: str | None = None
    reward: str | None = None
    reward_kind: str | None = None
    name: str | None = None
    takes_off: shapes.Money | None = None
    left: shapes.Money | None = None
    uses_left: int | None = None
    expires_at: str | None = None
    reason: shapes.FieldError | None = None


class CodeRedeemed(CodeAnswer):
    """What was used: how often, and what a gift card paid; `state` is redeemed, or recorded with its sale."""

    used: dict[str, int]
    state: str
    reserved_until: str | None


class CodeReleased(BaseModel):
    voucher_id: str
    reward: str
    released: dict[str, int]


@api.post("/codes/check", response=shapes.statuses(CodeAnswer, 200, 409, 413, 415), tags=["codes"])
@needs("redemptions:write")
def check(request: HttpRequest, payload: CodeCheck) -> HttpResponse:
    """What this code is and what it would take off the order, or why it cannot be used."""
    typed = Typed(payload.code, _member(payload.member), _order(payload.order))
    locale = locale_of(request)
    with guessing.trying(*_who(request), at=clock.now()) as attempt:
        found = codes.check(typed, locale=locale, now=clock.now())
        reason = found["reason"]
        attempt.in_vain = reason is not None and codes.in_vain(reason.code)
    told = problems.field("code", reason.code, locale, reason.params) if reason else None
    return answer(found | {"reason": told})


@api.post("/codes/redeem", response=shapes.statuses(CodeRedeemed, 200, 409, 413, 415), tags=["codes"])
@needs("redemptions:write")
def redeem(request: HttpRequest, payload: CodeRedeem) -> HttpResponse:
    """Use a code for an order, once per order; a sale recorded later with this code takes the use over."""
    typed = Typed(
        payload.code,
        _member(payload.member),
        _order(payload.order),
        _cause(payload.order_id, payload.event_id),
        payload.times,
        payload.amount,
        timedelta(seconds=payload.expires_in) if payload.expires_in else None,
    )
    return _tried(request, lambda: codes.redeem(typed, locale=locale_of(request), now=clock.now()) | {"usable": True})


@api.post("/codes/release", response=shapes.statuses(CodeReleased, 200, 409, 413, 415), tags=["codes"])
@needs("redemptions:write")
def release(request: HttpRequest, payload: CodeRelease) -> HttpResponse:
    """Give back a code that was redeemed for an order which was not recorded."""
    typed = Typed(payload.code, None, None, _cause(payload.order_id, payload.event_id))
    return _tried(request, lambda: codes.release(typed, now=clock.now()))


def _tried(request: HttpRequest, work: Any) -> HttpResponse:
    return tried(request, lambda: write(request, lambda: (200, work())))


def tried(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Do something with a code that was typed; who types many in vain must wait."""
    with guessing.trying(*_who(request), at=clock.now()) as attempt:
        try:
            return work()
        except Refusal as refusal:
            found = [p.code for p in refusal.problems] if isinstance(refusal, FieldsRefused) else [refusal.code]
            attempt.in_vain = any(codes.in_vain(code) for code in found)
            raise


def _who(request: HttpRequest) -> tuple[str, str]:
    """The key is who tries, and the terminal too."""
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return f"key:{caller.key.id}", f"key:{caller.key.id}"


def _member(ref: str | MemberRef | None) -> UUID | None:
    return None if ref is None else member_named(ref)


def _order(data: dict[str, Any] | None) -> Order | None:
    """The amounts of `order`, which is the `data` of a purchase. Raises FieldsRefused."""
    if data is None:
        return None
    try:
        Purchase.model_validate(data)
        return basket.order_of(data, programme_now().currency)
    except ValidationError as failure:
        found = reading.problems_of(failure, data)
        raise FieldsRefused([FieldProblem(_at(p.field), p.code, p.params) for p in found]) from failure
    except basket.FieldRefused as refusal:
        found = [FieldProblem(f"order.{name}", code, dict(params)) for name, code, params in refusal.errors]
        raise FieldsRefused(found) from refusal


def _at(field: str) -> str:
    return "order" + field.removeprefix("data")


def _cause(order_id: str | None, event_id: str | None) -> str:
    """The order a code is used for. Raises FieldsRefused."""
    if (order_id is None) == (event_id is None):
        raise FieldsRefused([FieldProblem("order_id", "order_needed", {})])
    return event_id or f"order:{order_id}"
