"""Offers on real books: what a quote says of a basket is what its sale costs, earns and shows, whatever stands beside it."""

from random import Random
from typing import Any

import orjson
import pytest

from ganbo.engine import basket, examples, loading
from ganbo.features.products.queries import ProductRow
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import put_products, stories, verify_books
from tests.journeys.test_quotes import consumed, line, plain, quoted, sale, sell_as_proposed, somebody, used
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: offers
name: Ưu đãi
currency: {currency}
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {{name: {{vi: điểm, en: points}}, expires: {{kind: never}}}}
earn:
  - {{id: base, on: purchase, give: {{wallet: points, amount: 1, per: 10, of: net}}}}
  - {{id: any, on: custom.gift, when: event.reward == "ten", give: {{voucher: ten}}}}
  - {{id: only, on: custom.gift, when: event.reward == "alone", give: {{voucher: alone}}}}
  - {{id: cup, on: custom.gift, when: event.reward == "tea", give: {{voucher: tea}}}}
  - {{id: money, on: custom.gift, when: event.reward == "card", give: {{voucher: card}}}}
stamp_cards:
  - {{id: teas, name: Thẻ trà, on: purchase, lines: 'line.category == "tea"', size: 10, reward: tea}}
rewards:
  - {{id: ten, kind: discount, percent: 10}}
  - {{id: alone, kind: discount, percent: 30, stacking: exclusive}}
  - {{id: tea, kind: free_item, sku: tea}}
  - {{id: card, kind: gift_card, amount: 333}}
offers:
  - {{id: ticket, name: {{vi: Vé giá mềm, en: Soft tickets}}, lines: 'line.category == "ticket"', price: 507}}
  - {{id: never, during: {{until: 2020-01-01}}, lines: 'line.category == "ticket"', price: 1}}
  - {{id: combo, name: {{vi: Combo bắp nước, en: Popcorn combo}}, bundle: [{{category: popcorn, n: 1}}, {{category: drink, n: 2}}], price: 999}}
  - {{id: third, lines: 'line.category == "tea"', nth: {{every: 3, of: units}}, percent: 100}}
  - {{id: second, nth: {{every: 2, of: purchases}}, percent: 10, max: 55}}
  - {{id: mine, for: members, lines: 'line.category == "cake"', percent: 7}}
"""


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(PROGRAMME.format(currency="VND"))
    with context.within(business):
        yield business


def offers_of(answer: dict[str, Any]) -> dict[str, int]:
    return {row["offer"]: row["amount"] for row in answer["effects"] if row["kind"] == "offer"}


def test_the_price_line_by_line_and_why(shop: Any) -> None:
    body = sale(somebody(), line("ticket", 800, 2), line("popcorn", 600), line("drink", 300, 2, discount=20))
    answer = quoted(shop, body)
    price = answer["price"]
    assert [price[key]["amount"] for key in ("before", "offers", "off", "to_pay")] == [2_780, 767, 0, 2_013]
    assert [
        (one["line"], one["plain"]["amount"], one["discount"]["amount"], one["net"]["amount"]) for one in price["lines"]
    ] == [(0, 1_600, 0, 1_014), (1, 600, 0, 508), (2, 600, 20, 491)]
    assert [[(o["offer"], o["amount"]["amount"]) for o in one["offers"]] for one in price["lines"]] == [
        [("ticket", 586)], [("combo", 92)], [("combo", 89)],
    ]  # fmt: skip
    assert price["lines"][0]["offers"][0]["because"] == "Soft tickets: 586 ₫ off, for 507 ₫ a piece."
    assert answer["because"][:2] == ["Soft tickets: 586 ₫ off.", "Popcorn combo: 181 ₫ off."]
    assert "Offer never did not apply: it counts only when the day is before 1 January 2020." in answer["because_not"]


def test_the_recorded_sale_shows_the_offers_and_earns_after_them(shop: Any) -> None:
    body = sale(somebody(), line("ticket", 800, 2))
    answer = quoted(shop, body)
    recorded = sell_as_proposed(shop, body, answer)
    assert offers_of(recorded) == {"ticket": 586}
    assert recorded["because"][0] == "Soft tickets: 586 ₫ off."
    assert [row["amount"] for row in recorded["effects"] if row["kind"] == "wallet"] == [101]
    assert quoted(shop, body | {"id": "again", "data": answer["sale"]})["sale"] == answer["sale"], (
        "offers come off once"
    )


def test_a_free_piece_stamps_nothing(shop: Any) -> None:
    body = sale(somebody(), line("tea", 200, 3))
    answer = quoted(shop, body)
    assert [row["added"] for row in answer["effects"] if row["kind"] == "stamp"] == [2]
    assert [row["added"] for row in sell_as_proposed(shop, body, answer)["effects"] if row["kind"] == "stamp"] == [2]


def test_every_second_purchase_and_members_only(shop: Any) -> None:
    lan = somebody()
    body = sale(lan, line("cake", 1_000))
    first = quoted(shop, body)
    assert offers_of(first) == {"mine": 70}
    assert "Offer second did not apply: it is for the next purchase." in first["because_not"]
    sell_as_proposed(shop, body, first)
    assert offers_of(quoted(shop, sale(lan, line("bread", 1_000)))) == {"second": 55}
    stranger = quoted(shop, sale(None, line("cake", 1_000)))
    assert (offers_of(stranger), stranger["price"]["to_pay"]["amount"]) == ({}, 1_000)
    assert "Ưu đãi mine không áp dụng: ưu đãi dành cho thành viên." in stranger["because_not"]


def test_offers_that_take_more_than_the_bill_says_are_refused(shop: Any) -> None:
    body = sale(somebody(), line("ticket", 800, discount=100), offers=[{"offer": "ticket", "amount": 101}])
    refused = record(shop, body)[0].refusal
    assert [(p.field, p.code) for p in refused.problems] == [("data.offers", "offers_too_large")]
    assert not verify_books.verify().differences


def test_an_offer_that_is_gone_is_told_by_its_id(shop: Any) -> None:
    body = sale(somebody(), line("ticket", 800, discount=100), offers=[{"offer": "last-year", "amount": 100}])
    recorded = orjson.loads(record(shop, body)[0].answer or "")
    assert recorded["because"][0] == "last-year: 100 ₫ off."


GOODS = ["ticket", "popcorn", "drink", "tea", "cake", "gift-card"]


@pytest.mark.parametrize("currency", ["VND", "USD", "JPY", "KWD"])
def test_selling_as_quoted_costs_and_earns_what_was_quoted(new_business: Any, currency: str) -> None:
    shop = new_business(PROGRAMME.format(currency=currency))
    with context.within(shop):
        for seed in range(12):
            random = Random(f"{currency}{seed}")
            lan = somebody(*random.choices(["ten", "alone", "tea", "card"], k=random.randint(0, 3)))
            for _ in range(3):
                _agree(shop, some_sale(random, random.choice([lan, lan, None]), currency), currency)
        assert verify_books.verify().differences == ()


def some_sale(random: Random, member: str | None, currency: str) -> dict[str, Any]:
    lines = [
        line(random.choice(GOODS), random.randint(0, 999), random.randint(1, 4)) for _ in range(random.randint(1, 4))
    ]
    lines += random.sample([line("beans", 777, "0.35"), line("ticket", 999, "1.5")], random.randint(0, 1))
    whole = sum(basket.order_of({"lines": [one]}, currency).gross for one in lines)
    off, shipping = random.choice([0, min(101, whole)]), random.choice([0, 20])
    return sale(member, *lines, discount=off, shipping=shipping, order_id=chance.digits(12), currency=currency)


def _agree(shop: Any, body: dict[str, Any], currency: str) -> None:
    answer = quoted(shop, body)
    recorded = sell_as_proposed(shop, body, answer)
    price = answer["price"]
    assert {price[key]["currency"] for key in ("before", "offers", "to_pay")} == {currency}
    total = basket.order_of(answer["sale"], currency).total
    assert total == price["to_pay"]["amount"] + price["gift_cards"]["amount"]
    assert 0 <= price["to_pay"]["amount"] <= price["before"]["amount"]
    assert price["before"]["amount"] - price["offers"]["amount"] - price["off"]["amount"] == total
    for one in price["lines"]:
        taken = sum(offer["amount"]["amount"] for offer in one["offers"]) + one["vouchers"]["amount"]
        assert one["plain"]["amount"] - one["discount"]["amount"] - taken == one["net"]["amount"] >= 0
    assert sum(one["net"]["amount"] for one in price["lines"]) + body["data"]["shipping"] == total
    assert sum(offers_of(recorded).values()) == price["offers"]["amount"]
    assert plain(recorded["effects"]) == plain(answer["effects"])
    assert consumed(recorded) == used(answer)
    assert recorded["balances"] == answer["balances_after"]


STORY = """
examples:
  - event: {{type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {{lines: [{{sku: t, category: ticket, quantity: 2, unit_price: 800}}]}}}}
    expect: {{pay: {pay}, points: 101}}
  - story:
      - {{event: {{type: purchase, occurred_at: 2026-11-23T10:00:00+07:00, data: {{amount: 1000}}}}, expect: {{pay: 1000}}}}
      - {{after: 1d, event: {{type: purchase, data: {{amount: 1000}}}}, expect: {{pay: {second}}}}}
    expect: {{balances: {{points: 194}}}}
"""


@pytest.mark.parametrize(
    ("pay", "second", "fails"),
    [(1_014, 945, []), (1_600, 945, [("examples", 0)]), (1_014, 1_000, [("examples", 1, "story", 1)])],
)
def test_examples_and_stories_pay_what_a_till_would_ask(pay: int, second: int, fails: list[Any]) -> None:
    programme = loading.load(PROGRAMME.format(currency="VND") + STORY.format(pay=pay, second=second))
    assert [failure.path for failure in (*examples.run(programme), *stories.run(programme))] == fails


LISTED = """
products: {source: file}
"""


def test_members_pay_the_price_of_their_list_and_a_bare_sku_gets_its_category(new_business: Any) -> None:
    source = PROGRAMME.format(currency="VND") + "  - {id: list, price_list: members}\n" + LISTED
    with context.within(new_business(source)):
        shop = context.current()
        rows = [
            ProductRow("rice", "Gạo", "food", ("own",), 900, 500, {"members": 750}),
            ProductRow("vip", "Vé", "ticket", (), 800, None, {}),
        ]
        assert put_products.put([rows[0], *rows], by="tests", now=clock.now()) == 2
        bare = [{"sku": sku, "quantity": 2, "unit_price": 900} for sku in ("rice", "vip", "unknown")]
        lan = sale(somebody(), *bare)
        answer = quoted(shop, lan)
        assert offers_of(answer) == {"ticket": 786, "list": 300}
        assert [one.get("category") for one in answer["sale"]["lines"]] == ["food", "ticket", None]
        assert answer["sale"]["lines"][0]["labels"] == ["own"]
        assert offers_of(sell_as_proposed(shop, lan, answer)) == {"ticket": 786, "list": 300}
        assert offers_of(quoted(shop, sale(None, *bare))) == {"ticket": 786}, "the list is for members"
        own = quoted(shop, sale(somebody(), line("rice", 900, category="gift-card")))
        assert offers_of(own) == {}, "what a line says itself stays"
