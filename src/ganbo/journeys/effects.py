"""From a decision to the books and to the answer: what is posted, what is counted, what is said."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ganbo.books.events.reading import EventRequest
from ganbo.books.ledger.posting import MEMBER, OWED, PENDING, Cause, Posting
from ganbo.engine import stamps
from ganbo.engine.basket import Order
from ganbo.engine.decide import Decision, WalletEffect
from ganbo.engine.facts import StampState
from ganbo.engine.programme import Programme
from ganbo.engine.stamps import StampEffect
from ganbo.engine.trace import Trace
from ganbo.features.programmes import why
from ganbo.features.programmes.in_force import Published
from ganbo.foundation import strict_json
from ganbo.journeys import aiming, awaiting, card_paying, pooling, tiering
from ganbo.journeys.aiming import Aimed
from ganbo.journeys.gathering import Standing
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.tiering import Tiered
from ganbo.kernel.points import shown_balance
from ganbo.kernel.swift import swift

VISITS = {"purchase", "visit", "checkin"}


def count(standing: Standing, request: EventRequest, order: Order | None, programme: Programme) -> None:
    """Add this event to the member's counters: purchases, net spend, and visits as distinct local days."""
    if request.type == "purchase":
        standing.purchases += 1
        standing.spend += order.net if order else 0
        if standing.last_purchase_at is None or request.occurred_at > standing.last_purchase_at:
            standing.last_purchase_at = request.occurred_at
        standing.touched = True
    if request.type in VISITS:
        day = request.occurred_at.astimezone(programme.timezone).date()
        if day != standing.last_visit_on:
            standing.visits += 1
            standing.last_visit_on = max(day, standing.last_visit_on or day)
            standing.touched = True


@swift
@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event: the decision, the vouchers it gave, and what it did to the level."""

    decision: Decision
    vouchers: tuple[GivenVoucher, ...] = ()
    tiered: Tiered = tiering.NOTHING
    burnt: tuple[card_paying.Burnt, ...] = ()  # what the member's card paid
    aimed: Aimed = aiming.NOTHING
    ahead: tuple[str, ...] = ()  # holds that were captured before the sale came


def post(posting: Posting, standing: Standing, decision: Decision, request: EventRequest, programme: Programme) -> None:
    """Plan the transfers of a decision and remember what rules carry to the next time."""
    for effect in decision.effects:
        post_one(posting, standing.member_id, effect, request)
    for stamp in decision.stamps:
        _post_stamps(posting, standing, stamp, request, programme)
    if decision.carried:
        standing.carried.update(decision.carried)
        standing.touched = True


def post_one(posting: Posting, member: UUID, effect: WalletEffect, request: EventRequest) -> None:
    """Plan the transfer of one effect."""
    if effect.usable_at is not None:
        posting.earn_pending(awaiting.pending(posting, member, effect, request))
        return
    posting.earn(
        member,
        effect.wallet,
        effect.amount,
        Cause(request.id, request.occurred_at, effect.rule),
        expires_at=effect.expires_at,
        earned_month=effect.earned_month,
    )


def _post_stamps(
    posting: Posting, standing: Standing, stamp: StampEffect, request: EventRequest, programme: Programme
) -> None:
    """Stamps into the books, filled cards out of them, and the card's own state beside the member."""
    why = Cause(request.id, request.occurred_at, f"card:{stamp.card}")
    posting.stamp(standing.member_id, stamp.card, stamp.added + stamp.head_start, why)
    if stamp.filled:
        posting.fill(standing.member_id, stamp.card, stamp.taken, why)
    day = request.occurred_at.astimezone(programme.timezone).date().isoformat()
    state = standing.state.setdefault("stamps", {}).setdefault(stamp.card, {"filled": 0})
    today = state.get("today", 0) if state.get("day") == day else 0
    state |= {"filled": state["filled"] + stamp.filled, "day": day, "today": today + stamp.added}
    standing.touched = True


def stamp_states(standing: Standing, type: str, programme: Programme, posting: Posting) -> dict[str, StampState]:
    """The member's cards that this type of event may stamp, as they are before it."""
    cards = programme.cards_by_type.get(type, ())
    if not cards:
        return {}
    kept = standing.state.get("stamps", {})
    member = standing.member_id
    return {c.id: stamps.begin(kept.get(c.id, {}), posting.stamps_net(member, c.id)) for c in cards}


def counted(
    standing: Standing | None, request: EventRequest, order: Order | None, programme: Programme
) -> Standing | None:
    """A copy of the standing with this event counted; the standing itself stays."""
    if standing is None:
        return None
    copy = replace(standing, carried=dict(standing.carried), state=deepcopy(standing.state))
    count(copy, request, order, programme)
    return copy


def answer(
    request: EventRequest,
    standing: Standing | None,
    result: Result,
    published: Published,
    posting: Posting,
    *,
    locale: str,
) -> dict[str, Any]:
    """The contract's `Recorded`."""
    programme = published.programme
    return {
        "event_id": request.id,
        "status": "applied",
        "member_id": str(standing.member_id) if standing else None,
        "effects": rows(result, programme),
        "balances": balances(posting, standing, programme),
        "tier": tier(standing, programme, at=request.occurred_at),
        "because": told(
            result.decision.trace,
            programme,
            (standing.locale if standing else "") or locale,
            standing.address_form if standing else None,
        ),
    }


_told: dict[tuple[str, str, str | None, str], list[str]] = {}
_MOST_TOLD = 5_000  # sentences remembered: the same bill by the same rules reads the same


def told(trace: Trace, programme: Programme, locale: str, address: str | None) -> list[str]:
    """The sentences of a trace, remembered by what they say."""
    key = (programme.digest, locale, address, strict_json.dumps(trace.to_json()))
    known = _told.get(key)
    if known is None:
        if len(_told) >= _MOST_TOLD:
            _told.clear()
        known = _told[key] = why.because(trace, programme, locale=locale, address=address)
    return known


def rows(result: Result, programme: Programme) -> list[dict[str, Any]]:
    """The effects as the contract shows them: offers, points, stamps, vouchers. A voucher's code is shown to its holder only."""
    found = [{"kind": "offer", **one} for one in result.decision.trace.offers]
    found += [effect_row(effect, programme) for effect in result.decision.effects]
    found += [
        {"kind": "stamp", "card": s.card, "added": s.added, "count": max(s.count, 0), "of": s.of, "filled": s.filled}
        for s in result.decision.stamps
    ]
    found += [
        {
            "kind": "voucher",
            "reward": v.reward,
            "rule": v.rule,
            "voucher_id": str(v.id),
            "expires_at": shown_expiry(v.expires_at, programme),
        }
        for v in result.vouchers
    ]
    found += card_paying.rows(result.decision.trace.paid)
    found += [aim_row(row, programme) for row in result.aimed.rows]
    return [*found, tiering.effect_row(result.tiered.row)] if result.tiered.row else found


def effect_row(effect: WalletEffect, programme: Programme) -> dict[str, Any]:
    """One effect as the contract shows it; an expiry is shown one second before the first unusable instant."""
    return {
        "kind": "wallet",
        "wallet": effect.wallet,
        "amount": effect.amount,
        "rule": effect.rule,
        "state": "pending" if effect.usable_at else "available",
        "expires_at": shown_expiry(effect.expires_at, programme),
    }


def aim_row(row: dict[str, Any], programme: Programme) -> dict[str, Any]:
    """What milestones and challenges did, with the end of points as the contract shows it."""
    if not row.get("expires_at"):
        return row
    return row | {"expires_at": shown_expiry(datetime.fromisoformat(row["expires_at"]), programme)}


def shown_expiry(expires_at: datetime | None, programme: Programme) -> str | None:
    """The last second on which points can be used, in the business's zone."""
    return None if expires_at is None else _last_second(expires_at, programme.timezone)


@lru_cache(maxsize=4096)
def _last_second(expires_at: datetime, zone: ZoneInfo) -> str:
    return (expires_at - timedelta(seconds=1)).astimezone(zone).isoformat()


def balances(posting: Posting, standing: Standing | None, programme: Programme) -> dict[str, dict[str, Any]]:
    """Available, pending and owed per wallet, as people see them; and what the household holds where it is pooled."""
    if standing is None:
        return {}
    held, member = posting.balances, standing.member_id
    found: dict[str, dict[str, Any]] = {}
    for wallet, floor in programme.floors(standing.tier).items():
        owed = held.get((member, wallet, OWED), 0)
        available, owed = shown_balance(held.get((member, wallet, MEMBER), 0), owed, floor)
        found[wallet] = {"available": available, "pending": held.get((member, wallet, PENDING), 0), "owed": owed}
        if standing.household is not None:
            each = {one: held.get((one, wallet, MEMBER), 0) for one, _ in standing.household.people}
            found[wallet] |= pooling.shown(standing, programme, wallet, each)
    return found


def tier(standing: Standing | None, programme: Programme, *, at: datetime | None = None) -> dict[str, Any] | None:
    """The member's tier as seen at `at` (else at their last purchase), the next one, and what is missing to it."""
    if standing is None or not programme.levels:
        return None
    at = at or standing.last_purchase_at or standing.created_at
    return tiering.shown(standing, programme, tiering.local_day(at, programme))


def stored_trace(result: Result, *, net: int | None, visited: bool) -> str:
    """The trace with what a reversal must put back: counters, limits used, remainders carried and progress of levels.

    What it counted comes first: books/events/counting.py looks for it there.
    """
    decision, counted = result.decision, result.tiered.counted
    return strict_json.dumps(
        ({"counted": counted} if counted else {})
        | {
            "trace": decision.trace.to_json(),
            "consumed": [[c.subject, c.rule, c.period, c.count, c.points, c.money] for c in decision.consumed],
            "carried": dict(decision.carried),
            "net": net,
            "visited": visited,
        }
        | ({"burnt": [one.to_json() for one in result.burnt]} if result.burnt else {})
        | ({"holds": list(result.ahead)} if result.ahead else {})
    )
