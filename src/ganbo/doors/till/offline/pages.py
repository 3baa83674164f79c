"""The page a till shows without a network, the script that shows it, and signing out."""

import contextlib
from pathlib import Path

from django.contrib.auth import logout
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ganbo.doors.till import counter as counters
from ganbo.doors.till import saying, views
from ganbo.doors.till.offline import papers, words
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation import clock
from ganbo.foundation.staff.access import staff_of, staff_only
from ganbo.journeys import offline_till

_WORKER = "till/offline/worker.js"


@staff_only(*views.ROLES)
def page(request: HttpRequest) -> HttpResponse:
    """The counter as it is without a network; the browser keeps a copy of it."""
    try:
        at = counters.of(request)
    except NoProgramme as refusal:
        return render(request, "till/closed.html", {"sentence": saying.refusal(refusal)}, status=409)
    return views.page(request, at, "till/offline.html", {"words": words.words()})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it stands here because it may rule over no more than the till."""
    found = finders.find(_WORKER)
    if not isinstance(found, str):
        raise Http404
    response = HttpResponse(Path(found).read_bytes(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_POST
def out(request: HttpRequest) -> HttpResponse:
    """Sign out. Its script has wiped what the till kept; `released`: nothing waits, so another till may have its leases."""
    device = papers.device(request)
    if request.POST.get("released") == "1" and device is not None and staff_of(request) is not None:
        with contextlib.suppress(NoProgramme):
            offline_till.give_up(device, now=clock.now())
    logout(request)
    return HttpResponseRedirect(reverse("till:counter"))
