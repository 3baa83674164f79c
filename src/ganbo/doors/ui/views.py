"""Pages that belong to no door."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ganbo.doors.ui import accent, gallery_rows

FOR_EVER = 31_536_000  # a colour's stylesheet never changes: its address is the colour
LOOKS = ("till", "wallet", "console")


@require_safe
@cache_control(public=True, immutable=True, max_age=FOR_EVER)
def accent_css(request: HttpRequest, digits: str) -> HttpResponse:
    """The stylesheet of one accent colour, six hex digits."""
    colour = accent.parse(digits)
    if colour is None or digits.startswith("#"):
        raise Http404
    return HttpResponse(accent.stylesheet(colour), content_type="text/css; charset=utf-8")


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The demo's four doors with their sign-ins; elsewhere the members' door."""
    if not settings.DEMO:
        return redirect(get_script_prefix() + "wallet/")
    return render(request, "ui/doors.html", {"signs": demo_signs()})


def demo_signs() -> dict[str, Any]:
    """What `ganbo demo` wrote to demo.json in the data folder: sign-ins for trying things out; {} without it."""
    try:
        found = json.loads((settings.DATA_DIR / "demo.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a service worker keeps for a lost network."""
    return render(request, "ui/offline.html")


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in one look (?look=till|wallet|console), for those who build pages."""
    look = request.GET.get("look", "wallet")
    if look not in LOOKS:
        raise Http404
    return render(request, "ui/gallery.html", gallery_rows.rows() | {"look": look, "looks": LOOKS})
