"""Generated bills with offers, points and card money: what a quote proposes is recorded to the last unit, without a database."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest

from ganbo.books.events import reading
from ganbo.books.ledger.lots import Lot, lot_id
from ganbo.books.ledger.posting import Posting, account_id
from ganbo.engine import basket, loading
from ganbo.features.programmes.in_force import Published, Timeline
from ganbo.foundation import chance
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import quote
from ganbo.journeys.gathering import Snapshot, Standing
from ganbo.journeys.judging import Batch
from ganbo.journeys.offering import Known
from ganbo.journeys.record_events import Asked

NOW = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # a Wednesday
LAN, BILLS = UUID(int=1), 1_250  # of each of the eight programmes: ten thousand
SHOP = BusinessRow(1, "b_none", "none", "Không", "vi", "VN", "#0B6B5A", sandbox=False)
PROGRAMME = """\
ganbo: 1
programme: quoted
name: {{vi: Báo giá, en: Quoted}}
currency: {currency}
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {{name: điểm, expires: {{kind: rolling, months: 12}}, pay: {{rate: {rate}, min: 3, step: {step}, max_share: 0.6, as: {how}, earns_on_rest: {rest}}}}}
  card: {{name: tiền trong thẻ, money: true}}
earn:
  - {{id: base, on: purchase, give: {{wallet: points, amount: 1, per: 700, of: net}}}}
  - {{id: cakes, on: purchase, lines: 'line.category == "cake"', give: {{wallet: points, amount: 2, per: 1, of: quantity}}}}
offers:
  - {{id: wed, during: {{days: [wed]}}, lines: 'line.category == "ticket"', price: 500}}
  - {{id: combo, bundle: [{{category: popcorn, n: 1}}, {{category: drink, n: 2}}], price: 990}}
  - {{id: third, lines: 'line.category == "cake"', nth: {{every: 3, of: units}}, percent: 50, max: 333}}
"""


def programme(currency: str, how: str, rest: str) -> Timeline:
    rate, step = {"VND": ("100", 10), "USD": ("1", 1), "KWD": ("7", 1), "JPY": ("1", 7)}[currency]
    source = PROGRAMME.format(currency=currency, how=how, rest=rest, rate=rate, step=step)
    return Timeline((Published(1, datetime(2020, 1, 1, tzinfo=UTC), loading.load(source)),))


def somebody(n: int, timeline: Timeline) -> Snapshot:
    """The nth Lan: points in two lots, one of them soon over, and money on the card."""
    some = Random(n)
    standing = Standing(LAN, "en", "chị", datetime(2026, 1, 1, tzinfo=UTC), None, 0, 0, 0, None, None, {}, {})
    snapshot = Snapshot(timeline, members={("id", str(LAN)): standing})
    for wallet, most in (("points", 900), ("card", 5_000)):
        account = account_id("member", wallet, LAN)
        for year in (2026, 2027):
            ends, amount = datetime(year, 12, 1, tzinfo=UTC), some.randint(0, most)
            lot = Lot(lot_id(account, ends, date(2026, 1, 1)), account, ends, date(2026, 1, 1), amount)
            snapshot.lots.setdefault(account, {})[lot.id] = lot
            key = (LAN, wallet, "member")
            snapshot.balances[key] = snapshot.balances.get(key, 0) + amount
    return snapshot


def some_bill(some: Random, n: int) -> dict[str, Any]:
    kinds = some.choices(["ticket", "popcorn", "drink", "cake", "tea"], k=some.randint(1, 5))
    lines = [
        {
            "sku": kind,
            "category": kind,
            "quantity": some.choice([1, 1, 2, 3]),
            "unit_price": some.choice([0, 1, 333, 450, 999, 1_001, some.randint(0, 9_999)]),
        }
        for kind in kinds
    ]
    body: dict[str, Any] = {"id": f"q:{n}", "type": "purchase", "occurred_at": NOW.isoformat(), "member": str(LAN)}
    body["data"] = {"order_id": str(n), "lines": lines, "shipping": some.choice([0, 0, 150])}
    points = some.choice([None, "most", "half", "most"])
    return body | ({"points": points} if points else {})


PROGRAMMES = [
    ("VND", "payment", "true"),
    ("VND", "payment", "false"),
    ("VND", "discount", "true"),
    ("VND", "discount", "false"),
    ("KWD", "payment", "true"),
    ("KWD", "discount", "false"),
    ("USD", "payment", "false"),
    ("JPY", "discount", "true"),
]


@pytest.mark.parametrize(("currency", "how", "rest"), PROGRAMMES)
def test_what_was_quoted_with_points_is_what_is_recorded(currency: str, how: str, rest: str) -> None:
    some, timeline, paid = Random(f"{currency}{how}{rest}"), programme(currency, how, rest), 0
    for n in range(BILLS):
        snapshot, before, body = somebody(n, timeline), somebody(n, timeline), some_bill(some, n)
        asked, wish = Asked(SHOP, NOW), quote.read(body, region="VN")
        told = orjson.loads(quote._quote(before, Known(), asked, wish, {}))
        price = {name: amount["amount"] for name, amount in told["price"].items() if isinstance(amount, dict)}
        assert 0 <= price["to_pay"] <= price["before"], body

        request = reading.read(_sale(body, told), region="VN")
        posting = Posting(new_id=chance.new_id, balances=dict(snapshot.balances), lots=dict(snapshot.lots))
        batch = Batch(snapshot, posting, now=NOW, locale="vi")
        batch.judge_all([request])
        assert batch.outcomes[0].status == "applied", (batch.outcomes[0].refusal, told)
        recorded = orjson.loads(batch.judged[0].answer)
        order = basket.order_of(told["sale"], currency)
        by_points = sum(e["money"] for e in told["effects"] if e["kind"] == "paid")
        assert order.total == price["to_pay"] + (by_points if how == "payment" else 0), (body, told)
        assert recorded["effects"] == told["effects"], body
        assert recorded["balances"] == told["balances_after"], body
        assert min(posting.balances.values(), default=0) >= 0
        paid += by_points > 0
    assert paid > BILLS // 5, "many of them are paid with points"


def _sale(body: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """The event a till records after the quote."""
    return {key: part for key, part in body.items() if key != "points"} | {"data": told["sale"]}
