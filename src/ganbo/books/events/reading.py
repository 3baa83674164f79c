"""From parsed JSON to an event that may be judged, or the list of fields that are wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from ganbo.books.events import body as body_
from ganbo.books.events.body import SHAPES, EventBody, MemberRef
from ganbo.foundation import strict_json
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import contacts


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


def read(value: Any, *, region: str) -> EventRequest:
    """A checked request from parsed JSON. Raises FieldsRefused or strict_json.Unreadable."""
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
