"""Vouchers on one order: whether each fits it, what it takes off, and which of them together are best for the customer.

Amounts are minor units. Discounts come first, in the best order; gift cards pay what is left; nothing falls below zero.
What a reward is for is judged on the goods of the bill before discounts, all lines of the same goods together: so it fits
the sale as it was recorded, with discounts taken off and lines split, exactly when it fitted the basket.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ganbo.engine import conditions, frame, variables
from ganbo.engine.basket import MILLI, Order, OrderLine
from ganbo.engine.programme import Reward

MOST_TOGETHER = 6  # joint vouchers tried in every order; of more, those that take most alone
LOWERING = frozenset(["discount", "free_item", "free_delivery"])


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
class Bill:
    """What is still to pay: per line, and for delivery; and how many pieces of each line are free."""

    lines: tuple[int, ...]
    shipping: int
    free: tuple[int, ...]

    @property
    def left(self) -> int:
        return sum(self.lines) + self.shipping


@dataclass(frozen=True, slots=True)
class Part:
    """What one voucher takes off, in the order in which they are applied: in all, of each line, of delivery."""

    key: str
    takes: int
    lines: tuple[int, ...] = ()
    shipping: int = 0


@dataclass(frozen=True, slots=True)
class Best:
    """The vouchers to use, the gift cards that pay, what is left to pay, and the bill before gift cards."""

    vouchers: tuple[Part, ...]
    gift_cards: tuple[Part, ...]
    off: int
    pay: int
    bill: Bill


@dataclass(frozen=True, slots=True)
class _Ready:
    """A voucher with the places of the lines it may lower."""

    offered: Offered
    places: tuple[int, ...]


_Step = tuple[tuple[Part, ...], Bill]


def misfit(reward: Reward, order: Order) -> Misfit | None:
    """Why a voucher of this reward does not fit the order: too small a bill before discounts, or no line it is for."""
    if order.gross < reward.min_order:
        return Misfit("codes.min_order", {"least": reward.min_order, "missing": reward.min_order - order.gross})
    if reward.lines is not None and not _places(reward, order):
        return Misfit("codes.no_line", {})
    return None


def takes_off(offered: Offered, order: Order) -> int:
    """What the voucher alone takes off the order; 0 when it does not fit or lowers no price."""
    return _alone(_Ready(offered, _places(offered.reward, order)), order)


def best(offered: Sequence[Offered], order: Order) -> Best:
    """The combination that leaves least to pay: one exclusive voucher, or joint ones; of equals the fewest, then the first.

    Gift cards pay what is left in the order in which they are offered.
    """
    lowering = [ready for ready in _all_ready(offered, order) if ready.offered.reward.kind in LOWERING]
    alone = [(off, ready) for ready in lowering if (off := _alone(ready, order))]
    joint = sorted([both for both in alone if not both[1].offered.reward.exclusive], key=lambda both: -both[0])
    chosen, bill = _best_of([ready for _, ready in joint[:MOST_TOGETHER]], order)
    for takes, ready in alone:
        if ready.offered.reward.exclusive and (takes, -1) > (sum(p.takes for p in chosen), -len(chosen)):
            before = begin(order)
            bill = _apply(ready, order, before)
            chosen = (_part(ready.offered.key, before, bill),)
    off = sum(part.takes for part in chosen)
    left, paying = order.total - off, []
    for card in offered:
        if card.gift_card and misfit(card.reward, order) is None and (part := min(card.money, left)):
            paying.append(Part(card.key, part))
            left -= part
    return Best(chosen, tuple(paying), off, left, bill)


def why_unused(offered: Offered, chosen: Best, exclusive: bool, order: Order) -> str:
    """Why the best combination does without a voucher that fits the order; `exclusive`: the one it uses stands alone.

    no_price, nothing_left (to pay), not_on_bill, outdone (alone it takes less than the others), beside (the other stands
    alone), adds_nothing.
    """
    if offered.gift_card:
        return "nothing_left"
    if offered.reward.kind not in LOWERING:
        return "no_price"
    if not takes_off(offered, order):
        return "not_on_bill" if order.total else "nothing_left"
    if offered.reward.exclusive:
        return "outdone"
    return "beside" if exclusive else "adds_nothing"


def together(rewards: Sequence[Reward]) -> int | None:
    """The place of the first voucher that may not stand beside the others on one order; None when all may."""
    lowering = [n for n, reward in enumerate(rewards) if reward.kind in LOWERING]
    exclusive = [n for n in lowering if rewards[n].exclusive]
    if not exclusive or len(lowering) == 1:
        return None
    return exclusive[0] if exclusive[0] > lowering[0] else lowering[1]


def begin(order: Order) -> Bill:
    """The bill before vouchers."""
    lines = order.lines
    return Bill(tuple(line.net for line in lines), order.shipping, tuple(line.free_pieces for line in lines))


def _best_of(joint: Sequence[_Ready], order: Order) -> _Step:
    """Every order of every choice, the shorter first, each state of the bill looked at once per set of vouchers."""
    seen: set[tuple[frozenset[str], Bill]] = set()
    found: _Step = ((), begin(order))
    most = 0
    waiting = deque([found])
    while waiting:
        parts, bill = waiting.popleft()
        off = sum(part.takes for part in parts)
        if off > most:
            found, most = (parts, bill), off
        used = frozenset(part.key for part in parts)
        for voucher, after in _next(joint, used, order, bill):
            state = (used | {voucher.key}, after)
            if state not in seen:
                seen.add(state)
                waiting.append(((*parts, _part(voucher.key, bill, after)), after))
    return found


def _next(joint: Sequence[_Ready], used: frozenset[str], order: Order, bill: Bill) -> Iterator[tuple[Offered, Bill]]:
    """Each voucher that still takes something off; of several of one reward only the first."""
    tried: set[int] = set()
    for ready in joint:
        reward = id(ready.offered.reward)  # the same reward of two versions may be worth different things
        if ready.offered.key in used or reward in tried:
            continue
        tried.add(reward)
        after = _apply(ready, order, bill)
        if after != bill:
            yield ready.offered, after


def _part(key: str, before: Bill, after: Bill) -> Part:
    lines = tuple(a - b for a, b in zip(before.lines, after.lines, strict=True))
    return Part(key, before.left - after.left, lines, before.shipping - after.shipping)


def _all_ready(offered: Sequence[Offered], order: Order) -> list[_Ready]:
    """Each with its places, looked up once per reward."""
    places = {id(o.reward): o.reward for o in offered}
    known = {key: _places(reward, order) for key, reward in places.items()}
    return [_Ready(o, known[id(o.reward)]) for o in offered]


def _alone(ready: _Ready, order: Order) -> int:
    reward = ready.offered.reward
    if order.gross < reward.min_order or (reward.lines is not None and not ready.places):
        return 0
    if ready.offered.gift_card:
        return min(ready.offered.money, order.total)
    bill = begin(order)
    return bill.left - _apply(ready, order, bill).left


def _apply(ready: _Ready, order: Order, bill: Bill) -> Bill:
    """The bill after one voucher."""
    reward, places = ready.offered.reward, ready.places
    if reward.kind == "free_delivery":
        return replace(bill, shipping=0)
    if reward.kind == "free_item":
        return _without_item(reward, places, order, bill)
    if reward.kind != "discount":
        return bill
    open_ = sum(bill.lines[n] for n in places)
    if reward.percent is not None:
        base = open_ if reward.base == "discounted" else sum(order.lines[n].net for n in places)
        off = base * reward.percent // 100
    else:
        off = reward.amount or 0
    off = min(off, open_, reward.max if reward.max is not None else off)
    return replace(bill, lines=_spread(bill.lines, places, off, open_))


def _without_item(reward: Reward, places: Sequence[int], order: Order, bill: Bill) -> Bill:
    """One piece of the item is free: of the line where a piece costs most."""
    prices = {}
    for n in places:
        pieces = order.lines[n].quantity - bill.free[n] * MILLI
        if order.lines[n].sku == reward.sku and bill.lines[n] and pieces > 0:
            prices[n] = bill.lines[n] * MILLI // max(pieces, MILLI)
    if not any(prices.values()):
        return bill
    place = max(prices, key=lambda n: (prices[n], -n))
    return replace(
        bill,
        lines=tuple(x - prices[place] if n == place else x for n, x in enumerate(bill.lines)),
        free=tuple(x + (n == place) for n, x in enumerate(bill.free)),
    )


def _places(reward: Reward, order: Order) -> tuple[int, ...]:
    """The lines a reward is for; stored value is never sold at a discount, nor what the programme leaves out."""
    open_ = [n for n, line in enumerate(order.lines) if not (line.gift_card or frame.barred(line, reward.never))]
    if reward.lines is None:
        return tuple(open_)
    goods: dict[tuple[object, ...], OrderLine] = {}
    for n in open_:
        line, kind = order.lines[n], _kind(order.lines[n])
        same = goods.get(kind)
        gross, quantity = line.gross + (same.gross if same else 0), line.quantity + (same.quantity if same else 0)
        goods[kind] = replace(line, quantity=quantity, gross=gross, net=gross)
    fits = {kind for kind, line in goods.items() if _matches(reward, line)}
    return tuple(n for n in open_ if _kind(order.lines[n]) in fits)


def _kind(line: OrderLine) -> tuple[object, ...]:
    """Lines with the same are the same goods."""
    return line.sku, line.category, line.labels, line.unit_price


def _matches(reward: Reward, goods: OrderLine) -> bool:
    assert reward.lines is not None
    return reward.lines.holds(conditions.activation(variables.of_line(goods), "line")) is True


def _spread(lines: tuple[int, ...], places: Sequence[int], off: int, open_: int) -> tuple[int, ...]:
    """`off` taken from these lines in proportion to what is left of them, by largest remainder."""
    if not off:
        return lines
    shares = {n: lines[n] * off // open_ for n in places}
    missing = off - sum(shares.values())
    for n in sorted(places, key=lambda n: (-(lines[n] * off % open_), n))[:missing]:
        shares[n] += 1
    return tuple(x - shares.get(n, 0) for n, x in enumerate(lines))
