"""The one place that plans what is written into the books: transfers, balances and lots; their SQL stands in writing.py.

A `Posting` starts from balances (and, for spending, lots) read under the members' locks, carries them through a batch,
and ends as statements with arrays: their number does not depend on how much happened.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from ganbo.books.ledger import holds as holds_
from ganbo.books.ledger import lots as lots_
from ganbo.books.ledger import writing
from ganbo.books.ledger.holds import End, Hold
from ganbo.books.ledger.lots import NEVER, Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.books.ledger.writing import Transfer
from ganbo.foundation.pipelines import Statement
from ganbo.kernel.refusal import Refusal

MEMBER, OWED, STAMPS, PENDING, HELD = "member", "owed", "stamps", "pending", "held"
ISSUED, SPENT, EXPIRED = "issued", "spent", "expired"
_ALWAYS = datetime.min.replace(tzinfo=UTC)  # before the end of every lot
COUNTER_ROLES = (ISSUED, SPENT, EXPIRED)
EARNINGS = ("earn", "owed")  # kinds of transfers by which a member gains, at once or from the pending account


class Insufficient(Refusal):
    """The balance does not suffice; earn more or choose something smaller."""

    code = "ledger.insufficient"


class Cause(NamedTuple):
    """Why value moves: the event, redemption or job, when it counts, and the rule."""

    cause: str
    at: datetime
    rule: str = ""


@lru_cache(maxsize=16_384)  # a few batches of members; more would fill every process with what is quickly computed
def account_id(role: str, asset: str, holder: UUID | None = None) -> UUID:
    """The account of a holder in an asset: derived, so it is known before it exists."""
    name = f"{role}|{asset}|{holder or ''}".encode()
    return UUID(bytes=blake2b(name, digest_size=16).digest())


def stamp_asset(card: str) -> str:
    """The asset of a stamp card."""
    return f"stamp:{card}"


@dataclass
class Posting:
    """What a batch does to the books. Balances: (holder, asset, role) → amount; absent means the account is new."""

    new_id: Callable[[], UUID]
    balances: dict[tuple[UUID, str, str], int] = field(default_factory=dict)
    lots: dict[UUID, dict[UUID, Lot]] = field(default_factory=dict)  # account → lot id → lot
    transfers: list[Transfer] = field(default_factory=list)
    pending: dict[UUID, PendingPoints] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)  # those that are open, or captured ahead of their sale
    placed: list[Hold] = field(default_factory=list)
    resolved: list[End] = field(default_factory=list)
    told: dict[UUID, str] = field(default_factory=dict)  # hold → the sale that used it
    ahead: dict[str, list[UUID]] = field(default_factory=dict)  # sale → holds that were captured before it came
    ended: dict[UUID, int] = field(
        default_factory=dict
    )  # lot id → what ended unused in it, and was not taken back since
    _pending_changes: dict[UUID, PendingPoints] = field(default_factory=dict)
    _pending_known: frozenset[UUID] = frozenset()
    _changes: dict[tuple[UUID, str, str], int] = field(default_factory=dict)
    _lot_changes: dict[UUID, tuple[Lot, int]] = field(default_factory=dict)
    _known: frozenset[tuple[UUID, str, str]] = frozenset()

    def __post_init__(self) -> None:
        self._known = frozenset(self.balances)
        self._pending_known = frozenset(self.pending)

    def available(self, member: UUID, asset: str) -> int:
        """What the member's account holds now, after what this posting has planned."""
        return self.balances.get((member, asset, MEMBER), 0)

    def lots_of(self, member: UUID, asset: str) -> list[Lot]:
        """The lots of the member's account that were read."""
        return list(self.lots.get(account_id(MEMBER, asset, member), {}).values())

    def owed(self, member: UUID, asset: str) -> int:
        """What later earning must first make good."""
        return self.balances.get((member, asset, OWED), 0)

    def earn(
        self, member: UUID, asset: str, amount: int, why: Cause, *, expires_at: datetime | None, earned_month: date
    ) -> None:
        """Issue `amount`: first what is owed is made good, the rest goes into the lot of its expiry and month."""
        settled = min(self.owed(member, asset), amount)
        if settled:
            self._move(ISSUED, (member, asset, OWED), settled, kind="owed", why=why, lot=None)
        if amount - settled:
            account = account_id(MEMBER, asset, member)
            expiry = expires_at or NEVER
            lot = Lot(lots_.lot_id(account, expiry, earned_month), account, expiry, earned_month, 0)
            self._change_lot(lot, amount - settled)
            self._move(ISSUED, (member, asset, MEMBER), amount - settled, kind="earn", why=why, lot=lot.id)

    def open(
        self, member: UUID, asset: str, amount: int, why: Cause, *, expires_at: datetime | None, earned_month: date
    ) -> None:
        """What the member had in another system: as `earn`, but nothing that was earned here (kind `opening`)."""
        begun = len(self.transfers)
        self.earn(member, asset, amount, why, expires_at=expires_at, earned_month=earned_month)
        self.transfers[begun:] = [t._replace(kind="opening") if t.kind == "earn" else t for t in self.transfers[begun:]]

    def earn_pending(self, part: PendingPoints) -> None:
        """Issue points that wait: they are on no lot and settle no debt until they are released."""
        why = Cause(part.cause, part.earned_at, part.rule)
        self._move(ISSUED, (part.member, part.asset, PENDING), part.remaining, kind="pending", why=why, lot=None)
        self._keep_pending(part)

    def release(self, part: PendingPoints, *, at: datetime) -> None:
        """What remains of `part` becomes usable: a debt is made good first, the rest goes into its lot.

        What was cancelled is issued anew: the awaited event did happen in time and was only told late.
        """
        why, member, asset = Cause(part.cause, at, part.rule), part.member, part.asset
        if part.cancelled:
            self._move(ISSUED, (member, asset, PENDING), part.cancelled, kind="pending", why=why, lot=None)
            part = replace(part, remaining=part.remaining + part.cancelled, cancelled=0)
        settled = min(self.owed(member, asset), part.remaining)
        if settled:
            self._leave_pending(part, OWED, settled, kind="owed", why=why)
        if part.remaining - settled:
            account = account_id(MEMBER, asset, member)
            lot_id = lots_.lot_id(account, part.expires_at, part.earned_month)
            lot = Lot(lot_id, account, part.expires_at, part.earned_month, 0)
            self._change_lot(lot, part.remaining - settled)
            self._leave_pending(part, MEMBER, part.remaining - settled, kind="earn", why=why, lot=lot.id)
        self._keep_pending(replace(part, remaining=0))

    def cancel(self, part: PendingPoints, *, at: datetime) -> None:
        """What remains of `part` is let go: the event it awaited never came."""
        why, waiting = Cause(part.cause, at, part.rule), (part.member, part.asset, PENDING)
        if part.remaining:
            self._move(ISSUED, waiting, -part.remaining, kind="cancel", why=why, lot=None)
            self._keep_pending(replace(part, remaining=0, cancelled=part.cancelled + part.remaining))

    def take_back_pending(self, part: PendingPoints, amount: int, why: Cause) -> int:
        """Undo up to `amount` of what still waits, or was cancelled and could come back; returns how much that was.

        Points already released are not touched: their transfers leave the pending account (kind `earn` or `owed`).
        """
        waiting = min(part.remaining, amount)
        if waiting:
            self._move(ISSUED, (part.member, part.asset, PENDING), -waiting, kind="reverse", why=why, lot=None)
        gone = min(part.cancelled, amount - waiting)
        if waiting + gone:
            self._keep_pending(replace(part, remaining=part.remaining - waiting, cancelled=part.cancelled - gone))
        return waiting + gone

    def stamps(self, member: UUID, card: str) -> int:
        """How many stamps are on the member's card."""
        return self.balances.get((member, stamp_asset(card), STAMPS), 0)

    def stamps_net(self, member: UUID, card: str) -> int:
        """Stamps on the card, less those that are owed; below zero when some are."""
        return self.stamps(member, card) - self.owed(member, stamp_asset(card))

    def stamp(self, member: UUID, card: str, amount: int, why: Cause) -> None:
        """Put stamps on a card; stamps have no lots. What is owed is made good first."""
        asset = stamp_asset(card)
        settled = min(self.owed(member, asset), amount)
        if settled:
            self._move(ISSUED, (member, asset, OWED), settled, kind="owed", why=why, lot=None)
        if amount - settled:
            self._move(ISSUED, (member, asset, STAMPS), amount - settled, kind="earn", why=why, lot=None)

    def take_stamps(self, member: UUID, card: str, amount: int, why: Cause) -> int:
        """Undo stamps: from the card, and what is missing becomes owed. Returns what became owed."""
        asset = stamp_asset(card)
        there = min(self.stamps(member, card), amount)
        if there:
            self._move(ISSUED, (member, asset, STAMPS), -there, kind="reverse", why=why, lot=None)
        if amount - there:
            self.owe_again(member, asset, amount - there, why)
        return amount - there

    def unfill(self, member: UUID, card: str, amount: int, why: Cause) -> None:
        """Give the stamps of a filled card back to it."""
        self._move(SPENT, (member, stamp_asset(card), STAMPS), amount, kind="return", why=why, lot=None)

    def fill(self, member: UUID, card: str, amount: int, why: Cause) -> None:
        """Take the stamps of filled cards."""
        self._move(SPENT, (member, stamp_asset(card), STAMPS), -amount, kind="spend", why=why, lot=None)

    def spend(
        self, member: UUID, asset: str, amount: int, why: Cause, *, now: datetime, others: Sequence[UUID] = ()
    ) -> None:
        """Burn `amount`, lot by lot, the first to expire first, then the oldest. Raises Insufficient; then nothing is planned.

        Lots of `others` pay, too; of equal lots the member's own first, then in the order of `others`.
        """
        of = {account_id(MEMBER, asset, one): one for one in (member, *others)}
        held = [lot for account in of for lot in self.lots.get(account, {}).values()]
        parts, missing = lots_.burn(held, amount, at=now)
        if missing:
            raise Insufficient(needed=amount, available=amount - missing, asset=asset)
        for lot, part in parts:
            self._burn_lot((of[lot.account], asset, MEMBER), lot, part, why, counter=SPENT, kind="spend")

    def hold(self, hold: Hold, why: Cause, *, now: datetime) -> None:
        """Set units aside, lot by lot, the first to expire first. Raises Insufficient; then nothing is planned."""
        parts, missing = lots_.burn(self.lots_of(hold.member, hold.asset), hold.amount, at=now)
        if missing:
            raise Insufficient(needed=hold.amount, available=hold.amount - missing, asset=hold.asset)
        for lot, part in parts:
            self._change_lot(lot, -part)
            self._between_own(hold, MEMBER, HELD, part, kind="hold", why=why, lot=lot.id)
        self.holds[hold.id] = replace(hold, parts=tuple(parts))
        self.placed.append(hold)

    def resolve(
        self, hold: Hold, outcome: str, why: Cause, *, captured: int = 0, now: datetime, gone: bool = False
    ) -> None:
        """Spend `captured` of an open hold, the first to expire first; the rest comes back and makes good what is owed.

        What comes back to a lot that has ended, or to a wallet whose points are `gone`, ends with it.
        """
        back, left = Cause(holds_.cause_of(hold.id), now, holds_.RULE), captured
        for lot, part in hold.parts:
            taken = min(part, left)
            left -= taken
            if taken:
                self._back_into(hold, lot, taken, back)
                self._burn_lot((hold.member, hold.asset, MEMBER), lot, taken, why, counter=SPENT, kind="spend")
            settled = min(self.owed(hold.member, hold.asset), part - taken)
            if settled:
                self._between_own(hold, HELD, OWED, settled, kind="unhold", why=back)
            if rest := part - taken - settled:
                self._back_into(hold, lot, rest, back)
                if gone or lot.expires_at <= now:
                    self.expire(hold.member, hold.asset, replace(lot, remaining=rest), Cause("expiry", now))
        del self.holds[hold.id]
        self.resolved.append(End(hold, outcome, captured, why.cause, now))

    def kept_for(self, member: UUID, asset: str, order: tuple[str, str]) -> int:
        """What holds keep for an order (its id and store), or what was captured of them ahead of its sale."""
        return sum(hold.amount if hold.open else hold.captured for hold in self._of_order(member, order, asset))

    def pay(
        self,
        member: UUID,
        asset: str,
        amount: int,
        why: Cause,
        *,
        order: tuple[str, str],
        now: datetime,
        others: Sequence[UUID] = (),
    ) -> list[tuple[Lot, int]]:
        """Pay a sale: holds of its order first, then lots as `spend` does. Raises Insufficient; then nothing is planned.

        Returns which lots paid, in order; what was captured ahead of the sale is not burnt again.
        """
        left, captures, paid = amount, list[tuple[Hold, int]](), list[tuple[Lot, int]]()
        for hold in self._of_order(member, order, asset):
            part = min(left, hold.amount if hold.open else hold.captured)
            left -= part
            if part:
                captures.append((hold, part))
        begun = len(self.transfers)
        if left:
            self.spend(member, asset, left, why, now=now, others=others)
        for hold, part in captures:
            self.told[hold.id] = why.cause
            if hold.open:
                self.resolve(hold, holds_.CAPTURED, why, captured=part, now=now)
            else:
                del self.holds[hold.id]
                self.ahead.setdefault(why.cause, []).append(hold.id)
                paid += lots_.burn([replace(lot, remaining=n) for lot, n in hold.parts], part, at=_ALWAYS)[0]
        burnt = [t for t in self.transfers[begun:] if t.kind == "spend" and t.lot is not None]
        return paid + [(self.lots[t.debit][t.lot], t.amount) for t in burnt if t.lot is not None]

    def ahead_of(self, sale: str) -> tuple[str, ...]:
        """The holds of a sale that were captured before it came."""
        return tuple(str(hold) for hold in self.ahead.get(sale, ()))

    def close_order(self, member: UUID, order: tuple[str, str], *, now: datetime) -> None:
        """The order's sale was recorded: what is still held for it is let go."""
        for hold in self._of_order(member, order):
            if hold.open:
                self.resolve(hold, holds_.VOIDED, Cause(holds_.cause_of(hold.id), now), now=now)

    def _of_order(self, member: UUID, order: tuple[str, str], asset: str | None = None) -> list[Hold]:
        return [
            hold for hold in self.holds.values()
            if hold.member == member and asset in (None, hold.asset) and hold.of_order(*order)
        ]  # fmt: skip

    def spend_again(self, member: UUID, asset: str, amount: int, why: Cause, *, now: datetime) -> None:
        """Undo a giving back: burn `amount` as far as it is there; what is missing becomes owed."""
        left = self._burn(member, asset, amount, why, counter=SPENT, kind="spend", now=now)
        if left:
            self.owe_again(member, asset, left, why)

    def take_back(self, member: UUID, asset: str, amount: int, why: Cause, *, lot: UUID | None, now: datetime) -> int:
        """Undo an earning of `amount`: from its own lot, then from others, and what is missing becomes owed.

        Returns what became owed.
        """
        own = self.lots.get(account_id(MEMBER, asset, member), {}).get(lot) if lot else None
        left = amount
        if own is not None and own.remaining:
            part = min(own.remaining, left)
            self._burn_lot((member, asset, MEMBER), own, part, why, counter=ISSUED, kind="reverse")
            left -= part
        if left:
            left = self._burn(member, asset, left, why, counter=ISSUED, kind="reverse", now=now)
        if left:
            self.owe_again(member, asset, left, why)
        return left

    def take_back_ended(self, member: UUID, asset: str, amount: int, why: Cause, *, lot: Lot) -> int:
        """Undo an earning of up to `amount` that ended unused in its lot: its end is undone first. Returns how much."""
        part = min(self.ended.get(lot.id, 0), amount)
        if part:
            self._change_lot(lot, part)
            self._move(EXPIRED, (member, asset, MEMBER), part, kind="unexpire", why=why, lot=lot.id)
            self._burn_lot((member, asset, MEMBER), lot, part, why, counter=ISSUED, kind="unexpire")
            self.ended[lot.id] -= part
        return part

    def end_again(self, member: UUID, asset: str, amount: int, why: Cause, *, lot: Lot) -> None:
        """Undo a taking back of what had ended: it ends once more."""
        if amount:
            self._change_lot(lot, amount)
            self._move(ISSUED, (member, asset, MEMBER), amount, kind="reexpire", why=why, lot=lot.id)
            self._burn_lot((member, asset, MEMBER), lot, amount, why, counter=EXPIRED, kind="reexpire")
            self.ended[lot.id] = self.ended.get(lot.id, 0) + amount

    def restore(self, member: UUID, asset: str, amount: int, why: Cause, *, lot: Lot) -> None:
        """Undo a taking back: first what is owed is made good, the rest goes into `lot`, which may have ended."""
        settled = min(self.owed(member, asset), amount)
        if settled:
            self._move(ISSUED, (member, asset, OWED), settled, kind="restore", why=why, lot=None)
        if amount - settled:
            self._change_lot(lot, amount - settled)
            self._move(ISSUED, (member, asset, MEMBER), amount - settled, kind="restore", why=why, lot=lot.id)

    def owe_again(self, member: UUID, asset: str, amount: int, why: Cause) -> None:
        """The member owes `amount` more."""
        self._move(ISSUED, (member, asset, OWED), amount, kind="shortfall", why=why, lot=None)

    def give_back(self, member: UUID, asset: str, amount: int, why: Cause, *, lot: Lot) -> None:
        """Undo a spending: `amount` goes back into the lot it came from, with its first expiry."""
        self._change_lot(lot, amount)
        self._move(SPENT, (member, asset, MEMBER), amount, kind="return", why=why, lot=lot.id)

    def expire(self, member: UUID, asset: str, lot: Lot, why: Cause) -> None:
        """What remains of `lot` ends."""
        self.ended[lot.id] = self.ended.get(lot.id, 0) + lot.remaining
        self._burn_lot((member, asset, MEMBER), lot, lot.remaining, why, counter=EXPIRED, kind="expire")

    def redate(self, member: UUID, asset: str, lot: Lot, *, expires_at: datetime, why: Cause) -> None:
        """What remains of `lot` goes into the lot of another end: two transfers, for a lot's end never changes."""
        if not lot.remaining or expires_at == lot.expires_at:
            return
        other = Lot(
            lots_.lot_id(lot.account, expires_at, lot.earned_month), lot.account, expires_at, lot.earned_month, 0
        )
        holder, amount = (member, asset, MEMBER), lot.remaining
        self._burn_lot(holder, lot, amount, why, counter=ISSUED, kind="redate")
        self._change_lot(other, amount)
        self._move(ISSUED, holder, amount, kind="redate", why=why, lot=other.id)

    def between(self, debit: str, credit: str, asset: str, amount: int, *, kind: str, why: Cause) -> None:
        """Plan one transfer between two of the business's own accounts: their balances are derived."""
        self._transfer(account_id(debit, asset), account_id(credit, asset), asset, amount, kind=kind, why=why, lot=None)

    def redate_pending(self, part: PendingPoints, *, expires_at: datetime) -> None:
        """Points that still wait will be in the lot of another end."""
        if expires_at != part.expires_at:
            self._keep_pending(replace(part, expires_at=expires_at))

    def _burn(
        self, member: UUID, asset: str, amount: int, why: Cause, *, counter: str, kind: str, now: datetime
    ) -> int:
        """Burn `amount` as far as it is there; returns what is missing."""
        account = account_id(MEMBER, asset, member)
        parts, missing = lots_.burn(list(self.lots.get(account, {}).values()), amount, at=now)
        for lot, part in parts:
            self._burn_lot((member, asset, MEMBER), lot, part, why, counter=counter, kind=kind)
        return missing

    def _burn_lot(
        self, account: tuple[UUID, str, str], lot: Lot, amount: int, why: Cause, *, counter: str, kind: str
    ) -> None:
        self._change_lot(lot, -amount)
        self._move(counter, account, -amount, kind=kind, why=why, lot=lot.id)

    def _change_lot(self, lot: Lot, change: int) -> None:
        held = self.lots.setdefault(lot.account, {})
        known = held.get(lot.id)
        if known is not None:
            held[lot.id] = known.with_remaining(known.remaining + change)
        elif change > 0:
            held[lot.id] = lot.with_remaining(change)  # there is at least so much in it
        _, before = self._lot_changes.get(lot.id, (lot, 0))
        self._lot_changes[lot.id] = (lot, before + change)

    def _move(
        self, counter: str, holder: tuple[UUID, str, str], change: int, *, kind: str, why: Cause, lot: UUID | None
    ) -> None:
        """Plan one transfer between a counter-account and a holder's; a debt grows by its debit side."""
        member, asset, role = holder
        theirs, ours = account_id(role, asset, member), account_id(counter, asset)
        if role == OWED:
            change = change if kind == "shortfall" else -change
        credits_holder = (change > 0) != (role == OWED)
        debit, credit = (ours, theirs) if credits_holder else (theirs, ours)
        self._transfer(debit, credit, asset, abs(change), kind=kind, why=why, lot=lot)
        self._change(holder, change)

    def _back_into(self, hold: Hold, lot: Lot, amount: int, why: Cause) -> None:
        self._change_lot(lot, amount)
        self._between_own(hold, HELD, MEMBER, amount, kind="unhold", why=why, lot=lot.id)

    def _between_own(
        self, of: Hold, out_of: str, into: str, amount: int, *, kind: str, why: Cause, lot: UUID | None = None
    ) -> None:
        """Plan one transfer between two accounts of the member's."""
        ours, theirs = account_id(out_of, of.asset, of.member), account_id(into, of.asset, of.member)
        self._transfer(ours, theirs, of.asset, amount, kind=kind, why=why, lot=lot)
        self._change((of.member, of.asset, out_of), -amount)
        self._change((of.member, of.asset, into), -amount if into == OWED else amount)

    def _leave_pending(
        self, part: PendingPoints, role: str, amount: int, *, kind: str, why: Cause, lot: UUID | None = None
    ) -> None:
        """Plan one transfer from the member's pending account to what they can spend or owe."""
        ours, theirs = account_id(PENDING, part.asset, part.member), account_id(role, part.asset, part.member)
        self._transfer(ours, theirs, part.asset, amount, kind=kind, why=why, lot=lot)
        self._change((part.member, part.asset, PENDING), -amount)
        self._change((part.member, part.asset, role), -amount if role == OWED else amount)

    def _transfer(
        self, debit: UUID, credit: UUID, asset: str, amount: int, *, kind: str, why: Cause, lot: UUID | None
    ) -> None:
        self.transfers.append(
            Transfer(self.new_id(), debit, credit, asset, amount, kind, why.cause, why.rule, lot, why.at)
        )

    def _change(self, holder: tuple[UUID, str, str], change: int) -> None:
        self.balances[holder] = self.balances.get(holder, 0) + change
        self._changes[holder] = self._changes.get(holder, 0) + change

    def _keep_pending(self, part: PendingPoints) -> None:
        self.pending[part.id] = self._pending_changes[part.id] = part

    def statements(self, schema: str, *, now: datetime) -> list[Statement]:
        """SQL that writes the plan in `schema`; empty when nothing moved."""
        if not self.transfers and not self._pending_changes and not self.told:
            return []
        planned = [writing.transfers(schema, self.transfers, now)] if self.transfers else []
        changes = [(account_id(role, asset, m), m, asset, role, n) for (m, asset, role), n in self._changes.items()]
        planned += writing.accounts(schema, changes, known={account_id(r, a, m) for m, a, r in self._known})
        planned += writing.lots(schema, self._lot_changes.values())
        planned += writing.pending(schema, self._pending_changes.values(), self._pending_known)
        planned += writing.holds(schema, self.placed, self.resolved, self.told)
        return planned
