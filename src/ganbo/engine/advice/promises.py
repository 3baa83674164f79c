"""What members are promised and may never see, or cannot follow."""

from collections.abc import Iterator
from datetime import date, datetime, time
from fractions import Fraction

from ganbo.engine import offline, stamps
from ganbo.engine.advice.assuming import MONTHS, Typical
from ganbo.engine.advice.finding import LOW, MEDIUM, Found
from ganbo.engine.programme import Programme, Wallet

_DAYS_A_MONTH = 30


def findings(programme: Programme, member: Typical) -> Iterator[Found]:
    yield from _no_end_point(programme)
    yield from _too_many(programme, member)
    yield from _far(programme, member)
    yield from _far_cards(programme, member)
    yield from _nobody_gets(programme)
    yield from _head_start(programme)
    yield from _offline(programme)


def priced_in(programme: Programme, wallet: str) -> bool:
    """Whether any reward can be had for units of a wallet."""
    return any(reward.price and reward.price[0] == wallet for reward in programme.rewards.values())


def _no_end_point(programme: Programme) -> Iterator[Found]:
    """Units that can be collected and never used."""
    for wallet in programme.wallets.values():
        earned = any(rule.give and rule.give.wallet == wallet.id for rule in programme.rules)
        if earned and wallet.spendable and not wallet.money and not priced_in(programme, wallet.id):
            yield Found("no_end_point", ("wallets", wallet.id), MEDIUM, {"wallet": wallet.id})
    if not programme.rules and not programme.cards:
        yield Found("nothing_earns", ("earn",), MEDIUM, {})


def _too_many(programme: Programme, member: Typical) -> Iterator[Found]:
    most = member.assumed.followed
    held = len(stamps.of_member(programme, ""))
    priced = sum(1 for reward in programme.rewards.values() if reward.price)
    for kind, path, n in (
        ("rules", "earn", len(programme.rules)),
        ("rewards", "rewards", priced),
        ("cards", "stamp_cards", held),
    ):
        if n > most:
            yield Found("too_many", (path,), LOW, {"kind": kind, "n": n, "most": most})
    wallets = sum(1 for wallet in programme.wallets if priced_in(programme, wallet))
    goals = held + wallets
    if goals > member.assumed.goals:
        params = {"n": goals, "most": member.assumed.goals, "cards": held, "wallets": wallets}
        yield Found("many_goals", ("stamp_cards",) if programme.cards else ("wallets",), LOW, params)


def _far(programme: Programme, member: Typical) -> Iterator[Found]:
    """A reward that a typical member cannot reach in a year, or not before the first points end."""
    for place, reward in enumerate(programme.rewards.values()):
        if reward.price is None:
            continue
        wallet, price = programme.wallets[reward.price[0]], reward.price_for(programme.first_tier)
        a_month = member.units.get(wallet.id, Fraction(0)) * member.assumed.visits_a_month
        if a_month <= 0 or _earned_otherwise(programme, wallet.id):
            continue
        months = min(Fraction(MONTHS), life(wallet))
        reachable = member.earned(wallet.id, months)
        if price > reachable:
            wanted = -(-(price - member.once.get(wallet.id, 0)) // a_month)
            params = {"reward": reward.id, "price": price, "wallet": wallet.id, "reachable": int(reachable)}
            yield Found(
                "reward_far", ("rewards", place), MEDIUM, params | {"months": int(wanted), "within": int(months)}
            )


def _earned_otherwise(programme: Programme, wallet: str) -> bool:
    """Whether events of the business's own give it, too: how often they come nobody knows."""
    return any(
        rule.give is not None and rule.give.wallet == wallet
        for kind, rules in programme.by_type.items()
        if kind.startswith("custom.")
        for rule in rules
    )


def life(wallet: Wallet) -> Fraction:
    """The shortest life of what is earned, in months; a thousand when it never ends."""
    days = [_days(wallet, date(2027, month, 15)) for month in range(1, 13)]
    return Fraction(min(days), _DAYS_A_MONTH)


def _days(wallet: Wallet, earned: date) -> int:
    at = datetime.combine(earned, time(10), wallet.expires.zone)
    ends = wallet.expires.expires_at(at)
    return _DAYS_A_MONTH * 1000 if ends is None else (ends - at).days


def _far_cards(programme: Programme, member: Typical) -> Iterator[Found]:
    for place, card in enumerate(programme.cards):
        a_year = member.stamps.get(card.id, Fraction(0)) * member.visits
        if 0 < a_year < card.size - card.head_start:
            params = {"card": card.id, "size": card.size, "stamps": int(a_year)}
            yield Found("card_far", ("stamp_cards", place), MEDIUM, params)


def _nobody_gets(programme: Programme) -> Iterator[Found]:
    """A reward without a price that no rule, card or tier gives; a gift card is sold for money."""
    given = {reward for rule in programme.rules if rule.give for reward in rule.give.vouchers}
    given |= {gift.voucher for gift in programme.aims.gifts if gift.voucher}
    given |= {card.reward for card in programme.cards}
    for level in programme.levels:
        given |= {*level.rewards, *level.on_enter, *level.yearly}
    for place, reward in enumerate(programme.rewards.values()):
        if reward.price is None and reward.kind != "gift_card" and reward.id not in given:
            yield Found("reward_unused", ("rewards", place), LOW, {"reward": reward.id})


def _head_start(programme: Programme) -> Iterator[Found]:
    for place, card in enumerate(programme.cards):
        if card.head_start * 2 >= card.size:
            params = {"card": card.id, "head_start": card.head_start, "size": card.size}
            yield Found("head_start_half", ("stamp_cards", place), MEDIUM, params)


def _offline(programme: Programme) -> Iterator[Found]:
    """A limit for gifts without a network, and none that could be given."""
    tiers = [None, *(level.id for level in programme.levels)]
    if programme.offline_up_to and not any(list(offline.gifts(programme, tier)) for tier in tiers):
        yield Found("offline_gives_nothing", ("offline", "redeem_up_to"), LOW, {})
