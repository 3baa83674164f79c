"""What is still owed to members, as the warehouse stands."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import BaseModel, StringConstraints

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, needs
from ganbo.doors.api.hot import Caller
from ganbo.doors.api.members import programme_now
from ganbo.features.programmes import budget_view
from ganbo.foundation import clock

if TYPE_CHECKING:  # what counts is heavy: who never asks does not carry it
    from ganbo.insights.liability.statement import Asked, Statement

Month = Annotated[str, StringConstraints(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$")]
MOST_MONTHS = 120
MOST_DAYS_MONTHS = 12  # whose rows may be days
BACK = 11  # months before the last when no first is asked for


class LiabilityShown(BaseModel):
    """See docs/reference/liability.md; units are whole numbers, money has its currency, shares are fractions."""

    as_of: str
    first: str
    last: str
    by: str
    wallets: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    stress: dict[str, Any]
    allocation: dict[str, Any]


@api.get("/liability", response=shapes.statuses(LiabilityShown, 409), tags=["programme"])
@needs("kpis:read")
def liability(
    request: HttpRequest,
    first: Annotated[Month | None, Query(alias="from")] = None,
    to: Annotated[Month | None, Query()] = None,
    by: Annotated[Literal["month", "day"], Query()] = "month",
) -> HttpResponse:
    """What is still owed to members by month or day, what it is worth, breakage, and the cost if everybody redeemed before Tết."""
    from ganbo.insights.liability.statement import Asked

    programme, caller, now = programme_now(), request.auth, clock.now()  # type: ignore[attr-defined]
    begin, end = _span(first, to, by, today=now.astimezone(programme.timezone).date())
    asked = Asked(begin, end, by_day=by == "day")
    found = _read(caller, programme, asked, left=budget_view.left(programme, at=now))
    return answer(_shown(found.shown))


def _read(caller: Caller, programme: Any, asked: "Asked", *, left: dict[str, int]) -> "Statement":
    """Opened again when an export replaced it meanwhile. Raises NotFilled."""
    from ganbo.insights.liability import statement
    from ganbo.insights.warehouse import reading

    for last_try in (False, True):
        warehouse = reading.opened(settings.WAREHOUSE, caller.business.slug)
        if warehouse is None:
            raise reading.NotFilled
        try:
            return statement.of_warehouse(warehouse, programme, asked, left=left)
        except FileNotFoundError:
            if last_try:
                raise
    raise AssertionError("one of both tries ends")


def _span(first: str | None, to: str | None, by: str, *, today: date) -> tuple[date, date]:
    """Whole months; raises FieldsRefused."""
    last = date.fromisoformat(f"{to}-01") if to else today.replace(day=1)
    back = last.year * 12 + last.month - 1 - BACK
    begin = date.fromisoformat(f"{first}-01") if first else date(back // 12, back % 12 + 1, 1)
    months = (last.year - begin.year) * 12 + last.month - begin.month + 1
    if last > today:
        raise FieldsRefused([FieldProblem("to", "out_of_range", {})])
    if not 1 <= months <= (MOST_DAYS_MONTHS if by == "day" else MOST_MONTHS):
        raise FieldsRefused([FieldProblem("from", "out_of_range", {})])
    return begin, (last + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    from ganbo.insights.liability.statement import COLUMNS

    def money(amounts: dict[str, Any], *names: str) -> dict[str, Any]:
        """The same with these amounts as money."""
        return amounts | {n: {"amount": amounts[n], "currency": found["currency"]} for n in names}

    def wallet(one: dict[str, Any]) -> dict[str, Any]:
        stands = money(one["outstanding"], "value", "cost")
        stands["expected"] = money(stands["expected"], "share", "low", "high")
        rows = [row | {"money": money(row["money"], *COLUMNS)} for row in one["rows"]]
        return one | {"outstanding": stands, "rows": rows}

    stress, parts = found["stress"], found["allocation"]
    return {
        "as_of": found["as_of"],
        "first": found["from"],
        "last": found["to"],
        "by": found["by"],
        "wallets": [wallet(one) for one in found["wallets"]],
        "totals": [money(row, *COLUMNS) for row in found["totals"]],
        "stress": money(stress, "value", "cost")
        | {
            "path": [money(at, "value", "cost") for at in stress["path"]],
            "wallets": [money(one, "value", "cost") for one in stress["wallets"]],
            "lines": [money(line, "left", "cost", "short") for line in stress["lines"]],
        },
        "allocation": money(parts, "sales")
        | {name: money(parts[name], *parts[name]) for name in ("standalone", "allocated")},
    }
