"""Points on a bill: how much may pay it, and what a wish to pay takes of the wallet. Pure; minor units.

Points either pay (`paid: [{with: points}]`, beside the other money) or come off the price (`data.points`, before everything
that pays). `amount` is money in both, so that a bill can be read without knowing what a point is worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ganbo.engine.basket import FieldRefused, Order
from ganbo.engine.frame import Never, barred, payable

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme, Wallet

POINTS = "points"


@dataclass(frozen=True, slots=True)
class Pay:
    """How units of a wallet pay: `rate` minor units each, at least `least`, in steps, at most `share` of the bill.

    `discount`: they come off the price; else they pay it. `rest`: what they pay earns nothing.
    """

    rate: int
    least: int
    step: int
    share: Fraction
    discount: bool
    rest: bool

    def most(self, bill: int, available: int) -> int:
        """The most units that may go on a bill, whole steps; 0 when that is fewer than the least."""
        units = min(max(available, 0), int(bill * self.share) // self.rate)
        units -= units % self.step
        return units if units >= self.least else 0


@dataclass(frozen=True, slots=True)
class Wish:
    """Money to be paid with points: what the field is called, how much, and whether it comes off the price."""

    field: str
    amount: int
    discount: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """What the wallet gives to a bill: its units, and what they pay."""

    wallet: str
    units: int
    money: int
    discount: bool
    of: tuple[tuple[str, int], ...] = ()  # whose units, where a household pays together: (member, units)
    others: int = 0  # units that are not the payer's own


def wallet_of(programme: "Programme") -> "Wallet | None":
    """The wallet whose units pay bills."""
    return next((wallet for wallet in programme.wallets.values() if wallet.pay is not None), None)


def wishes(data: Mapping[str, Any]) -> list[Wish]:
    """What an order's `data` wants to be paid with points."""
    points = data.get("points")
    if not points and not data.get("paid"):
        return []
    found = []
    if points and points["amount"]:
        found.append(Wish("points.amount", points["amount"], True))
    parts = [(place, one["amount"]) for place, one in enumerate(data.get("paid") or ()) if one["with"] == POINTS]
    if amount := sum(amount for _, amount in parts):
        found.append(Wish(f"paid.{parts[0][0]}.amount", amount, False))
    return found


def bill_of(order: Order, pay: Pay, never: Never) -> int:
    """What a share is taken of: for a discount the goods before it, else all there is to pay; without what points never pay."""
    bill = order.net + order.points_off if pay.discount else order.total
    if not order.total:
        return 0 if any(barred(line, never.pay) for line in order.lines) else bill
    left_out = order.total - payable(order, never)  # after points came off it, so of the bill before it is more
    return bill - -(-left_out * bill // order.total)


def plan(programme: "Programme", data: Mapping[str, Any], order: Order, *, member: bool) -> Payment | None:
    """What the wallet gives to an order, whether or not there is so much of it. Raises FieldRefused.

    Points that pay where no wallet does are only noted; points that come off the price must have one.
    """
    wallet, found = wallet_of(programme), None
    for wish in wishes(data):
        if wallet is None or wallet.pay is None:
            if not wish.discount:
                continue
            raise FieldRefused([(wish.field, "points.not_payable", {})])
        if not member:
            raise FieldRefused([(wish.field, "points.member_needed", {})])
        _check(wish, wallet.pay, bill_of(order, wallet.pay, programme.never))
        found = Payment(wallet.id, wish.amount // wallet.pay.rate, wish.amount, wish.discount)
    return found


def _check(wish: Wish, pay: Pay, bill: int) -> None:
    """Raises FieldRefused when points do not pay so."""
    if pay.discount != wish.discount:
        raise FieldRefused([(wish.field, "points.as_discount" if pay.discount else "points.as_payment", {})])
    step = pay.rate * pay.step
    if wish.amount % step:
        raise FieldRefused([(wish.field, "points.step", {"step": step, "points": pay.step})])
    if wish.amount < pay.rate * pay.least:
        raise FieldRefused([(wish.field, "points.below_min", {"least": pay.rate * pay.least, "points": pay.least})])
    if wish.amount > bill * pay.share:
        most = pay.most(bill, bill // pay.rate) * pay.rate
        raise FieldRefused([(wish.field, "points.above_share", {"most": most, "share": _percent(pay.share)})])


def _percent(share: Fraction) -> str:
    """50 %, or 33.3 %."""
    return f"{float(share * 100):.1f}".removesuffix(".0") + " %"


@dataclass(frozen=True, slots=True)
class Most:
    """How much of a bill the wallet could pay: units and their money; `least` and `step` in money."""

    wallet: str
    units: int
    money: int
    least: int
    step: int
    discount: bool


def most(programme: "Programme", order: Order, *, available: int, paid: int) -> Most | None:
    """The most that could go on this bill when `paid` of it is paid in other ways; None when no wallet pays."""
    wallet = wallet_of(programme)
    if wallet is None or wallet.pay is None:
        return None
    pay = wallet.pay
    bill = bill_of(order, pay, programme.never)
    rest = (bill if pay.discount else order.total - paid) // pay.rate
    units = pay.most(bill, min(available, rest))
    return Most(wallet.id, units, units * pay.rate, pay.least * pay.rate, pay.step * pay.rate, pay.discount)


def returned(paid: Payment, *, net: int, paid_otherwise: int, refunded: int) -> int:
    """Units that come back when `refunded` of `net` minor units came back; parts of a unit stay.

    What came off the price comes back by its share. What paid comes back last, after what was paid otherwise.
    """
    if paid.discount:
        return paid.units * refunded // net if net else 0
    part = min(max(refunded - paid_otherwise, 0), paid.money)
    return paid.units * part // paid.money
