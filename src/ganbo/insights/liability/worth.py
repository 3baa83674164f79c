"""What one unit of a wallet is worth to its holder, and what it costs the business, in minor units of money.

Nobody can read this off the books: it is an assumption, and every statement prints which one it took (`basis`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from ganbo.engine.programme import Programme, Reward, Wallet

PAY = "pay:"  # the rule of transfers by which points pay a bill


@dataclass(frozen=True, slots=True)
class Price:
    """Of one product, minor units: what customers pay, what the business paid."""

    price: int | None
    cost: int | None


@dataclass(frozen=True, slots=True)
class Use:
    """One way units are redeemed: how many were, and what a unit of it is worth and costs; None: nobody knows."""

    name: str  # a reward's id, "pay:" or "partner:<id>"
    units: int
    value: Fraction | None
    cost: Fraction | None
    by_cost: bool = False  # nobody said what it is worth: its cost stands in


@dataclass(frozen=True, slots=True)
class Worth:
    """One unit of a wallet. `basis`: given, money, redeemed, pay, face_value, catalogue, or none (then both are 0)."""

    wallet: str
    value: Fraction
    cost: Fraction
    basis: str
    uses: tuple[Use, ...] = ()


def worth(
    wallet: str,
    programme: Programme,
    *,
    redeemed: Mapping[str, int],
    prices: Mapping[str, Price],
    given: Fraction | None = None,
) -> Worth:
    """The first basis there is: money, told, what was redeemed, pay rate, face value, catalogue.

    `redeemed`: units by rule of their transfers in the time looked at. A use whose worth nobody knows has no weight.
    """
    uses = tuple(_uses(wallet, programme, redeemed, prices))
    cost = _mean([(u.cost, u.units) for u in uses])
    kept = programme.wallets.get(wallet)
    if kept is not None and kept.money:
        return Worth(wallet, Fraction(1), Fraction(1), "money", uses)
    if given is not None:
        return Worth(wallet, given, given if cost is None else cost, "given", uses)
    value = _mean([(u.value, u.units) for u in uses])
    if value is not None:
        return Worth(wallet, value, value if cost is None else cost, "redeemed", uses)
    return _untried(wallet, kept, programme, prices)


def _untried(wallet: str, kept: Wallet | None, programme: Programme, prices: Mapping[str, Price]) -> Worth:
    """Nothing was redeemed yet that has a known worth: what the programme says of a unit."""
    if kept is not None and kept.pay is not None:
        return Worth(wallet, Fraction(kept.pay.rate), Fraction(kept.pay.rate), "pay")
    if kept is not None and kept.face_value:
        return Worth(wallet, Fraction(kept.face_value), Fraction(kept.face_value), "face_value")
    uses = tuple(_uses(wallet, programme, dict.fromkeys(_rewards(wallet, programme), 1), prices))
    value, cost = _mean([(u.value, u.units) for u in uses]), _mean([(u.cost, u.units) for u in uses])
    if value is None:
        return Worth(wallet, Fraction(0), Fraction(0), "none", uses)
    return Worth(wallet, value, value if cost is None else cost, "catalogue", uses)


def _uses(wallet: str, programme: Programme, redeemed: Mapping[str, int], prices: Mapping[str, Price]) -> list[Use]:
    rewards, kept = _rewards(wallet, programme), programme.wallets.get(wallet)
    found = []
    for rule, units in sorted(redeemed.items()):
        value = cost = None
        by_cost = False
        if rule in rewards:
            reward, paid = rewards[rule]
            value, cost, by_cost = _of_reward(reward, paid, prices)
        elif rule == PAY and kept is not None and kept.pay is not None:
            value = cost = Fraction(kept.pay.rate)
        elif (partner := programme.partners.get(rule.removeprefix("partner:"))) and rule.startswith("partner:"):
            value, cost = Fraction(partner.rate) if partner.rate else None, Fraction(partner.we_pay)
        found.append(Use(rule, units, value, cost, by_cost))
    return found


def _rewards(wallet: str, programme: Programme) -> dict[str, tuple[Reward, int]]:
    """By rule of the transfers: the reward and how many units one takes; of a stamp card its reward and its size."""
    found = {
        r.id: (r, r.price[1]) for r in programme.rewards.values() if r.price and r.price[0] == wallet and r.price[1]
    }
    for card in programme.cards:
        if wallet == f"stamp:{card.id}" and card.reward in programme.rewards:
            found[f"card:{card.id}"] = (programme.rewards[card.reward], card.size)
    return found


def _of_reward(
    reward: Reward, units: int, prices: Mapping[str, Price]
) -> tuple[Fraction | None, Fraction | None, bool]:
    """Per unit: what it is worth (its value, its amount, its product's price, its cost) less what is paid besides; what it costs.

    The third tells that its cost stands in for what it is worth.
    """
    product = prices.get(reward.sku or "", Price(None, None))
    value = next((x for x in (reward.value, reward.amount, product.price) if x is not None), None)
    cost = next((x for x in (reward.cost, product.cost, reward.amount, value) if x is not None), None)
    if cost is None:
        return None, None, False
    worth = cost if value is None else value
    return Fraction(max(worth - reward.plus, 0), units), Fraction(max(cost - reward.plus, 0), units), value is None


def _mean(weighted: list[tuple[Fraction | None, int]]) -> Fraction | None:
    known = [(x, n) for x, n in weighted if x is not None and n > 0]
    units = sum(n for _, n in known)
    return sum((x * n for x, n in known), Fraction(0)) / units if units else None


def redeemed_by_rule(flows: pl.DataFrame) -> dict[str, dict[str, int]]:
    """wallet → rule → units redeemed, less what was given back; rules of which nothing is left are not there."""
    spent = pl.col("amount").filter(pl.col("into") == "spent").sum()
    back = pl.col("amount").filter(pl.col("out_of") == "spent").sum()
    sums = flows.group_by("wallet", "rule").agg(units=spent - back).filter(pl.col("units") > 0)
    found: dict[str, dict[str, int]] = {}
    for wallet, rule, units in sums.sort("wallet", "rule").iter_rows():
        found.setdefault(wallet, {})[rule] = units
    return found
