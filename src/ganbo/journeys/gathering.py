"""Trip one of every journey that moves value: find the members, lock them in order, read what deciding needs.

Statements are schema-qualified, so that one prepared statement serves a business for ever, and each reads with a fresh
snapshot *after* the locks were taken: nothing stale is decided upon.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger import pending_points
from ganbo.books.ledger.holds import Hold
from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.engine.facts import Used
from ganbo.features.households import reading as households
from ganbo.features.households.reading import Household
from ganbo.features.programmes import in_force
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation.pipelines import Pipeline, Row, Statement, array, text_array
from ganbo.journeys import awaiting
from ganbo.journeys.awaiting import Arrived

KINDS = ("id", "phone", "email", "external_id", "card")
MemberKey = tuple[str, str]
UsageKey = tuple[str, str, str]


@dataclass(slots=True)
class Standing:
    """A member under lock: who, in which tier, with which counters; carried along while a batch is judged."""

    member_id: UUID
    locale: str
    address_form: str
    created_at: datetime
    tier: str | None
    purchases: int
    spend: int
    visits: int
    last_purchase_at: datetime | None
    last_visit_on: date | None
    carried: dict[str, int]
    state: dict[str, Any]  # stamps: card → {filled, day, today}; see also engine.tiers and expiry by inactivity
    touched: bool = False
    household: Household | None = None  # who of it is under lock, too; None when it was not read
    _text: str = field(default="", repr=False, compare=False)

    @property
    def id_text(self) -> str:
        """The member's id as text, made once."""
        if not self._text:
            self._text = str(self.member_id)
        return self._text


@dataclass(slots=True)
class Snapshot:
    """What trip one read."""

    timeline: Timeline
    members: dict[MemberKey, Standing] = field(default_factory=dict)
    answered: dict[str, tuple[bytes, str | None]] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    balances: dict[tuple[UUID, str, str], int] = field(default_factory=dict)
    used: dict[UsageKey, Used] = field(default_factory=dict)
    pending: dict[UUID, PendingPoints] = field(default_factory=dict)  # only what an event of the batch may release
    budget: dict[str, int] = field(default_factory=dict)  # what lines with a hard stop have left
    came: dict[UUID, list[Arrived]] = field(default_factory=dict)
    begun: list[list[Row]] = field(default_factory=list)  # what the caller's own statements read
    lots: dict[UUID, dict[UUID, Lot]] = field(default_factory=dict)  # of who pays from a wallet
    proved: list[list[Row]] = field(default_factory=list)  # what proving reads, for who spends
    holds: list[Hold] = field(default_factory=list)


_WHO = """
WITH who AS MATERIALIZED (
  SELECT 'id' AS kind, m.id::text AS value, m.id FROM "{s}".members_member m WHERE m.id = ANY($1::uuid[])
  UNION ALL SELECT 'phone', m.phone, m.id FROM "{s}".members_member m WHERE m.phone = ANY($2::text[])
  UNION ALL SELECT 'email', m.email, m.id FROM "{s}".members_member m WHERE m.email = ANY($3::text[])
  UNION ALL SELECT 'external_id', m.external_id, m.id FROM "{s}".members_member m WHERE m.external_id = ANY($4::text[])
  UNION ALL SELECT 'card', c.number, c.member_id FROM "{s}".members_card c
            WHERE c.number = ANY($5::text[]) AND c.blocked_at IS NULL
)
"""
_STANDINGS = """
SELECT who.kind, who.value, s.member_id, m.locale, m.address_form, m.created_at, s.tier, s.purchases, s.spend, s.visits,
       s.last_purchase_at, s.last_visit_on, s.carried, s.state
FROM who JOIN "{s}".members_standing s ON s.member_id = who.id JOIN "{s}".members_member m ON m.id = who.id
ORDER BY s.member_id
"""


@dataclass(frozen=True, slots=True)
class Texts:
    """The statements of one business, formatted once."""

    lock: str
    look: str
    accounts: str
    people: str
    usage: str
    keys: str
    orders: str
    latest: str
    versions: str
    reserve_shared: str
    shared_usage: str


def who_sql(schema: str, *, pooled: bool = False) -> str:
    """`WITH who AS (…)`: members by the five arrays of member_arrays, as kind, value and id.

    With `pooled` also the people of their households, by id.
    """
    who = _WHO.format(s=schema)
    return who.replace("WITH who AS", "WITH asked AS") + households.with_people(schema) if pooled else who


@lru_cache(maxsize=4096)
def texts(schema: str, *, pooled: bool = False) -> Texts:
    """All of trip one's SQL for a schema; with `pooled` the people of the members' households are locked, too."""
    who, alone = who_sql(schema, pooled=pooled), who_sql(schema)
    standings = who + _STANDINGS.format(s=schema)
    return Texts(
        lock=standings + "FOR UPDATE OF s",
        look=standings,
        accounts=who + f"SELECT a.holder_id, a.asset, a.role, a.balance FROM (SELECT DISTINCT id FROM who) w"
        f' JOIN "{schema}".ledger_account a ON a.holder_id = w.id',
        people=households.people_of(schema, who),
        # OFFSET 0: each member's rows by the primary key, whatever the planner believes of a table that was empty a minute ago
        usage=alone
        + "SELECT u.subject, u.rule, u.period, u.count, u.points, u.money FROM (SELECT DISTINCT id FROM who) w"
        f" CROSS JOIN LATERAL (SELECT * FROM \"{schema}\".programmes_usage u WHERE u.subject = 'member:' || w.id"
        " AND u.rule = ANY($6::text[]) AND u.period = ANY($7::text[]) OFFSET 0) u",
        keys=f"SELECT k.event_id, encode(k.body_hash, 'hex'), d.answer FROM \"{schema}\".events_key k"
        f' LEFT JOIN "{schema}".events_decision d ON d.subject = k.event_id WHERE k.event_id = ANY($1::text[])',
        orders=f'SELECT order_key, event_id FROM "{schema}".events_key WHERE order_key = ANY($1::text[])',
        latest=f'SELECT max(version) FROM "{schema}".programmes_version',
        versions=f'SELECT version, in_force_from, source, withdraws FROM "{schema}".programmes_version ORDER BY version',
        reserve_shared=f'INSERT INTO "{schema}".programmes_usage (subject, rule, period, count, points, money)'
        " SELECT s, r, p, 0, 0, 0 FROM unnest($1::text[], $2::text[], $3::text[]) AS t(s, r, p) ORDER BY s, r, p"
        " ON CONFLICT DO NOTHING",
        shared_usage="SELECT u.subject, u.rule, u.period, u.count, u.points, u.money"
        f' FROM "{schema}".programmes_usage u'
        " JOIN unnest($1::text[], $2::text[], $3::text[]) AS t(s, r, p)"
        " ON (u.subject, u.rule, u.period) = (t.s, t.r, t.p) ORDER BY u.subject, u.rule, u.period FOR UPDATE OF u",
    )


def member_arrays(members: Iterable[MemberKey]) -> list[str]:
    """The five arrays every member look-up takes, each sorted and without repeats."""
    wanted: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for kind, value in members:
        wanted[kind].add(value)
    return [array(sorted(wanted["id"]))] + [text_array(sorted(wanted[kind])) for kind in KINDS[1:]]


def standings(rows: list[Row]) -> dict[MemberKey, Standing]:
    """Locked members by the key they were asked for; two keys of one member share one standing."""
    by_id: dict[str, Standing] = {}
    found: dict[MemberKey, Standing] = {}
    for row in rows:
        kind, value, member = str(row[0]), str(row[1]), str(row[2])
        standing = by_id.get(member)
        if standing is None:
            standing = by_id[member] = Standing(
                member_id=UUID(member),
                locale=row[3] or "",
                address_form=row[4] or "",
                created_at=instant(row[5]),
                tier=row[6],
                purchases=int(row[7] or 0),
                spend=int(row[8] or 0),
                visits=int(row[9] or 0),
                last_purchase_at=instant(row[10]) if row[10] else None,
                last_visit_on=date.fromisoformat(row[11]) if row[11] else None,
                carried=orjson.loads(row[12] or "{}"),
                state=orjson.loads(row[13] or "{}"),
            )
        found[kind, value] = standing
    return found


def note_households(found: Mapping[MemberKey, Standing], rows: list[Row]) -> None:
    """Tell each standing of its household: of who was there after the locks were taken, those who are locked."""
    by_id = {standing.member_id: standing for standing in found.values()}
    for household in households.of_rows(rows, only=by_id.keys()):
        for member, _ in household.people:
            by_id[member].household = household


def lock(pipe: Pipeline, schema: str, members: Iterable[UUID]) -> dict[UUID, Standing]:
    """The standings of these members, locked in order by the running transaction; erased members are left out."""
    keys = [("id", str(member)) for member in members]
    rows = pipe.run([(texts(schema).lock, member_arrays(keys))])[0]
    return {standing.member_id: standing for standing in standings(rows).values()}


def instant(text: str | None) -> datetime:
    """A timestamptz as PostgreSQL writes it."""
    return datetime.fromisoformat(text or "")


def balances(rows: list[Row]) -> dict[tuple[UUID, str, str], int]:
    """(holder, asset, role) → amount."""
    return {(UUID(r[0]), str(r[1]), str(r[2])): int(r[3] or 0) for r in rows}


def usage(rows: list[Row]) -> dict[UsageKey, Used]:
    """(subject, rule, period) → what was used."""
    return {
        (str(r[0]), str(r[1]), str(r[2])): Used(count=int(r[3] or 0), points=int(r[4] or 0), money=int(r[5] or 0))
        for r in rows
    }


def timeline(pipe: Pipeline, schema: str, latest: str | None) -> Timeline:
    """The business's programmes, read again only when a newer version exists. Raises NoProgramme."""
    known = in_force.timeline(schema, int(latest) if latest else None)
    if known is not None:
        return known
    rows = pipe.query(texts(schema).versions)
    return in_force.remember(
        schema, [(int(r[0] or 0), instant(r[1]), str(r[2]), int(r[3]) if r[3] else None) for r in rows]
    )


def awaited(schema: str, timeline: Timeline, requests: Sequence[EventRequest], members: list[str]) -> list[Statement]:
    """What must be read about points that wait for an event: nothing for most programmes."""
    if not awaiting.concerned(timeline, requests):
        return []
    sql = awaiting.texts(who_sql(schema), schema)
    return awaiting.statements(sql, requests, members, types=timeline.awaited)


def note_awaited(snapshot: Snapshot, rows: Sequence[list[Row]]) -> None:
    """Keep what the statements of `awaited` read; no rows when there were none."""
    if rows:
        snapshot.pending, snapshot.came = pending_points.of_rows(rows[0]), awaiting.arrived(rows[1])


def shared(keys: Sequence[UsageKey]) -> list[UsageKey]:
    """The keys that no member's lock guards: they are reserved and locked, in order, last."""
    return sorted(key for key in keys if not key[0].startswith("member:"))


def shared_statements(schema: str, keys: list[UsageKey]) -> list[Statement]:
    """Make sure the shared rows exist, then lock and read them."""
    columns = tuple(text_array([key[i] for key in keys]) for i in range(3))
    return [(texts(schema).reserve_shared, columns), (texts(schema).shared_usage, columns)]


def usage_statement(schema: str, members: list[str], keys: Sequence[UsageKey]) -> Statement:
    """What members have used of these rules in these periods."""
    rules = text_array(sorted({key[1] for key in keys}))
    periods = text_array(sorted({key[2] for key in keys}))
    return texts(schema).usage, (*members, rules, periods)


def lots_of(rows: list[Row]) -> dict[UUID, dict[UUID, Lot]]:
    """account → lot id → lot, from (id, account, expires_at, earned_month, remaining) rows."""
    found: dict[UUID, dict[UUID, Lot]] = {}
    for row in rows:
        account = UUID(row[1])
        lot = Lot(UUID(row[0]), account, instant(row[2]), date.fromisoformat(row[3] or ""), int(row[4] or 0))
        found.setdefault(account, {})[lot.id] = lot
    return found


def answer_hash(hexadecimal: str | None) -> bytes:
    return bytes.fromhex(hexadecimal or "")
