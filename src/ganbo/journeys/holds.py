"""Two-phase payment: points or card money are set aside, then captured (all or a part), let go, or their time is over.

Each step is one transaction under the member's lock; a hold is resolved once, and whoever comes later hears how. Its time
is an interval by the database's clock, so the clocks of the servers in front of it neither end nor keep a hold.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ganbo.books.events.reading import FieldProblem, FieldsRefused, Shown
from ganbo.books.ledger import hold_queries
from ganbo.books.ledger import holds as books
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.hold_queries import HoldRow
from ganbo.books.ledger.holds import CAPTURED, VOIDED, Hold
from ganbo.books.ledger.posting import Cause, Insufficient, Posting
from ganbo.engine.programme import Programme, Wallet
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import Timeline
from ganbo.foundation import chance, jobs
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import gathering, inactivity, paying, pooling, proving, redemption_checks, reserving
from ganbo.journeys.gathering import Standing
from ganbo.journeys.recording import MemberUnknown
from ganbo.kernel.points import shown_balance
from ganbo.kernel.refusal import Refusal

MOST_OPEN = 20  # holds of one member at a time: more is a till that forgets to resolve them
LONGEST = timedelta(days=7)  # what is held longer should be paid
USUAL = timedelta(minutes=15)
MOST_MEMBERS = 100  # a transaction's worth: they wait for it


class HoldUnknown(Refusal):
    """There is no such hold."""

    code = "holds.unknown"


class AlreadyCaptured(Refusal):
    """The hold was captured; nothing is held any more."""

    code = "holds.captured"


class AlreadyVoided(Refusal):
    """The hold was let go; nothing is held any more."""

    code = "holds.voided"


class HoldExpired(Refusal):
    """The hold's time is over; what it held is free again."""

    code = "holds.expired"


class TooMuch(Refusal):
    """More is to be captured than is held."""

    code = "holds.too_much"


class TooMany(Refusal):
    """The member has as many open holds as one may have."""

    code = "holds.too_many"


class NotSpendable(Refusal):
    """Units of this wallet cannot be spent, so they cannot be held for it."""

    code = "holds.not_spendable"


_OVER: dict[str, type[Refusal]] = {
    books.CAPTURED: AlreadyCaptured,
    books.VOIDED: AlreadyVoided,
    books.EXPIRED: HoldExpired,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Units of a wallet to be set aside for `lasts`; with `order_id` for the sale of that order alone."""

    member_id: UUID
    wallet: str
    amount: int
    lasts: timedelta = USUAL
    order_id: str = ""
    store: str = ""
    shown: Shown | None = None  # what proves that the member agrees


@dataclass
class _Desk:
    """One member under lock, with the books as they are once all that is over has ended."""

    pipe: Pipeline
    schema: str
    standing: Standing
    timeline: Timeline
    posting: Posting
    now: datetime
    proofs: proving.Proofs = field(default_factory=proving.Proofs)

    @property
    def programme(self) -> Programme:
        return self.timeline.at(self.now).programme

    def write(self) -> None:
        written = proving.writes(self.schema, self.proofs, now=self.now)
        written += self.posting.statements(self.schema, now=self.now)
        written += reserving.facts(self.schema, self.posting, now=self.now)
        if written:
            self.pipe.run(written)


def place(wish: Wish, *, by: str, now: datetime) -> HoldRow:
    """Set units of the member's own aside, proved as a spend; its capture and its order's sale need no other proof.

    Raises FieldsRefused, MemberUnknown, NotSpendable, MayNotSpend, TooMany, Insufficient, ProofNeeded or ProofNotGood.
    """
    with transaction.atomic():
        desk = _desk(wish.member_id, now=now)
        wallet = _spendable(desk.programme, wish.wallet)
        redemption_checks.check_runs(desk.programme, now)
        if not pooling.may_spend(desk.standing, desk.programme, wallet.id):
            raise pooling.MayNotSpend()
        if sum(hold.open for hold in desk.posting.holds.values()) >= MOST_OPEN:
            raise TooMany(most=MOST_OPEN)
        _check_enough(desk, wallet, wish.amount)
        at = reserving.database_time(desk.pipe)
        hold = Hold(
            chance.new_id(), wish.member_id, wish.wallet, wish.amount, wish.order_id, wish.store, at, at + wish.lasts
        )
        _prove(desk, wish, wallet, subject=str(hold.id))
        desk.posting.hold(hold, Cause(books.cause_of(hold.id), now, books.RULE), now=now)
        desk.write()
        audit.note(by, "hold.placed", str(hold.id))
        row = _row(hold.id)
    jobs.wake(context.current().id)
    return row


def capture(hold_id: UUID, amount: int | None, *, by: str, now: datetime) -> HoldRow:
    """Spend what is held, or `amount` of it; the rest comes back. Raises HoldUnknown, TooMuch, or how it ended before."""

    def work(desk: _Desk, hold: Hold) -> None:
        captured = hold.amount if amount is None else amount
        if captured > hold.amount:
            raise TooMuch(held=hold.amount)
        why = Cause(books.cause_of(hold.id), now, paying.RULE)
        desk.posting.resolve(hold, CAPTURED, why, captured=captured, now=now)

    return _resolve(hold_id, work, said="hold.captured", by=by, now=now)


def void(hold_id: UUID, *, by: str, now: datetime) -> HoldRow:
    """Let go of what is held. Raises HoldUnknown, or how it ended before."""

    def work(desk: _Desk, hold: Hold) -> None:
        desk.posting.resolve(hold, VOIDED, Cause(books.cause_of(hold.id), now, books.RULE), now=now)

    return _resolve(hold_id, work, said="hold.voided", by=by, now=now)


def release_some(*, at: datetime) -> int:
    """Book the end of holds whose time is over, for up to MOST_MEMBERS members; returns how many members had some.

    Idempotent and resumable: a hold that ended is not open any more.
    """
    members = hold_queries.members_with_holds_due(most=MOST_MEMBERS)
    done = 0
    for member in members:
        with transaction.atomic():
            desk = _desk(member, now=at)
            desk.write()
            done += bool(desk.posting.resolved)
    return done


def _resolve(hold_id: UUID, work: Callable[[_Desk, Hold], None], *, said: str, by: str, now: datetime) -> HoldRow:
    with transaction.atomic():
        desk = _desk(_row(hold_id).member_id, now=now)
        hold = desk.posting.holds.get(hold_id)
        if hold is None or not hold.open:
            state = next((e.outcome for e in desk.posting.resolved if e.hold.id == hold_id), None)
            raise _OVER[state or _row(hold_id).state]()
        work(desk, hold)
        desk.write()
        audit.note(by, said, str(hold_id))
        row = _row(hold_id)
    jobs.wake(context.current().id)
    return row


def _row(hold_id: UUID) -> HoldRow:
    found = hold_queries.rows(id=hold_id)
    if not found:
        raise HoldUnknown()
    return found[0]


def _desk(member_id: UUID, *, now: datetime) -> _Desk:
    """The member under lock. Raises MemberUnknown."""
    schema, pipe = context.current().schema, Pipeline.inside_django()
    standing = gathering.lock(pipe, schema, [member_id]).get(member_id)
    if standing is None:
        raise MemberUnknown(by="id")
    timeline = programmes.timeline(schema)
    balances = ledger.held(member_id)
    lots = ledger.all_lots(member_id, sorted({asset for _, asset, _ in balances}))
    posting = Posting(chance.new_id, balances, lots=lots)
    lapses = inactivity.lapsed(timeline, [standing], now=now)
    reserving.put(posting, reserving.read(pipe, schema, balances), lapses, now=now)
    inactivity.hide(lapses, posting)
    return _Desk(pipe, schema, standing, timeline, posting, now)


def _spendable(programme: Programme, wallet: str) -> Wallet:
    """Raises FieldsRefused or NotSpendable."""
    found = programme.wallets.get(wallet)
    if found is None:
        raise FieldsRefused([FieldProblem("wallet", "unknown_wallet", {"wallet": wallet})])
    if not found.spendable:
        raise NotSpendable(wallet=wallet)
    return found


def _prove(desk: _Desk, wish: Wish, wallet: Wallet, *, subject: str) -> None:
    """What is set aside counts as spent today. Raises ProofNeeded or ProofNotGood."""
    each = 1 if wallet.money else wallet.pay.rate if wallet.pay else wallet.face_value or 0
    value, spends = wish.amount * each, [proving.Spend(("id", str(wish.member_id)), wish.shown)]
    read = proving.statements(desk.schema, desk.timeline, spends, now=desk.now)
    if not read or not value:
        return
    desk.proofs = proving.of_rows(desk.pipe.run(read), desk.timeline, now=desk.now)
    planned = proving.plan(desk.proofs, desk.programme, wish.member_id, value, wish.shown, now=desk.now)
    proving.take(desk.proofs, planned, subject)


def _check_enough(desk: _Desk, wallet: Wallet, amount: int) -> None:
    """What is shown below zero must be made good before anything is set aside. Raises Insufficient."""
    member, lots = desk.standing.member_id, desk.posting.lots_of(desk.standing.member_id, wallet.id)
    there = sum(lot.remaining for lot in lots if lot.expires_at > desk.now)
    owed, floor = desk.posting.owed(member, wallet.id), wallet.floor(desk.standing.tier or desk.programme.first_tier)
    available, _ = shown_balance(there, owed, floor)
    if amount > available:
        raise Insufficient(needed=amount, available=max(available, 0), asset=wallet.id)
