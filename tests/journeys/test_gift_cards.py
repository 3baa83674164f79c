"""Gift cards sold: paid for, topped up, paid with in parts across stores, given back with returns; the money always adds up."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.features.rewards import gift_cards as cards
from ganbo.features.rewards import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import gift_cards, holdings, reverse, sell, verify_books
from ganbo.kernel.refusal import Refusal

PROGRAMME = """\
ganbo: 1
programme: gift-cards
name: Thẻ quà tặng
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: our-card, kind: gift_card, amount: 200000, valid_days: 365}
  - {id: ten, kind: discount, percent: 10}
"""


def sold() -> gift_cards.Sold:
    return gift_cards.sell("our-card", by="tests", now=clock.now(), store="a")


def buy(shop: Any, amount: int, code: str = "", by_card: int = 0, **more: Any) -> str:
    """Record a purchase at one of two stores; its event's id, or why not."""
    id = f"e:{chance.digits(12)}"
    data: dict[str, Any] = {"amount": amount, "order_id": id[2:]}
    if code:
        data |= {"codes": [code], "paid": [{"with": "gift_card", "amount": by_card}]}
        data["paid"] += [{"with": "cash", "amount": amount - by_card}] if amount > by_card else []
    body = {"id": id, "type": "purchase", "occurred_at": clock.now().isoformat(), "store": "b", "data": data} | more
    outcome = sell.record(shop, body, now=clock.now())
    return outcome.refusal.code if outcome.refusal else id


def give_back(shop: Any, sale: str, amount: int | None) -> str:
    data: dict[str, Any] = {"order_id": sale[2:]} | ({"amount": amount} if amount else {})
    id = f"r:{chance.digits(12)}"
    body = {"id": id, "type": "refund", "occurred_at": clock.now().isoformat(), "store": "b", "data": data}
    outcome = sell.record(shop, body, now=clock.now())
    assert outcome.refusal is None, outcome.refusal
    return id


def left(code: str) -> int:
    row = queries.by_code(code)
    assert row is not None and row.money_left is not None
    return row.money_left


def test_a_card_from_its_sale_to_the_last_dong(shop: Any, lan: str) -> None:
    card = sold()
    assert (card.left, card.expires_at is not None) == (200_000, True)
    first = buy(shop, 150_000, card.code, 120_000, member=lan)
    assert left(card.code) == 80_000
    assert holdings.balances(UUID(lan), ["points"], at=clock.now())["points"].available == 15, (
        "buying the card earned nothing; what it pays earns like money"
    )
    assert gift_cards.top_up(card.code, 50_000, by="tests", now=clock.now(), store="b").left == 130_000
    assert buy(shop, 140_000, card.code, 140_000) == "fields.refused", "more than is on it"
    part = give_back(shop, first, 60_000)
    assert left(card.code) == 160_000, "30,000 in money first, then 30,000 onto the card"
    reverse.reverse_event(part, reason="till", by="tests", now=clock.now())
    assert left(card.code) == 130_000, "the return counts no more: it pays again"
    give_back(shop, first, None)
    assert left(card.code) == 250_000
    assert buy(shop, 250_000, card.code, 250_000).startswith("e:")
    found = queries.by_code(card.code)
    assert found is not None and (found.money_left, found.state) == (0, "used")
    assert gift_cards.top_up(card.code, 1_000, by="tests", now=clock.now()).left == 1_000, (
        "an empty card is filled again"
    )
    assert verify_books.verify().differences == ()


def test_a_sale_is_undone_only_while_nothing_was_paid(shop: Any) -> None:
    card, used = sold(), sold()
    assert gift_cards.cancel(card.id, by="tests", now=clock.now()) == 200_000
    assert buy(shop, 50_000, card.code, 50_000) == "fields.refused", "a void card pays nothing"
    buy(shop, 50_000, used.code, 50_000)
    for id in (card.id, used.id):
        with pytest.raises(gift_cards.CardUsed):
            gift_cards.cancel(id, by="tests", now=clock.now())
    late = sold()
    with pytest.raises(reverse.UndoTooLate):
        gift_cards.cancel(late.id, by="tests", now=clock.now() + timedelta(hours=2), within=timedelta(hours=1))
    assert verify_books.verify().differences == ()


REFUSED = [
    (lambda: gift_cards.sell("ten", by="t", now=clock.now()), "gift_cards.not_sold", "a discount is no gift card"),
    (lambda: gift_cards.sell("none", by="t", now=clock.now()), "gift_cards.not_sold", "no such reward"),
    (lambda: gift_cards.top_up("no-code", 5, by="t", now=clock.now()), "gift_cards.unknown", "no such card"),
    (lambda: gift_cards.top_up(sold().code, 1_900_000, by="t", now=clock.now()), "gift_cards.too_much", "ten times"),
    (
        lambda: gift_cards.top_up(sold().code, 5, by="t", now=clock.now() + timedelta(days=366)),
        "gift_cards.unknown",
        "it has ended",
    ),
]


@pytest.mark.parametrize(("work", "code", "why"), REFUSED)
def test_what_is_refused(shop: Any, work: Any, code: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        work()
    assert refused.value.code == code, why


def test_of_many_who_pay_at_once_it_pays_what_is_on_it(shop: Any) -> None:
    card, done = sold(), []

    def one() -> None:
        try:
            with context.within(shop):
                done.append(buy(shop, 60_000, card.code, 60_000))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(id.startswith("e:") for id in done) == 3
    assert left(card.code) == 20_000
    assert verify_books.verify().differences == ()


STEPS = st.lists(
    st.tuples(st.sampled_from(["buy", "buy", "top up", "part", "all", "undo"]), st.integers(1, 90)), max_size=12
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_the_money_adds_up(shop: Any, steps: list[tuple[str, int]]) -> None:
    """What was paid in is what is on the card and what sales that stand were paid with."""
    card, paid_in = sold(), 200_000
    stands: dict[str, tuple[int, int]] = {}  # sale → bill, by card
    for what, n in steps:
        if what == "buy":
            by_card = min(n * 1_000, left(card.code))
            if by_card:
                stands[buy(shop, by_card + 10_000, card.code, by_card)] = (by_card + 10_000, by_card)
        elif what == "top up":
            gift_cards.top_up(card.code, n * 1_000, by="t", now=clock.now())
            paid_in += n * 1_000
        elif stands:
            sale = list(stands)[n % len(stands)]
            bill, by_card = stands.pop(sale)
            if what == "undo":
                reverse.reverse_event(sale, reason="till", by="t", now=clock.now())
            elif what == "all" or n * 1_000 >= bill:
                give_back(shop, sale, None)
            else:
                give_back(shop, sale, n * 1_000)
                paid_in -= by_card - max(n * 1_000 - 10_000, 0)  # it stays with that sale
    assert left(card.code) == paid_in - sum(by_card for _, by_card in stands.values())
    assert verify_books.verify().differences == ()


def test_the_till_knows_what_was_sold_today(shop: Any) -> None:
    before = cards.day(clock.now() - timedelta(hours=1), store="s9")
    gift_cards.sell("our-card", by="staff:9", now=clock.now(), store="s9")
    day = cards.day(clock.now() - timedelta(hours=1), store="s9")
    assert (before, day) == ({}, {"sold": (1, 200_000)})
