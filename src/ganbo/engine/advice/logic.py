"""Rules that can never hold, multipliers of nothing, limits that can never bind."""

from collections.abc import Iterator
from typing import Any

from ganbo.engine import wording
from ganbo.engine.advice.finding import LOW, MEDIUM, Found
from ganbo.engine.limits import Limit
from ganbo.engine.programme import During, Programme, Rule
from ganbo.engine.wording import Clause

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NESTED = {("month", "quarter"): 3, ("month", "year"): 12, ("quarter", "year"): 4}  # calendar periods made of others
_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}  # the shortest
_LONGEST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def findings(programme: Programme) -> Iterator[Found]:
    for place, rule in enumerate(programme.rules):
        for key, condition in (("when", rule.when), ("lines", rule.lines)):
            parts = wording.parts(condition.source) if condition else None
            if parts and not possible([*parts, *(_during(rule.during) if key == "when" else ())], programme):
                yield Found("never_holds", ("earn", place, key), MEDIUM, {"rule": rule.id})
        if rule.multiply is not None and not _gives_there(programme, rule):
            target = rule.multiply.rule or rule.multiply.wallet
            yield Found("multiplies_nothing", ("earn", place), MEDIUM, {"rule": rule.id, "target": target})
        for number in _idle(list(rule.limits), rule):
            yield Found("limit_idle", ("earn", place, "limits", number), LOW, {"rule": rule.id, "reward": ""})
    for place, card in enumerate(programme.cards):
        for key, condition in (("when", card.when), ("lines", card.lines)):
            parts = wording.parts(condition.source) if condition else None
            if parts and not possible(list(parts), programme):
                yield Found("never_holds", ("stamp_cards", place, key), MEDIUM, {"rule": card.id})
    for place, reward in enumerate(programme.rewards.values()):
        for number in _idle(list(reward.limits), None):
            yield Found("limit_idle", ("rewards", place, "limits", number), LOW, {"rule": "", "reward": reward.id})


def _gives_there(programme: Programme, rule: Rule) -> bool:
    """Whether anything the multiplier names gives on the same events."""
    many = rule.multiply
    assert many is not None
    giving = [other for other in programme.rules_for(rule.on) if other.give and other.give.wallet]
    return any(other.id == many.rule or (other.give and other.give.wallet == many.wallet) for other in giving)


def _during(during: During | None) -> list[Clause]:
    """The days and hours of a rule as clauses, to be held against its condition."""
    if during is None:
        return []
    clauses: list[Clause] = [
        ("compare", "local.hour", ">=", during.from_hour),
        ("compare", "local.hour", "<", during.to_hour),
    ]
    if during.weekdays:
        clauses.append(("in", "local.weekday", tuple(_WEEKDAYS[n] for n in sorted(during.weekdays))))
    if during.since:
        clauses.append(("compare", "local.date", ">=", during.since.isoformat()))
    if during.until:
        clauses.append(("compare", "local.date", "<", during.until.isoformat()))
    return clauses


def possible(parts: list[Clause], programme: Programme) -> bool:
    """Whether clauses that must all hold can: False only when they surely cannot."""
    names = {part[1] for part in parts if part[0] in ("compare", "in", "not_in", "true", "false")}
    return all(_some_value([p for p in parts if len(p) > 1 and p[1] == name], name, programme) for name in names)


def _some_value(about: list[Clause], name: str, programme: Programme) -> bool:
    """Whether one variable can have a value that fits all clauses about it."""
    if {"true", "false"} <= {part[0] for part in about}:
        return False
    known = _known_values(name, programme)
    listed = [set(part[2]) for part in about if part[0] == "in"]
    listed += [{part[3]} for part in about if part[0] == "compare" and part[2] == "=="]
    if known is not None:
        listed.append(known)
    if listed:
        return any(_fits(value, about) for value in set.intersection(*listed))
    return _range_left(about, name)


def _known_values(name: str, programme: Programme) -> set[Any] | None:
    if name == "local.weekday":
        return set(_WEEKDAYS)
    if name == "member.tier":
        return {level.id for level in programme.levels} | {""}
    return set(range(24)) if name == "local.hour" else None


def _fits(value: Any, about: list[Clause]) -> bool:
    for part in about:
        if part[0] == "compare":
            _, _, op, literal = part
            if type(value) is not type(literal):
                return bool(op == "!=")
            held = {
                "==": value == literal, "!=": value != literal, ">=": value >= literal,
                "<=": value <= literal, ">": value > literal, "<": value < literal,
            }[op]  # fmt: skip
            if not held:
                return False
        if (part[0] == "in" and value not in part[2]) or (part[0] == "not_in" and value in part[2]):
            return False
    return True


def _range_left(about: list[Clause], name: str) -> bool:
    """Whether lower and upper bounds leave a whole number (or a text) between them."""
    low = high = None
    for part in about:
        if part[0] != "compare":
            continue
        op, literal = part[2], part[3]
        step = 1 if type(literal) is int else 0
        if op in (">=", ">"):
            bound = literal + step if op == ">" and step else literal
            low = bound if low is None else max(low, bound)
        if op in ("<=", "<"):
            bound = literal - step if op == "<" and step else literal
            high = bound if high is None else min(high, bound)
    if type(high) is int and name.partition(".")[0] in ("order", "line", "member"):
        floor = -1 if name == "member.days_since_purchase" else 0
        low = floor if low is None else max(low, floor)
    strict = any(part[0] == "compare" and part[2] in ("<", ">") and part[3] in (low, high) for part in about)
    return low is None or high is None or (low < high if strict and type(low) is str else low <= high)


def _idle(limits: list[Limit], rule: Rule | None) -> Iterator[int]:
    """Limits that another one on the same thing always reaches first; or that nothing can reach."""
    for number, limit in enumerate(limits):
        once = rule is not None and rule.on == "signup" and limit.scope == "member"
        if (once and limit.kind == "count") or any(_inside(other, limit) for other in limits if other is not limit):
            yield number


def _inside(tight: Limit, wide: Limit) -> bool:
    """Whether keeping to `tight` always keeps to `wide`."""
    if (tight.scope, tight.kind) != (wide.scope, wide.kind):
        return False
    if (tight.period, tight.rolling_days) == (wide.period, wide.rolling_days):
        return tight.most < wide.most
    if wide.period == "ever":
        return False
    return tight.most * (1 if tight.period == "ever" else _touched(tight, wide)) <= wide.most


def _touched(tight: Limit, wide: Limit) -> int:
    """The most periods of `tight` that one period of `wide` can touch."""
    if wide.period == "day" or (wide.period, tight.period) in _NESTED:
        return 1
    if (tight.period, wide.period) in _NESTED:
        return _NESTED[tight.period, wide.period]
    days, span = tight.rolling_days or _DAYS[tight.period], wide.rolling_days or _LONGEST[wide.period]
    whole = tight.period == "day" or tight.rolling_days > 0
    return -(-span // days) + (0 if whole else 1)
