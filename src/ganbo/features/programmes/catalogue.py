"""The rewards and rules of a programme as rows that doors can show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ganbo.engine import eligibility
from ganbo.engine.facts import MemberFacts
from ganbo.engine.programme import Programme, Reward
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks at the catalogue, and when: prices and what is open are theirs."""

    member: MemberFacts
    at: datetime


def looking(row: MemberRow, programme: Programme, *, at: datetime) -> Looking:
    """The member of a page or a call."""
    zone, last = programme.timezone, row.last_purchase_at
    facts = MemberFacts(
        id=str(row.id),
        tier=row.tier or programme.first_tier,
        age_days=max((at - row.created_at).days, 0),
        purchases=row.purchases,
        spend=row.spend,
        visits=row.visits,
        days_since_purchase=(at.astimezone(zone).date() - last.astimezone(zone).date()).days if last else -1,
    )
    return Looking(facts, at)


def rewards(
    programme: Programme,
    *,
    locale: str,
    balances: Mapping[str, Mapping[str, Any]] | None = None,
    taken: Mapping[str, int] | None = None,
    pools: Mapping[str, int] | None = None,
    who: Looking | None = None,
) -> list[dict[str, Any]]:
    """The contract's Reward rows in document order; `affordable` is null without a member.

    `taken` of limited stock and codes of others left in `pools`, by reward, tell what is left.
    `locked`: null, or the level it is for, or true when a condition on the member does not hold.
    """
    rows = []
    for reward in programme.rewards.values():
        price = reward.price_for(who.member.tier if who else programme.first_tier)
        have = _spendable(balances[reward.price[0]]) if balances and reward.price else None
        left = _left(reward, taken or {}, pools or {})
        locked = _locked(programme, reward, who)
        affordable = None
        if have is not None and reward.price is not None:
            affordable = have >= price and left != 0 and locked is None
        rows.append(
            {
                "id": reward.id,
                "name": reward.name.text(locale) or reward.id,
                "kind": reward.kind,
                "price": _price(programme, reward, price),
                "value": _money(programme, reward.value),
                "taste": reward.taste,
                "fulfil": reward.fulfil,
                "issuer": reward.issuer,
                "stock": left,
                "limits": _limits(programme, reward.id),
                "locked": locked,
                "affordable": affordable,
                "missing": max(price - have, 0) if have is not None and reward.price else None,
            }
        )
    return rows


def _left(reward: Reward, taken: Mapping[str, int], pools: Mapping[str, int]) -> int | None:
    """Pieces that can still be had: of the stock, of the codes of others, of both the lesser; None without an end."""
    stock = None if reward.stock is None else max(reward.stock - taken.get(reward.id, 0), 0)
    codes = pools.get(reward.id, 0) if reward.imported else None
    return min((n for n in (stock, codes) if n is not None), default=None)


def _price(programme: Programme, reward: Reward, amount: int) -> dict[str, Any] | None:
    if reward.price is None:
        return None
    return {"wallet": reward.price[0], "amount": amount, "plus": _money(programme, reward.plus or None)}


def _money(programme: Programme, amount: int | None) -> dict[str, Any] | None:
    return None if amount is None else {"amount": amount, "currency": programme.currency}


def _spendable(balance: Mapping[str, Any]) -> int:
    """What a member could spend of a wallet, whose `household` perhaps spends it together."""
    together = balance.get("household")
    if together is None:
        return int(balance["available"])
    return int(together["available"]) if together["may_spend"] else 0


def _locked(programme: Programme, reward: Reward, who: Looking | None) -> str | bool | None:
    why = eligibility.barred(programme, reward, who.member, at=who.at) if who else None
    return None if why is None else why.tier or True


def _limits(programme: Programme, reward_id: str) -> list[Any]:
    """The limits as the document states them."""
    for written in programme.document.get("rewards", []):
        if written.get("id") == reward_id:
            return list(written.get("limits", []))
    return []
