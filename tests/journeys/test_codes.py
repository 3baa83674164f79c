"""Codes on orders and in the one box: used once, by whom they belong to, and back again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection

from ganbo.books.events import reading
from ganbo.books.events.reading import FieldsRefused
from ganbo.features.rewards import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import codes, join, record_all, reverse, verify_books
from ganbo.journeys.codes import Typed
from ganbo.journeys.record_events import Asked
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import purchase, record

PROGRAMME = """\
ganbo: 1
programme: codes
name: Mã
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: thanks, on: review, give: {voucher: ten}}
  - {id: twice, on: visit, give: {voucher: wash}}
  - {id: card, on: subscribe, give: {voucher: our-card}}
  - {id: only, on: share, give: {voucher: alone}}
  - {id: next, on: purchase, when: order.net == 77777, give: {voucher: later}}
rewards:
  - {id: ten, kind: discount, percent: 10, min_order: 50000, valid_days: 30}
  - {id: wash, kind: upgrade, uses: 3}
  - {id: our-card, kind: gift_card, amount: 200000}
  - {id: alone, kind: discount, amount: 20000, stacking: exclusive, lines: 'line.category == "tea"'}
  - {id: later, kind: discount, amount: 5000, valid: {from: next_order}}
"""


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


def somebody() -> Any:
    return join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now())


def given(shop: Any, member: Any, type: str, **more: Any) -> Any:
    """The voucher an event gives."""
    outcome = record(shop, event(member, type, **more))[0]
    assert outcome.status == "applied", outcome.refusal
    return queries.vouchers_of(member.member_id)[0]


def event(member: Any, type: str, **more: Any) -> dict[str, Any]:
    at = (clock.now() - timedelta(minutes=1)).isoformat()
    return {"id": f"e:{chance.new_id()}", "type": type, "occurred_at": at, "member": str(member.member_id)} | more


def order(member: Any, *typed: str, amount: int = 100_000, **data: Any) -> dict[str, Any]:
    who = {"member": str(member.member_id)} if member else {"member": None}
    return purchase(None) | who | {"data": {"amount": amount, "codes": list(typed)} | data}


def problems(outcome: Any) -> list[tuple[str, str]]:
    assert outcome.status == "refused"
    return [(p.field, p.code) for p in outcome.refusal.problems]


def test_a_code_is_used_with_its_order_once(shop: Any) -> None:
    lan = somebody()
    voucher = given(shop, lan, "review")
    sale = order(lan, voucher.code.lower().replace("-", " "))
    first, again = record(shop, sale)[0], record(shop, sale)[0]
    assert (first.status, again.status) == ("applied", "replayed")
    used = [e for e in orjson.loads(first.answer)["effects"] if e["kind"] == "voucher_used"]
    assert [(u["voucher_id"], u["times"]) for u in used] == [(str(voucher.id), 1)]
    assert problems(record(shop, order(lan, voucher.code))[0]) == [("data.codes.0", "codes.used")]
    assert queries.vouchers_of(lan.member_id)[0].state == "used"
    assert verify_books.verify().differences == ()


def test_the_log_of_events_holds_no_code(shop: Any) -> None:
    lan = somebody()
    voucher = given(shop, lan, "review")
    sale = order(lan, voucher.code)
    record(shop, sale)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM events_event WHERE event_id = %s", [sale["id"]])
        body = cursor.fetchone()[0]
    assert orjson.loads(body)["codes"] == [f"voucher:{voucher.id}"]


@pytest.mark.parametrize(
    ("who", "amount", "code", "why"),
    [
        ("other", 100_000, "codes.not_valid", "who is not the holder hears nothing of the code"),
        ("nobody", 100_000, "codes.not_valid", "a member's voucher needs its member"),
        ("holder", 49_999, "codes.min_order", "the order is too small"),
        ("expired", 100_000, "codes.expired", "the holder is told that it has ended"),
    ],
)
def test_a_code_that_does_not_fit_refuses_the_order(shop: Any, who: str, amount: int, code: str, why: str) -> None:
    lan = somebody()
    voucher = given(shop, lan, "review")
    if who == "expired":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE rewards_voucher SET expires_at = %s WHERE id = %s",
                [clock.now() - timedelta(days=1), voucher.id],
            )
    asking = {"other": somebody(), "nobody": None}.get(who, lan)
    outcome = record(shop, order(asking, voucher.code, amount=amount))[0]
    assert problems(outcome) == [("data.codes.0", code)], why
    assert queries.vouchers_of(lan.member_id)[0].state == "issued"


def test_from_the_next_order_on(shop: Any) -> None:
    lan = somebody()
    sale = event(lan, "purchase", data={"amount": 77_777})
    record(shop, sale)
    code = queries.vouchers_of(lan.member_id)[0].code
    same = order(lan, code) | {"occurred_at": sale["occurred_at"]}
    assert problems(record(shop, same)[0]) == [("data.codes.0", "codes.not_yet")]
    assert record(shop, order(lan, code))[0].status == "applied"


def test_exclusive_stands_alone_and_lines_must_match(shop: Any) -> None:
    lan = somebody()
    ten, alone = given(shop, lan, "review"), given(shop, lan, "share")
    tea = [{"sku": "t", "category": "tea", "quantity": 1, "unit_price": 60_000}]
    cake = [{"sku": "c", "category": "cake", "quantity": 1, "unit_price": 60_000}]
    both = order(lan, ten.code, alone.code) | {"data": {"lines": tea, "codes": [ten.code, alone.code]}}
    assert problems(record(shop, both)[0]) == [("data.codes.1", "codes.exclusive")]
    no_tea = order(lan) | {"data": {"lines": cake, "codes": [alone.code]}}
    assert problems(record(shop, no_tea)[0]) == [("data.codes.0", "codes.no_line")]
    fine = order(lan) | {"data": {"lines": tea, "codes": [alone.code]}}
    assert record(shop, fine)[0].status == "applied"


def test_several_uses_and_no_more(shop: Any) -> None:
    lan = somebody()
    wash = given(shop, lan, "visit")
    assert record(shop, order(lan, wash.code, wash.code))[0].status == "applied"
    assert problems(record(shop, order(lan, wash.code, wash.code))[0])[0][1] == "codes.used", "one use is left"
    assert record(shop, order(lan, f"voucher:{wash.id}"))[0].status == "applied"
    assert queries.vouchers_of(lan.member_id)[0].state == "used"
    assert verify_books.verify().differences == ()


def test_a_gift_card_pays_in_parts(shop: Any) -> None:
    lan = somebody()
    card = given(shop, lan, "subscribe")
    part = order(lan, card.code, paid=[{"with": "gift_card", "amount": 60_000}, {"with": "cash", "amount": 40_000}])
    assert record(shop, part)[0].status == "applied"
    assert record(shop, order(lan, card.code, amount=90_000))[0].status == "applied", "all that fits"
    short = order(lan, card.code, paid=[{"with": "gift_card", "amount": 100_000}])
    assert problems(record(shop, short)[0]) == [("data.codes.0", "codes.gift_card_short")]
    assert record(shop, order(lan, card.code, amount=50_000))[0].status == "applied"
    assert queries.vouchers_of(lan.member_id)[0].state == "used"
    assert verify_books.verify().differences == ()


def test_a_card_paid_sale_never_comes_back_twice(shop: Any) -> None:
    """60,000 of 100,000 from a card: money comes back first and only what was paid with money; the rest is the card's."""
    lan = somebody()
    card = given(shop, lan, "subscribe")
    paid = [{"with": "gift_card", "amount": 60_000}, {"with": "cash", "amount": 40_000}]
    sale = order(lan, card.code, paid=paid, order_id=chance.digits(8))
    assert record(shop, sale)[0].status == "applied"
    asked = [{"amount": 30_000}, {"amount": 30_000}, {}]
    got = [orjson.loads(told(shop, returned(shop, sale, **one)).answer)["refunded"] for one in asked]
    assert [(one["amount"], one["in_money"]) for one in got] == [(30_000, 30_000), (30_000, 10_000), (40_000, 0)]
    (held,) = queries.vouchers_of(lan.member_id)
    assert (held.state, held.money_left) == ("issued", 200_000), "the card has everything again"
    assert verify_books.verify().differences == ()


def returned(shop: Any, sale: dict[str, Any], **data: Any) -> dict[str, Any]:
    body = {"id": f"r:{chance.new_id()}", "type": "refund", "occurred_at": clock.now().isoformat()}
    return body | {
        "member": sale["member"],
        "store": sale.get("store"),
        "data": {"order_id": sale["data"]["order_id"]} | data,
    }


def told(shop: Any, body: dict[str, Any]) -> Any:
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        asked = Asked(shop, clock.now())
        return record_all.record(pipe, asked, [reading.read(body, region="VN")])[0]


def states(member: Any) -> set[str]:
    return {v.state for v in queries.vouchers_of(member.member_id)}


def test_what_an_order_used_comes_back_with_all_of_it(shop: Any) -> None:
    lan = somebody()
    ten, card = given(shop, lan, "review"), given(shop, lan, "subscribe")
    sale = order(lan, ten.code, card.code, amount=120_000)
    sale["data"]["order_id"] = "R1"
    assert told(shop, sale).status == "applied"
    assert told(shop, returned(shop, sale, amount=100_000)).status == "applied"
    assert states(lan) == {"used", "issued"}, "part of the order keeps its vouchers"
    cancel = returned(shop, sale)
    answer = orjson.loads(told(shop, cancel).answer)
    back = [e for e in answer["effects"] if e["kind"] == "voucher"]
    assert {(e["voucher_id"], e["state"]) for e in back} == {(str(ten.id), "issued"), (str(card.id), "issued")}
    assert states(lan) == {"issued"}
    assert verify_books.verify().differences == ()
    reverse.reverse_event(cancel["id"], reason="slip", by="tests", now=clock.now())
    assert queries.by_code(ten.code).state == "used", "the return was undone, so the order has its vouchers again"
    assert verify_books.verify().differences == ()
    told(shop, returned(shop, sale))
    assert told(shop, order(lan, ten.code, card.code, amount=200_000)).status == "applied", "the whole card again"
    assert verify_books.verify().differences == ()


def test_a_voucher_used_elsewhere_stays_there_when_the_return_is_undone(shop: Any) -> None:
    lan = somebody()
    ten = given(shop, lan, "review")
    sale = order(lan, ten.code)
    sale["data"]["order_id"] = "R2"
    told(shop, sale)
    cancel = returned(shop, sale)
    told(shop, cancel)
    assert told(shop, order(lan, ten.code)).status == "applied"
    reverse.reverse_event(cancel["id"], reason="slip", by="tests", now=clock.now())
    assert verify_books.verify().differences == ()


def test_a_return_that_was_there_first_gives_the_voucher_back_at_once(shop: Any) -> None:
    lan = somebody()
    ten = given(shop, lan, "review")
    sale = order(lan, ten.code)
    sale["data"]["order_id"] = "R3"
    assert told(shop, returned(shop, sale)).status == "parked"
    assert told(shop, sale).status == "applied"
    assert states(lan) == {"issued"}
    assert verify_books.verify().differences == ()


def test_redeem_is_taken_over_by_its_sale(shop: Any) -> None:
    lan = somebody()
    ten = given(shop, lan, "review")
    wish = Typed(ten.code, lan.member_id, None, "order:A7")
    for _ in range(2):
        assert codes.redeem(wish, locale="vi", now=clock.now())["state"] == "redeemed"
    with pytest.raises(FieldsRefused):
        codes.redeem(Typed(ten.code, lan.member_id, None, "order:A8"), locale="vi", now=clock.now())
    assert record(shop, order(lan, ten.code, order_id="A7"))[0].status == "applied"
    with pytest.raises(codes.NotRedeemed):
        codes.release(wish, now=clock.now())
    assert verify_books.verify().differences == ()


def test_release_gives_back_once(shop: Any) -> None:
    lan = somebody()
    ten = given(shop, lan, "review")
    wish = Typed(ten.code, lan.member_id, None, "order:B1")
    codes.redeem(wish, locale="vi", now=clock.now())
    assert codes.release(wish, now=clock.now())["released"] == {"times": 1, "amount": 0}
    with pytest.raises(codes.NotRedeemed):
        codes.release(wish, now=clock.now())
    assert codes.redeem(wish, locale="vi", now=clock.now())["state"] == "redeemed"
    assert verify_books.verify().differences == ()


def test_a_reservation_ends_by_itself(shop: Any) -> None:
    """Kept for its order meanwhile; then anybody's at once, before anybody books it; the late sale uses it anew if it can."""
    lan = somebody()
    ten, card = given(shop, lan, "review"), given(shop, lan, "subscribe")

    def reserve(typed: str, order: str, **more: Any) -> dict[str, Any]:
        lasts = timedelta(hours=1)
        wish = Typed(typed, lan.member_id, None, f"order:{order}", lasts=lasts, **more)
        return codes.redeem(wish, locale="vi", now=clock.now())

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE rewards_use SET until = clock_timestamp() WHERE until IS NOT NULL")

    assert reserve(ten.code, "C1")["reserved_until"]
    assert reserve(card.code, "C1", pays=150_000)["left"]["amount"] == 50_000
    later = Typed(ten.code, lan.member_id, None, "order:C2")
    assert codes.check(later, locale="vi", now=clock.now())["usable"] is False
    end()
    assert codes.check(later, locale="vi", now=clock.now())["usable"] is True
    assert record(shop, order(lan, ten.code, order_id="C3"))[0].status == "applied"
    assert problems(record(shop, order(lan, ten.code, order_id="C1"))[0]) == [("data.codes.0", "codes.used")]
    assert codes.release_some(at=clock.now()) == 1
    assert codes.release_some(at=clock.now()) == 0
    with pytest.raises(codes.NotRedeemed):
        codes.release(Typed(card.code, lan.member_id, None, "order:C1"), now=clock.now())
    assert reserve(card.code, "C4", pays=200_000)["left"]["amount"] == 0
    paid = [{"with": "gift_card", "amount": 100_000}]
    sale = record(shop, order(lan, card.code, order_id="C4", paid=paid))[0]
    assert sale.status == "applied", "in time: the sale takes it over, and it does not end any more"
    end()
    assert codes.release_some(at=clock.now()) == 0
    assert verify_books.verify().differences == ()


def test_the_box_tells_the_reason_only_to_whom_it_concerns(shop: Any) -> None:
    lan, minh = somebody(), somebody()
    ten = given(shop, lan, "review")
    record(shop, order(lan, ten.code))
    asked = {
        who: codes.check(Typed(ten.code, member, None), locale="vi", now=clock.now(), trusted=trusted)["reason"].code
        for who, member, trusted in (
            ("holder", lan.member_id, False),
            ("other", minh.member_id, False),
            ("till", None, True),
        )
    }
    assert asked == {"holder": "codes.used", "other": "codes.not_valid", "till": "codes.other_holder"}
    unknown = codes.check(Typed("no such code", minh.member_id, None), locale="vi", now=clock.now())
    assert unknown == {"usable": False, "reason": unknown["reason"]}, "the same for a code that never was"
    assert unknown["reason"].code == "codes.not_valid"


def test_guessing_with_orders_must_wait(shop: Any) -> None:
    lan = somebody()
    tries = [record(shop, order(lan, f"GUESS{n}"))[0].refusal.code for n in range(12)]
    assert tries == ["fields.refused"] * 10 + ["too_fast"] * 2
    ten = given(shop, lan, "review")
    elsewhere = order(lan, ten.code) | {"store": "another"}
    assert record(shop, elsewhere)[0].status == "applied", "another terminal is not concerned"


def test_one_code_on_many_orders_at_once(shop: Any) -> None:
    lan = somebody()
    wash = given(shop, lan, "visit")
    sales = [order(lan, wash.code) | {"store": f"s{n}"} for n in range(24)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda sale: record(shop, sale)[0].status, sales))
    assert sorted(outcomes) == ["applied"] * 3 + ["refused"] * 21
    assert verify_books.verify().differences == ()


def test_one_gift_card_at_many_tills_at_once(shop: Any) -> None:
    lan = somebody()
    card = given(shop, lan, "subscribe")

    def pay(n: int) -> bool:
        with context.within(shop):
            try:
                wish = Typed(card.code, lan.member_id, None, f"order:{n}", pays=30_000)
                codes.redeem(wish, locale="vi", now=clock.now())
            except FieldsRefused:
                return False
            finally:
                connection.close()
            return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(pay, range(20))) == 6, "200,000 pay six times 30,000"
    assert verify_books.verify().differences == ()
