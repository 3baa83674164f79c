"""Fifty at once for the last one: stock, stamps, the same event told many times. As many races as TORTURE_RACES says."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection

from ganbo.books.events import reading
from ganbo.books.events.reading import FieldsRefused
from ganbo.features.rewards import pools
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import codes, import_codes, join, record_events, redeem_reward, reverse, verify_books
from ganbo.journeys.codes import NotRedeemed, Typed
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members.operations import Person

RACES = int(os.environ.get("TORTURE_RACES", "20"))
AT_ONCE = 50
LEFT = 10  # codes of a partner for fifty who ask

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
  - {id: thanks, on: review, give: {voucher: partner}}
stamp_cards:
  - {id: coffee, on: purchase, size: 10, reward: tea}
rewards:
  - {id: tea, kind: free_item, sku: tea}
  - {id: tea-for-points, kind: free_item, sku: tea, price: {wallet: points, amount: 1}}
  - {id: partner, kind: partner_card, codes: imported, price: {wallet: points, amount: 1}}
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
        """What `run` says for each number, all started together, each on a connection of its own."""

        def one(number: int) -> Any:
            return run(self._local.pipe, number)

        return self.together(one, ready=self._open)

    def together(self, run: Callable[[int], Any], *, ready: Callable[[], None] = lambda: None) -> list[Any]:
        """The same without connections; `ready` is done before the start."""
        barrier = threading.Barrier(AT_ONCE)

        def one(number: int) -> Any:
            ready()
            barrier.wait(timeout=30)
            return run(number)

        return list(self._threads.map(one, range(AT_ONCE)))

    def _open(self) -> None:
        if not hasattr(self._local, "pipe"):
            self._local.pipe = Pipeline.open(**connection_parameters())
            self._pipes.append(self._local.pipe)

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


def _members(racers: Racers) -> list[Any]:
    now = clock.now()
    return [join.join(Person(phone=f"+849{chance.digits(8)}"), at=now).member_id for _ in range(AT_ONCE)]


def test_the_last_codes_of_a_partner_go_to_one_member_each(racers: Racers) -> None:
    """Fifty members ask for ten codes, again and again: ten get one, each another; a code is never seen twice."""
    members, seen = _members(racers), set()
    for race in range(RACES):
        now = clock.now()
        text = "\n".join(f"R{race}-{n}" for n in range(LEFT))
        import_codes.bring_in(import_codes.look("partner", import_codes.read(text, now=now), now=now), by="t", now=now)

        def ask(pipe: Pipeline, n: int, race: int = race) -> redeem_reward.Given:
            wish = Ask(("id", str(members[n])), "partner", key=f"race{race}|{n}", body_hash=b"same")
            first = redeem_reward.redeem(pipe, racers.business, [wish], now=clock.now())[0]
            again = redeem_reward.redeem(pipe, racers.business, [wish], now=clock.now())[0]
            if first.status == "issued":
                assert (again.status, again.answer) == ("replayed", first.answer)
            return first

        given = racers.race(ask)
        shown = [orjson.loads(one.answer or "")["voucher"]["code"] for one in given if one.status == "issued"]
        assert (len(shown), len(set(shown))) == (LEFT, LEFT)
        assert {one.refusal.code for one in given if one.refusal} == {"rewards.out_of_stock"}
        assert not seen & set(shown)
        seen.update(shown)
        assert pools.left(at=clock.now()).get("partner", 0) == 0
    assert verify_books.verify().differences == ()


def test_gifts_and_redemptions_share_a_pool(racers: Racers) -> None:
    """Half are given a voucher by a rule, half pay for one; nobody gets somebody else's code, and gifts wait their turn."""
    members = _members(racers)
    for race in range(RACES):
        now = clock.now()
        text = "\n".join(f"G{race}-{n}" for n in range(AT_ONCE))
        import_codes.bring_in(import_codes.look("partner", import_codes.read(text, now=now), now=now), by="t", now=now)

        def take(pipe: Pipeline, n: int) -> str:
            if n % 2:
                return redeem_reward.redeem(
                    pipe, racers.business, [Ask(("id", str(members[n])), "partner")], now=clock.now()
                )[0].status
            body = {
                "id": f"gift:{chance.new_id()}",
                "type": "review",
                "occurred_at": clock.now().isoformat(),
                "member": str(members[n]),
                "data": {},
            }
            return record_events.record(pipe, Asked(racers.business, clock.now()), [reading.read(body, region="VN")])[
                0
            ].status

        assert set(racers.race(take)) == {"issued", "applied"}
        import_codes.fill_all(now=clock.now())
        assert pools.left(at=clock.now()).get("partner", 0) == 0
    shown = [v.code for member in members for v in rewards.vouchers_of(member, most=10_000)]
    assert "" not in shown
    assert len(shown) == len(set(shown)) == RACES * AT_ONCE
    assert verify_books.verify().differences == ()


def _redeemed(racers: Racers, member: Any, reward: str) -> str:
    """The code of a voucher redeemed just now."""
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        ask = Ask(("id", str(member)), reward)
        answer = redeem_reward.redeem(pipe, racers.business, [ask], now=clock.now())[0].answer
    return str(orjson.loads(answer or "")["voucher"]["code"])


def test_one_code_on_fifty_orders_is_used_once(racers: Racers, member: Any) -> None:
    """Fifty tills name the same code; whoever has it undoes the sale, and the next fifty try."""
    code = _redeemed(racers, member, "tea-for-points")
    for race in range(RACES):

        def sell(pipe: Pipeline, n: int, race: int = race) -> Any:
            sale = _cup(member, f"code:{chance.new_id()}")
            sale = sale._replace(store=f"r{race}-{n}", data=sale.data | {"codes": [code]})
            return record_events.record(pipe, Asked(racers.business, clock.now()), [sale])[0]

        sold = racers.race(sell)
        (winner,) = [one.event_id for one in sold if one.status == "applied"]
        assert {one.status for one in sold} == {"applied", "refused"}
        assert [v.state for v in rewards.vouchers_of(member) if v.code == code] == ["used"]
        reverse.reverse_event(winner, reason="race", by="tests", now=clock.now())
        assert [v.state for v in rewards.vouchers_of(member) if v.code == code] == ["issued"]
    assert verify_books.verify().differences == ()


def test_a_code_in_the_box_is_redeemed_once_and_released_once(racers: Racers, member: Any) -> None:
    """The till's box, fifty orders at once; then fifty releases of the order that has it."""
    code = _redeemed(racers, member, "tea-for-points")

    def inside(run: Callable[[Typed], Any], typed: Typed) -> bool:
        with context.within(racers.business):
            try:
                run(typed)
            except (FieldsRefused, NotRedeemed):
                return False
            return True

    def redeem(typed: Typed) -> None:
        codes.redeem(typed, locale="vi", now=clock.now())

    def release(typed: Typed) -> None:
        codes.release(typed, now=clock.now())

    for race in range(RACES):
        typed = [Typed(code, member, None, f"order:{race}-{n}") for n in range(AT_ONCE)]
        had = racers.together(lambda n, typed=typed: inside(redeem, typed[n]))
        assert sum(had) == 1
        held = typed[had.index(True)]
        assert sum(racers.together(lambda n, held=held: inside(release, held))) == 1
    racers.together(lambda n: connection.close())
    assert [v.uses_left for v in rewards.vouchers_of(member)] == [1]
    assert verify_books.verify().differences == ()
