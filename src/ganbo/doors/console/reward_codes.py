"""A partner's codes for a reward: chosen, looked through, then brought in."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from ganbo.doors.console import rewards, showing
from ganbo.doors.console.showing import MAY_SET_UP, Showing
from ganbo.features.rewards import import_words
from ganbo.foundation.staff.access import staff_only
from ganbo.journeys import import_codes
from ganbo.journeys.import_codes import NotImported, Outlook
from ganbo.journeys.redeem_reward import RewardUnknown

LARGEST = 2 * 1024 * 1024  # bytes through the browser, some fifty thousand codes; larger files by `ganbo import codes`
MOST_BAD = 50  # lines shown


@never_cache
@staff_only(*MAY_SET_UP)
def import_page(request: HttpRequest) -> HttpResponse:
    """POST `do=look` says what would come of the file, `do=write` keeps the codes."""
    shown = showing.begin(request)
    chosen = request.POST.get("reward", "") or request.GET.get("reward", "")
    if request.method != "POST":
        return _page(request, shown, chosen)
    text, problem = _text(request)
    if problem:
        return _page(request, shown, chosen, problem=problem, status=422)
    try:
        outlook = import_codes.look(chosen, import_codes.read(text, now=shown.now), now=shown.now)
    except (RewardUnknown, NotImported):
        return _page(request, shown, chosen, problem=_("Choose a reward that takes a partner's codes."), status=422)
    if request.POST.get("do") != "write" or not outlook.new:
        return _page(request, shown, chosen, outlook=_shown(outlook, shown), text=text)
    brought = import_codes.bring_in(outlook, by=shown.staff.actor, now=shown.now)
    done = ngettext("%(n)s code is in.", "%(n)s codes are in.", brought.added) % {"n": shown.number(brought.added)}
    if brought.filled:
        more = ngettext(
            "%(n)s gift that waited has its code.", "%(n)s gifts that waited have their codes.", brought.filled
        )
        done += " " + more % {"n": shown.number(brought.filled)}
    messages.success(request, done)
    return redirect("console:rewards")


def _text(request: HttpRequest) -> tuple[str, str]:
    """The file's text, or what was looked through before; and what is wrong with it."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        text = request.POST.get("text", "")
        return text, "" if text.strip() else _("Choose a file with codes.")
    if (sent.size or 0) > LARGEST:
        return "", _("The file is larger than 2 MB. Use “ganbo import codes”, or split it.")
    try:
        return sent.read().decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", _("The file is not UTF-8. Save it as CSV UTF-8 and choose it again.")


def _shown(outlook: Outlook, shown: Showing) -> dict[str, Any]:
    return {
        "new": shown.number(len(outlook.new)),
        "any": bool(outlook.new),
        "duplicate": shown.number(outlook.duplicate),
        "bad": shown.number(len(outlook.bad)),
        "lines": [(bad.number, import_words.said(bad, locale=shown.locale)) for bad in outlook.bad[:MOST_BAD]],
        "more": shown.number(max(len(outlook.bad) - MOST_BAD, 0)) if len(outlook.bad) > MOST_BAD else "",
    }


def _page(
    request: HttpRequest, shown: Showing, chosen: str, *, status: int = 200, problem: str = "", **context: Any
) -> HttpResponse:
    found = shown.programme.rewards.values() if shown.programme else ()
    choices = [(r.id, r.name.text(shown.locale) or r.id) for r in found if r.imported]
    return showing.page(
        request,
        "console/reward_codes.html",
        shown,
        section="programme",
        choices=choices,
        chosen=chosen or (choices[0][0] if len(choices) == 1 else ""),
        chosen_name=dict(choices).get(chosen, chosen),
        problem=problem,
        status=status,
        **context,
        **rewards.head(shown),
    )
