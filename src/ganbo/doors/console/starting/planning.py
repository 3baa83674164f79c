"""Step 4: an aim and a greatest cost; three programmes tried on the past sales; each can be opened, turned, compared."""

import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from ganbo.doors.console import showing, trend_chart
from ganbo.doors.console.showing import MAY_PUBLISH, Showing
from ganbo.doors.console.starting import customers, pages, telling
from ganbo.features.programmes import fitted
from ganbo.features.programmes.fitted import Dials
from ganbo.features.starting import queries
from ganbo.features.starting.operations import Gone, TooManyProposals
from ganbo.features.starting.queries import ProposalRow, SalesRow
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import starting

LEAST_CAP, MOST_CAP, USUAL_CAP = 50, 1_500, 300  # ten-thousandths of revenue
MOST_COMPARED = trend_chart.MOST_LINES


def looked(sales_id: UUID) -> SalesRow:
    """Sales whose customers were seen; others have no programmes to try."""
    sales = pages.known(sales_id)
    if sales.state != "looked":
        raise Http404
    return sales


def chosen(sales: SalesRow, proposal_id: UUID) -> ProposalRow:
    """One of the proposals tried on them."""
    found = queries.proposal(sales.id, proposal_id)
    if found is None:
        raise Http404
    return found


@never_cache
@staff_only(*MAY_PUBLISH)
def plan(request: HttpRequest, sales_id: UUID) -> HttpResponse:
    """The aim, the cap, the proposals side by side; POST makes new ones."""
    shown, sales = showing.begin(request), looked(sales_id)
    if request.method == "POST":
        return _plan(request, shown, sales)
    return _page(request, shown, sales, aim=sales.aim or fitted.SOONER, cap=_written(sales.cap or USUAL_CAP, shown))


def _plan(request: HttpRequest, shown: Showing, sales: SalesRow) -> HttpResponse:
    aim, typed = request.POST.get("aim", ""), request.POST.get("cap", "").strip()[:10]
    cap = _cap(typed)
    if aim not in fitted.AIMS or cap is None:
        wrong = _("A number from 0.5 to 15.") if cap is None else ""
        return _page(
            request, shown, sales, aim=aim if aim in fitted.AIMS else fitted.SOONER, cap=typed, wrong=wrong, status=422
        )
    visits = _visits(sales)
    kinds = [(kind, visits, 3 if "stamps" in kind else 12) for kind in fitted.AIMS[aim]]
    try:
        starting.plan(sales.id, aim=aim, cap=cap, kinds=kinds)
    except Gone as gone:
        raise Http404 from gone
    return redirect("console:start_plan", sales.id)


def _cap(typed: str) -> int | None:
    """Per cent as typed, in ten-thousandths."""
    plain = typed.replace("%", "").replace(",", ".").strip()
    if not re.fullmatch(r"\d{1,2}(\.\d{1,2})?", plain):
        return None
    found = round(float(plain) * 100)
    return found if LEAST_CAP <= found <= MOST_CAP else None


def _written(cap: int, shown: Showing) -> str:
    text = f"{cap / 100:g}"
    return text.replace(".", ",") if shown.locale == "vi" else text


def _visits(sales: SalesRow) -> int:
    """Half of what a customer who came back came in all: so most of them reach the first gift."""
    once = sales.found["members_by_orders"][0]
    returning = max(sales.found["repeat_members"], 1)
    mean = (sales.found["orders"] - once) / returning
    return min(max(round(mean / 2), 3), 10)


def _page(request: HttpRequest, shown: Showing, sales: SalesRow, *, status: int = 200, **context: Any) -> HttpResponse:
    rows = queries.proposals(sales.id)
    shop = starting.shop_of(sales)
    cards = [telling.card(one, sales, shop, shown) for one in rows]
    return pages.page(
        request, shown, "plan", 4, sales, cards=cards, aims=_aims(), again=any(one.working for one in rows),
        month=i18n.money(shop.cap, sales.currency, shown.locale) if rows else "", title=pages.title(sales),
        assumed=telling.assumptions(sales, shown, kinds=[one.kind for one in rows]) if rows else [], status=status, **context,
    )  # fmt: skip


def _aims() -> list[tuple[str, str, str]]:
    return [
        (fitted.SOONER, _("Come back sooner"), _("more visits by the same people")),
        (fitted.MORE, _("Buy more each time"), _("larger bills")),
        (fitted.FRIENDS, _("Bring friends"), _("come as two, or as a family")),
    ]


@never_cache
@staff_only(*MAY_PUBLISH)
def proposal(request: HttpRequest, sales_id: UUID, proposal_id: UUID) -> HttpResponse:
    """One proposal with its three dials; POST turns them, or keeps the turned one beside it."""
    shown, sales = showing.begin(request), looked(sales_id)
    one = chosen(sales, proposal_id)
    problem = ""
    if request.method == "POST":
        dials = _turned(request, one, sales)
        if dials is None:
            problem = _("Whole numbers are needed: an amount, visits, months.")
        else:
            done = _turn(request, sales, one, dials)
            if isinstance(done, HttpResponse):
                return done
            problem = done
        one = chosen(sales, proposal_id)
    shop = starting.shop_of(sales)
    return pages.page(
        request, shown, "proposal", 4, sales, card=telling.card(one, sales, shop, shown), one=one, again=one.working,
        limits=_limits(sales), problem=problem, title=pages.title(sales), unit="₫" if sales.currency == "VND" else sales.currency,
        cap=i18n.percent(sales.cap / 10_000, shown.locale), assumed=telling.assumptions(sales, shown, kinds=[one.kind]),
        status=422 if problem else 200,
    )  # fmt: skip


def _limits(sales: SalesRow) -> dict[str, Any]:
    shop = starting.shop_of(sales)
    step = fitted.nice_step(shop.bill)
    return {
        "step": step, "least": step, "most": max(fitted.nice(2 * shop.bill, shop.bill), step),
        "least_visits": fitted.LEAST_VISITS, "most_visits": fitted.MOST_VISITS,
        "least_months": fitted.LEAST_MONTHS, "most_months": fitted.MOST_MONTHS,
    }  # fmt: skip


def _turned(request: HttpRequest, one: ProposalRow, sales: SalesRow) -> Dials | None:
    typed = [
        request.POST.get(key, "").strip().replace(".", "").replace(",", "") for key in ("gift", "visits", "months")
    ]
    if not all(text.isascii() and text.isdigit() and len(text) < 12 for text in typed):
        return None
    gift, visits, months = map(int, typed)
    return fitted.turned(Dials(gift, visits, months), starting.shop_of(sales))


def _turn(request: HttpRequest, sales: SalesRow, one: ProposalRow, dials: Dials) -> HttpResponse | str:
    """The answer, or what is wrong; an empty text: done, and the page is shown again."""
    source = fitted.source(one.kind, starting.shop_of(sales), dials)
    how = {"gift": dials.gift, "visits": dials.visits, "months": dials.months, "source": source}
    try:
        if request.POST.get("do") == "keep":
            made = starting.add(one, **how)  # type: ignore[arg-type]
            return redirect("console:start_proposal", sales.id, made)
        if (one.gift, one.visits, one.months) != (dials.gift, dials.visits, dials.months) or one.problem:
            starting.turn(one, **how)  # type: ignore[arg-type]
    except TooManyProposals as full:
        return _("%(most)s proposals stand side by side already. Turn one of them instead.") % full.params
    except Gone:
        return _("Somebody changed it meanwhile. Look again.")
    return "" if request.headers.get("HX-Request") else redirect("console:start_proposal", sales.id, one.id)


@never_cache
@staff_only(*MAY_PUBLISH)
def compare(request: HttpRequest, sales_id: UUID) -> HttpResponse:
    """Two or more side by side: what they cost, month by month."""
    shown, sales = showing.begin(request), looked(sales_id)
    asked = request.GET.getlist("p")
    rows = [one for one in queries.proposals(sales.id) if str(one.id) in asked and (one.exact or one.estimate)]
    rows = rows[:MOST_COMPARED]
    if len(rows) < 2:
        return redirect("console:start_plan", sales.id)
    shop = starting.shop_of(sales)
    found = [one.exact or one.estimate or {} for one in rows]
    months = [month for month, _cost in found[0]["monthly"]]
    lines = [[cost for _month, cost in each["monthly"]] for each in found]
    table = [
        (customers.month(month), [i18n.money(line[n], sales.currency, shown.locale) for line in lines])
        for n, month in enumerate(months)
    ]
    return pages.page(
        request, shown, "compare", 4, sales, cards=[telling.card(one, sales, shop, shown) for one in rows],
        svg=trend_chart.svg(lines, _("What gifts cost, month by month")) if len(months) > 1 else "",
        most=i18n.money(max(max(line) for line in lines), sales.currency, shown.locale), table=table,
        first=table[0][0], last=table[-1][0], title=pages.title(sales),
        assumed=telling.assumptions(sales, shown, kinds=[one.kind for one in rows]),
    )  # fmt: skip
