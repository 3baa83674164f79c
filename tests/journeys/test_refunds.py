"""Returns on real PostgreSQL: by line, by amount, whole, before the sale, undone, in any order and told twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from typing import Any

import orjson
import pytest

from ganbo.books.ledger import queries as ledger
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import claim, expire_points, quote, reverse, sell, verify_books
from ganbo.journeys.quote import Wish
from ganbo.journeys.record_events import Asked
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members import queries as members
from tests.journeys.test_record_events import MONDAY, record

PROGRAMME = """\
ganbo: 1
programme: returns
name: {vi: Trả hàng, en: Returns}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, expires: {kind: end_of_month, months: 12}}
  kept: {name: {vi: sao, en: stars}, expires: {kind: never}, on_refund: keep}
  deep: {name: {vi: xu, en: coins}, expires: {kind: never}, on_refund: unlimited, floor: -30}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}, limits: [{scope: member, period: month, points: 100000}]}
  - {id: cakes, on: purchase, lines: 'line.category == "cake"', give: {wallet: points, amount: 3, per: 1, of: quantity}}
  - {id: star, on: purchase, give: {wallet: kept, amount: 1}}
  - {id: coin, on: purchase, give: {wallet: deep, amount: 1, per: 1000, of: net}}
  - {id: gift, on: purchase, when: order.net >= 100000, give: {voucher: ten}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ cà phê, en: Coffee card}, on: purchase, lines: 'line.category == "coffee"', size: 4, reward: latte}
rewards:
  - {id: latte, kind: free_item, sku: latte, cost: 12000}
  - {id: tea, kind: free_item, sku: tea, cost: 9000, price: {wallet: points, amount: 10}}
  - {id: jug, kind: free_item, sku: jug, cost: 9000, price: {wallet: deep, amount: 10}}
  - {id: ten, kind: discount, percent: 10, max: 50000, valid_days: 30}
"""
LINES = [
    {"sku": "latte", "category": "coffee", "quantity": 2, "unit_price": 55_000},
    {"sku": "cake", "category": "cake", "quantity": 1, "unit_price": 40_000},
]


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Any:
    from django.db import connection

    from ganbo.foundation.tenancy import operations
    from ganbo.journeys import publish_programme

    with django_db_blocker.unblock():
        options = connection.settings_dict["OPTIONS"]
        role = options.pop("options")
        connection.close()
        made = operations.create("Trả hàng", slug=f"r{chance.new_id().hex[-10:]}")
        connection.close()
        options["options"] = role
        with context.within(made):
            publish_programme.publish(PROGRAMME, by="tests")
    return made


@pytest.fixture
def lan(shop: Any, database: None) -> Any:
    from ganbo.journeys import join
    from ganbo.people.members.operations import Person

    with context.within(shop):
        joined = join.join(
            Person(phone=f"+849{chance.digits(8)}", name="Lan", address_form="chị"), at=clock.now(), tier=None
        )
        yield members.get(joined.member_id)


def sale(member: Any, order: str, *, lines: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "id": f"s:{order}",
        "type": "purchase",
        "occurred_at": MONDAY.isoformat(),
        "member": str(member.id) if member else None,
        "store": "hoan-kiem",
        "data": {"order_id": order, "lines": lines or LINES},
    } | more


def back(order: str, n: int = 0, **data: Any) -> dict[str, Any]:
    return {
        "id": f"r{n}:{order}",
        "type": "refund",
        "occurred_at": MONDAY.isoformat(),
        "store": "hoan-kiem",
        "data": {"order_id": order} | data,
    }


def order_id() -> str:
    return chance.digits(10)


def told(outcome: Any) -> Any:
    assert outcome.refusal is None, outcome.refusal
    return orjson.loads(outcome.answer)


def books(member: Any) -> Any:
    row = members.get(member.id)
    assert row is not None
    held = ledger.held(member.id)
    accounts = {(asset, role): n for (_, asset, role), n in sorted(held.items()) if n}  # in one order: repr compares
    lots = sorted(
        (x.expires_at, x.earned_month, x.remaining)
        for w in ("points", "kept", "deep")
        for x in ledger.live_lots(member.id, w, at=clock.now())
    )
    vouchers = sorted((v.reward, v.state) for v in rewards.vouchers_of(member.id))
    return accounts, lots, vouchers, (row.purchases, row.spend, row.visits)


def test_a_voucher_was_given_when_the_sale_happened_not_when_it_was_told(shop: Any, lan: Any) -> None:
    record(shop, sale(lan, order_id()), now=clock.now())
    assert [(v.reward, v.created_at) for v in rewards.vouchers_of(lan.id)] == [("ten", MONDAY)]


def test_a_cup_that_comes_back_takes_its_points_and_its_stamp(shop: Any, lan: Any) -> None:
    order = order_id()
    first = told(record(shop, sale(lan, order), now=MONDAY)[0])
    assert first["balances"]["points"]["available"] == 15 + 3
    done = told(record(shop, back(order, lines=[{"sku": "latte", "quantity": 1}]), now=MONDAY)[0])
    assert done["status"] == "applied"
    taken = [(e["kind"], e.get("wallet") or e.get("card"), e.get("amount", e.get("added"))) for e in done["effects"]]
    # 15 × 95,000 ÷ 150,000 = 9.5: 9 kept; no cake came back; of 150 coins 95 stay
    assert taken == [("wallet", "points", -6), ("wallet", "deep", -55), ("stamp", "coffee", -1)]
    assert done["balances"]["points"] == {"available": 12, "pending": 0, "owed": 0}
    assert done["because"] == [
        "Đã hoàn 55.000 ₫.",
        "6 điểm, 55 xu và 1 tem của hóa đơn này được thu lại; chị còn 12 điểm và 95 xu.",
    ]
    assert verify_books.verify().differences == ()


def test_told_again_it_is_the_first_answer_and_too_much_changes_nothing(shop: Any, lan: Any) -> None:
    order = order_id()
    record(shop, sale(lan, order), now=MONDAY)
    whole = back(order)
    first, again = record(shop, whole, now=MONDAY)[0], record(shop, whole, now=MONDAY)[0]
    assert (first.status, again.status, again.answer) == ("applied", "replayed", first.answer)
    more = told(record(shop, back(order, 2, lines=[0]), now=MONDAY)[0])
    assert (more["status"], more["effects"]) == ("applied", [])
    assert record(shop, back(order) | {"data": {"order_id": order, "amount": 1}}, now=MONDAY)[0].refusal.code == (
        "idempotency.key_reused"
    )
    assert books(lan)[3] == (0, 0, 0)
    assert books(lan)[0] == {("kept", "member"): 1}, "the wallet that keeps keeps, all else is as before the sale"


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"lines": [2]}, "data.lines.0", "no_such_line"),
        ({"lines": [0, {"sku": "tea"}]}, "data.lines.1.sku", "no_such_line"),
        ({"currency": "USD"}, "data.currency", "wrong_currency"),
    ],
)
def test_what_was_never_sold_cannot_come_back(shop: Any, lan: Any, data: Any, field: str, code: str) -> None:
    order = order_id()
    record(shop, sale(lan, order), now=MONDAY)
    before = books(lan)
    refusal = record(shop, back(order, **data), now=MONDAY)[0].refusal
    assert [(p.field, p.code) for p in refusal.problems] == [(field, code)]
    assert books(lan) == before


def test_a_return_before_its_sale_parks_and_settles(shop: Any, lan: Any) -> None:
    order = order_id()
    early = record(shop, back(order, lines=[1]), now=MONDAY)[0]
    assert (early.status, told(early)["status"]) == ("parked", "parked")
    assert record(shop, back(order, 2, amount=11_000), now=MONDAY)[0].status == "parked"
    sold = record(shop, sale(lan, order), now=MONDAY)[0]
    assert (sold.status, told(sold)["balances"]["points"]["available"]) == ("applied", 18)
    held = ledger.balances(lan.id, ["points"], at=clock.now())["points"]
    assert held.available == 9, "110,000 are left of 150,000, then a tenth of it off: 99,000; 15 × 0.66 = 9.9; no cake"
    from ganbo.books.events import queries as events

    later = events.latest_decision(f"r0:{order}")
    assert later is not None
    assert orjson.loads(later.answer)["effects"][0]["amount"] == -4
    assert record(shop, sale(lan, order) | {"id": f"other:{order}"}, now=MONDAY)[0].refusal.code == (
        "events.order_already_recorded"
    )
    assert verify_books.verify().differences == ()


RETURNS: list[dict[str, Any]] = [{"lines": [{"line": 0, "quantity": 1}]}, {"amount": 13_333}, {"lines": [1]}]


def test_any_order_of_one_orders_events_ends_the_same(shop: Any, lan: Any) -> None:
    from ganbo.journeys import join
    from ganbo.people.members.operations import Person

    ends = set()
    for round_, sequence in enumerate(permutations(range(4))):
        person = Person(phone=f"+849{chance.digits(8)}", name="Minh")
        member = members.get(join.join(person, at=clock.now(), tier=None).member_id)
        order = order_id()
        events = [sale(member, order), *(back(order, n, **data) for n, data in enumerate(RETURNS))]
        chosen = [events[i] for i in sequence]
        told_twice = [event for event in chosen for _ in range(1 + round_ % 2)]
        for event in told_twice if round_ % 3 else [told_twice]:
            record(shop, *(event if isinstance(event, list) else [event]), now=MONDAY)
        ends.add(repr(books(member)))
    assert len(ends) == 1
    assert verify_books.verify().differences == ()


def test_sale_and_returns_at_the_same_moment_never_miss_each_other(shop: Any, lan: Any) -> None:
    for _ in range(15):
        order = order_id()
        events = [sale(lan, order), back(order, 1, lines=[0]), back(order, 2, lines=[1]), back(order, 1, lines=[0])]
        with ThreadPoolExecutor(4) as threads:
            outcomes = list(threads.map(lambda event: record(shop, event, now=MONDAY)[0], events))
        assert {o.status for o in outcomes} <= {"applied", "parked", "replayed"}
    assert books(lan)[3] == (0, 0, 0), "every sale was returned in full"
    assert {k: v for k, v in books(lan)[0].items() if k[0] != "kept"} == {}
    assert verify_books.verify().differences == ()


def test_what_was_spent_is_owed_and_an_undone_return_gives_back(shop: Any, lan: Any) -> None:
    order = order_id()
    record(shop, sale(lan, order), now=MONDAY)
    assert sell.redeem(shop, Ask(("id", str(lan.id)), "tea"), now=clock.now()).status == "issued"
    before = books(lan)
    done = told(record(shop, back(order), now=MONDAY)[0])
    assert done["balances"]["points"] == {"available": 0, "pending": 0, "owed": 10}
    assert "Chị còn nợ 10 điểm, trừ vào lần tích sau." in done["because"]
    first = reverse.reverse_event(f"r0:{order}", reason="wrong receipt", by="staff:1", now=clock.now())
    again = reverse.reverse_event(f"r0:{order}", reason="wrong receipt", by="staff:1", now=clock.now())
    assert (again.replayed, again.answer) == (True, first.answer)
    assert orjson.loads(first.answer)["given_back"] == {"points": 18, "deep": 150}
    assert books(lan) == before, "as if nothing had come back"
    assert verify_books.verify().differences == ()


def test_below_zero_down_to_the_floor_only_where_the_wallet_says_so(shop: Any, lan: Any) -> None:
    order = order_id()
    record(shop, sale(lan, order), now=MONDAY)
    for _ in range(15):
        assert sell.redeem(shop, Ask(("id", str(lan.id)), "jug"), now=clock.now()).status == "issued"
    done = told(record(shop, back(order, lines=[1]), now=MONDAY)[0])
    assert done["balances"]["deep"] == {"available": -30, "pending": 0, "owed": 10}
    refused = sell.redeem(shop, Ask(("id", str(lan.id)), "jug"), now=clock.now()).refusal
    assert refused is not None
    assert (refused.code, refused.params["available"]) == ("ledger.insufficient", -30)
    assert verify_books.verify().differences == ()


def test_a_filled_cards_voucher_goes_before_stamps_are_owed(shop: Any, lan: Any) -> None:
    order, cups = order_id(), [LINES[0] | {"quantity": 5}]
    record(shop, sale(lan, order, lines=cups), now=MONDAY)  # one voucher, one stamp
    assert ("latte", "issued") in books(lan)[2]
    done = told(record(shop, back(order, lines=[{"line": 0, "quantity": 2}]), now=MONDAY)[0])
    stamp = next(e for e in done["effects"] if e["kind"] == "stamp")
    assert (stamp["added"], stamp["count"], stamp["filled"]) == (-2, 3, -1)
    assert ("latte", "void") in books(lan)[2]
    reverse.reverse_event(f"r0:{order}", reason="x", by="staff:1", now=clock.now())
    assert ("latte", "issued") in books(lan)[2], "undone: the card is full again"
    assert verify_books.verify().differences == ()


def test_vouchers_of_rules_go_when_nothing_is_left(shop: Any, lan: Any) -> None:
    order = order_id()
    record(shop, sale(lan, order), now=MONDAY)
    record(shop, back(order, lines=[0]), now=MONDAY)
    assert ("ten", "issued") in books(lan)[2], "conditions are not judged again"
    record(shop, back(order, 2, lines=[1]), now=MONDAY)
    assert ("ten", "void") in books(lan)[2]


def test_an_undone_sale_and_its_returns_take_once(shop: Any, lan: Any) -> None:
    order = order_id()
    record(shop, sale(lan, order), now=MONDAY)
    record(shop, back(order, lines=[0]), now=MONDAY)
    reverse.reverse_event(f"s:{order}", reason="x", by="staff:1", now=clock.now())
    empty = books(lan)[0]
    assert told(record(shop, back(order, 2), now=MONDAY)[0])["effects"] == []
    assert books(lan)[0] == empty == {("kept", "member"): 1}


def test_returns_of_a_sale_without_a_member_wait_for_its_claim(shop: Any, lan: Any) -> None:
    order = order_id()
    record(shop, sale(None, order), now=MONDAY)
    done = record(shop, back(order, lines=[0]), now=MONDAY)[0]
    assert (done.status, told(done)["member_id"]) == ("applied", None)
    claim.claim(f"s:{order}", ("id", str(lan.id)), by="key:1", now=clock.now())
    held = ledger.balances(lan.id, ["points"], at=clock.now())["points"]
    assert held.available == 4 + 3, "15 × 40,000 ÷ 150,000, and the cake"
    assert verify_books.verify().differences == ()


def test_a_quote_says_what_would_come_back_and_changes_nothing(shop: Any, lan: Any) -> None:
    from ganbo.books.events import reading

    order = order_id()
    record(shop, sale(lan, order), now=MONDAY)
    before = books(lan)
    pipe = Pipeline.open(**connection_parameters())
    asked = [reading.read(back(order, lines=[1]), region="VN")]
    quoted = orjson.loads(quote.quote(pipe, Asked(shop, MONDAY), [Wish(request) for request in asked])[0].answer or "")
    pipe.close()
    assert quoted["refunded"] == {"amount": 40_000, "in_money": 40_000, "currency": "VND"}
    assert quoted["balances_after"]["points"]["available"] == 18 - 4 - 3
    assert books(lan) == before
    done = told(record(shop, back(order, lines=[1]), now=MONDAY)[0])
    assert (done["effects"], done["because"]) == (quoted["effects"], quoted["because"])


def test_points_that_ended_unused_count_as_taken_back(shop: Any, lan: Any) -> None:
    """Earned in a year of their own; the night after their end they are gone, and the return costs no later points."""
    old, new, day = order_id(), order_id(), MONDAY - timedelta(days=400)
    cup = [LINES[0] | {"sku": "cup", "category": "china"}]
    told(record(shop, sale(lan, old, lines=cup, occurred_at=day.isoformat()), now=MONDAY, backfill=True)[0])
    while expire_points.expire_some(at=MONDAY):
        pass
    told(record(shop, sale(lan, new, lines=cup), now=MONDAY)[0])
    before = books(lan)
    done = told(record(shop, back(old, lines=[{"line": 0, "quantity": 1}]), now=MONDAY)[0])
    assert [(e["wallet"], e["amount"]) for e in done["effects"] if e["kind"] == "wallet"] == [
        ("points", -6),
        ("deep", -55),
    ]
    held = ledger.balances(lan.id, ["points"], at=MONDAY)["points"]
    assert (held.available, held.owed) == (11, 0), "those of the later sale"
    shown = [line for line in ledger.lines(lan.id, ["points"], most=50) if line.cause.startswith("r0")]
    assert shown == [], "nothing moved that a member would see"
    reverse.reverse_event(f"r0:{old}", reason="x", by="staff:1", now=clock.now())
    assert books(lan)[:2] == before[:2], "undone, they have ended again"
    told(record(shop, back(old, 2), now=MONDAY)[0])
    assert ledger.balances(lan.id, ["points"], at=MONDAY)["points"].available == 11
    assert verify_books.verify().differences == ()
