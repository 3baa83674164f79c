"""Lots against a model that knows every single point: any history of earning, waiting, spending and ending."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import expire_points, join, release_pending, reverse, sell, verify_books
from ganbo.journeys.redeem_reward import Ask
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person
from tests.journeys.test_pending import event
from tests.journeys.test_record_events import record

NOON = datetime(2027, 1, 5, 5, 0, tzinfo=UTC)  # 12:00 in Hanoi
PRICE = 7
PROGRAMME = """
ganbo: 1
programme: units
name: {vi: Từng điểm, en: Units}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm}, expires: {kind: end_of_month, months: 1}}
earn:
  - {id: seen, on: visit, give: {wallet: points, amount: 5}}
  - {id: later, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}, pending: {kind: after, days: 20}}
  - {id: kept, on: review, give: {wallet: points, amount: 3}, pending: {kind: until_event, event: custom.done, days: 10}}
  - {id: short, on: checkin, give: {wallet: points, amount: 4}, expires: {kind: rolling, days: 9}}
rewards:
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 7}}
"""


def somebody() -> Any:
    joined = join.join(Person(phone=f"+849{chance.digits(8)}", name="Lan"), at=NOON)
    return members.get(joined.member_id)


@dataclass
class Unit:
    """One point: the day from which it can be used, its last day, when it was earned; `awaits` an event until `from_`."""

    from_: date
    last: date
    earned: date
    awaits: bool = False


class Model:
    """The member as a bag of single points; days are whole, for every event happens at noon."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.done_at: set[datetime] = set()

    def earn(self, day: date, amount: int, *, wait: int = 0, awaits: bool = False, life: int | None = None) -> None:
        after_next = date(day.year + (day.month + 1) // 12, (day.month + 1) % 12 + 1, 1)
        last = after_next - timedelta(days=1) if life is None else day + timedelta(days=life)
        self.units += [Unit(day + timedelta(days=wait), last, day, awaits) for _ in range(amount)]

    def pass_to(self, day: date) -> None:
        self.units = [u for u in self.units if not (u.awaits and u.from_ <= day) and u.last >= day]

    def done(self, day: date) -> None:
        for unit in self.units:
            if unit.awaits:
                unit.from_, unit.awaits = day, False

    def usable(self, day: date) -> list[Unit]:
        return [u for u in self.units if not u.awaits and u.from_ <= day]

    def spend(self, day: date) -> bool:
        usable = sorted(self.usable(day), key=lambda u: (u.last, u.earned.replace(day=1)))
        if len(usable) < PRICE:
            return False
        for unit in usable[:PRICE]:
            self.units.remove(unit)
        return True


STEPS = st.tuples(
    st.integers(0, 25),
    st.sampled_from(["visit", "purchase", "review", "checkin", "custom.done", "redeem", "expire"]),
    st.integers(1, 9),
)


@given(st.lists(STEPS, min_size=3, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_is_as_if_every_point_were_kept_apart(shop: Any, steps: list[tuple[int, str, int]]) -> None:
    who, model, now = somebody(), Model(), NOON
    for days, what, n in steps:
        now += timedelta(days=days)
        day = (now + timedelta(hours=7)).date()
        while release_pending.release_some(at=now):
            pass
        model.pass_to(day)
        _step(shop, who, model, what, n, now)
        held = ledger.balances(who.id, ["points"], at=now)["points"]
        usable = len(model.usable(day))
        assert held.available == usable
        waiting = ledger.pending_of_members([who.id], ["points"])
        assert held.pending == sum(part.remaining for part in waiting)
        alive = sum(p.remaining for p in waiting if (p.expires_at + timedelta(hours=7)).date() > day)
        assert alive == len(model.units) - usable
        lots = ledger.lots_of_members([who.id], ["points"])
        assert sum(lot.remaining for _, _, lot in lots) == ledger.held(who.id).get((who.id, "points", "member"), 0)
    assert verify_books.verify().differences == ()


def _step(shop: Any, who: Any, model: Model, what: str, n: int, now: datetime) -> None:
    day = (now + timedelta(hours=7)).date()
    if what == "redeem":
        done = sell.redeem(shop, Ask(("id", str(who.id)), "tea"), now=now).status
        assert (done == "issued") == model.spend(day)
    elif what == "expire":
        while expire_points.expire_some(at=now):
            pass
    else:
        data = {"amount": n * 10_000} if what == "purchase" else {}
        assert record(shop, event(who, what, at=now, **data), now=now)[0].status == "applied"
        if what == "visit":
            model.earn(day, 5)
        elif what == "purchase":
            model.earn(day, n, wait=20)
        elif what == "review":
            come = now in model.done_at  # at the same instant: whichever was told first, it has come
            model.earn(day, 3, wait=0 if come else 10, awaits=not come)
        elif what == "checkin":
            model.earn(day, 4, life=9)
        else:
            model.done(day)
            model.done_at.add(now)


def test_a_job_stopped_between_batches_goes_on(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expire_points, "MOST_MEMBERS", 2)
    several = [somebody() for _ in range(5)]
    record(shop, *[event(who, "visit", at=NOON) for who in several], now=NOON)
    end = datetime(2027, 2, 28, 17, tzinfo=UTC)
    while expire_points.expire_some(at=end - timedelta(seconds=1)):
        pass
    assert [_book(who) for who in several] == [5] * 5, "not a second early"
    expire_points.expire_some(at=end)
    while expire_points.expire_some(at=end):
        pass
    assert [_book(who) for who in several] == [0] * 5
    assert verify_books.verify().differences == ()


def test_a_job_killed_inside_a_batch_leaves_all_or_nothing(shop: Any) -> None:
    several = [somebody() for _ in range(3)]
    record(shop, *[event(who, "visit", at=NOON) for who in several], now=NOON)
    end = datetime(2027, 2, 28, 17, tzinfo=UTC)

    def job() -> str:
        with context.within(shop):
            try:
                while expire_points.expire_some(at=end):
                    pass
                return "done"
            except Exception as failure:
                return type(failure).__name__
            finally:
                connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            reverse.lock(Pipeline.inside_django(), several[2].id)  # a till is busy with the third
            running = threads.submit(job)
            _kill_whoever_waits()
        assert running.result(timeout=30) != "done"
    assert [_book(who) for who in several] == [5] * 3, "nothing of the batch was kept"
    assert job() == "done"
    assert [_book(who) for who in several] == [0] * 3
    assert verify_books.verify().differences == ()


def _kill_whoever_waits() -> None:
    """Terminate the connections that wait for a lock of ours, as the owner of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ours,) = cursor.fetchone()
    parameters = {key: value for key, value in connection_parameters().items() if key != "options"}
    with psycopg.connect(**parameters, autocommit=True) as owner:
        for _ in range(2_000):
            found = owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", [ours]
            ).fetchall()
            if found:
                return
            owner.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody waited")


def _book(member: Any) -> int:
    return ledger.held(member.id).get((member.id, "points", "member"), 0)
