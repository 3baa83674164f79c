"""The till's undo: an event's effects are taken back in full, once; and a redemption's points come back.

To undo a sale is to return all of it; to undo a return is to count it no more. What was already spent becomes `owed` and is
netted from later earning. The event stays in the log; the reversal stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import transaction

from ganbo.books.events import operations as events
from ganbo.books.events import queries as event_queries
from ganbo.books.ledger import budgets as books
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import EARNINGS, Cause, Posting
from ganbo.engine import pots
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import operations as rewards
from ganbo.foundation import chance, strict_json
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.foundation.tenancy import context
from ganbo.journeys import budgeting, card_paying, effects, gathering, partner_sales, refund_reading, refunding
from ganbo.journeys.gathering import Standing
from ganbo.journeys.record_events import Asked
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


class TopUpSpent(Refusal):
    """Money of this top-up was spent already, so it cannot be handed back."""

    code = "topups.spent"


class RedemptionUnknown(Refusal):
    """There is no such redemption."""

    code = "rewards.redemption_unknown"


class VoucherUsed(Refusal):
    """The voucher was already used, so the points cannot come back."""

    code = "rewards.voucher_used"


class CodeShown(Refusal):
    """A partner's code was shown; whether it was used only the partner knows, so the points stay spent."""

    code = "rewards.code_shown"


@dataclass(frozen=True, slots=True)
class Reversed:
    """The stored answer, and whether it was told before."""

    answer: str
    replayed: bool


def reverse_event(event_id: str, *, reason: str, by: str, now: datetime, within: timedelta | None = None) -> Reversed:
    """Undo an event once; asked again, the first answer.

    Raises EventUnknown, UndoTooLate, CannotReverse, and TopUpSpent for a top-up that is not all there any more.
    """
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
        done = _undo(Pipeline.inside_django(), event, now=now)
        answer, trace = _answer(event, done), orjson.loads(done.said.trace) if done else {}
        events.decide(f"{event_id}/reverse", answer=answer, trace=strict_json.dumps(trace | {"by": by}), at=now)
        events.note_reversal(event_id, reason=reason, at=now)
        _undo_at_partners(event, by=by, now=now)
        audit.note(by, "event.reversed", event_id)
        events.publish("event.reversed", {"event_id": event_id, "member_id": _text(event.member_id)}, at=now)
    return Reversed(answer, False)


def _undo_at_partners(event: event_queries.EventRow, *, by: str, now: datetime) -> None:
    """What a sale to a partner's member moved in the partner's books goes back. Raises CannotReverse for a return of one."""
    if event.type == "purchase":
        partner_sales.undo(event.event_id, by=by, now=now)
    elif event.type == "refund" and partner_sales.issuer(event.event_id) is not None:
        raise CannotReverse(event_id=event.event_id)


def _undo(pipe: Pipeline, event: event_queries.EventRow, *, now: datetime) -> refunding.Done | None:
    """What the event earned is taken back, as if all of it had been returned; or a return does not count any more."""
    asked, subject = Asked(context.current(), now), f"{event.event_id}/reverse"
    timeline = programmes.timeline(asked.business.schema)
    done: refunding.Done | None
    if event.type == "refund":
        done = refunding.uncount(pipe, asked, event.event_id, timeline, subject=subject)
    else:
        found = refund_reading.sale_row(pipe, asked.business.schema, event.event_id)
        assert found is not None
        before, sale = found.returns(), found.sale(timeline)
        change = (before, replace(before, undone=True))
        done = refunding.step(
            pipe, asked, found, Cause(subject, now), sale=sale, change=change, timeline=timeline, status="applied"
        )
        if event.type == pots.TYPE and done.owed:
            raise TopUpSpent(event_id=event.event_id)
    if done is not None and done.statements:
        pipe.run(done.statements)
    return done


def _answer(event: event_queries.EventRow, done: refunding.Done | None) -> str:
    rows = done.settled.rows if done else ()
    said = orjson.loads(done.said.answer) if done else {}
    moved: dict[str, int] = {}
    paid: dict[str, int] = {}
    for row in rows:
        if row["kind"] in ("wallet", "paid"):
            sums = moved if row["kind"] == "wallet" else paid
            sums[row["wallet"]] = sums.get(row["wallet"], 0) - row["amount"]
    return strict_json.dumps(
        {
            "event_id": event.event_id,
            "status": "reversed",
            "member_id": _text(event.member_id),
            "taken_back": {wallet: amount for wallet, amount in moved.items() if amount > 0},
            "given_back": {wallet: -amount for wallet, amount in moved.items() if amount < 0},
            "paid_back": paid,
            "owed": done.owed if done else {},
            "effects": list(rows),
            "balances": said.get("balances", {}),
            "because": said.get("because", []),
        }
    )


def lock(pipe: Pipeline, member_id: UUID) -> Standing:
    """The member's standing, locked by the running transaction."""
    schema = context.current().schema
    key = ("id", str(member_id))
    rows = pipe.run([(gathering.texts(schema).lock, gathering.member_arrays([key]))])[0]
    return gathering.standings(rows)[key]


def reverse_redemption(redemption_id: UUID, *, by: str, now: datetime, even_shown: bool = False) -> Reversed:
    """Give the points back and void the voucher, once. Raises RedemptionUnknown, VoucherUsed or CodeShown.

    `even_shown`: a manager who knows that the partner refused the code. Nobody gets that code a second time.
    """
    business = context.current()
    with transaction.atomic():
        member_id = rewards.member_of(redemption_id)
        if member_id is None:
            raise RedemptionUnknown(redemption_id=str(redemption_id))
        pipe = Pipeline.inside_django()
        payers = ledger.payers(str(redemption_id))
        # members before the voucher, as a sale with codes locks them
        standing = gathering.lock(pipe, business.schema, {member_id, *payers.values()})[member_id]
        found = rewards.locked(redemption_id)
        assert found is not None
        programme = programmes.in_force_at(business.schema, now).programme
        posting = Posting(new_id=chance.new_id, balances=ledger.held(*{member_id, *payers.values()}))
        replayed = found.state == "reversed"
        if not replayed:
            if found.touched:
                raise VoucherUsed(redemption_id=str(redemption_id))
            if found.shown and not even_shown:
                raise CodeShown(redemption_id=str(redemption_id))
            _take_money_back(posting, found, now=now)
            _give_back(posting, found, programme, payers, now=now)
            freed = _free_budget(posting, found, now=now)
            pipe.run([*posting.statements(business.schema, now=now), *freed])
            rewards.mark_reversed(found, stocked=_stocked(found, business.schema), at=now)
            audit.note(by, "redemption.reversed", str(redemption_id))
        answer = strict_json.dumps(
            {
                "id": str(found.id),
                "member_id": str(found.member_id),
                "reward": found.reward,
                "quantity": found.quantity,
                "price": {"wallet": found.wallet, "amount": found.price, "plus": _money(found.plus, programme)},
                "state": "reversed",
                "voucher": None,
                "balances": effects.balances(posting, standing, programme),
            }
        )
    return Reversed(answer, replayed)


def _stocked(found: rewards.Found, schema: str) -> bool:
    """Whether the version that issued it counted a stock."""
    versions = programmes.timeline(schema).versions
    reward = next(v for v in versions if v.version == found.version).programme.rewards.get(found.gives)
    return reward is not None and reward.stock is not None


def _take_money_back(posting: Posting, found: rewards.Found, *, now: datetime) -> None:
    """Card money that was redeemed leaves its wallet again. Raises VoucherUsed when some of it was spent."""
    for movement in ledger.caused_by(str(found.id)):
        if movement.kind not in EARNINGS:
            continue
        posting.lots |= ledger.all_lots(found.member_id, [movement.wallet])
        why = Cause(f"{found.id}/reverse", now, movement.rule)
        if posting.take_back(found.member_id, movement.wallet, movement.amount, why, lot=movement.lot, now=now):
            raise VoucherUsed(redemption_id=str(found.id))


def _free_budget(posting: Posting, found: rewards.Found, *, now: datetime) -> list[Statement]:
    """What a reward without a voucher spent of its line is free again; a void voucher's is freed by settle_budgets."""
    if not found.budget:
        return []
    why = Cause(f"{found.id}/reverse", now, found.reward)
    books.move(posting, found.budget, found.cost, why, was=books.SPENT, now=books.PLANNED)
    return budgeting.statements(context.current().schema, {found.budget: -found.cost})


def _money(amount: int, programme: Programme) -> dict[str, object] | None:
    return {"amount": amount, "currency": programme.currency} if amount else None


def _give_back(
    posting: Posting, found: rewards.Found, programme: Programme, payers: Mapping[UUID, UUID], *, now: datetime
) -> None:
    """Each lot gets back what was burnt from it, with its own expiry, whoever of a household it belongs to.

    For one that has ended, see lot_of_return.
    """
    movements = [m for m in ledger.caused_by(str(found.id)) if m.kind == "spend" and m.lot is not None]
    lots = ledger.lots_by_id([m.lot for m in movements if m.lot])
    for movement in movements:
        why = Cause(f"{found.id}/reverse", now, movement.rule)
        lot = lots[movement.lot]  # type: ignore[index]
        wallet = programme.wallets.get(movement.wallet)
        if wallet is not None:
            lot = card_paying.lot_of_return(lot, wallet, now=now)
        posting.give_back(payers[movement.debit], movement.wallet, movement.amount, why, lot=lot)


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None
