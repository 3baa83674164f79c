"""The terms in the wallet: for everybody to read; a member is asked again when they changed, and told what got worse."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ganbo.doors.wallet import terms_shown
from ganbo.doors.wallet.sign_in import member_of, members_only, not_ready
from ganbo.features.programmes import agreement, in_force, queries
from ganbo.foundation import clock, i18n
from ganbo.foundation.tenancy import context
from ganbo.journeys import accept_terms
from ganbo.people.members.queries import MemberRow


@never_cache
@require_http_methods(["GET"])
def terms(request: HttpRequest) -> HttpResponse:
    """Who is signed in also sees what they said yes to, what changed since, and can say yes."""
    try:
        return _page(request, member_of(request))
    except in_force.NoProgramme:
        return not_ready(request)


def _page(request: HttpRequest, member: MemberRow | None, error: str = "", status: int = 200) -> HttpResponse:
    locale, now = i18n.known(get_language()), clock.now()
    page: dict[str, Any] = {"terms": terms_shown.in_force(locale=locale, at=now), "error": error}
    if member is not None:
        page |= {"tab": "me", "question": None, "yes": None}
        question = agreement.open_question(member.id, at=now)
        zone = queries.in_force_at(context.current().schema, now).programme.timezone
        last = question.before if question else next(iter(queries.accepted(member.id)), None)
        if last is not None:
            page["yes"] = last.at.astimezone(zone).date()
        if question is not None:
            changes = question.changes(locale=locale)
            page["question"] = question
            page["changes"] = changes
    return render(request, "wallet/terms.html", page, status=status)


@require_POST
@members_only
def agree(request: HttpRequest) -> HttpResponse:
    """Keep the yes to the words that stood on the page."""
    member: MemberRow = request.member  # type: ignore[attr-defined]
    now = clock.now()
    words = terms_shown.agreed(request, locale=i18n.known(get_language()), at=now)
    if isinstance(words, str):
        return _page(request, member, error=words, status=422)
    accept_terms.accept(
        member.id, at=now, lang=words.lang, channel="wallet", version=words.version, digest=words.digest
    )
    messages.success(request, _("Thank you. Your yes to these terms is kept with its day."))
    return redirect("wallet:card")
