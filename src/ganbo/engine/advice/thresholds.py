"""Tiers nobody reaches, in the wrong order, or with a door that cannot be seen."""

from collections.abc import Iterator
from fractions import Fraction

from ganbo.engine.advice.assuming import MONTHS, Typical
from ganbo.engine.advice.finding import LOW, MEDIUM, Found
from ganbo.engine.programme import Level, Programme, Threshold
from ganbo.engine.text import Path


def findings(programme: Programme, member: Typical) -> Iterator[Found]:
    for place, level in enumerate(programme.levels):
        where: Path = ("tiers", "levels", place)
        if place and level.enter is None and not level.invitation_only:
            yield Found("tier_no_way_in", where, MEDIUM, {"tier": level.id})
        if level.invitation_only and place < len(programme.levels) - 1:
            yield Found("tier_invitation_middle", where, LOW, {"tier": level.id})
        if level.enter is not None:
            yield from _unreachable(programme, member, level, where)
            yield from _order(programme.levels[:place], level, where)
            yield from _keep(level, where)


def _unreachable(programme: Programme, member: Typical, level: Level, where: Path) -> Iterator[Found]:
    """Beyond what even a keen member does in the time that counts."""
    rules = programme.tiers
    months = rules.window_months if rules and rules.window == "rolling" else MONTHS
    reach = {name: value * member.assumed.keen * months for name, value in _a_month(programme, member).items()}
    assert level.enter is not None
    if not _met(level.enter, reach):
        params = {"tier": level.id, "keen": member.assumed.keen, "months": months}
        yield Found("tier_unreachable", (*where, "enter"), MEDIUM, params)


def _a_month(programme: Programme, member: Typical) -> dict[str, Fraction]:
    """What a typical member does of each metric; a metric of own events is not known, so it is left out."""
    visits = Fraction(member.assumed.visits_a_month)
    found = {"visits": visits, "purchases": visits, "spend": visits * member.bill}
    found["points_earned"] = visits * sum(
        (n for w, n in member.units.items() if not programme.wallets[w].money), Fraction(0)
    )
    for name, (kind, of) in (programme.tiers.metrics if programme.tiers else {}).items():
        if kind == "wallet" and member.units.get(of):
            found[name] = visits * member.units[of]
    return found


def _met(tree: Threshold, reach: dict[str, Fraction]) -> bool:
    """Whether a threshold is met; a metric that is not known counts as met."""
    if tree[0] == "least":
        return tree[1] not in reach or reach[tree[1]] >= tree[2]
    together = any if tree[0] == "any" else all
    return together(_met(part, reach) for part in tree[1])


def _order(lower: tuple[Level, ...], level: Level, where: Path) -> Iterator[Found]:
    """A level that asks less of some metric than a lower one asks."""
    own = least(level.enter)
    for other in lower:
        for metric, n in least(other.enter).items():
            if metric in own and own[metric] < n:
                params = {"tier": level.id, "below": other.id, "metric": metric, "own": own[metric], "other": n}
                yield Found("tier_order", (*where, "enter"), MEDIUM, params)
                return


def _keep(level: Level, where: Path) -> Iterator[Found]:
    own = least(level.enter)
    for metric, n in least(level.keep).items():
        if metric in own and n > own[metric]:
            params = {"tier": level.id, "metric": metric, "keep": n, "enter": own[metric]}
            yield Found("tier_keep_above_enter", (*where, "keep"), MEDIUM, params)


def least(tree: Threshold | None) -> dict[str, int]:
    """Every metric of a threshold with the least it asks anywhere."""
    if tree is None:
        return {}
    if tree[0] == "least":
        return {tree[1]: tree[2]}
    found: dict[str, int] = {}
    for part in tree[1]:
        for metric, n in least(part).items():
            found[metric] = min(n, found.get(metric, n))
    return found
