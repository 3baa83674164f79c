"""How members move between levels: a pure function of their counters, their level and the day.

Rising happens with the event that brings it (or, with `upgrade: period_end`, at the review); falling only at the nightly
review. A period is a calendar year, a year of membership in whole months, or a month. `state["tier"]` says:

    since   first local day of the level        until   last day it is kept whatever comes; absent: no such promise
    n       how often the level changed         grace   the day on which it will be lost, when keeping it failed
    also    former n of the same stay in it: a rise in between was undone
    by      the event that brought it, with `was`: {tier, since, until, n, also, counts} before it, to be undone
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from ganbo.engine.expiry import months_later
from ganbo.engine.programme import Level, Programme, Threshold, TierRules
from ganbo.engine.progress import BY_MONTH, State, month_of
from ganbo.kernel.period import plus_months
from ganbo.kernel.swift import swift

_EVER = "9999-99"
_DAY = timedelta(days=1)
_YEAR = 12
Values = Mapping[str, int]


@swift
@dataclass(frozen=True, slots=True)
class Holder:
    """A member as levels see them: the level they are in, what is kept beside them, the local day they joined."""

    tier: str | None
    state: State
    joined: date

    @property
    def held(self) -> dict[str, Any]:
        """What is known of the level: since, until, …; empty when nothing is."""
        found: dict[str, Any] = self.state.get("tier", {})
        return found


@dataclass(frozen=True, slots=True)
class Move:
    """A member's change of level on a day; `until` is the last day the new one is sure."""

    from_: str | None
    to: str
    on: date
    until: date | None
    up: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What a nightly review changes: the new `state["tier"]`, and the move when there is one. `ends_on`: grace began."""

    held: dict[str, Any]
    move: Move | None = None
    ends_on: date | None = None


# --- thresholds


def holds(threshold: Threshold | None, values: Values) -> bool:
    """Whether a threshold is reached; None never is."""
    if threshold is None:
        return False
    if threshold[0] == "least":
        return values.get(threshold[1], 0) >= int(threshold[2])
    if threshold[0] == "any":
        return any(holds(part, values) for part in threshold[1])
    return all(holds(part, values) for part in threshold[1])


def ways(threshold: Threshold, values: Values) -> list[dict[str, int]]:
    """Each way to reach a threshold, as what it still lacks of each metric; an empty one: it is reached."""
    if threshold[0] == "least":
        lacking = int(threshold[2]) - values.get(threshold[1], 0)
        return [{threshold[1]: lacking} if lacking > 0 else {}]
    parts = [ways(part, values) for part in threshold[1]]
    if threshold[0] == "any":
        return [way for part in parts for way in part]
    together: list[dict[str, int]] = [{}]
    for part in parts:
        together = [_most(one, other) for one in together for other in part]
    return together


def missing(threshold: Threshold | None, values: Values) -> dict[str, int]:
    """What is lacking of each metric, over all ways to reach it, the least of each; empty when it is reached."""
    found: dict[str, int] = {}
    for way in ways(threshold, values) if threshold is not None else ():
        if not way:
            return {}
        for metric, n in way.items():
            found[metric] = min(found.get(metric, n), n)
    return found


def _most(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {metric: max(one.get(metric, 0), other.get(metric, 0)) for metric in {**one, **other}}


# --- windows


def period_start(rules: TierRules, day: date, joined: date) -> date:
    """The first day of the period that holds `day`: a year, a year of membership in whole months, or a month."""
    return _period_start(rules.window, day.replace(day=1), joined.month)


@lru_cache(maxsize=4096)
def _period_start(window: str, month: date, joined_month: int) -> date:
    if window not in ("calendar_year", "anniversary"):
        return month
    first = 1 if window == "calendar_year" else joined_month
    return date(month.year if month.month >= first else month.year - 1, first, 1)


def now_values(rules: TierRules, who: Holder, day: date) -> Values:
    """What counts on `day` for reaching a level: the window that holds it."""
    if rules.window not in BY_MONTH:
        return who.state.get("total" if rules.window == "lifetime" else "since") or {}
    first, before = _window(rules.window, rules.window_months, day.replace(day=1), who.joined.month)
    return _sum(who.state.get("months") or {}, first, before)


@lru_cache(maxsize=4096)
def _window(window: str, months: int, month: date, joined_month: int) -> tuple[str, str]:
    """Months [first, before) of the window that holds a month; a rolling one has no upper end: late events may count."""
    if window == "rolling":
        return month_of(plus_months(month, -months)), _EVER
    start = _period_start(window, month, joined_month)
    return month_of(start), month_of(plus_months(start, _YEAR))


def ended_values(rules: TierRules, who: Holder, day: date) -> Values:
    """What counts at a review on `day`: the period that ended before it, with a grace also what came since.

    Windows that are no years are looked at as they are.
    """
    if rules.window not in ("calendar_year", "anniversary"):
        return now_values(rules, who, day)
    start = period_start(rules, day, who.joined)
    before = _EVER if "grace" in who.held else month_of(start)
    return _sum(who.state.get("months") or {}, month_of(plus_months(start, -_YEAR)), before)


def _sum(months: Mapping[str, Mapping[str, int]], first: str, before: str) -> dict[str, int]:
    within = [counts for month, counts in months.items() if first <= month < before]
    found = dict(within[0]) if within else {}
    for counts in within[1:]:
        for metric, n in counts.items():
            found[metric] = found.get(metric, 0) + n
    return found


# --- how long a level is sure


def valid_until(rules: TierRules, day: date) -> date | None:
    """The last day a level reached on `day` is kept whatever comes; None when the document promises none."""
    if rules.valid_until == "end_of_year":
        return plus_months(date(day.year, 12, 1), rules.valid_months + 1) - _DAY
    if rules.valid_until == "end_of_month":
        return plus_months(day, rules.valid_months + 1) - _DAY
    if rules.valid_months:
        return months_later(day, rules.valid_months)
    return months_later(day, _YEAR) if rules.window == "since_change" else None


def by_hand_until(rules: TierRules, day: date, joined: date) -> date:
    """The same for a level given by hand or imported: at least until a whole window could have been filled."""
    if rules.window in ("calendar_year", "anniversary"):
        full = plus_months(period_start(rules, day, joined), 2 * _YEAR) - _DAY
    else:
        full = months_later(day, rules.window_months or _YEAR)
    return max(full, valid_until(rules, day) or full)


def _renewed(rules: TierRules, held: Mapping[str, Any], day: date) -> date | None:
    """How long a level kept at a review on `day` is sure: counted from the end of the last promise, else from today."""
    last = _day(held.get("until"))
    until = valid_until(rules, last) if last else None
    return until if until and until >= day else valid_until(rules, day)


# --- rising


def place(programme: Programme, tier: str | None) -> int:
    """Which level it is, from 0; −1 for one that is not in the document any more."""
    if tier is None:
        return 0
    return _places(programme).get(tier, -1)


@lru_cache(maxsize=512)
def _places(programme: Programme) -> dict[str, int]:
    return {level.id: n for n, level in enumerate(programme.levels)}


def eligible(programme: Programme, values: Values, *, above: int = -1) -> int:
    """The highest level above a place that is reached by its entry threshold and needs no invitation; else 0."""
    for n in range(len(programme.levels) - 1, max(above, 0), -1):
        level = programme.levels[n]
        if not level.invitation_only and holds(level.enter, values):
            return n
    return 0


def rise(programme: Programme, who: Holder, day: date) -> Move | None:
    """The level an event of a local day brings, when levels are reached at once; None when it brings none."""
    rules = programme.tiers
    if rules is None or not rules.used or rules.upgrade != "at_once":
        return None
    now = place(programme, who.tier)
    if now == len(programme.levels) - 1:
        return None
    day = max(day, _day(who.held.get("since")) or day)
    to = eligible(programme, now_values(rules, who, day), above=now)
    if to <= now:
        return None
    return Move(who.tier, programme.levels[to].id, day, valid_until(rules, day), True)


def moved(state: State, move: Move, *, by: str | None = None) -> None:
    """Note a move in the state; `by` is the event that brought it, which can then be undone. Changes it in place."""
    held = state.get("tier", {})
    after: dict[str, Any] = {"since": move.on.isoformat(), "n": held.get("n", 0) + 1}
    if move.until:
        after["until"] = move.until.isoformat()
    if by is not None:
        kept = {key: held[key] for key in ("since", "until", "n", "also") if key in held}
        after["by"], after["was"] = by, {"tier": move.from_} | kept
        if "since" in state:
            after["was"]["counts"] = state["since"]
    state["tier"] = after
    if "since" in state:
        state["since"] = {}


def undo(programme: Programme, who: Holder, event_id: str) -> str | None:
    """The level before the one an event had brought, once that event was taken back and its level is not reached
    without it; None when nothing changes. Changes the state in place.
    """
    held, state, rules = who.held, who.state, programme.tiers
    was = held.get("was")
    if rules is None or was is None or held.get("by") != event_id:
        return None
    since_change = rules.window == "since_change"
    values = was.get("counts", {}) if since_change else now_values(rules, who, date.fromisoformat(held["since"]))
    now = place(programme, who.tier)
    if now > 0 and holds(programme.levels[now].enter, values):
        return None
    state["tier"] = {key: was[key] for key in ("since", "until") if key in was}
    state["tier"] |= {"n": held["n"], "also": [was.get("n", 0), *was.get("also", ()), *held.get("also", ())]}
    if since_change:
        late = state.get("since", {})
        state["since"] = {metric: values.get(metric, 0) + late.get(metric, 0) for metric in {**values, **late}}
    first = programme.levels[0].id
    return (was["tier"] or first) if place(programme, was["tier"]) >= 0 else first


# --- the nightly review


def review(programme: Programme, who: Holder, day: date) -> Review | None:
    """What a night's review of one member changes; None for nothing. The state is not changed. Twice on a day is once."""
    rules = programme.tiers
    if rules is None or not programme.levels:
        return None
    now, held, values = place(programme, who.tier), who.held, now_values(rules, who, day)
    if now < 0:
        return _move(programme, who, eligible(programme, values), day, up=False)
    up = _up(programme, who, now, day, values)
    if up > now:
        return _move(programme, who, up, day, up=True)
    level = programme.levels[now]
    if now == 0 or level.keep is None or level.no_downgrade or rules.downgrade == "never":
        return None
    if "since" not in held:
        until = by_hand_until(rules, day, who.joined).isoformat()
        return Review({"since": day.isoformat(), "until": until, "n": held.get("n", 0)})
    return _keep_or_lose(programme, who, now, day, values) if due(rules, who, day) else None


def due(rules: TierRules, who: Holder, day: date) -> bool:
    """Whether a level may be lost on a day: its promise is over, and it was not reached in this very period."""
    until = who.held.get("until")
    if until is not None and day.isoformat() <= until:
        return False
    if rules.window == "since_change":
        return True
    since: str = who.held["since"]
    return since < period_start(rules, day, who.joined).isoformat()


def _up(programme: Programme, who: Holder, now: int, day: date, values: Values) -> int:
    """The place a review raises to; 0 for none. `values`: what counts on the day."""
    rules = programme.tiers
    assert rules is not None
    if not rules.used or now == len(programme.levels) - 1:
        return 0
    if rules.upgrade == "at_once":
        return eligible(programme, values, above=now)
    if who.held.get("since", "") >= period_start(rules, day, who.joined).isoformat():
        return 0
    return eligible(programme, ended_values(rules, who, day), above=now)


def _keep_or_lose(programme: Programme, who: Holder, now: int, day: date, values: Values) -> Review | None:
    rules, held = programme.tiers, who.held
    assert rules is not None
    if rules.window in ("calendar_year", "anniversary"):
        values = ended_values(rules, who, day)
    if deserved(programme.levels[now], values):
        until = _renewed(rules, held, day)
        kept: dict[str, Any] = {key: held[key] for key in ("since", "n") if key in held}
        if until:
            kept["until"] = until.isoformat()
        if rules.window == "since_change":
            kept["n"] = kept.get("n", 0) + 1
        return Review(kept) if "grace" in held or until else None
    if rules.grace_days:
        ends = _day(held.get("grace"))
        if ends is None:
            ends = day + timedelta(days=rules.grace_days)
            return Review({**held, "grace": ends.isoformat()}, ends_on=ends)
        if day < ends:
            return None
    return _move(programme, who, lower(programme, now, values), day, up=False)


def deserved(level: Level, values: Values) -> bool:
    """Whether a level is kept: by its keep threshold, or by what would reach it anew."""
    return holds(level.keep, values) or holds(level.enter, values)


def lower(programme: Programme, now: int, values: Values) -> int:
    """The place a member falls to from place `now`: one step or to what is deserved, never below one that is not lost."""
    rules = programme.tiers
    assert rules is not None
    for n in range(now - 1, 0, -1):
        level = programme.levels[n]
        if level.no_downgrade:
            return n
        if level.invitation_only:
            continue
        if rules.downgrade == "one_step" or deserved(level, values):
            return n
    return 0


def _move(programme: Programme, who: Holder, to: int, day: date, *, up: bool) -> Review:
    rules = programme.tiers
    assert rules is not None
    until = None if to == 0 else valid_until(rules, day) if up else _renewed(rules, who.held, day)
    after: dict[str, Any] = {"since": day.isoformat(), "n": who.held.get("n", 0) + 1}
    if until:
        after["until"] = until.isoformat()
    return Review(after, Move(who.tier, programme.levels[to].id, day, until, up))


def reviewed(state: State, found: Review) -> None:
    """Put a review's result into the state; a change of level, or a renewal, begins the count since it anew."""
    if "since" in state and found.held.get("n", 0) != state.get("tier", {}).get("n", 0):
        state["since"] = {}
    state["tier"] = found.held


# --- what a member is told


def next_level(programme: Programme, tier: str | None) -> Level | None:
    """The next level a member can reach by themselves; None at the top."""
    for level in programme.levels[max(place(programme, tier), 0) + 1 :]:
        if not level.invitation_only and level.enter is not None:
            return level
    return None


@dataclass(frozen=True, slots=True)
class Keeping:
    """What keeping the present level still needs (ways, and the least of each metric) by the end of `until`."""

    ways: tuple[dict[str, int], ...]
    missing: dict[str, int]
    until: date


def keeping(programme: Programme, who: Holder, day: date) -> Keeping | None:
    """What to do to keep the present level, seen on `day`; None when it cannot be lost."""
    rules, now = programme.tiers, place(programme, who.tier)
    if rules is None or now <= 0 or rules.downgrade == "never":
        return None
    level = programme.levels[now]
    if level.keep is None or level.no_downgrade:
        return None
    at = next_review(programme, who, day)
    if at is None:
        return None
    values = ended_values(rules, who, at)
    if deserved(level, values):
        return Keeping((), {}, at - _DAY)
    return Keeping(tuple(ways(level.keep, values)), missing(level.keep, values), at - _DAY)


def next_review(programme: Programme, who: Holder, day: date) -> date | None:
    """The first day after `day` on which the level may be lost as counters are; None when they will never lose it."""
    rules, held = programme.tiers, who.held
    assert rules is not None
    if "grace" in held:
        return max(date.fromisoformat(held["grace"]), day + _DAY)
    until = _day(held.get("until")) or (None if "since" in held else by_hand_until(rules, day, who.joined))
    if until is not None and until >= day:
        return until + _DAY
    if rules.window in ("calendar_year", "anniversary"):
        return plus_months(period_start(rules, day, who.joined), _YEAR)
    level = programme.levels[max(place(programme, who.tier), 0)]
    if rules.window == "rolling":
        return _first_lost(rules, level, who, day)
    for months in range(1, rules.window_months + 2):
        first = plus_months(day, months)
        if not deserved(level, now_values(rules, who, first)):
            return first
    return None


def _first_lost(rules: TierRules, level: Level, who: Holder, day: date) -> date | None:
    """The first day, a whole number of months after `day`, on which what a rolling window still holds is not enough."""
    months: dict[str, dict[str, int]] = who.state.get("months") or {}
    values: dict[str, int] | None = None
    last = ""
    for n in range(1, rules.window_months + 2):
        at = plus_months(day, n)
        first, _ = _window(rules.window, rules.window_months, at.replace(day=1), who.joined.month)
        gone = [counts for month, counts in months.items() if last <= month < first]
        if values is None:
            values = _sum(months, first, _EVER)
        elif not gone:
            last = first
            continue
        else:
            for counts in gone:
                for metric, count in counts.items():
                    values[metric] -= count
        last = first
        if not deserved(level, values):
            return at
    return None


def projected(programme: Programme, who: Holder, day: date) -> str | None:
    """The level after the next review, when nothing more is counted until then; a grace is not looked at."""
    rules, now = programme.tiers, place(programme, who.tier)
    if rules is None or not programme.levels:
        return who.tier
    if rules.upgrade == "period_end":
        months = _YEAR if rules.window in ("calendar_year", "anniversary") else 1
        at = plus_months(period_start(rules, day, who.joined), months)
        up = eligible(programme, ended_values(rules, who, at), above=now)
        if up > now:
            return programme.levels[up].id
    kept = keeping(programme, who, day)
    if kept is None or not kept.missing:
        return programme.levels[max(now, 0)].id
    return programme.levels[lower(programme, now, ended_values(rules, who, kept.until + _DAY))].id


# --- rewards that a level opens


def opened_by(programme: Programme, reward: str) -> Level | None:
    """The lowest level whose benefits unlock a reward; None when anybody may take it."""
    for level in programme.levels:
        if reward in level.unlocks:
            return level
    return None


def unlocked(programme: Programme, reward: str, tier: str | None) -> bool:
    """Whether a member of a tier may redeem a reward: it is locked for nobody, or for levels below theirs only."""
    level = opened_by(programme, reward)
    return level is None or place(programme, tier) >= place(programme, level.id)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
