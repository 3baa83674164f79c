"""A quote proposes the best vouchers; the sale recorded as proposed costs, uses and earns exactly what was quoted."""

import inspect
import re
from collections import Counter
from contextlib import closing
from datetime import timedelta
from random import Random
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection, transaction

from ganbo.books.events.body import Purchase
from ganbo.books.events.reading import FieldsRefused
from ganbo.engine import basket, stacking
from ganbo.features.programmes import voucher_sentences
from ganbo.features.rewards import batches, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import codes, guessing, join, make_vouchers, offering, quote, sell, using_codes, verify_books
from ganbo.journeys.codes import Typed
from ganbo.journeys.record_events import Asked
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: quotes
name: Mã
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 1000, of: net}}
  - {id: any, on: custom.gift, when: event.reward == "ten", give: {voucher: ten}}
  - {id: all, on: custom.gift, when: event.reward == "fifth", give: {voucher: fifth}}
  - {id: half, on: custom.gift, when: event.reward == "cake-half", give: {voucher: cake-half}}
  - {id: off, on: custom.gift, when: event.reward == "thirty", give: {voucher: thirty}}
  - {id: cup, on: custom.gift, when: event.reward == "latte", give: {voucher: latte}}
  - {id: cups, on: custom.gift, when: event.reward == "lattes", give: {voucher: lattes}}
  - {id: send, on: custom.gift, when: event.reward == "delivery", give: {voucher: delivery}}
  - {id: only, on: custom.gift, when: event.reward == "alone", give: {voucher: alone}}
  - {id: big, on: custom.gift, when: event.reward == "big", give: {voucher: big}}
  - {id: bag, on: custom.gift, when: event.reward == "tote", give: {voucher: tote}}
  - {id: money, on: custom.gift, when: event.reward == "card", give: {voucher: card}}
  - {id: teas, on: custom.gift, when: event.reward == "two-teas", give: {voucher: two-teas}}
stamp_cards:
  - {id: coffee, name: Thẻ cà phê, on: purchase, lines: 'line.category == "latte"', count: unit, size: 10, reward: latte, repeat: true}
rewards:
  - {id: ten, name: {vi: Giảm 10 %, en: 10 % off}, kind: discount, percent: 10, valid_days: 30}
  - {id: fifth, kind: discount, percent: 20, base: discounted, max: 20000}
  - {id: cake-half, kind: discount, percent: 50, base: initial, lines: 'line.category == "cake" && line.net >= 40000'}
  - {id: two-teas, kind: discount, amount: 7001, lines: 'line.sku == "tea" && line.quantity >= 2'}
  - {id: thirty, kind: discount, amount: 30000}
  - {id: latte, name: {vi: 1 latte miễn phí, en: a latte}, kind: free_item, sku: latte}
  - {id: lattes, kind: free_item, sku: latte, uses: 3}
  - {id: delivery, kind: free_delivery}
  - {id: alone, name: {vi: Giảm 40 %, en: 40 % off}, kind: discount, percent: 40, stacking: exclusive}
  - {id: big, name: {vi: Giảm 50 %, en: 50 % off}, kind: discount, percent: 50, min_order: 500000}
  - {id: tote, name: {vi: Túi vải, en: a tote bag}, kind: gift}
  - {id: card, name: {vi: Thẻ quà tặng, en: a gift card}, kind: gift_card, amount: 25000}
"""
REWARDS = [
    "ten", "fifth", "cake-half", "two-teas", "thirty", "latte", "lattes", "delivery", "alone", "big", "tote", "card",
]  # fmt: skip


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


def somebody(*rewards: str) -> str:
    """A new member who holds vouchers for these."""
    member = str(join.join(Person(phone=f"+849{chance.digits(8)}", locale="en"), at=clock.now()).member_id)
    for reward in rewards:
        at = (clock.now() - timedelta(minutes=1)).isoformat()
        gift = {"id": f"g:{chance.new_id()}", "type": "custom.gift", "occurred_at": at, "member": member}
        assert record(context.current(), gift | {"data": {"reward": reward}})[0].status == "applied"
    return member


def sale(member: str | None, *lines: dict[str, Any], **data: Any) -> dict[str, Any]:
    return {
        "id": f"s:{chance.new_id()}", "type": "purchase", "occurred_at": clock.now().isoformat(), "store": "hue",
        "data": {"lines": list(lines), **data},
    } | ({"member": member} if member else {})  # fmt: skip


def line(sku: str, price: int, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "category": sku, "quantity": quantity, "unit_price": price, **more}


def quoted(shop: Any, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    outcome = sell.quote(shop, body | more, now=clock.now())
    assert outcome.refusal is None, outcome.refusal
    return orjson.loads(outcome.answer or "")


def used(answer: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """voucher → how often, and what a gift card pays."""
    money = {v["voucher_id"]: v["takes_off"]["amount"] for v in answer["vouchers"] if v.get("kind") == "gift_card"}
    return {v["voucher_id"]: (v["times"], money.get(v["voucher_id"], 0)) for v in answer["vouchers"] if v["used"]}


def consumed(recorded: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {e["voucher_id"]: (e["times"], e["amount"]) for e in recorded["effects"] if e["kind"] == "voucher_used"}


def plain(effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Effects without the ids of new vouchers, and without what was used."""
    return [{k: v for k, v in e.items() if k != "voucher_id"} for e in effects if e["kind"] != "voucher_used"]


def sell_as_proposed(shop: Any, body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    Purchase.model_validate(answer["sale"])
    outcome = record(shop, body | {"data": answer["sale"]})[0]
    assert outcome.status == "applied", (outcome.refusal, answer)
    return orjson.loads(outcome.answer or "")


def test_a_discount_then_a_gift_card_each_with_its_sentence(shop: Any) -> None:
    lan = somebody("ten", "latte", "big", "card")
    answer = quoted(shop, sale(lan, line("latte", 55_000, 2), line("cake", 40_000)))
    price = {name: answer["price"][name]["amount"] for name in ("before", "off", "gift_cards", "to_pay")}
    assert price == {"before": 150_000, "off": 64_500, "gift_cards": 25_000, "to_pay": 60_500}
    told = [(v["reward"], v["used"], v["because"] or v["because_not"]) for v in answer["vouchers"]]
    assert told == [
        ("latte", True, "a latte: 55,000 ₫ off."),
        ("ten", True, "10 % off: 9,500 ₫ off."),
        ("card", True, "a gift card pays 25,000 ₫."),
        ("big", False, "50 % off needs a bill from 500,000 ₫: 350,000 ₫ are missing."),
    ]
    lines = {v["reward"]: [(row["line"], row["takes_off"]["amount"]) for row in v["lines"]] for v in answer["vouchers"]}
    assert lines["ten"] == [(0, 5_500), (1, 4_000)]
    assert [(row["quantity"], row.get("discount", 0)) for row in answer["sale"]["lines"]] == [
        (1, 5_500), (1, 55_000), (1, 4_000),
    ]  # fmt: skip
    stamped = [e["added"] for e in answer["effects"] if e["kind"] == "stamp"]
    assert stamped == [1], "the free cup stamps nothing"


def test_selling_as_quoted_costs_uses_and_earns_what_was_quoted(shop: Any) -> None:
    for seed in range(30):
        random = Random(seed)
        lan = somebody(*random.choices(REWARDS, k=random.randint(0, 5)))
        for _ in range(2):
            _agree(shop, some_sale(random, lan), seed)
    assert verify_books.verify().differences == ()


def some_sale(random: Random, member: str) -> dict[str, Any]:
    skus = random.sample(["latte", "cake", "tea"], random.randint(1, 3))
    lines = [line(sku, random.choice([0, 35_001, 55_000, 99_999]), random.randint(1, 3)) for sku in skus]
    lines += random.sample([line("beans", 200_000, "0.35"), line("latte", 45_000)], random.randint(0, 1))
    whole = sum(basket.order_of({"lines": [one]}, "VND").gross for one in lines)
    off, shipping = random.choice([0, min(10_001, whole)]), random.choice([0, 20_000])
    return sale(member, *lines, discount=off, shipping=shipping, order_id=chance.digits(12))


def _agree(shop: Any, body: dict[str, Any], seed: int) -> None:
    answer = quoted(shop, body)
    recorded = sell_as_proposed(shop, body, answer)
    total = basket.order_of(answer["sale"], "VND").total
    assert total == answer["price"]["to_pay"]["amount"] + answer["price"]["gift_cards"]["amount"], seed
    assert consumed(recorded) == used(answer), seed
    assert plain(recorded["effects"]) == plain(answer["effects"]), seed
    assert recorded["balances"] == answer["balances_after"], seed
    assert all(bool(v["because"]) == v["used"] != bool(v["because_not"]) for v in answer["vouchers"]), seed


def test_a_bare_amount_is_quoted_too(shop: Any) -> None:
    lan = somebody("ten", "card")
    body = sale(lan) | {"data": {"amount": 99_999, "discount": 4_999}}
    answer = quoted(shop, body)
    assert answer["sale"] | {"codes": []} == {"amount": 99_999, "discount": 4_999 + 9_500, "codes": []}
    assert answer["price"]["to_pay"]["amount"] == 95_000 - 9_500 - 25_000
    assert consumed(sell_as_proposed(shop, body, answer)) == used(answer)


def test_a_quote_changes_nothing(shop: Any) -> None:
    lan = somebody("ten", "card")
    body = sale(lan, line("latte", 55_000))
    first = quoted(shop, body)
    assert quoted(shop, body) == first
    assert {v.state for v in queries.vouchers_of(lan)} == {"issued"}


def test_only_the_given_codes_when_asked_so(shop: Any) -> None:
    lan = somebody("ten", "thirty")
    ten = next(v for v in queries.vouchers_of(lan) if v.reward == "ten")
    body = sale(lan, line("latte", 55_000), codes=[ten.code.lower()])
    answer = quoted(shop, body, vouchers="given")
    assert [(v["reward"], v["given"], v["used"], v["reason"]) for v in answer["vouchers"]] == [
        ("ten", 0, True, None), ("thirty", None, False, "not_asked"),
    ]  # fmt: skip
    assert answer["sale"]["codes"] == [ten.code.lower()]
    assert {v["reward"] for v in quoted(shop, body)["vouchers"] if v["used"]} == {"ten", "thirty"}
    with pytest.raises(FieldsRefused):
        quoted(shop, body, vouchers="all")


def test_a_code_whose_goods_are_handed_over_is_used_when_it_is_given(shop: Any) -> None:
    lan = somebody("tote")
    held = queries.vouchers_of(lan)[0]
    body = sale(lan, line("latte", 55_000))
    assert [(v["used"], v["reason"]) for v in quoted(shop, body)["vouchers"]] == [(False, "no_price")]
    given = body | {"data": body["data"] | {"codes": [held.code]}}
    answer = quoted(shop, given)
    assert [(v["used"], v["because"]) for v in answer["vouchers"]] == [(True, "a tote bag is handed over.")]
    assert consumed(sell_as_proposed(shop, body, answer)) == {str(held.id): (1, 0)}


def test_somebody_elses_code_is_not_told_apart_from_none_and_vain_tries_count(shop: Any) -> None:
    theirs = queries.vouchers_of(somebody("ten"))[0].code
    lan = somebody()
    body = sale(lan, line("latte", 55_000), codes=[theirs, "0000-0000-0000-0"])
    rows = quoted(shop, body)["vouchers"]
    assert len({(r["reason"], r["because_not"], r.get("name"), r.get("voucher_id")) for r in rows}) == 1
    assert rows[0]["reason"] == "codes.not_valid"
    for _ in range(4):
        quoted(shop, body)
    outcome = sell.quote(shop, body, now=clock.now())
    assert isinstance(outcome.refusal, guessing.TooManyTries), "ten in a minute, then a wait"


def test_bearers_codes_serve_a_sale_without_a_member(shop: Any) -> None:
    with transaction.atomic():  # a worker of another test cannot be at it too
        batch = make_vouchers.order(make_vouchers.Wanted("ten", 2), now=clock.now())
        while make_vouchers.make_some(at=clock.now()):
            pass
    code = next(iter(batches.all_codes(batch, key=settings.CODE_KEY)))
    body = sale(None, line("cake", 40_000), codes=[code])
    answer = quoted(shop, body)
    assert (answer["price"]["to_pay"]["amount"], answer["vouchers"][0]["kind"]) == (36_000, "coupon")
    assert sum(times for times, _ in consumed(sell_as_proposed(shop, body, answer)).values()) == 1


def test_what_was_redeemed_before_for_the_order_stays_usable(shop: Any) -> None:
    lan = somebody("ten")
    held = queries.vouchers_of(lan)[0]
    codes.redeem(Typed(held.code, held.member_id, None, cause="order:77"), locale="vi", now=clock.now())
    body = sale(lan, line("latte", 55_000), codes=[held.code], order_id="77")
    answer = quoted(shop, body)
    assert answer["price"]["to_pay"]["amount"] == 49_500
    assert consumed(sell_as_proposed(shop, body, answer)) == {str(held.id): (1, 0)}
    other = body | {"id": f"s:{chance.new_id()}", "data": body["data"] | {"order_id": "78"}}
    assert [v["reason"] for v in quoted(shop, other)["vouchers"]] == ["codes.used"], "not for another order"


def test_one_members_vouchers_never_show_on_anothers_quote_of_the_same_batch(shop: Any) -> None:
    bodies = [sale(somebody("ten"), line("latte", 55_000)), sale(somebody("thirty"), line("latte", 55_000))]
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        wishes = [quote.read(body, region="VN") for body in bodies]
        answers = [orjson.loads(o.answer or "") for o in quote.quote(pipe, Asked(shop, clock.now()), wishes)]
    assert [[v["reward"] for v in a["vouchers"]] for a in answers] == [["ten"], ["thirty"]]


def test_the_first_to_end_is_used_first(shop: Any) -> None:
    lan = somebody("latte", "latte")
    first, second = (v.id for v in queries.vouchers_of(lan))
    with connection.cursor() as cursor:
        at = clock.now() + timedelta(days=3)
        cursor.execute("UPDATE rewards_voucher SET expires_at = %s WHERE id = %s", [at, second])
    answer = quoted(shop, sale(lan, line("latte", 55_000)))
    assert Counter(v["voucher_id"] for v in answer["vouchers"] if v["used"]) == {str(second): 1}
    assert [v["because_not"] for v in answer["vouchers"] if v["voucher_id"] == str(first)] == [
        "a latte would take nothing more off."
    ]


def test_every_reason_has_its_words() -> None:
    source = "".join(inspect.getsource(module) for module in (using_codes, stacking, offering))
    reasons = set(re.findall(r'(?:Wrong|Misfit|_leave_own)\((?:ones, )?"([a-z_.]+)"', source))
    reasons |= set(
        re.findall(r'"([a-z_]+)"', inspect.getsource(stacking.why_unused).partition('"""')[2].partition('"""')[2])
    )
    assert reasons >= {"codes.min_order", "codes.used", "not_asked", "beside", "adds_nothing"}, (
        "the search still finds them"
    )
    assert reasons == set(voucher_sentences.REASONS)
