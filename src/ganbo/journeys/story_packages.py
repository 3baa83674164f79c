"""The packages of a story's member, kept in memory; what may be done with them is `features.packages.holding`."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ganbo.engine.programme import Programme
from ganbo.features.packages import holding
from ganbo.features.packages.holding import Holding, NotActive, NothingLeft


@dataclass
class _Bought:
    package: str
    held: Holding


class Packages:
    """What was bought, the first first."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._bought: list[_Bought] = []

    def live(self, step: Mapping[str, Any], *, at: datetime) -> None:
        """One step of a story about a package. Raises what holding raises, and NotActive when there is none."""
        if "sell" in step:
            offered = self._programme.packages[step["sell"]]
            ends_at = offered.ends_at(at, self._programme.timezone)
            self._bought.append(_Bought(offered.id, holding.sold(offered, ends_at=ends_at)))
        elif "use" in step:
            self._use(step["use"], step.get("quantity", 1), at)
        elif "pause" in step:
            self._change(step["pause"], lambda held: held.pause(at=at), at)
        elif "resume" in step:
            self._change(step["resume"], lambda held: held.resume(at=at), at)
        else:
            self._change(step["refund"], lambda held: held.refund(at=at), at)

    def state(self, at: datetime) -> dict[str, Any]:
        """`units` that can be used, `units_ended`, and the money `handed_back`."""
        left: Counter[str] = Counter()
        ended: Counter[str] = Counter()
        for bought in self._bought:
            held = bought.held.end(at=at) or bought.held
            for unit, count in held.units.items():
                left[unit] += count.left
                ended[unit] += count.expired
        back = sum(bought.held.refunded for bought in self._bought)
        return {"units": dict(left), "units_ended": dict(ended), "handed_back": back}

    def _use(self, unit: str, quantity: int, at: datetime) -> None:
        """Of the first that lives and has enough; when none has, as the last of them refuses."""
        for bought in self._bought:
            count = bought.held.units.get(unit)
            enough = count is not None and count.left >= quantity
            if bought.held.active(at) and bought.held.paused_at is None and enough:
                bought.held = bought.held.use(unit, quantity, at=at)
                return
        holding_it = [bought for bought in self._bought if unit in bought.held.units]
        if not holding_it:
            raise NothingLeft(unit=unit, left=0)
        holding_it[-1].held.use(unit, quantity, at=at)

    def _change(self, package: str, change: Callable[[Holding], Holding], at: datetime) -> None:
        mine = [bought for bought in self._bought if bought.package == package]
        if not mine:
            raise NotActive()
        chosen = next((bought for bought in mine if bought.held.active(at)), mine[-1])
        chosen.held = change(chosen.held)
