"""The PIN beside the card, and the code that changes: what members spend with."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ganbo.doors.wallet import views
from ganbo.doors.wallet.sign_in import members_only
from ganbo.features.programmes import proof_sentences
from ganbo.features.programmes.sentences.said import Speaker
from ganbo.foundation import clock
from ganbo.journeys import show_proof
from ganbo.people.members import pins, tokens

RENEWED = 20  # seconds; the code is good for thirty


@require_http_methods(["GET", "POST"])
@members_only
def pin(request: HttpRequest) -> HttpResponse:
    """Set or change the PIN; a locked one works again with it."""
    member, programme, locale = views.page_of(request)
    error = ""
    if request.method == "POST":
        typed, again = request.POST.get("pin", "")[:12], request.POST.get("again", "")[:12]
        error = _("The two are not the same. Type the PIN twice.") if typed != again else ""
        try:
            if not error:
                show_proof.set_pin(member.id, typed, by=f"member:{member.id}", at=clock.now())
                messages.success(request, _("Your PIN is set. Nobody at the shop can see it."))
                return redirect("wallet:me")
        except pins.WeakPin:
            error = _("Take 4 to 6 digits that are not all the same and not in a row.")
    page = {
        "tab": "me",
        "state": pins.state(member.id),
        "error": error,
        "said": proof_sentences.spending(Speaker(programme, locale)),
    }
    return render(request, "wallet/pin.html", page, status=422 if error else 200)


@require_safe
@members_only
def code(request: HttpRequest) -> HttpResponse:
    """A fresh code as a piece of the page, asked for by itself."""
    member, _programme, _locale = views.page_of(request)
    token = tokens.make(member.id, key=settings.SECRET_KEY, at=clock.now())
    return render(request, "wallet/_token.html", {"svg": views.qr(token), "seconds": RENEWED})
