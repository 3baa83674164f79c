"""Balances of another system come in as lots with their own end: chunk by chunk, each row once.

A row is known by its key (who, which wallet, its reference, else its end and month), kept beside the events' own: the file
told again, an import that was broken off, or two at once write nothing twice.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b, sha256
from uuid import UUID

from django.db import IntegrityError, transaction

from ganbo.books.events import queries as events
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline, Statement, StatementFailed, text_array
from ganbo.foundation.tenancy import context
from ganbo.journeys import gathering, inactivity
from ganbo.journeys.gathering import Standing
from ganbo.journeys.import_members import Refused
from ganbo.journeys.record_events import update_standings
from ganbo.people.members import bringing
from ganbo.people.members.bringing import Key

CHUNK = 500  # rows a transaction: their members wait for it
OPENING = "opening"  # the rule that a history names
_PREFIX = "opening/"  # no event's id has a slash
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Opening:
    """A row of the file: whose, in which wallet, how many units (above zero), until when, and since when they are theirs.

    `expires_at`: the first unusable instant; None for never, or by inactivity. `reference`: what the other system calls it.
    `ends` and `since`: what the row itself says of both (a day, `never`, or nothing); what it leaves open depends on when it is told.
    """

    line: int
    member: Key
    wallet: str
    amount: int
    expires_at: datetime | None
    earned_on: date
    reference: str = ""
    ends: str = ""
    since: str = ""


@dataclass(slots=True)
class Outlook:
    """What a chunk brings: rows with their member; how many are in already; and what is not taken."""

    new: list[tuple[UUID, Opening]] = field(default_factory=list)
    known: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(slots=True)
class Told:
    """Which rows a file has told so far: key → line."""

    lines: dict[str, int] = field(default_factory=dict)

    def forget(self, lines: Set[int]) -> None:
        """These lines are told again."""
        self.lines = {key: line for key, line in self.lines.items() if line not in lines}


def key_of(member: UUID, row: Opening) -> str:
    """What the row is known by, for ever: by what it says, never by the day on which it is told."""
    which = f"ref|{row.reference}" if row.reference else f"lot|{row.ends}|{row.since[:7]}"
    return _PREFIX + blake2b(f"{member}|{row.wallet}|{which}".encode(), digest_size=16).hexdigest()


def look(rows: Sequence[Opening], told: Told) -> Outlook:
    """What a chunk would bring; changes nothing but `told`."""
    found, outlook = bringing.holders(row.member for row in rows), Outlook()
    keyed = [(row, who, key_of(who, row)) for row in rows if (who := found.get(row.member)) is not None]
    known = events.hashes(key for _, _, key in keyed)
    outlook.refused += [Refused(row.line, "unknown_member", row.member[1]) for row in rows if row.member not in found]
    for row, who, key in keyed:
        if told.lines.setdefault(key, row.line) != row.line:
            outlook.refused.append(Refused(row.line, "twice_balance", str(told.lines[key])))
        elif key not in known:
            outlook.new.append((who, row))
        elif known[key] == _hash(row):
            outlook.known += 1
        else:
            outlook.refused.append(Refused(row.line, "other_balance", row.reference or row.wallet))
    return outlook


def bring_in(rows: Sequence[Opening], told: Told, *, now: datetime) -> Outlook:
    """Write a chunk in one transaction; what was done. Raises NoProgramme."""
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                outlook = look(rows, told)
                _write(outlook, now=now)
            return outlook
        except (IntegrityError, StatementFailed) as failure:  # another import was faster with the same row
            told.forget({row.line for row in rows})
            if attempt == _TRIES - 1 or (isinstance(failure, StatementFailed) and not failure.worth_repeating):
                raise
    raise AssertionError("the last try returns or raises")


def _write(outlook: Outlook, *, now: datetime) -> None:
    if not outlook.new:
        return
    schema, pipe = context.current().schema, Pipeline.inside_django()
    timeline = programmes.timeline(schema)
    standings = gathering.lock(pipe, schema, {member for member, _ in outlook.new})
    posting = Posting(chance.new_id, ledger.held(*standings))
    lapses = inactivity.lapsed(timeline, standings.values(), now=now)
    inactivity.settle(pipe, schema, lapses, posting)
    keys, hashes, kept = list[str](), list[str](), list[tuple[UUID, Opening]]()
    for member, row in outlook.new:
        if member not in standings:  # erased since it was found
            outlook.refused.append(Refused(row.line, "unknown_member", row.member[1]))
            continue
        key = key_of(member, row)
        posting.open(
            member, row.wallet, row.amount, Cause(key, now, OPENING),
            expires_at=row.expires_at, earned_month=row.earned_on.replace(day=1),
        )  # fmt: skip
        keys.append(key)
        hashes.append(_hash(row).hex())
        kept.append((member, row))
    outlook.new = kept
    quiet = {wallet.id for wallet in inactivity.wallets(timeline.at(now).programme)}
    today = now.astimezone(timeline.at(now).programme.timezone).date().isoformat()
    _begin_quiet(standings, [(member, row.wallet) for member, row in kept if row.wallet in quiet], today)
    touched = [standing for standing in standings.values() if standing.touched]
    pipe.run(
        [
            _keys(schema, keys, hashes),
            *posting.statements(schema, now=now),
            *([update_standings(schema, touched)] if touched else []),
        ]
    )


def _begin_quiet(standings: Mapping[UUID, Standing], those: Iterable[tuple[UUID, str]], today: str) -> None:
    """Points that end by inactivity have that time from today, as the first points of anybody have."""
    for member, wallet in those:
        active = standings[member].state.setdefault("active", {})
        if wallet not in active:
            active[wallet] = today
            standings[member].touched = True


def _hash(row: Opening) -> bytes:
    return sha256(f"{row.amount}|{row.ends}|{row.since}".encode()).digest()


def _keys(schema: str, keys: list[str], hashes: list[str]) -> Statement:
    return (
        f'INSERT INTO "{schema}".events_key (event_id, body_hash)'
        " SELECT i, decode(h, 'hex') FROM unnest($1::text[], $2::text[]) AS t(i, h)",
        (text_array(keys), text_array(hashes)),
    )


def note(counts: Mapping[str, int], *, by: str) -> None:
    """Write in the audit what an import did, in numbers."""
    with transaction.atomic():
        audit.note(by, "balances.imported", "", **counts)
