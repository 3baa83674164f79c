"""What every deed of the till has in common: posted by its staff, and a fault of ours says that nothing was taken."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from ganbo.doors.till import views
from ganbo.foundation.pipelines import StatementFailed
from ganbo.foundation.staff.access import staff_only

View = Callable[..., HttpResponse]


def act(view: View) -> View:
    """Posted by staff of the till; a reload or a language switch on a page that answered a post leads to the counter."""

    @wraps(view)
    def acted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DatabaseError, StatementFailed):
            return render(request, "till/fault.html", {"back": _back(request)}, status=503)

    guarded = staff_only(*views.ROLES)(acted)

    @wraps(view)
    def posted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(reverse("till:counter"))
        return _by_htmx(request, guarded(request, *args, **kwargs))

    return posted


def _by_htmx(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A page that asks again by itself goes on to where the deed leads, and shows what is wrong as any page does."""
    if "HX-Request" not in request.headers:
        return response
    if isinstance(response, HttpResponseRedirect):
        return HttpResponse(status=204, headers={"HX-Redirect": response.url})
    response.status_code = 200
    return response


def _back(request: HttpRequest) -> str:
    member = request.POST.get("member", "")
    return page_of(member) if member else reverse("till:counter")


def page_of(member_id: object) -> str:
    """The counter with this member."""
    return f"{reverse('till:counter')}?member={member_id}"
