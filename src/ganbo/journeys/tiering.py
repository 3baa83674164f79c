"""Levels on the hot path: an event is counted, the level it brings is reached at once, and what that gives is planned.

No database: everything is in the standing, which is locked and written anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ganbo.books.events.reading import EventRequest
from ganbo.engine import progress, tiers
from ganbo.engine.basket import Order
from ganbo.engine.decide import Decision, VoucherEffect
from ganbo.engine.programme import Programme
from ganbo.engine.tiers import Holder, Move
from ganbo.journeys.gathering import Standing


@dataclass(frozen=True, slots=True)
class Tiered:
    """What an event did to a member's level; `counted` is what a refund needs to take its progress back."""

    counted: dict[str, Any] | None = None
    row: dict[str, Any] | None = None
    vouchers: tuple[VoucherEffect, ...] = ()


NOTHING = Tiered()


def holder(standing: Standing, programme: Programme) -> Holder:
    """The member as the engine sees them."""
    return Holder(standing.tier, standing.state, local_day(standing.created_at, programme))


def local_day(at: datetime, programme: Programme) -> date:
    """The day by the business's clocks."""
    return at.astimezone(programme.timezone).date()


def after(
    standing: Standing,
    request: EventRequest,
    order: Order | None,
    decision: Decision,
    programme: Programme,
    *,
    visited: bool,
) -> Tiered:
    """Count an event that was decided, and raise the member when it brings a level. Changes the standing."""
    rules = programme.tiers
    if rules is None or not rules.used:
        return NOTHING
    day, state = local_day(request.occurred_at, programme), standing.state
    counts = decision.counts and (request.type != "purchase" or progress.counts_today(state, rules, day))
    amounts = progress.of_event(
        programme,
        request.type,
        counts=counts,
        net=order.net if order else 0,
        visited=visited,
        given=progress.given(decision.effects),
    )
    if request.type == "signup":  # nothing came before: what is counted from here on is complete
        state["counted"] = progress.fingerprint_of(rules)
        standing.touched = True
    if not amounts:
        return NOTHING
    standing.touched = True
    counted = progress.add(state, rules, day, amounts)
    move = tiers.rise(programme, holder(standing, programme), day)
    if move is None:
        return Tiered(counted)
    tiers.moved(state, move, by=request.id)
    standing.tier = move.to
    given = gifts(programme, state, move.to, day.year, entered=True)
    decision.trace.tier = row_of(move, programme)
    return Tiered(counted, decision.trace.tier, given)


def row_of(move: Move, programme: Programme) -> dict[str, Any]:
    """A move as the trace keeps it: {"from", "to", "on", "up"} and, when promised, "until"."""
    row: dict[str, Any] = {
        "from": move.from_ or programme.first_tier,
        "to": move.to,
        "on": move.on.isoformat(),
        "up": move.up,
    }
    return row | ({"until": move.until.isoformat()} if move.until else {})


def gifts(
    programme: Programme, state: dict[str, Any], tier: str | None, year: int, *, entered: bool
) -> tuple[VoucherEffect, ...]:
    """The vouchers a level brings now: those of entering it (once a year) and those of the year. Noted in the state."""
    level = programme.by_level.get(tier or "")
    if level is None or not (level.on_enter or level.yearly):
        return ()
    given: dict[str, int] = state.setdefault("gifts", {})
    found: list[str] = []
    if entered and level.on_enter and given.get(f"enter:{level.id}") != year:
        given[f"enter:{level.id}"] = year
        found += level.on_enter
    for reward in level.yearly:
        if given.get(reward) != year:
            given[reward] = year
            found.append(reward)
    return tuple([VoucherEffect(reward, f"tier:{level.id}") for reward in found])


def effect_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A move as the contract shows effects."""
    return {"kind": "tier", "from": row["from"], "to": row["to"]}


def returned(
    standing: Standing,
    event_id: str,
    counted: Mapping[str, Any] | None,
    programme: Programme,
    *,
    before: int,
    after: int,
    of: int,
) -> dict[str, Any] | None:
    """A refund takes progress back, or an undone one gives it again: `before` and `after` are what was and is left of the
    event's `of` net minor units (an event without amount: 1, 0 and 1). `counted` is from the event's trace.

    A level that this very event had brought goes with it, when it is not reached without; then the row of the move.
    """
    rules = programme.tiers
    if rules is None or not counted:
        return None
    if progress.take_back(standing.state, rules, counted, before=before, after=after, of=of):
        standing.touched = True
    back = tiers.undo(programme, holder(standing, programme), event_id) if after < before else None
    if back is None:
        return None
    row = {"from": standing.tier, "to": back, "on": counted["day"], "up": False}
    standing.tier, standing.touched = back, True
    return row


def shown(standing: Standing, programme: Programme, day: date) -> dict[str, Any]:
    """The contract's Recorded.tier: the level, the next one, and what is missing of each metric."""
    who = holder(standing, programme)
    following = tiers.next_level(programme, standing.tier)
    tier = standing.tier if standing.tier in programme.by_level else programme.first_tier
    if programme.tiers is None or following is None:
        return {"id": tier, "next": None, "missing": {}}
    values = tiers.now_values(programme.tiers, who, day)
    return {"id": tier, "next": following.id, "missing": tiers.missing(following.enter, values)}
