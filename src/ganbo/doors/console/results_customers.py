"""Ai quay lại: cohorts, recency and frequency, the flow between tiers and lifetime value, each with table, CSV and members."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ganbo.doors.console import csv_files, heat_map, results, showing
from ganbo.doors.console.heat_map import Square
from ganbo.doors.console.showing import Showing
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.kpis import customers
from ganbo.insights.kpis.customers import Customers
from ganbo.insights.kpis.facts import Facts
from ganbo.insights.kpis.served import computed
from ganbo.insights.look import sentences
from ganbo.insights.look.rfm import group_of
from ganbo.insights.warehouse import reading
from ganbo.people.members import queries as members

PAGE = 50
FIFTHS = "12345"


@dataclass(frozen=True, slots=True)
class Telling:
    """What was found, and how it is shown."""

    shown: Showing
    found: Customers

    def share(self, part: float) -> str:
        return i18n.number(f"{part * 100:.0f}", self.shown.locale) + " %"

    def group(self, name: str) -> str:
        return sentences.GROUPS[name][self.shown.locale != "vi"]

    @property
    def tiers(self) -> list[str]:
        """The levels from the highest down; members who had not bought then come last."""
        programme = self.shown.programme
        known = list(reversed(programme.by_level)) if programme else []
        met = {tier for move in self.found.flow for tier in move} - {*known, customers.NEW}
        return [*known, *sorted(met), customers.NEW]

    def tier(self, key: str) -> str:
        level = self.shown.programme.by_level.get(key) if self.shown.programme else None
        return (level.name.text(self.shown.locale) if level else key) or _("not yet there")


@staff_only(*results.SEES)
def page(request: HttpRequest) -> HttpResponse:
    """The four pictures."""
    shown = showing.begin(request)
    known = reading.opened(settings.WAREHOUSE, request.business.slug)  # type: ignore[attr-defined]
    if known is None or shown.programme is None:
        return results.before(request, shown, tab="customers")
    found = _found(request)
    told = _pictures(Telling(shown, found)) if found else {}
    return showing.page(
        request,
        "console/results_customers.html",
        shown,
        section="results",
        tab="customers",
        **told,
        **results.filled(request, shown, known),
    )


@staff_only(*results.SEES)
def download(request: HttpRequest, picture: str) -> HttpResponse:
    """The numbers of one picture, as CSV."""
    shown = showing.begin(request)
    if reading.opened(settings.WAREHOUSE, request.business.slug) is None:  # type: ignore[attr-defined]
        raise Http404
    found = _found(request)
    tables: dict[str, Callable[[Customers], tuple[list[str], list[list[object]]]]] = {
        "cohorts": lambda one: (
            ["cohort", "months_later", "members"],
            [[month, n, count] for month, counts in one.cohorts for n, count in enumerate(counts)],
        ),
        "rfm": lambda one: (
            ["recency", "frequency", "group", "members"],
            [[int(cell[0]), int(cell[1]), group_of(f"{cell}1"), n] for cell, n in sorted(one.cells.items())],
        ),
        "tiers": lambda one: (["then", "now", "members"], [[then, now, n] for (then, now), n in sorted(one.flow.items())]),
        "clv": lambda one: (
            ["name", "value"],
            [[key, value] for key, value in [*one.clv["formula"].items(), ("expected_12_months", one.clv["expected_12_months"])]],
        ),
    }  # fmt: skip
    if picture not in tables or found is None:
        raise Http404
    heading, rows = tables[picture](found)
    return csv_files.csv_of(f"{picture}-{shown.now.astimezone(shown.zone):%Y-%m-%d}", heading, rows)


@staff_only(*results.SEES)
def behind(request: HttpRequest, picture: str) -> HttpResponse:
    """The members of one square or band."""
    shown, asked = showing.begin(request), request.GET
    if reading.opened(settings.WAREHOUSE, request.business.slug) is None:  # type: ignore[attr-defined]
        raise Http404
    first, second = asked.get("a", "")[:64], asked.get("b", "")[:64]
    ids = _ids(request, picture, first, second)
    place = int(asked["from"]) if asked.get("from", "").isdecimal() and len(asked["from"]) < 9 else 0
    found = _found(request)
    if found is None:
        raise Http404
    names = members.by_ids([UUID(one) for one in ids[place : place + PAGE]])
    rows = [names.get(UUID(one)) for one in ids[place : place + PAGE]]
    return showing.page(
        request,
        "console/results_group.html",
        shown,
        section="results",
        title=_title(Telling(shown, found), picture, first, second),
        count=shown.number(len(ids)),
        rows=[
            {"id": m.id, "name": m.name or m.phone or m.email} if m else {"id": None, "name": _("erased")} for m in rows
        ],
        query=f"a={first}&b={second}",
        more=place + PAGE if len(ids) > place + PAGE else None,
    )


def _found(request: HttpRequest) -> Customers | None:
    slug = request.business.slug  # type: ignore[attr-defined]
    return computed(settings.WAREHOUSE, slug, ("customers",), customers.customers)


def _ids(request: HttpRequest, picture: str, first: str, second: str) -> Sequence[str]:
    """Who is in a square. Raises Http404 for one that cannot be."""
    ways: dict[str, Callable[[Facts], Sequence[str]]] = {
        "rfm": lambda facts: customers.in_cell(facts, first),
        "tiers": lambda facts: customers.who_moved(facts, first, second),
    }
    if re.fullmatch(r"2[0-9]{3}-(0[1-9]|1[0-2])", first) and re.fullmatch(r"[0-9]{1,3}", second):
        ways["cohorts"] = lambda facts: customers.in_cohort(facts, first, int(second))
    if picture not in ways:
        raise Http404
    slug = request.business.slug  # type: ignore[attr-defined]
    return computed(settings.WAREHOUSE, slug, ("group", picture, first, second), ways[picture])


def _title(telling: Telling, picture: str, first: str, second: str) -> str:
    if picture == "cohorts":
        return _("First bought in %(month)s, bought %(n)s months later") % {
            "month": f"{first[5:]}/{first[:4]}",
            "n": second,
        }
    if picture == "rfm":
        return _("Recency %(r)s, frequency %(f)s") % {"r": first[:1], "f": first[1:]}
    return f"{telling.tier(first)} → {telling.tier(second)}"


def _pictures(telling: Telling) -> dict[str, Any]:
    return {
        "cohorts": _cohorts(telling),
        "rfm": _rfm(telling),
        "tiers": _tiers(telling),
        "clv": _clv(telling),
    }


def _cohorts(telling: Telling) -> dict[str, Any]:
    """Who came back of those that began together; the first month is everybody, so its colour tells nothing."""
    number = telling.shown.number
    rows, table = [], []
    for month, counts in telling.found.cohorts:
        whole = counts[0] or 1
        name = f"{month[5:]}/{month[:4]} · {number(counts[0])}"
        rows.append((name, [Square(telling.share(n / whole), n / whole) for n in counts[1:]]))
        cells = [{"n": number(n), "share": telling.share(n / whole), "later": place} for place, n in enumerate(counts)]
        table.append({"name": f"{month[5:]}/{month[:4]}", "month": month, "cells": cells})
    most = max(len(counts) for _month, counts in telling.found.cohorts)
    heads = [str(n) for n in range(1, most)]
    label = _("Share of each cohort that bought again, by months since the first purchase")
    return {"svg": heat_map.svg(heads, rows, label) if heads else "", "heads": ["0", *heads], "table": table}


def _rfm(telling: Telling) -> dict[str, Any]:
    cells = telling.found.cells
    most = max(cells.values(), default=0) or 1
    number = telling.shown.number
    rows = [
        (
            {"5": _("bought most often"), "1": _("bought least often")}.get(f, f),
            [Square(number(cells.get(r + f, 0)), cells.get(r + f, 0) / most) for r in FIFTHS],
        )
        for f in reversed(FIFTHS)
    ]
    heads = [_("longest ago"), "2", "3", "4", _("lately")]
    whole = sum(telling.found.groups.values()) or 1
    groups = [
        {"name": telling.group(name), "n": number(n), "share": telling.share(n / whole)}
        for name, n in telling.found.groups.items()
    ]
    table = [
        {"cell": r + f, "r": r, "f": f, "n": number(cells[r + f]), "group": telling.group(group_of(f"{r}{f}1"))}
        for r in reversed(FIFTHS)
        for f in reversed(FIFTHS)
        if cells.get(r + f)
    ]
    label = _("Members by how lately and how often they bought")
    return {"svg": heat_map.svg(heads, rows, label, small=True), "groups": groups, "table": table}


def _tiers(telling: Telling) -> dict[str, Any]:
    """From where to where members went since three months ago; nothing without tiers."""
    keys, flow = telling.tiers, telling.found.flow
    if not flow:
        return {}
    place = {key: n for n, key in enumerate(keys)}
    moves = {(place[then], place[now]): n for (then, now), n in flow.items()}
    label = _("Members by tier then and now")
    table = [
        {"then": then, "now": now, "from": telling.tier(then), "to": telling.tier(now), "n": telling.shown.number(n)}
        for (then, now), n in sorted(flow.items(), key=lambda one: (place[one[0][0]], place[one[0][1]]))
    ]
    since = telling.found.since
    svg = heat_map.flow([telling.tier(key) for key in keys], moves, label)
    return {"svg": svg, "table": table, "since": f"{since[5:]}/{since[:4]}"}


def _clv(telling: Telling) -> dict[str, Any]:
    """The article's formula with its parts, and what the models expect of the next twelve months."""
    shown, formula, clv = telling.shown, telling.found.clv["formula"], telling.found.clv

    def decimal(value: float | None) -> str:
        return "–" if value is None else i18n.number(f"{value:.2f}", shown.locale)

    def money(value: float | None) -> str:
        return "–" if value is None else shown.money(round(value))

    return {
        "value": money(formula["value"]),
        "aov": money(formula["average_order_value"]),
        "often": decimal(formula["orders_per_month"]),
        "life": decimal(formula["lifetime_months"]),
        "expected": money(clv["expected_12_months"]) if clv["expected_12_months"] is not None else "",
        "lacking": bool(clv["bg_nbd"]) and not clv["bg_nbd"]["dropout_identified"],
        "members": shown.number(clv.get("members", 0)),
        "repeat": shown.number(clv.get("repeat", 0)),
    }
