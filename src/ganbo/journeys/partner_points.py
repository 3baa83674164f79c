"""Points of a member that are earned and used at a partner's, and come back with returns; under the member's lock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from ganbo.books.events.reading import Shown
from ganbo.books.ledger import lots as lots_
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.lots import NEVER, Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.books.ledger.posting import EXPIRED, MEMBER, Cause, Insufficient, Posting, account_id
from ganbo.engine.partners import Partner, Shares
from ganbo.engine.programme import Programme, Wallet
from ganbo.features.partners.queries import Bill
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline, text_array
from ganbo.journeys import card_paying, gathering, inactivity, paying, pooling, proving
from ganbo.journeys.gathering import Standing
from ganbo.journeys.partner_links import Link
from ganbo.journeys.record_events import update_standings
from ganbo.kernel.points import shown_balance

T = TypeVar("T")
Work = Callable[[], T]


@dataclass
class Held:
    """A member under lock, with whom they spend: what they stand on, and the posting that changes it."""

    standing: Standing
    posting: Posting
    people: tuple[UUID, ...]  # the member and who else is locked
    proofs: proving.Proofs = field(default_factory=proving.Proofs)

    def write(self, pipe: Pipeline, schema: str, *, now: datetime) -> None:
        """What was planned."""
        statements = [*self.posting.statements(schema, now=now), *proving.writes(schema, self.proofs, now=now)]
        if self.standing.touched:
            statements.append(update_standings(schema, [self.standing]))
        if statements:
            pipe.run(statements)


def lock(pipe: Pipeline, schema: str, member: UUID, *, now: datetime, sale: UUID | None = None) -> Held | None:
    """Lock the member, with their household or (of a bill) whose points paid, and read what they hold. None: they were erased.

    Points that ended by inactivity are gone; what still waits of the bill is there.
    """
    timeline, pooled = programmes.timeline(schema), programmes.timeline(schema).pools
    texts = gathering.texts(schema, pooled=pooled)
    who = gathering.member_arrays(("id", str(one)) for one in {member, *(_payers(pipe, schema, sale) if sale else ())})
    rows = pipe.run([(texts.lock, who), *([(texts.people, who)] if pooled else [])])
    found = gathering.standings(rows[0])
    if pooled:
        gathering.note_households(found, rows[1])
    standing = found.get(("id", str(member)))
    if standing is None:
        return None
    people = tuple(dict.fromkeys([member, *(one.member_id for one in found.values())]))
    waiting = {part.id: part for part in ledger.pending_of(str(sale))} if sale else {}
    posting = Posting(new_id=chance.new_id, balances=ledger.held(*people), pending=waiting)
    inactivity.settle(pipe, schema, inactivity.lapsed(timeline, [standing], now=now), posting)
    return Held(standing, posting, people)


def _payers(pipe: Pipeline, schema: str, sale: UUID) -> list[UUID]:
    """Whose points paid a bill: the member's, and of a household others'."""
    rows = pipe.query(
        f'SELECT DISTINCT a.holder_id FROM "{schema}".ledger_transfer t JOIN "{schema}".ledger_account a'
        " ON a.id = t.debit_id WHERE t.cause = $1 AND t.kind = 'spend' AND a.holder_id IS NOT NULL",
        str(sale),
    )
    return [UUID(row[0]) for row in rows]


def _read(held: Held, wallet: str) -> None:
    for one in held.people:
        paying.keep(held.posting, ledger.all_lots(one, [wallet]))


def sell(held: Held, link: Link, what: tuple[int, int], why: Cause, *, shown: Shown | None) -> int:
    """Burn the points of `what` that pay the bill, then issue what its amount earns; returns how many points it earned.

    Raises Insufficient, MayNotSpend, ProofNeeded or ProofNotGood.
    """
    _read(held, link.partner.wallet)
    check(held, link.programme, link.partner, what[0], at=why.at)
    if what[0]:
        _prove(held, link, what[0] * link.partner.rate, why, shown=shown)
    return move(held, link.programme, link.partner, what, why)


def check(held: Held, programme: Programme, partner: Partner, points: int, *, at: datetime) -> None:
    """Raises Insufficient when so many points cannot pay now."""
    day = at.astimezone(programme.timezone).date()
    there = usable(held, programme, partner, at=at) if points and programme.runs.spends(day) else 0
    if points > there:
        raise Insufficient(needed=points, available=there, asset=partner.wallet)


def move(held: Held, programme: Programme, partner: Partner, what: tuple[int, int], why: Cause) -> int:
    """Plan what was checked: points burnt, points earned; returns how many points the bill earned. No database."""
    (points, bill), member, wallet = what, held.standing.member_id, programme.wallets[partner.wallet]
    day = why.at.astimezone(programme.timezone).date()
    if points:
        pooling.spend(held.posting, held.standing, programme, (wallet.id, points), why, now=why.at)
    earned = partner.earned(bill) if programme.runs.earns(day) else 0
    _note_activity(held, wallet, day, earned)
    if not earned:
        return 0
    expires_at, month = wallet.expires.expires_at(why.at), wallet.earned_month(why.at)
    usable_at = wallet.pending.usable_at(why.at)
    if usable_at is None:
        held.posting.earn(member, wallet.id, earned, why, expires_at=expires_at, earned_month=month)
    else:
        part = PendingPoints(
            id=chance.new_id(), member=member, asset=wallet.id, amount=earned, remaining=earned, cancelled=0,
            usable_at=usable_at, awaits=wallet.pending.event, order_id="", cause=why.cause, rule=why.rule,
            expires_at=expires_at or NEVER, earned_month=month, earned_at=why.at,
        )  # fmt: skip
        held.posting.earn_pending(part)
    return earned


def _prove(held: Held, link: Link, value: int, why: Cause, *, shown: Shown | None) -> None:
    """What the programme asks for before points are spent. Raises ProofNeeded or ProofNotGood."""
    schema, member = link.ours.business.schema, held.standing.member_id
    timeline = programmes.timeline(schema)
    spends = [proving.Spend(("id", str(member)), shown)]
    read = proving.statements(schema, timeline, spends, now=why.at)
    rows = Pipeline.inside_django().run(read) if read else []
    held.proofs = proving.of_rows(rows, timeline, now=why.at)
    proved = proving.plan(held.proofs, link.programme, member, value, shown, now=why.at)
    proving.take(held.proofs, proved, why.cause)


def _note_activity(held: Held, wallet: Wallet, day: date, earned: int) -> None:
    """A purchase there is one for points that end by inactivity, too."""
    active = held.standing.state.get("active", {}).get(wallet.id)
    counts = "purchase" in wallet.expires.reset_by or (active is None and earned)
    if wallet.expires.kind == "inactivity" and counts:
        held.standing.state.setdefault("active", {})[wallet.id] = max(day.isoformat(), active or "")
        held.standing.touched = True


def usable(held: Held, programme: Programme, partner: Partner, *, at: datetime) -> int:
    """Points that could pay now; what is shown below zero must be made good first."""
    wallet, member = programme.wallets[partner.wallet], held.standing.member_id
    there = pooling.available(held.posting, held.standing, programme, wallet.id, at=at)
    floor = wallet.floor(held.standing.tier or programme.first_tier)
    return max(shown_balance(there, held.posting.owed(member, wallet.id), floor)[0], 0)


def give_back(held: Held, link: Link, sale: Bill, moved: Shares, *, brought: Shares, why: Cause) -> None:
    """Points used go back into their lots, the last burnt first; points earned are taken back as the wallet says."""
    wallet = link.programme.wallets[sale.wallet]
    _read(held, wallet.id)
    burnt = [m for m in ledger.caused_by(str(sale.id)) if m.kind == "spend" and m.lot is not None]
    lots = ledger.lots_by_id([m.lot for m in burnt if m.lot])
    lot = _earned_lot(held, wallet, sale.at)
    held.posting.ended[lot.id] = _ended(lot.id, wallet.id)
    spent = [(lots[m.lot], m.amount) for m in burnt if m.lot]
    bring_back(held, wallet, (moved, brought), why, spent=spent, sold_at=sale.at)


def bring_back(
    held: Held,
    wallet: Wallet,
    what: tuple[Shares, Shares],
    why: Cause,
    *,
    spent: Sequence[tuple[Lot, int]],
    sold_at: datetime,
) -> None:
    """Plan a return of `what` moved, after what earlier ones brought; `spent`: the lots that paid, in order. No database."""
    (moved, brought), buyer = what, held.standing.member_id
    holders = {account_id(MEMBER, wallet.id, one): one for one in held.people}
    passed, left = brought.used, moved.used
    for from_, amount in reversed(spent):
        part = min(max(amount - passed, 0), left)
        passed = max(passed - amount, 0)
        if part:
            whose = holders.get(from_.account, buyer)  # who was erased leaves it to the buyer
            lot = card_paying.lot_of_return(_empty(from_, whose, wallet.id), wallet, now=why.at)
            held.posting.give_back(whose, wallet.id, part, why, lot=lot)
            left -= part
    _take_back(held, wallet, moved.earned, why, sold_at=sold_at)


def returnable(wallet: Wallet, earned: int, waiting: Iterable[PendingPoints]) -> int:
    """How many of the points earned a return takes back, as the wallet's `on_refund` says."""
    if wallet.on_refund == "only_pending":
        return min(earned, sum(part.remaining + part.cancelled for part in waiting))
    return 0 if wallet.on_refund == "keep" else earned


def _empty(lot: Lot, whose: UUID, asset: str) -> Lot:
    account = account_id(MEMBER, asset, whose)
    id = lots_.lot_id(account, lot.expires_at, lot.earned_month)
    return Lot(id, account, lot.expires_at, lot.earned_month, 0)


def _earned_lot(held: Held, wallet: Wallet, sold_at: datetime) -> Lot:
    """The lot of what a bill earned, empty."""
    waiting = next(iter(held.posting.pending.values()), None)
    ends = (waiting.expires_at if waiting else wallet.expires.expires_at(sold_at)) or NEVER
    month = waiting.earned_month if waiting else wallet.earned_month(sold_at)
    account = account_id(MEMBER, wallet.id, held.standing.member_id)
    return Lot(lots_.lot_id(account, ends, month), account, ends, month, 0)


def _take_back(held: Held, wallet: Wallet, earned: int, why: Cause, *, sold_at: datetime) -> None:
    """Waiting points first; then those in their lot, also what ended in it; what is missing becomes owed."""
    member, left = held.standing.member_id, earned
    lot = _earned_lot(held, wallet, sold_at)
    for part in list(held.posting.pending.values()):
        left -= held.posting.take_back_pending(part, left, why)
    if left:
        left -= held.posting.take_back_ended(member, wallet.id, left, why, lot=lot)
    if left:
        held.posting.take_back(member, wallet.id, left, why, lot=lot.id, now=why.at)


def _ended(lot: UUID, asset: str) -> int:
    """What ended unused in a lot and was not taken back since."""
    gone = account_id(EXPIRED, asset)
    rows = Pipeline.inside_django().query(
        "SELECT COALESCE(sum(CASE WHEN credit_id = $2::uuid THEN amount WHEN debit_id = $2::uuid THEN -amount END), 0)"
        " FROM ledger_transfer WHERE lot_id = ANY($1::uuid[])",
        text_array([str(lot)]),
        str(gone),
    )
    return int(rows[0][0] or 0)
