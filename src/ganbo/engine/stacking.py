"""Vouchers on one order: whether each fits it, what it takes off, and which of them together are best for the customer.

Amounts are minor units. Discounts come first, in the best order; gift cards pay what is left; nothing falls below zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ganbo.engine import conditions, variables
from ganbo.engine.basket import MILLI, Order, OrderLine
from ganbo.engine.programme import Reward

MOST_TOGETHER = 6  # joint vouchers tried in every order; of more, those that take most alone
LOWERING = frozenset(["discount", "free_item", "free_delivery"])
_MEMO = 2_000


@dataclass(frozen=True, slots=True)
class Offered:
    """One voucher that may go on an order; `money` is what a gift card still holds."""

    key: str
    reward: Reward
    money: int = 0

    @property
    def gift_card(self) -> bool:
        return self.reward.kind == "gift_card"


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a reward does not fit an order: a code and the numbers of its sentence."""

    code: str
    params: dict[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """What one voucher takes off, in the order in which they are applied."""

    key: str
    takes: int


@dataclass(frozen=True, slots=True)
class Best:
    """The vouchers to use, the gift cards that pay, and what is left to pay."""

    vouchers: tuple[Part, ...]
    gift_cards: tuple[Part, ...]
    off: int
    pay: int


@dataclass(frozen=True, slots=True)
class _Bill:
    """What is still to pay: per line, and for delivery."""

    lines: tuple[int, ...]
    shipping: int


def misfit(reward: Reward, order: Order) -> Misfit | None:
    """Why a voucher of this reward does not fit the order: too small a bill before discounts, or no line it is for."""
    if order.gross < reward.min_order:
        return Misfit("codes.min_order", {"least": reward.min_order, "missing": reward.min_order - order.gross})
    if reward.lines is not None and not _places(reward, order):
        return Misfit("codes.no_line", {})
    return None


def takes_off(offered: Offered, order: Order) -> int:
    """What the voucher alone takes off the order; 0 when it does not fit or lowers no price."""
    if misfit(offered.reward, order) is not None:
        return 0
    if offered.gift_card:
        return min(offered.money, order.total)
    bill = _begin(order)
    return _left(bill) - _left(_apply(offered, order, bill))


def best(offered: Sequence[Offered], order: Order) -> Best:
    """The combination that leaves least to pay: one exclusive voucher, or joint ones; of equals the fewest, then the first."""
    alone = {o.key: takes_off(o, order) for o in offered}
    lowering = [o for o in offered if o.reward.kind in LOWERING and alone[o.key]]
    joint = sorted((o for o in lowering if not o.reward.exclusive), key=lambda o: -alone[o.key])[:MOST_TOGETHER]
    chosen = _best_of(joint, order)
    for one in lowering:
        if one.reward.exclusive and alone[one.key] > sum(part.takes for part in chosen):
            chosen = (Part(one.key, alone[one.key]),)
    off = sum(part.takes for part in chosen)
    left, paying = order.total - off, []
    for card in offered:
        if card.gift_card and misfit(card.reward, order) is None and (part := min(card.money, left)):
            paying.append(Part(card.key, part))
            left -= part
    return Best(chosen, tuple(paying), off, left)


def together(rewards: Sequence[Reward]) -> int | None:
    """The place of the first voucher that may not stand beside the others on one order; None when all may."""
    lowering = [n for n, reward in enumerate(rewards) if reward.kind in LOWERING]
    exclusive = [n for n in lowering if rewards[n].exclusive]
    if not exclusive or len(lowering) == 1:
        return None
    return exclusive[0] if exclusive[0] > lowering[0] else lowering[1]


def _best_of(joint: Sequence[Offered], order: Order) -> tuple[Part, ...]:
    """Every order of every choice, each state of the bill looked at once per set of vouchers."""
    seen: set[tuple[frozenset[str], _Bill]] = set()
    found: tuple[Part, ...] = ()
    most = 0
    waiting: list[tuple[tuple[Part, ...], _Bill]] = [((), _begin(order))]
    while waiting:
        parts, bill = waiting.pop(0)
        off = sum(part.takes for part in parts)
        if off > most or (off == most and len(parts) < len(found)):
            found, most = parts, off
        for voucher, after in _next(joint, {part.key for part in parts}, order, bill):
            state = (frozenset(part.key for part in parts) | {voucher.key}, after)
            if state not in seen:
                seen.add(state)
                waiting.append(((*parts, Part(voucher.key, _left(bill) - _left(after))), after))
    return found


def _next(joint: Sequence[Offered], used: set[str], order: Order, bill: _Bill) -> Iterator[tuple[Offered, _Bill]]:
    """Each voucher that still takes something off; of several of one reward only the first."""
    tried: set[str] = set()
    for voucher in joint:
        if voucher.key in used or voucher.reward.id in tried:
            continue
        tried.add(voucher.reward.id)
        after = _apply(voucher, order, bill)
        if after != bill:
            yield voucher, after


def _begin(order: Order) -> _Bill:
    return _Bill(tuple(line.net for line in order.lines), order.shipping)


def _left(bill: _Bill) -> int:
    return sum(bill.lines) + bill.shipping


def _apply(offered: Offered, order: Order, bill: _Bill) -> _Bill:
    """The bill after one voucher."""
    reward = offered.reward
    if reward.kind == "free_delivery":
        return _Bill(bill.lines, 0)
    if reward.kind == "free_item":
        return _without_item(reward, order, bill)
    if reward.kind != "discount":
        return bill
    places = _places(reward, order)
    open_ = sum(bill.lines[n] for n in places)
    if reward.percent is not None:
        base = open_ if reward.base == "discounted" else sum(order.lines[n].net for n in places)
        off = base * reward.percent // 100
    else:
        off = reward.amount or 0
    off = min(off, open_, reward.max if reward.max is not None else off)
    return _Bill(_spread(bill.lines, places, off, open_), bill.shipping)


def _without_item(reward: Reward, order: Order, bill: _Bill) -> _Bill:
    """One piece of the item is free: of the line where a piece costs most."""
    prices = {}
    for n, line in enumerate(order.lines):
        if line.sku == reward.sku and bill.lines[n]:
            prices[n] = bill.lines[n] * MILLI // max(line.quantity, MILLI)
    if not prices:
        return bill
    place = max(prices, key=lambda n: (prices[n], -n))
    return _Bill(tuple(x - prices[place] if n == place else x for n, x in enumerate(bill.lines)), bill.shipping)


def _places(reward: Reward, order: Order) -> list[int]:
    """The lines a reward is for; stored value is never sold at a discount."""
    return [n for n, line in enumerate(order.lines) if not line.gift_card and _matches(reward, line)]


def _matches(reward: Reward, line: OrderLine) -> bool:
    if reward.lines is None:
        return True
    return reward.lines.holds(conditions.activation(variables.of_line(line), "line")) is True


def _spread(lines: tuple[int, ...], places: Sequence[int], off: int, open_: int) -> tuple[int, ...]:
    """`off` taken from these lines in proportion to what is left of them, by largest remainder."""
    if not off:
        return lines
    shares = {n: lines[n] * off // open_ for n in places}
    missing = off - sum(shares.values())
    for n in sorted(places, key=lambda n: (-(lines[n] * off % open_), n))[:missing]:
        shares[n] += 1
    return tuple(x - shares.get(n, 0) for n, x in enumerate(lines))
