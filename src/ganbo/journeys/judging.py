"""Judge a batch in order, carrying balances, counters and limits from one event to the next. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.books.ledger.posting import Posting
from ganbo.engine import basket, paying, pots
from ganbo.engine import decide as engine
from ganbo.engine.basket import Order
from ganbo.engine.decide import Decision, VoucherEffect
from ganbo.engine.facts import Facts, MemberFacts, Used
from ganbo.engine.history import unearned
from ganbo.engine.paying import Payment
from ganbo.engine.programme import Programme
from ganbo.features.programmes.in_force import Published
from ganbo.features.rewards.using import Use
from ganbo.foundation import strict_json
from ganbo.journeys import (
    aiming,
    awaiting,
    budgeting,
    card_paying,
    effects,
    giving,
    inactivity,
    proving,
    recording,
    reserving,
    tiering,
    using_codes,
)
from ganbo.journeys import paying as points_paying
from ganbo.journeys.gathering import Snapshot, Standing, UsageKey
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.recording import Outcome
from ganbo.journeys.refund_reading import AWAITED
from ganbo.journeys.waiting import Told, Waiting
from ganbo.kernel.refusal import Refusal

NOTHING_USED = Used(count=0, points=0, money=0)


class Judged(NamedTuple):
    """One event that will be written: the request, its member, and what was decided."""

    request: EventRequest
    member_id: UUID | None
    version: int
    net: int | None
    answer: str
    trace: str
    moved: dict[str, Any] | None = None  # the member's change of level


@dataclass
class Batch:
    """A batch being judged; afterwards `judged` is to be written and `outcomes` answers every request in order."""

    snapshot: Snapshot
    posting: Posting
    now: datetime
    locale: str
    backfill: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    used: dict[UsageKey, Used] = field(default_factory=dict)
    vouchers: list[GivenVoucher] = field(default_factory=list)
    waiting: Waiting | None = None  # refunds that were there before a sale of this batch
    again: list[tuple[UUID, str]] = field(default_factory=list)  # members' vouchers that live again, by what gave them
    codes: using_codes.Codes | None = None  # the vouchers that orders of the batch name
    proofs: proving.Proofs = field(default_factory=proving.Proofs)
    history: bool = False  # what is recorded counts and gives nothing
    untold: bool = False  # a replay asks only what happens: no answers and no traces are made

    def judge_all(self, requests: Sequence[EventRequest]) -> None:
        """Answer every request; a refused one leaves no trace and never harms its neighbours."""
        for request in requests:
            try:
                self.outcomes.append(self._judge(request))
            except Refusal as refusal:
                self.outcomes.append(Outcome(request.id, "refused", refusal=refusal))

    def _judge(self, request: EventRequest) -> Outcome:
        replayed = self._told_before(request)
        if replayed is not None:
            return replayed
        standing = self._member(request)
        published = self.snapshot.timeline.at(request.occurred_at)
        order = check(request, published, now=self.now, backfill=self.backfill)
        used = self._codes(request, standing, order)
        card = [] if self.backfill else self._card(request, standing, published)
        paid = self._points(request, standing, order, published.programme, card)
        visits_before = standing.visits if standing else 0
        totals = aiming.totals(standing) if standing else {}
        tiered, aimed = tiering.NOTHING, aiming.NOTHING
        decision = self._decide(request, standing, order, published)
        given: list[GivenVoucher] = []
        burnt: tuple[card_paying.Burnt, ...] = ()
        if standing is not None:
            burnt = self._pay_card(request, standing, card)
            decision.trace.paid = card
            decision = decision if self.history else self._awaited(request, standing, decision)
            if self.backfill:
                inactivity.on_the_clock(standing, request, published.programme, self.posting)
            effects.post(self.posting, standing, decision, request, published.programme)
            inactivity.note(standing, request, decision, published.programme)
            visited = standing.visits > visits_before
            by = tiering.rules_for(self.snapshot.timeline, standing.state, published.programme, now=self.now)
            tiered = tiering.after(standing, request, order, decision, by, visited=visited)
            aimed = self._aimed(request, standing, order, decision, programme=published.programme, before=totals)
            wanted = () if self.history else (*decision.vouchers, *tiered.vouchers, *aimed.vouchers)
            vouchers = budgeting.within(wanted, published, self.snapshot.budget, given=budgeting.given_at(request))
            aiming.unpaid(standing, decision, aimed.vouchers, vouchers)
            given = self._give(request, standing, vouchers, published)
            self._consume(decision)
        result = effects.Result(decision, tuple(given), tiered, burnt, aimed, self.posting.ahead_of(request.id))
        if self.codes is not None and used:
            using_codes.note(self.codes, used)
        net, visited = order.net if order else None, standing is not None and standing.visits > visits_before
        answer, trace = "", ""
        if not self.untold:
            answer = self._answer(request, standing, result, published, paid=paid, used=used)
            trace = effects.stored_trace(result, net=net, visited=visited)
        judged = Judged(
            request=using_codes.kept(request, self.codes),
            member_id=standing.member_id if standing else None,
            version=published.version,
            net=net,
            answer=answer,
            trace=trace,
            moved=tiered.row,
        )
        self.judged.append(judged)
        self.snapshot.answered[request.id] = (request.body_hash, judged.answer)
        if request.order_key:
            self.snapshot.orders[request.order_key] = request.id
        if standing is not None and self.waiting is not None and request.order_key in self.waiting.rows:
            self._settle(judged, standing, published, given)
            if judged.moved and standing.tier != judged.moved["to"]:
                self.judged[-1] = judged._replace(moved=None)  # its return had come before and took the level again
        return Outcome(request.id, "applied", judged.answer)

    def _answer(
        self,
        request: EventRequest,
        standing: Standing | None,
        result: effects.Result,
        published: Published,
        *,
        paid: Payment | None,
        used: list[Use],
    ) -> str:
        """The contract's `Recorded`, as it is stored and told."""
        recorded = effects.answer(request, standing, result, published, self.posting, locale=self.locale)
        points_paying.tell(recorded, paid, standing, published.programme, locale=self.locale)
        if self.codes is not None and used:
            recorded["effects"] += using_codes.rows(used, self.codes)
        return strict_json.dumps(recorded)

    def _give(
        self, request: EventRequest, standing: Standing, vouchers: Sequence[VoucherEffect], published: Published
    ) -> list[GivenVoucher]:
        """Plan the vouchers that the budget pays."""
        if not vouchers:
            return []
        given = giving.vouchers(standing.member_id, vouchers, request, published, new_id=self.posting.new_id)
        self.vouchers += given
        budgeting.pay(self.snapshot.budget, given)
        budgeting.commit(self.posting, given)
        return given

    def _settle(self, judged: Judged, standing: Standing, published: Published, given: Sequence[GivenVoucher]) -> None:
        """Refunds that were there before this sale take their part now."""
        request = judged.request
        assert self.waiting is not None
        assert request.order_key is not None
        self.waiting.settle(
            Told(
                request.id, request.type, request.occurred_at, request.data, judged.answer, judged.trace, request.store
            ),
            standing,
            self.posting,
            order_key=request.order_key,
            programme=published.programme,
            counting=tiering.rules_for(
                self.snapshot.timeline, standing.state, published.programme, now=self.now
            ).counts,
            given=given,
            now=self.now,
            locale=self.locale,
        )

    def _aimed(
        self,
        request: EventRequest,
        standing: Standing,
        order: Order | None,
        decision: Decision,
        *,
        programme: Programme,
        before: Mapping[str, int],
    ) -> aiming.Aimed:
        """Milestones and challenges; a voucher that comes back is turned where it was read, else by a statement."""
        if self.history:
            return aiming.NOTHING
        aimed = aiming.after(standing, request, order, decision, programme, posting=self.posting, before=before)
        member = standing.member_id
        self.again += [(member, r) for r in aimed.again if not (self.waiting and self.waiting.live_again(member, r))]
        return aimed

    def _told_before(self, request: EventRequest) -> Outcome | None:
        before = self.snapshot.answered.get(request.id)
        if before is not None:
            if before[0] != request.body_hash:
                raise recording.KeyReused(event_id=request.id)
            return Outcome(request.id, "replayed", before[1])
        first = self.snapshot.orders.get(request.order_key) if request.order_key else None
        if first is not None and not first.startswith(AWAITED):
            raise recording.OrderRecorded(event_id=first)
        return None

    def _member(self, request: EventRequest) -> Standing | None:
        if request.member is None:
            return None
        standing = self.snapshot.members.get(request.member)
        if standing is None:
            raise recording.MemberUnknown(by=request.member[0])
        return standing

    def _decide(
        self, request: EventRequest, standing: Standing | None, order: Order | None, published: Published
    ) -> Decision:
        days = days_since_purchase(standing, request, published)
        if standing is not None:
            effects.count(standing, request, order, published.programme)
        facts = Facts(
            type=request.type,
            occurred_at=request.occurred_at,
            member=member_facts(standing, request, published, days, self.posting),
            store=request.store,
            channel=request.channel,
            staff=request.staff,
            data=request.data,
            order=order,
            carried=standing.carried if standing else {},
            used=self.snapshot.used,
            codes=using_codes.subjects(request, self.codes),
            budget=self.snapshot.budget,
        )
        decision = engine.decide(facts, published.programme, explained=not self.untold)
        return unearned(decision) if self.history else decision

    def _awaited(self, request: EventRequest, standing: Standing, decision: Decision) -> Decision:
        """Release what waited for this event; what it gives is usable at once when the awaited event came before it."""
        timeline, came, member = self.snapshot.timeline, self.snapshot.came, standing.member_id
        if request.type in timeline.awaited:
            awaiting.settle(self.posting, came, member, request)
        if request.type in timeline.awaiting:
            return awaiting.already_come(decision, came, member, request, self.posting)
        return decision

    def _card(self, request: EventRequest, standing: Standing | None, published: Published) -> list[tuple[str, int]]:
        return card_paying.plan(request, standing, published.programme, self.posting, now=self.now)

    def _codes(self, request: EventRequest, standing: Standing | None, order: Order | None) -> list[Use]:
        """What the order's codes use, checked before anything is counted."""
        if self.codes is None or order is None or not request.data.get("codes"):
            return []
        wanted = using_codes.Wanted(standing.member_id if standing else None, request.occurred_at, order)
        return using_codes.plan(
            self.codes, request, wanted, self.snapshot.timeline, new_id=self.posting.new_id, now=self.now
        )

    def _points(
        self,
        request: EventRequest,
        standing: Standing | None,
        order: Order | None,
        programme: Programme,
        card: Sequence[tuple[str, int]],
    ) -> Payment | None:
        """Burn what points pay of the order, once it is proved together with the card's part; refused before anything is counted."""
        if not card and not paying.wishes(request.data):
            return None
        at = request.occurred_at if self.backfill else self.now
        paid = points_paying.plan(self.posting, request, standing, order, programme=programme, at=at)
        value = sum(part for _, part in card) + (paid.money if paid else 0)
        value -= self._held_for(request, standing, card, paid)
        proved = self._proof(request, standing, value)
        paid = points_paying.burn(self.posting, request, standing, paid, programme=programme, at=at)
        proving.take(self.proofs, proved, request.id)
        return paid

    def _held_for(
        self,
        request: EventRequest,
        standing: Standing | None,
        card: Sequence[tuple[str, int]],
        paid: Payment | None,
    ) -> int:
        """The money of a sale that is held for it: it was proved when it was set aside."""
        if standing is None or not self.posting.holds:
            return 0
        member, order = standing.member_id, reserving.order_of(request)
        found = sum(min(part, self.posting.kept_for(member, wallet, order)) for wallet, part in card)
        if paid is not None and paid.units:
            kept = min(paid.units, self.posting.kept_for(member, paid.wallet, order))
            found += paid.money * kept // paid.units
        return found

    def _proof(self, request: EventRequest, standing: Standing | None, value: int) -> proving.Planned | None:
        """What proves the spend, by the rules of now; history has no proofs."""
        if self.backfill or standing is None or not value:
            return None
        programme = self.snapshot.timeline.at(self.now).programme
        return proving.plan(self.proofs, programme, standing.member_id, value, request.shown, now=self.now)

    def _pay_card(
        self, request: EventRequest, standing: Standing, card: Sequence[tuple[str, int]]
    ) -> tuple[card_paying.Burnt, ...]:
        """Burn what the card pays; what is then still held for this sale comes back."""
        burnt = card_paying.pay(self.posting, standing.member_id, card, request, now=self.now)
        if self.posting.holds and request.type == "purchase":
            self.posting.close_order(standing.member_id, reserving.order_of(request), now=self.now)
        return burnt

    def _consume(self, decision: Decision) -> None:
        for part in decision.consumed:
            key = (part.subject, part.rule, part.period)
            self.used[key] = _plus(self.used.get(key, NOTHING_USED), part)
            self.snapshot.used[key] = _plus(self.snapshot.used.get(key, NOTHING_USED), part)


def check(request: EventRequest, published: Published, *, now: datetime, backfill: bool = False) -> Order | None:
    """The order of a purchase, after its time and amounts were checked. Raises a Refusal that names the remedy."""
    at = request.occurred_at
    if at > now and at > now + recording.FUTURE:
        raise recording.InFuture()
    if at < now and not backfill and at < now - timedelta(days=published.programme.late_days):
        raise recording.TooLate(days=published.programme.late_days)
    if request.type == "referral":
        raise recording.NotYet(type=request.type)
    if request.type == pots.TYPE:
        _topup(request, published)
    if request.type != "purchase":
        return None
    try:
        return basket.order_of(request.data, published.programme.currency)
    except basket.FieldRefused as refusal:
        problems = [FieldProblem(f"data.{name}", code, dict(params)) for name, code, params in refusal.errors]
        raise FieldsRefused(problems) from refusal


def _topup(request: EventRequest, published: Published) -> None:
    """Raises FieldsRefused for an amount that cannot be topped up, or another currency."""
    currency = published.programme.currency
    if request.data.get("currency", currency) != currency:
        raise FieldsRefused([FieldProblem("data.currency", "wrong_currency", {"currency": currency})])
    try:
        pots.find(published.programme.topups, request.data["amount"])
    except pots.NoSuchTopUp as refusal:
        amounts = ", ".join(str(n) for n in refusal.params["amounts"])
        code = "topups.unknown" if amounts else "topups.none"
        raise FieldsRefused([FieldProblem("data.amount", code, {"amounts": amounts})]) from refusal


def days_since_purchase(standing: Standing | None, request: EventRequest, published: Published) -> int:
    """Local days from the last purchase before this event; −1 when there was none."""
    if standing is None or standing.last_purchase_at is None:
        return -1
    zone = published.programme.timezone
    last = standing.last_purchase_at.astimezone(zone).date()
    return max((request.occurred_at.astimezone(zone).date() - last).days, 0)


def member_facts(
    standing: Standing | None, request: EventRequest, published: Published, days: int, posting: Posting | None = None
) -> MemberFacts | None:
    """The member as the rules see them: counters with this event, tier as before it; stamps when `posting` has them."""
    if standing is None:
        return None
    return MemberFacts(
        id=standing.id_text,
        tier=standing.tier or published.programme.first_tier,
        age_days=max((request.occurred_at - standing.created_at).days, 0),
        purchases=standing.purchases,
        spend=standing.spend,
        visits=standing.visits,
        days_since_purchase=days,
        segments=(),
        traits={},
        stamps=effects.stamp_states(standing, request.type, published.programme, posting) if posting else {},
    )


def _plus(before: Used, part: Used | object) -> Used:
    add: Used = part  # type: ignore[assignment]
    return Used(count=before.count + add.count, points=before.points + add.points, money=before.money + add.money)
