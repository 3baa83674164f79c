"""KPIs: numbers with formula, numerator and denominator, and the members behind them."""

from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, locale_of, needs, page_of
from ganbo.doors.api.members import programme_now
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context

if TYPE_CHECKING:  # what counts is heavy: who never asks does not carry it
    from ganbo.insights.kpis.counting import Row
    from ganbo.insights.kpis.definitions import Kpi

MOST_MONTHS = 120
_YEAR = 12
_NOBODY = "nobody"  # the cursor after the row without a member
_MONTH = r"^2[0-9]{3}-(0[1-9]|1[0-2])$"
By = Literal["month", "tier", "store", "product", "source"]


class Asked(BaseModel):
    """Which KPIs, of which months, by what. Without `from` twelve months up to `to`; without `to` up to this month."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    from_: str | None = Field(None, alias="from", pattern=_MONTH, description="The first month, YYYY-MM.")
    to: str | None = Field(None, pattern=_MONTH, description="The last month, YYYY-MM.")
    by: By = Field("month", description="Each month, or within it each tier, store, product or source of sign-ups.")
    names: str | None = Field(None, max_length=1_000, description="Only these, separated by commas.")


class AskedMembers(BaseModel):
    """One number: its month, and its group when it is told by one; `key` of points is the wallet."""

    model_config = ConfigDict(extra="ignore")
    month: str = Field(pattern=_MONTH, description="YYYY-MM.")
    by: By = Field("month", description="As the number was told.")
    key: str = Field("", max_length=128, description="The `key` of its row.")
    limit: int = Field(50, ge=1, le=200, description="At most so many.")
    cursor: str | None = Field(None, max_length=64, description="`next` of the page before.")


@api.get("/kpis", response=shapes.statuses(shapes.Kpis, 404, 409), tags=["kpis"])
@needs("kpis:read")
def kpis(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Each KPI with its formula and, for each month and group, value, numerator and denominator."""
    from ganbo.insights.kpis import counting, served

    business, lang = context.current(), locale_of(request)
    wanted = _wanted(asked)
    known = served.warehouse(settings.WAREHOUSE, business.slug)
    first, last = _months(asked)
    currency = programme_now().currency
    items = []
    for one in wanted:
        rows = served.rows(settings.WAREHOUSE, business.slug, one, first=first, last=last, by=asked.by)
        items.append(_told(one, lang) | {"rows": [_row(one, row, currency) for row in rows]})
    return answer(
        {
            "filled_at": known.manifest.taken_at,
            "from": counting.name(first),
            "to": counting.name(last),
            "by": asked.by,
            "items": items,
            "next": None,
        }
    )


@api.get("/kpis/{name}/members", response=shapes.statuses(shapes.Page, 404, 409), tags=["kpis"])
@needs("kpis:read")
@needs("members:read")
def behind(request: HttpRequest, name: str, asked: Query[AskedMembers]) -> HttpResponse:
    """The members behind a number, each with what they add to numerator and denominator: together they are the number.

    A row without member is what nobody in particular stands behind, such as receipts without a member.
    """
    from ganbo.insights.kpis import served

    most, cursor = page_of(request)
    one = served.kpi(name, by=asked.by)
    rows = served.behind(
        settings.WAREHOUSE,
        context.current().slug,
        one,
        month=_number(asked.month),
        by=asked.by,
        key=asked.key,
        most=most + 1,
        after="" if cursor == _NOBODY else cursor,
    )
    items = [
        {"member_id": row.member_id, "numerator": row.numerator, "denominator": row.denominator} for row in rows[:most]
    ]
    return answer({"items": items, "next": rows[most - 1].member_id or _NOBODY if len(rows) > most else None})


def _wanted(asked: Asked) -> "list[Kpi]":
    """The KPIs asked for by name, else all that are told by the grouping. Raises UnknownKpi, NotBy."""
    from ganbo.insights.kpis import served
    from ganbo.insights.kpis.definitions import KPIS

    if asked.names is None:
        return [one for one in KPIS.values() if asked.by in one.by]
    return [served.kpi(name, by=asked.by) for name in dict.fromkeys(asked.names.split(","))]


def _months(asked: Asked) -> tuple[int, int]:
    """The first and the last month. Raises FieldsRefused when there are none, or too many."""
    from ganbo.insights.kpis import counting

    today = clock.now().astimezone(programme_now().timezone).date()
    last = _number(asked.to) if asked.to else counting.number(today)
    first = _number(asked.from_) if asked.from_ else last - _YEAR + 1
    if not 0 <= last - first < MOST_MONTHS:
        raise FieldsRefused([FieldProblem("from", "out_of_range", {})])
    return first, last


def _number(month: str) -> int:
    return int(month[:4]) * _YEAR + int(month[5:]) - 1


def _told(one: "Kpi", lang: str) -> dict[str, Any]:
    from ganbo.insights.kpis.words import WORDS

    words = WORDS[one.name]
    return {
        "name": one.name,
        "title": words.name.text(lang),
        "says": words.says.text(lang),
        "unit": one.unit,
        "formula": words.formula(lang),
        "numerator": words.numerator.text(lang),
        "denominator": words.denominator.text(lang) or None,
    }


def _row(one: "Kpi", row: "Row", currency: str) -> dict[str, Any]:
    """Money is whole minor units: an average is rounded half to even."""
    from ganbo.insights.kpis.definitions import MONEY

    value: Any = row.value
    numerator: Any = row.numerator
    if one.unit == MONEY:
        value = None if value is None else {"amount": round(value), "currency": currency}
        numerator = {"amount": numerator, "currency": currency}
    return {
        "month": row.month,
        "key": row.key,
        "value": value,
        "numerator": numerator,
        "denominator": row.denominator,
        "partial": row.partial,
    }
