"""Milestones and challenges on real PostgreSQL: given once, taken back unused, the same again, and at many tills together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from ganbo.books.events import queries as events
from ganbo.engine import loading
from ganbo.features.programmes import aims_view, terms, why
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import change_member, join, reverse, stories, verify_books
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: aims
name: Mốc
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: review, on: review, give: {by_tier: {silver: cake, gold: tumbler}}, limits: [{period: day, count: 1}]}
tiers:
  levels: [{id: bronze}, {id: silver, enter: {spend: 5000000}}, {id: gold, enter: {spend: 9000000}}]
milestones:
  of: spend
  steps:
    - {at: 100000, give: {voucher: ten}}
    - {at: 200000, give: {wallet: points, amount: 50}}
    - {at: 300000, give: {voucher: cake}}
challenges:
  - {id: brews, name: {vi: Bảy kiểu pha, en: Three brews}, from: 2020-01-01, until: 2099-04-01, needs: {distinct: sku, n: 3, lines: 'line.category == "coffee"'}, give: {voucher: tumbler}}
  - {id: over, until: 2020-01-02, needs: {count: 1}, give: {voucher: tumbler}}
rewards:
  - {id: ten, kind: discount, percent: 10}
  - {id: cake, kind: free_item, sku: cake}
  - {id: tumbler, name: {vi: bình giữ nhiệt, en: tumbler}, kind: gift}
examples:
  - story:
      - {event: {type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {lines: [{sku: latte, category: coffee, quantity: 4, unit_price: 55000}]}}}
      - {after: 1d, refund: {amount: 55000}, expect: {balances: {points: 16}, vouchers: {ten: 1}}}
      - {after: 1d, event: {type: purchase, data: {lines: [{sku: cold-brew, category: coffee, quantity: 1, unit_price: 50000}]}}}
    expect: {balances: {points: 71}, vouchers: {ten: 1}}
"""


def bill(member: str, amount: int, sku: str = "latte") -> dict[str, Any]:
    order = chance.digits(12)
    return {
        "id": f"s:{order}",
        "type": "purchase",
        "occurred_at": (clock.now() - timedelta(minutes=1)).isoformat(),
        "member": member,
        "store": "hue",
        "data": {
            "order_id": order,
            "lines": [{"sku": sku, "category": "coffee", "quantity": 1, "unit_price": amount}],
        },
    }


def back(sale: dict[str, Any], n: int = 0, **data: Any) -> dict[str, Any]:
    order = sale["data"]["order_id"]
    return {
        "id": f"r{n}:{order}", "type": "refund", "occurred_at": clock.now().isoformat(), "store": "hue",
        "data": {"order_id": order} | data,
    }  # fmt: skip


def told(shop: Any, body: dict[str, Any]) -> dict[str, Any]:
    outcome = record(shop, body)[0]
    assert outcome.status in ("applied", "replayed"), outcome.refusal
    return orjson.loads(outcome.answer)


def vouchers(member: str) -> list[tuple[str, str]]:
    return sorted((v.reward, v.state) for v in rewards.vouchers_of(member))


def available(answer: dict[str, Any]) -> int:
    return int(answer["balances"]["points"]["available"])


def test_one_bill_passes_several_steps_and_each_gives_once(shop: Any, lan: str) -> None:
    first = told(shop, bill(lan, 320_000))
    assert vouchers(lan) == [("cake", "issued"), ("ten", "issued")]
    assert available(first) == 32 + 50
    assert {"kind": "challenge", "challenge": "brews", "count": 1, "of": 3} in first["effects"]
    assert "Three brews: 1 of 3, from 1 January 2020 to 31 March 2099." in first["because"]
    assert "200,000 ₫ spent in all reached: you get 50 points." in first["because"]
    assert available(told(shop, bill(lan, 320_000))) == 32 + 50 + 32, "nothing is given a second time"
    assert len(vouchers(lan)) == 2
    assert verify_books.verify().differences == ()


def test_a_return_below_takes_the_unused_gift_and_passing_again_brings_the_same_one(shop: Any, lan: str) -> None:
    sale = bill(lan, 220_000)
    told(shop, sale)
    ids = [v.id for v in rewards.vouchers_of(lan)]
    answer = told(shop, back(sale, amount=150_000))
    assert (vouchers(lan), available(answer)) == ([("ten", "void")], 7), "70,000 are left: below both steps"
    again = told(shop, bill(lan, 200_000))
    assert (vouchers(lan), available(again)) == ([("ten", "issued")], 7 + 20 + 50)
    assert [v.id for v in rewards.vouchers_of(lan)] == ids, "no second voucher"
    assert {"kind": "voucher", "reward": "ten", "rule": "milestone:spend-100000", "state": "issued"} in again["effects"]
    assert verify_books.verify().differences == ()


def test_a_gift_that_was_used_stays_used(shop: Any, lan: str) -> None:
    sale = bill(lan, 100_000)
    told(shop, sale)
    used = bill(lan, 10_000, "tea")
    used["data"]["codes"] = [rewards.vouchers_of(lan)[0].code]
    used["data"]["lines"][0]["discount"] = 1_000
    told(shop, used)
    told(shop, back(sale))
    assert vouchers(lan) == [("ten", "used")]
    told(shop, bill(lan, 100_000))
    assert vouchers(lan) == [("ten", "used")], "it was given once for ever"


def test_a_challenge_goes_back_by_what_came_back_and_is_fulfilled_once(shop: Any, lan: str) -> None:
    sales = [bill(lan, 10_000, sku) for sku in ("latte", "mocha", "latte")]
    for sale in sales:
        told(shop, sale)
    told(shop, back(sales[0]))
    assert _have(lan) == 2, "a latte is left: the other one"
    told(shop, bill(lan, 10_000, "cold-brew"))
    assert vouchers(lan) == [("tumbler", "issued")]
    told(shop, back(sales[1]))
    assert (vouchers(lan), _have(lan)) == ([("tumbler", "void")], 2)
    reverse.reverse_event(f"r0:{sales[1]['data']['order_id']}", reason="x", by="staff:1", now=clock.now())
    assert vouchers(lan) == [("tumbler", "issued")]


def _have(member: str) -> int:
    row, programme = members.get(member), loading.load(PROGRAMME)
    assert row is not None
    rows = aims_view.of_member(row, programme, locale="en", day=clock.now().date())
    found = next(one for one in rows if one.kind == "challenge")
    assert (found.of, "until 31 March 2099" in found.note or found.done) == (3, True)
    assert not any(one.id == "over" for one in rows), "it is over"
    return found.have


def test_many_tills_at_once_give_each_gift_once(shop: Any, lan: str) -> None:
    bills = [bill(lan, 20_000, sku) for sku in ("latte", "mocha", "cold-brew", "tea") * 5]
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda body: told(shop, body), bills + bills[:10]))
    assert vouchers(lan) == [("cake", "issued"), ("ten", "issued"), ("tumbler", "issued")]
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda sale: told(shop, back(sale)), bills))
    assert {state for _, state in vouchers(lan)} == {"void"}
    assert verify_books.verify().differences == ()


def test_sales_and_returns_at_many_tills_end_where_they_began(shop: Any, lan: str) -> None:
    bills = [bill(lan, 70_000, sku) for sku in ("latte", "mocha", "cold-brew", "tea")]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda body: record(shop, body)[0].status, [x for b in bills for x in (b, back(b))]))
    assert all(state == "void" for _, state in vouchers(lan))
    assert available(told(shop, bill(lan, 10_000, "tea"))) == 1, "only the last bill stayed"
    assert verify_books.verify().differences == ()


def test_the_documents_own_story_holds_and_its_terms_say_everything() -> None:
    programme = loading.load(PROGRAMME, publishing=True)
    assert stories.run(programme) == ()
    text = terms.of(programme, lang="en").text
    assert "- 200,000 ₫ spent in all bring 50 points." in text
    assert "Three brews: Buy 3 different items: you get “tumbler”. Only items where the category is coffee." in text
    assert "Each gift is given once." in text


@pytest.mark.parametrize(
    ("tier", "given", "why_not"),
    [
        ("bronze", [], ["Rule review did not apply: it is for members of silver or gold."]),
        ("silver", [("cake", "issued")], []),
        ("gold", [("tumbler", "issued")], []),
    ],
)
def test_a_rule_gives_a_voucher_by_level(
    shop: Any, lan: str, tier: str, given: list[tuple[str, str]], why_not: list[str]
) -> None:
    change_member.change(UUID(lan), {"tier": tier}, by="staff:1")
    event = {"id": f"v:{chance.digits(12)}", "type": "review", "occurred_at": clock.now().isoformat(), "member": lan}
    told(shop, event)
    assert vouchers(lan) == given
    decision = events.decision(event["id"])
    assert decision is not None
    trace, programme = orjson.loads(decision.trace)["trace"], loading.load(PROGRAMME)
    assert why.because_not(trace, programme, locale="en", address=None) == why_not
    told(shop, event | {"id": event["id"] + "b"})
    assert vouchers(lan) == given, "the limit counts it, whatever the level"
    assert "A voucher for a review: “cake” for silver and “tumbler” for gold" in terms.of(programme, lang="en").text


AROUND = """\
ganbo: 1
programme: around
name: Quanh
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
never: {earn: [tobacco], why: {vi: luật cấm}}
runs: {from: 2020-01-01, earn_until: %s}
challenges:
  - {id: first, needs: {count: 1}, give: {voucher: cake}}
  - {id: much, needs: {spend: 100000}, give: {voucher: cake}}
rewards:
  - {id: cake, kind: free_item, sku: cake}
"""


def test_a_return_from_outside_the_earning_days_takes_nothing_that_counted_inside(new_business: Any) -> None:
    """What never counted cannot be taken out."""
    ended = clock.now() - timedelta(days=2)
    shop = new_business(AROUND % ended.date().isoformat())
    with context.within(shop):
        lan = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)
        told(shop, bill(lan, 60_000) | {"occurred_at": (ended - timedelta(days=2)).isoformat()})
        late = bill(lan, 60_000)
        told(shop, late)
        assert vouchers(lan) == [("cake", "issued")], "the late bill counts for nothing"
        told(shop, back(late))
        assert vouchers(lan) == [("cake", "issued")]
        assert verify_books.verify().differences == ()


def test_goods_left_out_of_the_programme_fulfil_no_challenge(new_business: Any) -> None:
    shop = new_business(AROUND % "2099-01-01")
    with context.within(shop):
        lan = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)
        smoke = bill(lan, 90_000)
        smoke["data"]["lines"][0]["category"] = "tobacco"
        told(shop, smoke)
        assert vouchers(lan) == []
        mixed = bill(lan, 60_000)
        mixed["data"]["lines"].append(smoke["data"]["lines"][0])
        told(shop, mixed)
        assert vouchers(lan) == [("cake", "issued")], "one purchase, and 60,000 of 100,000"
