"""What rewards take of the budget, and whether a line with a hard stop still has it. Pure."""

from collections.abc import Mapping
from datetime import date

from ganbo.engine.programme import Programme, Reward


def share(programme: Programme, reward: Reward, day: date, *, store: str = "", quantity: int = 1) -> tuple[str, int]:
    """The line's key in the books on a local day at a store, and minor units; ("", 0) for a reward that is in no line."""
    if programme.budget is None or reward.budget is None or not reward.cost:
        return "", 0
    return programme.budget.key(reward.budget, day, store=store), reward.cost * quantity


def hard_keys(programme: Programme, day: date, *, store: str = "") -> dict[str, int]:
    """Lines with a hard stop that pay at a store on a local day: their keys in the books, and what is planned for each."""
    budget = programme.budget
    if budget is None:
        return {}
    return {budget.key(line, day, store=store): budget.planned(line, store=store) for line in budget.hard}


class Purse:
    """What hard lines have left while one event is judged; a line that is not in it has no stop."""

    __slots__ = ("day", "left", "programme", "store")

    def __init__(self, programme: Programme, left: Mapping[str, int], day: date, *, store: str = "") -> None:
        self.programme, self.left, self.day, self.store = programme, dict(left), day, store

    def most(self, reward: str) -> int | None:
        """How many of a reward its line can still pay; None without a stop."""
        key, cost = share(self.programme, self.programme.rewards[reward], self.day, store=self.store)
        return max(self.left[key] // cost, 0) if cost and key in self.left else None

    def take(self, reward: str, n: int = 1) -> bool:
        """Take the cost of `n`; False, and nothing is taken, when the line has not got it."""
        most = self.most(reward)
        if most is None:
            return True
        if n > most:
            return False
        key, cost = share(self.programme, self.programme.rewards[reward], self.day, store=self.store, quantity=n)
        self.left[key] -= cost
        return True
