"""All parts of two programmes compared, in the order a member meets them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from ganbo.engine.accounts import Accounts
from ganbo.engine.aims import Challenge, Step
from ganbo.engine.comparing import earning
from ganbo.engine.comparing.verdicts import (
    BETTER,
    MIXED,
    NEUTRAL,
    WORSE,
    Aspect,
    Change,
    bound,
    condition,
    expiry,
    limits,
    members_of,
    number,
    other,
    ranked,
)
from ganbo.engine.frame import Never, Runs
from ganbo.engine.packages import Package
from ganbo.engine.partners import Partner
from ganbo.engine.perks import Perk
from ganbo.engine.pots import TopUp
from ganbo.engine.programme import Budget, Level, Programme, Reward, Rule, Threshold, TierRules
from ganbo.engine.proof import Claims

T = TypeVar("T")
_DOWNGRADES = ("never", "one_step", "to_eligible")


def changes(old: Programme, new: Programme) -> tuple[Change, ...]:
    """What differs by meaning; spacing, comments and the order of keys do not count."""
    tiers = [level.id for level in new.levels]
    return (
        *_top(old, new),
        *_named("earn", _rules(old), _rules(new), lambda a, b: earning.rule(a, b, tiers), _rule_worth),
        *_named("stamp_cards", old.by_card, new.by_card, lambda a, b: earning.card(a, b, tiers)),
        *_named("wallets", old.wallets, new.wallets, earning.wallet),
        *_named("milestones", steps(old), steps(new), lambda a, b: other("reward", a.give, b.give)),
        *_named("challenges", _challenges(old), _challenges(new), lambda a, b: _challenge(a, b, tiers)),
        *_moving(old.tiers, new.tiers, tiers),
        *_named("levels", old.by_level, new.by_level, _level),
        *_named("perks", old.perks, new.perks, _perk),
        *_named("packages", old.packages, new.packages, _package),
        *_named("partners", old.partners, new.partners, _partner),
        *_named("topups", _topups(old), _topups(new), _topup),
        *_named("rewards", old.rewards, new.rewards, lambda a, b: _reward(a, b, tiers)),
        *_named("offers", old.by_offer, new.by_offer, lambda a, b: earning.offer(a, b, tiers)),
    )


def worse(found: Iterable[Change]) -> tuple[Change, ...]:
    """Those that are worse for members, or for some of them."""
    return tuple(change for change in found if change.verdict in (WORSE, MIXED))


def _named(
    part: str,
    old: Mapping[str, T],
    new: Mapping[str, T],
    compared: Callable[[T, T], list[Aspect]],
    worth: Callable[[T], str] = lambda one: BETTER,
) -> Iterator[Change]:
    """Added, removed and changed by id; `worth`: what having such a one means for members."""
    turned = {BETTER: WORSE, WORSE: BETTER}
    for id in dict.fromkeys([*old, *new]):
        if id not in new:
            gone = worth(old[id])
            yield Change(part, id, "removed", (Aspect("whole", turned.get(gone, gone)),))
        elif id not in old:
            yield Change(part, id, "added", (Aspect("whole", worth(new[id])),))
        else:
            aspects = _once(compared(old[id], new[id]))
            if aspects or _words(old[id]) != _words(new[id]):
                yield Change(part, id, "changed", aspects or (Aspect("words", NEUTRAL),))


def _once(aspects: list[Aspect]) -> tuple[Aspect, ...]:
    return tuple(dict.fromkeys(aspects))


def _words(one: Any) -> Any:
    """What is only said or planned, never given: names, costs, labels."""
    names = ("name", "say", "cost", "budget", "labels", "taste", "value", "issuer", "imported", "text", "unit_names")
    return [getattr(one, name, None) for name in names]


def _rules(programme: Programme) -> dict[str, Rule]:
    return {rule.id: rule for rule in programme.rules}


def _topups(programme: Programme) -> dict[str, TopUp]:
    return {str(one.pay): one for one in programme.topups}


def _package(old: Package, new: Package) -> list[Aspect]:
    units = {**old.units, **new.units}
    return [
        *number("price", old.price, new.price, more=WORSE),
        *(aspect for unit in units for aspect in number("value", old.units.get(unit, 0), new.units.get(unit, 0))),
        *bound("validity", old.months, new.months),
        *number("validity", old.pause_days, new.pause_days),
        *number("benefits", old.shared, new.shared),
        *number("refund", old.refundable, new.refundable),
    ]


def _partner(old: Partner, new: Partner) -> list[Aspect]:
    now, then = (Fraction(one.amount, one.per) if one.per else Fraction(0) for one in (new, old))
    return [
        *number("amount", then, now),
        *number("pay", len(old.accepts), len(new.accepts)),
        *number("worth", old.rate, new.rate),
        *other("kind", (old.wallet, sorted(old.accepts)), (new.wallet, sorted(new.accepts)), MIXED),
        *other("settling", (old.pays_us, old.we_pay, old.business), (new.pays_us, new.we_pay, new.business), NEUTRAL),
    ]


_PERIODS = {"day": 366, "week": 53, "month": 12, "quarter": 4, "year": 1, "ever": 0}


def _perk(old: Perk, new: Perk) -> list[Aspect]:
    if old.per == new.per or None in (old.count, new.count):
        return bound("value", old.count, new.count)
    return number("value", (old.count or 0) * _PERIODS[old.per], (new.count or 0) * _PERIODS[new.per])


def _topup(old: TopUp, new: TopUp) -> list[Aspect]:
    return [
        *number("value", old.bonus, new.bonus),
        *number("pot_order", old.bonus_first, new.bonus_first),
        *other("kind", (old.wallet, old.bonus_wallet), (new.wallet, new.bonus_wallet), MIXED),
    ]


def steps(programme: Programme) -> dict[str, Step]:
    """Milestones by what is to be reached: spend-5000000."""
    found = programme.aims.milestones
    return {f"{found.of}-{step.at}": step for step in found.steps} if found else {}


def _challenges(programme: Programme) -> dict[str, Challenge]:
    return {one.id: one for one in programme.aims.challenges}


def _challenge(old: Challenge, new: Challenge, tiers: list[str]) -> list[Aspect]:
    return [
        *other("needs", old.of, new.of),
        *(number("needs", old.n, new.n, more=WORSE) if old.of == new.of else []),
        *condition("lines", old.lines, new.lines, tiers),
        *number("during", new.since or date.min, old.since or date.min),
        *number("during", old.until or date.max, new.until or date.max),
        *other("reward", old.give, new.give),
    ]


def _rule_worth(rule: Rule) -> str:
    """A rule that gives is good; a multiplier below one is not."""
    return WORSE if rule.multiply is not None and rule.multiply.by < 1 else BETTER


def _top(old: Programme, new: Programme) -> Iterator[Change]:
    aspects = [
        *number("late_days", old.late_days, new.late_days),
        *other("currency", old.currency, new.currency),
        *other("timezone", str(old.timezone), str(new.timezone)),
        *other("tables", old.tables, new.tables),
        *other("name", old.name, new.name, NEUTRAL),
        *other("examples", old.examples, new.examples, NEUTRAL),
        *_budget(old.budget, new.budget),
        *_never(old.never, new.never),
        *_runs(old.runs, new.runs),
        *number("offline", old.offline_up_to, new.offline_up_to),
        *other("legal", old.legal, new.legal, NEUTRAL),
        *_accounts(old.accounts, new.accounts),
        *other("spend_proof", old.spend_proof, new.spend_proof, MIXED),
        *_claims(old.claims, new.claims),
        *other("holdout", old.holdout, new.holdout, NEUTRAL),
        *other("goals", old.goals, new.goals, NEUTRAL),
    ]
    for aspect in aspects:
        yield Change("programme", aspect.name, "changed", (aspect,))


def _accounts(old: Accounts | None, new: Accounts | None) -> list[Aspect]:
    """More that is spent together, by more people, is better."""
    if old is None or new is None:
        return [] if old is new else [Aspect("accounts", BETTER if old is None else WORSE)]
    if old.wallets != new.wallets:
        return [
            Aspect("accounts", BETTER if old.wallets < new.wallets else WORSE if new.wallets < old.wallets else MIXED)
        ]
    return [
        *number("accounts", old.people, new.people),
        *number("accounts", old.invite_days, new.invite_days),
        *number("accounts", len(old.may_spend), len(new.may_spend)),
    ]


def _claims(old: Claims | None, new: Claims | None) -> list[Aspect]:
    """Longer and more often is better."""
    before, after = ((c.within_days, c.max_per_day) if c else (0, 0) for c in (old, new))
    if before == after:
        return []
    less = after[0] < before[0] or after[1] < before[1]
    more = after[0] > before[0] or after[1] > before[1]
    return [Aspect("claims", MIXED if less and more else WORSE if less else BETTER)]


def _budget(old: Budget | None, new: Budget | None) -> list[Aspect]:
    """Plans are the shop's own affair, but for lines that stop giving or do so no more."""
    stopped, stops = (budget.hard if budget else frozenset() for budget in (old, new))
    if stopped != stops:
        return [Aspect("budget", WORSE if stops > stopped else BETTER if stops < stopped else MIXED)]
    return other("budget", old, new, NEUTRAL)


def _never(old: Never, new: Never) -> list[Aspect]:
    """More left out is worse, less is better."""
    before, after = (
        {(key, kind) for key in ("earn", "pay", "reward") for kind in getattr(one, key)} for one in (old, new)
    )
    if before != after:
        return [Aspect("never", WORSE if after > before else BETTER if after < before else MIXED)]
    return other("never", old, new, NEUTRAL)


def _runs(old: Runs, new: Runs) -> list[Aspect]:
    """A longer time is better, a shorter one worse."""
    ends = [
        (a or date.max, b or date.max)
        for a, b in ((old.earn_until, new.earn_until), (old.spend_until, new.spend_until))
    ]
    longer = [new_ > old_ for old_, new_ in ends if old_ != new_]
    longer += [new.since is None or (old.since is not None and new.since < old.since)] * (old.since != new.since)
    if not longer:
        return []
    return [Aspect("runs", BETTER if all(longer) else MIXED if any(longer) else WORSE)]


def _moving(old: TierRules | None, new: TierRules | None, tiers: list[str]) -> Iterator[Change]:
    """How members move between levels."""
    if old is None or new is None:
        if old is not new:
            yield Change("tiers", "tiers", "added" if old is None else "removed", (Aspect("whole", NEUTRAL),))
        return
    same_window = (old.window, old.window_months) == (new.window, new.window_months)
    if old.window == new.window == "rolling":
        window = number("window", old.window_months, new.window_months)
    else:
        window = [] if same_window else [Aspect("window", MIXED)]
    aspects = [
        *window,
        *condition("counts", old.counts, new.counts, tiers),
        *bound("counts", old.max_per_day, new.max_per_day),
        *ranked("upgrade", old.upgrade, new.upgrade, ("at_once", "period_end")),
        *ranked("downgrade", old.downgrade, new.downgrade, _DOWNGRADES),
        *number("downgrade", old.grace_days, new.grace_days),
        *number("valid", _kept(old), _kept(new)),
        *other("metrics", old.metrics, new.metrics),
    ]
    if aspects:
        yield Change("tiers", "tiers", "changed", _once(aspects))


def _kept(rules: TierRules) -> int:
    """How long a level is kept whatever comes, in about months."""
    return {None: 0, "end_of_month": 1, "end_of_year": 12}[rules.valid_until] + rules.valid_months


def _level(old: Level, new: Level) -> list[Aspect]:
    aspects = [
        *_threshold("enter", old.enter, new.enter),
        *_threshold("keep", old.keep, new.keep),
        *number("enter", old.invitation_only, new.invitation_only, more=WORSE),
        *number("keep", old.no_downgrade, new.no_downgrade),
        *number("multiply", old.multiply, new.multiply),
        *number("priority", -(old.service_priority or 99), -(new.service_priority or 99)),
    ]
    for key in ("rewards", "on_enter", "yearly", "unlocks", "perks"):
        aspects += members_of("benefits", getattr(old, key), getattr(new, key))
    befores = {(one.wallet, one.rules): one.by for one in old.multiplies}
    afters = {(one.wallet, one.rules): one.by for one in new.multiplies}
    for target in {**befores, **afters}:
        aspects += number("multiply", befores.get(target, 1), afters.get(target, 1))
    for wallet in {**old.expires, **new.expires}:
        if wallet in old.expires and wallet in new.expires:
            aspects += expiry("expiry", old.expires[wallet], new.expires[wallet])
        else:
            aspects.append(Aspect("expiry", MIXED))
    return aspects


def _threshold(name: str, old: Threshold | None, new: Threshold | None) -> list[Aspect]:
    """The same shape is compared number by number; another shape is mixed."""
    if old == new:
        return []
    if old is None or new is None or _shape(old) != _shape(new):
        return [Aspect(name, MIXED)]
    return [a for x, y in zip(_numbers(old), _numbers(new), strict=True) for a in number(name, x, y, more=WORSE)]


def _shape(tree: Threshold) -> Any:
    return tree[:2] if tree[0] == "least" else (tree[0], tuple(_shape(part) for part in tree[1]))


def _numbers(tree: Threshold) -> list[int]:
    return [tree[2]] if tree[0] == "least" else [n for part in tree[1] for n in _numbers(part)]


def _reward(old: Reward, new: Reward, tiers: list[str]) -> list[Aspect]:
    return [
        *_price(old, new),
        *other("kind", (old.kind, old.sku, old.wallet), (new.kind, new.sku, new.wallet)),
        *number("value", (old.percent or 0), (new.percent or 0)),
        *number("value", (old.amount or 0), (new.amount or 0)),
        *bound("value", old.max, new.max),
        *other("value", old.base, new.base),
        *number("min_order", old.min_order, new.min_order, more=WORSE),
        *number("choices", len(set(old.choose) - set(new.choose)), 0),
        *number("choices", 0, len(set(new.choose) - set(old.choose))),
        *number("stacking", old.exclusive, new.exclusive, more=WORSE),
        *condition("condition", old.when, new.when, tiers),
        *condition("lines", old.lines, new.lines, tiers),
        *bound("stock", old.stock, new.stock),
        *bound("validity", old.valid_days, new.valid_days),
        *number("validity", old.from_next_order, new.from_next_order, more=WORSE),
        *number("validity", old.uses, new.uses),
        *ranked("fulfil", old.fulfil, new.fulfil, ("at_once", "later")),
        *limits("limit", old.limits, new.limits),
    ]


def _price(old: Reward, new: Reward) -> list[Aspect]:
    """What it costs, for members of every tier."""
    if old.price is None or new.price is None:
        return [] if old.price == new.price else [Aspect("price", WORSE if new.price is None else MIXED)]
    if old.price[0] != new.price[0]:
        return [Aspect("price", MIXED)]
    aspects = number("price", old.price[1], new.price[1], more=WORSE) + number("price", old.plus, new.plus, more=WORSE)
    for tier in {**old.price_by_tier, **new.price_by_tier}:
        aspects += number("price", old.price_for(tier), new.price_for(tier), more=WORSE)
    return aspects
