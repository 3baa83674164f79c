"""Recording: exactly once, together or apart, and the books agree afterwards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from ganbo.books.events import reading
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.journeys import record_all, redeem_reward, verify_books
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redeem_reward import Ask

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10:00 in Hanoi; no tea hour


def purchase(member: Any, *, amount: int = 110_000, at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """The body of a purchase."""
    return {
        "id": f"t:{chance.new_id()}",
        "type": "purchase",
        "occurred_at": (at or clock.now()).isoformat(),
        "member": str(member.id) if member else None,
        "store": "hoan-kiem",
        "data": {"amount": amount},
    } | more


def record(business: Any, *bodies: dict[str, Any], now: datetime | None = None, **how: Any) -> list[Any]:
    """Record bodies on a connection of their own."""
    pipe = Pipeline.open(**connection_parameters())
    try:
        requests = [reading.read({k: v for k, v in body.items() if v is not None}, region="VN") for body in bodies]
        return record_all.record(pipe, Asked(business, now or clock.now(), **how), requests)
    finally:
        pipe.close()


def points(outcome: Any) -> int:
    return orjson.loads(outcome.answer)["balances"]["points"]["available"]


def test_the_first_answer_is_repeated_as_it_was(cafe: Any, enrol: Any) -> None:
    body = purchase(enrol(), at=MONDAY)
    first, again = record(cafe, body, now=MONDAY)[0], record(cafe, body, now=MONDAY + timedelta(hours=1))[0]
    assert (first.status, again.status) == ("applied", "replayed")
    assert again.answer == first.answer, "the same bytes, because included"
    assert points(first) == 50 + 11


def test_another_body_under_the_same_id_is_refused(cafe: Any, enrol: Any) -> None:
    body = purchase(enrol())
    record(cafe, body)
    other = record(cafe, body | {"store": "cau-giay"})[0]
    assert other.refusal.code == "idempotency.key_reused"


def test_twice_in_one_batch_is_once(cafe: Any, enrol: Any) -> None:
    body = purchase(enrol(), at=MONDAY)
    assert [o.status for o in record(cafe, body, body, now=MONDAY)] == ["applied", "replayed"]


def test_one_purchase_per_store_and_order(cafe: Any, enrol: Any) -> None:
    member, order = enrol(), f"o{chance.digits(9)}"
    first = purchase(member) | {"data": {"amount": 20_000, "order_id": order}}
    second = purchase(member) | {"data": {"amount": 20_000, "order_id": order}}
    elsewhere = purchase(member, store="cau-giay") | {"data": {"amount": 20_000, "order_id": order}}
    outcomes = record(cafe, first, second, elsewhere)
    assert [o.status for o in outcomes] == ["applied", "refused", "applied"]
    assert outcomes[1].refusal.params["event_id"] == first["id"]


@pytest.mark.parametrize(
    ("change", "code", "why"),
    [
        ({"member": "01900000-0000-7000-8000-000000000000"}, "members.unknown", "events never enrol"),
        ({"occurred_at": "2020-01-01T00:00:00Z"}, "events.too_late", "older than 90 days"),
        ({"occurred_at": "2126-01-01T00:00:00Z"}, "events.in_future", "the till's clock is wrong"),
        ({"data": {"amount": 10_000, "currency": "USD"}}, "fields.refused", "the programme counts in VND"),
        ({"data": {"amount": 10_000, "discount": 10_001}}, "fields.refused", "a discount above the bill"),
    ],
)
def test_a_refused_event_leaves_nothing_and_harms_no_neighbour(
    cafe: Any, enrol: Any, change: dict[str, Any], code: str, why: str
) -> None:
    member = enrol()
    good, bad = purchase(member, at=MONDAY), purchase(member, at=MONDAY) | change
    outcomes = record(cafe, bad, good, now=MONDAY)
    assert outcomes[0].refusal.code == code, why
    assert outcomes[1].status == "applied"
    assert points(outcomes[1]) == 61
    again = record(cafe, bad, now=MONDAY)[0]
    assert again.status == "refused", "a refused event does not burn its id"


def test_the_same_id_from_many_connections_is_recorded_once(cafe: Any, enrol: Any) -> None:
    body = purchase(enrol(), at=MONDAY)
    with ThreadPoolExecutor(8) as threads:
        outcomes = [f.result()[0] for f in [threads.submit(record, cafe, body, now=MONDAY) for _ in range(8)]]
    assert sorted(o.status for o in outcomes) == ["applied"] + ["replayed"] * 7
    assert len({o.answer for o in outcomes}) == 1


def test_events_of_one_member_from_many_connections_all_count(cafe: Any, enrol: Any) -> None:
    member = enrol()
    bodies = [purchase(member, at=MONDAY) for _ in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda body: record(cafe, body, now=MONDAY), bodies))
    last = record(cafe, purchase(member, at=MONDAY, amount=9_000), now=MONDAY)[0]
    assert points(last) == 50 + 24 * 11 + 20, "24 purchases, welcome, and the third-purchase bonus once"
    assert verify_books.verify().differences == ()


def test_a_limit_holds_across_connections(cafe: Any, enrol: Any) -> None:
    member = enrol()
    review = {"type": "review", "occurred_at": MONDAY.isoformat(), "member": str(member.id), "data": {"verified": True}}
    bodies = [review | {"id": f"r:{chance.new_id()}"} for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda body: record(cafe, body, now=MONDAY), bodies))
    last = record(cafe, purchase(member, at=MONDAY, amount=9_000), now=MONDAY)[0]
    assert points(last) == 50 + 20, "one review a day"


def test_fifty_redemptions_of_a_balance_for_one(cafe: Any, enrol: Any) -> None:
    member = enrol()
    record(cafe, purchase(member, at=MONDAY, amount=200_000), now=MONDAY)  # 50 + 20 = 70 points; peach tea costs 60

    def redeem(_: int) -> str:
        pipe = Pipeline.open(**connection_parameters())
        try:
            return redeem_reward.redeem(pipe, cafe, [Ask(("id", str(member.id)), "peach-tea")], now=clock.now())[
                0
            ].status
        finally:
            pipe.close()

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(redeem, range(50)))
    assert answers.count("issued") == 1
    assert answers.count("refused") == 49
    assert verify_books.verify().differences == ()


def test_a_large_batch_is_judged_in_order(cafe: Any, enrol: Any) -> None:
    member = enrol()
    outcomes = record(cafe, *[purchase(member, at=MONDAY) for _ in range(300)], now=MONDAY)
    assert [points(o) for o in outcomes][:4] == [61, 72, 103, 114], "the third purchase brings 20 more"
    assert {o.status for o in outcomes} == {"applied"}


def test_without_a_member_it_is_recorded_and_earns_nothing(cafe: Any) -> None:
    outcome = record(cafe, purchase(None))[0]
    answer = orjson.loads(outcome.answer)
    assert outcome.status == "applied"
    assert (answer["effects"], answer["member_id"], answer["because"]) == ([], None, [])
