"""Settings: the shops and the keys of other systems."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ganbo.books.events import queries as events
from ganbo.doors.console import showing
from ganbo.doors.console.showing import MAY_SET_UP
from ganbo.foundation.staff import keys as staff_keys
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import confirm_store, manage_keys

LONGEST_NAME = 80
LONGEST_ID = 64


@staff_only(*MAY_SET_UP)
def settings_page(request: HttpRequest) -> HttpResponse:
    """What can be set up here."""
    return showing.page(request, "console/settings.html", showing.begin(request), section="settings")


@staff_only(*MAY_SET_UP)
def stores(request: HttpRequest) -> HttpResponse:
    """The shops; POST confirms one that a till named, renames it, or adds one."""
    shown = showing.begin(request)
    problem = ""
    if request.method == "POST":
        store_id = request.POST.get("id", "").strip()
        name = " ".join(request.POST.get("name", "").split())
        problem = _wrong(store_id, name)
        if not problem:
            confirm_store.confirm(store_id, name=name, by=shown.staff.actor)
            messages.success(request, _("%(name)s is saved.") % {"name": name})
            return redirect("console:stores")
    found = events.stores()
    return showing.page(
        request,
        "console/stores.html",
        shown,
        section="settings",
        unconfirmed=[s for s in found if not s.confirmed],
        confirmed=[s for s in found if s.confirmed],
        problem=problem,
        typed={"id": request.POST.get("id", ""), "name": request.POST.get("name", "")},
        status=422 if problem else 200,
    )


def _wrong(store_id: str, name: str) -> str:
    if not store_id or len(store_id) > LONGEST_ID or not store_id.isprintable():
        return _("The store's id is what the till sends: 1 to %(n)s characters.") % {"n": LONGEST_ID}
    if not name or len(name) > LONGEST_NAME:
        return _("Give the store a name of at most %(n)s characters.") % {"n": LONGEST_NAME}
    return ""


@never_cache
@staff_only(*MAY_SET_UP)
def keys(request: HttpRequest) -> HttpResponse:
    """API keys; POST makes one and shows it this once."""
    shown = showing.begin(request)
    secret, problem, status = "", "", 200
    name, scopes = " ".join(request.POST.get("name", "").split())[:LONGEST_NAME], request.POST.getlist("scopes")
    theirs = [f"{staff_keys.PARTNER}{id}" for id in (shown.programme.partners if shown.programme else ())]
    if request.method == "POST":
        if name and scopes and set(scopes) <= {*staff_keys.SCOPES, *theirs}:
            test = request.POST.get("test") == "yes"
            secret = manage_keys.create(name, scopes=scopes, test=test, by=shown.staff.actor)[1]
        else:
            problem, status = _("Give the key a name and choose at least one thing it may do."), 422
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "prefix": key.prefix,
            "scopes": [scope_words(scope) for scope in sorted(key.scopes)],
            "test": key.test,
            "created": shown.day(key.created_at),
            "revoked": shown.day(key.revoked_at) if key.revoked_at else "",
        }
        for key in staff_keys.of_business(request.business.id)  # type: ignore[attr-defined]
    ]
    return showing.page(
        request,
        "console/keys.html",
        shown,
        section="settings",
        rows=rows,
        secret=secret,
        problem=problem,
        typed=name if problem else "",
        scopes=[
            (scope, scope_words(scope), scope in scopes if problem else scope in USUAL)
            for scope in (*staff_keys.SCOPES, *theirs)
        ],
        status=status,
    )


USUAL = frozenset({"events:write", "members:read", "quotes:read"})  # what a till needs


def scope_words(scope: str) -> str:
    """What a scope lets its holder do."""
    if scope.startswith(staff_keys.PARTNER):
        return _("the partner %(id)s: its own bills and statements") % {"id": scope.removeprefix(staff_keys.PARTNER)}
    return {
        "events:write": _("send sales and other events"),
        "quotes:read": _("ask what a sale would earn"),
        "members:read": _("look up members"),
        "members:write": _("create and change members"),
        "redemptions:write": _("redeem rewards"),
        "spend:vouched": _("spend without a proof (a server that signs members in itself)"),
        "programme:read": _("read the programme"),
        "programme:write": _("publish the programme"),
        "kpis:read": _("read figures"),
        "webhooks:write": _("manage webhooks"),
        "partners:write": _("everything of partners"),
    }.get(scope, scope)


@require_POST
@staff_only(*MAY_SET_UP)
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """End a key at once."""
    if manage_keys.revoke(key_id, by=request.staff.actor):  # type: ignore[attr-defined]
        messages.success(request, _("The key is revoked; calls with it are refused from now on."))
    return redirect("console:keys")
