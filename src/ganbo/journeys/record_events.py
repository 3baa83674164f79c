"""Record what customers did: one transaction of two trips for 1 to 1,000 events of one business.

A single request, a bulk upload, an import and the demo's history all end here. Trip one finds and locks the members and
reads what deciding needs; Python judges in order; trip two writes everything with arrays. An event is decided *before*
it is inserted: a unique violation aborts, the batch is tried once more (now it sees the key), then one by one, so that
only the culprit fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger.posting import Posting
from ganbo.engine import limits
from ganbo.engine.facts import Used
from ganbo.features.programmes import in_force
from ganbo.foundation import chance, strict_json
from ganbo.foundation.outbox import operations as outbox
from ganbo.foundation.pipelines import Pipeline, Statement, StatementFailed, array, text_array, texts, uuid_array
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import (
    aiming,
    budgeting,
    gathering,
    giving,
    guessing,
    inactivity,
    knowing_products,
    paying,
    proving,
    recording,
    refund_reading,
    refund_writing,
    reserving,
    using_codes,
)
from ganbo.journeys.gathering import Snapshot, Standing, UsageKey
from ganbo.journeys.judging import Batch, Judged
from ganbo.journeys.recording import Outcome
from ganbo.journeys.refund_reading import AWAITED
from ganbo.journeys.using_codes import Codes
from ganbo.journeys.waiting import NOTHING_WAITS, Waiting

MOST_EVENTS = 1_000  # a chunk: larger ones gain nothing and hold locks longer
MOST_TOLD = 200  # events in one fact of the outbox


@dataclass(frozen=True, slots=True)
class Asked:
    """How a batch is recorded: for which business and when.

    `backfill`: of the past (no messages, no age limit); with `history` it counts but gives nothing.
    """

    business: BusinessRow
    now: datetime
    backfill: bool = False
    history: bool = False


def record(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest]) -> list[Outcome]:
    """Record in a transaction of its own; answers every request in order.

    Raises ConnectionLost when it is unknown whether the commit happened: ask again, the ids make it safe.
    """
    try:
        return _attempt(pipe, asked, requests)
    except StatementFailed as failure:
        if not failure.worth_repeating:
            return _one_by_one(pipe, asked, requests, failure)
    try:
        return _attempt(pipe, asked, requests)
    except StatementFailed as failure:
        return _one_by_one(pipe, asked, requests, failure)


def record_inside(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest]) -> list[Outcome]:
    """Record inside a transaction that another journey has begun on `pipe`; it commits or undoes everything."""
    batch = _judge(pipe, asked, requests, begin=[])
    if batch.judged:
        pipe.run(_writes(asked, batch))
    _keep_guesses(pipe, asked, batch)
    return batch.outcomes


def foresee(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest]) -> Batch:
    """Judge as `record_inside` does and write nothing; the caller undoes the transaction, which ends the locks."""
    return _judge(pipe, asked, requests, begin=[])


def _attempt(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest]) -> list[Outcome]:
    try:
        batch = _judge(pipe, asked, requests, begin=[("BEGIN", ())])
        end: Statement = ("COMMIT", ()) if batch.judged else ("ROLLBACK", ())
        pipe.run([*(_writes(asked, batch) if batch.judged else []), end])
        _remember_stores(asked.business.schema, batch)
        _keep_guesses(pipe, asked, batch)
        return batch.outcomes
    except BaseException:
        pipe.roll_back()
        raise


def _keep_guesses(pipe: Pipeline, asked: Asked, batch: Batch) -> None:
    """Codes tried in vain count although their events were refused."""
    if batch.codes is not None and not asked.backfill:
        guessing.keep(pipe, asked.business.schema, batch.codes.guesses, at=asked.now)


def _one_by_one(
    pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest], failure: StatementFailed
) -> list[Outcome]:
    """The last resort: each event alone, so that only the culprit is refused."""
    if len(requests) == 1 and not failure.worth_repeating:
        refusal = recording.NotRecorded(sqlstate=failure.sqlstate)
        return [Outcome(requests[0].id, "refused", refusal=refusal)]
    outcomes: list[Outcome] = []
    for request in requests:
        try:
            outcomes += _attempt(pipe, asked, [request])
        except StatementFailed as again:
            outcomes.append(Outcome(request.id, "refused", refusal=recording.NotRecorded(sqlstate=again.sqlstate)))
    return outcomes


def _judge(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest], *, begin: list[Statement]) -> Batch:
    snapshot = gather(pipe, asked, requests, begin=begin)
    listed = knowing_products.gather(pipe, asked.business.schema, snapshot.timeline, requests)
    requests = [knowing_products.filled(request, listed) for request in requests]
    posting = Posting(
        new_id=chance.new_id, balances=snapshot.balances, pending=snapshot.pending, lots=dict(snapshot.lots)
    )
    lapses = list[inactivity.Lapse]()
    if asked.backfill:
        inactivity.load(pipe, asked.business.schema, snapshot.timeline, snapshot.members.values(), posting)
    else:
        lapses = inactivity.lapsed(snapshot.timeline, snapshot.members.values(), now=asked.now)
        inactivity.settle(pipe, asked.business.schema, lapses, posting)
    batch = Batch(snapshot, posting, now=asked.now, locale=asked.business.locale, backfill=asked.backfill)
    batch.history = asked.history
    awaited = [key for key, first in snapshot.orders.items() if first.startswith(AWAITED)]
    if awaited:
        members = sorted({s.member_id for s in snapshot.members.values()})
        rows, lots, vouchers = refund_reading.waiting(pipe, asked.business.schema, awaited, members, now=asked.now)
        paying.keep(posting, lots)
        batch.waiting = Waiting(rows, vouchers)
    batch.proofs = proving.of_rows(snapshot.proved, snapshot.timeline, now=asked.now)
    reserving.put(posting, snapshot.holds, lapses, now=asked.now)
    batch.codes = using_codes.gather(pipe, asked.business.schema, requests, now=asked.now)
    if batch.codes is not None:
        snapshot.used |= read_by_code(pipe, asked.business.schema, snapshot.timeline, requests, batch.codes)
    snapshot.budget = budgeting.lock(pipe, asked.business.schema, snapshot.timeline, map(budgeting.given_at, requests))
    batch.judge_all(requests)
    return batch


def gather(
    pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest], *, begin: list[Statement], lock: bool = True
) -> Snapshot:
    """Trip one, begun with statements of the caller's. With `lock=False` (a quote) nothing is locked and nobody waits."""
    schema = asked.business.schema
    remembered = in_force.remembered(schema)
    pooled = remembered is None or remembered.pools
    texts = gathering.texts(schema, pooled=pooled)
    members = gathering.member_arrays(r.member for r in requests if r.member)
    orders = text_array(sorted({r.order_key for r in requests if r.order_key}))
    keys = _usage_keys(remembered, requests) if remembered else []
    waiting = gathering.awaited(schema, remembered, requests, members) if remembered else []
    lots = paying.statements(schema, remembered, requests, quoted=not lock) if remembered else []
    spends = proving.of_requests(requests, needed=lock and not asked.backfill)
    proofs = proving.statements(schema, remembered, spends, now=asked.now)
    answers = pipe.run(
        [
            *begin,
            (texts.lock if lock else texts.look, members),
            (texts.latest, ()),
            (texts.accounts, members),
            (texts.keys, (text_array(sorted({r.id for r in requests})),)),
            (texts.orders, (orders,)),
            *([(texts.people, members)] if pooled else []),
            *waiting,
            *lots,
            *proofs,
            *([gathering.usage_statement(schema, members, keys)] if keys else []),
        ]
    )
    rows = answers[len(begin) :]
    timeline = gathering.timeline(pipe, schema, rows[1][0][0])
    snapshot = Snapshot(timeline, members=gathering.standings(rows[0]), balances=gathering.balances(rows[2]))
    snapshot.begun = answers[: len(begin)]
    snapshot.answered = {str(r[0]): (gathering.answer_hash(r[1]), r[2]) for r in rows[3]}
    snapshot.orders = {str(r[0]): str(r[1]) for r in rows[4]}
    if pooled:
        gathering.note_households(snapshot.members, rows[5])
    if timeline is remembered:
        further = rows[5 + pooled :]
        gathering.note_awaited(snapshot, further[: len(waiting)])
        snapshot.lots = gathering.lots_of([row for part in further[len(waiting) :][: len(lots)] for row in part])
        snapshot.proved = further[len(waiting) + len(lots) :][: len(proofs)]
        snapshot.used = gathering.usage(rows[-1]) if keys else {}
    else:
        if timeline.pools and not pooled:
            _read_households(pipe, schema, snapshot, members, lock=lock)
        waiting = gathering.awaited(schema, timeline, requests, members)
        gathering.note_awaited(snapshot, pipe.run(waiting) if waiting else [])
        lots = paying.statements(schema, timeline, requests, quoted=not lock)
        snapshot.lots = gathering.lots_of(pipe.run(lots)[0]) if lots else {}
        proofs = proving.statements(schema, timeline, spends, now=asked.now)
        snapshot.proved = pipe.run(proofs) if proofs else []
        keys = _usage_keys(timeline, requests)
        if keys:
            snapshot.used = gathering.usage(pipe.run([gathering.usage_statement(schema, members, keys)])[0])
    snapshot.holds = reserving.read(pipe, schema, snapshot.balances, requests)
    if lock and (shared := gathering.shared(keys)):
        snapshot.used |= gathering.usage(pipe.run(gathering.shared_statements(schema, shared))[1])
    return snapshot


def _read_households(pipe: Pipeline, schema: str, snapshot: Snapshot, members: list[str], *, lock: bool) -> None:
    """Once, when this process learns that people of a household spend together: those not read so far, and who is who."""
    texts = gathering.texts(schema, pooled=True)
    rows = pipe.run([(texts.lock if lock else texts.look, members), (texts.accounts, members), (texts.people, members)])
    snapshot.members, snapshot.balances = gathering.standings(rows[0]), gathering.balances(rows[1])
    gathering.note_households(snapshot.members, rows[2])


def _usage_keys(timeline: in_force.Timeline, requests: Sequence[EventRequest]) -> list[UsageKey]:
    """Every limit counter the batch may read, with `?` for whichever member."""
    found: set[UsageKey] = set()
    for request in requests:
        programme = timeline.at(request.occurred_at).programme
        if programme.has_limits:
            found.update(
                limits.keys(
                    programme, type=request.type, occurred_at=request.occurred_at, member_id="?", store=request.store
                )
            )
    return sorted(found)


def read_by_code(
    pipe: Pipeline, schema: str, timeline: in_force.Timeline, requests: Sequence[EventRequest], codes: Codes | None
) -> dict[UsageKey, Used]:
    """The counters of limits by code, locked after their vouchers; no trip in a programme without such limits."""
    found: set[UsageKey] = set()
    for request in requests:
        programme, at = timeline.at(request.occurred_at).programme, request.occurred_at
        if programme.has_limits:
            mine = using_codes.subjects(request, codes)
            found.update(limits.code_keys(programme, type=request.type, occurred_at=at, codes=mine))
    if not found:
        return {}
    return gathering.usage(pipe.run(gathering.shared_statements(schema, sorted(found)))[1])


def _writes(asked: Asked, batch: Batch) -> list[Statement]:
    """Trip two without its COMMIT."""
    schema, now = asked.business.schema, asked.now
    come = [j.request.order_key for j in batch.judged if batch.waiting and j.request.order_key in batch.waiting.rows]
    statements = [refund_writing.awaited_no_more(schema, [key for key in come if key])] if come else []
    statements += [*insert_events(schema, batch.judged, now), *what_it_did(schema, batch, now=now)]
    stores = _stores(batch) - _listed.get(schema, frozenset())
    if stores:
        statements.append(note_stores(schema, stores, now))
    statements.append(publish(schema, batch.judged, asked))
    return statements


def what_it_did(schema: str, batch: Batch, *, now: datetime) -> list[Statement]:
    """Everything a batch changes but the log of events: books, vouchers, standings, limits."""
    statements = [*batch.posting.statements(schema, now=now), *reserving.facts(schema, batch.posting, now=now)]
    statements += [*giving.statements(schema, batch.vouchers, now=now)]
    statements += budgeting.given(schema, batch.vouchers)
    statements += using_codes.statements(
        schema, batch.codes, now=now, emptied=batch.waiting.emptied if batch.waiting else ()
    )
    statements += proving.writes(schema, batch.proofs, now=now)
    touched = {s.member_id: s for s in batch.snapshot.members.values() if s.touched}
    if touched:
        statements.append(update_standings(schema, list(touched.values())))
    used = (batch.waiting or NOTHING_WAITS).used_after(batch.used)
    if used:
        statements.append(add_usage(schema, used))
    if batch.waiting is not None:
        statements += batch.waiting.statements(schema, now=now)
    statements += aiming.vouchers_again(schema, batch.again)
    return statements


@lru_cache(maxsize=4096)
def _event_sql(schema: str) -> tuple[str, str, str]:
    return (
        f'INSERT INTO "{schema}".events_key (event_id, order_key, body_hash)'
        " SELECT i, o, decode(h, 'hex') FROM unnest($1::text[], $2::text[], $3::text[]) AS t(i, o, h)",
        f'INSERT INTO "{schema}".events_event (event_id, type, occurred_at, member_id, store, channel, staff, net,'
        " body, recorded_at) SELECT t.*, $10::timestamptz FROM unnest($1::text[], $2::text[], $3::timestamptz[],"
        " $4::uuid[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[]) t",
        f'INSERT INTO "{schema}".events_decision (subject, programme_version, answer, trace, at)'
        " SELECT t.*, $5::timestamptz FROM unnest($1::text[], $2::int[], $3::text[], $4::text[]) t",
    )


def _order_keys(requests: Sequence[EventRequest]) -> list[str | None]:
    """An order's key is its sale's alone."""
    return [None if r.type == "refund" else r.order_key for r in requests]


def insert_events(schema: str, judged: list[Judged], now: datetime) -> list[Statement]:
    """The events, their keys and what was decided."""
    keys, events, decisions = _event_sql(schema)
    requests = [j.request for j in judged]
    ids = texts([r.id for r in requests])
    return [
        (keys, (ids, texts(_order_keys(requests)), texts([r.body_hash.hex() for r in requests]))),
        (
            events,
            (
                ids,
                texts([r.type for r in requests]),
                text_array([r.occurred_at.isoformat() for r in requests]),
                uuid_array([j.member_id for j in judged]),
                texts([r.store for r in requests]),
                texts([r.channel for r in requests]),
                texts([r.staff for r in requests]),
                array([j.net for j in judged]),
                texts([strict_json.stored(r.data) for r in requests]),
                now.isoformat(),
            ),
        ),
        (
            decisions,
            (
                ids,
                array([j.version for j in judged]),
                texts([j.answer for j in judged]),
                texts([j.trace for j in judged]),
                now.isoformat(),
            ),
        ),
    ]


@lru_cache(maxsize=4096)
def _standing_sql(schema: str) -> str:
    return (
        f'UPDATE "{schema}".members_standing s SET tier = d.tier, purchases = d.purchases, spend = d.spend,'
        " visits = d.visits, last_purchase_at = d.last_purchase_at, last_visit_on = d.last_visit_on,"
        " carried = d.carried, state = d.state FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::int[],"
        " $6::timestamptz[], $7::date[], $8::text[], $9::text[]) AS d(id, tier, purchases, spend, visits,"
        " last_purchase_at, last_visit_on, carried, state) WHERE s.member_id = d.id"
    )


def update_standings(schema: str, standings: list[Standing]) -> Statement:
    """Write counters of members whose standing is locked by this transaction."""
    return _standing_sql(schema), (
        uuid_array([s.member_id for s in standings]),
        texts([s.tier for s in standings]),
        array([s.purchases for s in standings]),
        array([s.spend for s in standings]),
        array([s.visits for s in standings]),
        text_array([s.last_purchase_at.isoformat() if s.last_purchase_at else None for s in standings]),
        array([s.last_visit_on for s in standings]),
        texts([strict_json.dumps(s.carried) if s.carried else "{}" for s in standings]),
        texts([strict_json.dumps(s.state) if s.state else "{}" for s in standings]),
    )


def add_usage(schema: str, used: dict[UsageKey, tuple[int, int, int]]) -> Statement:
    """Add to limit counters; their rows are guarded by the member's lock or were locked in trip one."""
    keys = sorted(used)
    columns = [text_array([key[i] for key in keys]) for i in range(3)]
    numbers = [array([used[key][i] for key in keys]) for i in range(3)]
    sql = (
        f'INSERT INTO "{schema}".programmes_usage AS u (subject, rule, period, count, points, money)'
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])"
        " ON CONFLICT (subject, rule, period) DO UPDATE SET count = u.count + excluded.count,"
        " points = u.points + excluded.points, money = u.money + excluded.money"
    )
    return sql, (*columns, *numbers)


_listed: dict[str, frozenset[str]] = {}  # by schema, stores this process has seen committed; nobody unlists one
_MOST_LISTED = 10_000


def _stores(batch: Batch) -> set[str]:
    return {j.request.store for j in batch.judged if j.request.store}


def _remember_stores(schema: str, batch: Batch) -> None:
    """After the commit: these need not be listed again."""
    known = _listed.get(schema, frozenset())
    fresh = _stores(batch) - known
    if fresh:
        _listed[schema] = (known if len(known) < _MOST_LISTED else frozenset()) | fresh


def note_stores(schema: str, stores: set[str], now: datetime) -> Statement:
    """List stores nobody told us of as unconfirmed."""
    sql = (
        f'INSERT INTO "{schema}".events_store (id, name, confirmed, created_at)'
        f" SELECT s, '', false, $2::timestamptz FROM unnest($1::text[]) s"
        f' WHERE NOT EXISTS (SELECT 1 FROM "{schema}".events_store k WHERE k.id = s) ORDER BY s ON CONFLICT DO NOTHING'
    )
    return sql, (text_array(sorted(stores)), now.isoformat())


def publish(schema: str, judged: list[Judged], asked: Asked) -> Statement:
    """Facts of the batch, many events in each; old and back-filled events are told to the books only, not to people."""
    told = [
        {
            "event_id": j.request.id,
            "type": j.request.type,
            "member_id": str(j.member_id) if j.member_id else None,
            "news": not asked.backfill and j.request.occurred_at > asked.now - recording.NEWS,
        }
        for j in judged
    ]
    bodies = [strict_json.dumps({"events": told[n : n + MOST_TOLD]}) for n in range(0, len(told), MOST_TOLD)]
    moves = [tier_fact(j, asked) for j in judged if j.moved]
    facts = [("events.recorded", body) for body in bodies] + [("tier.changed", move) for move in moves]
    return insert_facts(schema, facts, asked.now)


def insert_facts(schema: str, facts: Sequence[tuple[str, str]], now: datetime) -> Statement:
    """(topic, JSON) of each, for the outbox."""
    return outbox.statement(schema, facts, now)


def tier_fact(judged: Judged, asked: Asked) -> str:
    """The body of `tier.changed` for an event that brought a level."""
    news = not asked.backfill and judged.request.occurred_at > asked.now - recording.NEWS
    return strict_json.dumps(
        {**(judged.moved or {}), "member_id": str(judged.member_id), "event_id": judged.request.id, "news": news}
    )
