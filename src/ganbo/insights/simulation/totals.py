"""What became of all members: added up, and told by the contract's names. Money in minor units, ratios as fractions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median_low
from typing import Any, Protocol

from ganbo.engine.programme import Programme

FLOWS = ("issued", "redeemed", "expired")


class Ended(Protocol):
    """One member at the end; see `journeys.replaying.Ended`."""

    tier: str | None
    events: int
    sales: Counter[str]
    off: Counter[str]
    flows: Counter[tuple[str, str, str]]
    by_rule: Counter[str]
    rewards: Counter[tuple[date, str, str]]
    unknown: Counter[str]
    cost: Counter[str]
    lines: Counter[tuple[str, date]]
    left: dict[str, tuple[int, int, int]]
    refused: Counter[str]
    first_gift_days: int | None


@dataclass(slots=True)
class Totals:
    """Sums over members; `gained` is what each member gets: rewards at their cost, offers, and units left at fair value."""

    members: int = 0
    events: int = 0
    sales: Counter[str] = field(default_factory=Counter)
    off: Counter[str] = field(default_factory=Counter)
    flows: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    rewards: Counter[tuple[str, str]] = field(default_factory=Counter)  # (month, reward)
    unknown: Counter[str] = field(default_factory=Counter)
    cost: Counter[str] = field(default_factory=Counter)
    lines: Counter[tuple[str, date]] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    owed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tiers: Counter[str] = field(default_factory=Counter)
    first_gift: Counter[int] = field(default_factory=Counter)  # days from joining → members
    gained: list[int] = field(default_factory=list)  # in the order in which members come
    spent: list[int] = field(default_factory=list)  # their sales

    def add(self, one: Ended, fair: Mapping[str, int]) -> None:
        """One member more; `fair`: thousandths of a minor unit a unit of each wallet is worth."""
        self.members += 1
        self.events += one.events
        for mine, theirs in (
            *((self.sales, one.sales), (self.off, one.off), (self.by_rule, one.by_rule), (self.unknown, one.unknown)),
            *((self.cost, one.cost), (self.refused, one.refused)),
        ):
            mine.update(theirs)
        self.flows.update(one.flows)
        self.lines.update(one.lines)
        for (day, reward, _), n in one.rewards.items():
            self.rewards[f"{day.year:04}-{day.month:02}", reward] += n
        worth = 0
        for wallet, (available, waiting, owed) in one.left.items():
            self.waiting[wallet] += waiting
            self.owed[wallet] += owed
            worth += (available + waiting - owed) * fair.get(wallet, 0)
        if one.tier is not None:
            self.tiers[one.tier] += 1
        if one.first_gift_days is not None:
            self.first_gift[one.first_gift_days] += 1
        self.gained.append(one.cost.total() + one.off.total() + round(worth / 1000))
        self.spent.append(one.sales.total())

    def merge(self, other: "Totals") -> None:
        """The next shard's."""
        self.members += other.members
        self.events += other.events
        for name in ("sales", "off", "flows", "by_rule", "rewards", "unknown", "cost", "lines", "waiting", "owed"):
            getattr(self, name).update(getattr(other, name))
        for name in ("refused", "tiers", "first_gift"):
            getattr(self, name).update(getattr(other, name))
        self.gained += other.gained
        self.spent += other.spent


def fair_values(programme: Programme) -> dict[str, int]:
    """Thousandths of a minor unit that one unit of a wallet is worth: money itself, the face value, else what the cheapest
    reward costs or is worth a unit; a wallet of which nothing is known is left out.
    """
    found: dict[str, int] = {}
    for wallet in programme.wallets.values():
        if wallet.money:
            found[wallet.id] = 1000
        elif wallet.face_value:
            found[wallet.id] = wallet.face_value * 1000
        else:
            rates = [
                (reward.cost or reward.value or reward.amount or 0) * 1000 // reward.price[1]
                for reward in programme.rewards.values()
                if reward.price is not None and reward.price[0] == wallet.id and reward.price[1]
            ]
            if any(rates):
                found[wallet.id] = min(rate for rate in rates if rate)
    return found


def told(totals: Totals, programme: Programme, *, anonymous: int) -> dict[str, Any]:
    """The contract's figures; `anonymous`: receipts without a member, minor units, of the whole time."""
    fair = fair_values(programme)
    sums = {flow: {w: _sum(totals, w, flow) for w in programme.wallets} for flow in FLOWS}
    outstanding = {w: sums["issued"][w] - sums["redeemed"][w] - sums["expired"][w] for w in programme.wallets}
    sales, cost = totals.sales.total() + anonymous, totals.cost.total() + totals.off.total()
    rewards = Counter[str]()
    for (_, reward), n in totals.rewards.items():
        rewards[reward] += n
    return {
        "events": totals.events,
        "members": totals.members,
        "sales": sales,
        "sales_members": totals.sales.total(),
        "cost": cost,
        "cost_share": cost / sales if sales else None,
        "cost_of_offers": totals.off.total(),
        **sums,
        "outstanding": outstanding,
        "pending": dict(totals.waiting),
        "owed": dict(totals.owed),
        "fair_value": {wallet: value / 1000 for wallet, value in fair.items()},
        "liability": sum(round(n * fair.get(w, 0) / 1000) for w, n in outstanding.items()),
        "breakage": {w: sums["expired"][w] / n if (n := sums["issued"][w]) else None for w in programme.wallets},
        "tiers": {level.id: totals.tiers[level.id] for level in programme.levels},
        "rewards": {reward: rewards[reward] for reward in programme.rewards if rewards[reward]},
        "rules": dict(sorted(totals.by_rule.items())),
        "rewards_without_cost": dict(totals.unknown),
        "refused": dict(totals.refused),
        "first_gift": _first_gift(totals),
        "monthly": _monthly(totals, programme, fair),
        "budget": _budget(totals, programme),
    }


def _sum(totals: Totals, wallet: str, flow: str) -> int:
    return sum(n for (_, w, f), n in totals.flows.items() if (w, f) == (wallet, flow))


def _first_gift(totals: Totals) -> dict[str, Any]:
    """How many members got a first gift, and the typical (median) days from joining to it."""
    reached = totals.first_gift.total()
    days = median_low(sorted(totals.first_gift.elements())) if reached else None
    return {"members": reached, "share": reached / totals.members if totals.members else None, "days": days}


def _monthly(totals: Totals, programme: Programme, fair: Mapping[str, int]) -> list[dict[str, Any]]:
    months = sorted({*totals.sales, *totals.cost, *(month for month, _, _ in totals.flows)})
    left = dict.fromkeys(programme.wallets, 0)
    rows = []
    for month in months:
        flows = {flow: {w: totals.flows[month, w, flow] for w in programme.wallets} for flow in FLOWS}
        for wallet in left:
            left[wallet] += flows["issued"][wallet] - flows["redeemed"][wallet] - flows["expired"][wallet]
        cost, sales = totals.cost[month] + totals.off[month], totals.sales[month]
        rows.append(
            {
                "month": month,
                "sales": sales,
                "cost": cost,
                "cost_share": cost / sales if sales else None,
                **flows,
                "outstanding": dict(left),
                "liability": sum(round(n * fair.get(w, 0) / 1000) for w, n in left.items()),
                "rewards": {r: totals.rewards[month, r] for r in programme.rewards if totals.rewards[month, r]},
            }
        )
    return rows


def _budget(totals: Totals, programme: Programme) -> list[dict[str, Any]]:
    """Each line that something was taken of, one that starts anew every month by its dearest month.

    `periods` and `over`: how many months (or one) something was taken in, and in how many it was used up; `used_up_on`:
    the first such day; `earliest`: the earliest day of a month on which a monthly line was.
    """
    plans = programme.budget.plans() if programme.budget is not None else ()
    planned = {(f"{line}/{store}" if store else line): amount for line, store, amount in plans}
    taken: dict[str, dict[str, int]] = {line: {} for line in planned}
    ends: dict[str, list[date]] = {line: [] for line in planned}
    for (key, day), cost in sorted(totals.lines.items(), key=lambda one: one[0][1]):
        line = key.partition("@")[0]
        before = taken[line].get(key, 0)
        taken[line][key] = before + cost
        if before < planned[line] <= before + cost:
            ends[line].append(day)
    return [
        {
            "line": line,
            "planned": planned[line],
            "spent": max(of.values()),
            "periods": len(of),
            "over": len(ends[line]),
            "used_up_on": ends[line][0].isoformat() if ends[line] else None,
            "earliest": min((day.day for day in ends[line]), default=None) if programme.budget.monthly else None,
        }
        for line, of in taken.items()
        if of and programme.budget is not None
    ]
