"""Forgotten points: the sale of a slip becomes the member's, who scans it or types its code."""

from datetime import date

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ganbo.doors.wallet import sign_in, views
from ganbo.features.programmes import in_force, proof_sentences
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import clock, i18n
from ganbo.journeys import claim_slip
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.queries import MemberRow

MOST_TYPED = 40


@never_cache
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest, code: str = "") -> HttpResponse:
    """Who is not signed in does that first; the code waits for them."""
    typed = (request.POST.get("code") or code).strip()[:MOST_TYPED]
    member = sign_in.member_of(request)
    if member is None:
        response = render(request, "wallet/claim_first.html") if typed else redirect("wallet:sign_in")
        if typed:
            sign_in.remember_claim(response, typed)
        return response
    request.member = member  # type: ignore[attr-defined]
    try:
        return _claimed(request, member, typed) if request.method == "POST" else _page(request, typed)
    except in_force.NoProgramme:
        return sign_in.not_ready(request)


def _page(request: HttpRequest, typed: str, error: str = "") -> HttpResponse:
    _member, programme, locale = views.page_of(request)
    page = {
        "tab": "card",
        "code": typed,
        "error": error,
        "open": programme.claims is not None,
        "said": proof_sentences.claims(Speaker(programme, locale)),
    }
    response = render(request, "wallet/claim.html", page, status=422 if error else 200)
    sign_in.forget_claim(response)
    return response


def _claimed(request: HttpRequest, member: MemberRow, typed: str) -> HttpResponse:
    try:
        done = claim_slip.claim(typed, member.id, by=f"member:{member.id}", at=clock.now())
    except Refusal as refusal:
        return _page(request, typed, error=_words(refusal))
    because = orjson.loads(done.answer).get("because", [])
    messages.success(request, " ".join([_("The bill is yours now."), *because]))
    return redirect("wallet:history")


def _words(refusal: Refusal) -> str:
    locale = i18n.known(get_language())
    if refusal.code == "claims.over":
        day = i18n.day(date.fromisoformat(refusal.params["day"]), locale)
        return _("The last day to claim this bill was %(day)s.") % {"day": day}
    if refusal.code == "claims.too_many":
        return _("You have claimed %(most)s bills today, as many as a day has. The slip still works tomorrow.") % {
            "most": refusal.params["most"]
        }
    if refusal.code == "too_fast":
        return _("Too many codes did not fit. Wait a minute, then type it once more.")
    return {
        "claims.none": _("The shop does not take slips now. Show the receipt at the till."),
        "events.already_claimed": _("Somebody has claimed this bill already. Ask at the till with your receipt."),
        "events.reversed": _("This bill was undone at the till, so it brings nothing."),
    }.get(refusal.code) or _("No slip has this code. Check the letters, or scan the slip.")
