"""Rewards and redemptions."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse

from ganbo.doors.api import hot, shapes
from ganbo.doors.api.app import answer, api, check_body, id_of, locale_of, needs, page_of, reply, write
from ganbo.doors.api.events import body_of
from ganbo.doors.api.hot import Caller, Headers
from ganbo.doors.api.members import actor, balances_json, member_of, programme_now
from ganbo.features.programmes import catalogue
from ganbo.features.rewards import pools, queries
from ganbo.foundation import clock
from ganbo.journeys import fulfil_redemption, reverse, sell


@api.get("/rewards", response=shapes.statuses(shapes.Page, 404), tags=["rewards"])
@needs("programme:read")
def rewards(request: HttpRequest, member: str | None = None) -> HttpResponse:
    """What there is to have; with `?member=` also whether it is affordable."""
    programme, row = programme_now(), member_of(member) if member else None
    balances = balances_json(row.id) if row else None
    who = catalogue.looking(row, programme, at=clock.now()) if row else None
    left = pools.left(at=clock.now())
    items = catalogue.rewards(
        programme, locale=locale_of(request), balances=balances, taken=queries.taken(), pools=left, who=who
    )
    return answer({"items": items, "next": None})


@api.post(
    "/redemptions",
    response=shapes.statuses(shapes.Redemption, 201, 409, 413, 415),
    tags=["rewards"],
    openapi_extra=body_of(hot.RedemptionBody),
)
@needs("redemptions:write")
def redeem(request: HttpRequest) -> HttpResponse:
    """Turn points into a reward; the answer holds the voucher's code."""
    check_body(request)
    caller: Caller = request.auth  # type: ignore[attr-defined]
    key = request.headers.get("Idempotency-Key")
    hot.check_idempotency_key(key)
    headers = Headers(locale_of(request), "application/json", key)
    given = sell.redeem(caller.business, hot.read_redemption(request.body, caller, headers), now=clock.now())
    return reply(hot.word_redemption(given, headers.locale))


@api.get("/redemptions", response=shapes.statuses(shapes.Page), tags=["rewards"])
@needs("redemptions:write")
def handing_over(request: HttpRequest, fulfilment: Literal["to_do", "sent", "done"] = "to_do") -> HttpResponse:
    """Rewards that are handed over later: to do and sent the oldest first, done the newest first."""
    most, cursor = page_of(request)
    rows = queries.handed(fulfilment, most=most + 1, after=id_of(cursor) if cursor else None)
    items = [
        {
            "id": str(row.id),
            "member_id": str(row.member_id),
            "reward": row.reward,
            "quantity": row.quantity,
            "fulfilment": row.fulfilment,
            "created_at": row.created_at.isoformat(),
        }
        for row in rows[:most]
    ]
    return answer({"items": items, "next": str(rows[most - 1].id) if len(rows) > most else None})


@api.post(
    "/redemptions/{redemption_id}/reverse", response=shapes.statuses(shapes.Redemption, 200, 404, 409), tags=["rewards"]
)
@needs("redemptions:write")
def reverse_redemption(request: HttpRequest, redemption_id: str) -> HttpResponse:
    """Give the points back and void the voucher, once."""

    def work() -> tuple[int, Any]:
        return 200, reverse.reverse_redemption(id_of(redemption_id), by=actor(request), now=clock.now()).answer

    return write(request, work)


@api.post(
    "/redemptions/{redemption_id}/fulfil", response=shapes.statuses(shapes.Fulfilment, 200, 404, 409), tags=["rewards"]
)
@needs("redemptions:write")
def fulfil(request: HttpRequest, redemption_id: str, data: shapes.Fulfilled) -> HttpResponse:
    """Say how far a reward is that is handed over later: `sent`, then `done`."""

    def work() -> tuple[int, Any]:
        state = fulfil_redemption.fulfil(id_of(redemption_id), data.state, by=actor(request), now=clock.now())
        return 200, {"id": redemption_id, "fulfilment": state}

    return write(request, work)
