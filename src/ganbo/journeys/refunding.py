"""Record a return: what its sale earned is taken back by the share that comes back; before its sale, it parks.

Each return is a transaction of its own: it locks the sale's event, then the member. A whole return is the cancel of a
sale; undoing the return un-cancels it.
"""

from dataclasses import dataclass, replace

import orjson

from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.engine import refunds, tiers
from ganbo.engine.programme import Programme
from ganbo.engine.tiers import Move
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation import chance, strict_json
from ganbo.foundation.pipelines import Pipeline, Statement, StatementFailed, text_array
from ganbo.journeys import (
    gathering,
    inactivity,
    judging,
    record_events,
    recording,
    recount_tiers,
    refund_answers,
    refund_reading,
    refund_writing,
    reserving,
    returned_points,
    returned_vouchers,
    tiering,
)
from ganbo.journeys.judging import Judged
from ganbo.journeys.record_events import Asked
from ganbo.journeys.recording import Outcome
from ganbo.journeys.refund_reading import AWAITED, SaleRow
from ganbo.journeys.settling import Books, Returns, Sale, Settled, settle
from ganbo.kernel.refusal import Refusal

TRIES = 5  # other transactions may be in the way that often, one after the other


@dataclass(frozen=True, slots=True)
class _Step:
    """A return that was judged: what is to be written and answered."""

    judged: Judged
    statements: list[Statement]


def record(pipe: Pipeline, asked: Asked, request: EventRequest) -> Outcome:
    """Record one return in a transaction of its own. Raises ConnectionLost when it is unknown whether it happened."""
    for left in reversed(range(TRIES)):
        try:
            return _attempt(pipe, asked, request)
        except StatementFailed as failure:
            if not failure.worth_repeating or not left:
                return Outcome(request.id, "refused", refusal=recording.NotRecorded(sqlstate=failure.sqlstate))
    raise AssertionError("the last try answers")


def _attempt(pipe: Pipeline, asked: Asked, request: EventRequest) -> Outcome:
    try:
        pipe.run([("BEGIN", ())])
        outcome = record_inside(pipe, asked, request)
        pipe.run([("COMMIT", ()) if outcome.status in ("applied", "parked") else ("ROLLBACK", ())])
        return outcome
    except BaseException:
        pipe.roll_back()
        raise


def record_inside(pipe: Pipeline, asked: Asked, request: EventRequest) -> Outcome:
    """The same inside a transaction that is already running on `pipe`."""
    try:
        return _record(pipe, asked, request)
    except Refusal as refusal:
        return Outcome(request.id, "refused", refusal=refusal)


def _record(pipe: Pipeline, asked: Asked, request: EventRequest) -> Outcome:
    schema = asked.business.schema
    timeline, sale_id, told = _look(pipe, asked, request, lock=True)
    if told is not None:
        return told
    if sale_id is None or sale_id.startswith(AWAITED):
        step = _park(asked, request, timeline)
        step.statements.extend(
            refund_writing.note_refund(schema, request.id, request.order_key or "", waits=sale_id is None)
        )
        status = "parked"
    else:
        found = refund_reading.sale_row(pipe, schema, sale_id)
        assert found is not None
        step = _apply(pipe, asked, request, found, timeline)
        step.statements.extend(refund_writing.note_refund(schema, request.id, request.order_key or "", waits=False))
        status = "applied"
    written = record_events.insert_events(schema, [step.judged], asked.now)
    pipe.run([*written, *step.statements, record_events.publish(schema, [step.judged], asked)])
    return Outcome(request.id, status, step.judged.answer)


def _look(
    pipe: Pipeline, asked: Asked, request: EventRequest, *, lock: bool
) -> tuple[Timeline, str | None, Outcome | None]:
    """The programmes, the sale's event id (or the awaited key, or None), and the first answer of a return told again."""
    schema = asked.business.schema
    shared, own = gathering.texts(schema), refund_reading.texts(schema)
    orders = text_array([request.order_key])
    order = own.order if lock else shared.orders
    rows = pipe.run([(order, (orders,)), (shared.keys, (text_array([request.id]),)), (shared.latest, ())])
    timeline = gathering.timeline(pipe, schema, rows[2][0][0])
    if rows[1] and lock:
        if gathering.answer_hash(rows[1][0][1]) != request.body_hash:
            raise recording.KeyReused(event_id=request.id)
        return timeline, None, Outcome(request.id, "replayed", rows[1][0][2])
    published = timeline.at(request.occurred_at)
    judging.check(request, published, now=asked.now, backfill=asked.backfill)
    currency = published.programme.currency
    if request.data.get("currency", currency) != currency:
        raise FieldsRefused([FieldProblem("data.currency", "wrong_currency", {"currency": currency})])
    return timeline, str(rows[0][0][1]) if rows[0] else None, None


def _park(asked: Asked, request: EventRequest, timeline: Timeline) -> _Step:
    published = timeline.at(request.occurred_at)
    posting = Posting(new_id=chance.new_id)
    said = refund_answers.answered(
        request.id,
        None,
        status="parked",
        standing=None,
        posting=posting,
        programme=published.programme,
        locale=asked.business.locale,
    )
    return _Step(Judged(request, None, published.version, None, said.answer, said.trace), [])


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did to a sale, and the statements that write it."""

    said: refund_answers.Answered
    statements: list[Statement]
    settled: Settled
    owed: dict[str, int]  # what became owed now


def _apply(pipe: Pipeline, asked: Asked, request: EventRequest, found: SaleRow, timeline: Timeline) -> _Step:
    sale, returned = found.sale(timeline), refunds.read(request.data)
    check_lines(sale, returned)
    before = found.returns()
    why = Cause(request.id, request.occurred_at)
    done = step(pipe, asked, found, why, sale=sale, change=(before, before.plus(returned)), timeline=timeline)
    published = timeline.at(request.occurred_at)
    return _Step(
        Judged(request, found.member_id, published.version, None, done.said.answer, done.said.trace), done.statements
    )


def check_lines(sale: Sale, returned: refunds.Return) -> None:
    """Raises FieldsRefused for lines that the sale does not have."""
    wrong = refunds.unknown(sale.order, returned) if sale.order else []
    if wrong:
        raise FieldsRefused([FieldProblem(f"data.{field}", code, {}) for field, code in wrong])


def step(
    pipe: Pipeline,
    asked: Asked,
    found: SaleRow,
    why: Cause,
    *,
    sale: Sale,
    change: tuple[Returns, Returns],
    timeline: Timeline,
    status: str | None = None,
    write: bool = True,
) -> Done:
    """Post the difference between two sets of returns of a sale under lock; nothing is written without `write`."""
    schema, programme = asked.business.schema, sale.programme
    if found.member_id is None:
        was, is_ = (left.refunded if left else 0 for left in (one.left(sale.order) for one in change))
        rows, moved_vouchers = returned_vouchers.plan(pipe, schema, sale, change, at=asked.now)
        settled = Settled(tuple(rows), is_ - was, nothing_left=False, in_money=sale.to_pay(was, is_))
        posting = Posting(new_id=chance.new_id)
        said = _say(asked, why.cause, settled, status="no_member", standing=None, posting=posting, programme=programme)
        return Done(said, moved_vouchers if write else [], settled, {})
    spent = returned_points.burnt(pipe, schema, sale, member=found.member_id)
    payers = [one.member for one in spent]
    held = refund_reading.member_books(
        pipe, schema, found.member_id, sale=sale.event_id, now=asked.now, lock=write, payers=payers
    )
    posting = Posting(
        new_id=chance.new_id, balances=held.balances, lots=held.lots, pending=held.pending, ended=held.ended
    )
    lapses = _lapse(pipe, asked, held.standing, posting, timeline, write=write)
    reserving.put(posting, reserving.read(pipe, schema, held.balances), lapses, now=asked.now)
    sale = recount_tiers.as_counted(pipe, asked, sale, held.standing, timeline)
    books, tier = Books(posting, held.standing, asked.now, held.vouchers, found.state), held.standing.tier
    settled = settle(books, sale, *change, why)
    paid = returned_points.give(posting, sale, change, spent=spent, why=why, now=asked.now)
    rows, moved_vouchers = returned_vouchers.plan(pipe, schema, sale, change, at=asked.now)
    settled = replace(settled, rows=(*settled.rows, *paid, *rows))
    if status is None:
        moved = settled.rows or settled.refunded or change[0].left(sale.order) != change[1].left(sale.order)
        status = "applied" if moved else "nothing"
    said = _say(asked, why.cause, settled, status=status, standing=held.standing, posting=posting, programme=programme)
    owed = _became_owed(posting, programme)
    if not write:
        return Done(said, [], settled, owed)
    facts = _moved(asked, held.standing, tier, sale, why)
    return Done(said, [*_writes(asked, books, found), *moved_vouchers, *facts], settled, owed)


def _moved(asked: Asked, standing: gathering.Standing, before: str | None, sale: Sale, why: Cause) -> list[Statement]:
    """The fact that a return took a level, or that an undone one brought it again; none when it stayed."""
    programme = sale.counting or sale.programme
    if standing.tier == before or standing.tier is None:
        return []
    up = tiers.place(programme, standing.tier) > tiers.place(programme, before)
    move = Move(before, standing.tier, tiering.local_day(asked.now, programme), None, up)
    news = not asked.backfill and why.at > asked.now - recording.NEWS
    body = {"event_id": why.cause, "member_id": str(standing.member_id), "news": news}
    facts = [("tier.changed", strict_json.dumps(tiering.row_of(move, programme) | body))]
    return [record_events.insert_facts(asked.business.schema, facts, asked.now)]


def _lapse(
    pipe: Pipeline, asked: Asked, standing: gathering.Standing, posting: Posting, timeline: Timeline, *, write: bool
) -> list[inactivity.Lapse]:
    """Points that have ended by inactivity are gone before anything is taken back."""
    lapses = inactivity.lapsed(timeline, [standing], now=asked.now)
    if write:
        inactivity.settle(pipe, asked.business.schema, lapses, posting)
    else:
        inactivity.hide(lapses, posting)
    return lapses


def uncount(pipe: Pipeline, asked: Asked, refund_id: str, timeline: Timeline, *, subject: str) -> Done | None:
    """A return counts no more: what it had taken is given back. None while its sale has not come."""
    schema = asked.business.schema
    row = pipe.query(refund_reading.texts(schema).order_of_refund, refund_id)
    first = pipe.query(refund_reading.texts(schema).order, text_array([row[0][0]]))
    found = refund_reading.sale_row(pipe, schema, str(first[0][1])) if first else None
    if found is None:
        return None
    change = (found.returns(), found.returns(but=refund_id))
    return step(
        pipe,
        asked,
        found,
        Cause(subject, asked.now),
        sale=found.sale(timeline),
        change=change,
        timeline=timeline,
        status="undone",
    )


def quote(pipe: Pipeline, asked: Asked, request: EventRequest) -> str:
    """What a return would take back, as the contract's Quote; changes nothing, locks nothing. Raises FieldsRefused."""
    timeline, sale_id, _ = _look(pipe, asked, request, lock=False)
    if sale_id is None or sale_id.startswith(AWAITED):
        return _quoted(_park(asked, request, timeline).judged.answer)
    found = refund_reading.sale_row(pipe, asked.business.schema, sale_id, lock=False)
    assert found is not None
    sale, returned, before = found.sale(timeline), refunds.read(request.data), found.returns()
    check_lines(sale, returned)
    why, change = Cause(request.id, request.occurred_at), (before, before.plus(returned))
    return _quoted(step(pipe, asked, found, why, sale=sale, change=change, timeline=timeline, write=False).said.answer)


def _quoted(answer: str) -> str:
    said = orjson.loads(answer)
    return strict_json.dumps(
        {
            "effects": said["effects"],
            "balances_after": said["balances"],
            "rewards": [],
            "vouchers": [],
            "because": said["because"],
            "because_not": [],
            "price": None,
            "sale": None,
            "points_payable": None,
            "refunded": said["refunded"],
        }
    )


def _became_owed(posting: Posting, programme: Programme) -> dict[str, int]:
    owed: dict[str, int] = {}
    for transfer in posting.transfers:
        if transfer.kind == "shortfall" and transfer.asset in programme.wallets:
            owed[transfer.asset] = owed.get(transfer.asset, 0) + transfer.amount
    return owed


def _say(
    asked: Asked,
    event_id: str,
    settled: Settled,
    *,
    status: str,
    standing: gathering.Standing | None,
    posting: Posting,
    programme: Programme,
) -> refund_answers.Answered:
    return refund_answers.answered(
        event_id,
        settled,
        status=status,
        standing=standing,
        posting=posting,
        programme=programme,
        locale=asked.business.locale,
    )


def _writes(asked: Asked, books: Books, found: SaleRow) -> list[Statement]:
    schema = asked.business.schema
    statements = books.posting.statements(schema, now=asked.now)
    statements += reserving.facts(schema, books.posting, now=asked.now)
    statements.append(record_events.update_standings(schema, [books.standing]))
    if books.used:
        statements.append(record_events.add_usage(schema, books.used))
    statements += refund_writing.voucher_states(schema, books.changed)
    statements += refund_writing.settlements(schema, {found.event_id: found.state})
    return statements
