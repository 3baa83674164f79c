"""Levels on the hot path: an event is counted, the level it brings is reached at once, and what that gives is planned.

No database: everything is in the standing, which is locked and written anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ganbo.books.events.reading import EventRequest
from ganbo.engine import frame, progress, recounting, tiers
from ganbo.engine.basket import Order
from ganbo.engine.decide import Decision, VoucherEffect
from ganbo.engine.programme import Programme, TierRules
from ganbo.engine.recounting import Happened
from ganbo.engine.tiers import Holder, Move
from ganbo.features.programmes.in_force import Timeline
from ganbo.journeys.gathering import Standing
from ganbo.kernel.swift import swift


@swift
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


@dataclass(frozen=True, slots=True)
class Rules:
    """By which rules an event moves a member: `counts` keeps the counters, `levels` raises; None: not before a recount.

    `own`: they are those that judged the event, or count as those do.
    """

    counts: Programme
    levels: Programme | None
    own: bool


def rules_for(timeline: Timeline, state: Mapping[str, Any], judged: Programme, *, now: datetime) -> Rules:
    """The rules for an event that `judged` judges: those the member's counters are named by, else those in force now."""
    held = state.get("counted")
    own = named_by(judged)
    if own and held == own:
        return Rules(judged, judged, True)
    present = timeline.at(now).programme
    wanted = named_by(present)
    keeps = first_of(timeline, held or wanted)
    if keeps is None:
        return Rules(judged, judged, True) if wanted == own else Rules(present, present, False)
    named = held or wanted
    if named == own:
        return Rules(judged, judged, True)
    return Rules(keeps, present if named == wanted else None, False)


def named_by(programme: Programme) -> str | None:
    """The fingerprint of a programme's rules for levels; None when it has none."""
    return progress.fingerprint_of(programme.tiers) if programme.tiers else None


def first_of(timeline: Timeline, fingerprint: str | None) -> Programme | None:
    """The first version that counts so; what is published later does not change it."""
    for version in timeline.versions:
        if fingerprint is not None and named_by(version.programme) == fingerprint:
            return version.programme
    return None


def after(
    standing: Standing,
    request: EventRequest,
    order: Order | None,
    decision: Decision,
    by: Rules,
    *,
    visited: bool,
) -> Tiered:
    """Count an event that was decided, and raise the member when it brings a level. Changes the standing."""
    rules = by.counts.tiers
    if rules is None or not rules.used:
        return NOTHING
    day, state = local_day(request.occurred_at, by.counts), standing.state
    given = progress.given(decision.effects)
    counts = decision.counts if by.own else _counts(standing, request, order, by.counts, visited=visited, given=given)
    if request.type == "purchase":
        counts = counts and progress.counts_today(state, rules, day)
    net = frame.net(order, by.counts.never.earn) if order else 0
    amounts = progress.of_event(by.counts, request.type, counts=counts, net=net, visited=visited, given=given)
    if request.type == "signup" and not any(key in state for key in ("counted", "months", "total", "since")):
        state["counted"] = progress.fingerprint_of(rules)  # nothing came before: what is counted from here is complete
        standing.touched = True
    if not amounts:
        return NOTHING if by.own else Tiered(_uncounted(rules, day))
    standing.touched = True
    counted = progress.add(state, rules, day, amounts)
    if not by.own:
        counted = _uncounted(rules, day) | (counted or {})
    return _risen(standing, request, decision, by, counted)


def _counts(
    standing: Standing,
    request: EventRequest,
    order: Order | None,
    programme: Programme,
    *,
    visited: bool,
    given: Mapping[str, int],
) -> bool:
    """Whether an event counts by other rules than those that judged it."""
    happened = Happened(
        id=request.id,
        type=request.type,
        occurred_at=request.occurred_at,
        member=str(standing.member_id),
        store=request.store,
        channel=request.channel,
        staff=request.staff,
        data=request.data,
        order=order,
        net=order.net if order else 0,
        visited=visited,
        given=given,
    )
    return recounting.counts(programme, happened)


def _uncounted(rules: TierRules, day: date) -> dict[str, Any]:
    """What the trace keeps of an event that other rules than its own counted, perhaps as nothing; `by` comes first."""
    by = progress.fingerprint_of(rules)
    return {"by": by, "day": day.isoformat(), "change": recounting.BEFORE, "metrics": {}}


def _risen(
    standing: Standing, request: EventRequest, decision: Decision, by: Rules, counted: dict[str, Any] | None
) -> Tiered:
    programme = by.levels
    if programme is None:
        return Tiered(counted)
    day = local_day(request.occurred_at, programme)
    move = tiers.rise(programme, holder(standing, programme), day)
    if move is None:
        return Tiered(counted)
    tiers.moved(standing.state, move, by=request.id)
    standing.tier = move.to
    given = gifts(programme, standing.state, move.to, day.year, entered=True)
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


def owe(state: dict[str, Any], unpaid: Sequence[VoucherEffect]) -> None:
    """Gifts of the year that the budget could not pay are looked at again."""
    for gift in unpaid:
        state.get("gifts", {}).pop(gift.reward, None)


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
    event's `of` net minor units (an event without amount: 1, 0 and 1). `counted` is what the event counted for the rules
    of `programme`, which keep the member's counters.

    A level that this very event had brought goes with it, when it is not reached without; and it comes again with the
    progress, as if it had never gone: from the event's day. Then the row of the move.
    """
    rules = programme.tiers
    if rules is None or not counted:
        return None
    if progress.take_back(standing.state, rules, counted, before=before, after=after, of=of):
        standing.touched = True
    if after > before:
        return _again(standing, event_id, counted, programme)
    back = tiers.undo(programme, holder(standing, programme), event_id) if after < before else None
    if back is None:
        return None
    row = {"from": standing.tier, "to": back, "on": counted["day"], "up": False}
    standing.tier, standing.touched = back, True
    return row


def _again(
    standing: Standing, event_id: str, counted: Mapping[str, Any], programme: Programme
) -> dict[str, Any] | None:
    move = tiers.rise(programme, holder(standing, programme), date.fromisoformat(counted["day"]))
    if move is None:
        return None
    tiers.moved(standing.state, move, by=event_id)
    standing.tier, standing.touched = move.to, True
    return row_of(move, programme)


def shown(standing: Standing, programme: Programme, day: date) -> dict[str, Any]:
    """The contract's Recorded.tier: the level, the next one, and what is missing of each metric."""
    who = holder(standing, programme)
    following = tiers.next_level(programme, standing.tier)
    tier = standing.tier if standing.tier in programme.by_level else programme.first_tier
    if programme.tiers is None or following is None:
        return {"id": tier, "next": None, "missing": {}}
    values = tiers.now_values(programme.tiers, who, day)
    return {"id": tier, "next": following.id, "missing": tiers.missing(following.enter, values)}
