"""Members' lives in memory: judged, settled, redeemed and passed by night as on the books, without a database.

Nothing of the rules is here: events go through `judging.Batch`, returns through `settling`, redemptions through
`redeem_reward`, the night through `inactivity` and `evaluate_tiers`. This module keeps what the database would keep.
Stories (`story_world`) and back-tests (`replaying`) live by it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ganbo.books.events.reading import EventRequest, Shown
from ganbo.books.ledger.posting import MEMBER, Cause, Posting, account_id
from ganbo.engine import refunds, tier_nights
from ganbo.engine.facts import Used
from ganbo.engine.programme import Programme
from ganbo.features.programmes.in_force import Timeline
from ganbo.features.rewards.pools import Free
from ganbo.foundation import chance
from ganbo.journeys import (
    budgeting,
    evaluate_tiers,
    inactivity,
    judging,
    pricing,
    proving,
    redeem_reward,
    redemption_writing,
    refunding,
    returned_points,
    tiering,
)
from ganbo.journeys.gathering import MemberKey, Snapshot, Standing, UsageKey
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.judging import Batch, Judged
from ganbo.journeys.redemption_writing import Ask, Issued
from ganbo.journeys.settling import Books, Held, Returns, Sale, State, sale_of, settle
from ganbo.kernel.period import midnight, plus_months
from ganbo.kernel.refusal import Refusal

AIMS = ("milestone", "challenge")
_DAY = timedelta(days=1)


class NothingBought(Refusal):
    """A return needs a purchase before it."""

    code = "programme.story_nothing_bought"


@dataclass
class Shared:
    """What lives share: budget lines with a hard stop, stock taken, and limits that are not a member's own."""

    left: dict[str, int] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    used: dict[UsageKey, Used] = field(default_factory=dict)


@dataclass
class Sold:
    """An event as it was judged, and what was returned of it."""

    judged: Judged
    state: State = field(default_factory=dict)
    returns: Returns = field(default_factory=Returns)

    def sale(self, programme: Programme) -> Sale:
        """The event as returns need it."""
        request = self.judged.request
        return sale_of(
            request.id,
            request.type,
            occurred_at=request.occurred_at,
            body=request.data,
            answer=self.judged.answer,
            trace=self.judged.trace,
            programme=programme,
            store=request.store,
        )


class Life:
    """One member, or people of one household, from the instant `at` on; `standing` is whose turn it is.

    `untold`: nothing is explained and no purchase is kept, so there can be no returns; a back-test has a million sales.
    """

    def __init__(
        self,
        timeline: Timeline,
        people: Sequence[Standing],
        *,
        at: datetime,
        shared: Shared | None = None,
        untold: bool = False,
        new_id: Callable[[], UUID] = chance.new_id,
    ) -> None:
        shared = shared or Shared()
        self.people, self.standing, self.now = list(people), people[0], at
        self.programme = timeline.at(at).programme
        self.snapshot = Snapshot(timeline, members={key_of(one): one for one in people})
        self.snapshot.budget, self.snapshot.used, self._stock = shared.left, shared.used, shared.stock
        self.posting = Posting(new_id=new_id)
        self.vouchers: dict[UUID, tuple[GivenVoucher, str]] = {}  # with their state: issued, void
        self.sold: list[Sold] = []
        self._untold, self._proofs = untold, proving.Proofs()
        self._reviewed, self._changed = tiering.local_day(at, self.programme), True
        self._accounts = [
            (one.member_id, wallet, account_id(MEMBER, wallet, one.member_id))
            for one in people
            for wallet in self.programme.wallets
        ]
        self._hard = self.programme.budget is not None and bool(self.programme.budget.hard)

    # --- what happens

    def tell(self, request: EventRequest) -> Judged:
        """An event that is no return, when it happened; a purchase is priced as at a till. Raises a Refusal."""
        self.wait_until(request.occurred_at)
        self.plan(request.occurred_at, request.store or "")
        if request.type == "purchase" and self.programme.offers:
            request = self.priced(request)
        batch = Batch(
            self.snapshot, self.posting, now=self.now, locale="vi", untold=self._untold, proofs=self.proofs_today()
        )
        batch.judge_all((request,))
        for outcome in batch.outcomes:
            if outcome.refusal is not None:
                raise outcome.refusal
        self._changed = True
        self.keep(batch.vouchers)
        self._again({rule for _, rule in batch.again})
        judged = batch.judged[0]
        if not self._untold:
            self.sold.append(Sold(judged))
        return judged

    def priced(self, request: EventRequest) -> EventRequest:
        """The purchase as a till would record it. Raises a Refusal."""
        published = self.snapshot.timeline.at(request.occurred_at)
        order = judging.check(request, published, now=self.now)
        assert order is not None
        return pricing.sold(request, order, self.standing, published)

    def take_back(self, told: Mapping[str, Any], *, event_id: str, order_key: str | None) -> list[dict[str, Any]]:
        """A return of the last purchase, or of an order: what it did. Raises NothingBought or FieldsRefused."""
        mine = [sold for sold in self.sold if sold.judged.member_id == self.standing.member_id]
        sales = [sold for sold in mine if sold.judged.request.type == "purchase"]
        bought = [sold for sold in sales if order_key in (None, sold.judged.request.order_key)]
        if not bought:
            raise NothingBought()
        sold = bought[-1]
        sale, returned = sold.sale(self.programme), refunds.read(told)
        refunding.check_lines(sale, returned)
        return self._settle(sold, sale, sold.returns.plus(returned), Cause(event_id, self.now))

    def undo(self, event_id: str) -> list[dict[str, Any]]:
        """An event is taken back as if it had never been told; what that did. Raises NothingBought."""
        sold = next((one for one in self.sold if one.judged.request.id == event_id), None)
        if sold is None:
            raise NothingBought()
        why = Cause(f"{event_id}/reverse", self.now)
        return self._settle(sold, sold.sale(self.programme), replace(sold.returns, undone=True), why)

    def _settle(self, sold: Sold, sale: Sale, after: Returns, why: Cause) -> list[dict[str, Any]]:
        books = Books(self.posting, self.standing, self.now, self._held(sale.event_id), sold.state)
        change = (sold.returns, after)
        settled = settle(books, sale, *change, why)
        spent = returned_points.just_burnt(self.posting, sale)
        returned_points.give(self.posting, sale, change, spent=spent, why=why, now=self.now)
        sold.returns, self._changed = after, True
        for voucher, state in books.changed.items():
            self.vouchers[voucher] = (self.vouchers[voucher][0], state)
        for key, (count, points, money) in books.used.items():
            was = self.snapshot.used.get(key, judging.NOTHING_USED)
            self.snapshot.used[key] = Used(count=was.count + count, points=was.points + points, money=was.money + money)
        return list(settled.rows)

    def buy(self, reward: str, *, shown: Shown | None = None, store: str = "") -> Issued:
        """The member takes a reward for its price; partners have codes for everybody. Raises a Refusal."""
        published = self.snapshot.timeline.at(self.now)
        self.plan(self.now, store)
        batch = redeem_reward.Batch(self.snapshot, self.posting, published, self.now, stock=self._stock)
        batch.untold = self._untold
        batch.proofs, batch.budget = self.proofs_today(), self.snapshot.budget
        batch.pool[reward] = [Free(self.posting.new_id(), reward, "life", None)]
        given = redeem_reward.give_all(batch, [Ask(key_of(self.standing), reward, shown=shown, store=store)])[0]
        if given.refusal is not None:
            raise given.refusal
        self._changed = True
        issued = batch.issued[0]
        if issued.voucher is not None and issued.reward.choose:
            self.keep([_redeemed(issued, published.version, self.now)])
        return issued

    def wait_until(self, at: datetime) -> None:
        """Time passes, with the work of every midnight that can change something."""
        if at < self.now:
            return  # it is told late
        day = tiering.local_day(at, self.programme)
        if self.programme.tiers is not None and self._reviewed < day:
            while (night := self._next_night()) is not None and night <= day:
                self._reviewed = night
                self.night(midnight(night, self.programme.timezone))
            self._reviewed = day
        self.fall_due(at)
        self.now = at

    def night(self, at: datetime) -> list[GivenVoucher]:
        """A midnight: what is due falls due, and levels are reviewed; returns the vouchers it gave."""
        self.fall_due(at)
        vouchers: list[GivenVoucher] = []
        self.plan(at)
        published, left = self.snapshot.timeline.at(at), self.snapshot.budget
        for one in self.people:
            one.touched = False
            evaluate_tiers.review(published, one, vouchers, [], at=at, left=left)
        self._changed = any(one.touched for one in self.people)
        self.keep(vouchers)
        return vouchers

    def fall_due(self, at: datetime) -> None:
        """Pending points are released or let go, and points that have ended leave."""
        if self.posting.pending:
            for part in sorted(self.posting.pending.values(), key=lambda p: (p.usable_at, p.id)):
                if part.remaining and part.usable_at <= at:
                    if part.awaits:
                        self.posting.cancel(part, at=part.usable_at)
                    else:
                        self.posting.release(part, at=part.usable_at)
        by = at.astimezone(UTC)  # as ends are kept: instants of two zones are dear to compare
        for member, wallet, account in self._accounts:
            held = self.posting.lots.get(account)
            for lot in [one for one in held.values() if one.remaining and one.expires_at <= by] if held else ():
                self.posting.expire(member, wallet, lot, Cause("expiry", lot.expires_at))
        lapses = inactivity.lapsed(self.snapshot.timeline, self.people, now=at)
        if lapses:
            inactivity.end(lapses, self.posting, self.posting.lots)

    # --- for those who live by it

    def plan(self, at: datetime, store: str = "") -> None:
        """Lines of the budget with a hard stop have what is planned, until somebody takes of it."""
        if self._hard:
            for key, planned in budgeting.keys_at(self.snapshot.timeline, [(at, store)]).items():
                self.snapshot.budget.setdefault(key, planned)

    def proofs_today(self) -> proving.Proofs:
        """What was spent today; a new day begins with nothing."""
        if not self.programme.spend_proof:
            return self._proofs
        day = proving.day_of(self.programme, self.now)
        if self._proofs.day != day:
            self._proofs = proving.Proofs(day)
        return self._proofs

    def keep(self, given: Sequence[GivenVoucher]) -> None:
        """Vouchers that were given; those of limited stock count as taken."""
        for voucher in given:
            self.vouchers[voucher.id] = (voucher, "issued")
            if voucher.stocked:
                self._stock[voucher.reward] = self._stock.get(voucher.reward, 0) + 1

    # --- inside

    def _next_night(self) -> date | None:
        """The first night after the last review on which one could change something; None: none will."""
        found = [_next_look(self.programme, one, self._reviewed, changed=self._changed) for one in self.people]
        return min((day for day in found if day is not None), default=None)

    def _again(self, rules: set[str]) -> None:
        """Vouchers of milestones and challenges that returns had taken live again."""
        for id, (voucher, state) in self.vouchers.items() if rules else ():
            if state == "void" and voucher.rule in rules:
                self.vouchers[id] = (voucher, "issued")

    def _held(self, sale: str) -> list[Held]:
        """The vouchers that a return of a sale may void: those of stamp cards, and its own."""
        return [
            Held(
                id=voucher.id,
                reward=voucher.reward,
                card=voucher.rule.removeprefix("card:") if voucher.source == "card" else "",
                of_sale=voucher.cause == sale,
                state=state,
                usable=not voucher.imported and (voucher.expires_at is None or voucher.expires_at > self.now),
                expires_at=voucher.expires_at,
                aim=voucher.rule if voucher.source in AIMS else "",
            )
            for voucher, state in self.vouchers.values()
            if voucher.member_id == self.standing.member_id
            if voucher.source in ("card", *AIMS) or voucher.cause == sale
        ]


def key_of(standing: Standing) -> MemberKey:
    """How an event names the member."""
    return "id", str(standing.member_id)


def _next_look(programme: Programme, one: Standing, day: date, *, changed: bool) -> date | None:
    """The member's next night: that of the level, and where levels have gifts of the year or owe some, each month's first."""
    found = tier_nights.next_look(programme, tiering.holder(one, programme), day, changed=changed)
    level = programme.by_level.get(one.tier or programme.first_tier or "")
    if level is None or not level.yearly:
        return found
    first = day + _DAY if changed else plus_months(day, 1)
    runs = programme.runs.since
    if runs is not None and day < runs < first:
        first = runs
    return min(first, found) if found else first


def _redeemed(issued: redemption_writing.Issued, version: int, at: datetime) -> GivenVoucher:
    """A choice taken for points, kept so that it can be chosen from."""
    assert issued.voucher is not None
    return GivenVoucher(
        id=issued.voucher,
        member_id=issued.member_id,
        reward=issued.reward.id,
        source="redemption",
        cause="",
        rule="",
        uses=1,
        version=version,
        usable_from=None,
        expires_at=issued.expires_at,
        stocked=False,
        at=at,
    )
