"""What may be done with a package and what becomes of it: pure, so that the books and the stories follow one rule."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ganbo.engine.packages import Package as Offered
from ganbo.engine.packages import refund_of
from ganbo.kernel.refusal import Refusal


class NotActive(Refusal):
    """The package was given back or has ended."""

    code = "packages.not_active"


class Paused(Refusal):
    """The package is paused; resume it first."""

    code = "packages.paused"


class NothingLeft(Refusal):
    """Fewer units are left than asked for."""

    code = "packages.nothing_left"


class CannotPause(Refusal):
    """It cannot be paused now: it never ends, it is paused already, or its days of pause are used up."""

    code = "packages.cannot_pause"


class NotPaused(Refusal):
    """It is not paused."""

    code = "packages.not_paused"


class NotRefundable(Refusal):
    """What was sold says that it is not given back."""

    code = "packages.not_refundable"


class UsedAlready(Refusal):
    """Something was used of it: its sale can no longer be undone, only what is left given back."""

    code = "packages.used_already"


@dataclass(frozen=True, slots=True)
class Count:
    """One unit: sold = used + left + refunded + expired."""

    sold: int
    left: int
    used: int = 0
    refunded: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Holding:
    """A package as it stands; `expires_at` without the pause that runs, money in minor units."""

    price: int
    refundable: bool
    expires_at: datetime | None
    pause_left: timedelta
    units: Mapping[str, Count]
    paused_at: datetime | None = None
    state: str = "active"  # active, refunded, ended
    refunded: int = 0

    def ends_at(self, at: datetime) -> datetime | None:
        """The end with the pause that runs, as far as it is allowed."""
        if self.expires_at is None or self.paused_at is None:
            return self.expires_at
        return self.expires_at + self._stood(at)

    def _stood(self, at: datetime) -> timedelta:
        return min(max(at - (self.paused_at or at), timedelta()), self.pause_left)

    def active(self, at: datetime) -> bool:
        """Neither given back nor over."""
        ends = self.ends_at(at)
        return self.state == "active" and (ends is None or ends > at)

    def use(self, unit: str, quantity: int, *, at: datetime) -> "Holding":
        """With so many units used. Raises NotActive, Paused or NothingLeft."""
        self._must_be_active(at)
        if self.paused_at is not None:
            raise Paused()
        count = self.units.get(unit)
        if count is None or count.left < quantity:
            raise NothingLeft(unit=unit, left=count.left if count else 0)
        return self._with(unit, replace(count, used=count.used + quantity, left=count.left - quantity))

    def unuse(self, unit: str, quantity: int, *, at: datetime) -> "Holding":
        """With a use taken back. Raises NotActive."""
        self._must_be_active(at)
        count = self.units[unit]
        return self._with(unit, replace(count, used=count.used - quantity, left=count.left + quantity))

    def pause(self, *, at: datetime) -> "Holding":
        """Its time stands still. Raises CannotPause or NotActive."""
        self._must_be_active(at)
        if self.expires_at is None or self.paused_at is not None or not self.pause_left:
            raise CannotPause()
        return replace(self, paused_at=at)

    def resume(self, *, at: datetime) -> "Holding":
        """Its end is later by the pause, as far as pauses are allowed. Raises NotPaused or NotActive."""
        self._must_be_active(at)
        if self.paused_at is None:
            raise NotPaused()
        left = self.pause_left - self._stood(at)
        return replace(self, paused_at=None, expires_at=self.ends_at(at), pause_left=left)

    @property
    def worth(self) -> int:
        """What would be handed back now for what is left, minor units."""
        units = self.units.values()
        return refund_of(self.price, sold=sum(u.sold for u in units), left=sum(u.left for u in units))

    def refund(self, *, at: datetime) -> "Holding":
        """What is left is given back for its part of the price. Raises NotRefundable or NotActive."""
        self._must_be_active(at)
        if not self.refundable:
            raise NotRefundable()
        return self._given_back(self.worth)

    def unsell(self, *, at: datetime) -> "Holding":
        """The sale was a mistake: all of it is given back. Raises UsedAlready or NotActive."""
        self._must_be_active(at)
        if any(count.left != count.sold for count in self.units.values()):
            raise UsedAlready()
        return self._given_back(self.price)

    def end(self, *, at: datetime) -> "Holding | None":
        """What is left ends; None when its end has not come."""
        ends = self.ends_at(at)
        if self.state != "active" or ends is None or ends > at:
            return None
        units = {u: replace(c, expired=c.expired + c.left, left=0) for u, c in self.units.items()}
        return replace(self, state="ended", expires_at=ends, paused_at=None, units=units)

    def _given_back(self, money: int) -> "Holding":
        units = {u: replace(c, refunded=c.refunded + c.left, left=0) for u, c in self.units.items()}
        return replace(self, state="refunded", refunded=money, paused_at=None, units=units)

    def _with(self, unit: str, count: Count) -> "Holding":
        return replace(self, units={**self.units, unit: count})

    def _must_be_active(self, at: datetime) -> None:
        if not self.active(at):
            raise NotActive()


def sold(offered: Offered, *, ends_at: datetime | None) -> Holding:
    """A new one, as the programme offers it."""
    return Holding(
        price=offered.price,
        refundable=offered.refundable,
        expires_at=ends_at,
        pause_left=timedelta(days=offered.pause_days),
        units={unit: Count(sold=n, left=n) for unit, n in offered.units.items()},
    )
