"""Counters of levels made anew from what was recorded, and compared with those that are kept.

A member whose state names the fingerprint of the rules in force is done: broken off anywhere, the next run goes on. Members
are locked, counted and written some at a time, so that a sale in between is counted once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from ganbo.books.events import counting
from ganbo.books.events.counting import CountedBy, EventToCount
from ganbo.engine import basket, progress, recounting, refunds
from ganbo.engine.programme import Programme
from ganbo.engine.progress import State
from ganbo.engine.recounting import Counted, Happened, Part
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import NoProgramme, Timeline
from ganbo.foundation.audit import models as audit_models
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import gathering, refund_reading, tiering
from ganbo.journeys.gathering import Standing
from ganbo.journeys.record_events import Asked, update_standings
from ganbo.journeys.settling import Returns, Sale
from ganbo.kernel.period import midnight

MOST_MEMBERS = 200  # a transaction's worth: they wait for it
MOST_READ = 2_000  # a page when nothing is written
_FIRST = UUID(int=0)
_DONE = "tiers.recounted"
_ANY_COUNTED = '"counted":"'


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that keep counters: the programme of the first version that counts so, and all versions that do."""

    programme: Programme
    by: CountedBy


def rules_of(timeline: Timeline, fingerprint: str | None) -> Rules | None:
    """The rules a state's `counted` names; None when no version counts so."""
    first = tiering.first_of(timeline, fingerprint)
    if first is None or fingerprint is None:
        return None
    same = [v.version for v in timeline.versions if tiering.named_by(v.programme) == fingerprint]
    return _rules(first, fingerprint, tuple(same))


def _rules(programme: Programme, fingerprint: str, versions: tuple[int, ...]) -> Rules:
    counted = programme.tiers
    assert counted is not None
    answers = any(progress.wallets_of(programme, metric) for metric in counted.used)
    return Rules(
        programme, CountedBy(fingerprint, versions, bodies=recounting.looks_at_events(programme), answers=answers)
    )


def rules_of_draft(timeline: Timeline, draft: Programme) -> Rules:
    """The rules a document would count by, whether or not some version counts so already."""
    fingerprint = tiering.named_by(draft) or ""
    return rules_of(timeline, fingerprint) or _rules(draft, fingerprint, ())


def recount_due(*, at: datetime) -> int | None:
    """Recount the current business's members once after the rules in force begin to count something else; how many.

    None when it was done, or when no rules count. Broken off, it goes on with those who are left.
    """
    rules = _present(at)
    if rules is None or _done(rules):
        return None
    n = recount_all(at=at)
    with transaction.atomic():
        audit.note("ganbo", _DONE, rules.by.fingerprint, members=n)
    return n


def recount_all(*, at: datetime) -> int:
    """Recount everybody whose counters are not those of the rules in force; returns how many they were."""
    rules, after, n = _present(at), _FIRST, 0
    while rules is not None:
        members = _uncounted(rules, after)
        if not members:
            break
        recount(members, rules, at=at)
        after, n = members[-1], n + len(members)
    return n


def _present(at: datetime) -> Rules | None:
    try:
        timeline = programmes.timeline(context.current().schema)
    except NoProgramme:
        return None
    present = timeline.at(at).programme
    if present.tiers is None or not present.tiers.used:
        return None
    return rules_of(timeline, tiering.named_by(present))


def _done(rules: Rules) -> bool:
    last = audit_models.Line.objects.filter(action=_DONE).order_by("-at", "-id").first()
    return last is not None and last.subject == rules.by.fingerprint


def _uncounted(rules: Rules, after: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_id FROM members_standing WHERE member_id > %s AND position(%s in state) = 0"
            " ORDER BY member_id LIMIT %s",
            [after, f'{_ANY_COUNTED}{rules.by.fingerprint}"', MOST_MEMBERS],
        )
        return [member for (member,) in cursor.fetchall()]


def recount(members: Sequence[UUID], rules: Rules, *, at: datetime) -> None:
    """Lock these members and make their counters anew by these rules, in one transaction."""
    schema = context.current().schema
    with transaction.atomic():
        pipe = Pipeline.inside_django()
        standings = gathering.lock(pipe, schema, members)
        counted = rules.programme.tiers
        assert counted is not None
        today = tiering.local_day(at, rules.programme)
        bases = {member: recounting.base(counted, s.state, today) for member, s in standings.items()}
        states = {member: {**s.state, "base": bases[member]} for member, s in standings.items()}
        found = counters(pipe, states, rules)
        for member, standing in standings.items():
            recounting.put(standing.state, counted, found[member], bases[member])
        if standings:
            pipe.run([update_standings(schema, list(standings.values()))])


def counters(pipe: Pipeline, states: Mapping[UUID, State], rules: Rules) -> dict[UUID, dict[str, Any]]:
    """What was recorded of these members adds up to, by rules; see `recounting.counters`."""
    members, counted, schema = list(states), rules.programme.tiers, context.current().schema
    assert counted is not None
    parts: dict[UUID, list[Part]] = {member: [] for member in members}
    for one in counting.sums(pipe, schema, members, rules.by):
        parts[one.member_id].append(Part(one.month, one.change, {one.metric: one.amount}))
    events = counting.each(pipe, schema, members, rules.by)
    returns = _returns(pipe, schema, events)
    by_member: dict[UUID, list[EventToCount]] = {}
    for event in events:
        by_member.setdefault(event.member_id, []).append(event)
    for member, own in by_member.items():
        parts[member] += _parts(own, rules, states[member], returns)
    return {
        member: recounting.counters(counted, state.get("tier", {}), parts[member]) for member, state in states.items()
    }


def _parts(
    events: Sequence[EventToCount], rules: Rules, state: State, returns: Mapping[str, Returns]
) -> Iterator[Part]:
    """What each event of one member still counts after its returns."""
    counted = rules.programme.tiers
    assert counted is not None
    derived = _derived(events, rules, state)
    for event in events:
        one: Counted | None = event.counted if event.same else derived[event.event_id]
        if not one or not one["metrics"]:
            continue
        left, of = _left(event, rules.programme, returns)
        metrics = progress.remaining(counted, one, left=left, of=of)
        yield Part(one["day"][:7], one["change"], metrics)


def _derived(events: Iterable[EventToCount], rules: Rules, state: State) -> dict[str, Counted]:
    others = [happened(event, rules.programme) for event in events if not event.same]
    return recounting.derived(rules.programme, others, state.get("base"))


def happened(event: EventToCount, programme: Programme) -> Happened:
    """A recorded event as the engine counts it."""
    given: dict[str, int] = {}
    for row in event.effects:
        if row["kind"] == "wallet":
            given[row["wallet"]] = given.get(row["wallet"], 0) + row["amount"]
    return Happened(
        id=event.event_id,
        type=event.type,
        occurred_at=event.occurred_at,
        member=str(event.member_id),
        store=event.store,
        channel=event.channel,
        staff=event.staff,
        data=event.data,
        order=basket.order_of(event.data, programme.currency) if event.type == "purchase" and event.data else None,
        net=event.net or 0,
        visited=event.visited,
        given=given,
    )


def _returns(pipe: Pipeline, schema: str, events: Iterable[EventToCount]) -> dict[str, Returns]:
    """The returns that count, by order key."""
    keys = sorted({event.order_key for event in events if event.order_key})
    found: dict[str, list[refunds.Return]] = {}
    if keys:
        for row in refund_reading.refunds_of(pipe, schema, keys):
            if row.counts:
                found.setdefault(row.order_key, []).append(refunds.read(row.data))
    return {key: Returns(tuple(rows)) for key, rows in found.items()}


def _left(event: EventToCount, programme: Programme, returns: Mapping[str, Returns]) -> tuple[int, int]:
    """How much of an event is left and how much there was, in net minor units; 1 when all or nothing is."""
    made = returns.get(event.order_key or "")
    if event.undone or made is None:
        return int(not event.undone), 1
    order = basket.order_of(event.data, programme.currency)
    left = made.left(order)
    if left is None or not order.net:
        return int(left is None or not left.nothing), 1
    return order.net - left.refunded, order.net


def as_counted(pipe: Pipeline, asked: Asked, sale: Sale, standing: Standing, timeline: Timeline) -> Sale:
    """A sale with what it counts for the rules that keep its member's counters now."""
    by = tiering.rules_for(timeline, standing.state, sale.programme, now=asked.now)
    rules = rules_of(timeline, tiering.named_by(by.counts))
    if rules is None:
        return replace(sale, counting=by.counts)
    written = (sale.counted or {}).get("by", tiering.named_by(sale.programme))
    levels = by.levels or by.counts
    if written == rules.by.fingerprint:
        return replace(sale, counting=levels)
    day = sale.occurred_at.astimezone(rules.programme.timezone).date()
    events = counting.each(
        pipe,
        asked.business.schema,
        [standing.member_id],
        rules.by,
        first=midnight(day, rules.programme.timezone),
        before=midnight(day + timedelta(days=1), rules.programme.timezone),
    )
    return replace(sale, counting=levels, counted=_derived(events, rules, standing.state).get(sale.event_id))


def differences(*, most: int) -> list[tuple[str, str, int, int]]:
    """(counter, member, kept, recounted) of every counter that what was recorded does not bear out, up to `most`.

    Reads only; members are looked at in pages. Those whose counters are still to be made anew are left out.
    """
    try:
        timeline = programmes.timeline(context.current().schema)
    except NoProgramme:
        return []
    found: list[tuple[str, str, int, int]] = []
    after = _FIRST
    while len(found) < most:
        page = _page(after)
        if not page:
            break
        after = page[-1][0]
        by_rules: dict[str, dict[UUID, State]] = {}
        for member, text in page:
            state = orjson.loads(text)
            by_rules.setdefault(state["counted"], {})[member] = state
        for fingerprint, states in by_rules.items():
            rules = rules_of(timeline, fingerprint)
            if rules is not None:
                found += _differences(states, rules)
    return found[:most]


def _differences(states: Mapping[UUID, State], rules: Rules) -> Iterator[tuple[str, str, int, int]]:
    counted = rules.programme.tiers
    assert counted is not None
    for member, again in counters(Pipeline.inside_django(), states, rules).items():
        for name, kept, recounted in recounting.differences(counted, states[member], again):
            yield f"counter {name}", str(member), kept, recounted


def _page(after: UUID) -> list[tuple[UUID, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, state FROM members_standing WHERE member_id > %s AND position(%s in state) > 0"
            " ORDER BY member_id LIMIT %s",
            [after, _ANY_COUNTED, MOST_READ],
        )
        return list(cursor.fetchall())
