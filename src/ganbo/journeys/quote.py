"""What a basket costs after offers, what it would earn, which vouchers make it cheapest, which rewards would then be affordable, and why.

Changes nothing, locks nothing; only codes tried in vain are counted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ganbo.books.events import reading
from ganbo.books.events.reading import EventRequest, FieldProblem, FieldsRefused
from ganbo.books.ledger.posting import Posting
from ganbo.engine import basket
from ganbo.engine import decide as engine
from ganbo.engine.basket import Order
from ganbo.engine.facts import Facts
from ganbo.engine.offers import Prices
from ganbo.engine.programme import Programme
from ganbo.features.programmes import catalogue, pay_sentences, why
from ganbo.features.programmes.in_force import Published
from ganbo.foundation import chance, strict_json
from ganbo.foundation.pipelines import Pipeline
from ganbo.journeys import (
    aiming,
    awaiting,
    budgeting,
    card_paying,
    effects,
    giving,
    inactivity,
    judging,
    knowing_products,
    offering,
    pricing,
    quoted_points,
    recording,
    redemption_checks,
    refunding,
    reserving,
    tiering,
)
from ganbo.journeys import paying as points_paying
from ganbo.journeys.effects import Result
from ganbo.journeys.gathering import Snapshot, Standing
from ganbo.journeys.offering import Known
from ganbo.journeys.record_events import Asked, gather
from ganbo.journeys.recording import Outcome
from ganbo.journeys.using_codes import Wanted
from ganbo.kernel.refusal import Refusal


class Wish(NamedTuple):
    """An event to be quoted, with the best of all vouchers (`best`) or of the given codes only (`given`)."""

    request: EventRequest
    vouchers: str = offering.BEST
    points: int | str | None = None


def read(value: Any, *, region: str) -> Wish:
    """A wish from parsed JSON: an event, and `vouchers`. Raises FieldsRefused or strict_json.Unreadable."""
    choice = offering.BEST
    if isinstance(value, dict) and "vouchers" in value:
        choice = value["vouchers"]
        if choice not in offering.CHOICES:
            expected = " / ".join(offering.CHOICES)
            raise FieldsRefused([FieldProblem("vouchers", "literal_error", {"expected": expected})])
    value, points = quoted_points.taken_out(value)
    if isinstance(value, dict):
        value = {key: part for key, part in value.items() if key != "vouchers"}
    return Wish(reading.read(value, region=region), choice, points)


def quote(pipe: Pipeline, asked: Asked, wishes: Sequence[Wish]) -> list[Outcome]:
    """A quote for each wish, in order, as the contract's Quote in JSON. Each is judged by itself."""
    requests = [wish.request for wish in wishes]
    schema = asked.business.schema
    snapshot = gather(pipe, asked, requests, begin=offering.ahead(schema, requests, now=asked.now), lock=False)
    known = offering.gather(pipe, schema, snapshot, requests)
    listed = knowing_products.gather(pipe, schema, snapshot.timeline, requests)
    prices = knowing_products.prices(listed)
    snapshot.budget = budgeting.lock(pipe, schema, snapshot.timeline, map(budgeting.given_at, requests), wait=False)
    outcomes = []
    for wish in wishes:
        wish = wish._replace(request=knowing_products.filled(wish.request, listed))
        request = wish.request
        try:
            returns = request.type == "refund"
            answer = refunding.quote(pipe, asked, request) if returns else _quote(snapshot, known, asked, wish, prices)
            outcomes.append(Outcome(request.id, "quoted", answer))
        except Refusal as refusal:
            outcomes.append(Outcome(request.id, "refused", refusal=refusal))
    offering.keep_guesses(pipe, schema, known, at=asked.now)
    return outcomes


def _quote(snapshot: Snapshot, known: Known, asked: Asked, wish: Wish, prices: Prices) -> str:
    request = wish.request
    standing = snapshot.members.get(request.member) if request.member else None
    if request.member and standing is None:
        raise recording.MemberUnknown(by=request.member[0])
    published = snapshot.timeline.at(request.occurred_at)
    programme = published.programme
    lots = {account: dict(held) for account, held in snapshot.lots.items()}
    posting = Posting(new_id=chance.new_id, balances=dict(snapshot.balances), pending=dict(snapshot.pending), lots=lots)
    if standing is not None and (snapshot.lots or snapshot.holds):
        lapses = inactivity.lapsed(snapshot.timeline, [standing], now=asked.now)
        reserving.put(posting, snapshot.holds, lapses, now=asked.now)
        inactivity.hide(lapses, posting)
    request, points = quoted_points.plain(request, wish.points)
    order = judging.check(request, published, now=asked.now)
    chosen, priced, sold, bill = None, None, order, None
    if order is not None:
        priced = pricing.of(request, order, standing, published, prices=prices)
        wanted = Wanted(standing.member_id if standing else None, request.occurred_at, priced.order)
        lowered = bool(priced.reduced.taken)
        chosen = offering.choose(
            known, request, wanted, snapshot.timeline, choice=wish.vouchers, lowered=lowered, now=asked.now
        )
        sale = chosen.sale | ({"offers": priced.rows} if lowered else {})
        request = request._replace(data=sale)
        bill = quoted_points.bill(request, points, standing, programme, posting, chosen=chosen, at=asked.now)
        request = request._replace(data=bill.sale)
        sold = basket.order_of(bill.sale, programme.currency)
    after = effects.counted(standing, request, sold, programme)
    card = card_paying.plan(request, standing, programme, posting, now=asked.now)
    if standing is not None:
        card_paying.pay(posting, standing.member_id, card, request, now=asked.now)
    result = _decided(snapshot, request, sold, published, posting, standing=standing, after=after, now=asked.now)
    locale = (standing.locale if standing else "") or asked.business.locale
    address = standing.address_form if standing else None
    balances = effects.balances(posting, standing, programme)
    trace = result.decision.trace
    trace.paid = card
    answer: dict[str, Any] = {
        "effects": [*effects.rows(result, programme), *([points_paying.row(bill.paid)] if bill and bill.paid else [])],
        "balances_after": balances,
        "rewards": _affordable(programme, balances, after, request, locale=locale),
        "vouchers": offering.rows(chosen, programme, locale=locale) if chosen else [],
        "price": (pricing.bill(priced, chosen.best, programme, locale=locale) | bill.price)
        if priced and chosen and bill
        else None,
        "sale": bill.sale if bill else None,
        "points_payable": bill.points if bill else None,
        "because": [
            *why.because(trace, programme, locale=locale, address=address),
            *pay_sentences.because(bill.paid if bill else None, programme, locale=locale, address=address),
        ],
        "because_not": [
            *(pricing.because_not(priced, programme, locale=locale) if priced else ()),
            *why.because_not(trace, programme, locale=locale, address=address),
        ],
    }
    return strict_json.dumps(answer)


def _decided(
    snapshot: Snapshot,
    request: EventRequest,
    order: Order | None,
    published: Published,
    posting: Posting,
    *,
    standing: Standing | None,
    after: Standing | None,
    now: datetime,
) -> Result:
    """What the event as it would be recorded does; `after` is the standing with it."""
    programme = published.programme
    days = judging.days_since_purchase(standing, request, published)
    facts = Facts(
        type=request.type,
        occurred_at=request.occurred_at,
        member=judging.member_facts(after, request, published, days, posting),
        store=request.store,
        channel=request.channel,
        staff=request.staff,
        data=request.data,
        order=order,
        carried=standing.carried if standing else {},
        used=snapshot.used,
        budget=snapshot.budget,
    )
    decision = engine.decide(facts, programme)
    if standing is None or after is None:
        return Result(decision)
    if request.type in snapshot.timeline.awaited:
        awaiting.settle(posting, {}, standing.member_id, request)
    decision = awaiting.already_come(decision, snapshot.came, standing.member_id, request, posting)
    effects.post(posting, after, decision, request, programme)
    visited = after.visits > standing.visits
    by = tiering.rules_for(snapshot.timeline, after.state, programme, now=now)
    tiered = tiering.after(after, request, order, decision, by, visited=visited)
    before = aiming.totals(standing)
    aimed = aiming.after(after, request, order, decision, programme, posting=posting, before=before)
    wanted = (*decision.vouchers, *tiered.vouchers, *aimed.vouchers)
    vouchers = budgeting.within(wanted, published, snapshot.budget, given=budgeting.given_at(request))
    aiming.unpaid(after, decision, aimed.vouchers, vouchers)
    given = giving.vouchers(standing.member_id, vouchers, request, published, new_id=chance.new_id)
    return Result(decision, tuple(given), tiered, aimed=aimed)


def _affordable(
    programme: Programme,
    balances: dict[str, Any],
    standing: Standing | None,
    request: EventRequest,
    *,
    locale: str,
) -> list[dict[str, Any]]:
    """What the member could have after this event, by the level they would then be in."""
    if standing is None:
        return []
    facts = redemption_checks.facts(standing, programme, at=request.occurred_at)
    who = catalogue.Looking(facts, request.occurred_at)
    rows = catalogue.rewards(programme, locale=locale, balances=balances, who=who)
    return [row for row in rows if row["affordable"]]
