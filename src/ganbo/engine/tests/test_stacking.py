"""The best vouchers for a bill, beside an oracle that tries every allowed choice in every order."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.engine import basket, loading, stacking
from ganbo.engine.basket import Order
from ganbo.engine.programme import Reward
from ganbo.engine.stacking import Best, Bill, Offered

DOCUMENT = """\
ganbo: 1
programme: stacking
name: Mã
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm, expires: {kind: never}}}
earn: [{id: base, on: purchase, give: {wallet: points, amount: 1}}]
rewards:
  - {id: ten, kind: discount, percent: 10}
  - {id: fifth-of-rest, kind: discount, percent: 20, base: discounted}
  - {id: fifth-of-all, kind: discount, percent: 20, base: initial, max: 15000}
  - {id: thirty, kind: discount, amount: 30000}
  - {id: cake-half, kind: discount, percent: 50, base: discounted, lines: 'line.category == "cake"'}
  - {id: two-teas, kind: discount, amount: 7001, lines: 'line.sku == "tea" && line.quantity >= 2'}
  - {id: latte, kind: free_item, sku: latte}
  - {id: delivery, kind: free_delivery}
  - {id: big, kind: discount, percent: 30, min_order: 200000}
  - {id: alone, kind: discount, percent: 25, stacking: exclusive}
  - {id: alone-thirty, kind: discount, amount: 30000, stacking: exclusive}
  - {id: alone-latte, kind: free_item, sku: latte, stacking: exclusive}
  - {id: tote, kind: gift}
  - {id: card, kind: gift_card, amount: 50000}
"""
REWARDS = loading.load(DOCUMENT).rewards
AGAIN = loading.load(DOCUMENT.replace("percent: 10}", "percent: 15}")).rewards  # another version of the same document


def offered(*names: str) -> list[Offered]:
    """Vouchers in this order; `card:30000` is a gift card with so much on it."""
    found = []
    for n, name in enumerate(names):
        kind, _, money = name.partition(":")
        found.append(Offered(f"{n}:{kind}", REWARDS[kind], int(money or 0)))
    return found


def bill(*lines: dict[str, Any], **more: Any) -> Order:
    return basket.order_of({"lines": list(lines), **more}, "VND")


def line(sku: str, price: int, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "category": sku, "quantity": quantity, "unit_price": price, **more}


LATTE, CAKE, TEA = line("latte", 55_000), line("cake", 40_000), line("tea", 35_001, 2)


@pytest.mark.parametrize(
    ("vouchers", "order", "used", "pay", "why"),
    [
        (["ten"], bill(LATTE), ["ten"], 49_500, "a tenth of the bill"),
        ([], bill(LATTE), [], 55_000, "nothing offered, nothing taken"),
        (["ten", "thirty"], bill(LATTE), ["ten", "thirty"], 19_500, "a percentage first takes more than after an amount"),
        (["thirty", "fifth-of-rest"], bill(LATTE), ["fifth-of-rest", "thirty"], 14_000, "the best order, not the one offered"),
        (["ten", "fifth-of-all"], bill(LATTE), ["ten", "fifth-of-all"], 38_500, "one that counts on the price before discounts comes last"),
        (["thirty", "thirty"], bill(LATTE), ["thirty", "thirty"], 0, "the second takes what is left, never more"),
        (["thirty", "ten", "latte"], bill(LATTE), ["latte"], 0, "one that takes all is better than three"),
        (["alone", "ten"], bill(LATTE), ["alone"], 41_250, "the exclusive one takes more"),
        (["alone", "ten", "fifth-of-rest"], bill(LATTE), ["fifth-of-rest", "ten"], 39_600, "two joint ones take more than the exclusive one"),
        (["alone-thirty", "thirty"], bill(LATTE), ["thirty"], 25_000, "of equals the joint one, which leaves others their place"),
        (["thirty", "alone-latte", "thirty"], bill(LATTE), ["alone-latte"], 0, "of equals the fewest: one exclusive for two joint ones"),
        (["cake-half"], bill(LATTE), [], 55_000, "no line it is for"),
        (["cake-half", "ten"], bill(LATTE, CAKE), ["cake-half", "ten"], 67_500, "half the cake, then a tenth of what is left"),
        (["two-teas"], bill(line("tea", 35_001), line("tea", 35_001)), ["two-teas"], 63_001, "two lines of the same goods are two teas"),
        (["two-teas"], bill(line("tea", 35_001)), [], 35_001, "one tea is not two"),
        (["latte"], bill(line("latte", 55_000, 3)), ["latte"], 110_000, "one piece is free"),
        (["latte", "latte"], bill(line("latte", 55_000, 3)), ["latte", "latte"], 55_000, "the second piece is worth as much as the first"),
        (["latte", "latte"], bill(LATTE), ["latte"], 0, "there is no second piece"),
        (["latte"], bill(LATTE, line("latte", 60_000)), ["latte"], 55_000, "the dearest piece is free"),
        (["latte"], bill(line("latte", 55_000, 2, discount=10_001)), ["latte"], 50_000, "a piece at what it costs after the line's own discount"),
        (["delivery"], bill(LATTE, shipping=20_000), ["delivery"], 55_000, "delivery is free"),
        (["delivery"], bill(LATTE), [], 55_000, "no delivery to pay"),
        (["big", "ten"], bill(LATTE), ["ten"], 49_500, "the bill is too small for the bigger one"),
        (["big"], bill(line("latte", 100_000, 2, discount=50_000)), ["big"], 105_000, "the least bill is before discounts"),
        (["tote", "ten"], bill(LATTE), ["ten"], 49_500, "a gift lowers no price"),
        (["ten"], bill(line("x", 55_000, labels=["gift-card"])), [], 55_000, "stored value is never sold at a discount"),
        (["card:30000", "ten"], bill(LATTE), ["ten", "card"], 19_500, "discount before gift card, whatever is offered first"),
        (["card:30000", "card:30000"], bill(LATTE), ["card", "card"], 0, "the second pays what is left"),
        (["thirty", "card:30000", "card:5000"], bill(LATTE), ["thirty", "card"], 0, "a card that has nothing to pay is left alone"),
        (["card:90000", "alone"], bill(LATTE), ["alone", "card"], 0, "an exclusive voucher stands alone beside vouchers, not beside money"),
        (["ten"], bill(line("latte", 55_000, tax=5_000), tax_included=False), ["ten"], 54_500, "tax stays as told"),
    ],
)  # fmt: skip
def test_the_best_for_the_customer(vouchers: list[str], order: Order, used: list[str], pay: int, why: str) -> None:
    found = stacking.best(offered(*vouchers), order)
    assert ([part.key.split(":")[1] for part in (*found.vouchers, *found.gift_cards)], found.pay) == (used, pay), why


@pytest.mark.parametrize(
    ("vouchers", "order", "unused", "reason", "why"),
    [
        (["ten", "tote"], bill(LATTE), "1:tote", "no_price", "a gift is handed over"),
        (["latte"], bill(CAKE), "0:latte", "not_on_bill", "no latte on the bill"),
        (["alone", "ten", "thirty"], bill(LATTE), "0:alone", "outdone", "the two take more"),
        (["alone", "ten"], bill(LATTE), "1:ten", "beside", "the exclusive one stands alone"),
        (["thirty", "thirty", "ten"], bill(LATTE), "2:ten", "adds_nothing", "the others take all of it"),
        (["latte", "card:5000"], bill(LATTE), "1:card", "nothing_left", "nothing is left for the card to pay"),
        (["latte"], bill(line("latte", 0)), "0:latte", "nothing_left", "a bill of nothing"),
    ],
)
def test_why_a_voucher_is_not_used(vouchers: list[str], order: Order, unused: str, reason: str, why: str) -> None:
    given_ = offered(*vouchers)
    chosen = stacking.best(given_, order)
    by_key = {o.key: o for o in given_}
    alone = any(by_key[part.key].reward.exclusive for part in chosen.vouchers)
    assert unused not in {part.key for part in (*chosen.vouchers, *chosen.gift_cards)}
    assert stacking.why_unused(by_key[unused], chosen, alone, order) == reason, why


def test_one_reward_of_two_versions_is_two_rewards() -> None:
    found = stacking.best([Offered("old", REWARDS["ten"]), Offered("new", AGAIN["ten"])], bill(LATTE))
    assert (found.off, {part.key for part in found.vouchers}) == (8_250 + 4_675, {"old", "new"})


# The oracle below shares nothing with the engine but the document: it takes vouchers off a plain list of amounts.


def apply(reward: Reward, order: Order, lines: list[int], state: dict[str, Any]) -> None:
    if reward.kind == "free_delivery":
        state["shipping"] = 0
    elif reward.kind == "free_item":
        costs = [
            (lines[n] // pieces, -n)
            for n, one in enumerate(order.lines)
            if one.sku == reward.sku and (pieces := one.quantity // 1000 - state["free"].count(n)) > 0
        ]
        if costs and max(costs)[0]:
            cost, n = max(costs)
            lines[-n] -= cost
            state["free"].append(-n)
    else:
        categories = {"cake-half": "cake", "two-teas": "tea"}
        places = [n for n, one in enumerate(order.lines) if categories.get(reward.id, one.category) == one.category]
        left = sum(lines[n] for n in places)
        whole = left if reward.base == "discounted" else sum(order.lines[n].net for n in places)
        off = min(left, whole * reward.percent // 100 if reward.percent else reward.amount or 0, reward.max or left)
        exact = {n: (lines[n] * off // left, lines[n] * off % left) for n in places} if left else {}
        missing = off - sum(share for share, _ in exact.values())
        for place, n in enumerate(sorted(exact, key=lambda n: (-exact[n][1], n))):
            lines[n] -= exact[n][0] + (place < missing)


def fits(reward: Reward, order: Order) -> bool:
    teas = sum(one.quantity for one in order.lines if one.sku == "tea") // 1000
    wanted = {"cake-half": any(one.sku == "cake" for one in order.lines), "two-teas": teas >= 2}
    return order.gross >= reward.min_order and wanted.get(reward.id, True)


def oracle(vouchers: list[Offered], order: Order) -> tuple[int, int]:
    """The least to pay before gift cards, and how many vouchers it needs at least, over all choices in all orders."""
    usable = [o for o in vouchers if o.reward.kind in stacking.LOWERING and fits(o.reward, order)]
    found = (order.total, 0)
    for many in range(1, len(usable) + 1):
        for choice in permutations(usable, many):
            if many > 1 and any(o.reward.exclusive for o in choice):
                continue
            lines, state = [one.net for one in order.lines], {"shipping": order.shipping, "free": []}
            for one in choice:
                apply(one.reward, order, lines, state)
            assert min(lines) >= 0
            found = min(found, (sum(lines) + state["shipping"], many))
    return found


NAMES = st.sampled_from([name for name in REWARDS if name not in ("card", "tote")])
LINES = st.builds(
    lambda sku, price, quantity, off: line(sku, price, quantity, discount=min(off, price * quantity)),
    st.sampled_from(["latte", "cake", "tea"]),
    st.integers(0, 90_000),
    st.integers(1, 3),
    st.sampled_from([0, 0, 10_001]),
)


@given(
    st.lists(NAMES, max_size=6),
    st.lists(LINES, min_size=1, max_size=3, unique_by=lambda one: one["sku"]),
    st.sampled_from([0, 20_000]),
    st.lists(st.integers(0, 80_000), max_size=2),
)
@settings(deadline=None)
def test_nothing_leaves_less_to_pay(
    names: list[str], lines: list[dict[str, Any]], shipping: int, cards: list[int]
) -> None:
    order = bill(*lines, shipping=shipping)
    vouchers = offered(*names, *[f"card:{money}" for money in cards])
    found = stacking.best(vouchers, order)
    assert (order.total - found.off, len(found.vouchers)) == oracle(vouchers, order)
    assert found.pay == max(order.total - found.off - sum(cards), 0)
    assert found == stacking.best(vouchers, order)
    _adds_up(found, order)


def _adds_up(found: Best, order: Order) -> None:
    """Part after part from the first bill to the last; nothing falls below zero."""
    left: Bill = stacking.begin(order)
    for part in found.vouchers:
        assert part.takes == sum(part.lines) + part.shipping > 0
        lines = tuple(a - b for a, b in zip(left.lines, part.lines, strict=True))
        left = Bill(lines, left.shipping - part.shipping, left.free)
    assert (left.lines, left.shipping) == (found.bill.lines, found.bill.shipping)
    assert min(*left.lines, left.shipping, found.pay) >= 0
