"""Every loop closes, and arrival makes no difference: tens of thousands of histories in memory, without a database."""

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import orjson

from ganbo.books.events import reading
from ganbo.books.ledger.lots import Lot
from ganbo.books.ledger.posting import Cause, Insufficient, Posting, account_id
from ganbo.engine import loading, refunds
from ganbo.features.programmes.in_force import Published, Timeline
from ganbo.journeys import card_paying
from ganbo.journeys.gathering import Snapshot, Standing
from ganbo.journeys.judging import Batch
from ganbo.journeys.refund_reading import RefundRow
from ganbo.journeys.settling import Books, Held, Returns, Sale, State, sale_of, settle
from ganbo.journeys.waiting import Waiting

AT = "2026-11-23T10:00:00+07:00"
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LAN = UUID(int=1)
KEY = ("id", str(LAN))
SHARE = int(os.environ.get("PROPERTIES_SHARE", "5"))  # a fifth each time; `make properties` runs them all
SEQUENCES, HISTORIES = 20_000 // SHARE, 5_000 // SHARE

PROGRAMME = loading.load("""\
ganbo: 1
programme: loops
name: {vi: Vòng, en: Loops}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, face_value: 100, expires: {kind: end_of_month, months: 12}}
  deep: {name: xu, expires: {kind: rolling, days: 30}, on_refund: unlimited, floor: -20}
  later: {name: sao, expires: {kind: never}, pending: {kind: after, days: 14}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}, limits: [{scope: member, period: month, points: 60}]}
  - {id: carry, on: purchase, give: {wallet: points, amount: 2, per: 30000, of: net, carry: true}}
  - {id: cakes, on: purchase, lines: 'line.category == "cake"', give: {wallet: deep, amount: 3, per: 1, of: quantity}}
  - {id: half, on: purchase, give: {wallet: deep, amount: 1, per: 7000, of: net, rounding: none}}
  - {id: wait, on: purchase, give: {wallet: later, amount: 1, per: 9000, of: net}}
  - {id: gift, on: purchase, when: order.net >= 100000, give: {voucher: ten}}
  - {id: twice, on: purchase, when: order.net >= 150000, multiply: {rule: base, by: 2}}
stamp_cards:
  - {id: coffee, name: cà phê, on: purchase, lines: 'line.category == "coffee"', size: 4, reward: latte}
milestones:
  of: spend
  steps:
    - {at: 60000, give: {wallet: points, amount: 7}}
    - {at: 150000, give: {voucher: latte}}
    - {at: 200000, give: {wallet: deep, amount: 9}}
challenges:
  - {id: kinds, needs: {distinct: sku, n: 3}, give: {voucher: ten}}
  - {id: shops, needs: {count: 2, lines: 'line.category == "coffee"'}, give: {wallet: points, amount: 5}}
  - {id: pieces, needs: {units: 5}, give: {wallet: deep, amount: 4}}
  - {id: money, needs: {spend: 120000, lines: 'line.category != "tea"'}, give: {wallet: points, amount: 3}}
tiers:
  metric: spend
  levels:
    - {id: bronze}
    - {id: silver, enter: {spend: 180000}, benefits: {multiply: 1.2}}
rewards:
  - {id: latte, kind: free_item, sku: latte}
  - {id: ten, kind: discount, percent: 10}
""")
TIMELINE = Timeline((Published(1, datetime(2020, 1, 1, tzinfo=UTC), PROGRAMME),))
WALLETS = ("points", "deep", "later")


@dataclass
class Shop:
    """One member and their orders, as the database would keep them."""

    standing: Standing = field(
        default_factory=lambda: Standing(
            LAN, "vi", "chị", datetime(2026, 1, 1, tzinfo=UTC), "bronze", 0, 0, 0, None, None, {}, {}
        )
    )
    snapshot: Snapshot = field(default_factory=lambda: Snapshot(TIMELINE))
    vouchers: list[Held] = field(default_factory=list)
    sales: dict[str, tuple[Sale, State]] = field(default_factory=dict)
    refunds: dict[str, dict[str, RefundRow]] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ids = count(1)
        self.snapshot.members[KEY] = self.standing
        self.posting = Posting(new_id=lambda: UUID(int=next(ids)), balances=self.snapshot.balances)

    def tell(self, body: dict[str, Any]) -> None:
        """Record an event, whatever it is; told again it changes nothing."""
        request = reading.read(body, region="VN")
        assert request.order_key is not None
        if request.type == "refund":
            self._return(request)
        elif request.order_key not in self.sales:
            self._buy(request)

    def _buy(self, request: reading.EventRequest) -> None:
        key = request.order_key or ""
        batch = Batch(self.snapshot, self.posting, NOW, "vi")
        waiting = Waiting({key: list(self.refunds.get(key, {}).values())}, {LAN: list(self.vouchers)})
        batch.waiting = waiting
        batch.judge_all([request])
        assert batch.outcomes[0].status == "applied", batch.outcomes[0]
        judged = batch.judged[0]
        sale = sale_of(
            request.id,
            "purchase",
            occurred_at=request.occurred_at,
            body=request.data,
            answer=judged.answer,
            trace=judged.trace,
            programme=PROGRAMME,
        )
        self.sales[key] = (sale, waiting.states.get(request.id, {}))
        self.vouchers = waiting.vouchers[LAN]
        self._use(waiting.used)

    def _return(self, request: reading.EventRequest) -> None:
        key = request.order_key or ""
        known = self.refunds.setdefault(key, {})
        if request.id in known:
            return
        row = RefundRow(request.id, key, request.occurred_at, request.data, counts=True)
        if key in self.sales:
            sale, state = self.sales[key]
            before = Returns(tuple(refunds.read(one.data) for one in known.values()))
            books = Books(self.posting, self.standing, NOW, self.vouchers, state)
            settle(books, sale, before, before.plus(refunds.read(request.data)), Cause(request.id, request.occurred_at))
            self._use(books.used)
        known[request.id] = row

    def undo(self, order: str, refund: str) -> None:
        """Count a return no more."""
        key = f"\x1f{order}"
        gone = self.refunds.get(key, {}).pop(refund, None)
        if gone is not None and key in self.sales:
            sale, state = self.sales[key]
            after = Returns(tuple(refunds.read(one.data) for one in self.refunds[key].values()))
            books = Books(self.posting, self.standing, NOW, self.vouchers, state)
            settle(books, sale, after.plus(refunds.read(gone.data)), after, Cause(f"{refund}/reverse", NOW))
            self._use(books.used)

    def spend(self, wallet: str, amount: int) -> None:
        try:
            self.posting.spend(LAN, wallet, amount, Cause("spend", NOW), now=NOW)
        except Insufficient:
            return
        self.spent[wallet] = self.spent.get(wallet, 0) + amount

    def expire(self, wallet: str) -> None:
        """Everything usable of a wallet ends."""
        account = account_id("member", wallet, LAN)
        for lot in list(self.posting.lots.get(account, {}).values()):
            if lot.remaining:
                self.posting.expire(LAN, wallet, lot, Cause("expiry", NOW))

    def _use(self, used: dict[Any, tuple[int, int, int]]) -> None:
        for key, (times, points, money) in used.items():
            was = self.snapshot.used[key]
            self.snapshot.used[key] = type(was)(was.count + times, was.points + points, was.money + money)

    def end(self) -> str:
        """All that later events could see."""
        balances = {k[1:]: n for k, n in self.posting.balances.items() if n}
        lots = sorted(
            (x.expires_at, x.earned_month, x.remaining) for ls in self.posting.lots.values() for x in ls.values()
        )
        waiting = sorted((p.rule, p.usable_at, p.remaining) for p in self.posting.pending.values())
        used = {k: u for k, u in self.snapshot.used.items() if u.count or u.points or u.money}
        vouchers = sorted((v.reward, v.card, v.aim, v.state) for v in self.vouchers)
        s = self.standing
        counters = (
            s.tier,
            s.purchases,
            s.spend,
            s.visits,
            s.carried,
            orjson.dumps(s.state, option=orjson.OPT_SORT_KEYS),
        )
        return repr(
            (sorted(balances.items()), [x for x in lots if x[2]], waiting, sorted(used.items()), vouchers, counters)
        )


def sale(order: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    data = {"order_id": order, "lines": lines}
    return {"id": f"s:{order}", "type": "purchase", "occurred_at": AT, "member": str(LAN), "data": data}


def back(order: str, n: int, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"r{n}:{order}", "type": "refund", "occurred_at": AT, "data": {"order_id": order} | data}


def some_lines(chance: Random) -> list[dict[str, Any]]:
    return [
        {
            "sku": f"{category}-{chance.randint(1, 2)}",
            "category": category,
            "quantity": chance.choice([1, 1, 2, 3, 7, "0.5"]),
            "unit_price": chance.choice([0, 1, 9_999, 10_000, 35_000, 55_000, 80_001]),
        }
        for category in chance.choices(["coffee", "cake", "tea"], k=chance.randint(1, 3))
    ]


def some_return(chance: Random, lines: list[dict[str, Any]]) -> dict[str, Any]:
    kind, place = chance.random(), chance.randrange(len(lines))
    if kind < 0.15:
        return {}
    if kind < 0.35:
        return {"amount": chance.choice([1, 5_000, 13_333, 60_000])}
    if kind < 0.55:
        return {"lines": [place]}
    if kind < 0.75:
        return {"lines": [{"line": place, "quantity": chance.choice([1, 2, "0.25"])}]}
    if kind < 0.9:
        return {"lines": [{"sku": lines[place]["sku"], "quantity": chance.randint(1, 3)}]}
    return {"lines": [{"line": place, "amount": chance.choice([1, 9_000, 30_000])}]}


def test_after_refunds_of_everything_nobody_gained_and_nobody_lost() -> None:
    chance = Random(5)
    for _ in range(SEQUENCES):
        shop, orders = Shop(), {}
        for n in range(chance.randint(2, 5)):
            what = chance.random()
            if what < 0.55 or not orders:
                orders[f"o{n}"] = some_lines(chance)
                shop.tell(sale(f"o{n}", orders[f"o{n}"]))
            elif what < 0.75:
                shop.spend(chance.choice(WALLETS), chance.randint(1, 12))
            else:
                order = chance.choice(list(orders))
                shop.tell(back(order, n, some_return(chance, orders[order])))
                if chance.random() < 0.2:
                    shop.undo(order, f"r{n}:{order}")
        for order in chance.sample(list(orders), len(orders)):
            shop.tell(back(order, 99, {}))
        for wallet in WALLETS:
            held = sum(shop.posting.balances.get((LAN, wallet, role), 0) for role in ("member", "pending"))
            gain = held + shop.spent.get(wallet, 0) - shop.posting.owed(LAN, wallet)
            assert gain == 0, (wallet, orders)
        full = sum(v.state == "issued" and v.card == "coffee" for v in shop.vouchers)
        assert shop.posting.stamps_net(LAN, "coffee") + 4 * full == 0
        assert (shop.standing.purchases, shop.standing.spend, shop.standing.carried) == (0, 0, {})
        assert not any(entry["live"] for entry in shop.standing.state.get("aims", {}).values())
        assert not any(kept["seen"] for kept in shop.standing.state.get("challenges", {}).values())
        assert not any(v.aim and v.state == "issued" for v in shop.vouchers)
        assert all(u.count == u.points == u.money == 0 for u in shop.snapshot.used.values())
        assert min(shop.posting.balances.values(), default=0) >= 0


def test_what_ended_unused_is_never_paid_for_with_other_points() -> None:
    """Whatever ends, is spent, comes back and is sold after all: nobody gains, and nobody pays for what they lost already."""
    chance = Random(11)
    for _ in range(SEQUENCES // 4):
        shop, orders = Shop(), {}
        for n in range(chance.randint(3, 7)):
            what = chance.random()
            if what < 0.4 or not orders:
                orders[f"o{n}"] = some_lines(chance)
                shop.tell(sale(f"o{n}", orders[f"o{n}"]))
            elif what < 0.55:
                shop.spend(chance.choice(WALLETS), chance.randint(1, 12))
            elif what < 0.7:
                shop.expire(chance.choice(WALLETS))
            else:
                order = chance.choice(list(orders))
                shop.tell(back(order, n, some_return(chance, orders[order])))
                if chance.random() < 0.4:
                    shop.undo(order, f"r{n}:{order}")
            assert min(shop.posting.balances.values(), default=0) >= 0
        for order in chance.sample(list(orders), len(orders)):
            shop.tell(back(order, 99, {}))
        for wallet in WALLETS:
            account = account_id("member", wallet, LAN)
            held = sum(shop.posting.balances.get((LAN, wallet, role), 0) for role in ("member", "pending"))
            gain = held + shop.spent.get(wallet, 0) - shop.posting.owed(LAN, wallet)
            lost = sum(shop.posting.ended.get(lot, 0) for lot in shop.posting.lots.get(account, {}))
            assert gain == -lost <= 0, (wallet, orders)
            assert min(shop.posting.ended.values(), default=0) >= 0
        assert not any(shop.posting.ended.values()) or any(shop.spent.values()), "nothing was spent, so nothing is lost"


def test_a_sale_whose_points_ended_costs_no_other_points() -> None:
    shop, lines = Shop(), [{"sku": "tea", "category": "tea", "quantity": 2, "unit_price": 45_000}]
    shop.tell(sale("old", lines))
    shop.expire("points")
    shop.tell(sale("new", lines))
    there = shop.posting.available(LAN, "points")
    shop.tell(back("old", 1, {"lines": [{"line": 0, "quantity": 1}]}))
    assert (shop.posting.available(LAN, "points"), shop.posting.owed(LAN, "points")) == (there, 0)
    shop.undo("old", "r1:old")
    assert (shop.posting.available(LAN, "points"), shop.posting.owed(LAN, "points")) == (there, 0), (
        "it had ended and has"
    )


def test_any_order_and_duplication_of_one_orders_events_ends_the_same() -> None:
    chance = Random(7)
    for _ in range(HISTORIES // 5):
        before, lines = some_lines(chance), some_lines(chance)
        events = [sale("o", lines), *(back("o", n, some_return(chance, lines)) for n in range(chance.randint(1, 4)))]
        ends = set()
        for _ in range(5):
            shop = Shop()
            shop.tell(sale("earlier", before))
            for event in chance.sample(events * 2, len(events) * 2):
                shop.tell(event)
            ends.add(shop.end())
        assert len(ends) == 1, (events, ends)


def test_what_waited_waits_again_when_its_return_is_undone() -> None:
    shop, lines = Shop(), [{"sku": "tea", "category": "tea", "quantity": 2, "unit_price": 45_000}]
    shop.tell(sale("o", lines))
    shop.tell(back("o", 1, {"lines": [{"line": 0, "quantity": 1}]}))
    assert shop.posting.balances[LAN, "later", "pending"] == 5, "10 × half, taken from what waits"
    shop.undo("o", "r1:o")
    assert shop.posting.balances[LAN, "later", "pending"] == 10
    assert (shop.posting.available(LAN, "later"), shop.posting.owed(LAN, "later")) == (0, 0)
    assert shop.posting.available(LAN, "points") == 15 + 7, "and those of the first milestone"


def test_points_that_come_back_to_an_ended_lot_last_the_days_of_grace() -> None:
    wallet = loading.load(
        "{ganbo: 1, programme: p, name: x, currency: VND, timezone: Asia/Ho_Chi_Minh, wallets: "
        "{a: {name: x, returned: 30}, b: {name: x}}}"
    ).wallets
    account = account_id("member", "a", LAN)
    ended = Lot(UUID(int=9), account, datetime(2026, 11, 1, tzinfo=UTC), date(2025, 10, 1), 0)
    live = replace(ended, expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    grace = card_paying.lot_of_return(ended, wallet["a"], now=NOW)
    assert grace.expires_at == datetime(2026, 12, 23, 17, 0, tzinfo=UTC), "30 whole days, by the business's clocks"
    assert (grace.earned_month, grace.id != ended.id) == (ended.earned_month, True)
    assert card_paying.lot_of_return(live, wallet["a"], now=NOW) == live, "a lot that lives keeps its own end"
    assert card_paying.lot_of_return(ended, wallet["b"], now=NOW) == ended, "without grace they come back ended"
