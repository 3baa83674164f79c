"""Holds: two-phase payment with points or card money."""

from datetime import timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.books.events import reading
from ganbo.books.events.body import Amount, Code, MemberRef, ProofRef
from ganbo.books.ledger import hold_queries
from ganbo.books.ledger.hold_queries import HoldRow
from ganbo.doors.api import hot, shapes
from ganbo.doors.api.app import answer, api, id_of, needs, write
from ganbo.doors.api.hot import Caller
from ganbo.doors.api.members import actor, member_named, member_of
from ganbo.foundation import clock
from ganbo.journeys import holds
from ganbo.journeys.holds import LONGEST, USUAL, HoldUnknown

_STRICT = ConfigDict(strict=True, extra="forbid")
Seconds = Annotated[int, Field(ge=1, le=int(LONGEST.total_seconds()))]
Wallet = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Some = Annotated[Amount, Field(ge=1)]


class HoldNew(BaseModel):
    """`amount` units of a wallet, of money its minor units; `expires_in` seconds; `order_id` and `store`: for whose sale alone."""

    model_config = _STRICT
    member: Code | MemberRef
    proof: ProofRef | None = None
    wallet: Wallet
    amount: Some
    expires_in: Seconds = int(USUAL.total_seconds())
    order_id: Code | None = None
    store: Code | None = None


class Captured(BaseModel):
    """`amount`: how much, all without it; the rest comes back."""

    model_config = _STRICT
    amount: Some | None = None


class HoldShown(BaseModel):
    """`state`: held, captured, voided, expired; `expires_at`: the first instant at which it holds no more."""

    id: str
    member_id: str
    wallet: str
    amount: int
    captured: int
    released: int
    state: str
    order_id: str | None
    store: str | None
    event_id: str | None
    created_at: str
    expires_at: str
    ended_at: str | None


@api.post("/holds", response=shapes.statuses(HoldShown, 201, 409, 413, 415), tags=["holds"])
@needs("redemptions:write")
def place(request: HttpRequest, data: HoldNew) -> HttpResponse:
    """Set points or card money aside, for a while; nobody else can spend them meanwhile."""
    caller: Caller = request.auth  # type: ignore[attr-defined]

    def work() -> tuple[int, Any]:
        wish = holds.Wish(
            member_named(data.member),
            data.wallet,
            data.amount,
            timedelta(seconds=data.expires_in),
            data.order_id or "",
            data.store or "",
            reading.shown_of(data.proof, data.member, vouched=hot.vouches(caller)),
        )
        return 201, shown(holds.place(wish, by=actor(request), now=clock.now()))

    return write(request, work)


@api.get("/holds/{hold_id}", response=shapes.statuses(HoldShown, 200, 404), tags=["holds"])
@needs("redemptions:write")
def one(request: HttpRequest, hold_id: str) -> HttpResponse:
    """A hold as it stands now."""
    found = hold_queries.rows(id=id_of(hold_id))
    if not found:
        raise HoldUnknown()
    return answer(shown(found[0]))


@api.get("/members/{member_id}/holds", response=shapes.statuses(shapes.Page, 200, 404), tags=["holds"])
@needs("members:read")
def of_member(request: HttpRequest, member_id: str) -> HttpResponse:
    """A member's last fifty holds, the newest first."""
    rows = hold_queries.rows(member=member_of(member_id).id)
    return answer({"items": [shown(row) for row in rows], "next": None})


@api.post("/holds/{hold_id}/capture", response=shapes.statuses(HoldShown, 200, 404, 409, 413, 415), tags=["holds"])
@needs("redemptions:write")
def capture(request: HttpRequest, hold_id: str, data: Captured) -> HttpResponse:
    """Spend what is held, or a part of it: the rest comes back. Once."""
    return write(
        request, lambda: (200, shown(holds.capture(id_of(hold_id), data.amount, by=actor(request), now=clock.now())))
    )


@api.post("/holds/{hold_id}/void", response=shapes.statuses(HoldShown, 200, 404, 409), tags=["holds"])
@needs("redemptions:write")
def void(request: HttpRequest, hold_id: str) -> HttpResponse:
    """Let go of what is held. Once."""
    return write(request, lambda: (200, shown(holds.void(id_of(hold_id), by=actor(request), now=clock.now()))))


def shown(row: HoldRow) -> dict[str, Any]:
    """A hold as the API shows it."""
    return {
        "id": str(row.id),
        "member_id": str(row.member_id),
        "wallet": row.wallet,
        "amount": row.amount,
        "captured": row.captured,
        "released": 0 if row.state == "held" else row.amount - row.captured,
        "state": row.state,
        "order_id": row.order_id or None,
        "store": row.store or None,
        "event_id": row.event_id or None,
        "created_at": row.held_at.isoformat(),
        "expires_at": row.until.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }
