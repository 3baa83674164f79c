"""Small parts of a document as the engine works with them."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from ganbo.engine.aims import Challenge, Gift, Milestones, Step
from ganbo.engine.conditions import Condition
from ganbo.engine.document import (
    BaseDoc,
    BudgetDoc,
    BundlePartDoc,
    ChallengeDoc,
    DuringDoc,
    ExpiryDoc,
    GiftDoc,
    LevelDoc,
    LimitDoc,
    MilestonesDoc,
    PendingDoc,
    TiersDoc,
    WalletDoc,
)
from ganbo.engine.expiry import Expiry, Pending
from ganbo.engine.limits import Limit
from ganbo.engine.paying import Pay
from ganbo.engine.programme import Base, Budget, BundlePart, During, Level, LevelMultiply, Threshold, TierRules, Wallet
from ganbo.kernel.local_text import LocalText

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def wallet_of(name: str, wallet: WalletDoc, zone: ZoneInfo) -> Wallet:
    floor = wallet.floor
    return Wallet(
        id=name,
        name=LocalText(wallet.name),
        face_value=1 if wallet.money else wallet.face_value,
        expires=expiry_of(wallet.expires, zone),
        pending=pending_of(wallet.pending, zone),
        money=wallet.money,
        spendable=wallet.spendable,
        refundable=wallet.refundable,
        on_refund=wallet.on_refund,
        floors=floor if isinstance(floor, dict) else ({} if floor is None else {"": floor}),
        returned_days=wallet.returned or 0,
        notice_days=tuple(sorted(set(wallet.notice_days))),
        pay=pay_of(wallet) if wallet.pay else None,
    )


def pay_of(wallet: WalletDoc) -> Pay:
    """How a wallet that has `pay` pays."""
    doc = wallet.pay
    assert doc is not None
    return Pay(
        rate=doc.rate or wallet.face_value or 1,
        least=doc.min,
        step=doc.step,
        share=Fraction(doc.max_share),
        discount=doc.as_ == "discount",
        rest=doc.earns_on_rest,
    )


def expiry_of(doc: ExpiryDoc, zone: ZoneInfo) -> Expiry:
    return Expiry(
        kind=doc.kind,
        months=doc.months or 0,
        days=doc.days or 0,
        zone=zone,
        periods=doc.quarters or doc.years or 0,
        dates=tuple(doc.dates or ()),
        reset_by=frozenset((doc.reset_by or ["purchase"]) if doc.kind == "inactivity" else ()),
        grace_days=(doc.grace.days or 0) if doc.grace else 0,
        grace_until=(doc.grace.until or "") if doc.grace else "",
    )


def pending_of(doc: PendingDoc, zone: ZoneInfo) -> Pending:
    day = date.fromisoformat(doc.date) if doc.date else None
    return Pending(doc.kind, doc.days or 0, day, doc.event or "", zone)


def base_of(docs: list[BaseDoc]) -> Base:
    """The switches, a later document over an earlier one."""
    said: dict[str, bool] = {}
    for doc in docs:
        said |= {key: value == "in" for key, value in doc.model_dump().items() if value is not None}
    return Base(**said)


def during_of(doc: DuringDoc) -> During:
    hours = doc.hours or [0, 24]
    return During(
        since=date.fromisoformat(doc.from_) if doc.from_ else None,
        until=date.fromisoformat(doc.until) if doc.until else None,
        weekdays=frozenset(_WEEKDAYS.index(day) for day in doc.days or ()),
        from_hour=hours[0],
        to_hour=hours[1],
    )


def limit_of(limit: LimitDoc) -> Limit:
    rolling = 0 if isinstance(limit.period, str) else limit.period.rolling_days
    return Limit(
        scope=limit.scope,
        period=limit.period if isinstance(limit.period, str) else "rolling",
        rolling_days=rolling,
        count=limit.count,
        points=limit.points,
        money=limit.money,
        reject=limit.on_exceed == "reject",
    )


def bundle_of(parts: Iterable[BundlePartDoc]) -> tuple[BundlePart, ...]:
    """The parts with what they go by."""
    found = []
    for part in parts:
        by, value = next((key, v) for key in ("category", "sku", "label") if (v := getattr(part, key)) is not None)
        found.append(BundlePart(by, value, part.n))
    return tuple(found)


def gift_of(doc: GiftDoc) -> Gift:
    return Gift(doc.voucher, doc.wallet, doc.amount or 0)


def milestones_of(doc: MilestonesDoc) -> Milestones:
    return Milestones(doc.of, tuple(Step(step.at, gift_of(step.give)) for step in doc.steps))


def challenge_of(doc: ChallengeDoc, lines: Condition | None, never: frozenset[str]) -> Challenge:
    """A challenge with its compiled condition on lines, and what is left out of the programme."""
    needs = doc.needs
    named = {"distinct": needs.n, "count": needs.count, "units": needs.units, "spend": needs.spend}
    kind, n = next((kind, n) for kind, n in named.items() if n is not None)
    return Challenge(
        id=doc.id,
        name=LocalText(doc.name or {"vi": doc.id}),
        since=date.fromisoformat(doc.from_) if doc.from_ else None,
        until=date.fromisoformat(doc.until) if doc.until else None,
        kind=kind,
        by=needs.distinct or "",
        n=n,
        lines=lines,
        give=gift_of(doc.give),
        say=LocalText(doc.say) if doc.say else None,
        never=never,
    )


def budget_of(doc: BudgetDoc) -> Budget:
    return Budget(
        doc.total,
        {name: line.planned for name, line in doc.lines.items()},
        hard=frozenset(name for name, line in doc.lines.items() if line.stop == "hard"),
        monthly=doc.period == "month",
        message_cost={str(channel): cost for channel, cost in doc.message_cost.items()},
        by_store={store: dict(plans) for store, plans in doc.by_store.items()},
    )


def levels_of(doc: TiersDoc, zone: ZoneInfo) -> tuple[Level, ...]:
    """The levels, the lowest first; what is not said about keeping a level is as for entering it."""
    together = "all" if not isinstance(doc.metric, str) and doc.metric.all else "any"
    return tuple(_level(level, zone, together) for level in doc.levels)


def _level(level: LevelDoc, zone: ZoneInfo, together: str) -> Level:
    benefits = level.benefits
    enter = threshold_of(level.enter, together) if level.enter else None
    by = benefits.multiply
    factors = by if isinstance(by, dict) else {}
    return Level(
        id=level.id,
        name=LocalText(level.name or {"vi": level.id}),
        multiply=Fraction(1) if by is None or isinstance(by, dict) else Fraction(by),
        enter=enter,
        keep=threshold_of(level.keep, together) if level.keep else enter,
        multiplies=tuple(LevelMultiply(w, frozenset(one.rules or ()), Fraction(one.by)) for w, one in factors.items()),
        rewards=tuple(benefits.rewards),
        on_enter=tuple(benefits.on_enter),
        yearly=tuple(benefits.yearly),
        unlocks=tuple(benefits.unlocks),
        service_priority=benefits.service_priority,
        perks=tuple(benefits.perks),
        expires={wallet: expiry_of(doc, zone) for wallet, doc in benefits.expires.items()},
        invitation_only=level.invitation_only,
        no_downgrade=level.no_downgrade,
    )


def tier_rules_of(doc: TiersDoc, levels: tuple[Level, ...], counted: Condition | None) -> TierRules:
    """How members move between levels; `levels` are the compiled ones."""
    return TierRules(
        metrics={
            name: ("wallet", metric.wallet) if metric.wallet else ("events", frozenset(metric.events or ()))
            for name, metric in doc.metrics.items()
        },
        counts=counted,
        max_per_day=doc.counts.max_per_day,
        window=doc.window.kind,
        window_months=doc.window.months or 0,
        upgrade=doc.upgrade,
        downgrade=doc.downgrade.mode,
        grace_days=doc.downgrade.grace_days,
        valid_until=doc.valid.until if doc.valid else None,
        valid_months=doc.valid.plus_months if doc.valid else 0,
        say=LocalText(doc.counts.say) if doc.counts.say else None,
        used=frozenset(m for level in levels for tree in (level.enter, level.keep) for m in metrics_of(tree)),
    )


def threshold_of(tree: dict[str, object], together: str) -> Threshold:
    """A written threshold as nested tuples; metrics that stand beside each other go together as `together` says."""
    if set(tree) & {"any", "all"}:
        ((kind, inside),) = tree.items()
        if isinstance(inside, list):
            return (kind, tuple(threshold_of(part, together) for part in inside))
        assert isinstance(inside, dict)
        return (kind, tuple(("least", metric, least) for metric, least in inside.items()))
    parts = tuple(("least", metric, least) for metric, least in tree.items())
    return parts[0] if len(parts) == 1 else (together, parts)


def metrics_of(threshold: Threshold | None) -> set[str]:
    """The metrics a threshold reads."""
    if threshold is None:
        return set()
    if threshold[0] == "least":
        return {threshold[1]}
    return {metric for part in threshold[1] for metric in metrics_of(part)}
