"""Capture, void and the end of its time at the same moment, on connections of their own: one wins, the others hear which.

As many races as TORTURE_HOLDS says.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ganbo.books.events import reading
from ganbo.books.ledger import hold_queries
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, holds, join, sell, verify_books
from ganbo.journeys.holds import Wish
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person

RACES = int(os.environ.get("TORTURE_HOLDS", "30"))
SPREAD_MS = 6  # within how many milliseconds the time of a hold ends
PROGRAMME = """
ganbo: 1
programme: hold-races
name: Races
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, pay: {rate: 1, min: 1, step: 1}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000000}}
"""


class Racers:
    """A few threads with connections of their own, started together again and again."""

    def __init__(self, business: Any, count: int) -> None:
        self.business, self.barrier = business, threading.Barrier(count)
        self._threads = ThreadPoolExecutor(count)

    def race(self, *works: Callable[[], str]) -> list[str]:
        """What each says, or the code of its refusal."""
        return list(self._threads.map(self._one, works))

    def _one(self, work: Callable[[], str]) -> str:
        with context.within(self.business):
            connection.ensure_connection()
            self.barrier.wait(timeout=30)
            try:
                return work()
            except Refusal as refusal:
                return refusal.code

    def close(self) -> None:
        list(
            self._threads.map(
                lambda _: (self.barrier.wait(timeout=30), connection.close()), range(self.barrier.parties)
            )
        )
        self._threads.shutdown()


@pytest.fixture
def shop(database: None, new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


@pytest.fixture
def racers(shop: Any) -> Iterator[Racers]:
    racers = Racers(shop, 3)
    yield racers
    racers.close()


@pytest.fixture
def member(shop: Any) -> UUID:
    found: UUID = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    return found


def place(member: UUID, amount: int, **more: Any) -> UUID:
    return holds.place(Wish(member, "points", amount, **more), by="races", now=clock.now()).id


def ends_in(hold: UUID, milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_hold SET held_at = held_at - interval '1 hour',"
            " until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
            [milliseconds / 1000, hold],
        )


def release() -> str:
    clock.pause(int(chance.digits(3)) % SPREAD_MS / 2000)
    return str(holds.release_some(at=clock.now()))


def balance(member: UUID) -> tuple[int, int]:
    found = holdings.balances(member, ["points"], at=clock.now())["points"]
    return found.available, found.held


def test_capture_void_and_the_end_of_its_time_one_wins(racers: Racers, member: UUID) -> None:
    spent, won, lead = 0, Counter[str](), 10  # milliseconds until the three are at the books; learnt as it goes
    before, _ = balance(member)
    for race in range(RACES):
        hold = place(member, 10)

        def capture(hold: UUID = hold) -> str:
            return holds.capture(hold, 7, by="races", now=clock.now()).state

        def void(hold: UUID = hold) -> str:
            return holds.void(hold, by="races", now=clock.now()).state

        ends_in(hold, max(lead + int(chance.digits(3)) % SPREAD_MS - SPREAD_MS // 2, 0))
        said = racers.race(capture, void, release)
        row = hold_queries.rows(id=hold)[0]
        assert row.state != "held", "one of capture and void came, if not too late"
        while holds.release_some(at=clock.now()):
            pass
        assert hold_queries.rows(id=hold)[0].state == row.state, "once and for all"
        if row.state == "expired":
            assert said[:2] == ["holds.expired", "holds.expired"], said
        else:
            assert sorted(said[:2]) == sorted([row.state, f"holds.{row.state}"]), said
        won[row.state] += 1
        lead += 1 if row.state == "expired" else -1
        spent += 7 if row.state == "captured" else 0
        assert balance(member) == (before - spent, 0)
        if race % 1000 == 999:
            assert verify_books.verify().differences == ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT hold_id) FROM ledger_hold_end")
        assert cursor.fetchone() == (RACES, RACES)
    print(f"{RACES} races: {dict(won)}")
    assert RACES < 30 or len(won) > 1
    assert verify_books.verify().differences == ()


def test_the_sale_and_the_hand_capture_once_between_them(racers: Racers, shop: Any, member: UUID) -> None:
    """The order's sale, a capture by hand and a void at once: the sale is paid once, whoever was first."""
    spent = 0
    before, _ = balance(member)
    for _ in range(RACES // 3):
        order = f"o{chance.new_id()}"
        hold = place(member, 10, order_id=order)
        body = {
            "id": f"e:{order}",
            "type": "purchase",
            "occurred_at": clock.now().isoformat(),
            "member": str(member),
            "data": {"amount": 50, "order_id": order, "paid": [{"with": "points", "amount": 8}, {"with": "cash", "amount": 42}]},
        }  # fmt: skip
        assert reading.read(body, region="VN").order_key

        def tell(body: dict[str, Any] = body) -> str:
            return sell.record(shop, body, now=clock.now()).status

        def capture(hold: UUID = hold) -> str:
            return holds.capture(hold, 8, by="races", now=clock.now()).state

        def void(hold: UUID = hold) -> str:
            return holds.void(hold, by="races", now=clock.now()).state

        said = racers.race(tell, capture, void)
        assert said[0] == "applied"
        assert sum(one in ("captured", "voided") for one in said[1:]) <= 1
        spent += 8
        assert balance(member) == (before - spent, 0), said
    assert verify_books.verify().differences == ()
