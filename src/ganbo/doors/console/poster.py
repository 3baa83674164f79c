"""The poster by the till: a QR code to the wallet, A4, as PDF; nothing is fetched from a network."""

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from weasyprint import HTML, default_url_fetcher

from ganbo.doors.console import showing
from ganbo.foundation.staff.access import staff_only


class NothingIsFetched(RuntimeError):
    """The poster asked for something outside of itself."""


def _refuse(url: str, *_args: object, **_kwargs: object) -> dict[str, object]:
    if url.startswith("data:"):
        return dict(default_url_fetcher(url))
    raise NothingIsFetched(url)


@staff_only()
def poster(request: HttpRequest) -> HttpResponse:
    """The PDF to print and put up."""
    shown = showing.begin(request)
    business = request.business  # type: ignore[attr-defined]
    url = f"{settings.PUBLIC_URL}{request.META.get('SCRIPT_NAME', '')}/wallet/join"
    code = segno.make(url, error="m", micro=False).svg_data_uri(border=2, dark="#1A2421")
    page = render_to_string(
        "console/poster.html",
        {"business": business, "code": code, "url": url, "programme": shown.programme, "locale": shown.locale},
    )
    answer = HttpResponse(HTML(string=page, url_fetcher=_refuse).write_pdf(), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{_("poster")}-{business.slug}.pdf"'
    return answer
