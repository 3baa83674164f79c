"""Writes about who members are. Each demands a running transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.fold import fold
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import models

ADDRESS_FORMS = ("anh", "chị", "cô", "chú", "bác", "em", "bạn", "quý khách")
MOST_CARDS = 10


class Exists(Refusal):
    """Somebody with this phone, e-mail, external id or card is enrolled already."""

    code = "members.exists"


class NotReachable(Refusal):
    """A phone or an e-mail is enough to enrol; give one."""

    code = "members.contact_needed"


class TooManyCards(Refusal):
    """A member may hold ten cards; block one first."""

    code = "members.too_many_cards"


class CardUnknown(Refusal):
    """This member holds no such card."""

    code = "members.card_unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be enrolled; contacts in stored form."""

    phone: str | None = None
    email: str | None = None
    external_id: str | None = None
    card: str | None = None
    name: str = ""
    address_form: str = ""
    birthday: date | None = None
    locale: str = ""


@needs_transaction
def enrol(person: Person, *, member_id: UUID, at: datetime, tier: str | None = None) -> None:
    """A new member with their standing. Raises Exists with the id of who has the contact already."""
    if not (person.phone or person.email or person.external_id):
        raise NotReachable()
    refuse_known(person)
    models.Member.objects.create(
        id=member_id,
        phone=person.phone,
        email=person.email,
        external_id=person.external_id,
        name=person.name,
        name_folded=fold(person.name),
        address_form=person.address_form,
        birthday=person.birthday,
        locale=person.locale,
        created_at=at,
    )
    models.Standing.objects.create(member_id=member_id, tier=tier)
    if person.card:
        models.Card.objects.create(number=person.card, member_id=member_id, created_at=at)


def refuse_known(person: Person, *, but: UUID | None = None) -> None:
    """Raise Exists when another member has one of these contacts or the card."""
    for field in ("phone", "email", "external_id"):
        value = getattr(person, field)
        if value is None:
            continue
        known = models.Member.objects.filter(**{field: value}).exclude(pk=but).values_list("pk", flat=True).first()
        if known is not None:
            raise Exists(field=field, member_id=str(known))
    if person.card:
        holder = models.Card.objects.filter(number=person.card).values_list("member_id", flat=True).first()
        if holder is not None:
            raise Exists(field="card", member_id=str(holder))


@needs_transaction
def change(member_id: UUID, changes: dict[str, Any]) -> None:
    """Change identity fields of a member; `tier` goes to the standing, which is locked first."""
    standing = models.Standing.objects.select_for_update().get(pk=member_id)
    if "tier" in changes:
        standing.tier = changes.pop("tier")
        standing.state = _by_hand(standing.state)
        standing.save(update_fields=["tier", "state"])
    if "name" in changes:
        changes["name_folded"] = fold(changes["name"])
    if changes:
        models.Member.objects.filter(pk=member_id).update(**changes)


def _by_hand(state: str) -> str:
    """The state when a level is given by hand: nothing is known of it yet; the night's review dates it from then."""
    kept = orjson.loads(state)
    kept["tier"] = {"n": kept.get("tier", {}).get("n", 0) + 1}
    if "since" in kept:
        kept["since"] = {}
    return orjson.dumps(kept).decode()


@needs_transaction
def add_card(member_id: UUID, number: str, *, at: datetime) -> None:
    """One more card for a member. Raises Exists or TooManyCards."""
    models.Standing.objects.select_for_update().get(pk=member_id)
    if models.Card.objects.filter(member_id=member_id, blocked_at=None).count() >= MOST_CARDS:
        raise TooManyCards(most=MOST_CARDS)
    refuse_known(Person(card=number))
    models.Card.objects.create(number=number, member_id=member_id, created_at=at)


@needs_transaction
def block_card(member_id: UUID, number: str, *, at: datetime) -> None:
    """Block a lost card; the balance stays. Raises CardUnknown. Blocking twice changes nothing."""
    card = models.Card.objects.select_for_update().filter(pk=number, member_id=member_id).first()
    if card is None:
        raise CardUnknown(card=number)
    if card.blocked_at is None:
        card.blocked_at = at
        card.save(update_fields=["blocked_at"])


def refuse_unreachable(member_id: UUID, changes: dict[str, Any]) -> None:
    """Raise NotReachable when the changes would leave no phone, e-mail and external id."""
    cleared = {key for key in ("phone", "email", "external_id") if key in changes and not changes[key]}
    if not cleared or any(changes.get(key) for key in ("phone", "email", "external_id")):
        return
    kept = {"phone", "email", "external_id"} - cleared
    row = models.Member.objects.filter(pk=member_id).values(*kept).first() if kept else None
    if row is None or not any(row.values()):
        raise NotReachable()


@needs_transaction
def enrol_many(people: Sequence[tuple[UUID, Person, datetime, str | None]], *, strict: bool = False) -> None:
    """(id, person, when, tier) of each, contacts in stored form; ids that exist are left as they are.

    `strict`: raises IntegrityError instead when an id, a contact or a card is taken.
    """
    models.Member.objects.bulk_create(
        [
            models.Member(
                id=member_id,
                phone=person.phone,
                email=person.email,
                external_id=person.external_id,
                name=person.name,
                name_folded=fold(person.name),
                address_form=person.address_form,
                birthday=person.birthday,
                locale=person.locale,
                created_at=at,
            )
            for member_id, person, at, _ in people
        ],
        ignore_conflicts=not strict,
        batch_size=1000,
    )
    models.Standing.objects.bulk_create(
        [models.Standing(member_id=member_id, tier=tier) for member_id, _, _, tier in people],
        ignore_conflicts=not strict,
        batch_size=1000,
    )
    cards = [models.Card(number=p.card, member_id=m, created_at=at) for m, p, at, _ in people if p.card]
    models.Card.objects.bulk_create(cards, ignore_conflicts=not strict, batch_size=1000)
