"""Nghĩa vụ điểm: what is still owed to members, how it moved, what will never be asked for, and the entries for the accounts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ganbo.doors.console import liability_rows, showing
from ganbo.doors.console.liability_rows import Telling
from ganbo.doors.console.showing import Showing
from ganbo.engine.programme import Programme
from ganbo.features.programmes import budget_view
from ganbo.foundation import clock
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.liability import journal, sheet, statement
from ganbo.insights.liability.statement import Asked, Statement
from ganbo.insights.warehouse import exporting, manifest, reading
from ganbo.insights.warehouse.reading import Warehouse
from ganbo.kernel.money import digits

MONTHS = 12  # shown when no month is asked for
CHOICES = 24  # months to choose from
SEES = ("owner", "manager", "marketer", "analyst", "auditor")
FILES = ("journal", "roll-forward")


@dataclass
class Form:
    """What the page was asked for; `wrong`: by field, what would do."""

    month: date | None = None
    by: date | None = None
    values: dict[str, Fraction] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The same question in an address."""
        told = {"month": f"{self.month:%Y-%m}" if self.month else "", "by": self.by or ""} | self.typed
        return urlencode({key: value for key, value in told.items() if value})


@staff_only(*SEES)
def liability(request: HttpRequest) -> HttpResponse:
    """Twelve months by month, or one month by day."""
    shown = showing.begin(request)
    if shown.programme is None:
        return showing.page(request, "console/liability.html", shown, section="results", empty=True)
    today = shown.now.astimezone(shown.zone).date()
    form = _form(request, shown.programme, today)
    try:
        found = _read(request, shown, form)
    except manifest.Busy:
        return showing.page(request, "console/liability.html", shown, section="results", making=True)
    return showing.page(
        request,
        "console/liability.html",
        shown,
        section="results",
        form=form,
        months=_months(today),
        fields=_fields(shown, form, found),
        **liability_rows.page(Telling(shown, found.shown)),
    )


@staff_only(*SEES)
def download(request: HttpRequest, file: str) -> HttpResponse:
    """The entries or the roll-forward of what the page shows, as CSV."""
    shown = showing.begin(request)
    if file not in FILES or shown.programme is None:
        raise Http404
    today = shown.now.astimezone(shown.zone).date()
    form = _form(request, shown.programme, today)
    try:
        found = _read(request, shown, form)
    except manifest.Busy:
        return redirect("console:liability")
    decimals = digits(shown.programme.currency)
    lines: Iterable[str]
    if file == "journal":
        names = {wallet["wallet"]: liability_rows.unit(shown, wallet) for wallet in found.shown["wallets"]}
        texts = liability_rows.entry_texts()
        lines = journal.text(statement.entries(found, texts, names=names, accounts=journal.ACCOUNTS), decimals=decimals)
    else:
        lines = sheet.text(found.shown, decimals=decimals)
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    name = f"{file}-{found.shown['from']:%Y-%m}-{found.shown['to']:%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _read(request: HttpRequest, shown: Showing, form: Form) -> Statement:
    """As the warehouse stands; it is made when there is none yet, and opened again when an export replaced it meanwhile."""
    programme, today = shown.programme, shown.now.astimezone(shown.zone).date()
    assert programme is not None
    if form.month:
        first, last = form.month, (form.month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    else:
        first, last = _back(today, MONTHS - 1), today
    asked = Asked(first, last, by_day=form.month is not None, by=form.by, values=form.values)
    left = budget_view.left(programme, at=shown.now)
    try:
        return statement.of_warehouse(_warehouse(request, shown), programme, asked, left=left)
    except FileNotFoundError:
        return statement.of_warehouse(_warehouse(request, shown), programme, asked, left=left)


def _warehouse(request: HttpRequest, shown: Showing) -> Warehouse:
    """Raises manifest.Busy while the first one is being made."""
    business = request.business  # type: ignore[attr-defined]
    found = reading.opened(settings.WAREHOUSE, business.slug)
    if found is None:
        exporting.export(business, settings.WAREHOUSE, at=shown.now)
        found = reading.opened(settings.WAREHOUSE, business.slug)
    assert found is not None
    return found


@staff_only(*SEES)
@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Bring the warehouse up to now; when that is being done already, it is enough."""
    business = request.business  # type: ignore[attr-defined]
    try:
        exporting.export(business, settings.WAREHOUSE, at=clock.now())
    except manifest.Busy:
        messages.info(request, _("The figures are being brought up to now already; look again in a moment."))
    asked = request.POST.get("asked", "")
    return redirect(reverse("console:liability") + (f"?{asked}" if asked else ""))


def _form(request: HttpRequest, programme: Programme, today: date) -> Form:
    """As it was asked; an unknown month is none, a wrong value or day is told and not used."""
    form = Form(month=next((m for m in _months(today) if f"{m:%Y-%m}" == request.GET.get("month")), None))
    if day := request.GET.get("by", "").strip():
        try:
            form.by = max(date.fromisoformat(day), today)
        except ValueError:
            form.wrong["by"] = _("A day is needed, such as 2027-02-05.")
    for key in [*(w.id for w in programme.wallets.values() if not w.money), *(f"stamp:{c}" for c in programme.by_card)]:
        if typed := request.GET.get(f"worth-{key}", "").strip():
            form.typed[f"worth-{key}"] = typed
            value = _number(typed, digits(programme.currency))
            if value is None:
                form.wrong[key] = _("A number is needed, such as 95 or 12,5.")
            else:
                form.values[key] = value
    return form


def _number(typed: str, decimals: int) -> Fraction | None:
    """A value in minor units; a comma or a point parts the decimals."""
    try:
        number = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        return None
    return Fraction(number) * 10**decimals if number.is_finite() and 0 <= number < 10**9 else None


def _fields(shown: Showing, form: Form, found: Statement) -> list[dict[str, Any]]:
    """One field a wallet whose worth may be told."""
    return [
        {
            "name": f"worth-{one['wallet']}",
            "label": liability_rows.unit(shown, one),
            "typed": form.typed.get(f"worth-{one['wallet']}", ""),
            "wrong": form.wrong.get(one["wallet"], ""),
        }
        for one in found.shown["wallets"]
        if not one["money"]
    ]


def _months(today: date) -> list[date]:
    return [_back(today, n) for n in range(CHOICES)]


def _back(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    n = day.year * 12 + day.month - 1 - months
    return date(n // 12, n % 12 + 1, 1)
