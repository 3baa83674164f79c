"""A member's past lived again under a draft: what it would have given, taken, cost and left. No database.

The rules are those of `living.Life`; here stand only the assumptions (when members redeem) and what is counted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import lru_cache
from itertools import count
from typing import NamedTuple
from uuid import UUID, SafeUUID
from zoneinfo import ZoneInfo

import orjson

from ganbo.books.events import reading
from ganbo.books.events.bills import Bill, requests
from ganbo.books.events.queries import PastRow
from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger.posting import EXPIRED, ISSUED, MEMBER, OWED, PENDING, SPENT, account_id
from ganbo.engine.advice.costs import cost_of
from ganbo.engine.programme import Programme, Reward
from ganbo.features.programmes import in_force
from ganbo.features.programmes.in_force import Timeline
from ganbo.journeys import tiering
from ganbo.journeys.gathering import Standing
from ganbo.journeys.living import Life, Shared, key_of
from ganbo.kernel.refusal import Refusal

EVER = datetime(1970, 1, 1, tzinfo=UTC)
_WHO = UUID(int=0)  # who lives alone
_ALONE = ("id", str(_WHO))
_FLOWS = ((ISSUED, "issued", 1), (SPENT, "redeemed", -1), (EXPIRED, "expired", -1))


class Redeemed(NamedTuple):
    """A reward that was taken for points, as it was recorded."""

    at: datetime
    reward: str
    store: str = ""


class Undone(NamedTuple):
    """An event that was taken back, as it was recorded."""

    at: datetime
    event_id: str


Happening = EventRequest | Redeemed | Undone


@dataclass(frozen=True, slots=True)
class Member:
    """One member's past: bills of a file, or what was recorded; `redeems`: takes the cheapest open reward as soon as it is
    affordable, one at a visit.

    `joined`: when a file's member is supposed to sign up; None: their past tells it.
    """

    key: str
    happenings: Sequence[Happening]
    redeems: bool
    joined: datetime | None = None


@dataclass(slots=True)
class Ended:
    """What became of one member. Money in minor units; months `YYYY-MM` by the business's clocks."""

    tier: str | None = None
    events: int = 0
    sales: Counter[str] = field(default_factory=Counter)  # month → net of returns, before what offers take off
    off: Counter[str] = field(default_factory=Counter)  # month → what offers took off
    flows: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (month, wallet, issued|redeemed|expired)
    by_rule: Counter[str] = field(default_factory=Counter)  # rule → units and stamps it gave
    rewards: Counter[tuple[date, str, str]] = field(default_factory=Counter)  # (day, reward, line of the budget)
    unknown: Counter[str] = field(default_factory=Counter)  # rewards whose cost nobody states
    cost: Counter[str] = field(default_factory=Counter)  # month → cost of rewards
    lines: Counter[tuple[str, date]] = field(default_factory=Counter)  # (line of the budget, day) → cost
    left: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # wallet → available, pending, owed
    refused: Counter[str] = field(default_factory=Counter)  # code → events that the rules refused
    first_gift_days: int | None = None


def timeline_of(programme: Programme) -> Timeline:
    """The draft as if it had always been in force."""
    return in_force.alone(programme, since=EVER)


def live(timeline: Timeline, member: Member, *, until: datetime) -> Ended:
    """Live through a member's past and on to `until`, when expiry and reviews have done their work."""
    if not member.happenings:
        return _nobody(timeline)
    return Replay(timeline, member, shared=Shared()).all_until(until)


class Replay:
    """One member's past, step by step, so that many can be lived through in the order of time."""

    def __init__(self, timeline: Timeline, member: Member, *, shared: Shared, who: UUID = _WHO) -> None:
        programme = timeline.versions[0].programme
        past = member.happenings
        begins = member.joined or _at(past[0])
        standing = _standing(begins, who)
        returns = any(
            isinstance(one, Undone) or (isinstance(one, EventRequest) and one.type == "refund") for one in past
        )
        self._life = Life(timeline, [standing], at=begins, shared=shared, untold=not returns, new_id=_numbered())
        self._programme, self._member, self._begins = programme, member, begins
        self._wanted = _wanted(programme) if member.redeems else []
        self._bills, self._billed, self._key = 0, 0, key_of(standing)
        self.ended = Ended()
        self._joins = member.joined is not None

    def all_until(self, until: datetime) -> Ended:
        """All of it."""
        for one in self._member.happenings:
            self.step(one)
        return self.end(until)

    def step(self, one: Happening) -> None:
        """The next thing that happened; what the rules refuse is counted by its code."""
        if self._joins:
            self._joins = False
            self._tell(_signup(self._begins, self._life.standing.member_id))
        if isinstance(one, Redeemed):
            self._life.wait_until(one.at)
            self._buy(one.reward, one.store)
            return
        if isinstance(one, Undone):
            self._undo(one)
            return
        self._tell(one if one.member == self._key else one._replace(member=self._key))
        if self._wanted and one.type != "refund":
            any(self._affords(reward) and self._buy(reward.id, one.store or "") for reward in self._wanted)

    def end(self, until: datetime) -> Ended:
        """Time passes to `until`; then everything is counted."""
        self._life.wait_until(until)
        life, ended, zone = self._life, self.ended, self._programme.timezone
        member = life.standing.member_id
        counters = {
            account_id(role, w).int: (w, flow, sign) for w in self._programme.wallets for role, flow, sign in _FLOWS
        }
        for moved in life.posting.transfers:
            into, out_of = counters.get(moved.credit.int), counters.get(moved.debit.int)
            if moved.kind in ("earn", "pending") and moved.rule and (out_of or moved.asset.startswith("stamp:")):
                ended.by_rule[moved.rule] += moved.amount
            for found, sign in ((into, -1), (out_of, 1)):
                if found is not None:
                    wallet, flow, direction = found
                    ended.flows[_month(moved.at, zone), wallet, flow] += sign * direction * moved.amount
        for wallet in self._programme.wallets:
            held = [life.posting.balances.get((member, wallet, role), 0) for role in (MEMBER, PENDING, OWED)]
            ended.left[wallet] = (held[0], held[1], held[2])
        for voucher, state in life.vouchers.values():
            if state != "void" and voucher.source != "redemption":
                ended.by_rule[voucher.rule] += 1
                self._count(voucher.reward, voucher.at, voucher.budget, voucher.cost)
        ended.tier = life.standing.tier or self._programme.first_tier
        return ended

    # --- inside

    def _tell(self, request: EventRequest) -> None:
        ended, zone = self.ended, self._programme.timezone
        try:
            if request.type == "refund":
                self._life.wait_until(request.occurred_at)
                self._life.take_back(request.data, event_id=request.id, order_key=request.order_key)
            else:
                judged = self._life.tell(request)
        except Refusal as refusal:
            ended.refused[refusal.code] += 1
            return
        ended.events += 1
        month = _month(request.occurred_at, zone)
        if request.type == "purchase":
            off = sum(one["amount"] for one in judged.request.data.get("offers", ()))
            ended.sales[month] += (judged.net or 0) + off
            ended.off[month] += off
            self._bills, self._billed = self._bills + 1, self._billed + (judged.net or 0)
        elif request.type == "refund":
            ended.sales[month] -= request.data.get("amount", 0)

    def _undo(self, one: Undone) -> None:
        self._life.wait_until(one.at)
        try:
            self._life.undo(one.event_id)
        except Refusal as refusal:
            self.ended.refused[refusal.code] += 1
            return
        sold = next(sold for sold in self._life.sold if sold.judged.request.id == one.event_id)
        month = _month(sold.judged.request.occurred_at, self._programme.timezone)
        self.ended.sales[month] -= sold.judged.net or 0

    def _affords(self, reward: Reward) -> bool:
        assert reward.price is not None
        standing = self._life.standing
        there = self._life.posting.available(standing.member_id, reward.price[0])
        return there >= max(reward.price_for(standing.tier or self._programme.first_tier), 1)

    def _buy(self, reward: str, store: str) -> bool:
        try:
            issued = self._life.buy(reward, store=store)
        except Refusal as refusal:
            if not self._wanted:
                self.ended.refused[refusal.code] += 1
            return False
        self._count(reward, self._life.now, issued.budget, issued.cost)
        return True

    def _count(self, reward: str, at: datetime, line: str, cost: int) -> None:
        """A reward that was given, and what it costs: as stated, else what it is worth on the member's mean bill."""
        ended, day = self.ended, tiering.local_day(at, self._programme)
        gift = self._programme.rewards[reward]
        ended.rewards[day, reward, line] += 1
        whole = cost_of(gift, self._programme, self._billed // max(self._bills, 1))
        if whole is None:
            ended.unknown[reward] += 1
        ended.cost[_named(day.year, day.month)] += round((whole or Fraction(0)) * gift.uses) - gift.plus
        if line:
            ended.lines[line, day] += cost
        days = (day - tiering.local_day(self._begins, self._programme)).days
        ended.first_gift_days = days if ended.first_gift_days is None else min(ended.first_gift_days, days)


def of_bills(key: str, bills: Iterable[Bill], *, currency: str, redeems: bool, signs_up: bool) -> Member:
    """A file's member, who joins with the first bill."""
    happened = [request for bill in bills for request in requests(bill, _ALONE, currency)]
    happened.sort(key=lambda request: request.occurred_at)
    joined = happened[0].occurred_at if happened and signs_up else None
    return Member(key, happened, redeems, joined)


def of_row(row: PastRow) -> EventRequest:
    """An event that was recorded, asked anew. What proved a spend or paid it by a code is not known any more."""
    data = orjson.loads(row.body)
    return EventRequest(
        id=row.event_id,
        type=row.type,
        occurred_at=row.occurred_at,
        member=("id", str(row.member_id)),
        store=row.store,
        channel=row.channel,
        staff=row.staff,
        data=data,
        body_hash=b"",
        order_key=reading.order_key(row.store, row.type, data),
    )


def needs_order(programme: Programme) -> bool:
    """Whether members take of something they share, so that they must be lived through together, in the order of time.

    Lines of the budget with a hard stop, limited stock, limits of a shop or of all.
    """
    limited = [limit for rule in programme.rules for limit in rule.limits]
    limited += [limit for reward in programme.rewards.values() for limit in reward.limits]
    return (
        (programme.budget is not None and bool(programme.budget.hard))
        or any(reward.stock is not None for reward in programme.rewards.values())
        or any(limit.scope not in ("member", "code") for limit in limited)
    )


def _numbered() -> Callable[[], UUID]:
    """Ids from 1 on; `UUID(int=n)` costs four times as much, and a sale needs several."""
    ids, made, put, safety = count(1), object.__new__, object.__setattr__, SafeUUID.unknown

    def new_id() -> UUID:
        found: UUID = made(UUID)
        put(found, "int", next(ids))
        put(found, "is_safe", safety)
        return found

    return new_id


def _at(one: Happening) -> datetime:
    return one.occurred_at if isinstance(one, EventRequest) else one.at


def _wanted(programme: Programme) -> list[Reward]:
    """Rewards that have a price, the cheapest first."""
    priced = [reward for reward in programme.rewards.values() if reward.price is not None]
    return sorted(priced, key=lambda reward: reward.price[1] if reward.price else 0)


def _month(at: datetime, zone: ZoneInfo) -> str:
    local = at if at.tzinfo is zone else at.astimezone(zone)
    return _named(local.year, local.month)


@lru_cache(maxsize=4096)
def _named(year: int, month: int) -> str:
    return f"{year}-{month:02d}"


def _standing(at: datetime, who: UUID) -> Standing:
    return Standing(
        member_id=who,
        locale="",
        address_form="",
        created_at=at,
        tier=None,
        purchases=0,
        spend=0,
        visits=0,
        last_purchase_at=None,
        last_visit_on=None,
        carried={},
        state={},
    )


def _signup(at: datetime, member: UUID) -> EventRequest:
    return EventRequest(
        id="signup",
        type="signup",
        occurred_at=at,
        member=("id", str(member)),
        store=None,
        channel=None,
        staff=None,
        data={},
        body_hash=b"",
        order_key=None,
    )


def live_together(timeline: Timeline, members: Iterable[Member], *, until: datetime) -> list[Ended]:
    """All members' pasts in the order of time, of one budget, one stock and common limits; then each on to `until`."""
    shared = Shared()
    everybody = list(members)
    lives = [
        Replay(timeline, one, shared=shared, who=UUID(int=n)) if one.happenings else None
        for n, one in enumerate(everybody, 1)
    ]  # each with an id: limits of members are counted by it
    happened = [(_at(one), n, place) for n, past in enumerate(everybody) for place, one in enumerate(past.happenings)]
    for _, n, place in sorted(happened):
        life = lives[n]
        if life is not None:
            life.step(everybody[n].happenings[place])
    return [life.end(until) if life else _nobody(timeline) for life in lives]


def _nobody(timeline: Timeline) -> Ended:
    """A member to whom nothing happened."""
    return Ended(tier=timeline.versions[0].programme.first_tier)
