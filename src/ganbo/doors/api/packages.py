"""Packages: sold, used unit by unit, paused, shared, given back."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, id_of, locale_of, needs, write
from ganbo.doors.api.members import actor, member_of, programme_now
from ganbo.engine.programme import Programme
from ganbo.features.packages.queries import PackageRow
from ganbo.foundation import clock
from ganbo.journeys import effects, packages

MOST_AT_ONCE = 100
_STRICT = ConfigDict(strict=True, extra="forbid")
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Sold(BaseModel):
    """`member`: an id of ganbo's; `package`: the programme's id of it."""

    model_config = _STRICT
    member: Name
    package: Name


class Wanted(BaseModel):
    """`member`: who uses it, when it is not the buyer."""

    model_config = _STRICT
    unit: Name
    quantity: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1
    member: Name | None = None
    order_id: Annotated[str, StringConstraints(max_length=64)] = ""


class Shared(BaseModel):
    model_config = _STRICT
    member: Name


class UnitsShown(BaseModel):
    """sold = used + left + refunded + expired."""

    sold: int
    used: int
    left: int
    refunded: int
    expired: int


class PackageShown(BaseModel):
    """`expires_at`: the last second on which it can be used; `paused`: its time stands still."""

    id: str
    member_id: str
    package: str
    name: str
    price: shapes.Money
    state: str
    units: dict[str, UnitsShown]
    expires_at: str | None
    paused: bool
    pause_days_left: int
    shared: bool
    refunded: shapes.Money


class UseShown(BaseModel):
    """`left`: of this unit, afterwards."""

    id: str
    left: int


@api.post("/packages", response=shapes.statuses(PackageShown, 201, 404, 409, 413, 415), tags=["packages"])
@needs("redemptions:write")
def sell(request: HttpRequest, data: Sold) -> HttpResponse:
    """Sell a package of the programme to a member; the money was taken."""

    def work() -> tuple[int, Any]:
        row = packages.sell(data.package, member_id=member_of(data.member).id, by=actor(request), now=clock.now())
        return 201, shown(row, programme_now(), locale=locale_of(request))

    return write(request, work)


@api.get("/members/{member_id}/packages", response=shapes.statuses(shapes.Page, 200, 404), tags=["packages"])
@needs("members:read")
def of_member(request: HttpRequest, member_id: str) -> HttpResponse:
    """What a member bought and what others share with them, the newest first."""
    rows, programme = packages.of_member(member_of(member_id).id, now=clock.now()), programme_now()
    locale = locale_of(request)
    return answer({"items": [shown(row, programme, locale=locale) for row in rows], "next": None})


@api.post("/packages/{package_id}/use", response=shapes.statuses(UseShown, 201, 404, 409, 413, 415), tags=["packages"])
@needs("redemptions:write")
def use(request: HttpRequest, package_id: str, data: Wanted) -> HttpResponse:
    """Use units, never more than are left."""

    def work() -> tuple[int, Any]:
        who = member_of(data.member).id if data.member else None
        wish = packages.Wish(data.unit, data.quantity, who, data.order_id)
        used = packages.use(id_of(package_id), wish, by=actor(request), now=clock.now())
        return 201, {"id": str(used.id), "left": used.left}

    return write(request, work)


@api.post("/packages/uses/{use_id}/reverse", response=shapes.statuses(UseShown, 200, 404, 409), tags=["packages"])
@needs("redemptions:write")
def undo_use(request: HttpRequest, use_id: str) -> HttpResponse:
    """The units are there again, once."""

    def work() -> tuple[int, Any]:
        used = packages.undo_use(id_of(use_id), by=actor(request), now=clock.now())
        return 200, {"id": str(used.id), "left": used.left}

    return write(request, work)


@api.post("/packages/{package_id}/pause", response=shapes.statuses(PackageShown, 200, 404, 409), tags=["packages"])
@needs("redemptions:write")
def pause(request: HttpRequest, package_id: str) -> HttpResponse:
    """Its time stands still, as long as pauses are allowed."""
    return write(request, lambda: _done(request, packages.pause(id_of(package_id), by=actor(request), now=clock.now())))


@api.post("/packages/{package_id}/resume", response=shapes.statuses(PackageShown, 200, 404, 409), tags=["packages"])
@needs("redemptions:write")
def resume(request: HttpRequest, package_id: str) -> HttpResponse:
    """Its time goes on; its end is later by the pause."""
    return write(
        request, lambda: _done(request, packages.resume(id_of(package_id), by=actor(request), now=clock.now()))
    )


@api.post("/packages/{package_id}/refund", response=shapes.statuses(PackageShown, 200, 404, 409), tags=["packages"])
@needs("redemptions:write")
def refund(request: HttpRequest, package_id: str) -> HttpResponse:
    """Give back what is left; `refunded` is the money to hand back."""
    return write(
        request, lambda: _done(request, packages.refund(id_of(package_id), by=actor(request), now=clock.now()))
    )


@api.post("/packages/{package_id}/reverse", response=shapes.statuses(PackageShown, 200, 404, 409), tags=["packages"])
@needs("redemptions:write")
def undo_sale(request: HttpRequest, package_id: str) -> HttpResponse:
    """The sale was a mistake and nothing was used: `refunded` is the whole price, also when unused units are not given back."""
    return write(
        request, lambda: _done(request, packages.undo_sale(id_of(package_id), by=actor(request), now=clock.now()))
    )


@api.post(
    "/packages/{package_id}/people",
    response=shapes.statuses(PackageShown, 200, 404, 409, 413, 415),
    tags=["packages"],
)
@needs("redemptions:write")
def share(request: HttpRequest, package_id: str, data: Shared) -> HttpResponse:
    """Let another member use it, too."""

    def work() -> tuple[int, Any]:
        member = member_of(data.member).id
        return _done(request, packages.share(id_of(package_id), member_id=member, by=actor(request), now=clock.now()))

    return write(request, work)


def _done(request: HttpRequest, row: PackageRow) -> tuple[int, Any]:
    return 200, shown(row, programme_now(), locale=locale_of(request))


def shown(row: PackageRow, programme: Programme, *, locale: str) -> dict[str, Any]:
    """A package as the API shows it."""
    offered = programme.packages.get(row.package)
    money = {"currency": programme.currency}
    return {
        "id": str(row.id),
        "member_id": str(row.member_id),
        "package": row.package,
        "name": (offered.name.text(locale) if offered else "") or row.package,
        "price": money | {"amount": row.price},
        "state": row.state,
        "units": {
            u.unit: {"sold": u.sold, "used": u.used, "left": u.left, "refunded": u.refunded, "expired": u.expired}
            for u in row.units
        },
        "expires_at": effects.shown_expiry(row.ends_at, programme),
        "paused": row.paused,
        "pause_days_left": row.pause_left.days,
        "shared": row.shared,
        "refunded": money | {"amount": row.refunded},
    }
