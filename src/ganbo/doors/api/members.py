"""Members: enrol, find, read, change, cards, balances, ledger, lots, vouchers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse

from ganbo.books.events import queries as events
from ganbo.books.events import reading
from ganbo.books.events.body import MemberRef
from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.books.ledger import queries as ledger
from ganbo.doors.api import shapes
from ganbo.doors.api.app import NotFound, answer, api, id_of, locale_of, needs, page_of, write
from ganbo.doors.api.hot import Caller
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import stamp_cards
from ganbo.features.rewards import queries as rewards
from ganbo.features.rewards.queries import VoucherRow
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import change_member, choosing, effects, holdings, join
from ganbo.journeys.recording import MemberUnknown
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import contacts, queries
from ganbo.people.members.operations import Person
from ganbo.people.members.queries import MemberRow


def member_json(row: MemberRow) -> dict[str, Any]:
    """The contract's Member."""
    return {
        "id": str(row.id),
        "phone": row.phone,
        "email": row.email,
        "external_id": row.external_id,
        "cards": list(row.cards),
        "name": row.name,
        "address_form": row.address_form,
        "birthday": row.birthday.isoformat() if row.birthday else None,
        "locale": row.locale or context.current().locale,
        "tier": row.tier,
        "created_at": row.created_at.isoformat(),
    }


def programme_now() -> Programme:
    """The programme in force. Raises NoProgramme."""
    return programmes.in_force_at(context.current().schema, clock.now()).programme


def balances_json(member_id: UUID) -> dict[str, Any]:
    """The contract's balances."""
    programme = programme_now()
    found = {}
    for wallet, held in holdings.balances(member_id, list(programme.wallets), at=clock.now()).items():
        face = programme.wallets[wallet].face_value
        ends = held.next_expiry
        found[wallet] = {
            "available": held.available,
            "pending": held.pending,
            "held": held.held,
            "owed": held.owed,
            "worth": {"amount": max(held.available, 0) * face, "currency": programme.currency} if face else None,
            "next_expiry": {"amount": ends[0], "at": effects.shown_expiry(ends[1], programme)} if ends else None,
        }
        if held.together is not None:
            found[wallet]["household"] = {"available": held.together, "may_spend": held.may_spend}
    return found


def member_of(member_id: str) -> MemberRow:
    """The member in the path. Raises NotFound."""
    row = queries.get(id_of(member_id))
    if row is None:
        raise NotFound()
    return row


def member_named(ref: str | MemberRef) -> UUID:
    """The member that a body names by id, card, phone, e-mail or external id. Raises MemberUnknown."""
    wanted = reading.member_of(ref, region=context.current().country)
    found = queries.by_key(*wanted) if wanted else None
    if found is None:
        raise MemberUnknown(by=wanted[0] if wanted else "id")
    return found.id


def stored(kind: str, value: str | None) -> str | None:
    """A contact in stored form; refusals name the field."""
    if value is None:
        return None
    try:
        if kind == "phone":
            return contacts.phone(value, region=context.current().country)
        return contacts.email(value) if kind == "email" else contacts.card(value)
    except Refusal as refusal:
        raise FieldsRefused([FieldProblem(kind, refusal.code, {})]) from refusal


def actor(request: HttpRequest) -> str:
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return f"key:{caller.key.id}"


@api.post("/members", response=shapes.statuses(shapes.MemberJoined, 201, 409, 413, 415), tags=["members"])
@needs("members:write")
def enrol(request: HttpRequest, payload: shapes.MemberNew) -> HttpResponse:
    """Enrol a member; also records the event `signup:<member id>`."""

    def work() -> tuple[int, Any]:
        person = Person(
            phone=stored("phone", payload.phone),
            email=stored("email", payload.email),
            external_id=payload.external_id,
            card=stored("card", payload.card),
            name=payload.name.strip(),
            address_form=payload.address_form,
            birthday=payload.birthday,
            locale=payload.locale or "",
        )
        tier = programme_now().first_tier
        joined = join.join(person, at=clock.now(), channel=payload.channel, store=payload.store, tier=tier)
        row = queries.get(joined.member_id)
        assert row is not None
        return 201, member_json(row) | {"balances": balances_json(row.id)}

    return write(request, work)


@api.get("/members", response=shapes.statuses(shapes.Page), tags=["members"])
@needs("members:read")
def find(
    request: HttpRequest,
    phone: str | None = None,
    email: str | None = None,
    card: str | None = None,
    external_id: str | None = None,
    q: str | None = None,
) -> HttpResponse:
    """Find members by one key, by words of the name, or list all, newest first."""
    most, cursor = page_of(request)
    keys = {"phone": phone, "email": email, "card": card, "external_id": external_id}
    given = {kind: value for kind, value in keys.items() if value is not None}
    if len(given) + (q is not None) > 1:
        raise FieldsRefused([FieldProblem("query", "exactly_one", {})])
    if given:
        kind, value = next(iter(given.items()))
        row = queries.by_key(kind, value if kind == "external_id" else stored(kind, value) or "")
        return answer({"items": [member_json(row)] if row else [], "next": None})
    if q is not None:
        rows = queries.search(q, region=context.current().country, most=most)
        return answer({"items": [member_json(row) for row in rows], "next": None})
    rows = queries.page(after=id_of(cursor) if cursor else None, most=most + 1)
    following = str(rows[most - 1].id) if len(rows) > most else None
    return answer({"items": [member_json(row) for row in rows[:most]], "next": following})


@api.get("/members/{member_id}", response=shapes.statuses(shapes.Member, 404), tags=["members"])
@needs("members:read")
def read(request: HttpRequest, member_id: str) -> HttpResponse:
    """One member."""
    return answer(member_json(member_of(member_id)))


@api.patch("/members/{member_id}", response=shapes.statuses(shapes.Member, 404, 409, 413, 415), tags=["members"])
@needs("members:write")
def change(request: HttpRequest, member_id: str, payload: shapes.MemberChange) -> HttpResponse:
    """Change what is given; the rest stays. `null` clears a contact or the birthday."""

    def work() -> tuple[int, Any]:
        row = member_of(member_id)
        changes = payload.model_dump(include=payload.model_fields_set)
        for kind in ("phone", "email"):
            if changes.get(kind):
                changes[kind] = stored(kind, changes[kind])
        for name in ("name", "address_form", "locale"):
            if name in changes:
                changes[name] = changes[name] or ""
        if changes.get("receipts_by_email", True) is None:
            raise FieldsRefused([FieldProblem("receipts_by_email", "bool_type", {})])
        if changes.get("tier") is not None and changes["tier"] not in programme_now().by_level:
            raise FieldsRefused([FieldProblem("tier", "unknown_tier", {})])
        change_member.change(row.id, changes, by=actor(request))
        return 200, member_json(member_of(member_id))

    return write(request, work)


@api.post(
    "/members/{member_id}/cards", response=shapes.statuses(shapes.Member, 201, 404, 409, 413, 415), tags=["members"]
)
@needs("members:write")
def add_card(request: HttpRequest, member_id: str, payload: shapes.CardNew) -> HttpResponse:
    """One more card."""

    def work() -> tuple[int, Any]:
        row = member_of(member_id)
        change_member.add_card(row.id, stored("card", payload.card) or "", by=actor(request))
        return 201, member_json(member_of(member_id))

    return write(request, work)


@api.delete("/members/{member_id}/cards/{card}", response=shapes.statuses(shapes.Member, 404, 409), tags=["members"])
@needs("members:write")
def block_card(request: HttpRequest, member_id: str, card: str) -> HttpResponse:
    """Block a lost card; the balance stays."""

    def work() -> tuple[int, Any]:
        change_member.block_card(member_of(member_id).id, card, by=actor(request))
        return 200, member_json(member_of(member_id))

    return write(request, work)


@api.get("/members/{member_id}/balances", response=shapes.statuses(dict[str, shapes.Balance], 404), tags=["members"])
@needs("members:read")
def balances(request: HttpRequest, member_id: str) -> HttpResponse:
    """Available, pending, held and owed per wallet, its worth, and what ends next."""
    return answer(balances_json(member_of(member_id).id))


@api.get("/members/{member_id}/stamps", response=shapes.statuses(dict[str, shapes.StampCard], 404), tags=["members"])
@needs("members:read")
def stamp_cards_of(request: HttpRequest, member_id: str) -> HttpResponse:
    """Each stamp card of the programme as it stands for the member; a head start counts before the first stamp."""
    rows = stamp_cards.of_member(member_of(member_id).id, programme_now(), locale=locale_of(request))
    return answer(
        {
            row.id: {
                "name": row.name,
                "count": row.count,
                "of": row.of,
                "missing": row.missing,
                "reward": row.reward,
                "filled": row.filled,
            }
            for row in rows
        }
    )


@api.get("/members/{member_id}/ledger", response=shapes.statuses(shapes.Page, 404), tags=["members"])
@needs("members:read")
def ledger_lines(request: HttpRequest, member_id: str) -> HttpResponse:
    """Every movement, newest first, with its sentence."""
    most, cursor = page_of(request)
    wallets = list(programme_now().wallets)
    after = id_of(cursor) if cursor else None
    lines = ledger.lines(member_of(member_id).id, wallets, most=most + 1, after=after)
    items = []
    for line in lines[:most]:
        event_id = line.cause.partition("/")[0]
        told = line.kind in ("earn", "owed") or (line.kind == "reverse" and "/" not in line.cause)
        decision = events.latest_decision(event_id) if told else None
        items.append(
            {
                "id": str(line.id),
                "at": line.at.isoformat(),
                "wallet": line.wallet,
                "amount": line.amount,
                "kind": line.kind,
                "event_id": event_id if decision or line.kind == "reverse" else None,
                "because": orjson.loads(decision.answer).get("because", []) if decision else [],
            }
        )
    return answer({"items": items, "next": str(lines[most - 1].id) if len(lines) > most else None})


@api.get("/members/{member_id}/lots", response=shapes.statuses(shapes.Page, 404), tags=["members"])
@needs("members:read")
def lots(request: HttpRequest, member_id: str) -> HttpResponse:
    """What the balance is made of, the first to end first."""
    programme = programme_now()
    items = [
        {
            "wallet": lot.wallet,
            "amount": lot.amount,
            "remaining": lot.remaining,
            "earned_at": lot.earned_month.isoformat(),
            "expires_at": effects.shown_expiry(lot.expires_at, programme),
        }
        for lot in holdings.lot_rows(member_of(member_id).id, list(programme.wallets), at=clock.now())
    ]
    return answer({"items": items, "next": None})


@api.get("/members/{member_id}/vouchers", response=shapes.statuses(shapes.Page, 404), tags=["members"])
@needs("members:read")
def vouchers(request: HttpRequest, member_id: str) -> HttpResponse:
    """The member's vouchers, newest first."""
    member = member_of(member_id)
    return answer({"items": vouchers_shown(member.id, rewards.vouchers_of(member.id)), "next": None})


@api.post(
    "/members/{member_id}/vouchers/{voucher_id}/choose",
    response=shapes.statuses(shapes.Voucher, 200, 404, 409, 413, 415),
    tags=["members"],
)
@needs("redemptions:write")
def choose(request: HttpRequest, member_id: str, voucher_id: str, data: shapes.Chosen) -> HttpResponse:
    """Pick one reward of an open choice, once; the voucher is one of that reward from then on."""

    def work() -> tuple[int, Any]:
        member = member_of(member_id)
        row = choosing.choose(id_of(voucher_id), data.reward, member_id=member.id, by=actor(request), now=clock.now())
        return 200, vouchers_shown(member.id, [row])[0]

    return write(request, work)


def vouchers_shown(member_id: UUID, rows: Sequence[VoucherRow]) -> list[dict[str, Any]]:
    """Vouchers as the API shows them."""
    programme, now = programme_now(), clock.now()
    open_ = choosing.open_of(member_id, programmes.timeline(context.current().schema), at=now)
    choices = {one.voucher.id: [reward.id for reward in one.rewards] for one in open_}
    return [
        {
            "id": str(voucher.id),
            "choose": choices.get(voucher.id, []),
            "code": voucher.code or None,
            "reward": voucher.reward,
            "quantity": voucher.quantity,
            "state": voucher.state,
            "fulfilment": voucher.fulfilment or None,
            "expires_at": effects.shown_expiry(voucher.expires_at, programme),
            "created_at": voucher.created_at.isoformat(),
        }
        for voucher in rows
    ]
