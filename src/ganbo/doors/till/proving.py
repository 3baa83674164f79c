"""The proof step: what the member shows before value is spent, and back to what the cashier was doing.

A sale or a gift that needs a proof answers with this page, which carries everything that was sent; what is shown there is
sent to the same address, and with a good proof the deed is simply done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ganbo.doors.till import saying, serving, views
from ganbo.doors.till.counter import Counter
from ganbo.engine.proof import CARD_PIN, MANAGER, OTP, TOKEN, WAYS
from ganbo.features.programmes import proof_sentences
from ganbo.journeys import proving, show_proof
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import pins, proofs
from ganbo.people.members.proofs import Asking, ProofRow, ProofState
from ganbo.people.members.queries import MemberRow

SEND, CHECK = "send", "check"
NEEDED = ("proof.needed", "proof.not_good")
_OURS = ("csrfmiddlewaretoken", "look", "proof", "proof_do", "proof_shown", "proof_ways", "proof_value", "proof_spent")
_MOST_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """How far the proof is. `ready`: the proof may be used; `sent`: where a code went; `asked`: a manager decides."""

    proof: str = ""
    ready: bool = False
    sent: str = ""
    code: str = ""  # of the demo, where no SMS leaves the machine
    asked: bool = False
    wrong: str = ""


def step(request: HttpRequest, member: MemberRow | None, at: Counter, *, note: str) -> Step:
    """Do what the page of the step was told: look at what was shown, send a code, ask a manager."""
    known, do = known_of(request.POST.get("proof", "")), request.POST.get("proof_do", "")
    if member is None or not do:
        return Step(known, ready=bool(known))
    try:
        return _DO[do](request, member, at, note) if do in _DO else Step(known)
    except Refusal as refusal:
        kept = Step(known, wrong=saying.refusal(refusal))
        return replace(kept, sent=show_proof.shortened(member.phone or member.email or "")) if do == OTP else kept


def known_of(text: str) -> str:
    """A proof's id as a form sends it; anything else is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _asking(at: Counter, note: str = "", most: int | None = None) -> Asking:
    return Asking(at.staff.actor, at.store.id if at.store else "", note[:120], most)


def _pin(request: HttpRequest, member: MemberRow, at: Counter, note: str) -> Step:
    return _given(show_proof.by_pin(member.id, _shown(request), _asking(at, note), at=at.now))


def _token(request: HttpRequest, member: MemberRow, at: Counter, note: str) -> Step:
    return _given(show_proof.by_token(_shown(request), _asking(at, note), at=at.now, member_id=member.id))


def _send(request: HttpRequest, member: MemberRow, at: Counter, note: str) -> Step:
    sent = show_proof.send_code(member, _asking(at, note), locale=saying.locale(), at=at.now)
    return Step(str(sent.proof.id), sent=sent.contact, code=sent.shown or "")


def _code(request: HttpRequest, member: MemberRow, at: Counter, note: str) -> Step:
    digits = "".join(c for c in _shown(request) if c.isascii() and c.isdigit())
    return _given(show_proof.by_code(_id(request), digits, at=at.now))


def _ask(request: HttpRequest, member: MemberRow, at: Counter, note: str) -> Step:
    row = show_proof.ask_manager(member.id, _asking(at, note, _whole(request, "proof_value")), at=at.now)
    return Step(str(row.id), asked=True)


def _check(request: HttpRequest, member: MemberRow, at: Counter, note: str) -> Step:
    row = show_proof.known(_id(request))
    if row.state == ProofState.WAITING and row.expires_at > at.now:
        return Step(str(row.id), asked=True)
    if row.state == ProofState.REFUSED:
        return Step(wrong=_("The manager said no: %(reason)s") % {"reason": row.reason})
    return _given(row)


_DO: dict[str, Callable[[HttpRequest, MemberRow, Counter, str], Step]] = {
    CARD_PIN: _pin,
    TOKEN: _token,
    SEND: _send,
    OTP: _code,
    MANAGER: _ask,
    CHECK: _check,
}


def _given(row: ProofRow) -> Step:
    return Step(str(row.id), ready=True)


def _shown(request: HttpRequest) -> str:
    return request.POST.get("proof_shown", "").strip()[:80]


def _whole(request: HttpRequest, name: str) -> int:
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("proof", ""))
    except ValueError as failure:
        raise proofs.ProofUnknown() from failure


def page(
    request: HttpRequest, member: MemberRow, at: Counter, found: Step, *, refusal: Refusal | None = None
) -> HttpResponse:
    """What is needed and every way to it; `refusal` when the deed was refused for want of a proof."""
    ways, value, spent = _wanted(request, at, refusal)
    wrong = found.wrong
    if refusal is not None and refusal.code == "proof.not_good":
        wrong = saying.refusal(refusal)
    context: dict[str, Any] = {
        "served": serving.served(member, at),
        "step": replace(found, wrong=wrong, ready=False),
        "ways": ways,
        "pin": pins.state(member.id) if CARD_PIN in ways else "",
        "contact": show_proof.shortened(member.phone or member.email or "") if member.phone or member.email else "",
        "said": proof_sentences.needed(ways, spent, at.programme, locale=saying.locale()),
        "value": value,
        "spent": spent,
        "carried": carried(request),
        "action": request.path,
    }
    asked_for_nothing = refusal is not None and not wrong
    return views.page(request, at, "till/proof.html", context, status=409 if asked_for_nothing else 200)


def _wanted(request: HttpRequest, at: Counter, refusal: Refusal | None) -> tuple[Sequence[str], int, int]:
    """Which ways, for how much, and what the day comes to: of the refusal, else as the page was told."""
    if refusal is not None and "ways" in refusal.params:
        return refusal.params["ways"], refusal.params["value"], refusal.params["spent"]
    told = request.POST.get("proof_ways", "").split(",")
    last = at.programme.spend_proof[-1].by if at.programme.spend_proof else WAYS
    ways = [way for way in WAYS if way in told] or last
    return ways, _whole(request, "proof_value"), _whole(request, "proof_spent")


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What was sent, to be sent again with the proof."""
    fields = [(name, value) for name, values in request.POST.lists() if name not in _OURS for value in values]
    return fields[:_MOST_FIELDS]


def before(served: serving.Served, at: Counter, proof: str) -> str:
    """Which proof the next spend takes, told before it is needed; nothing when nothing is asked for or can be spent."""
    if not at.programme.spend_proof or not any(purse.amount for purse in served.purses):
        return ""
    if proof:
        return _("The wallet's code was scanned: points can be spent now.")
    spent = proving.spent_today(served.row.id, at.programme, now=at.now)
    return proof_sentences.today(at.programme, spent, locale=saying.locale())
