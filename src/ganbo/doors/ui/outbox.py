"""The demo's outbox page: the messages its own mail receiver took; nothing of it exists outside the demo."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

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
    return render(
        request, "ui/outbox.html", {"mails": [_mail(file) for file in files[:MOST_SHOWN]], "total": len(files)}
    )


def _mail(file: Path) -> Mail:
    found = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = found.get_body(("plain",))
    date = found["date"]
    return Mail(
        to=str(found["to"] or ""),
        subject=str(found["subject"] or ""),
        at=date.datetime if date is not None else None,
        text=str(body.get_content()).strip() if body is not None else "",
    )
