"""What an event earns and why: a pure function of facts and programme.

Order of steps: conditions and bases, multipliers and the tier's, one rounding per wallet, split over the rules,
limits on the split amounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from ganbo.engine import conditions, limits
from ganbo.engine.basket import MILLI, Order
from ganbo.engine.facts import Facts, Used
from ganbo.engine.limits import UsageKey
from ganbo.engine.programme import Give, Programme, Rule
from ganbo.engine.trace import Trace, shown
from ganbo.kernel import points

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MEMO = 2_000  # lines remembered per rule; then it starts anew


@dataclass(frozen=True, slots=True)
class WalletEffect:
    """`amount` ≥ 1 of a wallet by one rule, with its expiry (first unusable instant) and month of earning."""

    wallet: str
    amount: int
    rule: str
    expires_at: datetime | None
    earned_month: date


@dataclass(frozen=True, slots=True)
class Consumption:
    """What one limit counter grows by."""

    subject: str
    rule: str
    period: str
    count: int
    points: int
    money: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens and why; `carried` is the new remainder of rules that carry."""

    effects: tuple[WalletEffect, ...]
    trace: Trace
    consumed: tuple[Consumption, ...]
    carried: Mapping[str, int]


@dataclass(slots=True)
class _Work:
    """One decision being made."""

    facts: Facts
    programme: Programme
    values: dict[str, Any]
    activation: Any
    day: date
    trace: Trace = field(default_factory=Trace)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    shares: dict[str, list[tuple[Rule, Fraction | int]]] = field(default_factory=dict)  # wallet → rule, value
    by_rule: dict[str, Fraction] = field(default_factory=dict)
    by_wallet: dict[str, Fraction] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    consumed: dict[UsageKey, Used] = field(default_factory=dict)
    counted: set[tuple[str, UsageKey]] = field(default_factory=set)


def decide(facts: Facts, programme: Programme) -> Decision:
    """Judge one event. The same facts and programme always give the same decision."""
    rules = programme.rules_for(facts.type)
    if facts.member is None:
        trace = Trace([{"rule": r.id, "passed": False, "reason": "no_member"} for r in rules])
        return Decision((), trace, (), {})
    local = facts.occurred_at.astimezone(programme.timezone)
    values = _values(facts, programme, local)
    needed = {name: value for name, value in values.items() if name in programme.names}
    work = _Work(facts, programme, values, conditions.activation(needed, "event"), local.date())
    for rule in rules:
        _judge(work, rule)
    effects: list[WalletEffect] = []
    for wallet, parts in work.shares.items():
        effects += _settle(work, wallet, parts)
    consumed = tuple(
        Consumption(*key, used.count, used.points, used.money) for key, used in sorted(work.consumed.items())
    )
    return Decision(tuple(effects), work.trace, consumed, work.carried)


def _values(facts: Facts, programme: Programme, local: datetime) -> dict[str, Any]:
    """Every variable a condition may read, by name."""
    member, order = facts.member, facts.order
    assert member is not None
    values: dict[str, Any] = {
        "member.tier": member.tier or "",
        "member.age_days": member.age_days,
        "member.purchases": member.purchases,
        "member.spend": member.spend,
        "member.visits": member.visits,
        "member.days_since_purchase": member.days_since_purchase,
        "member.segments": list(member.segments),
        "member.traits": member.traits or {},
        "local.date": local.date().isoformat(),
        "local.weekday": _WEEKDAYS[local.weekday()],
        "local.hour": local.hour,
        "store": facts.store or "",
        "channel": facts.channel or "",
    }
    if "event" in programme.names:
        values["event"] = {key: str(v) if isinstance(v, float) else v for key, v in facts.data.items()}
    if order is not None:
        values |= {
            "order.gross": order.gross,
            "order.net": order.net,
            "order.shipping": order.shipping,
            "order.discount": order.discount,
            "order.paid_with_points": order.paid_with_points,
            "order.quantity": order.quantity // MILLI,
        }
    return values


def _judge(work: _Work, rule: Rule) -> None:
    """Whether one rule holds, and what it is worth before multipliers and rounding."""
    entry: dict[str, Any] = {"rule": rule.id, "passed": False}
    work.trace.rules.append(entry)
    work.entries[rule.id] = entry
    if rule.when is not None and rule.when.holds(work.activation) is not True:
        entry["reason"] = "condition"
        entry["missing"] = conditions.failing(rule.when, work.values)
    elif rule.multiply is not None:
        _multiply(work, rule, entry)
    elif rule.give is not None:
        _give(work, rule, rule.give, entry)


def _multiply(work: _Work, rule: Rule, entry: dict[str, Any]) -> None:
    multiply = rule.multiply
    assert multiply is not None
    for limit in rule.limits:
        if limits.allowed(limit, _used(work, rule, limit), points=1, money=0) == 0:
            entry["reason"], entry["limit"] = "limit", _limit_row(limit, _used(work, rule, limit).count)
            return
    entry["passed"], entry["by"] = True, shown(multiply.by)
    if multiply.rule:
        entry["target"] = multiply.rule
        work.by_rule[multiply.rule] = work.by_rule.get(multiply.rule, Fraction(1)) * multiply.by
    elif multiply.wallet:
        entry["wallet"] = multiply.wallet
        work.by_wallet[multiply.wallet] = work.by_wallet.get(multiply.wallet, Fraction(1)) * multiply.by
    for limit in rule.limits:
        _consume(work, rule, limit, points_=0, money=0)


def _give(work: _Work, rule: Rule, give: Give, entry: dict[str, Any]) -> None:
    base = _base(work, rule, give)
    if base is None:
        entry["reason"] = "no_lines"
        return
    value = _steps(work, rule, give, base, entry)
    if value == 0:
        entry["reason"] = "below_step"
        return
    entry["passed"], entry["value"] = True, shown(value)
    work.shares.setdefault(give.wallet, []).append((rule, value))


def _base(work: _Work, rule: Rule, give: Give) -> int | None:
    """What the amount is counted on, in minor units or thousandths of a piece; 1 for a flat amount; None: no lines."""
    order = work.facts.order
    if order is None:
        return 1
    if rule.lines is None:
        return 1 if give.of is None else {"net": order.net, "gross": order.gross, "quantity": order.quantity}[give.of]
    matched = [line for line in order.lines if not line.free and _line_holds(rule, line)]
    if not matched:
        return None
    if give.of is None:
        return 1
    return sum({"net": line.net, "gross": line.gross, "quantity": line.quantity}[give.of] for line in matched)


def _line_holds(rule: Rule, line: Any) -> bool:
    key = (line.sku, line.category, line.labels, line.quantity, line.unit_price, line.net)
    known = rule.line_memo.get(key)
    if known is None:
        assert rule.lines is not None
        values = {
            "line.sku": line.sku,
            "line.category": line.category,
            "line.quantity": line.quantity // MILLI,
            "line.weight": line.quantity,
            "line.unit_price": line.unit_price,
            "line.net": line.net,
            "line.labels": list(line.labels),
        }
        known = rule.lines.holds(conditions.activation(values, "line")) is True
        if len(rule.line_memo) >= _MEMO:
            rule.line_memo.clear()
        rule.line_memo[key] = known
    return known


def _steps(work: _Work, rule: Rule, give: Give, base: int, entry: dict[str, Any]) -> Fraction | int:
    """Amount per step, the part-step by the rule's rounding; a carried remainder comes first."""
    if give.per is None:
        return give.amount
    scale = MILLI if give.of == "quantity" else 1
    per = give.per * scale
    entry |= {"base": shown(Fraction(base, scale)), "of": give.of, "per": give.per, "amount": give.amount}
    if give.carry:
        before = work.facts.carried.get(rule.id, 0)
        steps, left = divmod(base + before, per)
        if left != before:
            work.carried[rule.id] = left
        entry |= {"carried": before, "left": left}
        return steps * give.amount
    if give.rounding == "down":
        return base // per * give.amount
    if give.rounding == "none":
        return Fraction(base * give.amount, per)
    rounding = points.Rounding.UP if give.rounding == "up" else points.Rounding.HALF_UP
    return points.rounded(Fraction(base, per), rounding) * give.amount


def _settle(work: _Work, wallet: str, parts: list[tuple[Rule, Fraction | int]]) -> list[WalletEffect]:
    """Multiply, round once, split over the rules, apply limits."""
    tier = _tier(work)
    factor = work.by_wallet.get(wallet, Fraction(1)) * tier
    exact = [
        value if factor == 1 and rule.id not in work.by_rule else value * factor * work.by_rule.get(rule.id, 1)
        for rule, value in parts
    ]
    whole = sum(exact, Fraction(0)) if len(exact) > 1 else exact[0]
    total = whole if isinstance(whole, int) else whole.numerator // whole.denominator
    shares = [total] if len(parts) == 1 else points.split(total, [Fraction(e) for e in exact])
    row: dict[str, Any] = {"wallet": wallet, "exact": shown(whole), "total": total}
    if tier != 1:
        row["tier"], row["tier_by"] = work.facts.member.tier if work.facts.member else None, shown(tier)
    work.trace.wallets.append(row)
    effects = []
    expiry = work.programme.wallets[wallet]
    for (rule, _), share in zip(parts, shares, strict=True):
        given = _limited(work, rule, share)
        work.entries[rule.id]["given"] = given
        if given:
            at = work.facts.occurred_at
            effects.append(
                WalletEffect(wallet, given, rule.id, expiry.expires.expires_at(at), expiry.earned_month(at))
            )
    return effects


def _tier(work: _Work) -> Fraction:
    member = work.facts.member
    if work.facts.type != "purchase" or member is None or member.tier is None:
        return Fraction(1)
    level = work.programme.by_level.get(member.tier)
    return level.multiply if level else Fraction(1)


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
            used = before.count if limit.count else before.points if limit.points else before.money
            work.entries[rule.id]["limit"] = _limit_row(limit, used)
            given = allowed
    if given:
        for limit in rule.limits:
            _consume(work, rule, limit, points_=given, money=money)
    elif rule.limits:
        work.entries[rule.id] |= {"passed": False, "reason": "limit"}
    return given


def _used(work: _Work, rule: Rule, limit: limits.Limit) -> Used:
    """What the limit has used before this event, with what this event used so far."""
    found = _keys(work, rule, limit)
    before = limits.used_so_far(found, work.facts.used)
    shared = limit.scope in ("programme", "business")
    here = limits.used_so_far(found, work.consumed) if shared else Used(0, 0, 0)
    return Used(before.count + here.count, before.points + here.points, before.money + here.money)


def _keys(work: _Work, rule: Rule, limit: limits.Limit) -> list[UsageKey]:
    member = work.facts.member
    assert member is not None
    return limits.read_keys(limit, rule.id, work.day, member_id=member.id, store=work.facts.store)


def _consume(work: _Work, rule: Rule, limit: limits.Limit, *, points_: int, money: int) -> None:
    """Count this event once on the limit's counter; limits of a rule that share a counter count it once."""
    member = work.facts.member
    assert member is not None
    key = limits.written_key(limit, rule.id, work.day, member_id=member.id, store=work.facts.store)
    if (rule.id, key) in work.counted:
        return
    work.counted.add((rule.id, key))
    before = work.consumed.get(key, Used(0, 0, 0))
    work.consumed[key] = Used(before.count + 1, before.points + points_, before.money + money)


def _limit_row(limit: limits.Limit, used: int) -> dict[str, Any]:
    kind = "count" if limit.count is not None else "points" if limit.points is not None else "money"
    row = {"kind": kind, "most": limit.most, "used": used, "period": limit.period, "scope": limit.scope}
    return row | ({"days": limit.rolling_days} if limit.period == "rolling" else {})
