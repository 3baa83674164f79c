"""What an event earns and why: a pure function of facts and programme.

Order of steps: conditions and bases, multipliers and the tier's, one rounding per wallet, split over the rules,
limits on the split amounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ganbo.engine import budgets, conditions, earning_base, factors, frame, limits, matching, pots, stamps, variables
from ganbo.engine.basket import MILLI, OrderLine
from ganbo.engine.conditions import Condition, Formula
from ganbo.engine.factors import Held
from ganbo.engine.facts import Facts, StampState, Used
from ganbo.engine.limits import Limit, UsageKey
from ganbo.engine.programme import Give, Multiply, Programme, Rule
from ganbo.engine.stamps import StampEffect
from ganbo.engine.trace import Trace, shown
from ganbo.kernel.swift import swift

MOST_AMOUNT = 10**15  # what a formula may give; more is a slip
_NOTHING = Used(0, 0, 0)
_NO_STAMPS = StampState()


@swift
@dataclass(frozen=True, slots=True)
class WalletEffect:
    """`amount` ≥ 1 of a wallet by one rule, with its expiry (first unusable instant) and month of earning.

    Pending when `usable_at` is set: usable from then on; with `awaits`, when such an event comes before then, else never.
    """

    wallet: str
    amount: int
    rule: str
    expires_at: datetime | None
    earned_month: date
    usable_at: datetime | None = None
    awaits: str = ""


@swift
@dataclass(frozen=True, slots=True)
class VoucherEffect:
    """A voucher for a reward, by a rule, or by a stamp card that was filled (`card:<id>`)."""

    reward: str
    rule: str


@swift
@dataclass(frozen=True, slots=True)
class Consumption:
    """What one limit counter grows by."""

    subject: str
    rule: str
    period: str
    count: int
    points: int
    money: int


@swift
@dataclass(frozen=True, slots=True)
class Decision:
    """What happens and why; `carried` is the new remainder of rules that carry."""

    effects: tuple[WalletEffect, ...]
    trace: Trace
    consumed: tuple[Consumption, ...]
    carried: Mapping[str, int]
    stamps: tuple[StampEffect, ...] = ()
    vouchers: tuple[VoucherEffect, ...] = ()
    counts: bool = True  # whether a purchase counts towards levels, by the document's condition


class _Work:
    """One decision being made."""

    __slots__ = (
        "activation", "carried", "consumed", "counted", "day", "entries", "explained", "facts", "held", "local", "member_id",
        "multiplied", "programme", "purse", "shares", "trace", "values", "vouchers",
    )  # fmt: skip

    def __init__(self, facts: Facts, programme: Programme, member_id: str) -> None:
        self.local = facts.occurred_at.astimezone(programme.timezone)
        self.facts, self.programme, self.member_id = facts, programme, member_id
        self.day = self.local.date()
        self.purse = budgets.Purse(programme, facts.budget, self.day, store=facts.store or "")
        self.values = variables.read(programme.reads.get(facts.type, ()), facts, self.local)
        self.activation: Any = None  # built when the first condition needs it
        self.trace = Trace([], [])
        self.entries: dict[str, dict[str, Any]] = {}
        self.shares: dict[str, list[tuple[Rule, int, int]]] = {}  # wallet → rule and its value n/d
        self.held: list[Held] = []  # multipliers that hold
        self.multiplied: list[Rule] = []
        self.vouchers: list[VoucherEffect] = []
        self.carried: dict[str, int] = {}
        self.consumed: dict[UsageKey, Used] = {}
        self.counted: set[tuple[str, UsageKey]] = set()
        self.explained = True


def decide(facts: Facts, programme: Programme, *, explained: bool = True) -> Decision:
    """Judge one event. The same facts and programme always give the same decision.

    Not `explained`: its trace does not say what was missing to a condition; a back-test shows no traces.
    """
    if facts.type == pots.TYPE:
        return _topped_up(facts, programme)
    rules = programme.rules_for(facts.type)
    offers = facts.data.get("offers") or [] if facts.type == "purchase" else []
    if facts.member is None:
        trace = Trace([{"rule": r.id, "passed": False, "reason": "no_member"} for r in rules], [], offers=offers)
        return Decision((), trace, (), {})
    cards = programme.cards_by_type.get(facts.type, ())
    counted = programme.tiers.counts if programme.tiers and facts.type == "purchase" else None
    stopped = _stopped(facts, programme)
    if stopped is not None:
        missed = [{"rule": rule.id, "passed": False} | stopped for rule in rules]
        unstamped = [{"card": card.id, "added": 0} | stopped for card in cards]
        return Decision(
            (), Trace(missed, [], unstamped, offers=offers, never=_never(facts, programme)), (), {}, counts=False
        )
    if not rules and not cards and not counted:
        return Decision((), Trace([], [], offers=offers), (), {})
    work = _Work(facts, programme, facts.member.id)
    work.explained, work.trace.offers = explained, offers
    work.trace.never = _never(facts, programme)
    for rule in rules:
        _judge(work, rule)
    effects: list[WalletEffect] = []
    for wallet, parts in work.shares.items():
        effects += _settle(work, wallet, parts)
    for beaten, instead in factors.outdone(work.held).items() if work.held else ():
        work.entries[beaten] |= {"passed": False, "reason": "outdone", "instead": instead}
    for rule in work.multiplied:
        _count_multiplier(work, rule)
    stamped = _stamp(work) if cards else ()
    consumed = (
        tuple([Consumption(*key, used.count, used.points, used.money) for key, used in sorted(work.consumed.items())])
        if work.consumed
        else ()
    )
    counts = counted is None or _holds(work, counted)
    return Decision(tuple(effects), work.trace, consumed, work.carried, stamped, tuple(work.vouchers), counts)


def _topped_up(facts: Facts, programme: Programme) -> Decision:
    """Money onto the card; it earns nothing itself. Raises pots.NoSuchTopUp."""
    topup, at = pots.find(programme.topups, facts.data["amount"]), facts.occurred_at
    effects = []
    for name, amount, rule in topup.given():
        wallet = programme.wallets[name]
        effects.append(WalletEffect(name, amount, rule, wallet.expires.expires_at(at), wallet.earned_month(at)))
    paid_in = {"pay": topup.pay, "wallet": topup.wallet, "bonus": topup.bonus, "bonus_wallet": topup.bonus_wallet}
    return Decision(tuple(effects), Trace(topup=paid_in), (), {}, counts=False)


def counts(facts: Facts, programme: Programme) -> bool:
    """Whether an event counts towards levels by the document's condition; one without a member does not."""
    counted = programme.tiers.counts if programme.tiers and facts.type == "purchase" else None
    if facts.member is not None and _stopped(facts, programme) is not None:
        return False
    if facts.member is None or counted is None:
        return facts.member is not None
    return _holds(_Work(facts, programme, facts.member.id), counted)


def _stopped(facts: Facts, programme: Programme) -> dict[str, Any] | None:
    """Why an event earns nothing whatever the rules say: the programme does not run then, or all of the bill is left out."""
    runs = programme.runs
    if runs is not frame.ALWAYS and not runs.earns(day := facts.occurred_at.astimezone(programme.timezone).date()):
        first, last = (one.isoformat() if one else None for one in (runs.since, runs.earn_until))
        return {"reason": "runs", "from": first if runs.before(day) else None, "until": last}
    if frame.only_barred(facts.order, programme.never.earn):
        return {"reason": "never"}
    return None


def _never(facts: Facts, programme: Programme) -> dict[str, list[str]]:
    """By earn, pay and reward: which categories or labels of the bill the programme leaves out."""
    if programme.never is frame.NOTHING_LEFT_OUT:
        return {}
    kinds = {"earn": programme.never.earn, "pay": programme.never.pay, "reward": programme.never.reward}
    return {key: found for key, of in kinds.items() if (found := frame.named(facts.order, of))}


def _judge(work: _Work, rule: Rule) -> None:
    """Whether one rule holds, and what it is worth before multipliers and rounding."""
    entry: dict[str, Any] = {"rule": rule.id, "passed": False}
    work.trace.rules.append(entry)
    work.entries[rule.id] = entry
    if rule.during is not None and not rule.during.holds(work.local):
        entry["reason"] = "during"
    elif rule.when is not None and not _holds(work, rule.when):
        entry["reason"] = "condition"
        if work.explained:
            entry["missing"] = conditions.failing(rule.when, work.values)
    elif rule.multiply is not None:
        _multiply(work, rule, rule.multiply, entry)
    elif rule.give is not None and (rule.give.voucher or rule.give.by_tier):
        member = work.facts.member
        reward = rule.give.voucher or rule.give.by_tier.get((member.tier if member else None) or "")
        if reward is None:
            entry["reason"] = "tier"
        else:
            _give_voucher(work, rule, reward, entry)
    elif rule.give is not None:
        _give(work, rule, rule.give, entry)


def _holds(work: _Work, condition: Condition) -> bool:
    """Whether it certainly holds; plain comparisons need no CEL."""
    if condition.plain:
        return conditions.either(work.values, condition.plain)
    if not conditions.plainly(work.values, condition.needed):
        return False
    return condition.holds(_activation(work)) is True


def _activation(work: _Work) -> Any:
    if work.activation is None:
        work.activation = conditions.activation(work.values, "event")
    return work.activation


def _multiply(work: _Work, rule: Rule, multiply: Multiply, entry: dict[str, Any]) -> None:
    for limit in rule.limits:
        before = _used(work, rule, limit)
        if limits.allowed(limit, before, points=1, money=0) == 0:
            entry["reason"], entry["limit"] = "limit", _limit_row(limit, before)
            return
    entry["passed"], entry["by"] = True, shown(multiply.by.numerator, multiply.by.denominator)
    if multiply.rule is not None:
        entry["target"] = multiply.rule
    else:
        entry["wallet"] = multiply.wallet
    work.held.append(Held(rule.id, multiply.rule, multiply.wallet, multiply.by, multiply.combine))
    if rule.limits:
        work.multiplied.append(rule)


def _give_voucher(work: _Work, rule: Rule, reward: str, entry: dict[str, Any]) -> None:
    """A voucher by a rule; its limits count it."""
    if rule.lines is not None and not _matched(work, rule):
        entry["reason"] = "no_lines"
        return
    for limit in rule.limits:
        before = _used(work, rule, limit)
        if limits.allowed(limit, before, points=1, money=0) == 0:
            entry["reason"], entry["limit"] = "limit", _limit_row(limit, before)
            return
    if not work.purse.take(reward):
        entry["reason"] = "budget"
        return
    for limit in rule.limits:
        _consume(work, rule, limit, points=0, money=0)
    entry["passed"], entry["voucher"] = True, reward
    work.vouchers.append(VoucherEffect(reward, rule.id))


def _count_multiplier(work: _Work, rule: Rule) -> None:
    """A multiplier counts on its limits only when something was there to multiply."""
    multiply = rule.multiply
    assert multiply is not None
    multiplied = {rule.id for w, parts in work.shares.items() if multiply.wallet in (None, w) for rule, _, _ in parts}
    if multiplied and multiply.rule in (None, *multiplied):
        for limit in rule.limits:
            _consume(work, rule, limit, points=0, money=0)


def _give(work: _Work, rule: Rule, give: Give, entry: dict[str, Any]) -> None:
    base = _base(work, rule, give)
    if base is None:
        entry["reason"] = "no_lines"
        return
    if give.formula is not None:
        n, d = _formula(work, give.formula, entry), 1
        if n is None:
            return
    else:
        n, d = _steps(work, rule, give, base, entry)
    if give.least and 0 < n < give.least * d:
        n, d = give.least, 1
        entry["least"] = give.least
    if n <= 0:
        entry["reason"] = "below_step"
        return
    assert give.wallet is not None
    entry["passed"], entry["value"] = True, shown(n, d)
    work.shares.setdefault(give.wallet, []).append((rule, n, d))


def _formula(work: _Work, formula: Formula, entry: dict[str, Any]) -> int | None:
    """What a formula comes to; None, with the keys it misses, when it could not be told."""
    value = formula.value(_activation(work))
    if value is None:
        missing = [f"event.{key}" for key in formula.keys if key not in work.facts.data]
        entry["reason"], entry["missing"] = "condition", [{"key": key} for key in missing]
        if not missing:
            entry["missing"] = [{"text": formula.source}]
    return None if value is None else min(value, MOST_AMOUNT)


def _base(work: _Work, rule: Rule, give: Give) -> int | None:
    """What the amount is counted on, in minor units or thousandths of a piece; 1 for a flat amount; None: no lines."""
    order = work.facts.order
    if order is None:
        return 1
    if rule.lines is None:
        return 1 if give.of is None else earning_base.of_order(order, give)
    matched = _matched(work, rule)
    if not matched:
        return None
    return 1 if give.of is None else earning_base.of_lines(order, matched, give)


def _matched(work: _Work, rule: Rule) -> list[OrderLine]:
    """The lines that count for a rule; free ones never do."""
    order = work.facts.order
    never = work.programme.never.earn
    open_ = [line for line in order.lines if not line.free and not frame.barred(line, never)] if order else []
    return [line for line in open_ if matching.line_holds(rule, line)]


def _steps(work: _Work, rule: Rule, give: Give, base: int, entry: dict[str, Any]) -> tuple[int, int]:
    """Amount per step as n/d, the part-step by the rule's rounding; a carried remainder comes first."""
    if give.per is None:
        return give.amount, 1
    scale = MILLI if give.of == "quantity" else 1
    per = give.per * scale
    entry["base"] = base if scale == 1 else shown(base, scale)
    entry["of"], entry["per"], entry["amount"] = give.of, give.per, give.amount
    if give.carry:
        before = work.facts.carried.get(rule.id, 0)  # below zero after a return of what a later step had used
        steps, left = divmod(base + before, per) if base + before >= 0 else (0, base + before)
        if left != before:
            work.carried[rule.id] = left
        entry["carried"], entry["left"] = shown(before, scale), shown(left, scale)
        return steps * give.amount, 1
    if give.rounding == "down":
        return base // per * give.amount, 1
    if give.rounding == "none":
        return base * give.amount, per
    steps = -(-base // per) if give.rounding == "up" else (2 * base + per) // (2 * per)
    return steps * give.amount, 1


def _settle(work: _Work, wallet: str, parts: list[tuple[Rule, int, int]]) -> list[WalletEffect]:
    """Multiply, round once, split over the rules, apply limits. Exact all the way: every value is n over one d."""
    numerators, common, row = factors.multiplied(work.programme, work.facts, wallet, parts, work.held)
    whole = sum(numerators)
    total = whole // common
    work.trace.wallets.append({"wallet": wallet, "exact": shown(whole, common), "total": total} | row)
    shares = [total] if len(parts) == 1 else by_largest_remainder(numerators, common)
    effects = []
    for (rule, _, _), share in zip(parts, shares, strict=True):
        given = _limited(work, rule, share)
        work.entries[rule.id]["given"] = given
        if given:
            effects.append(_effect(work, wallet, rule, given))
        elif not share:
            work.entries[rule.id] |= {"passed": False, "reason": "below_one"}
    return effects


def _effect(work: _Work, wallet: str, rule: Rule, amount: int) -> WalletEffect:
    """The effect with its end and the day it may be used: the rule's own words, else the tier's, else the wallet's."""
    member, kind = work.facts.member, work.programme.wallets[wallet]
    level = work.programme.by_level.get(member.tier or "") if member else None
    expires = rule.expires or (level.expires.get(wallet) if level and level.expires else None) or kind.expires
    pending = rule.pending or kind.pending
    return WalletEffect(
        wallet,
        amount,
        rule.id,
        expires.expires_on(work.day),
        work.day.replace(day=1),
        pending.usable_at(work.facts.occurred_at),
        pending.event,
    )


def _stamp(work: _Work) -> tuple[StampEffect, ...]:
    """What the event adds to stamp cards; a filled one gives its reward."""
    member = work.facts.member
    assert member is not None
    effects = []
    for card in work.programme.cards_by_type[work.facts.type]:
        if not stamps.has(card, work.programme, member.id):
            continue
        holds = card.when is None or _holds(work, card.when)
        state = member.stamps.get(card.id, _NO_STAMPS)
        most = work.purse.most(card.reward)
        effect, row = stamps.collect(card, state, order=work.facts.order, holds=holds, day=work.day, most_filled=most)
        if work.explained and card.when is not None and row.get("reason") == "condition":
            row["missing"] = conditions.failing(card.when, work.values)
        work.trace.stamps.append(row)
        if effect is not None:
            effects.append(effect)
            work.purse.take(card.reward, effect.filled)
            work.vouchers += [VoucherEffect(card.reward, f"card:{card.id}")] * effect.filled
    return tuple(effects)


def by_largest_remainder(numerators: list[int], denominator: int) -> list[int]:
    """Whole shares of exact values n/d: each its whole part, what the rounded sum leaves over to the largest remainders.

    No share is ever less than its own whole part; ties go to the earlier.
    """
    shares = [n // denominator for n in numerators]
    left = sum(numerators) // denominator - sum(shares)
    if left:
        order = sorted(range(len(shares)), key=lambda i: (-(numerators[i] % denominator), i))
        for i in order[:left]:
            shares[i] += 1
    return shares


def _limited(work: _Work, rule: Rule, share: int) -> int:
    """What the rule's limits let through of its share."""
    if not rule.limits or share == 0:
        return share
    money = work.facts.order.net if work.facts.order else 0
    given = share
    for limit in rule.limits:
        before = _used(work, rule, limit)
        allowed = limits.allowed(limit, before, points=given, money=money)
        if allowed < given:
            work.entries[rule.id]["limit"] = _limit_row(limit, before)
            given = allowed
    if not given:
        work.entries[rule.id] |= {"passed": False, "reason": "limit"}
        return 0
    for limit in rule.limits:
        _consume(work, rule, limit, points=given, money=money)
    return given


def _used(work: _Work, rule: Rule, limit: Limit) -> Used:
    """What the limit has used before this event, with what other rules of this event used of a shared one.

    Of a limit by code with several codes on the order, the code that has used most.
    """
    member_id, store, worst = work.member_id, work.facts.store, _NOTHING
    for code in limits.each(limit, work.facts.codes):
        found = limits.read_keys(limit, rule.id, work.day, member_id=member_id, store=store, code=code)
        before = limits.used_so_far(found, work.facts.used)
        if limit.scope in ("programme", "business"):
            here = limits.used_so_far(found, work.consumed)
            before = Used(before.count + here.count, before.points + here.points, before.money + here.money)
        worst = Used(max(worst.count, before.count), max(worst.points, before.points), max(worst.money, before.money))
    return worst


def _consume(work: _Work, rule: Rule, limit: Limit, *, points: int, money: int) -> None:
    """Count this event once on the limit's counter; limits of a rule that share a counter count it once."""
    member_id, store = work.member_id, work.facts.store
    for code in limits.each(limit, work.facts.codes):
        key = limits.written_key(limit, rule.id, work.day, member_id=member_id, store=store, code=code)
        if (rule.id, key) in work.counted:
            continue
        work.counted.add((rule.id, key))
        before = work.consumed.get(key, _NOTHING)
        work.consumed[key] = Used(before.count + 1, before.points + points, before.money + money)


def _limit_row(limit: Limit, before: Used) -> dict[str, Any]:
    used = {"count": before.count, "points": before.points, "money": before.money}[limit.kind]
    row = {"kind": limit.kind, "most": limit.most, "used": used, "period": limit.period, "scope": limit.scope}
    return row | ({"days": limit.rolling_days} if limit.period == "rolling" else {})
