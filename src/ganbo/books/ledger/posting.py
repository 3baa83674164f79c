"""The one place that writes the books: transfers, balances and lots, planned in memory, then written in a few statements.

A `Posting` starts from balances (and, for spending, lots) read under the members' locks, carries them through a batch,
and ends as statements with arrays: their number does not depend on how much happened.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from ganbo.books.ledger import lots as lots_
from ganbo.books.ledger import pending_points
from ganbo.books.ledger.lots import NEVER, Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.foundation.pipelines import Statement, array, text_array, texts, uuid_array
from ganbo.kernel.refusal import Refusal

MEMBER, OWED, STAMPS, PENDING = "member", "owed", "stamps", "pending"
ISSUED, SPENT, EXPIRED = "issued", "spent", "expired"
COUNTER_ROLES = (ISSUED, SPENT, EXPIRED)
EARNINGS = ("earn", "owed")  # kinds of transfers by which a member gains, at once or from the pending account


class Insufficient(Refusal):
    """The balance does not suffice; earn more or choose something smaller."""

    code = "ledger.insufficient"


class Transfer(NamedTuple):
    """One debit, one credit, amount ≥ 1; `lot` is the member's lot it adds to or burns."""

    id: UUID
    debit: UUID
    credit: UUID
    asset: str
    amount: int
    kind: str
    cause: str
    rule: str
    lot: UUID | None
    at: datetime


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

    def spend(self, member: UUID, asset: str, amount: int, why: Cause, *, now: datetime) -> None:
        """Burn `amount`, lot by lot, the first to expire first. Raises Insufficient; then nothing is planned."""
        self._burn(member, asset, amount, why, counter=SPENT, kind="spend", now=now, all_or_nothing=True)

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
            left = self._burn(member, asset, left, why, counter=ISSUED, kind="reverse", now=now, all_or_nothing=False)
        if left:
            self.owe_again(member, asset, left, why)
        return left

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

    def redate_pending(self, part: PendingPoints, *, expires_at: datetime) -> None:
        """Points that still wait will be in the lot of another end."""
        if expires_at != part.expires_at:
            self._keep_pending(replace(part, expires_at=expires_at))

    def _burn(
        self,
        member: UUID,
        asset: str,
        amount: int,
        why: Cause,
        *,
        counter: str,
        kind: str,
        now: datetime,
        all_or_nothing: bool,
    ) -> int:
        account = account_id(MEMBER, asset, member)
        parts, missing = lots_.burn(list(self.lots.get(account, {}).values()), amount, at=now)
        if missing and all_or_nothing:
            raise Insufficient(needed=amount, available=amount - missing, asset=asset)
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
            held[lot.id] = replace(known, remaining=known.remaining + change)
        elif change > 0:
            held[lot.id] = replace(lot, remaining=change)  # there is at least so much in it
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
        if not self.transfers and not self._pending_changes:
            return []
        planned = [_insert_transfers(schema, self.transfers, now)]
        planned += _write_accounts(schema, self._changes, self._known)
        planned += _write_lots(schema, self._lot_changes.values())
        planned += _write_pending(schema, self._pending_changes.values(), self._pending_known)
        return planned


def _insert_transfers(schema: str, transfers: list[Transfer], now: datetime) -> Statement:
    sql = (
        f'INSERT INTO "{schema}".ledger_transfer'
        " (id, debit_id, credit_id, asset, amount, kind, cause, rule, lot_id, at, recorded_at)"
        " SELECT t.*, $11::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[],"
        " $6::text[], $7::text[], $8::text[], $9::uuid[], $10::timestamptz[]) t"
    )
    return sql, (
        uuid_array([t.id for t in transfers]),
        uuid_array([t.debit for t in transfers]),
        uuid_array([t.credit for t in transfers]),
        texts([t.asset for t in transfers]),
        array([t.amount for t in transfers]),
        array([t.kind for t in transfers]),
        texts([t.cause for t in transfers]),
        texts([t.rule for t in transfers]),
        uuid_array([t.lot for t in transfers]),
        text_array([t.at.isoformat() for t in transfers]),
        now.isoformat(),
    )


def _write_accounts(
    schema: str, changes: Mapping[tuple[UUID, str, str], int], known: frozenset[tuple[UUID, str, str]]
) -> list[Statement]:
    fresh = [(key, change) for key, change in changes.items() if key not in known]
    moved = [(key, change) for key, change in changes.items() if key in known and change]
    planned: list[Statement] = []
    if fresh:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_account (id, asset, role, holder_id, balance)'
                " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[])",
                (
                    uuid_array([account_id(role, asset, holder) for (holder, asset, role), _ in fresh]),
                    text_array([asset for (_, asset, _), _ in fresh]),
                    array([role for (_, _, role), _ in fresh]),
                    uuid_array([holder for (holder, _, _), _ in fresh]),
                    array([change for _, change in fresh]),
                ),
            )
        )
    if moved:
        planned.append(
            (
                f'UPDATE "{schema}".ledger_account a SET balance = a.balance + d.change'
                " FROM unnest($1::uuid[], $2::bigint[]) d(id, change) WHERE a.id = d.id",
                (
                    uuid_array([account_id(role, asset, holder) for (holder, asset, role), _ in moved]),
                    array([change for _, change in moved]),
                ),
            )
        )
    return planned


def _write_pending(schema: str, parts: Iterable[PendingPoints], known: frozenset[UUID]) -> list[Statement]:
    parts = list(parts)
    fresh, moved = [p for p in parts if p.id not in known], [p for p in parts if p.id in known]
    planned: list[Statement] = []
    if fresh:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_pending ({pending_points.COLUMNS}) SELECT * FROM unnest($1::uuid[],'
                " $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::text[],"
                " $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::date[], $14::timestamptz[])",
                (
                    uuid_array([p.id for p in fresh]),
                    uuid_array([p.member for p in fresh]),
                    text_array([p.asset for p in fresh]),
                    array([p.amount for p in fresh]),
                    array([p.remaining for p in fresh]),
                    array([p.cancelled for p in fresh]),
                    text_array([p.usable_at.isoformat() for p in fresh]),
                    text_array([p.awaits for p in fresh]),
                    text_array([p.order_id for p in fresh]),
                    text_array([p.cause for p in fresh]),
                    text_array([p.rule for p in fresh]),
                    text_array([p.expires_at.isoformat() for p in fresh]),
                    array([p.earned_month for p in fresh]),
                    text_array([p.earned_at.isoformat() for p in fresh]),
                ),
            )
        )
    if moved:
        planned.append(
            (
                f'UPDATE "{schema}".ledger_pending p SET remaining = d.remaining, cancelled = d.cancelled,'
                " expires_at = d.expires_at FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::timestamptz[])"
                " d(id, remaining, cancelled, expires_at) WHERE p.id = d.id",
                (
                    uuid_array([p.id for p in moved]),
                    array([p.remaining for p in moved]),
                    array([p.cancelled for p in moved]),
                    text_array([p.expires_at.isoformat() for p in moved]),
                ),
            )
        )
    return planned


def _write_lots(schema: str, changes: Iterable[tuple[Lot, int]]) -> list[Statement]:
    changes = list(changes)
    added = [
        (lot, change) for lot, change in changes if change >= 0
    ]  # a lot that was emptied at once stands there, too
    burnt = [(lot, change) for lot, change in changes if change < 0]
    planned: list[Statement] = []
    if added:
        planned.append(
            (
                f'INSERT INTO "{schema}".ledger_lot AS l (id, account_id, expires_at, earned_month, remaining)'
                " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::date[], $5::bigint[])"
                " ON CONFLICT (id) DO UPDATE SET remaining = l.remaining + excluded.remaining",
                (
                    uuid_array([lot.id for lot, _ in added]),
                    uuid_array([lot.account for lot, _ in added]),
                    text_array([lot.expires_at.isoformat() for lot, _ in added]),
                    array([lot.earned_month for lot, _ in added]),
                    array([change for _, change in added]),
                ),
            )
        )
    if burnt:
        planned.append(
            (
                f'UPDATE "{schema}".ledger_lot l SET remaining = l.remaining + d.change'
                " FROM unnest($1::uuid[], $2::bigint[]) d(id, change) WHERE l.id = d.id",
                (uuid_array([lot.id for lot, _ in burnt]), array([change for _, change in burnt])),
            )
        )
    return planned
