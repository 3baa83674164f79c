"""Many people at once, as other systems told them: who is known already, and what is filled in. Rows in and out, no models."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.fold import fold
from ganbo.people.members import models

KINDS = ("phone", "email", "external_id", "card")
FIELDS = ("phone", "email", "external_id", "name", "address_form", "birthday", "locale")
Key = tuple[str, str]  # kind and value, in stored form


@dataclass(frozen=True, slots=True)
class Consent:
    """What a member said of being written to; `at` is when, `source` the form or page it was said on."""

    channel: str
    purpose: str
    given: bool
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Who has a contact already: the fields of FIELDS as they are, level and cards."""

    id: UUID
    fields: Mapping[str, Any]
    tier: str | None
    cards: tuple[str, ...]


def holders(keys: Iterable[Key]) -> dict[Key, UUID]:
    """Who has these phones, e-mails, external ids and cards (blocked ones too); one query a kind."""
    wanted: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for kind, value in keys:
        wanted[kind].add(value)
    found: dict[Key, UUID] = {}
    for kind in KINDS[:3]:
        if wanted[kind]:
            rows = models.Member.objects.filter(**{f"{kind}__in": wanted[kind]}).values_list(kind, "pk")
            found |= {(kind, value): member for value, member in rows}
    if wanted["card"]:
        rows = models.Card.objects.filter(pk__in=wanted["card"]).values_list("pk", "member_id")
        found |= {("card", number): member for number, member in rows}
    return found


def known(members: Iterable[UUID]) -> dict[UUID, Known]:
    """These members as they are; three queries for any number."""
    ids = list(members)
    tiers = dict(models.Standing.objects.filter(pk__in=ids).values_list("pk", "tier"))
    cards: dict[UUID, list[str]] = {}
    for number, member in models.Card.objects.filter(member_id__in=ids).values_list("pk", "member_id"):
        cards.setdefault(member, []).append(number)
    rows = models.Member.objects.filter(pk__in=ids).values("pk", *FIELDS)
    return {
        row["pk"]: Known(row["pk"], {n: row[n] for n in FIELDS}, tiers.get(row["pk"]), tuple(cards.get(row["pk"], ())))
        for row in rows
    }


@needs_transaction
def change_many(changes: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Set fields of FIELDS; the standings are locked first, in the order every journey locks them."""
    lock(changes)
    found = models.Member.objects.in_bulk(list(changes))
    for member, row in found.items():
        for name, value in changes[member].items():
            setattr(row, name, value)
        row.name_folded = fold(row.name)
    models.Member.objects.bulk_update(list(found.values()), [*FIELDS, "name_folded"], batch_size=1000)


def lock(members: Iterable[UUID]) -> None:
    """Take these members' locks, in order of id."""
    list(models.Standing.objects.select_for_update().filter(pk__in=list(members)).order_by("pk").values_list("pk"))


@needs_transaction
def add_cards(cards: Sequence[tuple[str, UUID]], *, at: datetime) -> None:
    """(number, member) of cards nobody has."""
    models.Card.objects.bulk_create([models.Card(number=n, member_id=m, created_at=at) for n, m in cards])


@needs_transaction
def tiers_by_hand(tiers: Mapping[UUID, str]) -> None:
    """Give levels that another system had given: nothing is known of them yet; the night's review dates them from then."""
    rows = list(models.Standing.objects.select_for_update().filter(pk__in=list(tiers)).order_by("pk"))
    for row in rows:
        kept = orjson.loads(row.state)
        kept["tier"] = {"n": kept.get("tier", {}).get("n", 0) + 1}
        if "since" in kept:
            kept["since"] = {}
        row.tier, row.state = tiers[row.pk], orjson.dumps(kept).decode()
    models.Standing.objects.bulk_update(rows, ["tier", "state"], batch_size=1000)


@needs_transaction
def consent(said: Sequence[tuple[UUID, UUID, Consent]], *, at: datetime) -> int:
    """(id, member, consent) of each; what is written already stays as it is. Returns how many were new."""
    found = {
        (row[0], row[1], row[2], row[3], row[4])
        for row in models.Consent.objects.filter(member_id__in={member for _, member, _ in said}).values_list(
            "member_id", "channel", "purpose", "at", "given"
        )
    }
    new = {
        (member, one.channel, one.purpose, one.at, one.given): models.Consent(
            id=id_,
            member_id=member,
            channel=one.channel,
            purpose=one.purpose,
            given=one.given,
            source=one.source,
            at=one.at,
            recorded_at=at,
        )
        for id_, member, one in said
        if (member, one.channel, one.purpose, one.at, one.given) not in found
    }
    models.Consent.objects.bulk_create(list(new.values()), ignore_conflicts=True, batch_size=1000)
    return len(new)


def consents(member: UUID) -> dict[tuple[str, str], Consent]:
    """(channel, purpose) → what the member said last. A no of the same instant counts."""
    found: dict[tuple[str, str], Consent] = {}
    for row in models.Consent.objects.filter(member_id=member).order_by("at", "-given"):
        found[row.channel, row.purpose] = Consent(row.channel, row.purpose, row.given, row.source, row.at)
    return found
