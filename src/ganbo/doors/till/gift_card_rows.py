"""Gift cards as the till offers them."""

from dataclasses import dataclass

from ganbo.doors.till import saying
from ganbo.doors.till.counter import Counter
from ganbo.foundation import chance


@dataclass(frozen=True, slots=True)
class Chip:
    """A gift card that can be sold; `key` makes that pressing twice sells one."""

    reward: str
    name: str
    amount: int
    key: str


def chips(at: Counter) -> list[Chip]:
    """What the programme has, the smallest first."""
    found = [one for one in at.programme.rewards.values() if one.kind == "gift_card" and one.amount]
    return [
        Chip(one.id, saying.reward(at.programme, one.id), one.amount or 0, str(chance.new_id()))
        for one in sorted(found, key=lambda one: one.amount or 0)
    ]
