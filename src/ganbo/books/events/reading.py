"""From parsed JSON to an event that may be judged, or the list of fields that are wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from pydantic import ValidationError

from ganbo.books.events import body as body_
from ganbo.books.events.body import SHAPES, EventBody, MemberRef, ProofRef
from ganbo.foundation import strict_json
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import contacts, tokens
from ganbo.people.members.tokens import Token


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: its path, a stable code, and the numbers its sentence needs."""

    field: str
    code: str
    params: dict[str, Any]


class FieldsRefused(Refusal):
    """Some fields are wrong; `problems` names each with its remedy."""

    code = "fields.refused"

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__()
        self.problems = problems


class Shown(NamedTuple):
    """What comes with a spend to prove it.

    `by` is `id` (a proof that was given before), `token` (the wallet's changing code, with whose it is and until when it
    is fresh), `vouched` (the word of a server that is trusted) or, in a story, a way by its name.
    """

    by: str
    id: UUID | None = None
    member_id: UUID | None = None
    fresh_until: datetime | None = None


VOUCHED = Shown("vouched")


class EventRequest(NamedTuple):
    """One event asked to be recorded. `member` is (kind, value) with kind id, phone, email, external_id or card.

    `order_key`: the store and order id of a purchase, or of the purchase a refund belongs to.
    """

    id: str
    type: str
    occurred_at: datetime
    member: tuple[str, str] | None
    store: str | None
    channel: str | None
    staff: str | None
    data: dict[str, Any]
    body_hash: bytes
    order_key: str | None
    shown: Shown | None = None


def read(value: Any, *, region: str, vouched: bool = False) -> EventRequest:
    """A checked request from parsed JSON; `vouched`: the caller answers for its members' spends.

    Raises FieldsRefused or strict_json.Unreadable.
    """
    try:
        event = EventBody.model_validate(value)
        if event.type in SHAPES:
            SHAPES[event.type].model_validate(event.data)
    except ValidationError as failure:
        raise FieldsRefused(problems_of(failure, value)) from failure
    if event.type not in SHAPES:
        wrong = body_.check_plain(event.data)
        if wrong:
            raise FieldsRefused([FieldProblem(field, code, {}) for field, code in wrong])
    return EventRequest(
        id=event.id,
        type=event.type,
        occurred_at=event.occurred_at,
        member=member_of(event.member, region=region),
        store=event.store,
        channel=event.channel,
        staff=event.staff,
        data=event.data,
        body_hash=strict_json.digest(value),
        order_key=order_key(event.store, event.type, event.data),
        shown=shown_of(event.proof, event.member, vouched=vouched),
    )


def order_key(store: str | None, type: str, data: Mapping[str, Any]) -> str | None:
    """Store and order id, one text; None for what has no order id."""
    order_id = data.get("order_id") if type in SHAPES else None
    return f"{store or ''}\x1f{order_id}" if order_id else None


def member_of(ref: str | MemberRef | None, *, region: str) -> tuple[str, str] | None:
    """(kind, value) in stored form. Raises FieldsRefused for a phone, e-mail, card or id of the wrong shape."""
    if ref is None:
        return None
    if isinstance(ref, str):
        return "id", _uuid(ref, "member")
    kind = next(iter(ref.model_fields_set))
    value = getattr(ref, kind)
    if kind == "token":
        return "id", str(_token(value, "member.token").member_id)
    try:
        if kind == "phone":
            return kind, contacts.phone(value, region=region)
        if kind == "email":
            return kind, contacts.email(value)
        if kind == "card":
            return kind, contacts.card(value)
        if kind == "id":
            return kind, _uuid(value, "member.id")
    except Refusal as refusal:
        if isinstance(refusal, FieldsRefused):
            raise
        raise FieldsRefused([FieldProblem(f"member.{kind}", refusal.code, {})]) from refusal
    return kind, value


def shown_of(proof: ProofRef | None, member: str | MemberRef | None, *, vouched: bool = False) -> Shown | None:
    """What proves a spend: the proof named, a trusted caller's word, or the code that named the member."""
    if proof is not None and proof.id is not None:
        return Shown("id", UUID(_uuid(proof.id, "proof.id")))
    if proof is not None and proof.token is not None:
        return _shown(_token(proof.token, "proof.token"))
    if vouched:
        return VOUCHED
    if isinstance(member, MemberRef) and member.token is not None:
        return _shown(_token(member.token, "member.token"))
    return None


def _shown(token: Token) -> Shown:
    return Shown("token", token.id, token.member_id, token.made_at + tokens.VALID)


def _token(text: str, field: str) -> Token:
    """However old: a code that is over still names its member."""
    found = tokens.read(text, key=settings.SECRET_KEY)
    if found is None:
        raise FieldsRefused([FieldProblem(field, "members.bad_token", {})])
    return found


def _uuid(text: str, field: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as failure:
        raise FieldsRefused([FieldProblem(field, "bad_id", {})]) from failure


_DATA = {shape.__name__ for shape in SHAPES.values()}
_UNION_BRANCHES = {"str", "constrained-str"}  # names pydantic gives the branches of `member`


def problems_of(failure: ValidationError, value: Any) -> list[FieldProblem]:
    """pydantic's findings as field, code and numbers; at most 20."""
    inside_data = failure.title in _DATA
    found = []
    for error in failure.errors(include_url=False, include_input=False)[:20]:
        place = [
            str(part)
            for part in error["loc"]
            if (str(part)[:1].islower() and "[" not in str(part)) or str(part).isdigit()
        ]
        place = [part for part in place if part not in _UNION_BRANCHES]
        context = {k: v for k, v in (error.get("ctx") or {}).items() if isinstance(v, str | int)}
        reason = str((error.get("ctx") or {}).get("error", ""))
        code = reason if error["type"] == "value_error" else error["type"]
        path = ".".join((["data"] if inside_data else []) + place)
        if code == "member_needed":
            path = "member"
        elif code == "lines_or_amount":
            path = "data.lines"
        found.append(FieldProblem(path or "body", code, context))
    return _without_union_noise(found)


def _without_union_noise(found: list[FieldProblem]) -> list[FieldProblem]:
    """A union reports each branch; keep the deepest report for a field."""
    deeper = [p for p in found if p.field.startswith("member.")]
    return [p for p in found if not (p.field == "member" and deeper)]
