"""What a till did without a network, told afterwards: each sale and gift once, however often it is told.

A sale is recorded under the id its till gave it, a gift under a key made of its id; both answers are kept, so that a
till that heard none tells again. What cannot be told as it was becomes a sentence for the manager, in the transaction
that tells it. The member was served and has gone: nothing is ever asked of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from ganbo.books.events import queries as events
from ganbo.books.events.queries import EventRow
from ganbo.engine import offline
from ganbo.features.offline import operations as leases
from ganbo.features.offline import queries as told
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import codes, join, recording, redeem_reward, sell
from ganbo.journeys.codes import Typed
from ganbo.journeys.redemption_writing import Ask
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import contacts
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person

TOLD, AGAIN, NOTED, LATER = "told", "again", "noted", "later"
OWED, WITHOUT_MEMBER = "offline.owed", "offline.without_member"


class NotGiven(Refusal):
    """The programme gives this reward only with a network."""

    code = "offline.not_given"


@dataclass(frozen=True, slots=True)
class Till:
    """Whose till it was, as its signed snapshot says; nothing it tells happened before `taken_at`."""

    device: UUID
    store: str | None
    staff: str
    taken_at: datetime

    def moment(self, at: datetime, now: datetime) -> datetime:
        """When something happened by a clock that may be wrong: never before the snapshot, never in the future."""
        return max(self.taken_at, min(at, now))


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale: the contract's `data`; `member` when the till knew them, else what was typed: a phone or a card."""

    id: UUID
    at: datetime
    data: dict[str, Any]
    member: UUID | None = None
    typed: str = ""

    @property
    def event_id(self) -> str:
        return f"till:{self.id}"


@dataclass(frozen=True, slots=True)
class Gift:
    """A reward handed over to a member, by the till's lease of `day`."""

    id: UUID
    at: datetime
    member: UUID
    reward: str
    day: date


Same = Callable[[dict[str, Any], dict[str, Any]], bool]


def settle_sale(business: BusinessRow, sale: Sale, till: Till, *, same: Same, now: datetime) -> str:
    """Record a sale under its own id; `same` compares the goods of two. TOLD, AGAIN or NOTED."""
    before = events.get(sale.event_id)
    if before is not None:
        return _told_before(before, sale, till, same=same, now=now)
    if told.noted([sale.id]):
        return AGAIN
    try:
        member, unknown = _who(business, sale, till, now=now)
        with transaction.atomic():
            replayed = _record(business, sale, till, member, now=now)
            if unknown:
                _note(sale, till, (WITHOUT_MEMBER, told_of(sale)), now=now)
    except Refusal as refusal:
        before = events.get(sale.event_id)
        if before is not None:  # told by another window meanwhile
            return _told_before(before, sale, till, same=same, now=now)
        with transaction.atomic():
            _note(sale, till, (refusal.code, told_of(sale)), now=now)
        return NOTED
    return NOTED if unknown else AGAIN if replayed else TOLD


def _told_before(before: EventRow, sale: Sale, till: Till, *, same: Same, now: datetime) -> str:
    others = sale.member is not None and before.member_id not in (None, sale.member)
    if not others and same(orjson.loads(before.body), sale.data):
        return AGAIN
    with transaction.atomic():
        _note(sale, till, (recording.KeyReused.code, told_of(sale)), now=now)
    return NOTED


def _who(business: BusinessRow, sale: Sale, till: Till, *, now: datetime) -> tuple[UUID | None, bool]:
    """The member, and whether somebody was named whom nobody knows. A new phone number gets a card, as at the counter."""
    if sale.member is not None:
        return (sale.member, False) if members.get(sale.member) else (None, True)
    if not sale.typed:
        return None, False
    card = members.by_key("card", sale.typed.replace(" ", ""))
    if card is not None:
        return card.id, False
    try:
        phone = contacts.phone(sale.typed, region=business.country)
    except contacts.BadPhone:
        return None, True
    known = members.by_key("phone", phone)
    if known is not None:
        return known.id, False
    tier = programmes.in_force_at(business.schema, now).programme.first_tier
    return join.join(Person(phone=phone), at=now, channel="till", store=till.store, tier=tier).member_id, False


def _record(business: BusinessRow, sale: Sale, till: Till, member: UUID | None, *, now: datetime) -> bool:
    """Whether another window was faster."""
    body: dict[str, Any] = {
        "id": sale.event_id,
        "type": "purchase",
        "occurred_at": till.moment(sale.at, now).isoformat(),
        "channel": "till",
        "staff": till.staff,
        "data": sale.data,
    }
    if member is not None:
        body["member"] = {"id": str(member)}
    if till.store:
        body["store"] = till.store
    outcome = sell.record(business, body, now=now)
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.status == "replayed"


def settle_gift(business: BusinessRow, gift: Gift, till: Till, *, now: datetime) -> str:
    """Take the points of a gift, count it against its lease, use its voucher up. TOLD, AGAIN, NOTED or LATER.

    Points that were spent elsewhere meanwhile become owed where the wallet remembers; else the shop bears the gift.
    """
    try:
        with transaction.atomic():
            if told.noted([gift.id]):
                return AGAIN
            return _give(business, gift, till, now=now)
    except redeem_reward.InProgress:
        return LATER
    except Refusal as refusal:
        with transaction.atomic():
            _note(gift, till, (refusal.code, {"reward": gift.reward} | refusal.params), now=now)
        return NOTED


def _give(business: BusinessRow, gift: Gift, till: Till, *, now: datetime) -> str:
    key = f"till:{gift.id}"
    digest = sha256(f"{gift.member}|{gift.reward}".encode()).digest()
    ask = Ask(("id", str(gift.member)), gift.reward, 1, key, digest, store=till.store or "", handed_over=True)
    given = redeem_reward.redeem_inside(Pipeline.inside_django(), business, [ask], now=now)[0]
    if given.refusal is not None:
        raise given.refusal
    if given.status == "replayed":
        return AGAIN
    leases.use(gift.member, device=till.device, day=gift.day, worth=_worth(business, gift, now=now))
    answer = orjson.loads(given.answer or "{}")
    codes.redeem(Typed(answer["voucher"]["code"], gift.member, None, key), locale="vi", now=now, trusted=True)
    if not given.owed:
        return TOLD
    params = {"reward": gift.reward, "wallet": answer["price"]["wallet"], "missing": given.owed}
    _note(gift, till, (OWED, params), now=now)
    return NOTED


def _worth(business: BusinessRow, gift: Gift, *, now: datetime) -> int:
    """What it counts for against the lease. Raises NotGiven."""
    programme, member = programmes.in_force_at(business.schema, now).programme, members.get(gift.member)
    reward = programme.rewards.get(gift.reward)
    found = offline.gift(programme, reward, member.tier if member else None) if reward else None
    if found is None:
        raise NotGiven()
    return found.worth


def note_unreadable(
    id: UUID, kind: str, till: Till, why: tuple[str, dict[str, Any]], *, at: datetime, now: datetime
) -> None:
    """What a till told makes no sense or is not signed by us: the manager is told."""
    with transaction.atomic():
        where = (till.store or "", till.staff)
        leases.note(id, kind=kind, why=why, member_id=None, where=where, happened_at=at, at=now)


def see(conflict_id: UUID, *, by: str, now: datetime) -> None:
    """A manager has read it."""
    with transaction.atomic():
        leases.see(conflict_id, by=by, at=now)


def told_of(sale: Sale) -> dict[str, Any]:
    """What a sentence about a sale names: its total and its receipt number."""
    total = sale.data.get("amount")
    if total is None:
        total = sum(line["quantity"] * line["unit_price"] for line in sale.data["lines"])
    return {"amount": total, "order_id": sale.data.get("order_id", "")}


def _note(one: Sale | Gift, till: Till, why: tuple[str, dict[str, Any]], *, now: datetime) -> None:
    leases.note(
        one.id,
        kind="sale" if isinstance(one, Sale) else "gift",
        why=why,
        member_id=one.member,
        where=(till.store or "", till.staff),
        happened_at=till.moment(one.at, now),
        at=now,
    )
