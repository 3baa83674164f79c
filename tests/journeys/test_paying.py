"""Points on the bill: burnt with the sale, refused in words, quoted as recorded, back exactly once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from django.db import connection

from ganbo.books.events.reading import FieldsRefused
from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, quote, reverse, verify_books
from ganbo.journeys.record_events import Asked
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import purchase, record

POINTS = "{name: {vi: điểm, en: points}, expires: {kind: end_of_month, months: 12}, returned: 10, pay: {%s}}"
PROGRAMME = """\
ganbo: 1
programme: paying
name: Trả điểm
currency: %(currency)s
timezone: Asia/Ho_Chi_Minh
wallets:
  points: %(points)s
  stars: {name: sao}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
earn:
  - {id: base, on: purchase, give: {wallet: stars, amount: 1, per: 100, of: net}}
  - {id: some, on: visit, give: {wallet: points, amount: 1000}}
  - {id: money, on: checkin, give: {wallet: card, amount: 80000}}
  - {id: gift, on: share, give: {voucher: our-card}}
  - {id: tenth, on: review, give: {voucher: ten}}
rewards:
  - {id: our-card, kind: gift_card, amount: %(gift)s}
  - {id: ten, kind: discount, percent: 10}
"""
PAYMENT = "rate: 100, min: 50, step: 10, max_share: 0.5, as: payment"
DISCOUNT = "rate: 100, min: 50, step: 10, max_share: 0.5, as: discount"


@pytest.fixture
def make(new_business: Any) -> Any:
    return lambda pay, currency="VND", gift=50_000: new_business(
        PROGRAMME % {"points": POINTS % pay, "currency": currency, "gift": gift}
    )


def somebody(shop: Any, *types: str) -> Any:
    """A member after these events: `visit` gives 1.000 points, `checkin` 80.000 ₫ on the card."""
    with context.within(shop):
        member = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    for type in types:
        body = {
            "id": f"e:{chance.new_id()}",
            "type": type,
            "occurred_at": clock.now().isoformat(),
            "member": str(member),
        }
        assert record(shop, body)[0].status == "applied"
    return member


def sale(member: Any, amount: int, *paid: tuple[str, int], **data: Any) -> dict[str, Any]:
    parts = {"paid": [{"with": way, "amount": money} for way, money in paid]} if paid else {}
    order = {"amount": amount, "order_id": f"o{chance.digits(9)}"}
    return purchase(None) | {"member": str(member) if member else None, "data": order | parts | data}


def held(member: Any, wallet: str = "points") -> int:
    return ledger.balances(member, [wallet], at=clock.now())[wallet].available


def refused(outcome: Any) -> list[tuple[str, str]]:
    assert outcome.status == "refused"
    return [(p.field, p.code) for p in outcome.refusal.problems]


def quoted(shop: Any, body: dict[str, Any], **wish: Any) -> dict[str, Any]:
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        wanted = quote.read({k: v for k, v in body.items() if v is not None} | wish, region="VN")
        outcome = quote.quote(pipe, Asked(shop, clock.now()), [wanted])[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    return orjson.loads(outcome.answer)


@pytest.mark.parametrize(
    ("pay", "amount", "data", "code", "why"),
    [
        (PAYMENT, 100_000, {"paid": [("points", 50_000), ("cash", 50_000)]}, None, "half the bill may be points"),
        (PAYMENT, 100_000, {"paid": [("points", 51_000), ("cash", 49_000)]}, "points.above_share", "half at most"),
        (PAYMENT, 100_000, {"paid": [("points", 4_000), ("cash", 96_000)]}, "points.below_min", "50 points at least"),
        (PAYMENT, 100_000, {"paid": [("points", 5_500), ("cash", 94_500)]}, "points.step", "ten at a time"),
        (PAYMENT, 100_000, {"points": {"amount": 50_000}}, "points.as_payment", "they pay, they are no discount"),
        (PAYMENT, 900_000, {"paid": [("points", 110_000), ("cash", 790_000)]}, "ledger.insufficient", "1.100 of 1.000"),
        (DISCOUNT, 100_000, {"points": {"amount": 50_000}}, None, "half the goods"),
        (DISCOUNT, 100_000, {"points": {"amount": 51_000}}, "points.above_share", "more than half"),
        (DISCOUNT, 100_000, {"points": {"amount": 120_000}}, "discount_too_large", "more than the goods"),
        (DISCOUNT, 100_000, {"discount": 20_000, "points": {"amount": 40_000}}, None, "half of what is left"),
        (DISCOUNT, 100_000, {"discount": 20_000, "points": {"amount": 41_000}}, "points.above_share", "of what is left"),
        (DISCOUNT, 100_000, {"paid": [("points", 50_000), ("cash", 50_000)]}, "points.as_discount", "the other way"),
    ],
)  # fmt: skip
def test_a_bill_is_paid_or_refused_and_nothing_half_written(
    make: Any, pay: str, amount: int, data: dict[str, Any], code: str | None, why: str
) -> None:
    shop = make(pay)
    lan = somebody(shop, "visit", "checkin")
    more = dict(data)
    paid = more.pop("paid", [])
    outcome = record(shop, sale(lan, amount, *paid, **more))[0]
    with context.within(shop):
        if code is None:
            assert outcome.status == "applied", (why, outcome.refusal)
            row = next(e for e in orjson.loads(outcome.answer)["effects"] if e["kind"] == "paid")
            assert held(lan) == 1_000 - row["amount"] == 1_000 - row["money"] // 100, why
        else:
            found = (
                [c for _, c in refused(outcome)]
                if isinstance(outcome.refusal, FieldsRefused)
                else [outcome.refusal.code]
            )
            assert found == [code], why
            assert (held(lan), held(lan, "card"), held(lan, "stars")) == (1_000, 80_000, 0), why
        assert not verify_books.verify().differences


@pytest.mark.parametrize("pay", [PAYMENT, DISCOUNT])
def test_what_points_never_pay_is_no_part_of_the_share(new_business: Any, pay: str) -> None:
    source = PROGRAMME % {"points": POINTS % pay, "currency": "VND", "gift": 50_000}
    shop = new_business(source + "never: {pay: [tobacco], why: {vi: Luật cấm, en: By law}}\n")
    lan = somebody(shop, "visit")
    lines = [
        {"sku": "cigarettes", "category": "tobacco", "quantity": 1, "unit_price": 100_000},
        {"sku": "cake", "category": "cake", "quantity": 1, "unit_price": 60_000},
    ]

    def bill(points: int, goods: Any) -> Any:
        body = sale(lan, 0)
        wish = {"points": {"amount": points}} if pay is DISCOUNT else {
            "paid": [{"with": "points", "amount": points},
                     {"with": "cash", "amount": sum(g["unit_price"] for g in goods) - points}]}  # fmt: skip
        data = {"lines": goods, "order_id": body["data"]["order_id"]} | wish
        return record(shop, body | {"data": data})[0]

    with context.within(shop):
        assert {code for _, code in refused(bill(40_000, lines))} == {"points.above_share"}, "half of the cake at most"
        assert {code for _, code in refused(bill(10_000, lines[:1]))} == {"points.above_share"}, "nothing of tobacco"
        assert held(lan) == 1_000
        assert bill(20_000, lines).status == "applied"
        assert held(lan) == 800
        assert not verify_books.verify().differences


@pytest.mark.parametrize(
    ("currency", "amount", "rate", "points", "off", "gift", "cash", "stars", "why"),
    [
        ("VND", 100_000, 100, 200, 10_000, 50_000, 20_000, 900, "100 − 10 % − 50 = 40, of it 20 points"),
        ("USD", 1_005, 1, 200, 100, 500, 205, 9, "cents: 10 % of 10.05 is 1.00, down"),
        ("JPY", 1_000, 1, 100, 100, 500, 300, 9, "no decimals"),
        ("KWD", 10_005, 10, 100, 1_000, 5_000, 3_005, 90, "three decimals"),
    ],
)  # fmt: skip
def test_the_three_way_bill(
    make: Any, currency: str, amount: int, rate: int, points: int, off: int, gift: int, cash: int, stars: int, why: str
) -> None:
    """Discount before gift card, points before cash, and stored value does not lessen what is earned."""
    shop = make(f"rate: {rate}", currency, gift)
    lan = somebody(shop, "visit", "review", "share")
    with context.within(shop):
        body = sale(lan, amount)
        bill = quoted(shop, body, points=points * rate)
        money = {name: bill["price"][name]["amount"] for name in ("before", "off", "points", "gift_cards", "to_pay")}
        assert money == {
            "before": amount, "off": off, "points": points * rate, "gift_cards": gift, "to_pay": cash
        }, why  # fmt: skip
        data = bill["sale"]
        assert data["paid"] == [
            {"with": "gift_card", "amount": gift}, {"with": "points", "amount": points * rate}, {"with": "cash", "amount": cash}
        ]  # fmt: skip
        outcome = record(shop, body | {"data": data})[0]
        assert outcome.status == "applied", outcome.refusal
        assert held(lan) == 1_000 - points
        assert held(lan, "stars") == stars == bill["balances_after"]["stars"]["available"], "stored value earns"
        assert not verify_books.verify().differences


def test_a_discount_of_points_earns_less_and_the_rest_may_be_all_that_earns(make: Any) -> None:
    shop = make(DISCOUNT)
    lan = somebody(shop, "visit")
    rest = make("rate: 100, earns_on_rest: true")
    minh = somebody(rest, "visit")
    with context.within(shop):
        record(shop, sale(lan, 100_000, points={"amount": 50_000}))
        assert (held(lan), held(lan, "stars")) == (500, 500)
    with context.within(rest):
        record(rest, sale(minh, 100_000, ("points", 50_000), ("cash", 50_000)))
        assert (held(minh), held(minh, "stars")) == (500, 500)


@pytest.mark.parametrize(
    ("pay", "amount", "asked", "most", "why"),
    [
        (PAYMENT, 100_000, {}, 50_000, "half the bill"),
        (PAYMENT, 900_000, {}, 100_000, "all there are"),
        (PAYMENT, 9_900, {}, 0, "half of it is less than the least"),
        (PAYMENT, 13_900, {}, 6_000, "69 points are 60 in tens"),
        (DISCOUNT, 100_000, {}, 50_000, "half the goods"),
        ("rate: 100", 60_000, {"paid": [("card_money", 20_000), ("cash", 40_000)]}, 40_000, "what else pays stays"),
    ],
)
def test_a_quote_says_how_much_points_could_pay(
    make: Any, pay: str, amount: int, asked: dict[str, Any], most: int, why: str
) -> None:
    shop = make(pay)
    lan = somebody(shop, "visit", "checkin")
    with context.within(shop):
        found = quoted(shop, sale(lan, amount, *asked.get("paid", [])))["points_payable"]
        assert (found["points"], found["amount"]["amount"]) == (most // 100, most), why
        if most and not asked:
            bill = quoted(shop, sale(lan, amount), points="most")
            assert bill["price"]["points"]["amount"] == most
            assert bill["price"]["to_pay"]["amount"] == amount - most
            assert record(shop, sale(lan, amount) | {"data": bill["sale"]})[0].status == "applied", why
            assert held(lan) == 1_000 - most // 100


def test_who_is_nobody_pays_with_nothing(make: Any) -> None:
    shop = make(PAYMENT)
    assert refused(record(shop, sale(None, 100_000, ("points", 50_000), ("cash", 50_000)))[0]) == [
        ("data.paid.0.amount", "points.member_needed")
    ]
    assert quoted(shop, sale(None, 100_000))["points_payable"]["points"] == 0


def test_what_paid_comes_back_last_and_once(make: Any) -> None:
    shop = make("rate: 100")
    lan = somebody(shop, "visit", "checkin")
    with context.within(shop):
        body = sale(lan, 100_000, ("cash", 40_000), ("card_money", 20_000), ("points", 40_000))
        assert record(shop, body)[0].status == "applied"
        assert (held(lan), held(lan, "card")) == (600, 60_000)
        ends = [row.expires_at for row in ledger.lot_rows(lan, ["points"])]

        def back(amount: int | None) -> Any:
            data = {"order_id": body["data"]["order_id"]} | ({"amount": amount} if amount else {})
            told = {"id": f"r:{chance.new_id()}", "type": "refund", "store": "hoan-kiem", "data": data}
            event = told | {"occurred_at": clock.now().isoformat()}
            outcome = record(shop, event)[0]
            assert outcome.status == "applied"
            assert record(shop, event)[0].status == "replayed"
            return event

        back(30_000)
        assert (held(lan), held(lan, "card")) == (600, 60_000), "money first"
        back(40_000)
        assert (held(lan), held(lan, "card")) == (700, 80_000), "then card money, then points"
        last = back(None)
        assert (held(lan), held(lan, "card")) == (1_000, 80_000), "all of it"
        assert [row.expires_at for row in ledger.lot_rows(lan, ["points"])] == ends, "with their own end"
        back(None)
        assert held(lan) == 1_000, "never twice"
        assert not verify_books.verify().differences
        told = reverse.reverse_event(last["id"], reason="till", by="tests", now=clock.now())
        assert held(lan) == 1_000, "another return still stands"
        assert not verify_books.verify().differences
        assert orjson.loads(told.answer)["paid_back"] == {}


def test_a_return_undone_takes_the_points_again_and_what_is_gone_is_owed(make: Any) -> None:
    shop = make("rate: 100")
    lan = somebody(shop, "visit")
    with context.within(shop):
        body = sale(lan, 60_000, ("points", 60_000))
        record(shop, body)
        done = reverse.reverse_event(body["id"], reason="till", by="tests", now=clock.now())
        assert orjson.loads(done.answer)["paid_back"] == {"points": 600}
        assert held(lan) == 1_000
        again = sale(lan, 60_000, ("points", 60_000))
        record(shop, again)
        refund = {"id": f"r:{chance.new_id()}", "type": "refund", "store": "hoan-kiem",
                  "occurred_at": clock.now().isoformat(), "data": {"order_id": again["data"]["order_id"]}}  # fmt: skip
        record(shop, refund)
        assert held(lan) == 1_000
        record(shop, sale(lan, 70_000, ("points", 70_000)))
        assert held(lan) == 300
        reverse.reverse_event(refund["id"], reason="till", by="tests", now=clock.now())
        balance = ledger.balances(lan, ["points"], at=clock.now())["points"]
        assert (balance.available, balance.owed) == (0, 300)
        assert not verify_books.verify().differences


def test_a_return_before_its_sale_gives_back_at_once(make: Any) -> None:
    shop = make("rate: 100")
    lan = somebody(shop, "visit")
    with context.within(shop):
        body = sale(lan, 60_000, ("points", 60_000))
        refund = {"id": f"r:{chance.new_id()}", "type": "refund", "store": "hoan-kiem",
                  "occurred_at": clock.now().isoformat(), "data": {"order_id": body["data"]["order_id"]}}  # fmt: skip
        assert record(shop, refund)[0].status == "parked"
        assert record(shop, body)[0].status == "applied"
        assert held(lan) == 1_000
        assert not verify_books.verify().differences


def test_what_no_wallet_pays_is_only_noted(new_business: Any) -> None:
    plain = PROGRAMME % {"points": "{name: điểm}", "currency": "VND", "gift": 1}
    shop = new_business(plain)
    lan = somebody(shop, "visit")
    with context.within(shop):
        assert record(shop, sale(lan, 50_000, ("points", 50_000)))[0].status == "applied"
        assert held(lan) == 1_000
        assert refused(record(shop, sale(lan, 50_000, points={"amount": 1}))[0]) == [
            ("data.points.amount", "points.not_payable")
        ]


def test_fifty_sales_at_once_never_pay_twice_with_the_same_points(make: Any) -> None:
    shop = make("rate: 100")
    lan = somebody(shop, "visit")
    bodies = [sale(lan, 10_000, ("points", 10_000)) for _ in range(50)]
    with ThreadPoolExecutor(50) as threads:
        outcomes = list(threads.map(lambda body: record(shop, body)[0], bodies))
    assert sorted(o.status for o in outcomes) == ["applied"] * 10 + ["refused"] * 40
    assert {o.refusal.code for o in outcomes if o.refusal} == {"ledger.insufficient"}
    with context.within(shop):
        assert held(lan) == 0
        assert not verify_books.verify().differences
    connection.close()


def test_points_that_end_first_pay_first_and_ended_ones_not(make: Any) -> None:
    shop = make("rate: 100")
    lan = somebody(shop)
    now = clock.now()
    for days in (80, 0):
        at = (now - timedelta(days=days)).isoformat()
        record(shop, {"id": f"e:{chance.new_id()}", "type": "visit", "occurred_at": at, "member": str(lan)})
    with context.within(shop):
        record(shop, sale(lan, 120_000, ("points", 120_000)))
        left = [(row.remaining, row.earned_month.month) for row in ledger.lot_rows(lan, ["points"]) if row.remaining]
        assert left == [(800, now.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).month)]
