"""The till's undo: an event's effects are taken back in full, once; and a redemption's points come back.

What was already spent becomes `owed` and is netted from later earning. Counters and limits go back too. The event stays
in the log; the reversal stands beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from ganbo.books.events import operations as events
from ganbo.books.events import queries as event_queries
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import EARNINGS, OWED, Cause, Posting, account_id
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import operations as rewards
from ganbo.foundation import chance, strict_json
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import effects, gathering, inactivity, tiering
from ganbo.journeys.gathering import Standing
from ganbo.journeys.record_events import add_usage, update_standings
from ganbo.kernel.refusal import Refusal

CASHIERS = timedelta(hours=1)


class EventUnknown(Refusal):
    """There is no such event."""

    code = "events.unknown"


class UndoTooLate(Refusal):
    """Cashiers undo within one hour; a manager can still do it."""

    code = "events.undo_too_late"


class CannotReverse(Refusal):
    """Only what was recorded from outside can be undone, not an enrolment."""

    code = "events.cannot_reverse"


class RedemptionUnknown(Refusal):
    """There is no such redemption."""

    code = "rewards.redemption_unknown"


class VoucherUsed(Refusal):
    """The voucher was already used, so the points cannot come back."""

    code = "rewards.voucher_used"


@dataclass(frozen=True, slots=True)
class Reversed:
    """The stored answer, and whether it was told before."""

    answer: str
    replayed: bool


def reverse_event(event_id: str, *, reason: str, by: str, now: datetime, within: timedelta | None = None) -> Reversed:
    """Undo an event once; asked again, the first answer. Raises EventUnknown, UndoTooLate, CannotReverse."""
    with transaction.atomic():
        event = event_queries.locked(event_id)
        if event is None:
            raise EventUnknown(event_id=event_id)
        before = event_queries.decision(f"{event_id}/reverse")
        if before is not None:
            return Reversed(before.answer, True)
        if event.type == "signup":
            raise CannotReverse(event_id=event_id)
        if within is not None and now - event.recorded_at > within:
            raise UndoTooLate(event_id=event_id)
        answer = _undo(Pipeline.inside_django(), event, now=now)
        events.decide(f"{event_id}/reverse", answer=answer, trace=strict_json.dumps({"by": by}), at=now)
        events.note_reversal(event_id, reason=reason, at=now)
        audit.note(by, "event.reversed", event_id)
        events.publish("event.reversed", {"event_id": event_id, "member_id": _text(event.member_id)}, at=now)
    return Reversed(answer, False)


def _undo(pipe: Pipeline, event: event_queries.EventRow, *, now: datetime) -> str:
    business = context.current()
    taken: dict[str, int] = {}
    owed: dict[str, int] = {}
    balances: dict[str, Any] = {}
    if event.member_id is not None:
        standing = lock(pipe, event.member_id)
        programme = programmes.in_force_at(business.schema, event.occurred_at).programme
        posting = Posting(
            new_id=chance.new_id,
            balances=ledger.held(event.member_id),
            lots=ledger.all_lots(event.member_id, list(programme.wallets)),
            pending={part.id: part for part in ledger.pending_of(event.event_id)},
        )
        lapses = inactivity.lapsed(programmes.timeline(business.schema), [standing], now=now)
        inactivity.settle(pipe, business.schema, lapses, posting)
        _take_back(posting, event, event.member_id, taken, owed, now=now)
        _uncount(standing, event)
        of = (event.net or 0) if event.type == "purchase" else 1
        counted = orjson.loads(event.trace).get("counted")
        tiering.returned(standing, event.event_id, counted, programme, before=of, after=0, of=of)
        statements = [*posting.statements(business.schema, now=now), update_standings(business.schema, [standing])]
        used = _unused(event)
        if used:
            statements.append(add_usage(business.schema, used))
        pipe.run(statements)
        balances = effects.balances(posting, standing, programme)
    return strict_json.dumps(
        {
            "event_id": event.event_id,
            "status": "reversed",
            "member_id": _text(event.member_id),
            "taken_back": taken,
            "owed": owed,
            "balances": balances,
        }
    )


def _take_back(
    posting: Posting,
    event: event_queries.EventRow,
    member: UUID,
    taken: dict[str, int],
    owed: dict[str, int],
    *,
    now: datetime,
) -> None:
    """Undo each earning of the event: what still waits first; what a debt had swallowed is owed again."""
    for part in list(posting.pending.values()):
        if part.remaining:
            taken[part.asset] = taken.get(part.asset, 0) + part.remaining
        posting.take_back_pending(part, part.amount, Cause(f"{event.event_id}/reverse", now, part.rule))
    for movement in ledger.caused_by(event.event_id):
        why = Cause(f"{event.event_id}/reverse", now, movement.rule)
        if movement.kind not in EARNINGS:
            continue
        taken[movement.wallet] = taken.get(movement.wallet, 0) + movement.amount
        if movement.credit == account_id(OWED, movement.wallet, member):
            posting.owe_again(member, movement.wallet, movement.amount, why)
            short = movement.amount
        else:
            short = posting.take_back(member, movement.wallet, movement.amount, why, lot=movement.lot, now=now)
        if short:
            owed[movement.wallet] = owed.get(movement.wallet, 0) + short


def _uncount(standing: Standing, event: event_queries.EventRow) -> None:
    stored = orjson.loads(event.trace)
    if event.type == "purchase":
        standing.purchases = max(standing.purchases - 1, 0)
        standing.spend = max(standing.spend - (event.net or 0), 0)
    if stored.get("visited"):
        standing.visits = max(standing.visits - 1, 0)
    for rule in stored.get("carried", {}):
        standing.carried.pop(rule, None)


def _unused(event: event_queries.EventRow) -> dict[gathering.UsageKey, tuple[int, int, int]]:
    """What the event took of limits, to be given back."""
    consumed = orjson.loads(event.trace).get("consumed", [])
    return {(s, r, p): (-count, -points, -money) for s, r, p, count, points, money in consumed}


def lock(pipe: Pipeline, member_id: UUID) -> Standing:
    """The member's standing, locked by the running transaction."""
    schema = context.current().schema
    key = ("id", str(member_id))
    rows = pipe.run([(gathering.texts(schema).lock, gathering.member_arrays([key]))])[0]
    return gathering.standings(rows)[key]


def reverse_redemption(redemption_id: UUID, *, by: str, now: datetime) -> Reversed:
    """Give the points back and void the voucher, once. Raises RedemptionUnknown or VoucherUsed."""
    business = context.current()
    with transaction.atomic():
        found = rewards.locked(redemption_id)
        if found is None:
            raise RedemptionUnknown(redemption_id=str(redemption_id))
        pipe = Pipeline.inside_django()
        standing = lock(pipe, found.member_id)
        programme = programmes.in_force_at(business.schema, now).programme
        posting = Posting(new_id=chance.new_id, balances=ledger.held(found.member_id))
        replayed = found.state == "reversed"
        if not replayed:
            if found.voucher_state == "used":
                raise VoucherUsed(redemption_id=str(redemption_id))
            _give_back(posting, found, now=now)
            pipe.run(posting.statements(business.schema, now=now))
            rewards.mark_reversed(found, at=now)
            audit.note(by, "redemption.reversed", str(redemption_id))
        answer = strict_json.dumps(
            {
                "id": str(found.id),
                "member_id": str(found.member_id),
                "reward": found.reward,
                "quantity": found.quantity,
                "price": {"wallet": found.wallet, "amount": found.price},
                "state": "reversed",
                "voucher": None,
                "balances": effects.balances(posting, standing, programme),
            }
        )
    return Reversed(answer, replayed)


def _give_back(posting: Posting, found: rewards.Found, *, now: datetime) -> None:
    """Each lot gets back what was burnt from it, with its own expiry."""
    movements = [m for m in ledger.caused_by(str(found.id)) if m.kind == "spend" and m.lot is not None]
    lots = ledger.lots_by_id([m.lot for m in movements if m.lot])
    for movement in movements:
        why = Cause(f"{found.id}/reverse", now, movement.rule)
        posting.give_back(found.member_id, movement.wallet, movement.amount, why, lot=lots[movement.lot])  # type: ignore[index]


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
