"""Points that wait: not usable before their time, released once, let go when what they awaited never came."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import orjson
import pytest

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, release_pending, reverse, verify_books
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12:00 in Hanoi
DAYS = timedelta(days=1)
SOURCE = """
ganbo: 1
programme: waits
name: {vi: Chờ, en: Waits}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm}, expires: {kind: end_of_month, months: 12}, pending: {kind: after, days: 7}}
  miles: {name: {vi: dặm}, pending: {kind: until_event, event: custom.delivered, days: 30}}
  gems: {name: {vi: ngọc}, pending: {kind: on_date, date: 2026-12-24}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: fly, on: purchase, give: {wallet: miles, amount: 2, per: 10000, of: net}}
  - {id: xmas, on: visit, give: {wallet: gems, amount: 5}}
  - {id: now, on: visit, give: {wallet: points, amount: 3}, pending: {kind: none}}
rewards:
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 5}}
"""


@pytest.fixture(scope="module")
def shop_made() -> dict[str, Any]:
    return {}


@pytest.fixture
def shop(new_business: Any, shop_made: dict[str, Any]) -> Iterator[Any]:
    """A business whose points wait; one for all tests here."""
    if not shop_made:
        shop_made["shop"] = new_business(SOURCE)
    with context.within(shop_made["shop"]):
        yield shop_made["shop"]


@pytest.fixture
def minh(shop: Any) -> Any:
    joined = join.join(Person(phone=f"+849{chance.digits(8)}", name="Minh"), at=NOON)
    return members.get(joined.member_id)


def event(member: Any, type: str = "purchase", *, at: datetime = NOON, **data: Any) -> dict[str, Any]:
    return {
        "id": f"t:{chance.new_id()}",
        "type": type,
        "occurred_at": at.isoformat(),
        "member": str(member.id),
        "store": str(member.id)[-12:],  # orders of one test are not those of another
        "data": data or ({"amount": 100_000} if type == "purchase" else {}),
    }


def held(member: Any, wallet: str, *, at: datetime = NOON) -> tuple[int, int, int]:
    """(available, pending, owed)."""
    found = ledger.balances(member.id, [wallet], at=at)[wallet]
    return found.available, found.pending, found.owed


def release(at: datetime) -> None:
    while release_pending.release_some(at=at):
        pass


def test_points_wait_whole_days_and_are_released_once(shop: Any, minh: Any) -> None:
    outcome = orjson.loads(record(shop, event(minh), now=NOON)[0].answer)
    assert [(e["wallet"], e["state"]) for e in outcome["effects"]] == [("points", "pending"), ("miles", "pending")]
    assert outcome["balances"]["points"] == {"available": 0, "pending": 10, "owed": 0}
    early = datetime(2026, 11, 29, 16, 59, tzinfo=UTC)  # a minute before the seventh midnight in Hanoi
    release(early)
    assert held(minh, "points", at=early) == (0, 10, 0)
    due = early + timedelta(minutes=1)
    for _ in range(5):
        release(due)
    assert held(minh, "points", at=due) == (10, 0, 0)
    (lot,) = ledger.live_lots(minh.id, "points", at=due)
    assert lot.expires_at == datetime(2027, 11, 30, 17, tzinfo=UTC), "its end counts from the day it was earned"
    assert verify_books.verify().differences == ()


def test_points_on_a_date_come_at_its_midnight(shop: Any, minh: Any) -> None:
    record(shop, event(minh, "visit"), now=NOON)
    assert held(minh, "gems") == (0, 5, 0)
    assert held(minh, "points") == (3, 0, 0), "the rule's own word goes before the wallet's"
    release(datetime(2026, 12, 23, 17, tzinfo=UTC))
    assert held(minh, "gems") == (5, 0, 0)
    after = datetime(2026, 12, 24, 5, tzinfo=UTC)
    late = orjson.loads(record(shop, event(minh, "visit", at=after), now=after)[0].answer)
    assert late["balances"]["gems"] == {"available": 10, "pending": 0, "owed": 0}, "that day has come already"


@pytest.mark.parametrize(
    ("sold", "delivered", "want", "why"),
    [
        ({"order_id": "a1"}, {"order_id": "a1"}, (20, 0, 0), "its own order arrived"),
        ({"order_id": "a1"}, {"order_id": "b2"}, (0, 20, 0), "another order arrived"),
        ({"order_id": "a1"}, {}, (20, 0, 0), "an event that names no order is for any"),
        ({}, {"order_id": "b2"}, (20, 0, 0), "points of no order are for any event"),
    ],
)
def test_an_awaited_event_releases_what_waited_for_it(
    shop: Any, minh: Any, sold: dict[str, Any], delivered: dict[str, Any], want: tuple[int, int, int], why: str
) -> None:
    record(shop, event(minh, amount=100_000, **sold), now=NOON)
    later = NOON + DAYS
    answer = record(shop, event(minh, "custom.delivered", at=later, **delivered), now=later)[0].answer
    assert held(minh, "miles", at=later) == want, why
    assert orjson.loads(answer)["balances"]["miles"]["available"] == want[0], "in the same transaction"
    assert verify_books.verify().differences == ()


def test_what_never_comes_is_let_go_and_a_late_word_of_it_brings_it_back(shop: Any, minh: Any) -> None:
    record(shop, event(minh, order_id="x", amount=100_000), now=NOON)
    end = datetime(2026, 12, 22, 17, tzinfo=UTC)  # thirty days later, midnight
    release(end)
    assert held(minh, "miles", at=end) == (0, 0, 0)
    tardy = end + timedelta(minutes=1)
    record(shop, event(minh, "custom.delivered", at=tardy), now=tardy)
    assert held(minh, "miles", at=tardy) == (0, 0, 0), "too late"
    record(shop, event(minh, "custom.delivered", at=end - timedelta(minutes=1), order_id="x"), now=tardy)
    assert held(minh, "miles", at=tardy) == (20, 0, 0), "it came in time and was told late"
    assert verify_books.verify().differences == ()


def test_any_order_of_arrival_ends_the_same(shop: Any) -> None:
    ends = set()
    for order in permutations(range(3)):
        joined = join.join(Person(phone=f"+849{chance.digits(8)}", name="Minh"), at=NOON)
        who = members.get(joined.member_id)
        told = [
            event(who, order_id="z", amount=100_000),
            event(who, "custom.delivered", at=NOON + DAYS, order_id="z"),
            event(who, order_id="y", amount=30_000, at=NOON + DAYS),
        ]
        for place in order:
            record(shop, told[place], told[place], now=NOON + 2 * DAYS)
        ends.add(held(who, "miles", at=NOON + 2 * DAYS))
    assert ends == {(20, 6, 0)}
    assert verify_books.verify().differences == ()


def test_undoing_takes_what_waits_and_what_was_released(shop: Any, minh: Any) -> None:
    first, second = event(minh), event(minh)
    record(shop, first, second, now=NOON)
    done = reverse.reverse_event(first["id"], reason="wrong", by="staff:1", now=NOON)
    assert orjson.loads(done.answer)["taken_back"] == {"points": 10, "miles": 20}
    assert (held(minh, "points"), held(minh, "miles")) == ((0, 10, 0), (0, 20, 0))
    later = NOON + 8 * DAYS
    release(later)
    assert held(minh, "points", at=later) == (10, 0, 0), "nothing of the undone sale was released"
    reverse.reverse_event(second["id"], reason="wrong", by="staff:1", now=later)
    assert (held(minh, "points", at=later), held(minh, "miles", at=later)) == ((0, 0, 0), (0, 0, 0))
    record(shop, event(minh, "custom.delivered", at=later), now=later)
    release(NOON + 60 * DAYS)
    assert (held(minh, "points", at=later), held(minh, "miles", at=later)) == ((0, 0, 0), (0, 0, 0))
    assert verify_books.verify().differences == ()


def test_what_an_awaited_event_released_stays_released_when_that_is_undone(shop: Any, minh: Any) -> None:
    """The sale earned the points; they may be spent already. The event just does not count for later points any more."""
    sale, came = event(minh, order_id="q", amount=100_000), event(minh, "custom.delivered", at=NOON + DAYS)
    record(shop, sale, came, now=NOON + DAYS)
    reverse.reverse_event(came["id"], reason="wrong parcel", by="staff:1", now=NOON + DAYS)
    assert held(minh, "miles", at=NOON + DAYS) == (20, 0, 0)
    record(shop, event(minh, order_id="p", amount=30_000), now=NOON + DAYS)
    assert held(minh, "miles", at=NOON + DAYS) == (20, 6, 0), "told late, a sale before it waits as if it had not come"
    reverse.reverse_event(sale["id"], reason="never delivered", by="staff:1", now=NOON + DAYS)
    assert held(minh, "miles", at=NOON + DAYS) == (0, 6, 0), "the return of the sale takes them back"
    assert verify_books.verify().differences == ()


ONLY_PENDING = """
ganbo: 1
programme: only-pending
name: Chờ
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}, pending: {kind: after, days: 7}, on_refund: only_pending}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
"""


@pytest.mark.parametrize(
    ("days", "data", "want", "why"),
    [
        (1, {}, (0, 0, 0), "all of it still waits, all of it goes"),
        (1, {"amount": 45_000}, (0, 5, 0), "half of it and a bit: 5.5 of 10 are left"),
        (8, {}, (10, 0, 0), "released, so it stays, and nothing is owed"),
        (8, {"amount": 45_000}, (10, 0, 0), "also of a part"),
    ],
)
def test_only_what_waits_is_taken_back(
    new_business: Any, days: int, data: dict[str, Any], want: tuple[int, int, int], why: str
) -> None:
    business = new_business(ONLY_PENDING)
    with context.within(business):
        minh = members.get(join.join(Person(phone=f"+849{chance.digits(8)}"), at=NOON).member_id)
        record(business, event(minh, order_id="o", amount=100_000), now=NOON)
        later = NOON + days * DAYS
        release(later)
        returned = event(minh, "refund", at=later, order_id="o", **data)
        answer = orjson.loads(record(business, returned, now=later)[0].answer)
        assert held(minh, "points", at=later) == want, why
        assert sum(-e["amount"] for e in answer["effects"] if e["kind"] == "wallet") == 10 - sum(want[:2])
        reverse.reverse_event(returned["id"], reason="x", by="staff:1", now=later)
        release(later)
        assert sum(held(minh, "points", at=later)) == 10, "undone, it is as before"
        assert verify_books.verify().differences == ()
