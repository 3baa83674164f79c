"""What a return takes back of a sale, and what an undone return gives back. No database: books in memory, plans out.

The state of a sale's effects is a function of the set of its returns (engine/refunds.py); each step posts the difference
between two sets. What was taken in fact is kept per sale, so that an undone return never gives more than was taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson

from ganbo.books.ledger import lots as lots_
from ganbo.books.ledger.lots import NEVER, Lot
from ganbo.books.ledger.pending_points import PendingPoints
from ganbo.books.ledger.posting import MEMBER, Cause, Posting, account_id, stamp_asset
from ganbo.engine import aiming as aims
from ganbo.engine import basket, pots, refunds
from ganbo.engine.basket import MILLI, Order
from ganbo.engine.paying import Payment
from ganbo.engine.programme import Programme, StampCard, Wallet
from ganbo.engine.refunds import WHOLE, Earned, Left, Return
from ganbo.journeys import aiming, card_paying, tiering
from ganbo.journeys.card_paying import Burnt
from ganbo.journeys.gathering import Standing, UsageKey

State = dict[str, Any]  # what was taken of a sale in fact: taken: "wallet|rule" → n, voided: card → voucher ids
OF_RULES = ""  # in `voided`: vouchers given by the sale's rules; else the card's id


@dataclass(frozen=True, slots=True)
class Given:
    """What a rule gave of a wallet, and which lot it went to."""

    earned: Earned
    expires_at: datetime | None


_NO_MONEY = frozenset(["points", "card_money", "gift_card", "voucher"])


@dataclass(frozen=True, slots=True)
class Sale:
    """A recorded event as returns need it; `order` is None for what is no purchase: it can only be undone whole."""

    event_id: str
    occurred_at: datetime
    order: Order | None
    programme: Programme
    given: tuple[Given, ...]
    stamps: Mapping[str, int]
    consumed: tuple[tuple[UsageKey, tuple[int, int, int]], ...]
    carried: Mapping[str, int]  # rule → how much its remainder grew by this event
    visited: bool
    counted: Mapping[str, Any] | None = None  # what it added to the progress of levels
    in_money: int = 0  # what of its net was paid with money
    burnt: tuple[Burnt, ...] = ()  # what the member's card paid
    topped_up: int = 0  # the money of a top-up
    by_gift: int = 0  # what gift cards paid
    paid: Payment | None = None  # what points gave
    holds: tuple[str, ...] = ()  # what of it was captured before the sale came
    store: str | None = None
    counting: Programme | None = (
        None  # whose rules it was counted by, and keep the counters; None: those that judged it
    )

    def to_pay(self, before: int, after: int) -> int:
        """The money the customer gets when returns went from `before` to `after` minor units of the net."""
        return min(after, self.in_money) - min(before, self.in_money)

    def to_card(self, taken: "_Taken") -> int:
        """What is back on the card: all when the sale was undone, else what of the net money had not paid."""
        paid = sum(one.amount for one in self.burnt)
        return paid if taken.undone else min(max(taken.money - self.in_money, 0), paid)

    def day(self) -> str:
        """The local day it happened on."""
        return self.occurred_at.astimezone(self.programme.timezone).date().isoformat()


@dataclass(frozen=True, slots=True)
class Returns:
    """The returns of a sale that count; `undone`: the sale itself was undone."""

    each: tuple[Return, ...] = ()
    undone: bool = False

    def left(self, order: Order | None) -> Left | None:
        """What they leave; None when nothing counts or there is no order to count on."""
        if order is None:
            return None
        return refunds.left(order, (*self.each, WHOLE) if self.undone else self.each)

    def plus(self, one: Return) -> "Returns":
        return replace(self, each=(*self.each, one))


@dataclass(slots=True)
class Held:
    """A voucher of the member that a return may void, or give life again."""

    id: UUID
    reward: str
    card: str  # the stamp card that gave it; empty: a rule
    of_sale: bool  # given by this very sale
    state: str  # issued, void
    usable: bool  # not used, not ended
    expires_at: datetime | None = None
    aim: str = ""  # the milestone or challenge that gave it, as the books name it


@dataclass
class Books:
    """What settling changes: the posting, the standing, limit counters and vouchers (the earliest given first)."""

    posting: Posting
    standing: Standing
    now: datetime
    vouchers: list[Held] = field(default_factory=list)
    state: State = field(default_factory=dict)  # of the sale, so far
    used: dict[UsageKey, tuple[int, int, int]] = field(default_factory=dict)
    changed: dict[UUID, str] = field(default_factory=dict)  # voucher → its new state


@dataclass(frozen=True, slots=True)
class Settled:
    """What one step did: rows as the contract shows effects (amounts below zero were taken), and the money it is about."""

    rows: tuple[dict[str, Any], ...]
    refunded: int
    nothing_left: bool
    in_money: int = 0  # what of `refunded` the customer gets in money: money first, what cards and points paid last
    topup: bool = False  # it is about money paid onto a card


def sale_of(
    event_id: str,
    type: str,
    *,
    occurred_at: datetime,
    body: Mapping[str, Any],
    answer: str,
    trace: str,
    programme: Programme,
    counting: Programme | None = None,
    store: str | None = None,
) -> Sale:
    """A sale from what was stored of it."""
    answered, stored = orjson.loads(answer), orjson.loads(trace)
    effects = answered.get("effects", [])
    order = basket.order_of(body, programme.currency) if type == "purchase" else None
    return Sale(
        event_id=event_id,
        occurred_at=occurred_at,
        order=order,
        programme=programme,
        given=tuple(_given(row) for row in effects if _own(row, programme)),
        stamps={row["card"]: row["added"] for row in effects if row["kind"] == "stamp"},
        consumed=tuple(
            ((s, r, p), (count, points, money)) for s, r, p, count, points, money in stored.get("consumed", [])
        ),
        carried=_carried(stored),
        visited=bool(stored.get("visited")),
        counted=stored.get("counted"),
        counting=counting,
        in_money=_in_money(order, body, effects) if order else 0,
        burnt=tuple(Burnt.of_json(row) for row in stored.get("burnt", [])),
        topped_up=body["amount"] if type == pots.TYPE else 0,
        by_gift=sum(row.get("amount", 0) for row in effects if row["kind"] == "voucher_used"),
        paid=next((_paid(row) for row in effects if row["kind"] == "paid"), None),
        holds=tuple(stored.get("holds", [])),
        store=store,
    )


def _own(row: Mapping[str, Any], programme: Programme) -> bool:
    """Whether an effect gave units by a rule of the sale: gifts of milestones and challenges go by the member's totals."""
    return row["kind"] == "wallet" and row["wallet"] in programme.wallets and not aims.is_aim(row["rule"])


def _paid(row: Mapping[str, Any]) -> Payment:
    return Payment(row["wallet"], row["amount"], row["money"], row["state"] == "discount")


def _in_money(order: Order, body: Mapping[str, Any], effects: Sequence[Mapping[str, Any]]) -> int:
    """The net without what points, cards and vouchers paid."""
    if body.get("paid") is not None:
        other: int = sum(part["amount"] for part in body["paid"] if part["with"] in _NO_MONEY)
    else:
        other = sum(row["amount"] for row in effects if row["kind"] == "voucher_used")
    return max(order.net - other, 0)


def _given(row: Mapping[str, Any]) -> Given:
    shown = row["expires_at"]  # one second before the first unusable instant
    expires = datetime.fromisoformat(shown) + timedelta(seconds=1) if shown else None
    return Given(Earned(row["wallet"], row["rule"], row["amount"]), expires)


def _carried(stored: Mapping[str, Any]) -> dict[str, int]:
    found = {}
    for entry in stored.get("trace", {}).get("rules", []):
        if "left" in entry and entry["rule"] in stored.get("carried", {}):
            scale = MILLI if entry.get("of") == "quantity" else 1
            found[entry["rule"]] = int((Fraction(str(entry["left"])) - Fraction(str(entry["carried"]))) * scale)
    return found


def settle(books: Books, sale: Sale, before: Returns, after: Returns, why: Cause) -> Settled:
    """Post the difference between two sets of returns of a sale that belongs to the member."""
    was, is_ = _Taken(sale, before), _Taken(sale, after)
    rows: list[dict[str, Any]] = []
    for given in sale.given:
        more = is_.points(given.earned) - was.points(given.earned)
        if more:
            rows += _points(books, sale, given, more, why._replace(rule=given.earned.rule))
    for card, added in sale.stamps.items():
        more = is_.stamps(card, added) - was.stamps(card, added)
        if more and card in sale.programme.by_card:
            rows += _stamps(books, sale, sale.programme.by_card[card], more, why)
    rows += _card(books, sale, sale.to_card(is_) - sale.to_card(was), why)
    if was.nothing != is_.nothing:
        rows += _rule_vouchers(books, void=is_.nothing)
    _count(books.standing, sale, was, is_)
    _give_limits_back(books, sale, was, is_)
    rows += _progress(books.standing, sale, was, is_)
    rows += _aims(books, sale, was, is_, why)
    if sale.topped_up:
        handed = sale.topped_up * (is_.nothing - was.nothing)
        return Settled(tuple(rows), handed, is_.nothing, handed, topup=True)
    return Settled(tuple(rows), is_.money - was.money, is_.nothing, sale.to_pay(was.money, is_.money))


def _card(books: Books, sale: Sale, more: int, why: Cause) -> list[dict[str, Any]]:
    """What goes back onto the card, or is paid from it again."""
    if not more:
        return []
    returned: dict[str, int] = books.state.setdefault("card", {})
    return card_paying.back(
        books.posting,
        books.standing.member_id,
        sale.burnt,
        returned=returned,
        amount=more,
        wallets=sale.programme.wallets,
        why=why._replace(rule=card_paying.RULE),
        now=books.now,
    )


def _aims(books: Books, sale: Sale, was: "_Taken", is_: "_Taken", why: Cause) -> list[dict[str, Any]]:
    """Milestones and challenges: what came back is counted no more, and gifts stand as the totals then say."""

    def turn(rule: str, into: str) -> dict[str, Any] | None:
        state = "issued" if into == "void" else "void"
        found = [v for v in books.vouchers if v.aim == rule and v.state == state and (v.usable or into == "issued")]
        return _turn(books, found[-1], into, rule) if found else None

    points = aims.points_of(
        sale.programme, [(g.earned.wallet, is_.points(g.earned) - was.points(g.earned)) for g in sale.given]
    )
    aiming.uncount(books.standing, sale, was.left, is_.left, points=points)
    return aiming.returned(books.posting, books.standing, sale.programme, why, now=books.now, turn=turn)


class _Taken:
    """How much of a sale a set of returns takes back: never more than it gave."""

    def __init__(self, sale: Sale, returns: Returns) -> None:
        self.sale, self.left, self.undone = sale, returns.left(sale.order), returns.undone
        self.nothing = returns.undone if self.left is None else self.left.nothing
        self.money = self.left.refunded if self.left else 0

    def points(self, earned: Earned) -> int:
        if self.left is None:
            return earned.amount if self.nothing else 0
        return earned.amount - refunds.kept(earned, self.sale.programme, self.sale.order, self.left)

    def stamps(self, card: str, added: int) -> int:
        found = self.sale.programme.by_card.get(card)
        if self.left is None or found is None:
            return added if self.nothing else 0
        return added - refunds.stamps_kept(found, added, self.sale.order, self.left)


def _points(books: Books, sale: Sale, given: Given, more: int, why: Cause) -> list[dict[str, Any]]:
    earned, member = given.earned, books.standing.member_id
    wallet = sale.programme.wallets[earned.wallet]
    taken: dict[str, int] = books.state.setdefault("taken", {})
    key = f"{earned.wallet}|{earned.rule}"
    waited: dict[str, int] = books.state.setdefault("waited", {})
    ended: dict[str, int] = books.state.setdefault("ended", {})
    lot = _lot(member, wallet, given, sale)
    if more > 0:
        still = _take_pending(books, sale, earned, more, why)
        waited[key] = waited.get(key, 0) + still
        gone = _take_ended(books, wallet, more - still, why, lot)
        ended[key] = ended.get(key, 0) + gone
        done = still + gone + _take(books, wallet, more - still - gone, why, lot)
    else:
        done = -min(-more, taken.get(key, 0))
        again = _wait_again(books, sale, earned, min(-done, waited.get(key, 0)))
        waited[key] = waited.get(key, 0) - again
        gone = min(-done - again, ended.get(key, 0))
        ended[key] = ended.get(key, 0) - gone
        books.posting.end_again(member, wallet.id, gone, why, lot=lot)
        if -done - again - gone:
            books.posting.restore(member, wallet.id, -done - again - gone, why, lot=lot)
    if not done:
        return []
    taken[key] = taken.get(key, 0) + done
    row = {"kind": "wallet", "wallet": wallet.id, "amount": -done, "rule": earned.rule, "expires_at": None}
    return [row | {"state": "taken_back" if done > 0 else "given_back"}]


def _parts(books: Books, sale: Sale, earned: Earned) -> list[PendingPoints]:
    """What the sale's rule gave that waited or waits."""
    wanted = (sale.event_id, earned.rule, earned.wallet)
    return [part for part in books.posting.pending.values() if (part.cause, part.rule, part.asset) == wanted]


def _take_pending(books: Books, sale: Sale, earned: Earned, amount: int, why: Cause) -> int:
    """Take back what still waits, unless the wallet keeps everything; returns how much that was."""
    if sale.programme.wallets[earned.wallet].on_refund == "keep":
        return 0
    left = amount
    for part in _parts(books, sale, earned):
        left -= books.posting.take_back_pending(part, left, why)
    return amount - left


def _wait_again(books: Books, sale: Sale, earned: Earned, amount: int) -> int:
    """What had been taken while it waited waits again, while its time has not come; returns how much that is."""
    part = next((p for p in _parts(books, sale, earned) if p.usable_at > books.now), None)
    if part is None or not amount:
        return 0
    again = replace(part, id=books.posting.new_id(), amount=amount, remaining=amount, cancelled=0)
    books.posting.earn_pending(again)
    return amount


def _take_ended(books: Books, wallet: Wallet, amount: int, why: Cause, lot: Lot) -> int:
    """What ended unused in the sale's own lot is gone already: it counts as taken, no other points pay for it."""
    if not amount or wallet.on_refund in ("keep", "only_pending"):
        return 0
    return books.posting.take_back_ended(books.standing.member_id, wallet.id, amount, why, lot=lot)


def _take(books: Books, wallet: Wallet, amount: int, why: Cause, lot: Lot) -> int:
    """Take back what is usable already under the wallet's policy; returns how much that was."""
    if not amount or wallet.on_refund in ("keep", "only_pending"):
        return 0
    books.posting.take_back(books.standing.member_id, wallet.id, amount, why, lot=lot.id, now=books.now)
    return amount


def _lot(member: UUID, wallet: Wallet, given: Given, sale: Sale) -> Lot:
    """The lot that the sale's points went to."""
    account, month = account_id(MEMBER, wallet.id, member), wallet.earned_month(sale.occurred_at)
    expires = given.expires_at or NEVER
    return Lot(lots_.lot_id(account, expires, month), account, expires, month, 0)


def _stamps(books: Books, sale: Sale, card: StampCard, more: int, why: Cause) -> list[dict[str, Any]]:
    """Stamps go back from the card; when too few are on it, its latest unused voucher goes first and its stamps come back."""
    posting, member = books.posting, books.standing.member_id
    why = why._replace(rule=f"card:{card.id}")
    again = card.head_start if card.repeat and card.head_start_on == "every" else 0
    kept = books.standing.state.setdefault("stamps", {}).setdefault(card.id, {"filled": 0})
    voided: list[str] = books.state.setdefault("voided", {}).setdefault(card.id, [])
    rows, turned = [], 0
    if more > 0:
        while posting.stamps(member, card.id) < more and (voucher := _latest(books, card.id)) is not None:
            posting.unfill(member, card.id, card.size - again, why)
            rows.append(_turn(books, voucher, "void", f"card:{card.id}"))
            voided.append(str(voucher.id))
            turned -= 1
        posting.take_stamps(member, card.id, more, why)
    else:
        posting.stamp(member, card.id, -more, why)
        while posting.stamps(member, card.id) >= card.size and voided:
            posting.fill(member, card.id, card.size - again, why)
            rows.append(_turn(books, _by_id(books, voided.pop()), "issued", f"card:{card.id}"))
            turned += 1
    kept["filled"] = max(kept["filled"] + turned, 0)
    if kept.get("day") == sale.day():
        kept["today"] = max(kept.get("today", 0) - more, 0)
    books.standing.touched = True
    count = posting.stamps(member, card.id)
    row = {"kind": "stamp", "card": card.id, "added": -more, "count": count, "of": card.size, "filled": turned}
    owed = posting.owed(member, stamp_asset(card.id))
    return [row | ({"owed": owed} if owed else {}), *rows]


def _latest(books: Books, card: str) -> Held | None:
    """The card's latest voucher that is issued, unused and has not ended."""
    usable = [v for v in books.vouchers if v.card == card and v.state == "issued" and v.usable]
    return usable[-1] if usable else None


def _by_id(books: Books, voucher: str) -> Held:
    return next(v for v in books.vouchers if str(v.id) == voucher)


def _turn(books: Books, voucher: Held, into: str, rule: str) -> dict[str, Any]:
    voucher.state = books.changed[voucher.id] = into
    return {
        "kind": "voucher",
        "reward": voucher.reward,
        "rule": rule,
        "voucher_id": str(voucher.id),
        "state": into,
        "expires_at": voucher.expires_at.isoformat() if voucher.expires_at else None,
    }


def _rule_vouchers(books: Books, *, void: bool) -> list[dict[str, Any]]:
    """Vouchers the sale's rules gave: unused ones are void when nothing is left of it, and live again when it is not so."""
    voided: list[str] = books.state.setdefault("voided", {}).setdefault(OF_RULES, [])
    if void:
        gone = [
            v for v in books.vouchers if v.of_sale and not v.card and not v.aim and v.state == "issued" and v.usable
        ]
        voided += [str(v.id) for v in gone]
        return [_turn(books, v, "void", "") for v in gone]
    back = [_by_id(books, voucher) for voucher in voided]
    voided.clear()
    return [_turn(books, v, "issued", "") for v in back]


def _count(standing: Standing, sale: Sale, was: _Taken, is_: _Taken) -> None:
    """Counters go back: spend by the money returned, purchases, visits and carried remainders when nothing is left."""
    if sale.order is not None:
        standing.spend = max(standing.spend - (is_.money - was.money), 0)
    more = int(is_.nothing) - int(was.nothing)
    if more:
        if sale.order is not None:
            standing.purchases = max(standing.purchases - more, 0)
        if sale.visited:
            standing.visits = max(standing.visits - more, 0)
        for rule, grown in sale.carried.items():
            carried = standing.carried.get(rule, 0) - more * grown
            standing.carried[rule] = carried
            if not carried:
                del standing.carried[rule]
    standing.touched = True


def _progress(standing: Standing, sale: Sale, was: _Taken, is_: _Taken) -> list[dict[str, Any]]:
    """Progress towards levels goes back by the money returned, and a level that this sale alone had brought."""
    of = sale.order.net if sale.order else 0
    before, after = ((of - taken.money) if of else int(not taken.nothing) for taken in (was, is_))
    programme = sale.counting or sale.programme
    row = tiering.returned(standing, sale.event_id, sale.counted, programme, before=before, after=after, of=of or 1)
    return [tiering.effect_row(row)] if row else []


def _give_limits_back(books: Books, sale: Sale, was: _Taken, is_: _Taken) -> None:
    """Limits get back the points taken and the money returned; the count only when nothing is left."""
    for key, consumed in sale.consumed:
        change = tuple(
            a - b for a, b in zip(_of_limit(sale, key, consumed, is_), _of_limit(sale, key, consumed, was), strict=True)
        )
        if any(change):
            count, points, money = books.used.get(key, (0, 0, 0))
            books.used[key] = (count - change[0], points - change[1], money - change[2])


def _of_limit(sale: Sale, key: UsageKey, consumed: tuple[int, int, int], taken: _Taken) -> tuple[int, int, int]:
    _, points, money = consumed
    if taken.nothing:
        return consumed
    back = sum(taken.points(g.earned) for g in sale.given if _counts_on(sale, g.earned.rule, key))
    net = sale.order.net if sale.order else 0
    return 0, min(back, points), money * taken.money // net if net else 0


def _counts_on(sale: Sale, rule: str, key: UsageKey) -> bool:
    """Whether what a rule gave was counted on a limit's counter."""
    if key[1] != "*":
        return rule == key[1]
    found = sale.programme.by_rule.get(rule)
    return found is not None and any(limit.scope == key[0] for limit in found.limits)


def returns_in(rows: Sequence[Mapping[str, Any]]) -> tuple[Return, ...]:
    """The returns in the stored `data` of refund events."""
    return tuple(refunds.read(row) for row in rows)
