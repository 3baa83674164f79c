"""Rewards of every kind: for whom, at which price, what becomes of them, and back again."""

from contextlib import closing
from typing import Any

import orjson
import pytest

from ganbo.features.programmes import catalogue, in_force
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import fulfil_redemption, holdings, join, redeem_reward, reverse, verify_books
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: rewards
name: Quà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, expires: {kind: never}}
  card: {name: tiền trong thẻ, money: true}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 1000}}
tiers:
  levels:
    - {id: bronze, name: {vi: Đồng}}
    - {id: gold, name: {vi: Vàng}, enter: {spend: 1000000}, benefits: {unlocks: [tour]}}
rewards:
  - {id: tumbler, kind: gift, price: {wallet: points, amount: 200, plus: 29000, by_tier: {gold: 150}}, fulfil: later}
  - {id: tour, kind: experience, price: {wallet: points, amount: 10}}
  - {id: for-regulars, kind: upgrade, price: {wallet: points, amount: 10}, when: member.visits >= 5}
  - {id: top-up, kind: card_money, wallet: card, amount: 20000, price: {wallet: points, amount: 100}}
  - {id: our-card, kind: gift_card, amount: 50000, price: {wallet: points, amount: 400}}
  - {id: washes, kind: upgrade, uses: 3, price: {wallet: points, amount: 300}}
"""


@pytest.fixture
def shop(new_business: Any) -> Any:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


def somebody(tier: str | None = None) -> Any:
    return join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now(), tier=tier).member_id


def redeem(shop: Any, member: Any, reward: str, quantity: int = 1) -> redeem_reward.Given:
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        return redeem_reward.redeem(pipe, shop, [Ask(("id", str(member)), reward, quantity)], now=clock.now())[0]


def available(member: Any, wallet: str) -> int:
    return holdings.balances(member, [wallet], at=clock.now())[wallet].available


@pytest.mark.parametrize(
    ("tier", "reward", "quantity", "price", "refused", "why"),
    [
        ("bronze", "tumbler", 2, {"amount": 400, "plus": {"amount": 58_000, "currency": "VND"}}, None, "both count"),
        (
            "gold",
            "tumbler",
            1,
            {"amount": 150, "plus": {"amount": 29_000, "currency": "VND"}},
            None,
            "cheaper for gold",
        ),
        ("gold", "tour", 1, {"amount": 10, "plus": None}, None, "gold unlocks it"),
        ("bronze", "tour", 1, None, "rewards.locked", "bronze does not"),
        ("gold", "for-regulars", 1, None, "rewards.not_for_you", "too few visits"),
    ],
)
def test_for_whom_and_at_which_price(
    shop: Any, tier: str, reward: str, quantity: int, price: dict[str, Any] | None, refused: str | None, why: str
) -> None:
    member = somebody(tier)
    given = redeem(shop, member, reward, quantity)
    if refused:
        assert given.refusal is not None
        assert given.refusal.code == refused, why
        assert available(member, "points") == 1000, why
        return
    assert orjson.loads(given.answer or "")["price"] == {"wallet": "points"} | (price or {}), why
    assert available(member, "points") == 1000 - (price or {})["amount"], why
    assert verify_books.verify().differences == ()


def test_the_catalogue_says_what_is_open_and_what_it_costs_this_member(shop: Any) -> None:
    programme = programmes.in_force_at(shop.schema, clock.now()).programme
    assert isinstance(programmes.in_force_at(shop.schema, clock.now()), in_force.Published)
    for tier, price, locked in (("bronze", 200, "gold"), ("gold", 150, None)):
        who = catalogue.looking(members.get(somebody(tier)), programme, at=clock.now())
        rows = catalogue.rewards(programme, locale="vi", balances={"points": {"available": 1000}}, who=who)
        found = {row["id"]: row for row in rows}
        assert (found["tumbler"]["price"]["amount"], found["tour"]["locked"]) == (price, locked)
        assert found["for-regulars"]["locked"] is True
        assert found["for-regulars"]["affordable"] is False


def test_card_money_is_in_its_wallet_at_once_and_back_again_while_it_is_there(shop: Any) -> None:
    member = somebody()
    answer = orjson.loads(redeem(shop, member, "top-up", 2).answer or "")
    assert (answer["voucher"], available(member, "card"), available(member, "points")) == (None, 40_000, 800)
    reverse.reverse_redemption(answer["id"], by="tests", now=clock.now())
    assert (available(member, "card"), available(member, "points")) == (0, 1000)
    assert verify_books.verify().differences == ()


def test_a_gift_card_for_points_holds_its_money(shop: Any) -> None:
    member = somebody()
    answer = orjson.loads(redeem(shop, member, "our-card").answer or "")
    (card,) = queries.vouchers_of(member)
    assert answer["voucher"]["code"] == card.code
    assert verify_books.verify().differences == ()


def test_what_is_handed_over_later_goes_forward_only(shop: Any) -> None:
    answer = orjson.loads(redeem(shop, somebody(), "tumbler").answer or "")
    assert answer["fulfilment"] == "to_do"
    for state in ("sent", "sent", "done"):
        assert fulfil_redemption.fulfil(answer["id"], state, by="tests", now=clock.now()) == state
    with pytest.raises(fulfil_redemption.CannotFulfil):
        fulfil_redemption.fulfil(answer["id"], "sent", by="tests", now=clock.now())
    other = orjson.loads(redeem(shop, somebody(), "washes").answer or "")
    with pytest.raises(fulfil_redemption.CannotFulfil):
        fulfil_redemption.fulfil(other["id"], "sent", by="tests", now=clock.now())
