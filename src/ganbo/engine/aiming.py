"""How far a member is with what they aim at. Pure; the state is kept beside the member and changed in place.

Keys of a member's state that belong here:

    earned      n                                        points earned, lifetime, while milestones of it are in the programme
    challenges  {id: {"of": text, "seen": {value: n}}}   of distinct things how many purchases hold each; else one sum under ""
    aims        {rule: {"of": total, "n": needed, "live": bool, …}}   gifts that were given; see journeys/aiming.py

What is reached is a function of these totals alone, so the order in which purchases and returns arrive makes no difference.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ganbo.engine import frame, matching
from ganbo.engine.aims import Challenge, Milestones, Step
from ganbo.engine.basket import MILLI, Order
from ganbo.engine.programme import Programme
from ganbo.engine.refunds import Left

MILESTONE, CHALLENGE = "milestone", "challenge"
_FORGET_DAYS = 400  # what a challenge counted is forgotten so long after its end: its returns have come by then
State = dict[str, Any]


def rule_of_step(milestones: Milestones, step: Step) -> str:
    """The name of a step in the books: milestone:spend-5000000."""
    return f"{MILESTONE}:{milestones.of}-{step.at}"


def rule_of(challenge: Challenge) -> str:
    """The name of a challenge in the books: challenge:seven-brews."""
    return f"{CHALLENGE}:{challenge.id}"


def is_aim(rule: str) -> bool:
    """Whether a gift came from a milestone or a challenge."""
    return rule.partition(":")[0] in (MILESTONE, CHALLENGE) and ":" in rule


def counts_points(programme: Programme) -> bool:
    """Whether points earned have to be counted."""
    milestones = programme.aims.milestones
    return milestones is not None and milestones.of == "points_earned"


def points_of(programme: Programme, given: Iterable[tuple[str, int]]) -> int:
    """The points among (wallet, units): what can be spent and is no money."""
    wallets = programme.wallets
    return sum([n for wallet, n in given if wallets[wallet].spendable and not wallets[wallet].money])


def contribution(
    challenge: Challenge, order: Order, *, store: str | None, day: date, left: Left | None = None
) -> dict[str, int]:
    """What one purchase adds, of which `left` was not returned: each distinct value once, or a sum under "".

    Pieces in thousandths, money in minor units rounded up.
    """
    if not challenge.open_on(day) or (left is not None and left.nothing):
        return {}
    lines = [
        (place, line)
        for place, line in enumerate(order.lines)
        if not line.free
        and not frame.barred(line, challenge.never)
        and matching.line_holds(challenge, line)
        and (left is None or (left.share(place) > 0 and left.pieces[place] > 0))
    ]
    if not lines:
        return {}
    if challenge.kind == "distinct":
        values = {store or ""} if challenge.by == "store" else {getattr(line, challenge.by) for _, line in lines}
        return {value: 1 for value in values if value}
    if challenge.kind == "count":
        return {"": 1}
    if challenge.kind == "units":
        n = sum([int(line.quantity * (left.pieces[place] if left else 1)) for place, line in lines])
    else:
        n = sum([-int(-line.net * (left.share(place) if left else 1) // 1) for place, line in lines])
    return {"": n} if n else {}


def add(state: State, challenge: Challenge, more: Mapping[str, int], *, times: int = 1) -> bool:
    """Count what a purchase adds, or with `times=-1` what came back; whether anything changed."""
    if not more:
        return False
    kept: State = state.setdefault("challenges", {})
    held = kept.get(challenge.id)
    if held is None or held["of"] != challenge.of:
        if times < 0:
            return False
        held = kept[challenge.id] = {"of": challenge.of, "seen": {}}
    seen: dict[str, int] = held["seen"]
    for value, n in more.items():
        seen[value] = max(seen.get(value, 0) + times * n, 0)
        if not seen[value]:
            del seen[value]
    return True


def progress(state: Mapping[str, Any], challenge: Challenge) -> int:
    """How much of `challenge.n` there is: distinct things, purchases, pieces or minor units."""
    return _progress(state.get("challenges", {}).get(challenge.id), challenge.of)


def _progress(held: Mapping[str, Any] | None, of: str) -> int:
    if held is None or held["of"] != of:
        return 0
    if of.startswith("distinct"):
        return len(held["seen"])
    n: int = held["seen"].get("", 0)
    return n // MILLI if of == "units" else n


def forget(state: State, programme: Programme, day: date) -> None:
    """Let go what was counted for challenges that ended long ago."""
    for challenge in programme.aims.challenges:
        if challenge.until is not None and (day - challenge.until).days > _FORGET_DAYS:
            state.get("challenges", {}).pop(challenge.id, None)


def reached(state: Mapping[str, Any], entry: Mapping[str, Any], rule: str, totals: Mapping[str, int]) -> bool:
    """Whether the aim of a gift that was given is still reached."""
    kind, _, name = rule.partition(":")
    if kind == MILESTONE:
        return totals[entry["of"]] >= int(entry["n"])
    held = state.get("challenges", {}).get(name)
    if held is None:
        return bool(entry["live"])  # forgotten: it stays as it is
    return _progress(held, entry["of"]) >= int(entry["n"])
