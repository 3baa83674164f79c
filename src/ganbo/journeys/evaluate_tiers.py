"""The night's review of levels: who rises at the end of a period, who falls, whose grace begins, what a year brings.

Members are read in order without locks; only those who change are locked, looked at again and written, so that a sale in
between is never overwritten. Run twice or killed midway it gives the same: a change made once is not due again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger.posting import Posting
from ganbo.engine import progress, tiers
from ganbo.engine.programme import Programme
from ganbo.engine.tiers import Holder
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme, Published
from ganbo.foundation import chance, strict_json
from ganbo.foundation.audit import models as audit_models
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import budgeting, gathering, giving, recount_tiers, tiering
from ganbo.journeys.gathering import Standing
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.record_events import insert_facts, update_standings
from ganbo.kernel.period import midnight

MOST_MEMBERS = 10_000  # a page: read at once, a second's work
MOST_CHANGED = 500  # a transaction's worth
_FIRST = UUID(int=0)
_DONE = "tiers.evaluated"


@dataclass(slots=True)
class Night:
    """How many members were looked at, and how many of them changed."""

    members: int = 0
    changed: int = 0


def evaluate_due(*, at: datetime) -> Night | None:
    """Review the current business's members once a local day; None when it was done, or when there are no levels."""
    try:
        published = programmes.in_force_at(context.current().schema, at)
    except NoProgramme:
        return None
    if published.programme.tiers is None:
        return None
    day = tiering.local_day(at, published.programme)
    since = midnight(day, published.programme.timezone)
    if audit_models.Line.objects.filter(at__gte=since, action=_DONE, subject=day.isoformat()).exists():
        return None
    night = evaluate(published, at=at)
    with transaction.atomic():
        audit.note("ganbo", _DONE, day.isoformat(), members=night.members, changed=night.changed)
    return night


def evaluate(published: Published, *, at: datetime) -> Night:
    """Review every member of the current business as of the local day of `at`, with counters of the rules in force."""
    recount_tiers.recount_all(at=at)
    night, after = Night(), _FIRST
    while True:
        page = _page(after, published.programme)
        if not page:
            return night
        due = _due(published.programme, page, tiering.local_day(at, published.programme))
        for start in range(0, len(due), MOST_CHANGED):
            night.changed += _change(published, due[start : start + MOST_CHANGED], at=at)
        night.members += len(page)
        after = page[-1][0]


def _page(after: UUID, programme: Programme) -> list[tuple[UUID, str | None, str, str]]:
    """Members in order of id after one: id, level, state, local day they joined; who is not known at all is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.member_id, s.tier, s.state, (m.created_at AT TIME ZONE %s)::date::text FROM members_standing s"
            " JOIN members_member m ON m.id = s.member_id WHERE s.member_id > %s"
            " AND (s.state <> '{}' OR s.tier IS DISTINCT FROM %s) ORDER BY s.member_id LIMIT %s",
            [programme.timezone.key, after, programme.first_tier, MOST_MEMBERS],
        )
        return list(cursor.fetchall())


def _due(programme: Programme, page: Sequence[tuple[UUID, str | None, str, str]], day: date) -> list[UUID]:
    joined, found = lru_cache(maxsize=4096)(date.fromisoformat), []
    for member_id, tier, state, created_on in page:
        who = Holder(tier, orjson.loads(state), joined(created_on))
        if _reviewed(programme, who, day) is not None or _yearly_due(programme, who, day):
            found.append(member_id)
    return found


def _reviewed(programme: Programme, who: Holder, day: date) -> tiers.Review | None:
    """The night's review; nobody is lowered, or warned of it, whose counters began before these rules counted."""
    found, rules = tiers.review(programme, who, day), programme.tiers
    if found is None or rules is None or (found.move is not None and found.move.up):
        return found
    return found if who.state.get("counted") == progress.fingerprint_of(rules) else None


def _yearly_due(programme: Programme, who: Holder, day: date) -> bool:
    """Whether a level's gift of the year was not given yet."""
    level = programme.by_level.get(who.tier or programme.first_tier or "")
    if level is None or not level.yearly or not programme.runs.earns(day):
        return False
    given = who.state.get("gifts", {})
    return any(given.get(reward) != day.year for reward in level.yearly)


def _change(published: Published, members: Sequence[UUID], *, at: datetime) -> int:
    """Lock members, review them again and write what changes; returns how many did."""
    schema, now = context.current().schema, at
    vouchers: list[GivenVoucher] = []
    facts: list[tuple[str, str]] = []
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        arrays = gathering.member_arrays([("id", str(member)) for member in members])
        rows = pipe.run([(gathering.texts(schema).lock, arrays)])[0]
        standings = list(gathering.standings(rows).values())
        left = budgeting.lock(pipe, schema, programmes.timeline(schema), [(at, "")])
        for standing in standings:
            review(published, standing, vouchers, facts, at=at, left=left)
        touched = [standing for standing in standings if standing.touched]
        posting = Posting(new_id=chance.new_id)
        budgeting.commit(posting, vouchers)
        statements = [*posting.statements(schema, now=now), *giving.statements(schema, vouchers, now=now)]
        statements += budgeting.given(schema, vouchers)
        if touched:
            statements.append(update_standings(schema, touched))
        if facts:
            statements.append(insert_facts(schema, facts, now))
        if statements:
            pipe.run(statements)
    return len(touched)


def review(
    published: Published,
    standing: Standing,
    vouchers: list[GivenVoucher],
    facts: list[tuple[str, str]],
    *,
    at: datetime,
    left: dict[str, int],
) -> None:
    """One night's look at one member under lock: the standing changes, vouchers and facts are added. No database.

    `left`: what lines of the budget with a hard stop have left; a gift of the year they cannot pay comes when they can.
    """
    programme = published.programme
    day, who = tiering.local_day(at, programme), tiering.holder(standing, programme)
    found = _reviewed(programme, who, day)
    move = found.move if found else None
    if found is not None:
        tiers.reviewed(standing.state, found)
        standing.touched = True
    body: dict[str, Any] = {"member_id": str(standing.member_id), "news": True}
    if move is not None:
        standing.tier = move.to
        facts.append(("tier.changed", strict_json.dumps(tiering.row_of(move, programme) | body)))
    elif found is not None and found.ends_on is not None:
        ends = {"tier": standing.tier, "ends_on": found.ends_on.isoformat()}
        facts.append(("tier.ending", strict_json.dumps(ends | body)))
    tier = standing.tier or programme.first_tier
    entered = move is not None and move.up
    gives = programme.runs.earns(day)
    gifts = tiering.gifts(programme, standing.state, tier, day.year, entered=entered) if gives else ()
    if gifts:
        standing.touched = True
        paid = budgeting.within(gifts, published, left, given=(at, ""))
        tiering.owe(standing.state, [gift for gift in gifts if gift not in paid])
        given = giving.vouchers(standing.member_id, paid, _cause(day, standing, at), published, new_id=chance.new_id)
        budgeting.pay(left, given)
        vouchers += given


def _cause(day: date, standing: Standing, at: datetime) -> EventRequest:
    """The night, as what gives its vouchers."""
    return EventRequest(
        id=f"tiers:{day}:{standing.member_id}",
        type="tiers",
        occurred_at=at,
        member=None,
        store=None,
        channel=None,
        staff=None,
        data={},
        body_hash=b"",
        order_key=None,
    )
