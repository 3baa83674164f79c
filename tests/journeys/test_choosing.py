"""Choice rewards: whoever is given one picks one reward, once; its cost is committed then; what is not picked lapses."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection

from ganbo.books.events import reading
from ganbo.books.ledger import budgets as books
from ganbo.engine import loading
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import reward_conditions, terms
from ganbo.features.rewards import models, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.outbox.models import Fact
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import (
    choosing,
    join,
    make_vouchers,
    record_events,
    redeem_reward,
    reverse,
    settle_budgets,
    stories,
    verify_books,
)
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: choices
name: Quà tự chọn
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000}}
  - {id: review, on: review, give: {voucher: thanks}}
  - {id: bought, on: purchase, give: {voucher: thanks}}
  - {id: third, on: visit, give: {voucher: rare}}
stamp_cards:
  - {id: coffee, on: checkin, count: order, size: 2, reward: thanks}
rewards:
  - {id: thanks, name: {vi: Quà cảm ơn, en: A thank-you}, choose: [free-ship, small-gift, few, dear, own-card], within_days: 14, price: {wallet: points, amount: 10}}
  - {id: rare, choose: [few, free-ship]}
  - {id: free-ship, name: {vi: Miễn phí giao hàng, en: Free delivery}, kind: free_delivery, valid_days: 30, cost: 20000, budget: gifts, taste: material}
  - {id: small-gift, name: {vi: Bộ quà nhỏ, en: A small gift}, kind: gift, cost: 30000, budget: gifts, taste: emotional}
  - {id: few, kind: gift, stock: 1}
  - {id: dear, kind: gift, cost: 900000, budget: tight}
  - {id: own-card, kind: gift_card, amount: 50000}
budget:
  lines: {gifts: {planned: 50000000}, tight: {planned: 500000, stop: hard}}
examples:
  - story:
      - {event: {type: review, occurred_at: 2026-11-23T10:00:00+07:00}, expect: {vouchers: {thanks: 1}}}
      - {after: 13d, choose: small-gift}
      - {after: 1d, choose: free-ship, refused: rewards.no_choice}
    expect: {vouchers: {thanks: 1, small-gift: 1, free-ship: 0}}
  - story:
      - {event: {type: review, occurred_at: 2026-11-23T10:00:00+07:00}}
      - {after: 15d, choose: small-gift, refused: rewards.no_choice}
    expect: {vouchers: {small-gift: 0}}
"""


@pytest.fixture
def other(shop: Any) -> str:
    return str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)


def record(shop: Any, member: str, type: str, **data: Any) -> str:
    body = {
        "id": f"c:{chance.new_id()}",
        "type": type,
        "occurred_at": clock.now().isoformat(),
        "member": member,
    }
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        told = reading.read(body | {"data": data}, region="VN")
        outcome = record_events.record(pipe, Asked(shop, clock.now()), [told])[0]
    assert outcome.refusal is None, outcome.refusal
    return str(body["id"])


def given(shop: Any, member: str, type: str = "review", **data: Any) -> UUID:
    record(shop, member, type, **data)
    return newest(member).id


def newest(member: str) -> queries.VoucherRow:
    return queries.vouchers_of(UUID(member))[0]


def choose(voucher: UUID, reward: str, member: str, at: Any = None) -> queries.VoucherRow:
    return choosing.choose(voucher, reward, member_id=UUID(member), by="tests", now=at or clock.now())


def committed(key: str = "gifts") -> int:
    return books.standings([key], since=clock.now() - timedelta(days=1)).get(key, books.Standing()).committed


def test_one_is_picked_once_and_its_cost_is_committed_then(shop: Any, lan: str) -> None:
    before, choice = committed(), given(shop, lan)
    assert committed() == before, "an open choice costs nothing"
    row = queries.by_id(choice)
    assert row is not None and row.expires_at is not None
    assert (row.expires_at - clock.now()).days == 14
    assert [one.id for one in choosing.open_of(UUID(lan), programmes.timeline(shop.schema), at=clock.now())[0].rewards] == [
        "free-ship", "small-gift", "few", "dear", "own-card",
    ]  # fmt: skip
    first = choose(choice, "small-gift", lan)
    assert (first.reward, first.chosen_from, first.expires_at) == ("small-gift", "thanks", None)
    assert committed() == before + 30_000
    assert choose(choice, "small-gift", lan) == first, "asked again, the same"
    assert committed() == before + 30_000
    with pytest.raises(choosing.ChosenAlready):
        choose(choice, "free-ship", lan)
    fact = Fact.objects.filter(topic="reward.chosen").order_by("id").last()
    assert fact is not None
    told = orjson.loads(fact.body)
    assert (told["choice"], told["reward"], told["taste"]) == ("thanks", "small-gift", "emotional")
    assert not choosing.open_of(UUID(lan), programmes.timeline(shop.schema), at=clock.now())
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("reward", "days", "refused", "why"),
    [
        ("latte", 0, choosing.NotInChoice, "it is not among them"),
        ("thanks", 0, choosing.NotInChoice, "a choice does not choose itself"),
        ("dear", 0, redeem_reward.BudgetUsedUp, "its line has not got so much"),
        ("free-ship", 15, choosing.NoChoice, "fourteen days, the last one inclusive"),
    ],
)
def test_what_cannot_be_picked_leaves_the_choice_open(
    shop: Any, lan: str, reward: str, days: int, refused: type[Refusal], why: str
) -> None:
    choice = given(shop, lan)
    with pytest.raises(refused):
        choose(choice, reward, lan, at=clock.now() + timedelta(days=days))
    row = queries.by_id(choice)
    assert row is not None and (row.reward, row.chosen_at) == ("thanks", None), why
    assert choose(choice, "free-ship", lan).reward == "free-ship"


def test_nobody_else_picks_and_the_last_piece_goes_once(shop: Any, lan: str, other: str) -> None:
    minh = other
    with pytest.raises(choosing.NoChoice):
        choose(given(shop, lan, "visit"), "few", minh)
    choose(newest(lan).id, "few", lan)
    his = given(shop, minh, "visit")
    with pytest.raises(redeem_reward.OutOfStock):
        choose(his, "few", minh)
    assert models.Stock.objects.get(pk="few").taken == 1
    assert choose(his, "free-ship", minh).reward == "free-ship"


def test_a_choice_comes_by_points_stamps_and_staff_and_goes_back_with_them(shop: Any, lan: str) -> None:
    record(shop, lan, "checkin")
    by_card = given(shop, lan, "checkin")
    assert choose(by_card, "own-card", lan).money_left == 50_000
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        done = redeem_reward.redeem(pipe, shop, [Ask(("id", lan), "thanks", 2)], now=clock.now())[0]
    assert done.refusal is None
    before, two = committed(), newest(lan)
    chosen = choose(two.id, "free-ship", lan)
    assert (chosen.quantity, committed()) == (2, before + 40_000), "each of the two costs"
    reverse.reverse_redemption(UUID(orjson.loads(done.answer or "")["id"]), by="tests", now=clock.now())
    row = queries.by_id(two.id)
    assert row is not None and row.state == "void"
    while settle_budgets.settle_some(at=clock.now()):
        pass
    assert committed() == before
    assert verify_books.verify().differences == ()
    with pytest.raises(reading.FieldsRefused):
        make_vouchers.order(make_vouchers.Wanted("thanks", 3), now=clock.now())


def test_a_return_takes_the_choice_or_what_was_picked(shop: Any, lan: str) -> None:
    for picked in ("", "free-ship"):
        sale = record(shop, lan, "purchase", amount=50_000, order_id=str(chance.new_id()))
        voucher = newest(lan).id
        if picked:
            choose(voucher, picked, lan)
        reverse.reverse_event(sale, reason="t", by="tests", now=clock.now())
        row = queries.by_id(voucher)
        assert row is not None and row.state == "void"
        with pytest.raises((choosing.NoChoice, choosing.ChosenAlready)):
            choose(voucher, "small-gift", lan)
    assert verify_books.verify().differences == ()


def test_two_at_once_pick_one(shop: Any, lan: str) -> None:
    for _ in range(3):
        before, choice, gate = committed(), given(shop, lan), Barrier(4)

        def press(reward: str, gate: Barrier = gate, choice: UUID = choice) -> str:
            with context.within(shop):
                gate.wait()
                try:
                    return choose(choice, reward, lan).reward
                except choosing.ChosenAlready as refused:
                    return f"no: {refused.params['reward']}"
                finally:
                    connection.close()

        with ThreadPoolExecutor(4) as pool:
            said = list(pool.map(press, ["free-ship", "small-gift"] * 2))
        won = newest(lan).reward
        assert {one for one in said if not one.startswith("no")} == {won}
        assert {one for one in said if one.startswith("no")} == {f"no: {won}"}
        assert committed() - before == {"free-ship": 20_000, "small-gift": 30_000}[won]


def test_the_document_says_it_and_its_stories_come_out() -> None:
    programme = loading.load(PROGRAMME)
    assert stories.run(programme) == ()
    said = " ".join(terms.of(programme, lang="vi").text.split())
    assert "Một quà tự chọn: Miễn phí giao hàng, Bộ quà nhỏ" in said
    assert "Chọn trong vòng 14 ngày." in said
    lines = reward_conditions.lines(programme.rewards["thanks"], programme, locale="vi")
    assert lines[0].startswith("Gồm: Miễn phí giao hàng, Bộ quà nhỏ"), "the catalogue says what there is to choose"
    assert lines[1] == "Chọn trong vòng 14 ngày."
