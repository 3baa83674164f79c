"""Proofs before spending: shown, sent, asked for; each is good for one spend."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ganbo.books.events import reading
from ganbo.books.events.body import MOST_MINOR_UNITS, Code, MemberRef
from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.doors.api import shapes
from ganbo.doors.api.app import answer, api, id_of, locale_of, needs, write
from ganbo.doors.api.members import actor, member_of, programme_now
from ganbo.engine.proof import CARD_PIN, MANAGER, TOKEN
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import proving, recording, show_proof
from ganbo.people.members import queries
from ganbo.people.members.proofs import Asking, ProofRow, ProofState
from ganbo.people.members.queries import MemberRow

_STRICT = ConfigDict(strict=True, extra="forbid")


class ProofNew(BaseModel):
    """`by: token` names the member by the wallet's code; `card_pin` has the `pin`; `manager` the `amount` in minor units."""

    model_config = _STRICT
    member: Code | MemberRef
    by: Literal["card_pin", "token", "otp", "manager"]
    pin: Annotated[str, StringConstraints(min_length=1, max_length=12)] | None = None
    amount: Annotated[int, Field(ge=1, le=MOST_MINOR_UNITS)] | None = None
    store: Code | None = None
    note: Annotated[str, StringConstraints(max_length=120)] = ""


class CodeTyped(BaseModel):
    model_config = _STRICT
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class ProofShown(BaseModel):
    """`state`: waiting, given, refused, used or over; `sent_to`: where a code went, shortened; `amount`: at most so much."""

    id: str
    member_id: str
    by: str
    state: str
    amount: shapes.Money | None
    reason: str | None
    sent_to: str | None
    expires_at: str


class LevelShown(BaseModel):
    """`left`: what can still be spent today at this level; null: any amount."""

    ways: list[str]
    left: shapes.Money | None


class SpendingShown(BaseModel):
    """What was spent today, and what proves the next spend."""

    spent: shapes.Money
    levels: list[LevelShown]


@api.post("/proofs", response=shapes.statuses(ProofShown, 201, 404, 409, 413, 415), tags=["proofs"])
@needs("redemptions:write")
def begin(request: HttpRequest, payload: ProofNew) -> HttpResponse:
    """The PIN and the wallet's code give a proof at once; a code that is sent and a manager's approval wait."""
    member, now = _member(payload.member), clock.now()
    asking = Asking(actor(request), payload.store or "", " ".join(payload.note.split()), payload.amount)
    if payload.by == CARD_PIN:  # a wrong one must stay counted, so this is no write under a key
        if payload.pin is None:
            raise FieldsRefused([FieldProblem("pin", "proof.pin_needed", {})])
        plain = Asking(asking.by, asking.store, asking.note)
        return answer(shown(show_proof.by_pin(member.id, payload.pin, plain, at=now), now), 201)
    return write(request, lambda: (201, _begun(payload, member, asking, locale_of(request), now)))


def _begun(payload: ProofNew, member: MemberRow, asking: Asking, locale: str, now: datetime) -> dict[str, Any]:
    if payload.by == MANAGER:
        if payload.amount is None:
            raise FieldsRefused([FieldProblem("amount", "proof.amount_needed", {})])
        return shown(show_proof.ask_manager(member.id, asking, at=now), now)
    plain = Asking(asking.by, asking.store, asking.note)
    if payload.by == TOKEN:
        if not isinstance(payload.member, MemberRef) or payload.member.token is None:
            raise FieldsRefused([FieldProblem("member.token", "proof.token_needed", {})])
        return shown(show_proof.by_token(payload.member.token, plain, at=now), now)
    sent = show_proof.send_code(member, plain, locale=locale, at=now)
    return shown(sent.proof, now, sent_to=sent.contact)


@api.post("/proofs/{proof_id}/confirm", response=shapes.statuses(ProofShown, 200, 404, 409, 413, 415), tags=["proofs"])
@needs("redemptions:write")
def confirm(request: HttpRequest, proof_id: str, payload: CodeTyped) -> HttpResponse:
    """The one-time code that the member was sent; five tries."""
    digits = "".join(c for c in payload.code if c.isascii() and c.isdigit())
    now = clock.now()
    return answer(shown(show_proof.by_code(id_of(proof_id), digits, at=now), now))


@api.get("/proofs/{proof_id}", response=shapes.statuses(ProofShown, 404), tags=["proofs"])
@needs("redemptions:write")
def read(request: HttpRequest, proof_id: str) -> HttpResponse:
    """How it stands; a till asks this while a manager decides."""
    return answer(shown(show_proof.known(id_of(proof_id)), clock.now()))


@api.get("/members/{member_id}/spending", response=shapes.statuses(SpendingShown, 404), tags=["proofs"])
@needs("members:read")
def spending(request: HttpRequest, member_id: str) -> HttpResponse:
    """What the member spent today, and which proof the next spend takes, to be told before it is needed."""
    programme, now = programme_now(), clock.now()
    spent = proving.spent_today(member_of(member_id).id, programme, now=now)
    money = {"currency": programme.currency}
    levels = [
        {
            "ways": list(level.by),
            "left": None if level.up_to is None else money | {"amount": max(level.up_to - spent, 0)},
        }
        for level in programme.spend_proof
    ]
    return answer({"spent": money | {"amount": spent}, "levels": levels})


def _member(ref: str | MemberRef) -> MemberRow:
    wanted = reading.member_of(ref, region=context.current().country)
    assert wanted is not None
    found = queries.by_key(*wanted)
    if found is None:
        raise recording.MemberUnknown(by=wanted[0])
    return found


def shown(row: ProofRow, now: datetime, *, sent_to: str | None = None) -> dict[str, Any]:
    """A proof as the API shows it."""
    live = row.state in (ProofState.WAITING, ProofState.GIVEN)
    return {
        "id": str(row.id),
        "member_id": str(row.member_id),
        "by": row.by,
        "state": "over" if live and row.expires_at <= now else str(row.state),
        "amount": {"amount": row.most, "currency": programme_now().currency} if row.most is not None else None,
        "reason": row.reason or None,
        "sent_to": sent_to,
        "expires_at": row.expires_at.isoformat(),
    }
