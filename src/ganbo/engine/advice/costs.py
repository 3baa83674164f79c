"""What may cost more than it brings: loops to cash, dear rewards, discounts that add up, budgets too small."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from ganbo.engine.advice.assuming import MONTHS, Typical
from ganbo.engine.advice.finding import HIGH, MEDIUM, Found
from ganbo.engine.programme import Programme, Reward, Rule, StampCard

CASH = ("card_money", "gift_card", "partner_card")
_PURCHASE = "purchase"


def findings(programme: Programme, member: Typical) -> Iterator[Found]:
    yield from _cash_out(programme)
    yield from _gift_cards_earn(programme)
    yield from _dear_rewards(programme, member)
    yield from _dear_cards(programme, member)
    yield from _dear_vouchers(programme, member)
    yield from _stacking(programme, member)
    yield from _budget(programme, member)


def _cash_out(programme: Programme) -> Iterator[Found]:
    """Points that come back as money worth as much as, or more than, what earning them cost."""
    for place, reward in enumerate(programme.rewards.values()):
        worth = reward.amount if reward.kind in CASH and reward.amount else None
        worth = worth or (reward.value or reward.cost if reward.kind in CASH else None)
        if reward.price is None or not worth:
            continue
        wallet = reward.price[0]
        cheapest = min([reward.price[1], *reward.price_by_tier.values()])
        gained = Fraction(worth - reward.plus)
        for rule_place, rule in enumerate(programme.rules):
            if rule.give is None or rule.give.wallet != wallet:
                continue
            if rule.on not in (_PURCHASE, "signup") and not rule.limits and gained > 0:
                yield Found("free_cash", ("earn", rule_place), HIGH, {"rule": rule.id, "reward": reward.id})
        back = _best_rate(programme, wallet) * gained / cheapest
        if back >= 1:
            yield Found("cash_out_loop", ("rewards", place), HIGH, {"reward": reward.id, "back": back})


def _best_rate(programme: Programme, wallet: str) -> Fraction:
    """The most units one minor unit of money can earn: every rule on the bill together, times every multiplier."""
    rate = Fraction(0)
    for rule in programme.rules_for(_PURCHASE):
        give = rule.give
        if give is not None and give.wallet == wallet and give.per and give.of in ("net", "gross"):
            rate += Fraction(give.amount, give.per) * _multiplied(programme, rule)
    return rate * max([level.multiply for level in programme.levels], default=Fraction(1))


def _multiplied(programme: Programme, rule: Rule) -> Fraction:
    by = Fraction(1)
    for other in programme.rules_for(_PURCHASE):
        many = other.multiply
        if many is not None and (many.rule == rule.id or (rule.give and many.wallet == rule.give.wallet)):
            by *= max(many.by, Fraction(1))
    return by


def _gift_cards_earn(programme: Programme) -> Iterator[Found]:
    """A gift card bought with a gift card earns again and again when buying them earns."""
    for place, rule in enumerate(programme.rules):
        give = rule.give
        if (
            give is not None
            and give.of in ("net", "gross")
            and give.base.gift_cards
            and _spendable(programme, give.wallet)
        ):
            yield Found("gift_cards_earn", ("earn", place), HIGH, {"rule": rule.id})


def _spendable(programme: Programme, wallet: str | None) -> bool:
    return wallet in programme.wallets and programme.wallets[wallet or ""].spendable


def cost_of(reward: Reward, programme: Programme, bill: int) -> Fraction | None:
    """What one costs the business in minor units: as stated, else what it is worth; None when nothing is said."""
    if reward.cost is not None:
        return Fraction(reward.cost)
    if reward.kind == "discount" and reward.percent:
        off = Fraction(bill * reward.percent, 100)
        return min(off, Fraction(reward.max)) if reward.max else off
    if reward.amount is not None or reward.value is not None:
        return Fraction(reward.amount or reward.value or 0)
    face = programme.wallets[reward.price[0]].face_value if reward.price else None
    return Fraction(face * reward.price[1]) if face and reward.price else None


def _dear_rewards(programme: Programme, member: Typical) -> Iterator[Found]:
    """A reward that gives back more of the spend it takes than the margin bears."""
    for place, reward in enumerate(programme.rewards.values()):
        cost = cost_of(reward, programme, member.bill)
        if reward.price is None or cost is None:
            continue
        a_visit = member.units.get(reward.price[0], Fraction(0))
        if a_visit <= 0:
            continue
        spend = reward.price[1] / a_visit * member.bill
        share = (cost - reward.plus) / spend
        if share > member.assumed.margin:
            params = {"reward": reward.id, "share": share, "spend": round(spend), "cost": round(cost)}
            yield Found("reward_dear", ("rewards", place), HIGH, params | {"margin": member.assumed.margin})


def _dear_cards(programme: Programme, member: Typical) -> Iterator[Found]:
    for place, card in enumerate(programme.cards):
        cost = cost_of(programme.rewards[card.reward], programme, member.bill)
        a_visit = member.stamps.get(card.id, Fraction(0))
        if cost is None or a_visit <= 0:
            continue
        spend = needed(card) / a_visit * member.bill
        if cost / spend > member.assumed.margin:
            params = {"card": card.id, "share": cost / spend, "spend": round(spend), "cost": round(cost)}
            yield Found("card_dear", ("stamp_cards", place), HIGH, params | {"margin": member.assumed.margin})


def _dearest(rule: Rule, programme: Programme, member: Typical) -> Reward | None:
    """The reward whose voucher a rule gives; of several by level the one that costs most."""
    given = [programme.rewards[reward] for reward in rule.give.vouchers] if rule.give else []
    return max(given, key=lambda one: cost_of(one, programme, member.bill) or Fraction(0), default=None)


def _dear_vouchers(programme: Programme, member: Typical) -> Iterator[Found]:
    """A rule whose vouchers cost more of every bill than the margin bears."""
    for place, rule in enumerate(programme.rules):
        reward = _dearest(rule, programme, member)
        cost = cost_of(reward, programme, member.bill) if reward else None
        if reward is None or cost is None or not member.bill:
            continue
        a_visit = cost * reward.uses * member.vouchers.get(rule.id, Fraction(0))
        if a_visit > member.assumed.margin * member.bill:
            params = {"reward": reward.id, "cost": round(a_visit), "bill": member.bill, "share": a_visit / member.bill}
            yield Found("voucher_dear", ("earn", place), HIGH, params | {"margin": member.assumed.margin})


def needed(card: StampCard) -> int:
    """Stamps to collect for one full card, a head start on every card taken off."""
    return card.size - (card.head_start if card.head_start_on == "every" else 0)


def _stacking(programme: Programme, member: Typical) -> Iterator[Found]:
    """Discounts that may be used together, and points back on top, for the whole bill or more."""
    joint = [r for r in programme.rewards.values() if r.kind == "discount" and not r.exclusive]
    shares = []
    for reward in joint:
        bill = max(reward.min_order, member.bill) or 1
        off = cost_of_discount(reward, bill)
        shares.append(min(off / bill, Fraction(1)))
    back = sum(
        (member.units.get(w.id, Fraction(0)) * (w.face_value or 0) for w in programme.wallets.values()), Fraction(0)
    )
    total = sum(shares, Fraction(0)) + (back / member.bill if member.bill else 0)
    if len(joint) > 1 and total >= 1:
        names = [reward.id for reward in joint]
        yield Found("stacking_over_all", ("rewards",), HIGH, {"share": total, "rewards": names, "bill": member.bill})


def cost_of_discount(reward: Reward, bill: int) -> Fraction:
    """What a discount takes off a bill."""
    if reward.percent is None:
        return Fraction(reward.amount or 0)
    off = Fraction(bill * reward.percent, 100)
    return min(off, Fraction(reward.max)) if reward.max else off


def _budget(programme: Programme, member: Typical) -> Iterator[Found]:
    """A line of the budget below what typical members take in a year."""
    if programme.budget is None:
        return
    expected, times = _expected(programme, member), MONTHS if programme.budget.monthly else 1
    plans: Counter[str] = Counter()
    for line, _, planned in programme.budget.plans():
        plans[line] += planned * times
    for line, planned in plans.items():
        if expected.get(line, Fraction(0)) > planned:
            params = {"line": line, "planned": planned, "expected": round(expected[line])}
            yield Found("budget_short", ("budget", "lines", line), MEDIUM, params | {"members": member.assumed.members})
    total, everything = programme.budget.total, sum(expected.values(), Fraction(0))
    if total is not None and everything > total * times:
        params = {
            "line": "",
            "planned": total * times,
            "expected": round(everything),
            "members": member.assumed.members,
        }
        yield Found("budget_short", ("budget", "total"), MEDIUM, params)


def _expected(programme: Programme, member: Typical) -> dict[str, Fraction]:
    """By line, what a year costs when members spend all they earn, evenly over the rewards of a wallet, fill cards, and use
    the vouchers that rules give them."""
    costs: dict[str, Fraction] = {}
    for wallet in programme.wallets:
        priced = [r for r in programme.rewards.values() if r.price and r.price[0] == wallet]
        for reward in priced:
            cost = cost_of(reward, programme, member.bill)
            if cost is not None and reward.price:
                taken = member.earned(wallet) / len(priced) / reward.price[1]
                taken = min(taken * member.assumed.members, Fraction(reward.stock or 10**12))
                costs[reward.budget or ""] = costs.get(reward.budget or "", Fraction(0)) + taken * cost
    for rule in programme.rules:
        given = _dearest(rule, programme, member)
        if given is not None:
            cost = (cost_of(given, programme, member.bill) or Fraction(0)) * given.uses
            taken = member.vouchers.get(rule.id, Fraction(0)) * member.visits * member.assumed.members
            costs[given.budget or ""] = costs.get(given.budget or "", Fraction(0)) + taken * cost
    for card in programme.cards:
        reward = programme.rewards[card.reward]
        cost = cost_of(reward, programme, member.bill)
        filled = member.stamps.get(card.id, Fraction(0)) * member.visits / needed(card)
        if cost is not None:
            costs[reward.budget or ""] = (
                costs.get(reward.budget or "", Fraction(0)) + filled * cost * member.assumed.members
            )
    return costs
