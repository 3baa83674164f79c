"""The rewards and rules of a programme as rows that doors can show."""

from collections.abc import Mapping
from typing import Any

from ganbo.engine.programme import Programme


def rewards(
    programme: Programme,
    *,
    locale: str,
    balances: Mapping[str, Mapping[str, int]] | None = None,
    taken: Mapping[str, int] | None = None,
) -> list[dict[str, Any]]:
    """The contract's Reward rows in document order; `affordable` is null without a member."""
    rows = []
    for reward in programme.rewards.values():
        price = {"wallet": reward.price[0], "amount": reward.price[1]} if reward.price else None
        have = balances[reward.price[0]]["available"] if balances and reward.price else None
        left = None if reward.stock is None else max(reward.stock - (taken or {}).get(reward.id, 0), 0)
        affordable = None
        if have is not None and reward.price is not None:
            affordable = have >= reward.price[1] and left != 0
        rows.append(
            {
                "id": reward.id,
                "name": reward.name.text(locale) or reward.id,
                "kind": reward.kind,
                "price": price,
                "stock": left,
                "limits": _limits(programme, reward.id),
                "affordable": affordable,
                "missing": max(reward.price[1] - have, 0) if have is not None and reward.price else None,
            }
        )
    return rows


def _limits(programme: Programme, reward_id: str) -> list[Any]:
    """The limits as the document states them."""
    for written in programme.document.get("rewards", []):
        if written.get("id") == reward_id:
            return list(written.get("limits", []))
    return []
