"""Kết quả: every KPI with its line, formula, table and files; the warehouse is brought up to now in the background."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.views.decorators.http import require_POST

from ganbo.doors.console import csv_files, showing, trend_chart
from ganbo.doors.console.showing import Showing
from ganbo.foundation import i18n, jobs
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.kpis import counting, served
from ganbo.insights.kpis.counting import Row
from ganbo.insights.kpis.definitions import KPIS, MONEY, NPS, NUMBER, POINTS, SHARE, Kpi
from ganbo.insights.kpis.facts import MONTH, PRODUCT, SOURCE, STORE, TIER
from ganbo.insights.kpis.words import WORDS
from ganbo.insights.warehouse import reading

SEES = ("owner", "manager", "marketer", "analyst", "auditor")
MONTHS = 13  # a year, and the month a year ago to compare with
_SECTIONS = (
    (N_("Who stays"), ("crr", "churn", "repeat_purchase_rate", "active_members", "new_buyers", "reactivated_members")),
    (N_("What they buy"),
     ("revenue", "engagement_share", "receipts_with_member", "aov", "purchase_frequency")),
    (N_("Points"),
     ("points_issued", "points_redeemed", "points_expired", "redemption_rate", "breakage", "points_outstanding", "liability")),
    (N_("Winning and keeping"), ("new_members", "acquisition_cost", "retention_cost")),
    (N_("What they say"), ("nps", "csat", "ces")),
)  # fmt: skip
_BY = ((MONTH, N_("all together")), (TIER, N_("by tier")), (STORE, N_("by store")), (PRODUCT, N_("by product")),
       (SOURCE, N_("by source")))  # fmt: skip


_PAGES = {"customers": "console:results_customers", "goals": "console:goals", "experiments": "console:experiments"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page tells: by which grouping, up to which month."""

    shown: Showing
    by: str
    last: int

    @property
    def first(self) -> int:
        return self.last - MONTHS + 1


@staff_only(*SEES)
def results(request: HttpRequest) -> HttpResponse:
    """Every KPI by the chosen grouping."""
    shown = showing.begin(request)
    slug = request.business.slug  # type: ignore[attr-defined]
    known = reading.opened(settings.WAREHOUSE, slug)
    if known is None or shown.programme is None:
        return before(request, shown)
    asked = Asked(shown, _by(request), counting.number(known.taken_at.astimezone(shown.zone).date()))
    told = {name: _rows(slug, kpi, asked) for name, kpi in KPIS.items() if asked.by in kpi.by}
    measured = {name: rows for name, rows in told.items() if any(row.value is not None for row in rows)}
    sections = [
        {"title": _(title), "cards": [_card(KPIS[name], measured[name], asked) for name in names if name in measured]}
        for title, names in _SECTIONS
    ]
    lacking = [WORDS[name].name.text(shown.locale) for name in told if name not in measured]
    return showing.page(
        request,
        "console/results.html",
        shown,
        section="results",
        tab="kpis",
        by=asked.by,
        choices=[(key, _(label)) for key, label in _BY],
        sections=[section for section in sections if section["cards"]],
        lacking=lacking,
        **filled(request, shown, known),
    )


def before(request: HttpRequest, shown: Showing, *, tab: str = "kpis") -> HttpResponse:
    """Nothing was counted yet: it is asked for, and the page looks again."""
    if shown.programme is not None:
        jobs.wake(request.business.id, "warehouse", queue="nightly")  # type: ignore[attr-defined]
    return showing.page(
        request,
        "console/results.html",
        shown,
        section="results",
        tab=tab,
        empty=shown.programme is None,
        making=True,
        again=shown.programme is not None,
    )


def filled(request: HttpRequest, shown: Showing, known: reading.Warehouse) -> dict[str, Any]:
    """When it was last filled, and whether it is being filled anew."""
    since = request.GET.get("since", "")
    waiting = since.isdecimal() and known.manifest.number <= int(since)
    return {"filled": shown.moment(known.taken_at), "number": known.manifest.number, "again": waiting}


@staff_only(*SEES)
@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    """Ask for the warehouse to be brought up to now; the page looks again until it is."""
    business = request.business  # type: ignore[attr-defined]
    jobs.wake(business.id, "warehouse", queue="nightly")
    known = reading.opened(settings.WAREHOUSE, business.slug)
    page = _PAGES.get(request.POST.get("page", ""), "console:results")
    return redirect(f"{reverse(page)}?since={known.manifest.number if known else 0}")


@staff_only(*SEES)
def download(request: HttpRequest, name: str) -> HttpResponse:
    """One KPI's numbers by the chosen grouping, as CSV; ratios and money as they are reckoned."""
    shown = showing.begin(request)
    kpi, by = KPIS.get(name), _by(request)
    known = reading.opened(settings.WAREHOUSE, request.business.slug)  # type: ignore[attr-defined]
    if kpi is None or known is None or by not in kpi.by:
        raise Http404
    asked = Asked(shown, by, counting.number(known.taken_at.astimezone(shown.zone).date()))
    rows = _rows(request.business.slug, kpi, asked)  # type: ignore[attr-defined]
    return csv_files.csv_of(
        f"{name}-{by}-{counting.name(asked.last)}",
        ["month", "key", "value", "numerator", "denominator", "partial"],
        [[r.month, r.key, r.value, r.numerator, r.denominator, "yes" if r.partial else "no"] for r in rows],
    )


def _by(request: HttpRequest) -> str:
    wanted = request.GET.get("by", MONTH)
    return wanted if wanted in dict(_BY) else MONTH


def _rows(slug: str, kpi: Kpi, asked: Asked) -> list[Row]:
    return served.rows(settings.WAREHOUSE, slug, kpi, first=asked.first, last=asked.last, by=asked.by)


def said(kpi: Kpi, value: float | int | None, shown: Showing, key: str = "") -> str:
    """A value as people read it."""
    if value is None:
        return "–"
    if kpi.unit == MONEY:
        return shown.money(round(value))
    if kpi.unit == SHARE:
        return i18n.number(f"{value * 100:.1f}", shown.locale) + " %"
    if kpi.unit == NUMBER:
        return i18n.number(f"{value:.2f}", shown.locale)
    if kpi.unit == NPS:
        return ("+" if value > 0 else "−" if value < 0 else "") + shown.number(abs(round(value)))
    if kpi.unit == POINTS and key:
        return f"{shown.number(int(value))} {shown.unit(key)}"
    return shown.number(int(value))


def parts(kpi: Kpi, row: Row, shown: Showing) -> tuple[str, str]:
    """Numerator and denominator as people read them; the second is empty for counts."""
    above = (
        shown.money(row.numerator)
        if kpi.unit == MONEY or kpi.name == "engagement_share"
        else shown.number(row.numerator)
    )
    if row.denominator is None:
        return above, ""
    return above, shown.money(row.denominator) if kpi.name == "engagement_share" else shown.number(row.denominator)


def key_name(key: str, by: str, kpi: Kpi, shown: Showing) -> str:
    """A group as the merchant calls it."""
    if kpi.key:
        return shown.unit(key)
    if not key:
        return "" if by == MONTH else _("not told")
    if by == STORE:
        return showing.store_names().get(key) or key
    level = shown.programme.by_level.get(key) if by == TIER and shown.programme else None
    return (level.name.text(shown.locale) if level else "") or key


def _card(kpi: Kpi, rows: list[Row], asked: Asked) -> dict[str, Any]:
    """A KPI as the page shows it: its line or lines, and everything as a table."""
    shown, words = asked.shown, WORDS[kpi.name]
    drawn = [row for row in rows if not (kpi.whole_months and row.partial)]
    months = sorted({row.month for row in drawn})
    keys = _largest(drawn)
    values = {(row.month, row.key): row.value for row in drawn}
    lines = [[values.get((month, key)) for month in months] for key in keys]
    known = [value for line in lines for value in line if value is not None]
    single = len(keys) == 1
    return {
        "name": kpi.name,
        "title": words.name.text(shown.locale),
        "says": words.says.text(shown.locale),
        "formula": words.formula(shown.locale),
        "number": said(kpi, lines[0][-1], shown, keys[0]) if single and lines[0] else "",
        "month": _month(months[-1]) if months else "",
        "change": _change(kpi, lines[0], shown) if single else "",
        "svg": _svg(lines, months, words.name.text(shown.locale)) if len(months) > 1 else "",
        "most": said(kpi, max([0, *known]), shown, keys[0] if kpi.key else ""),
        "first": _month(months[0]) if months else "",
        "legend": [] if single else [key_name(key, asked.by, kpi, shown) for key in keys],
        "more": len({row.key for row in drawn}) - len(keys),
        "keyed": asked.by != MONTH or bool(kpi.key),
        "rows": [_table_row(kpi, row, asked) for row in reversed(rows)],
    }


def _largest(rows: list[Row]) -> list[str]:
    """The groups with the most behind them in the last months, at most five."""
    weight: dict[str, int] = {}
    for row in rows:
        weight[row.key] = weight.get(row.key, 0) + abs(row.denominator or row.numerator)
    return sorted(weight, key=lambda key: (-weight[key], key))[: trend_chart.MOST_LINES] or [""]


def _table_row(kpi: Kpi, row: Row, asked: Asked) -> dict[str, Any]:
    above, below = parts(kpi, row, asked.shown)
    return {
        "month": _month(row.month),
        "raw": row.month,
        "key": row.key,
        "group": key_name(row.key, asked.by, kpi, asked.shown),
        "value": said(kpi, row.value, asked.shown),
        "above": above,
        "below": below,
        "partial": row.partial,
    }


def _svg(lines: list[list[float | int | None]], months: list[str], name: str) -> SafeString:
    label = _("%(name)s, from %(first)s to %(last)s")
    return trend_chart.svg(lines, label % {"name": name, "first": _month(months[0]), "last": _month(months[-1])})


def _change(kpi: Kpi, line: list[float | int | None], shown: Showing) -> str:
    """Against the month before, in words."""
    if len(line) < 2 or line[-1] is None or line[-2] is None:
        return ""
    now, before = line[-1], line[-2]
    if kpi.unit == SHARE:
        points = round((now - before) * 100, 1)
        if not points:
            return _("as the month before")
        number = i18n.number(f"{abs(points):.1f}", shown.locale)
        return (_("▲ %(n)s points") if points > 0 else _("▼ %(n)s points")) % {"n": number}
    if now == before or not before:
        return _("as the month before") if now == before else ""
    share = i18n.number(f"{abs(now - before) / abs(before) * 100:.1f}", shown.locale)
    return (_("▲ %(n)s %%") if now > before else _("▼ %(n)s %%")) % {"n": share}


def _month(month: str) -> str:
    """09/2026."""
    return f"{datetime.strptime(month, '%Y-%m'):%m/%Y}"
