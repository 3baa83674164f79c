"""Points that end when a member does nothing: gone at that instant, and the nightly job only writes it down."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance
from ganbo.foundation.tenancy import context
from ganbo.journeys import expire_points, holdings, join, reverse, sell, verify_books
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person
from tests.journeys.test_pending import event
from tests.journeys.test_record_events import record

START = datetime(2026, 1, 31, 15, 0, tzinfo=UTC)  # 10:00 in New York
GONE = datetime(2026, 8, 1, 4, 0, tzinfo=UTC)  # six months later, 31 July is over: midnight in New York, summer time
SOURCE = """
ganbo: 1
programme: flies
name: {vi: Bay, en: Flies}
currency: USD
timezone: America/New_York
late_days: 366
wallets:
  miles: {name: {vi: dặm}, expires: {kind: inactivity, months: 6, reset_by: [purchase]}}
earn:
  - {id: fly, on: purchase, give: {wallet: miles, amount: 1, per: 100, of: net}}
  - {id: said, on: review, give: {wallet: miles, amount: 7}}
rewards:
  - {id: seat, kind: free_item, sku: seat, price: {wallet: miles, amount: 10}}
"""


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {}


@pytest.fixture
def airline(new_business: Any, made: dict[str, Any]) -> Iterator[Any]:
    if not made:
        made["airline"] = new_business(SOURCE)
    with context.within(made["airline"]):
        yield made["airline"]


@pytest.fixture
def lan(airline: Any) -> Callable[[], Any]:
    """Somebody new who flew once at START, for ten miles."""

    def make() -> Any:
        joined = join.join(Person(phone=f"+849{chance.digits(8)}", name="Lan"), at=START)
        who = members.get(joined.member_id)
        record(airline, event(who, amount=1_000, at=START), now=START)
        return who

    return make


def miles(member: Any, at: datetime) -> int:
    return holdings.balances(member.id, ["miles"], at=at)["miles"].available


def book(member: Any) -> int:
    """What the books hold, whatever the clock says."""
    return ledger.held(member.id).get((member.id, "miles", "member"), 0)


def expire(at: datetime, *, business: Any = None) -> None:
    if business is not None:
        with context.within(business):
            expire(at)
        return
    while expire_points.expire_some(at=at):
        pass


def test_they_are_gone_at_that_instant_for_every_eye(airline: Any, lan: Any) -> None:
    who, before = lan(), GONE - timedelta(seconds=1)
    assert (miles(who, before), miles(who, GONE)) == (10, 0)
    found = holdings.balances(who.id, ["miles"], at=before)["miles"]
    assert found.next_expiry == (10, GONE)
    assert [lot.expires_at for lot in holdings.lot_rows(who.id, ["miles"], at=before)] == [GONE]
    refused = sell.redeem(airline, Ask(("id", str(who.id)), "seat"), now=GONE)
    assert refused.refusal is not None
    assert refused.refusal.code == "ledger.insufficient", "spending does not wait for the job"
    assert sell.redeem(airline, Ask(("id", str(who.id)), "seat"), now=before).status == "issued"


def test_activity_resets_and_other_events_do_not(airline: Any, lan: Any) -> None:
    who, later = lan(), GONE - timedelta(days=10)
    record(airline, event(who, "review", at=later), now=later)
    assert miles(who, GONE) == 0, "a review brings miles but is no activity"
    other = lan()
    record(airline, event(other, amount=1_000, at=later), now=later)
    assert miles(other, GONE) == 20


def test_who_comes_back_too_late_starts_anew(airline: Any, lan: Any) -> None:
    who, back = lan(), GONE + timedelta(days=1)
    told = record(airline, event(who, amount=500, at=back), event(who, "review", at=back), now=back)
    assert orjson.loads(told[0].answer)["balances"]["miles"]["available"] == 5
    assert miles(who, back) == book(who) == 12, "the old miles were ended before the new ones came"
    kinds = {line.kind: line.amount for line in ledger.lines(who.id, ["miles"], most=10)}
    assert kinds["expire"] == -10
    assert verify_books.verify().differences == ()


def test_undoing_after_the_end_takes_nothing_that_is_not_there(airline: Any, lan: Any) -> None:
    who = lan()
    body = event(who, amount=2_000, at=START)
    record(airline, body, now=START)
    done = reverse.reverse_event(body["id"], reason="wrong", by="staff:1", now=GONE)
    answer = orjson.loads(done.answer)
    assert (answer["taken_back"], answer["owed"]) == ({"miles": 20}, {}), "they had ended unused: nobody pays for them"
    assert miles(who, GONE) == book(who) == 0
    assert verify_books.verify().differences == ()


def test_the_job_once_five_times_or_together_gives_the_same_books(airline: Any, lan: Any) -> None:
    several = [lan() for _ in range(6)]
    expire(GONE - timedelta(seconds=1))
    assert [book(who) for who in several] == [10] * 6, "not a second early"
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: expire(GONE, business=airline), range(5)))
    assert [book(who) for who in several] == [0] * 6
    for who in several:
        ended = [line for line in ledger.lines(who.id, ["miles"], most=10) if line.kind == "expire"]
        assert [(line.amount, line.at) for line in ended] == [(-10, GONE)], "once, and when it ended"
    assert verify_books.verify().differences == ()


def test_a_back_fill_ends_points_on_the_events_clock(airline: Any) -> None:
    who = members.get(join.join(Person(phone=f"+849{chance.digits(8)}", name="Lan"), at=START).member_id)
    flights = [START, START + timedelta(days=100), GONE + timedelta(days=400), GONE + timedelta(days=410)]
    bodies = [event(who, amount=1_000 * n, at=at) for n, at in enumerate(flights, 1)]
    now = flights[-1] + timedelta(days=1)
    record(airline, *bodies[:2], now=now, backfill=True)
    assert book(who) == 30, "the second flight came in time"
    record(airline, *bodies[2:], now=now, backfill=True)
    assert book(who) == 70, "both had ended long before the third"
    expired = [line for line in ledger.lines(who.id, ["miles"], most=10) if line.kind == "expire"]
    end = airline_end(flights[1])
    assert sorted((line.amount, line.at) for line in expired) == [(-20, end), (-10, end)], "one of each month"
    assert miles(who, now) == 70
    assert verify_books.verify().differences == ()


def airline_end(active: datetime) -> datetime:
    """When miles end after a last flight: at midnight in New York, six months later."""
    from ganbo.features.programmes import queries as programmes

    wallet = programmes.in_force_at(context.current().schema, active).programme.wallets["miles"]
    return wallet.expires.inactive_at(active.astimezone(wallet.expires.zone).date())


def test_lists_and_figures_know_who_did_nothing(airline: Any, lan: Any) -> None:
    who, other = lan(), lan()
    record(airline, event(other, amount=500, at=GONE - timedelta(days=60)), now=GONE - timedelta(days=60))
    before, ids = GONE - timedelta(seconds=1), [who.id, other.id]
    assert holdings.available(ids, "miles", at=before) == {who.id: 10, other.id: 15}
    assert holdings.available(ids, "miles", at=GONE) == {who.id: 0, other.id: 15}
    day = timedelta(days=1)
    assert holdings.points_ending(GONE, GONE + day)["miles"] >= 10
    expire(GONE)
    assert holdings.points_ending(GONE, GONE + day) == {}, "it is done"
