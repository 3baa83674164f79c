"""A member shows that it is them before they spend: PIN, wallet's code, one-time code; or a manager allows it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from ganbo.engine.proof import CARD_PIN, MANAGER, OTP, TOKEN
from ganbo.foundation import i18n, jobs
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context
from ganbo.journeys.proving import ProofNotGood
from ganbo.journeys.sign_in_member import DEMO_EASE
from ganbo.kernel.refusal import Refusal
from ganbo.people.channels import operations as channels
from ganbo.people.members import pins, proofs, queries, signing_in, tokens
from ganbo.people.members.proofs import Asking, ProofRow, ProofState
from ganbo.people.members.queries import MemberRow
from ganbo.people.members.signing_in import WrongCode

MOST_REASON = 200


class NoContact(Refusal):
    """The member has neither phone nor e-mail, so no code can be sent."""

    code = "proof.no_contact"


class ReasonNeeded(Refusal):
    """Who allows a spend says why."""

    code = "proof.reason_needed"


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way to `contact`, which is shortened; `shown` only in the demo."""

    proof: ProofRow
    contact: str
    shown: str | None


def set_pin(member_id: UUID, pin: str, *, by: str, at: datetime) -> None:
    """A member's new PIN; wrong tries are forgotten. Raises WeakPin."""
    with transaction.atomic():
        pins.put(member_id, pin, key=settings.SECRET_KEY, at=at)
        audit.note(by, "pin.set", str(member_id))


def by_pin(member_id: UUID, pin: str, asking: Asking, *, at: datetime) -> ProofRow:
    """Begin it outside a transaction: a wrong try must stay counted. Raises NoPin, PinLocked, WrongPin."""
    with transaction.atomic():
        hashed = pins.count_try(member_id)
    if not pins.fits(member_id, pin, hashed, key=settings.SECRET_KEY):
        left = pins.left(member_id)
        if not left:
            raise pins.PinLocked()
        raise pins.WrongPin(left=left)
    with transaction.atomic():
        pins.was_right(member_id)
        return proofs.begin(member_id, CARD_PIN, asking, state=ProofState.GIVEN, at=at)


def by_token(text: str, asking: Asking, *, at: datetime, member_id: UUID | None = None) -> ProofRow:
    """The wallet's code while it is fresh; shown again, the same proof. Raises ProofNotGood."""
    token = tokens.read(text, key=settings.SECRET_KEY)
    if token is None or not token.fresh(at=at) or queries.get(token.member_id) is None:
        raise ProofNotGood()
    if member_id not in (None, token.member_id):
        raise ProofNotGood()
    with transaction.atomic():
        return proofs.begin(token.member_id, TOKEN, asking, state=ProofState.GIVEN, at=at, id=token.id)


def send_code(member: MemberRow, asking: Asking, *, locale: str, at: datetime) -> CodeSent:
    """A one-time code to the member's phone, or else e-mail. Raises NoContact, TooManyCodes."""
    contact = member.phone or member.email
    if contact is None:
        raise NoContact()
    business, speaks = context.current(), member.locale or locale
    with transaction.atomic():
        ease = DEMO_EASE if settings.DEMO else 1
        sent = signing_in.new_code(contact, member.id, network="", key=settings.SECRET_KEY, at=at, ease=ease)
        proof = proofs.begin(member.id, OTP, asking, state=ProofState.WAITING, at=at, id=sent.id)
        channels.queue(
            f"code:{sent.id}",
            member_id=member.id,
            kind="sign_in_code",
            channel="sms" if member.phone else "email",
            recipient=contact,
            subject=i18n.text(speaks, "Your code for %(shop)s", shop=business.name),
            body=i18n.text(
                speaks,
                "%(code)s is your code to spend at %(shop)s. Tell it only while you are paying; it works for ten minutes.",
                code=sent.digits,
                shop=business.name,
            ),
            at=at,
        )
    jobs.wake(business.id)
    return CodeSent(proof, shortened(contact), sent.digits if settings.DEMO else None)


def by_code(proof_id: UUID, digits: str, *, at: datetime) -> ProofRow:
    """Begin it outside a transaction: a wrong try must stay counted. Raises ProofUnknown, NotWaiting, WrongCode."""
    with transaction.atomic():
        row = proofs.waiting(proof_id, OTP, at=at)
        proven = signing_in.prove(proof_id, digits, key=settings.SECRET_KEY, at=at)
        if proven is not None:
            proofs.decide(row, yes=True, at=at)
    if proven is None:
        raise WrongCode()
    return known(proof_id)


def ask_manager(member_id: UUID, asking: Asking, *, at: datetime) -> ProofRow:
    """It waits in the approvals inbox of the console."""
    with transaction.atomic():
        row = proofs.begin(member_id, MANAGER, asking, state=ProofState.WAITING, at=at)
        audit.note(asking.by, "spend.asked", str(row.id), member=str(member_id), most=asking.most)
    return row


def decide(proof_id: UUID, *, yes: bool, reason: str, by: str, at: datetime) -> None:
    """A manager allows or refuses, once, with a reason, and never herself.

    Raises ReasonNeeded, ProofUnknown, NotWaiting, NotYourself.
    """
    reason = " ".join(reason.split())[:MOST_REASON]
    if not reason:
        raise ReasonNeeded()
    with transaction.atomic():
        row = proofs.waiting(proof_id, MANAGER, at=at)
        proofs.decide(row, yes=yes, by=by, reason=reason, at=at)
        audit.note(by, "spend.allowed" if yes else "spend.refused", str(proof_id), member=str(row.member_id))


def known(proof_id: UUID) -> ProofRow:
    """Raises ProofUnknown."""
    found = proofs.get(proof_id)
    if found is None:
        raise proofs.ProofUnknown()
    return found


def forget_old(*, at: datetime) -> int:
    """Drop proofs that nobody asks about any more."""
    with transaction.atomic():
        return proofs.forget_old(at=at)


def shortened(contact: str) -> str:
    """••• 678, or l•••@example.com: enough to know one's own."""
    if "@" in contact:
        name, _, host = contact.partition("@")
        return f"{name[:1]}•••@{host}"
    return f"••• {contact[-3:]}"
