"""How a web request finds its business: by host, by /b/<slug>/ in front of the path, or because there is only one.

The API does not pass here: its key names the business (doors.api). What cannot be resolved is refused.
"""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix, set_script_prefix

from ganbo.foundation.tenancy import context, queries
from ganbo.foundation.tenancy.queries import BusinessRow

# These pages belong to nobody or find their business themselves.
WITHOUT_BUSINESS = ("/api/", "/static/", "/healthz", "/readyz", "/favicon.ico")


class BusinessMiddleware:
    """Set the request's business around the view, and reset it whatever happens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(WITHOUT_BUSINESS):
            return self.get_response(request)
        before = get_script_prefix()
        try:
            business = resolve(request)
            if business is None:
                return render(request, "ui/no_business.html", status=404)
            with context.within(business):
                request.business = business  # type: ignore[attr-defined]
                return self.get_response(request)
        finally:
            set_script_prefix(before)  # the thread goes on with somebody else's request


def resolve(request: HttpRequest) -> BusinessRow | None:
    """The request's business; strips /b/<slug> from the path it found it in."""
    if request.path_info.startswith("/b/"):
        slug, _, rest = request.path_info[3:].partition("/")
        found = queries.by_slug(slug)
        if found is not None:
            request.path_info = "/" + rest
            request.META["SCRIPT_NAME"] = f"{request.META.get('SCRIPT_NAME', '')}/b/{slug}"
            request.path = request.META["SCRIPT_NAME"] + request.path_info
            set_script_prefix(request.META["SCRIPT_NAME"])  # links stay in front of the same business
        return found
    try:
        host = request.get_host().partition(":")[0]
    except DisallowedHost:
        return None
    return queries.by_host(host) or queries.only_one()
