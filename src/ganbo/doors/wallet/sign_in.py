"""Sign in by a one-time code, and join: two fields at most, the gift shown before the code."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ganbo.doors.wallet import terms_shown
from ganbo.features.programmes import in_force, queries
from ganbo.foundation import clock, i18n
from ganbo.foundation.tenancy import context
from ganbo.journeys import sign_in_member
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members
from ganbo.people.members import signing_in
from ganbo.people.members.operations import ADDRESS_FORMS
from ganbo.people.members.queries import MemberRow

_CODE_COOKIE, _PROOF_COOKIE, _SESSION_COOKIE = "ganbo_code", "ganbo_proof", "ganbo_member"
_CLAIM_COOKIE, _CLAIM_SECONDS = "ganbo_claim", 3600
_PROOF_SECONDS = 900
View = Callable[..., HttpResponse]


def session_cookie() -> str:
    """One session per business in a browser."""
    return f"{_SESSION_COOKIE}_{context.current().slug.replace('-', '_')}"


def _salt(cookie: str) -> str:
    """What is proved to one business opens nothing at another on the same host."""
    return f"{cookie}|{context.current().schema}"


def member_of(request: HttpRequest) -> MemberRow | None:
    """Whose session this browser holds at this business."""
    token = request.COOKIES.get(session_cookie())
    member_id = signing_in.member_of(token, at=clock.now()) if token else None
    return members.get(member_id) if member_id else None


def members_only(view: View) -> View:
    """The view gets `request.member` (MemberRow); who is not signed in goes to the sign-in."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = member_of(request)
        if member is None:
            return redirect("wallet:sign_in")
        request.member = member  # type: ignore[attr-defined]
        try:
            return view(request, *args, **kwargs)
        except in_force.NoProgramme:
            return not_ready(request)

    return guarded


def not_ready(request: HttpRequest) -> HttpResponse:
    """A shop that has published no programme yet has no cards to show."""
    return render(request, "wallet/not_ready.html", status=503)


def words(refusal: Refusal) -> str:
    """What a member reads when a wish cannot be granted, with what can be done."""
    return {
        "members.bad_phone": _("This is not a phone number. Write it like 0912 345 678."),
        "members.bad_email": _("This is not an e-mail address. Write it like lan@example.com."),
        "members.too_many_codes": _("Several codes were sent already. Use the last one, or try again in 15 minutes."),
        "members.wrong_code": _("That code does not fit or is over. Check the last message, or ask for a new code."),
    }[refusal.code]


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Phone or e-mail; the code is sent whether somebody has it or not."""
    welcome = _welcome()
    if request.method == "GET":
        return render(request, "wallet/sign_in.html", {"welcome": welcome})
    text = request.POST.get("contact", "")[:254]
    try:
        asked = sign_in_member.ask_code(
            text, network=_network(request), locale=i18n.known(get_language()), at=clock.now()
        )
    except Refusal as refusal:
        page = {"welcome": welcome, "contact": text, "error": words(refusal)}
        return render(request, "wallet/sign_in.html", page, status=422)
    response = render(request, "wallet/code.html", {"contact": text, "shown": asked.shown})
    _keep(response, _CODE_COOKIE, signing.dumps(str(asked.code_id), salt=_salt(_CODE_COOKIE)), 600)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code opens the wallet, or for somebody new the last step of joining."""
    if request.method == "GET":  # the language was switched after a wrong code
        return redirect("wallet:sign_in")
    digits = "".join(c for c in request.POST.get("code", "") if c.isascii() and c.isdigit())[:6]
    contact = request.POST.get("contact", "")[:254]
    try:
        code_id = UUID(signing.loads(request.COOKIES.get(_CODE_COOKIE, ""), salt=_salt(_CODE_COOKIE), max_age=600))
        proven = sign_in_member.prove(code_id, digits, at=clock.now())
    except (signing.BadSignature, ValueError):
        return redirect("wallet:sign_in")
    except Refusal as refusal:
        return render(request, "wallet/code.html", {"contact": contact, "error": words(refusal)}, status=422)
    if proven.member_id is not None:
        return _enter(request, proven.member_id)
    response = redirect("wallet:join")
    _keep(response, _PROOF_COOKIE, signing.dumps(proven.contact, salt=_salt(_PROOF_COOKIE)), _PROOF_SECONDS)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Who proved a contact nobody has joins here; everybody else proves one first."""
    try:
        proof = request.COOKIES.get(_PROOF_COOKIE, "")
        contact = signing.loads(proof, salt=_salt(_PROOF_COOKIE), max_age=_PROOF_SECONDS)
    except signing.BadSignature:
        return redirect("wallet:sign_in")
    try:
        if request.method == "GET":
            return _join_page(request, contact)
        words = terms_shown.agreed(request, locale=i18n.known(get_language()), at=clock.now())
        if isinstance(words, str):
            return _join_page(request, contact, error=words)
        form = request.POST.get("address_form", "")
        member_id = sign_in_member.join(
            contact,
            name=_name(request),
            address_form=form if form in ADDRESS_FORMS else "",
            locale=i18n.known(get_language()),
            tier=queries.in_force_at(context.current().schema, clock.now()).programme.first_tier,
            at=clock.now(),
            agreed=words,
        )
    except in_force.NoProgramme:
        return not_ready(request)
    response = _enter(request, member_id)
    response.delete_cookie(_PROOF_COOKIE)
    return response


def _name(request: HttpRequest) -> str:
    return request.POST.get("name", "").strip()[:120]


def _join_page(request: HttpRequest, contact: str, error: str = "") -> HttpResponse:
    """The form with the terms in it; what was typed stays when something is missing."""
    chosen = request.POST.get("address_form", "")
    page = {
        "contact": contact,
        "forms": [(form, form) for form in ("anh", "chị", "cô", "chú", "em", "bạn")],
        "welcome": _welcome(),
        "terms": terms_shown.in_force(locale=i18n.known(get_language()), at=clock.now()),
        "name": _name(request),
        "form": chosen if chosen in ADDRESS_FORMS else "bạn",
        "error": error,
    }
    return render(request, "wallet/join.html", page, status=422 if error else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on this device."""
    token = request.COOKIES.get(session_cookie())
    if token:
        sign_in_member.close_session(token)
    response = redirect("wallet:sign_in")
    response.delete_cookie(session_cookie())
    return response


def remember_claim(response: HttpResponse, code: str) -> None:
    """A slip was scanned before signing in: it waits."""
    _keep(response, _CLAIM_COOKIE, signing.dumps(code, salt=_salt(_CLAIM_COOKIE)), _CLAIM_SECONDS)


def forget_claim(response: HttpResponse) -> None:
    response.delete_cookie(_CLAIM_COOKIE)


def _enter(request: HttpRequest, member_id: UUID) -> HttpResponse:
    try:
        claimed = request.COOKIES.get(_CLAIM_COOKIE, "")
        code = signing.loads(claimed, salt=_salt(_CLAIM_COOKIE), max_age=_CLAIM_SECONDS)
        response = redirect("wallet:claim_code", code=code)
    except signing.BadSignature:
        response = redirect("wallet:card")
    token = sign_in_member.open_session(member_id, at=clock.now())
    _keep(response, session_cookie(), token, int(signing_in.SESSION.total_seconds()))
    response.delete_cookie(_CODE_COOKIE)
    return response


def _keep(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure)


def _network(request: HttpRequest) -> str:
    """The address's network: three quarters of an IPv4, a /48 of an IPv6."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    return ":".join(address.split(":")[:3]) if ":" in address else address.rpartition(".")[0]


def _welcome() -> dict[str, Any] | None:
    """What joining brings, by the rule on signups: shown before any code is asked."""
    try:
        programme = queries.in_force_at(context.current().schema, clock.now()).programme
    except in_force.NoProgramme:
        return None
    for rule in programme.rules_for("signup"):
        if rule.give is not None and rule.give.per is None and rule.when is None:
            unit = programme.wallets[rule.give.wallet].name.text(i18n.known(get_language()))
            return {"amount": rule.give.amount, "unit": unit}
    return None
