"""The perks of a story's member, counted in memory."""

from collections import Counter
from datetime import datetime

from ganbo.engine import perks
from ganbo.engine.programme import Programme
from ganbo.features.perks.operations import UsedUp
from ganbo.journeys.perks import NotTheirs


class Perks:
    """How often each was used in each period."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._used: Counter[tuple[str, str]] = Counter()

    def use(self, perk: str, tier: str | None, *, at: datetime) -> None:
        """One more. Raises NotTheirs or UsedUp."""
        mine = {one.id: one for one in perks.of_level(self._programme, tier) if one.counted}
        if perk not in mine:
            raise NotTheirs(perk=perk)
        key = perk, mine[perk].period(at.astimezone(self._programme.timezone).date())
        if mine[perk].left(self._used[key]) == 0:
            raise UsedUp(perk=perk, most=mine[perk].count)
        self._used[key] += 1
