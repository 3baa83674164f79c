"""Fifty at once for the last one: stock, stamps, the same event told many times. As many races as TORTURE_RACES says."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import orjson
import pytest

from ganbo.books.events import reading
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, record_events, redeem_reward, reverse, verify_books
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members.operations import Person

RACES = int(os.environ.get("TORTURE_RACES", "20"))
AT_ONCE = 50

PROGRAMME = """
ganbo: 1
programme: races
name: Races
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000000}}
stamp_cards:
  - {id: coffee, on: purchase, size: 10, reward: tea}
rewards:
  - {id: tea, kind: free_item, sku: tea}
  - {id: last, kind: gift, price: {wallet: points, amount: 1}, stock: 1}
"""


class Racers:
    """Connections of their own, and a start for all of them at the same moment."""

    def __init__(self, business: Any) -> None:
        self.business = business
        self._threads = ThreadPoolExecutor(AT_ONCE)
        self._local = threading.local()
        self._pipes: list[Pipeline] = []

    def race(self, run: Callable[[Pipeline, int], Any]) -> list[Any]:
        """What `run` says for each number, all started together."""
        barrier = threading.Barrier(AT_ONCE)

        def one(number: int) -> Any:
            if not hasattr(self._local, "pipe"):
                self._local.pipe = Pipeline.open(**connection_parameters())
                self._pipes.append(self._local.pipe)
            barrier.wait(timeout=30)
            return run(self._local.pipe, number)

        return list(self._threads.map(one, range(AT_ONCE)))

    def close(self) -> None:
        """Give the connections back: the server has few more than one test needs."""
        self._threads.shutdown()
        for pipe in self._pipes:
            pipe.close()


@pytest.fixture
def racers(database: None, new_business: Callable[[str], Any]) -> Iterator[Racers]:
    business = new_business(PROGRAMME)
    racers = Racers(business)
    try:
        with context.within(business):
            yield racers
    finally:
        racers.close()


@pytest.fixture
def member(racers: Racers) -> Any:
    with context.within(racers.business):
        return join.join(Person(phone=f"+849{chance.digits(8)}", name="Lan"), at=clock.now()).member_id


def _cup(member: Any, event: str) -> reading.EventRequest:
    body = {
        "id": event,
        "type": "purchase",
        "occurred_at": clock.now().isoformat(),
        "member": str(member),
        "data": {"lines": [{"sku": "latte", "quantity": 1, "unit_price": 55_000}]},
    }
    return reading.read(body, region="VN")


def test_the_last_piece_is_taken_once(racers: Racers, member: Any) -> None:
    """Fifty ask for the only piece; whoever has it gives it back, and the next fifty ask."""
    ask = Ask(("id", str(member)), "last")
    for _ in range(RACES):
        given = racers.race(lambda pipe, n: redeem_reward.redeem(pipe, racers.business, [ask], now=clock.now())[0])
        (winner,) = [one.answer for one in given if one.status == "issued"]
        assert rewards.taken()["last"] == 1
        reverse.reverse_redemption(UUID(orjson.loads(winner or "")["id"]), by="tests", now=clock.now())
        assert rewards.taken()["last"] == 0
    assert verify_books.verify().differences == ()


def test_the_same_cup_is_stamped_once(racers: Racers, member: Any) -> None:
    for _ in range(RACES):
        cup = _cup(member, f"cup:{chance.new_id()}")
        told = [Asked(racers.business, clock.now()), [cup]]
        given = racers.race(lambda pipe, n, told=told: record_events.record(pipe, *told)[0])
        assert sorted({one.status for one in given}) == ["applied", "replayed"]
        assert [one.status for one in given].count("applied") == 1
        assert len({one.answer for one in given}) == 1
    filled = [v for v in rewards.vouchers_of(member, most=10_000) if v.source == "card"]
    assert len(filled) == RACES // 10
    assert verify_books.verify().differences == ()


def test_fifty_cups_at_once_fill_five_cards(racers: Racers, member: Any) -> None:
    for race in range(1, RACES + 1):
        given = racers.race(
            lambda pipe, n: record_events.record(
                pipe, Asked(racers.business, clock.now()), [_cup(member, f"cup:{chance.new_id()}")]
            )[0]
        )
        assert {one.status for one in given} == {"applied"}
        if race % 20 == 0 or race == RACES:
            filled = [v for v in rewards.vouchers_of(member, most=100_000) if v.source == "card"]
            assert len(filled) == race * AT_ONCE // 10
    assert verify_books.verify().differences == ()
