"""Who of the staff may do what: a page names the roles it is for; nobody else gets in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from ganbo.foundation.staff import models

EVERYBODY = tuple(str(role) for role in models.Role)


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Who works here right now, and as what; an empty tuple of stores means all."""

    user_id: int
    name: str
    role: str
    stores: tuple[str, ...]

    @property
    def actor(self) -> str:
        """As audit lines and published versions name them."""
        return f"staff:{self.user_id}"


def staff_of(request: HttpRequest) -> StaffRow | None:
    """The signed-in person as a member of the request's business's staff, else None."""
    user = request.user
    if not user.is_authenticated or not user.is_active:
        return None
    found = models.Membership.objects.filter(
        user_id=user.pk,
        business_id=request.business.id,  # type: ignore[attr-defined]
    ).first()
    return StaffRow(user.pk, user.get_full_name(), found.role, tuple(found.stores)) if found else None


def name_of(actor: str) -> str:
    """What people call the staff member behind `StaffRow.actor`; anything else as it is."""
    kind, _, key = actor.partition(":")
    found = models.User.objects.filter(pk=int(key)).first() if kind == "staff" and key.isdigit() else None
    return found.get_full_name() if found else actor


def staff_only(*roles: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let in staff of this business with one of `roles` (none named: any role); `request.staff` is who it is.

    Strangers go to the sign-in page, others get 403.
    """
    allowed = roles or EVERYBODY

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                back = quote(request.get_full_path())
                return HttpResponseRedirect(f"{request.META.get('SCRIPT_NAME', '')}{settings.LOGIN_URL}?next={back}")
            staff = staff_of(request)
            if staff is None or staff.role not in allowed:
                raise PermissionDenied
            request.staff = staff  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return guarded

    return wrap
