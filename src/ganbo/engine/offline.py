"""What a till gives while it has no network: which rewards, and what they count for against the limit. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from ganbo.engine import tiers
from ganbo.engine.programme import Programme, Reward

# What is handed over on the spot and then done with; anything else needs a code, a bill or a wallet.
_HANDED = frozenset({"free_item", "gift", "experience"})


@dataclass(frozen=True, slots=True)
class Gift:
    """A reward a till may hand over without a network: its price in points, and what it counts for in minor units."""

    reward: Reward
    wallet: str
    price: int
    worth: int


def gifts(programme: Programme, tier: str | None) -> Iterator[Gift]:
    """What a member of this tier may be handed, in document order; nothing when the programme sets no limit."""
    for reward in programme.rewards.values():
        found = gift(programme, reward, tier)
        if found is not None:
            yield found


def gift(programme: Programme, reward: Reward, tier: str | None) -> Gift | None:
    """None when the reward waits for the network: what is scarce, limited, conditional or somebody else's does."""
    if reward.price is None or reward.kind not in _HANDED or _waits(programme, reward):
        return None
    wallet, price = reward.price[0], reward.price_for(tier or programme.first_tier)
    worth = _worth(programme, reward, wallet, price)
    if worth is None or worth > programme.offline_up_to:
        return None
    return Gift(reward, wallet, price, worth)


def _waits(programme: Programme, reward: Reward) -> bool:
    scarce = reward.stock is not None or bool(reward.limits) or reward.imported
    conditional = reward.when is not None or tiers.opened_by(programme, reward.id) is not None
    later = reward.fulfil == "later" or reward.from_next_order or bool(reward.plus)
    return scarce or conditional or later


def _worth(programme: Programme, reward: Reward, wallet: str, price: int) -> int | None:
    """The dearest of what is known: what its points are worth, its value to the member, its cost; None: nothing is."""
    face = programme.wallets[wallet].face_value
    known = [one for one in (face * price if face else None, reward.value, reward.cost) if one is not None]
    return max(known, default=None)
