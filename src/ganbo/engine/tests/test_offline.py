"""What a till gives without a network, and what it counts for."""

import pytest

from ganbo.engine import comparing, loading, offline

PROGRAMME = """
ganbo: 1
programme: n
name: N
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm, face_value: 100}, stars: {name: sao}}
earn: [{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}]
tiers: {metric: purchases, levels: [{id: low}, {id: high, enter: {purchases: 3}, benefits: {unlocks: [locked]}}]}
rewards:
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 60}}
  - {id: valued, kind: gift, value: 9000, cost: 7000, price: {wallet: points, amount: 60}}
  - {id: costly, kind: gift, cost: 30000, price: {wallet: points, amount: 60}}
  - {id: exact, kind: gift, price: {wallet: points, amount: 200, by_tier: {high: 100}}}
  - {id: dear, kind: gift, price: {wallet: points, amount: 201}}
  - {id: star-cup, kind: gift, cost: 5000, price: {wallet: stars, amount: 1}}
  - {id: unknown, kind: gift, price: {wallet: stars, amount: 1}}
  - {id: tour, kind: experience, price: {wallet: points, amount: 1}}
  - {id: off, kind: discount, percent: 10, price: {wallet: points, amount: 1}}
  - {id: few, kind: gift, stock: 5, price: {wallet: points, amount: 1}}
  - {id: once, kind: gift, limits: [{scope: member, period: month, count: 1}], price: {wallet: points, amount: 1}}
  - {id: regulars, kind: gift, when: member.visits >= 9, price: {wallet: points, amount: 1}}
  - {id: locked, kind: gift, price: {wallet: points, amount: 1}}
  - {id: plus, kind: gift, price: {wallet: points, amount: 1, plus: 1000}}
  - {id: sent, kind: gift, fulfil: later, price: {wallet: points, amount: 1}}
  - {id: stamped, kind: gift}
offline: {redeem_up_to: 20000}
"""


@pytest.mark.parametrize(
    ("tier", "expected", "why"),
    [
        (
            None,
            {"tea": 6000, "valued": 9000, "exact": 20000, "star-cup": 5000, "tour": 100},
            "the dearest of what is known",
        ),
        (
            "high",
            {"tea": 6000, "valued": 9000, "exact": 10000, "star-cup": 5000, "tour": 100},
            "at the price of the tier",
        ),
    ],
)
def test_which_and_what_for(tier: str | None, expected: dict[str, int], why: str) -> None:
    found = {gift.reward.id: gift.worth for gift in offline.gifts(loading.load(PROGRAMME), tier)}
    assert found == expected, why


def test_nothing_is_given_unless_the_programme_says_so_and_less_is_worse() -> None:
    without = loading.load(PROGRAMME.replace("offline: {redeem_up_to: 20000}", ""))
    assert list(offline.gifts(without, None)) == []
    changes = list(comparing.changes(loading.load(PROGRAMME), without))
    assert [(change.id, change.verdict) for change in changes] == [("offline", "worse")]
