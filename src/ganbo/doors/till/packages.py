"""Packages at the till: sold, used with one press, paused, given back; each once however often its form is sent."""

from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ganbo.doors.till import counter as counters
from ganbo.doors.till import identify, package_rows, saying, serving, views
from ganbo.doors.till.acting import act, page_of
from ganbo.doors.till.counter import Counter
from ganbo.features.packages import queries
from ganbo.features.packages.operations import PackageUnknown, UseUnknown
from ganbo.features.packages.queries import PackageRow, UseRow
from ganbo.foundation import i18n
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import answer_once, packages, recording
from ganbo.journeys.packages import Wish
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members
from ganbo.people.members.queries import MemberRow

MOST_AT_ONCE = 100


@act
def sell(request: HttpRequest) -> HttpResponse:
    """A new package for the member; the money was taken."""
    at, wanted = counters.of(request), request.POST.get("package", "")

    def work(member: MemberRow) -> str:
        row = packages.sell(wanted, member_id=member.id, by=at.staff.actor, now=at.now, store=_store(at))
        return str(row.id)

    return _done(request, f"sell|{wanted}", work, at, page="till:package")


@act
def use(request: HttpRequest) -> HttpResponse:
    """Units of a package of the member's own or one they share."""
    at, unit = counters.of(request), request.POST.get("unit", "")[:64]
    package, quantity = request.POST.get("package", ""), _quantity(request.POST.get("quantity", "1"))

    def work(member: MemberRow) -> str:
        wish = Wish(unit, quantity, member.id)
        return str(packages.use(UUID(package), wish, by=at.staff.actor, now=at.now, store=_store(at)).id)

    return _done(request, f"use|{package}|{unit}|{quantity}", work, at, page="till:package_used")


@act
def refund(request: HttpRequest) -> HttpResponse:
    """What is left is given back, for just the money that was said."""
    at, package = counters.of(request), request.POST.get("package", "")
    worth = request.POST.get("worth", "")

    def work(member: MemberRow) -> str:
        told = int(worth) if worth.isascii() and worth.isdigit() else -1
        row = packages.refund(_own(package, member, at).id, by=at.staff.actor, now=at.now, store=_store(at), told=told)
        return str(row.id)

    return _done(request, f"refund|{package}|{worth}", work, at, page="till:package")


@act
def pause(request: HttpRequest) -> HttpResponse:
    """Its time stands still, or goes on again with `resume`."""
    at, package = counters.of(request), request.POST.get("package", "")
    member, resume = request.POST.get("member", ""), "resume" in request.POST
    try:
        row = _own(package, _member(request), at)
        (packages.resume if resume else packages.pause)(row.id, by=at.staff.actor, now=at.now)
        messages.success(request, _("The package goes on.") if resume else _("The package is paused."))
    except ValueError:
        pass
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
    return HttpResponseRedirect(page_of(member))


@act
def undo_use(request: HttpRequest) -> HttpResponse:
    """The units are there again; a cashier within the hour."""
    at = counters.of(request)
    try:
        used = packages.undo_use(
            UUID(request.POST.get("use", "")), by=at.staff.actor, now=at.now, within=at.undo_within
        )
    except ValueError:
        return HttpResponseRedirect(reverse("till:counter"))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:package_used", args=[used.id]))


@act
def undo_sale(request: HttpRequest) -> HttpResponse:
    """The package was sold by mistake; a cashier within the hour, nobody once something was used."""
    at = counters.of(request)
    try:
        row = packages.undo_sale(
            UUID(request.POST.get("package", "")),
            by=at.staff.actor,
            now=at.now,
            store=_store(at),
            within=at.undo_within,
        )
    except ValueError:
        return HttpResponseRedirect(reverse("till:counter"))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(reverse("till:counter"))
    return HttpResponseRedirect(reverse("till:package", args=[row.id]))


@staff_only(*views.ROLES)
def package(request: HttpRequest, package_id: UUID) -> HttpResponse:
    """A package that was just sold or given back."""
    at = counters.of(request)
    row = queries.get(package_id, at=at.now)
    member = members.get(row.member_id) if row else None
    if row is None or member is None:
        raise Http404
    gone = row.state == "refunded"
    context = {
        "title": _("Given back") if gone else _("Package sold"),
        "sentence": _of_refund(row, at) if gone else _of_sale(row, at),
        "undone": gone,
        "undo": "" if gone or not row.untouched else reverse("till:undo_package"),
        "field": ("package", row.id),
        "late": _late((at.now - row.sold_at).total_seconds(), at),
        "served": serving.served(member, at),
        "packages": package_rows.of_member(member, at),
    }
    return views.page(request, at, "till/told.html", context)


@staff_only(*views.ROLES)
def used(request: HttpRequest, use_id: UUID) -> HttpResponse:
    """Units that were just used, and how many are left."""
    at = counters.of(request)
    row = queries.use(use_id)
    member = members.get(row.member_id) if row else None
    if row is None or member is None:
        raise Http404
    context = {
        "title": _("Undone") if row.undone else _("Used from a package"),
        "sentence": _of_use(row, member, at),
        "undone": row.undone,
        "undo": "" if row.undone else reverse("till:undo_package_use"),
        "field": ("use", row.id),
        "late": _late((at.now - row.at).total_seconds(), at),
        "served": serving.served(member, at),
        "packages": package_rows.of_member(member, at),
    }
    return views.page(request, at, "till/told.html", context)


def _done(request: HttpRequest, told: str, work: Callable[[MemberRow], str], at: Counter, *, page: str) -> HttpResponse:
    """Do it once for this form's key, and show what was done; a refusal is said at the member."""
    member = request.POST.get("member", "")
    try:
        key, who = f"till:package:{UUID(request.POST.get('key', ''))}", _member(request)
        body = sha256(f"{member}|{told}".encode()).digest()
        done = answer_once.once(key, body, lambda: (200, work(who)), at=at.now)
    except ValueError:
        return HttpResponseRedirect(page_of(member))
    except Refusal as refusal:
        messages.error(request, saying.refusal(refusal))
        return HttpResponseRedirect(page_of(member))
    return HttpResponseRedirect(reverse(page, args=[done.answer]))


def _member(request: HttpRequest) -> MemberRow:
    found = identify.picked(request.POST.get("member", "")).member
    if found is None:
        raise recording.MemberUnknown(by="id")
    return found


def _own(package_id: str, member: MemberRow, at: Counter) -> PackageRow:
    """A package the member bought. Raises PackageUnknown; ValueError for what is no id."""
    row = queries.get(UUID(package_id), at=at.now)
    if row is None or row.member_id != member.id:
        raise PackageUnknown()
    return row


def _store(at: Counter) -> str:
    return at.store.id if at.store else ""


def _quantity(typed: str) -> int:
    n = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1
    return min(max(n, 1), MOST_AT_ONCE)


def _late(seconds: float, at: Counter) -> bool:
    return at.undo_within is not None and seconds > at.undo_within.total_seconds()


def _of_sale(row: PackageRow, at: Counter) -> str:
    price = i18n.money(row.price, at.currency, saying.locale())
    name = package_rows.name_of(row.package, at.programme)
    return _("%(package)s is sold for %(money)s.") % {"package": name, "money": price}


def _of_refund(row: PackageRow, at: Counter) -> str:
    if not row.refunded:
        return _("Nothing is to be handed back.")
    return _("Undone: hand back %(money)s.") % {"money": i18n.money(row.refunded, at.currency, saying.locale())}


def _of_use(row: UseRow, member: MemberRow, at: Counter) -> str:
    held = queries.get(row.package_id, at=at.now)
    if held is None:
        raise UseUnknown()
    left = next(unit.left for unit in held.units if unit.unit == row.unit)
    params = {
        "n": i18n.number(row.quantity, saying.locale()),
        "unit": package_rows.unit_name(row.package, row.unit, at.programme),
        "left": i18n.number(left, saying.locale()),
        "you": saying.you(member),
    }
    if row.undone:
        return _("Undone: %(n)s %(unit)s are there again, %(left)s in all.") % params
    return _("%(you)s used %(n)s %(unit)s; %(left)s left.") % params
