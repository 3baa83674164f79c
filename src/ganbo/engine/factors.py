"""Multipliers: which hold together, which are outdone, and what they make of the rules' values. Exact fractions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from ganbo.engine.facts import Facts
from ganbo.engine.programme import Programme, Rule
from ganbo.engine.trace import shown

_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Held:
    """A multiplier whose condition holds: its rule, what it multiplies, and how it goes together with others."""

    by_rule: str
    rule: str | None
    wallet: str | None
    by: Fraction
    combine: str


def multiplied(
    programme: Programme, facts: Facts, wallet: str, parts: Sequence[tuple[Rule, int, int]], held: Sequence[Held]
) -> tuple[list[int], int, dict[str, Any]]:
    """Each rule's value n/d with its factors over one common denominator, and what the trace says of the tier's."""
    row: dict[str, Any] = {}
    pairs = []
    for rule, n, d in parts:
        by = _of(held, rule.id, wallet) if held else _ONE
        tier = _tier(programme, facts, wallet, rule)
        if by is _ONE and tier is _ONE:
            pairs.append((n, d))
            continue
        if tier != 1:
            row = {"tier": facts.member.tier if facts.member else None, "tier_by": shown(*tier.as_integer_ratio())}
        pairs.append((n * by.numerator * tier.numerator, d * by.denominator * tier.denominator))
    if len(pairs) == 1:
        return [pairs[0][0]], pairs[0][1], row
    common = lcm(*[d for _, d in pairs])
    return [n * (common // d) for n, d in pairs], common, row


def outdone(held: Sequence[Held]) -> dict[str, str]:
    """The rules of `best` multipliers that a better one of the same target beats, each with the one that counts instead."""
    groups: dict[tuple[str | None, str | None], list[Held]] = {}
    for one in held:
        if one.combine == "best":
            groups.setdefault((one.rule, one.wallet), []).append(one)
    beaten: dict[str, str] = {}
    for group in groups.values():
        best = max(group, key=lambda one: one.by)
        beaten |= {one.by_rule: best.by_rule for one in group if one is not best}
    return beaten


def _of(held: Sequence[Held], rule: str, wallet: str) -> Fraction:
    """The factor of all multipliers of a rule, and of all of its wallet."""
    mine = [one for one in held if one.rule == rule or one.wallet == wallet]
    if len(mine) < 2:
        return mine[0].by if mine else _ONE
    own = _together(one for one in mine if one.rule == rule)
    return own * _together(one for one in mine if one.rule != rule)


def _together(held: Iterable[Held]) -> Fraction:
    """Products multiply, of the best only the best counts, added ones add what they give above one."""
    product, best, added = _ONE, None, Fraction(0)
    for one in held:
        if one.combine == "best":
            best = one.by if best is None else max(best, one.by)
        elif one.combine == "add":
            added += one.by - 1
        else:
            product *= one.by
    return product * (best if best is not None else _ONE) * max(1 + added, Fraction(0))


def _tier(programme: Programme, facts: Facts, wallet: str, rule: Rule) -> Fraction:
    """The member's level's factor for a rule; never on money."""
    member = facts.member
    if not rule.tier_multiplier or member is None or member.tier is None or programme.wallets[wallet].money:
        return _ONE
    level = programme.by_level.get(member.tier)
    if level is None:
        return _ONE
    by = level.multiply
    for one in level.multiplies:
        if one.wallet in (None, wallet) and (not one.rules or rule.id in one.rules):
            by *= one.by
    return by if by.numerator != by.denominator else _ONE
