"""Counters of levels: what was recorded bears them out, and new rules count what happened before them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from ganbo.features.programmes import queries as programmes
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import change_member, evaluate_tiers, publish_programme, recount_tiers, reverse, verify_books
from ganbo.people.members import models as members
from tests.journeys.test_record_events import record
from tests.journeys.test_tiers import MONDAY, NEXT_YEAR, SOURCE, buy, enrol, told

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
BARE = SOURCE[: SOURCE.index("tiers:")] + "tiers: {levels: [{id: bronze}, {id: silver}, {id: gold}]}\n"


def source(tiers: str) -> str:
    return SOURCE[: SOURCE.index("tiers:")] + tiers


POINTS_FOR_EVER = source("""\
tiers:
  metric: {any: [points_earned, visits]}
  window: {kind: lifetime}
  levels:
    - {id: bronze}
    - {id: silver, enter: {points_earned: 60, visits: 4}}
    - {id: gold, enter: {points_earned: 900}}
""")
SINCE_CHANGE = source("""\
tiers:
  metric: {any: [spend, purchases]}
  counts: {max_per_day: 2}
  window: {kind: since_change}
  levels:
    - {id: bronze}
    - {id: silver, enter: {spend: 500000, purchases: 5}}
    - {id: gold, enter: {spend: 900000}}
""")


@pytest.fixture
def bare(new_business: Any) -> Iterator[Any]:
    """A business whose levels have no thresholds yet; the test runs in its schema."""
    business = new_business(BARE)
    with context.within(business):
        yield business


def state_of(member: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(members.Standing.objects.get(pk=member).state)
    return found


def refund(sale: dict[str, Any], n: int, at: datetime = MONDAY, **data: Any) -> dict[str, Any]:
    return {
        "id": f"r{n}:{sale['id']}",
        "type": "refund",
        "occurred_at": at.isoformat(),
        "data": {"order_id": sale["data"]["order_id"], **data},
    }


def sell(member: Any, amount: int, at: datetime = MONDAY) -> dict[str, Any]:
    body = buy(member, amount, at)
    body["data"]["order_id"] = body["id"]
    return body


def nothing_differs() -> None:
    assert verify_books.verify().differences == ()


def test_new_thresholds_count_what_happened_before_them(bare: Any) -> None:
    rich, small, poor = enrol(), enrol(), enrol()
    early = sell(rich, 700_000)
    told(bare, early, sell(small, 19_000), *[sell(poor, 20_000, MONDAY + timedelta(minutes=n)) for n in range(3)])
    told(bare, refund(early, 1, amount=100_000))
    publish_programme.publish(SOURCE, by="tests")
    assert recount_tiers.recount_due(at=clock.now()) == 3
    assert recount_tiers.recount_due(at=clock.now()) is None, "once"
    assert state_of(rich)["months"] == {"2026-11": {"spend": 600_000, "purchases": 1}}
    assert state_of(small)["months"] == {}, "below what counts"
    assert state_of(poor)["months"] == {"2026-11": {"spend": 40_000, "purchases": 2}}, "two a day count"
    nothing_differs()
    told(bare, refund(early, 2, amount=50_000))
    assert state_of(rich)["months"]["2026-11"]["spend"] == 550_000, "a sale of before the rules goes back as it counts"
    reverse.reverse_event(early["id"], reason="nhầm", by="tests", now=MONDAY)
    assert state_of(rich)["months"]["2026-11"] == {"spend": 0, "purchases": 0}
    nothing_differs()


def test_the_night_judges_everybody_after_a_recount(bare: Any) -> None:
    kept, lost = enrol(), enrol()
    told(bare, sell(kept, 5_000_000), sell(lost, 30_000))
    for member in (kept, lost):
        change_member.change(member, {"tier": "gold"}, by="tests")
    publish_programme.publish(SOURCE, by="tests")
    first = clock.now()
    last_day = datetime(first.astimezone(SAIGON).year + 1, 12, 31, 3, 0, tzinfo=SAIGON)
    for at in (first, first + timedelta(days=1), last_day):
        evaluate_tiers.evaluate(programmes.in_force_at(bare.schema, at), at=at)
        assert {members.Standing.objects.get(pk=m).tier for m in (kept, lost)} == {"gold"}, "dated by the first night"
    at = last_day + timedelta(days=400)
    evaluate_tiers.evaluate(programmes.in_force_at(bare.schema, at), at=at)
    assert members.Standing.objects.get(pk=lost).tier == "silver"


def test_a_night_killed_midway_goes_on(bare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [enrol() for _ in range(7)]
    told(bare, *[sell(member, 510_000) for member in people])
    publish_programme.publish(SOURCE, by="tests")
    monkeypatch.setattr(recount_tiers, "MOST_MEMBERS", 3)
    recount, done = recount_tiers.recount, []

    def killed(*args: Any, **how: Any) -> None:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(recount(*args, **how))

    monkeypatch.setattr(recount_tiers, "recount", killed)
    with pytest.raises(KeyboardInterrupt):
        recount_tiers.recount_due(at=clock.now())
    assert sum("counted" in state_of(member) for member in people) == 3
    nothing_differs()
    monkeypatch.setattr(recount_tiers, "recount", recount)
    assert recount_tiers.recount_due(at=clock.now()) == 4, "those who were left"
    expected = {"2026-11": {"spend": 510_000, "purchases": 1}}
    assert [state_of(member)["months"] for member in people] == [expected] * 7
    nothing_differs()


def test_what_is_not_borne_out_is_named(bare: Any) -> None:
    publish_programme.publish(SOURCE, by="tests")
    member, other = enrol(clock.now()), enrol(clock.now())
    told(bare, sell(member, 100_000, clock.now()), sell(other, 50_000, clock.now()), now=clock.now())
    nothing_differs()
    state = state_of(member)
    month = next(iter(state["months"]))
    state["months"][month]["spend"] += 5
    members.Standing.objects.filter(pk=member).update(state=orjson.dumps(state).decode())
    found = verify_books.verify().differences
    assert [(d.what, d.id, d.stored, d.recomputed) for d in found] == [
        (f"counter {month} spend", str(member), 100_005, 100_000)
    ]


def test_late_events_count_by_the_rules_that_keep_the_counters(bare: Any) -> None:
    member = enrol()
    publish_programme.publish(SOURCE, by="tests")
    recount_tiers.recount_all(at=clock.now())
    late, small = sell(member, 100_000), sell(member, 19_000)
    told(bare, late, small, now=clock.now())
    assert state_of(member)["months"] == {"2026-11": {"spend": 100_000, "purchases": 1}}
    nothing_differs()
    told(bare, refund(late, 1, amount=40_000), now=clock.now())
    assert state_of(member)["months"] == {"2026-11": {"spend": 60_000, "purchases": 1}}
    nothing_differs()


@pytest.mark.parametrize("seed", range(4))
def test_any_history_across_versions_is_borne_out(new_business: Any, seed: int) -> None:
    """Sales, returns, undos, nights and new versions in any order: the counters are what was recorded."""
    chance, sources = Random(seed), [BARE, SOURCE, POINTS_FOR_EVER, SINCE_CHANGE]
    business = new_business(sources[seed])
    with context.within(business):
        people, sales, returns = [enrol() for _ in range(4)], [], []
        start = clock.now()
        for n in range(60):
            what = chance.random()
            at = start + timedelta(minutes=-chance.randrange(60 * 24 * 80)) if chance.random() < 0.4 else clock.now()
            if what < 0.55 or not sales:
                sale = sell(chance.choice(people), chance.choice([15_000, 20_000, 90_000, 260_000, 700_000]), at)
                told(business, sale, now=clock.now(), backfill=chance.random() < 0.2)
                sales.append(sale)
            elif what < 0.75:
                back = refund(chance.choice(sales), n, at, **chance.choice([{}, {"amount": 30_000}, {"amount": 7}]))
                record(business, back, now=clock.now())
                returns.append(back["id"])
            elif what < 0.85:
                undone = chance.choice([*returns, chance.choice(sales)["id"]])
                reverse.reverse_event(undone, reason="nhầm", by="tests", now=clock.now())
            elif what < 0.93:
                evaluate_tiers.evaluate(programmes.in_force_at(business.schema, clock.now()), at=clock.now())
            else:
                publish_programme.publish(chance.choice(sources), by="tests")
            nothing_differs()
        publish_programme.publish(SINCE_CHANGE if seed % 2 else SOURCE, by="tests")
        evaluate_tiers.evaluate(programmes.in_force_at(business.schema, NEXT_YEAR), at=NEXT_YEAR)
        assert all("counted" in state_of(member) for member in people)
        nothing_differs()
