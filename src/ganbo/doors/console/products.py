"""Sản phẩm và bảng giá: what offers and conditions know of an item, what each list's members pay, and a file brought in."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from ganbo.doors.console import showing
from ganbo.doors.console.showing import MAY_SET_UP, Showing
from ganbo.features.products import import_words, queries
from ganbo.features.products.queries import ProductRow
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import import_products
from ganbo.journeys.import_products import Outlook

PAGE = 50
MOST_LISTS = 6  # columns a screen has room for; the API shows them all
MOST_BAD = 50  # lines shown
LARGEST = 2 * 1024 * 1024  # bytes through the browser; larger files by `ganbo import products`


@staff_only()
def products(request: HttpRequest) -> HttpResponse:
    """Every item with its price, by list; or those a search means."""
    shown = showing.begin(request)
    text = request.GET.get("q", "").strip()[:100]
    found = queries.page(after=request.GET.get("after"), most=PAGE + 1, search=text)
    lists = queries.lists()[:MOST_LISTS]
    return _page(
        request,
        shown,
        "console/products.html",
        q=text,
        rows=[_row(row, lists, shown) for row in found[:PAGE]],
        lists=lists,
        older=found[PAGE - 1].sku if len(found) > PAGE else "",
        later=bool(request.GET.get("after")),
        total=shown.number(queries.count()),
        uses=shown.programme is not None and shown.programme.products,
    )


@never_cache
@staff_only(*MAY_SET_UP)
def import_page(request: HttpRequest) -> HttpResponse:
    """POST `do=look` says what would come of the file, `do=write` keeps the items."""
    shown = showing.begin(request)
    if request.method != "POST":
        return _import(request, shown)
    text, problem = _text(request)
    if problem:
        return _import(request, shown, problem=problem, status=422)
    try:
        outlook = import_products.look(text, now=shown.now)
    except NoProgramme:
        return _import(request, shown, problem=_("Publish a programme first: it says the currency."), status=422)
    if request.POST.get("do") != "write" or not outlook.writes:
        return _import(request, shown, outlook=_shown(outlook, shown), text=text)
    kept = import_products.bring_in(outlook, by=shown.staff.actor, now=shown.now)
    done = ngettext("%(n)s product is kept.", "%(n)s products are kept.", kept) % {"n": shown.number(kept)}
    messages.success(request, done)
    return redirect("console:products")


def _import(request: HttpRequest, shown: Showing, *, status: int = 200, **context: Any) -> HttpResponse:
    return _page(request, shown, "console/products_import.html", status=status, **context)


def _page(request: HttpRequest, shown: Showing, template: str, **context: Any) -> HttpResponse:
    return showing.page(request, template, shown, section="programme", tab="products", **context)


def _row(row: ProductRow, lists: list[str], shown: Showing) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "name": row.name or row.sku,
        "category": row.category,
        "labels": row.labels,
        "price": shown.money(row.price) if row.price is not None else "",
        "prices": [(name, shown.money(row.prices[name]) if name in row.prices else "") for name in lists],
        "margin": _margin(row, shown),
    }


def _margin(row: ProductRow, shown: Showing) -> str:
    """What is left of the price when the item is paid for."""
    if not row.price or row.cost is None:
        return ""
    return f"{shown.number(round((row.price - row.cost) * 100 / row.price))} %"


def _text(request: HttpRequest) -> tuple[str, str]:
    """The file's text, or what was looked through before; and what is wrong with it."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        text = request.POST.get("text", "")
        return text, "" if text.strip() else _("Choose a file with products.")
    if (sent.size or 0) > LARGEST:
        return "", _("The file is larger than 2 MB. Use “ganbo import products”, or split it.")
    try:
        return sent.read().decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", _("The file is not UTF-8. Save it as CSV UTF-8 and choose it again.")


def _shown(outlook: Outlook, shown: Showing) -> dict[str, Any]:
    return {
        "new": shown.number(len(outlook.new)),
        "changed": shown.number(len(outlook.changed)),
        "same": shown.number(outlook.same + outlook.twice),
        "writes": shown.number(len(outlook.writes)),
        "any": bool(outlook.writes),
        "bad": shown.number(len(outlook.bad)),
        "lines": [(bad.number, import_words.said(bad, locale=shown.locale)) for bad in outlook.bad[:MOST_BAD]],
        "more": shown.number(len(outlook.bad) - MOST_BAD) if len(outlook.bad) > MOST_BAD else "",
        "unread": ", ".join(outlook.unread),
    }
