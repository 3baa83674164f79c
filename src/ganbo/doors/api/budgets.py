"""Lines of the budget."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, locale_of, needs
from ganbo.doors.api.members import programme_now
from ganbo.features.programmes import budget_view
from ganbo.foundation import clock


@api.get("/budgets", response=shapes.statuses(shapes.Page), tags=["programme"])
@needs("kpis:read")
def budgets(request: HttpRequest) -> HttpResponse:
    """Every line of the budget: what is planned, committed, spent and left, and how long it lasts at this pace."""
    programme = programme_now()

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": programme.currency}

    items = [
        {
            "line": row.line,
            "store": row.store or None,
            "stop": "hard" if row.hard else "soft",
            "month": f"{row.month:%Y-%m}" if row.month else None,
            "planned": money(row.planned),
            "committed": money(row.committed),
            "spent": money(row.spent),
            "left": money(row.left),
            "lasts_until": row.lasts_until.isoformat() if row.lasts_until else None,
            "forecast": row.forecast,
        }
        for row in budget_view.lines(programme, at=clock.now(), locale=locale_of(request))
    ]
    return answer({"items": items, "next": None})


@api.get("/budgets/messages", response=shapes.statuses(shapes.Page), tags=["programme"])
@needs("kpis:read")
def messages(request: HttpRequest) -> HttpResponse:
    """What the messages sent since the month began cost, by channel, as the programme's `message_cost` says."""
    programme = programme_now()
    items = [
        {
            "channel": row.channel,
            "sent": row.sent,
            "each": {"currency": programme.currency, "amount": row.each},
            "cost": {"currency": programme.currency, "amount": row.cost},
        }
        for row in budget_view.messages(programme, at=clock.now())
    ]
    return answer({"items": items, "next": None})
