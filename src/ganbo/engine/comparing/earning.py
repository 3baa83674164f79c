"""Earn rules, stamp cards, offers and wallets compared."""

from collections.abc import Sequence
from fractions import Fraction

from ganbo.engine.comparing.verdicts import (
    BETTER,
    MIXED,
    WORSE,
    Aspect,
    bound,
    condition,
    expiry,
    limits,
    members_of,
    number,
    other,
    pending,
    ranked,
)
from ganbo.engine.paying import Pay
from ganbo.engine.programme import During, Give, Offer, Rule, StampCard, Wallet

_ROUNDINGS = ("up", "half_up", "none", "down")  # the best for members first; between none and half_up it depends
_REFUNDS = ("keep", "only_pending", "within_balance", "unlimited")
_COMBINES = ("product", "add", "best")


def wallet(old: Wallet, new: Wallet) -> list[Aspect]:
    """When it ends and may be used, what it is worth, and what a return takes back."""
    return [
        *expiry("expiry", old.expires, new.expires),
        *pending("pending", old.pending, new.pending),
        *number("worth", old.face_value or 0, new.face_value or 0),
        *number("worth", old.refundable, new.refundable),
        *number("spendable", old.spendable, new.spendable),
        *ranked("refund", old.on_refund, new.on_refund, _REFUNDS),
        *number("refund", min(old.floors.values(), default=0), min(new.floors.values(), default=0)),
        *number("refund", old.returned_days, new.returned_days),
        *other("worth", old.money, new.money),
        *_paying(old.pay, new.pay),
    ]


def _paying(old: Pay | None, new: Pay | None) -> list[Aspect]:
    """What it pays, and how much of a bill."""
    if old is None or new is None:
        return number("pay", old is not None, new is not None)
    return [
        *number("pay", old.rate, new.rate),
        *number("pay", old.share, new.share),
        *number("pay", old.least, new.least, more=WORSE),
        *number("pay", old.step, new.step, more=WORSE),
        *number("pay", old.rest, new.rest, more=WORSE),
        *other("pay", old.discount, new.discount),
    ]


def rule(old: Rule, new: Rule, tiers: Sequence[str]) -> list[Aspect]:
    """What it gives, when, and within which limits."""
    aspects = [
        *condition("condition", old.when, new.when, tiers),
        *condition("lines", old.lines, new.lines, tiers),
        *other("condition", old.on, new.on),
        *_during(old.during, new.during),
        *limits("limit", old.limits, new.limits),
        *number("tier_multiplier", old.tier_multiplier, new.tier_multiplier),
    ]
    if old.expires and new.expires:
        aspects += expiry("expiry", old.expires, new.expires)
    elif old.expires != new.expires:
        aspects.append(Aspect("expiry", MIXED))
    if old.pending and new.pending:
        aspects += pending("pending", old.pending, new.pending)
    elif old.pending != new.pending:
        aspects.append(Aspect("pending", WORSE if new.pending and new.pending.kind != "none" else MIXED))
    return aspects + _what(old, new)


def _what(old: Rule, new: Rule) -> list[Aspect]:
    if old.multiply and new.multiply:
        same = (old.multiply.rule, old.multiply.wallet) == (new.multiply.rule, new.multiply.wallet)
        aspects = number("amount", old.multiply.by, new.multiply.by)
        aspects += [] if same else [Aspect("amount", MIXED)]
        return aspects + ranked("amount", old.multiply.combine, new.multiply.combine, _COMBINES)
    if old.give and new.give:
        return _give(old.give, new.give)
    return [Aspect("amount", MIXED)]


def _give(old: Give, new: Give) -> list[Aspect]:
    if (old.wallet, old.voucher) != (new.wallet, new.voucher) or (
        old.by_tier.keys() & new.by_tier.keys()
        and any(old.by_tier[tier] != new.by_tier[tier] for tier in old.by_tier.keys() & new.by_tier.keys())
    ):
        return [Aspect("amount", MIXED)]
    if old.by_tier != new.by_tier:
        return members_of("amount", old.by_tier, new.by_tier)
    before, after = (give.formula.source if give.formula else "" for give in (old, new))
    if before != after or (old.per is None) != (new.per is None) or _kind(old) != _kind(new):
        return [Aspect("amount", MIXED)]
    aspects = number("amount", Fraction(old.amount, old.per or 1), Fraction(new.amount, new.per or 1))
    if not aspects and old.per != new.per:
        aspects = number("amount", old.per, new.per, more=WORSE)  # the same share, but in larger steps
    aspects += ranked("rounding", old.rounding, new.rounding, _ROUNDINGS) + number("rounding", old.carry, new.carry)
    aspects += number("amount", old.least, new.least)
    return aspects + _base(old, new)


def _kind(give: Give) -> str:
    return "quantity" if give.of == "quantity" else "money" if give.of else ""


def _base(old: Give, new: Give) -> list[Aspect]:
    aspects = number("base", old.of == "gross", new.of == "gross")
    for switch in ("shipping", "discounts", "gift_cards", "paid_with_points"):
        aspects += number("base", getattr(old.base, switch), getattr(new.base, switch))
    if old.base.tax != new.base.tax:
        aspects.append(Aspect("base", {True: BETTER, False: WORSE, None: MIXED}[new.base.tax]))
    return aspects


def _during(old: During | None, new: During | None) -> list[Aspect]:
    """The hours of the year in which it holds."""
    if old == new:
        return []
    everything = During(None, None, frozenset(), 0, 24)
    before, after = old or everything, new or everything
    if _within(after, before):
        return [Aspect("during", WORSE)]
    return [Aspect("during", BETTER if _within(before, after) else MIXED)]


def _within(inner: During, outer: During) -> bool:
    """Whether the outer holds whenever the inner does."""
    days = not outer.weekdays or (inner.weekdays and inner.weekdays <= outer.weekdays)
    begins = outer.since is None or (inner.since is not None and inner.since >= outer.since)
    ends = outer.until is None or (inner.until is not None and inner.until <= outer.until)
    return bool(days and begins and ends and inner.from_hour >= outer.from_hour and inner.to_hour <= outer.to_hour)


def card(old: StampCard, new: StampCard, tiers: Sequence[str]) -> list[Aspect]:
    """How many stamps it takes, for what, and what it brings."""
    starts = [one.head_start * (1 if one.head_start_on == "first" else 2) for one in (old, new)]
    return [
        *number("size", old.size, new.size, more=WORSE),
        *number("head_start", *starts),
        *condition("condition", old.when, new.when, tiers),
        *condition("lines", old.lines, new.lines, tiers),
        *other("condition", (old.on, old.count), (new.on, new.count)),
        *number("lines", old.paid_only, new.paid_only, more=WORSE),
        *number("min_order", old.min_order, new.min_order, more=WORSE),
        *bound("limit", old.max_per_day, new.max_per_day),
        *number("repeat", old.repeat, new.repeat),
        *other("reward", old.reward, new.reward),
        *other("lot", old.experiment, new.experiment, MIXED),
    ]


def offer(old: Offer, new: Offer, tiers: Sequence[str]) -> list[Aspect]:
    """What it takes off, for whom, and when."""
    if (old.bundle, old.of, old.price is None, old.price_list) != (
        new.bundle,
        new.of,
        new.price is None,
        new.price_list,
    ):
        return [Aspect("kind", MIXED)]
    return [
        *number("price", old.price or 0, new.price or 0, more=WORSE),
        *number("value", old.percent or 0, new.percent or 0),
        *bound("limit", old.max, new.max),
        *number("value", old.every, new.every, more=WORSE),
        *number("condition", old.members, new.members, more=WORSE),
        *condition("condition", old.when, new.when, tiers),
        *condition("lines", old.lines, new.lines, tiers),
        *_during(old.during, new.during),
    ]
