"""The demo's outbox page: the messages its own mail receiver took; nothing of it exists outside the demo."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.foundation.tenancy import queries as tenancy

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """One received e-mail, as text."""

    to: str
    subject: str
    at: datetime | None
    text: str


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest messages first."""
    folder = settings.DATA_DIR / "outbox"
    files = sorted(folder.glob("*.eml"), reverse=True) if folder.is_dir() else []
    zone = _zone()
    return render(
        request, "ui/outbox.html", {"mails": [_mail(file, zone) for file in files[:MOST_SHOWN]], "total": len(files)}
    )


def _zone() -> ZoneInfo:
    """The clocks of the demo's one business; UTC before it has a programme."""
    for business in tenancy.live():
        with context.within(business), contextlib.suppress(NoProgramme):
            return programmes.in_force_at(business.schema, clock.now()).programme.timezone
    return ZoneInfo("UTC")


def _mail(file: Path, zone: ZoneInfo) -> Mail:
    found = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = found.get_body(("plain",))
    date = found["date"]
    return Mail(
        to=str(found["to"] or ""),
        subject=str(found["subject"] or ""),
        at=date.datetime.astimezone(zone) if date is not None else None,
        text=str(body.get_content()).strip() if body is not None else "",
    )
