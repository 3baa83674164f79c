"""What every template knows without its view telling it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from ganbo.doors.ui import accent
from ganbo.foundation.tenancy import context as tenancy


@dataclass(frozen=True, slots=True)
class Shop:
    """The business as a page shows it; `accent_href` is empty when its colour is ganbo's own."""

    name: str
    slug: str
    accent_href: str


def shop(request: HttpRequest) -> dict[str, object]:
    """`shop` (None before a business is known), `root` (/ or /b/<slug>/, before any path) and `demo`."""
    business = tenancy.current_or_none()
    shown = Shop(business.name, business.slug, accent_href(business.accent)) if business else None
    return {"shop": shown, "root": get_script_prefix(), "demo": settings.DEMO}


def accent_href(colour: str) -> str:
    """Where the stylesheet of a business's colour lies; the address names the colour, so it may be cached for ever."""
    digits = colour.removeprefix("#").upper()
    if accent.parse(digits) is None or digits == accent.TEA:
        return ""
    return reverse("ui:accent", args=[digits])
