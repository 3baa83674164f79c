"""The poster by the till: a QR code to the wallet, A4, as PDF; nothing is fetched from a network."""

import base64
from pathlib import Path

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from ganbo.doors.console import showing
from ganbo.foundation.staff.access import staff_only


@staff_only()
def poster(request: HttpRequest) -> HttpResponse:
    """The PDF to print and put up."""
    shown = showing.begin(request)
    business = request.business  # type: ignore[attr-defined]
    url = f"{settings.PUBLIC_URL}{request.META.get('SCRIPT_NAME', '')}/wallet/join"
    code = segno.make(url, error="m", micro=False).svg_data_uri(border=2, dark="#1A2421")
    page = render_to_string(
        "console/poster.html",
        {
            "business": business,
            "code": code,
            "fonts": _fonts(),
            "url": url,
            "programme": shown.programme,
            "locale": shown.locale,
        },
    )
    answer = HttpResponse(_pdf(page), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{_("poster")}-{business.slug}.pdf"'
    return answer


def _fonts() -> dict[int, str]:
    """The typeface of the pages by weight, inside the page itself."""
    found = {weight: finders.find(f"ui/fonts/be-vietnam-pro-{weight}.woff2") for weight in (400, 600)}
    return {
        weight: "data:font/woff2;base64," + base64.b64encode(Path(str(place)).read_bytes()).decode()
        for weight, place in found.items()
        if place
    }


def _pdf(page: str) -> bytes:
    """Print a page that holds everything it shows."""
    from weasyprint import HTML  # here, for it is large and one page of many needs it
    from weasyprint.urls import URLFetcher

    printed: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=["data"])).write_pdf()
    return printed
