"""Steps 1 to 3: a file or three numbers come in, its columns are told, the customers are seen; deleted at any moment."""

import csv
import shutil
from io import StringIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from ganbo.doors.console import csv_files, showing
from ganbo.doors.console.showing import MAY_PUBLISH, Showing
from ganbo.doors.console.starting import customers, receiving
from ganbo.features.starting import queries
from ganbo.features.starting.operations import Gone, Received, TooMany
from ganbo.features.starting.queries import SalesRow
from ganbo.foundation import chance, i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.insights.look import columns, sentences
from ganbo.journeys import starting

LEFT_OUT = "left-out.csv"
MOST_BILLS, MOST_BILL = 3_000, 100_000_000  # a day; in major units
MOST_TOLD = 10_000  # rows that are named one by one, as the reading keeps them


def known(sales_id: UUID) -> SalesRow:
    """The sales a page is about; another business's are not there."""
    found = queries.by_id(sales_id)
    if found is None:
        raise Http404
    return found


def page(
    request: HttpRequest, shown: Showing, template: str, step: int, sales: SalesRow | None, **context: Any
) -> HttpResponse:
    """One step: the five of them at the top, those that can be gone to as links."""
    return showing.page(
        request, f"console/start/{template}.html", shown, section="start", step=step, sales=sales,
        steps=_steps(step, sales), **context,
    )  # fmt: skip


def _steps(here: int, sales: SalesRow | None) -> list[dict[str, Any]]:
    names = [_("Your sales"), _("Which column is what"), _("Your customers"), _("Aim and cost"), _("Put to use")]
    reached = 1
    if sales is not None and sales.found.get("head"):
        reached = 4 if sales.state == "looked" else 2
    links = [reverse("console:start")]
    if sales is not None:
        links += [reverse(f"console:start_{name}", args=[sales.id]) for name in ("columns", "customers", "plan")]
    return [
        {"n": n, "name": name, "here": n == here, "link": links[n - 1] if n <= min(reached, len(links)) and n != here else ""}
        for n, name in enumerate(names, 1)
    ]  # fmt: skip


@never_cache
@staff_only(*MAY_PUBLISH)
def begin(request: HttpRequest) -> HttpResponse:
    """Step 1, and what is there already."""
    return _begin(request, showing.begin(request))


def _begin(request: HttpRequest, shown: Showing, *, status: int = 200, **context: Any) -> HttpResponse:
    rows = [
        {
            "id": one.id,
            "name": title(one),
            "when": shown.moment(one.created_at),
            "size": _size(one, shown) if one.numbers is None else "",
        }
        for one in queries.every()
    ]
    most = f"{receiving.LARGEST // 1024**2} MB"
    return page(request, shown, "begin", 1, None, rows=rows, most=most, status=status, **context)


def title(sales: SalesRow) -> str:
    """The file's name, or what the three numbers were."""
    return sales.name or _("three numbers")


def _size(sales: SalesRow, shown: Showing) -> str:
    megabytes = sales.size / 1024**2
    return f"{i18n.number(f'{megabytes:.1f}', shown.locale)} MB"


@csrf_exempt  # the token is asked for below, once it is sure that the whole form may be read
@require_POST
@staff_only(*MAY_PUBLISH)
def upload(request: HttpRequest) -> HttpResponse:
    """A file comes in; how long the whole form is says beforehand whether it can be taken."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdigit() or int(length) > receiving.LARGEST + receiving.AROUND:
        return _begin(request, showing.begin(request), problem=_too_large(), status=413)
    business = request.business  # type: ignore[attr-defined]
    handler = receiving.ToFolder(request, business.schema, chance.new_id())
    request.upload_handlers = [handler]
    return _upload(request, handler)


def _too_large() -> str:
    text = _("The file is larger than %(n)s MB. Leave out older years or columns nobody needs, then drop it again.")
    return text % {"n": receiving.LARGEST // 1024**2}


@csrf_protect
def _upload(request: HttpRequest, handler: receiving.ToFolder) -> HttpResponse:
    shown = showing.begin(request)
    sent = request.FILES.get(receiving.FIELD)
    problem, status = "", 422
    if handler.too_large:
        problem, status = _too_large(), 413
    elif sent is None:
        problem = _("Choose a file with your bills first.")
    elif not receiving.is_table(handler.folder / receiving.FILE):
        problem = _("This is no table. Save your bills as CSV, XLSX or Parquet and drop that file.")
    if problem:
        handler.drop()
        return _begin(request, shown, problem=problem, status=status)
    sales_id = UUID(handler.folder.name)
    what = Received(sales_id, handler.name or _("sales"), handler.size, None, shown.currency, str(shown.zone))
    try:
        starting.receive(what, by=shown.staff.actor, at=shown.now)
    except TooMany as full:
        handler.drop()
        return _begin(request, shown, problem=_full(full), status=422)
    return redirect("console:start_columns", sales_id)


def _full(full: TooMany) -> str:
    return _("%(most)s files are kept already. Delete one of them first.") % full.params


@require_POST
@staff_only(*MAY_PUBLISH)
def numbers(request: HttpRequest) -> HttpResponse:
    """Three numbers instead of a file."""
    shown = showing.begin(request)
    typed = {name: request.POST.get(name, "").strip()[:20] for name in ("bills", "bill", "regulars")}
    bills, bill = _whole(typed["bills"]), _amount(typed["bill"])
    regulars = _whole(typed["regulars"])
    wrong = {}
    if bills is None or not 1 <= bills <= MOST_BILLS:
        wrong["bills"] = _("A whole number from 1 to %(most)s.") % {"most": shown.number(MOST_BILLS)}
    if bill is None or not 0 < bill <= MOST_BILL:
        wrong["bill"] = _("An amount, such as 65.000.") if shown.locale == "vi" else _("An amount, such as 65,000.")
    if regulars is None or not 0 <= regulars <= 10:
        wrong["regulars"] = _("A whole number from 0 to 10.")
    if wrong:
        return _begin(request, shown, typed=typed, wrong=wrong, status=422)
    what = Received(
        chance.new_id(), "", 0, {"bills": bills, "bill": bill, "regulars": regulars}, shown.currency, str(shown.zone)
    )
    try:
        starting.receive(what, by=shown.staff.actor, at=shown.now)
    except TooMany as full:
        return _begin(request, shown, typed=typed, problem=_full(full), status=422)
    return redirect("console:start_customers", what.id)


def _whole(text: str) -> int | None:
    plain = text.replace(".", "").replace(",", "").replace("\u00a0", "").replace(" ", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None


def _amount(text: str) -> float | None:
    """65.000, 65,000 and 65000 are one; 4.50 and 4,50 are another."""
    plain = text.replace("\u00a0", "").replace(" ", "").replace("₫", "").replace(",", ".")
    whole, dot, part = plain.rpartition(".")
    joined = f"{whole.replace('.', '')}.{part}" if dot and len(part) != 3 else plain.replace(".", "")
    try:
        return float(joined)
    except ValueError:
        return None


def waiting(request: HttpRequest, shown: Showing, sales: SalesRow, step: int) -> HttpResponse:
    """The job reads; the page looks again every second, or by itself when scripts are off."""
    rows = shown.number(sales.rows) if sales.rows else ""
    return page(
        request,
        shown,
        "waiting",
        step,
        sales,
        rows=rows,
        title=title(sales),
        share=round(sales.share * 100),
        again=True,
    )


def onward(request: HttpRequest, name: str, *args: object) -> HttpResponse:
    """To another step; a page that looks again by script is told to go there."""
    if request.headers.get("HX-Request"):
        answer = HttpResponse()
        answer["HX-Redirect"] = reverse(f"console:{name}", args=args)
        return answer
    return redirect(f"console:{name}", *args)


@never_cache
@staff_only(*MAY_PUBLISH)
def columns_page(request: HttpRequest, sales_id: UUID) -> HttpResponse:
    """Step 2: the first rows with what each column seems to be; POST tells."""
    shown, sales = showing.begin(request), known(sales_id)
    if sales.state == "received":
        return waiting(request, shown, sales, 1)
    if "head" not in sales.found:
        return page(request, shown, "failed", 1, sales, problem=_problem(sales), title=title(sales))
    if request.headers.get("HX-Request"):
        return onward(request, "start_columns", sales.id)
    if request.method == "POST":
        return _tell(request, shown, sales)
    chosen = sales.columns or sales.found["head"]["guess"]
    problem = _problem(sales) if sales.state == "failed" else ""
    return _columns(request, shown, sales, chosen, ", ".join(sales.anonymous), problem=problem)


def _columns(
    request: HttpRequest, shown: Showing, sales: SalesRow, chosen: dict[str, str] | Any, anonymous: str, *,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    head = sales.found["head"]
    meant = {name: field for field, name in chosen.items()}
    told = [
        {"n": n, "name": name, "field": meant.get(name, ""), "guessed": name in head["guess"].values()}
        for n, name in enumerate(head["heading"])
    ]
    return page(
        request, shown, "columns", 2, sales, columns=told, rows=head["rows"], choices=_fields(), anonymous=anonymous,
        problem=problem, title=title(sales), how=_how_opened(head), read=_read(sales, shown), status=status,
    )  # fmt: skip


def _how_opened(head: dict[str, Any]) -> str:
    parts = [head["kind"].upper()]
    if head["encoding"]:
        parts.append(head["encoding"].replace("-sig", "").upper())
    return " · ".join(parts)


def _fields() -> list[tuple[str, str]]:
    return [
        ("", _("not used")), ("order_id", _("bill number")), ("member", _("customer")), ("occurred_at", _("day and hour")),
        ("amount", _("amount")), ("quantity", _("quantity")), ("unit_price", _("price of one")), ("discount", _("discount")),
        ("sku", _("item code")), ("category", _("kind of item")), ("store", _("shop")),
    ]  # fmt: skip


def _tell(request: HttpRequest, shown: Showing, sales: SalesRow) -> HttpResponse:
    heading = sales.found["head"]["heading"]
    chosen: dict[str, str] = {}
    twice = False
    for n, name in enumerate(heading):
        field = request.POST.get(f"c{n}", "")
        if field in columns.KNOWN and name:
            twice = twice or field in chosen
            chosen[field] = name
    anonymous = [one.strip()[:80] for one in request.POST.get("anonymous", "").split(",") if one.strip()][:20]
    lacking = columns.missing(dict.fromkeys(chosen, 0))
    names = dict(_fields())
    problem = ""
    if twice:
        problem = _("Two columns are said to be the same. Leave one of them as “not used”.")
    elif lacking:
        problem = _("Nothing can be counted without: %(names)s. Say which column it is.") % {
            "names": ", ".join(names[one] for one in lacking)
        }
    if problem:
        return _columns(request, shown, sales, chosen, ", ".join(anonymous), problem=problem, status=422)
    try:
        starting.tell(sales.id, chosen, anonymous)
    except Gone as gone:
        raise Http404 from gone
    return redirect("console:start_customers", sales.id)


def _problem(sales: SalesRow) -> str:
    """What kept the file from being read, and what to do."""
    told = {
        "unreadable": _("No table could be read in this file. Save it again as CSV, XLSX or Parquet, with one line of headings."),
        "no_columns": _("The columns you chose were not found where the table begins. Choose them again."),
        "nothing_left": _("Not one line could be read with these columns. The reasons are in the download; choose the columns again."),
        "no_members": _("No line names a customer. Choose the column with a phone number, card or name."),
        "ended": _("The file needs more memory than this machine has. Leave out older years or columns nobody needs."),
    }  # fmt: skip
    return told.get(sales.problem, _("Our mistake: the file could not be read. Nothing of it was used."))


@never_cache
@staff_only(*MAY_PUBLISH)
def customers_page(request: HttpRequest, sales_id: UUID) -> HttpResponse:
    """Step 3: three sentences, three pictures."""
    shown, sales = showing.begin(request), known(sales_id)
    if sales.working:
        return waiting(request, shown, sales, 3)
    if sales.state != "looked":
        return onward(request, "start_columns", sales.id)
    if request.headers.get("HX-Request"):
        return onward(request, "start_customers", sales.id)
    told = customers.told(sales, shown)
    return page(request, shown, "customers", 3, sales, title=title(sales), read=_read(sales, shown), **told)


def _read(sales: SalesRow, shown: Showing) -> dict[str, Any] | None:
    """How many lines were read, how many were left out, and why."""
    how = sales.found.get("reading")
    if not how:
        return None
    return {
        "good": shown.number(how["read"]),
        "bad": shown.number(how["left_out"]) if how["left_out"] else "",
        "reasons": [(sentences.reason(code, shown.locale), shown.number(n)) for code, n in how["reasons"].items()],
        "more": how["left_out"] > MOST_TOLD,
    }


@staff_only(*MAY_PUBLISH)
def left_out(request: HttpRequest, sales_id: UUID) -> HttpResponse:
    """The lines that were not read, each with its reason in words."""
    shown, sales = showing.begin(request), known(sales_id)
    path = queries.folder(request.business.schema, sales.id) / LEFT_OUT  # type: ignore[attr-defined]
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as failure:
        raise Http404 from failure
    rows = [[line, sentences.reason(code, shown.locale), value] for line, code, value in csv.reader(StringIO(text))]
    return csv_files.csv_of(_("lines-left-out"), [_("line"), _("reason"), _("what stands there")], rows)


@require_POST
@staff_only(*MAY_PUBLISH)
def remove(request: HttpRequest, sales_id: UUID) -> HttpResponse:
    """The file, everything made of it and everything found in it; what was published stays."""
    shown, sales = showing.begin(request), known(sales_id)
    shutil.rmtree(queries.folder(request.business.schema, sales.id), ignore_errors=True)  # type: ignore[attr-defined]
    starting.remove(sales.id, by=shown.staff.actor)
    messages.success(
        request, _("“%(name)s” is deleted, with everything that was found in it.") % {"name": title(sales)}
    )
    return redirect("console:start")
