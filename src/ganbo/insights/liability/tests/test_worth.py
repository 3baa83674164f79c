"""What a unit is taken to be worth, from which basis, and what all of it would cost by line of the budget."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from ganbo.engine import loading
from ganbo.insights.liability import stress
from ganbo.insights.liability.stress import Demand, Ending, LineDemand
from ganbo.insights.liability.worth import Price, Use, Worth, worth

PROGRAMME = loading.load("""\
ganbo: 1
programme: worth
name: Đáng giá
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, face_value: 90, pay: {rate: 100, min: 1, step: 1}}
  faced: {name: sao, face_value: 70}
  plain: {name: xu}
  empty: {name: hoa}
  card: {name: tiền, money: true}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
stamp_cards:
  - {id: coffee, on: purchase, size: 4, reward: free}
rewards:
  - {id: free, kind: free_item, sku: latte, cost: 12000}
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 40}, cost: 3000, value: 8000, budget: gifts}
  - {id: jug, kind: free_item, sku: jug, price: {wallet: points, amount: 100, plus: 5000}, budget: gifts}
  - {id: ten, kind: discount, percent: 10, max: 50000, price: {wallet: points, amount: 50}}
  - {id: off, kind: discount, amount: 20000, price: {wallet: plain, amount: 10}}
  - {id: cup, kind: gift, cost: 6000, price: {wallet: plain, amount: 10}}
partners:
  - {id: bookshop, category: books, earns: {per: 20000, amount: 1, pays_us: 110}, accepts: [points], we_pay: 95}
budget: {lines: {gifts: {planned: 100000}}}
""")
PRICES = {"jug": Price(25_000, 9_000), "latte": Price(None, None)}


@pytest.mark.parametrize(
    ("wallet", "redeemed", "value", "cost", "basis", "why"),
    [
        ("points", {"tea": 400}, 200, 75, "redeemed", "its value to the member, its cost to us"),
        ("points", {"jug": 100}, 200, 40, "redeemed", "the product's price and cost, less what is paid besides"),
        ("points", {"pay:": 30}, 100, 100, "redeemed", "on bills it is worth its rate"),
        ("points", {"tea": 300, "pay:": 100}, 175, Fraction(325, 4), "redeemed", "weighted by units"),
        ("points", {"ten": 500, "tea": 40}, 200, 75, "redeemed", "a percentage without a value has no weight"),
        ("points", {"ten": 500}, 100, 100, "pay", "nothing known was redeemed: the rate on bills"),
        ("points", {"gone": 500}, 100, 100, "pay", "a reward the programme has no longer"),
        ("faced", {}, 70, 70, "face_value", "what members are shown"),
        ("plain", {}, 1_300, 1_300, "catalogue", "20,000 and 6,000 for 10, plainly"),
        ("empty", {}, 0, 0, "none", "nothing can be had for it"),
        ("card", {"pots:used": 7}, 1, 1, "money", "money is money"),
        ("stamp:coffee", {"card:coffee": 40}, 3_000, 3_000, "redeemed", "a fourth of the reward, whose cost stands in"),
        ("stamp:coffee", {}, 3_000, 3_000, "catalogue", "the same before the first card is full"),
        ("gone", {}, 0, 0, "none", "a wallet the programme has no longer"),
    ],
)
def test_the_first_basis_there_is(
    wallet: str, redeemed: Mapping[str, int], value: Any, cost: Any, basis: str, why: str
) -> None:
    found = worth(wallet, PROGRAMME, redeemed=redeemed, prices=PRICES)
    assert (found.value, found.cost, found.basis) == (value, cost, basis), why


def test_a_partner_costs_what_we_pay_it() -> None:
    (use,) = worth("points", PROGRAMME, redeemed={"partner:bookshop": 50}, prices={}).uses
    assert use.cost == 95


def test_told_it_is_as_told_but_money_stays_money() -> None:
    told = worth("points", PROGRAMME, redeemed={"tea": 40}, prices={}, given=Fraction(12))
    assert (told.value, told.cost, told.basis) == (12, 75, "given"), "what it costs is known"
    assert worth("card", PROGRAMME, redeemed={}, prices={}, given=Fraction(5)).value == 1


def test_a_cost_that_stands_in_is_told() -> None:
    uses = worth("plain", PROGRAMME, redeemed={"off": 10, "cup": 10}, prices={}).uses
    assert [(use.name, use.by_cost) for use in uses] == [("cup", True), ("off", False)]


TET = date(2027, 2, 5)
OPEN = [Ending(date(2026, 12, 31), 1_000), Ending(TET, 400), Ending(None, 10)]
EACH = Worth("points", Fraction(5, 2), Fraction(3, 2), "given")


def test_what_has_ended_is_not_asked_for() -> None:
    assert stress.demand(OPEN, EACH, days=[date(2026, 12, 31), date(2027, 1, 1), TET, date(2027, 2, 6)]) == [
        Demand("points", date(2026, 12, 31), 1_410, 3_525, 2_115),
        Demand("points", date(2027, 1, 1), 410, 1_025, 615),
        Demand("points", TET, 410, 1_025, 615),
        Demand("points", date(2027, 2, 6), 10, 25, 15),
    ]


def test_lines_of_the_budget_take_their_share() -> None:
    uses = (
        Use("tea", 300, Fraction(1), Fraction(1)),
        Use("pay:", 100, Fraction(1), Fraction(1)),
        Use("ten", 900, None, None),
    )
    one = Worth("points", Fraction(1), Fraction(1), "redeemed", uses)
    found = stress.against(1_001, one, {"tea": "gifts"}, {"gifts": 500})
    assert found == [LineDemand("", 0, 250), LineDemand("gifts", 500, 751)]
    assert [line.short for line in found if line.line] == [251]
    assert stress.against(70, EACH, {}, {}) == [LineDemand("", 0, 70)], "nobody redeemed yet: no line is known"
    assert stress.against(0, EACH, {}, {}) == []


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 11, 27), TET),
        (TET, TET),
        (date(2027, 2, 6), date(2028, 1, 25)),
        (date(2029, 12, 1), date(2030, 2, 1)),
        (date(2041, 1, 1), date(2042, 1, 1)),
    ],
    ids=["this winter", "its eve", "the first day is over", "a day before China's", "beyond the table"],
)
def test_the_eve_of_tet(today: date, day: date) -> None:
    assert stress.before_tet(today) == day
