"""What the roll-forward says equals the books to the unit, after any history, on every day and in every wallet."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.insights.liability import statement
from ganbo.insights.liability.statement import Asked, Statement
from ganbo.insights.warehouse import exporting, reading
from ganbo.insights.warehouse.reading import Warehouse
from ganbo.journeys import (
    expire_points,
    households,
    import_balances,
    join,
    release_pending,
    reverse,
    sell,
    verify_books,
)
from ganbo.journeys.import_balances import Opening
from ganbo.journeys.redeem_reward import Ask
from ganbo.people.members.operations import Person
from tests.journeys.test_holds import capture, place, void
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: owing
name: Nợ điểm
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 90, expires: {kind: end_of_month, months: 1}, pay: {rate: 100, min: 1, step: 1}, on_refund: within_balance}
  card: {name: tiền trong thẻ, money: true}
  bonus: {name: tiền tặng, money: true, refundable: false, expires: {kind: rolling, months: 1}}
topups: [{pay: 100000, bonus: 20000, bonus_wallet: bonus, wallet: card, spend: bonus_first}]
earn:
  - {id: seen, on: visit, give: {wallet: points, amount: 50}}
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: later, on: review, give: {wallet: points, amount: 30}, pending: {kind: after, days: 6}}
  - {id: maybe, on: checkin, give: {wallet: points, amount: 20}, pending: {kind: until_event, event: custom.done, days: 5}}
stamp_cards:
  - {id: coffee, on: purchase, lines: 'line.category == "coffee"', size: 3, reward: latte}
rewards:
  - {id: latte, kind: free_item, sku: latte, cost: 12000, value: 30000}
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 40}, cost: 3000, value: 8000, budget: gifts}
accounts: {pool: household, wallets: [points], people: 4, may_spend: [owner, adult], join: both_confirm, leave: own_lots, tier: own}
budget: {lines: {gifts: {planned: 100000, stop: soft}}}
"""


@dataclass
class Life:
    """Two who spend together, and what they have done; time goes on from one history to the next."""

    shop: Any
    now: datetime
    lan: UUID
    minh: UUID
    sales: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    @property
    def day(self) -> date:
        return (self.now + timedelta(hours=7)).date()

    def tell(self, type: str, **more: Any) -> None:
        body = {
            "id": f"e:{chance.new_id()}",
            "type": type,
            "occurred_at": self.now.isoformat(),
            "member": str(self.lan),
        }
        assert record(self.shop, body | more, now=self.now)[0].status == "applied"
        self.events.append(body["id"])

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        while release_pending.release_some(at=self.now):
            pass
        while expire_points.expire_some(at=self.now):
            pass


def life_of(shop: Any, made: dict[str, Any]) -> Life:
    now = made.get("now", datetime(2027, 1, 5, 5, tzinfo=UTC))
    lan, minh = (join.join(Person(phone=f"+849{chance.digits(8)}"), at=now).member_id for _ in range(2))
    id = households.found(lan, by="tests", now=now).id
    households.invite(id, minh, by="tests", now=now, role="adult")
    households.accept(id, minh, by="tests", now=now)
    return Life(shop, now, lan, minh)


def buy(life: Life, n: int) -> None:
    order = chance.digits(9)
    lines = [{"sku": "latte", "category": "coffee", "quantity": n, "unit_price": 35_000}]
    life.tell("purchase", store="a", data={"order_id": order, "lines": lines})
    life.sales.append(order)


def give_back(life: Life, n: int) -> None:
    if life.sales:
        life.tell("refund", store="a", data={"order_id": life.sales.pop(n % len(life.sales))})


def undo(life: Life, n: int) -> None:
    if life.events:
        id = life.events.pop(n % len(life.events))
        if id.startswith("e:"):
            try:
                reverse.reverse_event(id, reason="x", by="tests", now=life.now)
            except reverse.CannotReverse:
                return


def redeem(life: Life, n: int) -> None:
    who = life.lan if n % 2 else life.minh
    done = sell.redeem(life.shop, Ask(("id", str(who)), "tea"), now=life.now)
    if done.status == "issued" and n % 3 == 0:
        reverse.reverse_redemption(UUID(orjson.loads(done.answer)["id"]), by="tests", now=life.now)


ACTS = {
    "visit": lambda life, n: life.tell("visit"),
    "review": lambda life, n: life.tell("review"),
    "checkin": lambda life, n: life.tell("checkin"),
    "done": lambda life, n: life.tell("custom.done"),
    "topup": lambda life, n: life.tell("topup", data={"amount": 100_000}),
    "buy": buy,
    "give back": give_back,
    "undo": undo,
    "redeem": redeem,
}
STEPS = st.tuples(st.integers(0, 12), st.sampled_from(sorted(ACTS)), st.integers(1, 6))


def stocked(now: datetime, shop: Any) -> Warehouse:
    """The shop's warehouse, brought up to now."""
    exporting.export(shop, settings.WAREHOUSE, at=now)
    found = reading.opened(settings.WAREHOUSE, shop.slug)
    assert found is not None
    return found


def said(now: datetime, shop: Any, stock: Warehouse | None = None, **asked: Any) -> Statement:
    programme = programmes.timeline(shop.schema).at(now).programme
    return statement.of_warehouse(stock or stocked(now, shop), programme, Asked(**asked), left={"gifts": 100_000})


def owed_to_members() -> dict[str, int]:
    """asset → what stands on members' accounts: the books' own balances, which `verify` proves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asset, sum(balance) FROM ledger_account WHERE role IN ('member', 'stamps', 'pending', 'held')"
            " GROUP BY asset HAVING sum(balance) <> 0"
        )
        return {asset: int(units) for asset, units in cursor.fetchall()}


def closings(found: Statement) -> dict[date, dict[str, int]]:
    days: dict[date, dict[str, int]] = {}
    for wallet in found.shown["wallets"]:
        for row in wallet["rows"]:
            days.setdefault(row["period"], {})[wallet["wallet"]] = row["closing"]
    return days


@given(st.lists(STEPS, min_size=3, max_size=14))
@examples(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_closes_as_the_books_stand_that_day(
    shop: Any, made: dict[str, Any], steps: list[tuple[int, str, int]]
) -> None:
    life, stood = life_of(shop, made), dict[date, dict[str, int]]()
    life.wait(1)
    first = life.day.replace(day=1)
    for days, what, n in steps:
        life.wait(days)
        ACTS[what](life, n)
        stood[life.day] = owed_to_members()
    made["now"] = life.now
    stock = stocked(life.now, shop)
    daily = said(life.now, shop, stock, first=first, last=life.day, by_day=True)
    told = closings(daily)
    for day, wallets in stood.items():
        assert {w: n for w, n in told[day].items() if n} == wallets, day
    monthly = said(life.now, shop, stock, first=first, last=life.day)
    for found in (daily, monthly):
        for wallet in found.shown["wallets"]:
            _adds_up(wallet["rows"])
            assert wallet["rows"][-1]["closing"] == owed_to_members().get(wallet["wallet"], 0)
    assert verify_books.verify().differences == ()


def _adds_up(rows: list[dict[str, Any]]) -> None:
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        for part in (row, row["money"]):
            moved = part["earned"] - part["redeemed"] - part["expired"] + part["adjusted"]
            assert part["opening"] + moved == part["closing"]
        assert row["usable"] + row["waiting"] + row["held"] == row["closing"]
        if after:
            assert (row["closing"], row["money"]["closing"]) == (after["opening"], after["money"]["opening"])


def test_what_is_set_aside_is_still_owed_until_it_is_captured(new_business: Any) -> None:
    with context.within(new_business(PROGRAMME)):
        shop = context.current()
        life = Life(
            shop, clock.now(), join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id, UUID(int=0)
        )
        life.tell("visit")
        held, gone = place(str(life.lan), 30), place(str(life.lan), 5)
        now = clock.now()
        row = said(now, shop, first=life.day.replace(day=1), last=life.day).shown["wallets"][0]["rows"][-1]
        assert (row["closing"], row["usable"], row["held"]) == (50, 15, 35)
        capture(held, 20)
        void(gone)
        found = said(clock.now(), shop, first=life.day.replace(day=1), last=life.day)
        row = found.shown["wallets"][0]["rows"][-1]
        assert (row["closing"], row["usable"], row["held"], row["redeemed"]) == (30, 30, 0, 20)
        assert verify_books.verify().differences == ()


def test_a_month_in_money_and_its_entries(new_business: Any) -> None:
    """Worked by hand: the teas make a point worth 8,000 ÷ 40 = 200 ₫; a stamp 30,000 ÷ 3."""
    with context.within(new_business(PROGRAMME)):
        shop = context.current()
        life = Life(shop, datetime(2027, 3, 3, 5, tzinfo=UTC), UUID(int=0), UUID(int=0))
        life.lan = join.join(Person(phone=f"+849{chance.digits(8)}"), at=life.now).member_id
        life.tell("visit")  # 50
        life.tell("topup", data={"amount": 100_000})
        sell.redeem(shop, Ask(("id", str(life.lan)), "tea"), now=life.now)  # −40
        buy(life, 2)  # 7 points, 2 stamps
        life.wait(58)  # 30 April, 12:00: the March lot ends with it
        april = said(life.now, shop, first=date(2027, 3, 1), last=date(2027, 4, 30))
        life.wait(1)
        may = said(life.now, shop, first=date(2027, 3, 1), last=date(2027, 5, 31), sales=70_000)
    points = next(w for w in april.shown["wallets"] if w["wallet"] == "points")
    assert points["worth"]["basis"] == "redeemed"
    assert (points["worth"]["value"], points["worth"]["cost"]) == (200.0, 75.0)
    assert [r["closing"] for r in points["rows"]] == [17, 17]
    assert points["rows"][0]["money"] == {
        "opening": 0, "earned": 11_400, "redeemed": 8_000, "expired": 0, "adjusted": 0, "closing": 3_400
    }  # fmt: skip
    assert april.shown["allocation"]["sales"] == 70_000, "as the events say"
    path = april.shown["stress"]["path"]
    assert path[0]["cost"] == 17 * 75 + 2 * 4_000 + 100_000, "today: the bonus has ended, the card has not"
    assert (april.shown["stress"]["by"], path[-1]["cost"]) == (date(2028, 1, 25), 108_000), (
        "by Tết the points have ended"
    )
    assert {(what, wallet): n for day, wallet, what, n in may.moves if day.month == 5} == {("expired", "points"): 3_400}
    assert {(what, wallet): n for day, wallet, what, n in may.moves if day.month == 3} == {
        ("paid_in", "card"): 100_000,
        ("earned", "bonus"): 20_000,
        ("earned", "points"): 11_400,
        ("redeemed", "points"): 8_000,
        ("earned", "stamp:coffee"): 20_000,
    }
    parts = may.shown["allocation"]["allocated"]
    assert sum(parts.values()) == 70_000
    assert parts["points"] == round(Fraction(70_000 * 11_400, 70_000 + 11_400 + 20_000))
    lines = statement.entries(
        may, dict.fromkeys(statement.journal.SIDES, "{wallet}"), names={}, accounts=statement.journal.ACCOUNTS
    )
    assert sum(line.debit for line in lines) == sum(line.credit for line in lines) > 0
    assert {(x.account, x.debit, x.credit) for x in lines if x.day.month == 5} == {
        ("3387", 3_400, 0),
        ("511", 0, 3_400),
    }


def test_what_was_brought_over_is_no_cost_of_the_month(new_business: Any) -> None:
    """300 points came from another system, then 40 were spent: 200 ₫ a point, closing 260, and an entry of its own."""
    with context.within(new_business(PROGRAMME)):
        shop, now = context.current(), datetime(2027, 3, 3, 5, tzinfo=UTC)
        lan = join.join(Person(phone=f"+849{chance.digits(8)}", external_id="old-1"), at=now).member_id
        row = Opening(2, ("external_id", "old-1"), "points", 300, now + timedelta(days=400), now.date())
        import_balances.bring_in([row], import_balances.Told(), now=now)
        sell.redeem(shop, Ask(("id", str(lan)), "tea"), now=now)
        march = said(now, shop, first=date(2027, 3, 1), last=date(2027, 3, 3))
        assert verify_books.verify().differences == ()
    points = next(w for w in march.shown["wallets"] if w["wallet"] == "points")
    (row_of_march,) = points["rows"]
    assert [row_of_march[name] for name in statement.COLUMNS] == [0, 0, 40, 0, 300, 260]
    assert points["adjusted_by"] == {"opening": 300}
    assert {what: amount for _, _, what, amount in march.moves} == {"brought_over": 60_000, "redeemed": 8_000}
    texts = dict.fromkeys(statement.journal.SIDES, "{wallet}")
    lines = statement.entries(march, texts, names={}, accounts=statement.journal.ACCOUNTS)
    assert ("4211", 60_000, 0) in {(x.account, x.debit, x.credit) for x in lines}


def test_what_is_written_down_after_its_month_is_told(new_business: Any) -> None:
    with context.within(new_business(PROGRAMME)):
        shop = context.current()
        life = Life(shop, datetime(2027, 3, 30, 5, tzinfo=UTC), UUID(int=0), UUID(int=0))
        life.lan = join.join(Person(phone=f"+849{chance.digits(8)}"), at=life.now).member_id
        body = {"id": "late", "type": "visit", "occurred_at": life.now.isoformat(), "member": str(life.lan)}
        record(shop, body, now=life.now + timedelta(days=20))
        row = said(life.now + timedelta(days=20), shop, first=date(2027, 3, 1), last=date(2027, 4, 30)).shown[
            "wallets"
        ][0]["rows"]
    assert [r["late"] for r in row] == [50, 0]
