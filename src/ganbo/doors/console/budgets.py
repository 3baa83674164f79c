"""Ngân sách: what is planned, committed and spent by line, and how long it lasts at this pace."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ganbo.doors.console import rewards, showing
from ganbo.doors.console.showing import Showing
from ganbo.features.programmes import budget_view
from ganbo.features.programmes.budget_view import LineView
from ganbo.foundation.staff.access import staff_only

NEARLY = 80  # per cent from which a line asks for attention


@staff_only("owner", "manager", "marketer", "analyst", "auditor")
def budgets(request: HttpRequest) -> HttpResponse:
    """Every line as a bar with its numbers and its forecast."""
    shown = showing.begin(request)
    found = budget_view.lines(shown.programme, at=shown.now, locale=shown.locale) if shown.programme else []
    budget = shown.programme.budget if shown.programme else None
    names = showing.store_names() if budget and budget.by_store else {}
    taken = sum(row.committed + row.spent for row in found)
    return showing.page(
        request,
        "console/budgets.html",
        shown,
        section="programme",
        rows=[row_of(row, shown, names) for row in found],
        month=f"{found[0].month:%m/%Y}" if found and found[0].month else "",
        total=shown.money(budget.total) if budget and budget.total else "",
        taken=shown.money(taken),
        by_channel=_messages(shown),
        **rewards.head(shown) | {"tab": "budgets"},
    )


def _messages(shown: Showing) -> list[tuple[str, str, str]]:
    """(channel, how many at how much, what they cost) of this month."""
    found = budget_view.messages(shown.programme, at=shown.now) if shown.programme else []
    names = {"sms": "SMS", "zns": "ZNS", "email": _("e-mail")}
    said = _("%(n)s sent, %(each)s each")
    return [
        (names[row.channel], said % {"n": row.sent, "each": shown.money(row.each)}, shown.money(row.cost))
        for row in found
    ]


def row_of(row: LineView, shown: Showing, stores: Mapping[str, str]) -> dict[str, Any]:
    """One line as its card shows it; `stores`: the stores' names by id."""
    taken = row.committed + row.spent
    return {
        "name": f"{row.line} · {stores.get(row.store, row.store)}" if row.store else row.line,
        "hard": row.hard,
        "attention": taken * 100 >= row.planned * NEARLY,
        "over": taken > row.planned,
        "value": min(taken, row.planned),
        "of": max(row.planned, 1),
        "bars": [
            (_("Committed"), min(row.committed, row.planned), shown.money(row.committed)),
            (_("Spent"), min(row.spent, row.planned), shown.money(row.spent)),
        ],
        "per_cent": f"{taken * 100 // row.planned} %" if row.planned else "–",
        "planned": shown.money(row.planned),
        "left": shown.money(max(row.left, 0)),
        "beyond": shown.money(-row.left) if row.left < 0 else "",
        "forecast": row.forecast,
    }


def notices(shown: Showing) -> list[dict[str, str]]:
    """Lines that are used up, or nearly, for the first page of the day."""
    if shown.programme is None or shown.programme.budget is None:
        return []
    names = showing.store_names() if shown.programme.budget.by_store else {}
    rows = [row_of(row, shown, names) for row in budget_view.lines(shown.programme, at=shown.now, locale=shown.locale)]
    return [{"name": r["name"], "per_cent": r["per_cent"], "forecast": r["forecast"]} for r in rows if r["attention"]]
