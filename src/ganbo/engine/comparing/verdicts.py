"""Better or worse for members, aspect by aspect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from ganbo.engine import wording
from ganbo.engine.conditions import Condition
from ganbo.engine.expiry import Expiry, Pending
from ganbo.engine.limits import Limit
from ganbo.engine.wording import Clause

BETTER, WORSE, MIXED, NEUTRAL = "better", "worse", "mixed", "neutral"
_SAMPLES = tuple(date(2027, 1, 1) + timedelta(days=5 * n) for n in range(150))  # days of earning compared


@dataclass(frozen=True, slots=True)
class Aspect:
    """One side of a part that changed, such as its price, and what that means for members."""

    name: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Change:
    """One part of the document that differs. `kind`: added, removed or changed."""

    part: str  # wallets, earn, stamp_cards, tiers, levels, rewards, programme, budget
    id: str
    kind: str
    aspects: tuple[Aspect, ...]

    @property
    def verdict(self) -> str:
        """All aspects together: mixed when some are better and some worse."""
        found = {aspect.verdict for aspect in self.aspects} - {NEUTRAL}
        if not found:
            return NEUTRAL
        return found.pop() if len(found) == 1 else MIXED


def number(name: str, old: Any, new: Any, *, more: str = BETTER) -> list[Aspect]:
    """An amount of which more is better (or worse)."""
    if old == new:
        return []
    less = WORSE if more == BETTER else BETTER
    return [Aspect(name, more if new > old else less)]


def bound(name: str, old: int | None, new: int | None) -> list[Aspect]:
    """A most of something; None is none at all, which is best."""
    infinite = Fraction(10**30)
    return number(name, infinite if old is None else Fraction(old), infinite if new is None else Fraction(new))


def ranked(name: str, old: str, new: str, order: Sequence[str]) -> list[Aspect]:
    """One of several ways, the best for members first."""
    return number(name, order.index(old), order.index(new), more=WORSE)


def other(name: str, old: Any, new: Any, verdict: str = MIXED) -> list[Aspect]:
    """Something else, better for some and worse for others."""
    return [] if old == new else [Aspect(name, verdict)]


def members_of(name: str, old: Iterable[Any], new: Iterable[Any]) -> list[Aspect]:
    """A set of good things: what is gone is worse, what is new better."""
    gone, came = set(old) - set(new), set(new) - set(old)
    return [Aspect(name, WORSE)] * bool(gone) + [Aspect(name, BETTER)] * bool(came)


def condition(name: str, old: Condition | None, new: Condition | None, tiers: Sequence[str]) -> list[Aspect]:
    """A condition that lets fewer through is worse; one that lets others through is mixed."""
    before, after = (c.source if c else None for c in (old, new))
    if before == after:
        return []
    if before is None or after is None:
        return [Aspect(name, WORSE if before is None else BETTER)]
    olds, news = wording.parts(before), wording.parts(after)
    if olds is None or news is None:
        return [Aspect(name, MIXED)]
    narrower = all(any(_implies(n, o, tiers) for n in news) for o in olds)
    wider = all(any(_implies(o, n, tiers) for o in olds) for n in news)
    if narrower and wider:
        return []
    return [Aspect(name, WORSE if narrower else BETTER if wider else MIXED)]


def _implies(strong: Clause, weak: Clause, tiers: Sequence[str]) -> bool:
    """Whether `weak` holds whenever `strong` does; False also when that cannot be told."""
    if strong == weak:
        return True
    if strong[0] == weak[0] == "tier_at_least" and strong[1] in tiers and weak[1] in tiers:
        return tiers.index(strong[1]) >= tiers.index(weak[1])
    values = _values(strong)
    allowed = _values(weak)
    if values and allowed and strong[1] == weak[1]:
        return values <= allowed
    if strong[0] == weak[0] and strong[0] in ("not_in", "has_not") and strong[1] == weak[1]:
        return set(strong[2]) >= set(weak[2])
    return strong[0] == weak[0] == "compare" and strong[1] == weak[1] and _bounds(strong[2:], weak[2:])


def _values(of: Clause) -> set[Any]:
    if of[0] == "in":
        return set(of[2])
    return {of[3]} if of[0] == "compare" and of[2] == "==" else set()


def _bounds(strong: Clause, weak: Clause) -> bool:
    """(op, literal): ≥ 20 implies ≥ 10."""
    (op, literal), (weak_op, weak_literal) = strong, weak
    if type(literal) is not type(weak_literal) or op != weak_op or op in ("==", "!="):
        return False
    return bool(literal >= weak_literal) if op in (">=", ">") else bool(literal <= weak_literal)


def limits(name: str, old: Sequence[Limit], new: Sequence[Limit]) -> list[Aspect]:
    """A limit more, or a lower one, is worse."""

    def keyed(found: Sequence[Limit]) -> dict[Any, Limit]:
        return {(limit.scope, limit.period, limit.rolling_days, limit.kind): limit for limit in found}

    olds, news = keyed(old), keyed(new)
    aspects = []
    for key in sorted({*olds, *news}, key=str):
        before, after = olds.get(key), news.get(key)
        if before is None or after is None:
            aspects.append(Aspect(name, WORSE if before is None else BETTER))
        else:
            aspects += number(name, before.most, after.most) + number(name, before.reject, after.reject, more=WORSE)
    return list(dict.fromkeys(aspects))


def expiry(name: str, old: Expiry, new: Expiry) -> list[Aspect]:
    """An earlier end is worse, on whatever day of the year something is earned."""
    if old == new:
        return []
    if "inactivity" in (old.kind, new.kind):
        if old.kind == new.kind:
            shorter = number(name, old.months * 30 + old.days, new.months * 30 + new.days)
            return shorter + members_of(name, old.reset_by, new.reset_by)
        if "never" in (old.kind, new.kind):
            return [Aspect(name, WORSE if old.kind == "never" else BETTER)]
        return [Aspect(name, MIXED)]
    return _instants(name, [(old.expires_on(day), new.expires_on(day)) for day in _SAMPLES])


def _instants(name: str, pairs: Sequence[tuple[datetime | None, datetime | None]]) -> list[Aspect]:
    """Pairs of old and new ends; later is better, none is best."""
    found = set()
    for old, new in pairs:
        if old != new:
            found.add(BETTER if new is None or (old is not None and new > old) else WORSE)
    return [Aspect(name, verdict) for verdict in (BETTER, WORSE) if verdict in found]


def pending(name: str, old: Pending, new: Pending) -> list[Aspect]:
    """Usable later is worse; what may be cancelled is worse than what may not."""
    if old == new:
        return []
    waits = (old.kind == "until_event", new.kind == "until_event")
    if all(waits):
        return number(name, old.days, new.days) if old.event == new.event else [Aspect(name, MIXED)]
    if any(waits):
        alone = old if waits[1] else new
        return [Aspect(name, MIXED if alone.kind != "none" else WORSE if waits[1] else BETTER)]
    pairs = []
    for day in _SAMPLES:
        earned = datetime.combine(day, time(12), new.zone)
        pairs.append((new.usable_at(earned) or earned, old.usable_at(earned) or earned))  # turned: earlier is better
    return _instants(name, pairs)
