"""Members of another system come in: chunk by chunk, nobody twice, nothing overwritten that a person gave themselves.

A chunk is a transaction: members, cards, levels, consents, and a signup of the day they joined, as history. Broken off, the
file is told again: who is in already is found by any of their contacts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from ganbo.foundation import chance, jobs
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline, StatementFailed
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, record_events
from ganbo.journeys.record_events import Asked
from ganbo.people.members import bringing, operations
from ganbo.people.members.bringing import Consent, Key, Known
from ganbo.people.members.operations import MOST_CARDS, Person

CHUNK = 1_000
CHANNEL = "import"
_TRIES = 3  # a sale or a sign-up beside the import may be faster with the same contact


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A row of the file: a person with contacts in stored form, when they joined, their level and what they agreed to."""

    line: int
    person: Person
    joined_at: datetime
    tier: str | None = None
    consents: tuple[Consent, ...] = ()

    @property
    def keys(self) -> list[Key]:
        """Every contact the person can be found by."""
        found = [(kind, getattr(self.person, kind)) for kind in bringing.KINDS]
        return [(kind, value) for kind, value in found if value]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken; `what` is the line, member or value it stumbled over."""

    line: int
    reason: str
    what: str = ""


@dataclass(slots=True)
class Outlook:
    """What a chunk does: who is new, and what of those who are known is filled in, changed, or kept as it is."""

    new: list[Newcomer] = field(default_factory=list)
    changes: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    cards: list[tuple[str, UUID]] = field(default_factory=list)
    tiers: dict[UUID, str] = field(default_factory=dict)
    consents: list[tuple[UUID, Consent]] = field(default_factory=list)  # of those who are known
    known: int = 0
    kept: int = 0  # members of whom something else is known than the file says
    refused: list[Refused] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many of the known members get something."""
        return len({*self.changes, *self.tiers, *(member for _, member in self.cards)})


@dataclass(slots=True)
class Told:
    """Whom a file has told of so far: contact → line, so that nobody is told twice."""

    lines: dict[Key, int] = field(default_factory=dict)

    def once(self, rows: Iterable[Newcomer]) -> tuple[list[Newcomer], list[Refused]]:
        """The rows whose person did not stand above; and the others, with the line they repeat."""
        fresh, again = list[Newcomer](), list[Refused]()
        for row in rows:
            before = next((self.lines[key] for key in row.keys if key in self.lines), None)
            if before is not None:
                again.append(Refused(row.line, "twice", str(before)))
                continue
            self.lines.update(dict.fromkeys(row.keys, row.line))
            fresh.append(row)
        return fresh, again


def look(rows: Sequence[Newcomer], *, update: bool = False) -> Outlook:
    """What a chunk of different people would do; changes nothing. With `update` the file overwrites what is known."""
    found, outlook = bringing.holders(key for row in rows for key in row.keys), Outlook()
    owners = [{found[key] for key in row.keys if key in found} for row in rows]
    people = bringing.known({member for of in owners for member in of})
    seen: dict[UUID, int] = {}
    for row, of in zip(rows, owners, strict=True):
        if not of:
            outlook.new.append(row)
            continue
        if len(of) > 1:
            outlook.refused.append(Refused(row.line, "two_members", ", ".join(sorted(map(str, of)))))
            continue
        member = next(iter(of))
        if member in seen:
            outlook.refused.append(Refused(row.line, "twice", str(seen[member])))
            continue
        seen[member] = row.line
        _compare(outlook, row, people[member], update=update)
    return outlook


def _compare(outlook: Outlook, row: Newcomer, known: Known, *, update: bool) -> None:
    said = {name: getattr(row.person, name) for name in bringing.FIELDS if getattr(row.person, name)}
    other = {name: value for name, value in said.items() if known.fields[name] != value}
    changes = other if update else {name: value for name, value in other.items() if not known.fields[name]}
    card = row.person.card
    if card and card not in known.cards:
        if len(known.cards) >= MOST_CARDS:
            outlook.refused.append(Refused(row.line, "too_many_cards", card))
            return
        outlook.cards.append((card, known.id))
    elsewhere = row.tier is not None and row.tier != known.tier
    if elsewhere and update:
        outlook.tiers[known.id] = row.tier or ""
    if changes:
        outlook.changes[known.id] = changes
    outlook.known += 1
    outlook.kept += len(changes) < len(other) or (elsewhere and not update)
    outlook.consents += [(known.id, one) for one in row.consents]


def bring_in(rows: Sequence[Newcomer], *, update: bool = False, now: datetime) -> Outlook:
    """Write a chunk of different people, in one transaction; what was done. Raises NoProgramme."""
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                outlook = look(rows, update=update)
                _write(outlook, now=now)
            break
        except (IntegrityError, StatementFailed) as failure:
            hopeless = isinstance(failure, StatementFailed) and not failure.worth_repeating
            if hopeless or attempt == _TRIES - 1:
                raise
    jobs.wake(context.current().id)
    return outlook


def _write(outlook: Outlook, *, now: datetime) -> None:
    people = {chance.new_id(): row for row in outlook.new}
    operations.enrol_many(
        [(member, row.person, row.joined_at, row.tier) for member, row in people.items()], strict=True
    )
    pipe, asked = Pipeline.inside_django(), Asked(context.current(), now, backfill=True, history=True)
    requests = [
        join.signup_request(member, at=row.joined_at, channel=CHANNEL, store=None) for member, row in people.items()
    ]
    for told in record_events.record_inside(pipe, asked, requests) if requests else []:
        if told.refusal is not None:
            raise told.refusal
    if outlook.changes:
        bringing.change_many(outlook.changes)
    bringing.add_cards(outlook.cards, at=now)
    if outlook.tiers:
        bringing.tiers_by_hand(outlook.tiers)
    said = [(member, one) for member, row in people.items() for one in row.consents] + outlook.consents
    if said:
        bringing.consent([(chance.new_id(), member, one) for member, one in said], at=now)


def note(counts: Mapping[str, int], *, by: str) -> None:
    """Write in the audit what an import did, in numbers."""
    with transaction.atomic():
        audit.note(by, "members.imported", "", **counts)


def enrol_all(people: Sequence[tuple[UUID, Person, datetime, str | None]]) -> None:
    """(id, person, when, tier) of each; those already there stay as they are. Their signups are recorded by the caller."""
    with transaction.atomic():
        operations.enrol_many(people)
