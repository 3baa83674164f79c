"""Who is it? Reads of members; rows leave this room, never models."""

import contextlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q

from ganbo.kernel.fold import fold
from ganbo.people.members import contacts, models

MOST_FOUND = 8  # a till's screen shows no more
WALLET_CODE = "ganbo:"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member with their standing. `phone` is E.164; `cards` are those not blocked."""

    id: UUID
    phone: str | None
    email: str | None
    external_id: str | None
    name: str
    address_form: str
    birthday: date | None
    locale: str
    receipts_by_email: bool
    goal: str  # the reward the member saves for; empty: none was picked
    created_at: datetime
    cards: tuple[str, ...]
    tier: str | None
    purchases: int
    spend: int
    visits: int
    last_purchase_at: datetime | None
    state: dict[str, Any]


def rows(members: list[models.Member]) -> list[MemberRow]:
    """Rows of members, in the given order; three queries for any number."""
    ids = [m.pk for m in members]
    standings = {s.member_id: s for s in models.Standing.objects.filter(member_id__in=ids)}
    cards: dict[UUID, list[str]] = {}
    for card in models.Card.objects.filter(member_id__in=ids, blocked_at=None).order_by("created_at"):
        cards.setdefault(card.member_id, []).append(card.number)
    return [_row(m, standings.get(m.pk), tuple(cards.get(m.pk, ()))) for m in members]


def _row(m: models.Member, s: models.Standing | None, cards: tuple[str, ...]) -> MemberRow:
    return MemberRow(
        id=m.pk,
        phone=m.phone,
        email=m.email,
        external_id=m.external_id,
        name=m.name,
        address_form=m.address_form,
        birthday=m.birthday,
        locale=m.locale,
        receipts_by_email=m.receipts_by_email,
        goal=m.goal,
        created_at=m.created_at,
        cards=cards,
        tier=s.tier if s else None,
        purchases=s.purchases if s else 0,
        spend=s.spend if s else 0,
        visits=s.visits if s else 0,
        last_purchase_at=s.last_purchase_at if s else None,
        state=orjson.loads(s.state) if s else {},
    )


def get(member_id: UUID) -> MemberRow | None:
    """The member, or None."""
    found = rows(list(models.Member.objects.filter(pk=member_id)))
    return found[0] if found else None


def state_of(member_id: UUID) -> tuple[str, datetime] | None:
    """The JSON kept beside the member's counters, and when they joined."""
    found = models.Standing.objects.filter(pk=member_id).values_list("state", "member__created_at").first()
    return (found[0], found[1]) if found else None


def states_of(member_ids: list[UUID]) -> dict[UUID, tuple[str | None, str, datetime]]:
    """By member: tier, the JSON kept beside the counters, and when they joined."""
    found = models.Standing.objects.filter(pk__in=member_ids).values_list("pk", "tier", "state", "member__created_at")
    return {member: (tier, state, created_at) for member, tier, state, created_at in found}


def by_key(kind: str, value: str) -> MemberRow | None:
    """The member with this id, phone, email, external_id or unblocked card, in stored form."""
    if kind == "card":
        card = models.Card.objects.filter(number=value, blocked_at=None).first()
        return get(card.member_id) if card else None
    field = "pk" if kind == "id" else kind
    found = rows(list(models.Member.objects.filter(**{field: value})))
    return found[0] if found else None


def search(text: str, *, region: str = "VN", most: int = MOST_FOUND) -> list[MemberRow]:
    """Members a typed or scanned text may mean: card, phone (also its last four or more digits), e-mail,
    external id, or words of the name in any order without diacritics; best first.
    """
    text = text.strip()[:100]
    if not text:
        return []
    exact = _exact(text, region)
    if exact:
        return exact
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) >= 4 and len(digits) == len(text.replace(" ", "")):
        return rows(_by_recent_purchase(Q(phone__endswith=digits), most))
    words = [word for word in fold(text).split() if word]
    if not words:
        return []
    condition = Q()
    for word in words:
        condition &= Q(name_folded__contains=word)
    return rows(_by_recent_purchase(condition, most))


def _exact(text: str, region: str) -> list[MemberRow]:
    if text.startswith(WALLET_CODE):  # the code a wallet shows when its member has no card
        with contextlib.suppress(ValueError):
            found = get(UUID(text.removeprefix(WALLET_CODE)))
            return [found] if found else []
    if "@" in text:
        found = by_key("email", text.lower())
        return [found] if found else []
    candidates = [("card", text.replace(" ", "")), ("external_id", text)]
    with contextlib.suppress(contacts.BadPhone):
        candidates.insert(0, ("phone", contacts.phone(text, region=region)))
    for kind, value in candidates:
        found = by_key(kind, value)
        if found:
            return [found]
    return []


def _by_recent_purchase(condition: Q, most: int) -> list[models.Member]:
    """Matching members, those who bought most recently first."""
    ids = list(models.Member.objects.filter(condition).values_list("pk", flat=True)[:500])
    recent = list(
        models.Standing.objects.filter(member_id__in=ids)
        .order_by("-purchases", "member_id")
        .values_list("member_id", flat=True)[:most]
    )
    found = models.Member.objects.in_bulk(recent)
    return [found[pk] for pk in recent if pk in found]


def page(*, after: UUID | None, most: int) -> list[MemberRow]:
    """Members in order of enrolment, newest first, after `after`."""
    found = models.Member.objects.order_by("-id")
    if after is not None:
        found = found.filter(pk__lt=after)
    return rows(list(found[:most]))


def ids_after(after: UUID, *, most: int) -> list[tuple[UUID, datetime]]:
    """(id, joined at) in order of ids, which is the order in which members were made."""
    found = models.Member.objects.filter(id__gt=after).order_by("id")
    return list(found.values_list("id", "created_at")[:most])


def count() -> int:
    return models.Member.objects.count()


def recently_enrolled(since: datetime) -> int:
    """How many members enrolled since an instant."""
    return models.Member.objects.filter(created_at__gte=since).count()


def blocked(number: str) -> bool:
    """True when this card exists and was blocked."""
    return models.Card.objects.filter(number=number, blocked_at__isnull=False).exists()


def by_ids(ids: list[UUID]) -> dict[UUID, MemberRow]:
    """These members; three queries for any number."""
    return {row.id: row for row in rows(list(models.Member.objects.filter(pk__in=ids)))}


def wanting_receipts(ids: set[UUID]) -> list[MemberRow]:
    """Those of the members who have an e-mail and have not switched receipts off."""
    wanting = models.Member.objects.filter(email__isnull=False, receipts_by_email=True)
    found = wanting.extra(where=["id = ANY(%s)"], params=[list(ids)])  # one parameter, however many members
    return rows(list(found)) if ids else []
