"""What an event would earn, which rewards would then be affordable, and why. Changes nothing, locks nothing."""

from collections.abc import Sequence
from typing import Any

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger.posting import Posting
from ganbo.engine import decide as engine
from ganbo.engine.facts import Facts
from ganbo.engine.programme import Programme
from ganbo.features.programmes import catalogue, why
from ganbo.foundation import chance, strict_json
from ganbo.foundation.pipelines import Pipeline
from ganbo.journeys import awaiting, effects, giving, judging, recording, redeem_reward, refunding, tiering
from ganbo.journeys.gathering import Snapshot, Standing
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.record_events import Asked, gather
from ganbo.journeys.recording import Outcome
from ganbo.kernel.refusal import Refusal


def quote(pipe: Pipeline, asked: Asked, requests: Sequence[EventRequest]) -> list[Outcome]:
    """A quote for each request, in order, as the contract's Quote in JSON. Each is judged by itself."""
    snapshot = gather(pipe, asked, requests, begin=[], lock=False)
    outcomes = []
    for request in requests:
        try:
            returns = request.type == "refund"
            answer = refunding.quote(pipe, asked, request) if returns else _quote(snapshot, asked, request)
            outcomes.append(Outcome(request.id, "quoted", answer))
        except Refusal as refusal:
            outcomes.append(Outcome(request.id, "refused", refusal=refusal))
    return outcomes


def _quote(snapshot: Snapshot, asked: Asked, request: EventRequest) -> str:
    standing = snapshot.members.get(request.member) if request.member else None
    if request.member and standing is None:
        raise recording.MemberUnknown(by=request.member[0])
    published = snapshot.timeline.at(request.occurred_at)
    order = judging.check(request, published, now=asked.now)
    days = judging.days_since_purchase(standing, request, published)
    before = Posting(new_id=chance.new_id, balances=dict(snapshot.balances), pending=dict(snapshot.pending))
    after = effects.counted(standing, request, order, published.programme)
    facts = Facts(
        type=request.type,
        occurred_at=request.occurred_at,
        member=judging.member_facts(after, request, published, days, before),
        store=request.store,
        channel=request.channel,
        staff=request.staff,
        data=request.data,
        order=order,
        carried=standing.carried if standing else {},
        used=snapshot.used,
    )
    decision = engine.decide(facts, published.programme)
    programme = published.programme
    posting = before
    given: list[GivenVoucher] = []
    tiered = tiering.NOTHING
    if standing is not None and after is not None:
        if request.type in snapshot.timeline.awaited:
            awaiting.settle(posting, {}, standing.member_id, request)
        decision = awaiting.already_come(decision, snapshot.came, standing.member_id, request, posting)
        effects.post(posting, after, decision, request, programme)
        visited = after.visits > standing.visits
        tiered = tiering.after(after, request, order, decision, programme, visited=visited)
        vouchers = (*decision.vouchers, *tiered.vouchers)
        given = giving.vouchers(standing.member_id, vouchers, request, published, new_id=chance.new_id)
    locale = (standing.locale if standing else "") or asked.business.locale
    address = standing.address_form if standing else None
    balances = effects.balances(posting, standing, programme)
    answer: dict[str, Any] = {
        "effects": effects.rows(effects.Result(decision, tuple(given), tiered), programme),
        "balances_after": balances,
        "rewards": _affordable(programme, balances, after, request, locale=locale),
        "vouchers": [],
        "because": why.because(decision.trace, programme, locale=locale, address=address),
        "because_not": why.because_not(decision.trace, programme, locale=locale, address=address),
    }
    return strict_json.dumps(answer)


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
    facts = redeem_reward.facts(standing, programme, at=request.occurred_at)
    who = catalogue.Looking(facts, request.occurred_at)
    rows = catalogue.rewards(programme, locale=locale, balances=balances, who=who)
    return [row for row in rows if row["affordable"]]
