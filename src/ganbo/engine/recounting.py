"""Counters made anew from what happened: when rules begin to count something new, and to prove those that are kept.

What was judged by rules of the same fingerprint counts as it did then; its trace says how. Anything else counts by the first
version of that fingerprint, whatever is published later: its `counts` sees the event and its order, of the member only who
it is. Where only so many purchases of a day count, it is the earliest ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ganbo.engine import decide, frame, progress
from ganbo.engine.basket import Order
from ganbo.engine.facts import Facts, MemberFacts
from ganbo.engine.programme import Programme, TierRules
from ganbo.engine.progress import BY_MONTH, State
from ganbo.kernel.swift import swift

BEFORE = -1  # the change that what was before the present level belongs to
Counted = dict[str, Any]  # {"day", "change", "metrics", "by"}: see progress.add


@swift
@dataclass(frozen=True, slots=True)
class Happened:
    """One recorded event of a member as counting needs it; `given`: units by wallet, when some metric counts them.

    `order` and `data` may be left out when `looks_at_events` says no.
    """

    id: str
    type: str
    occurred_at: datetime
    member: str
    store: str | None
    channel: str | None
    staff: str | None
    data: Mapping[str, Any]
    order: Order | None
    net: int
    visited: bool
    given: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """What some events of one month and one change still count."""

    month: str
    change: int
    metrics: Mapping[str, int]


def amounts(programme: Programme, event: Happened, *, counts: bool) -> dict[str, int]:
    """What an event adds to each metric that some threshold reads."""
    net = frame.net(event.order, programme.never.earn) if event.order else event.net
    return progress.of_event(programme, event.type, counts=counts, net=net, visited=event.visited, given=event.given)


def looks_at_events(programme: Programme) -> bool:
    """Whether what counts depends on more than an event's type and its net."""
    rules, runs = programme.tiers, programme.runs
    conditional = rules is not None and rules.counts is not None
    return conditional or bool(programme.never.earn) or runs.since is not None or runs.earn_until is not None


def counts(programme: Programme, event: Happened) -> bool:
    """Whether an event is one that counts, but for the most a day."""
    if programme.tiers is None or not looks_at_events(programme):
        return True
    facts = Facts(
        type=event.type,
        occurred_at=event.occurred_at,
        member=MemberFacts(event.member, programme.first_tier, 0, 0, 0, 0, -1, (), {}),
        store=event.store,
        channel=event.channel,
        staff=event.staff,
        data=event.data,
        order=event.order,
        carried={},
        used={},
    )
    return decide.counts(facts, programme)


def derived(programme: Programme, events: Iterable[Happened], base: Mapping[str, Any] | None) -> dict[str, Counted]:
    """What each of one member's events counts by a programme that did not judge it, by event id.

    All events of a local day that count so must be among them. `base` is the state's.
    """
    rules = programme.tiers
    assert rules is not None
    found: dict[str, Counted] = {}
    today: dict[str, int] = {}
    for event in sorted(events, key=lambda one: (one.occurred_at, one.id)):
        day = event.occurred_at.astimezone(programme.timezone).date().isoformat()
        count = counts(programme, event)
        if count and event.type == "purchase" and rules.max_per_day is not None:
            count = today.get(day, 0) < rules.max_per_day
            today[day] = today.get(day, 0) + count
        change = base["n"] if base and day >= base["since"] else BEFORE
        found[event.id] = {
            "day": day,
            "change": change,
            "metrics": amounts(programme, event, counts=count),
            "by": progress.fingerprint_of(rules),
        }
    return found


def base(rules: TierRules, state: State, today: date) -> dict[str, Any] | None:
    """From where on what is recounted today belongs to the present level; None when windows do not ask."""
    if rules.window != "since_change":
        return None
    held = state.get("tier", {})
    since = held.get("since") or (today.isoformat() if held else "")
    return {"n": held.get("n", 0), "since": since}


def counters(rules: TierRules, held: Mapping[str, Any], parts: Iterable[Part]) -> dict[str, Any]:
    """The counters that parts add up to: `months`, `total`, or `since` with `was`, that of the level before."""
    if rules.window in BY_MONTH:
        months: dict[str, dict[str, int]] = {}
        for part in parts:
            _add(months.setdefault(part.month, {}), part.metrics)
        if months:
            progress.prune(months, rules)
        return {"months": months}
    if rules.window == "lifetime":
        total: dict[str, int] = {}
        for part in parts:
            _add(total, part.metrics)
        return {"total": total}
    now, was = progress.changes(held), progress.changes(held["was"]) if "was" in held else ()
    found: dict[str, Any] = {"since": {}, "was": {}}
    for part in parts:
        if part.change in now:
            _add(found["since"], part.metrics)
        elif part.change in was:
            _add(found["was"], part.metrics)
    return found


def _add(bucket: dict[str, int], metrics: Mapping[str, int]) -> None:
    for metric, n in metrics.items():
        bucket[metric] = bucket.get(metric, 0) + n


def put(state: State, rules: TierRules, found: Mapping[str, Any], base: Mapping[str, Any] | None) -> None:
    """Put recounted counters into the state, instead of those that were there. Changes it in place."""
    for key in ("months", "total", "since", "base"):
        state.pop(key, None)
    state["counted"] = progress.fingerprint_of(rules)
    state |= {key: found[key] for key in ("months", "total", "since") if key in found}
    if base is not None:
        state["base"] = dict(base)
    was = state.get("tier", {}).get("was")
    if was is not None:
        was.pop("counts", None)
        if "was" in found:
            was["counts"] = found["was"]


def differences(rules: TierRules, state: State, found: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """(counter, kept, recounted) wherever the state's counters are not those recounted; zero is nothing."""
    kept: dict[str, Mapping[str, int]]
    again: dict[str, Mapping[str, int]]
    if rules.window in BY_MONTH:
        kept, again = dict(state.get("months", {})), dict(found["months"])
        newest = max([*kept, *again], default="")
        for months in (kept, again):
            if newest and newest not in months:
                months[newest] = {}
                progress.prune(months, rules)
    elif rules.window == "lifetime":
        kept, again = {"total": state.get("total", {})}, {"total": found["total"]}
    else:
        was = state.get("tier", {}).get("was", {}).get("counts", {})
        kept, again = {"since": state.get("since", {}), "was": was}, {"since": found["since"], "was": found["was"]}
    return [
        (f"{bucket} {metric}", here, there)
        for bucket in sorted({**kept, **again})
        for metric in sorted({**kept.get(bucket, {}), **again.get(bucket, {})})
        if (here := kept.get(bucket, {}).get(metric, 0)) != (there := again.get(bucket, {}).get(metric, 0))
    ]
