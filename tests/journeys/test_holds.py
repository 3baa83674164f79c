"""Holds: what is set aside is nobody else's, is resolved once, pays its own order's sale and no other, and never gets lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, transaction

from ganbo.books.events.reading import Shown
from ganbo.books.ledger import hold_queries, verifying
from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.posting import Insufficient
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import expire_points, holdings, holds, join, proving, reverse, sell, verify_books
from ganbo.journeys.holds import AlreadyCaptured, AlreadyVoided, HoldExpired, HoldUnknown, Wish
from ganbo.journeys.redeem_reward import Ask
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: holds
name: Tạm giữ
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_month, months: 12}, pay: {rate: 100, min: 1, step: 1}, on_refund: within_balance}
  rank: {name: hạng, spendable: false}
  card: {name: tiền, money: true}
  bonus: {name: quà, money: true, refundable: false}
topups: [{pay: 100000, bonus: 20000, bonus_wallet: bonus, wallet: card, spend: bonus_first}]
earn:
  - {id: seen, on: visit, give: {wallet: points, amount: 1000}}
  - {id: soon, on: checkin, give: {wallet: points, amount: 500}, expires: {kind: rolling, days: 10}}
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 600}}
"""


def event(member: str, type: str, **more: Any) -> dict[str, Any]:
    return {"id": f"e:{chance.new_id()}", "type": type, "occurred_at": clock.now().isoformat(), "member": member} | more


def sale(member: str | None, amount: int, *paid: tuple[str, int], order: str = "", **more: Any) -> dict[str, Any]:
    parts = {"paid": [{"with": way, "amount": money} for way, money in paid]} if paid else {}
    data = {"amount": amount, "order_id": order or f"o{chance.digits(9)}"} | parts
    return event(member or "", "purchase", data=data, store="hoan-kiem") | {"member": member} | more


def told(shop: Any, *bodies: dict[str, Any]) -> list[Any]:
    outcomes = record(shop, *bodies)
    assert [o.status for o in outcomes] == ["applied"] * len(outcomes), [o.refusal for o in outcomes]
    return [orjson.loads(o.answer) for o in outcomes]


def place(member: str, amount: int, wallet: str = "points", **more: Any) -> UUID:
    wish = Wish(UUID(member), wallet, amount, **more)
    return holds.place(wish, by="tests", now=clock.now()).id


def capture(hold: UUID, amount: int | None = None) -> Any:
    return holds.capture(hold, amount, by="tests", now=clock.now())


def void(hold: UUID) -> Any:
    return holds.void(hold, by="tests", now=clock.now())


def ripen(hold: UUID) -> None:
    """Its time is over now, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_hold SET held_at = held_at - interval '9 days',"
            " until = clock_timestamp() - interval '1 second' WHERE id = %s",
            [hold],
        )


def stands(member: str, wallet: str = "points", *, at: Any = None) -> tuple[int, int, int]:
    """(available, held, owed)."""
    found = holdings.balances(UUID(member), [wallet], at=at or clock.now())[wallet]
    return found.available, found.held, found.owed


def state(hold: UUID) -> tuple[str, int]:
    row = hold_queries.rows(id=hold)[0]
    return row.state, row.captured


def agree() -> None:
    assert verify_books.verify().differences == ()


@pytest.fixture
def rich(shop: Any, lan: str) -> str:
    """Lan with 1.000 points."""
    told(shop, event(lan, "visit"))
    return lan


@pytest.mark.parametrize(
    ("end", "available", "told_as", "why"),
    [
        (lambda h: capture(h), 600, ("captured", 400), "all of it"),
        (lambda h: capture(h, 150), 850, ("captured", 150), "a part: the rest is back"),
        (lambda h: void(h), 1000, ("voided", 0), "let go"),
        (lambda h: ripen(h), 1000, ("expired", 0), "its time is over: nobody needs to come"),
    ],
)
def test_a_hold_ends_once_and_says_how(rich: str, end: Any, available: int, told_as: Any, why: str) -> None:
    hold = place(rich, 400)
    assert stands(rich) == (600, 400, 0)
    end(hold)
    assert (stands(rich), state(hold)) == ((available, 0, 0), told_as), why
    too_late = {"captured": AlreadyCaptured, "voided": AlreadyVoided, "expired": HoldExpired}[told_as[0]]
    for again in (capture, void):
        with pytest.raises(too_late):
            again(hold)
    while holds.release_some(at=clock.now()):
        pass
    assert (stands(rich), state(hold)) == ((available, 0, 0), told_as), "booked as it was shown"
    agree()


def test_what_cannot_be_held_is_refused_and_nothing_changes(rich: str) -> None:
    for wallet, amount, code in [
        ("points", 1001, "ledger.insufficient"),
        ("rank", 1, "holds.not_spendable"),
        ("gold", 1, "fields.refused"),
        ("card", 1, "ledger.insufficient"),
    ]:
        with pytest.raises(Refusal) as refused:
            place(rich, amount, wallet)
        assert refused.value.code == code, (wallet, amount)
    with pytest.raises(HoldUnknown):
        void(chance.new_id())
    open_ = [place(rich, 1) for _ in range(holds.MOST_OPEN)]
    with pytest.raises(Refusal) as refused:
        place(rich, 1)
    assert (refused.value.code, stands(rich)) == ("holds.too_many", (980, 20, 0))
    with pytest.raises(Refusal) as refused:
        capture(open_[0], 2)
    assert (refused.value.code, state(open_[0])) == ("holds.too_much", ("held", 0))
    agree()


def test_nobody_else_spends_what_is_held(shop: Any, rich: str) -> None:
    """Not a redemption, not a sale, not another hold, not a claw-back; the time over, all of them may."""
    body = sale(rich, 100_000_000)  # earns 10.000
    told(shop, body)
    hold = place(rich, 10_900)
    assert stands(rich) == (100, 10_900, 0)
    given = sell.redeem(shop, Ask(("id", rich), "tea"), now=clock.now())
    assert given.refusal.code == "ledger.insufficient"
    assert record(shop, sale(rich, 100_000, ("points", 20_000), ("cash", 80_000)))[0].refusal.code == given.refusal.code
    with pytest.raises(Insufficient):
        place(rich, 101)
    undone = reverse.reverse_event(body["id"], reason="", by="tests", now=clock.now())
    assert orjson.loads(undone.answer)["owed"] == {"points": 9_900}, "what is held stays; what is missing is owed"
    assert stands(rich) == (0, 10_900, 9_900)
    agree()
    ripen(hold)
    assert stands(rich) == (10_900, 0, 9_900), "free at once, before anybody books it"
    given = sell.redeem(shop, Ask(("id", rich), "tea"), now=clock.now())
    assert given.status == "issued", "whoever touches the member first books the end; the debt is made good"
    assert (stands(rich), state(hold)) == ((400, 0, 0), ("expired", 0))
    agree()


def test_a_hold_keeps_points_past_their_end(shop: Any, lan: str) -> None:
    """The first to end are held first; captured they pay, let go they end at once."""
    told(shop, event(lan, "checkin"), event(lan, "visit"))
    later = clock.now() + timedelta(days=11)
    hold = place(lan, 700)
    while expire_points.expire_some(at=later):
        pass
    assert stands(lan, at=later) == (800, 700, 0)
    holds.capture(hold, 300, by="tests", now=later)
    assert stands(lan, at=later) == (1000, 0, 0), "200 of the 500 that ended came back and ended, 200 others are back"
    lines = {(line.kind, line.amount) for line in ledger.lines(UUID(lan), ["points"], most=9)}
    assert lines == {("earn", 500), ("earn", 1000), ("expire", -200), ("spend", -300)}, "set aside is no line"
    agree()


def test_a_clock_in_front_of_the_database_changes_nothing(rich: str) -> None:
    hold = place(rich, 100, lasts=timedelta(minutes=5))
    ahead = holds.capture(hold, 40, by="tests", now=clock.now() + timedelta(hours=2))
    assert ahead.state == "captured", "two hours ahead: the five minutes are not over"
    hold = place(rich, 100)
    ripen(hold)
    with pytest.raises(HoldExpired):
        holds.capture(hold, None, by="tests", now=clock.now() - timedelta(hours=2))
    agree()


def test_the_sale_of_the_order_captures_its_hold(shop: Any, rich: str) -> None:
    """Held 500 for an order that takes 300: paid once, the rest is back; a return brings back what was paid."""
    hold = place(rich, 500, order_id="web-1")
    other = record(shop, sale(rich, 100_000, ("points", 60_000), ("cash", 40_000)))[0]
    assert other.refusal.code == "ledger.insufficient", "an unrelated sale cannot use it"
    body = sale(rich, 100_000, ("points", 30_000), ("cash", 70_000), order="web-1")
    wish = {key: value for key, value in body.items() if key != "id"} | {"id": "q1"}
    quoted = orjson.loads(sell.quote(shop, wish, now=clock.now()).answer)
    assert quoted["points_payable"]["points"] == 1000, "a quote of the order counts what is held for it"
    told(shop, body, body | {"id": "q"} | sale(rich, 10_000, order="plain"))
    row = hold_queries.rows(id=hold)[0]
    assert (row.state, row.captured, row.event_id) == ("captured", 300, body["id"])
    assert stands(rich) == (1000 - 300 + 10 + 1, 0, 0)
    assert record(shop, body)[0].status == "replayed"
    with pytest.raises(AlreadyCaptured):
        void(hold)
    reverse.reverse_event(body["id"], reason="", by="tests", now=clock.now())
    assert stands(rich) == (1000 + 1, 0, 0)
    agree()


@pytest.mark.parametrize(
    ("held_for", "store", "who", "left", "why"),
    [
        ("same", "", "lan", (1001, 0), "paid in cash: nothing is held for it any more"),
        ("same", "hoan-kiem", "lan", (1001, 0), "the store's own order"),
        ("same", "cau-giay", "lan", (501, 500), "another store's order of the same number"),
        ("other", "", "lan", (501, 500), "another order"),
        ("", "", "lan", (501, 500), "no order: it is captured by hand"),
        ("same", "", "", (500, 500), "nobody's sale"),
    ],
)
def test_a_sale_lets_go_of_what_is_held_for_it(
    shop: Any, rich: str, held_for: str, store: str, who: str, left: Any, why: str
) -> None:
    order = f"o{chance.digits(9)}"
    place(rich, 500, order_id={"same": order}.get(held_for, held_for), store=store)
    told(shop, sale(rich if who else None, 10_000, order=order))
    assert stands(rich)[:2] == left, why
    agree()


def test_what_was_captured_ahead_of_its_sale_is_not_burnt_again(shop: Any, rich: str) -> None:
    """Captured by hand when the parcel is packed, the sale told days later: paid once; more than was captured is burnt."""
    hold = place(rich, 300, order_id="web-4")
    capture(hold, 200)
    body = sale(rich, 100_000, ("points", 25_000), ("cash", 75_000), order="web-4")
    told(shop, body)
    assert stands(rich) == (1000 - 250 + 10, 0, 0)
    assert hold_queries.rows(id=hold)[0].event_id == body["id"]
    told(shop, event(rich, "refund", data={"order_id": "web-4"}, store="hoan-kiem"))
    assert stands(rich) == (1000, 0, 0), "a return brings back all that paid"
    agree()


def test_card_money_is_held_and_pays_its_order(shop: Any, lan: str) -> None:
    told(shop, event(lan, "topup", data={"amount": 100_000}))
    hold = place(lan, 90_000, "card", order_id="web-5")
    assert (stands(lan, "card")[:2], stands(lan, "bonus")[:2]) == ((10_000, 90_000), (20_000, 0))
    refused = record(shop, sale(lan, 40_000, ("card_money", 40_000)))[0]
    assert refused.refusal.code == "ledger.insufficient"
    told(shop, sale(lan, 100_000, ("card_money", 100_000), order="web-5"))
    assert (stands(lan, "card"), stands(lan, "bonus")) == ((20_000, 0, 0), (0, 0, 0)), "the bonus pays first"
    assert state(hold) == ("captured", 80_000)
    ahead = place(lan, 20_000, "card", order_id="web-6")
    capture(ahead, 15_000)
    body = sale(lan, 20_000, ("card_money", 20_000), order="web-6")
    told(shop, body)
    assert stands(lan, "card") == (0, 0, 0)
    reverse.reverse_event(body["id"], reason="", by="tests", now=clock.now())
    assert stands(lan, "card") == (20_000, 0, 0)
    agree()


def test_a_refused_sale_keeps_its_hold(shop: Any, rich: str) -> None:
    hold = place(rich, 500, order_id="web-7")
    refused = record(shop, sale(rich, 1_000_000, ("points", 110_000), ("cash", 890_000), order="web-7"))[0]
    assert (refused.status, stands(rich), state(hold)) == ("refused", (500, 500, 0), ("held", 0))
    agree()


def test_a_hold_is_proved_once_and_its_sale_no_more(new_business: Any) -> None:
    """Without a proof nothing is held, with one the order's sale needs none for what is held, but for the rest."""
    shop = new_business(PROGRAMME + "spend_proof: [{by: [token]}]\n")
    with context.within(shop):
        lan = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)
        told(shop, event(lan, "visit"))
        with pytest.raises(proving.ProofNeeded):
            place(lan, 400, order_id="web-9")
        hold = place(lan, 400, order_id="web-9", shown=Shown("token"))
        assert (
            proving.spent_today(UUID(lan), programmes.in_force_at(shop.schema, clock.now()).programme, now=clock.now())
            == 40_000
        )
        more = record(shop, sale(lan, 100_000, ("points", 40_100), ("cash", 59_900), order="web-9"))[0]
        assert (more.refusal.code, more.refusal.params["value"]) == ("proof.needed", 100)
        told(shop, sale(lan, 100_000, ("points", 40_000), ("cash", 60_000), order="web-9"))
        assert (state(hold), stands(lan)) == (("captured", 400), (610, 0, 0))
        agree()


TAMPERED = [
    ("UPDATE ledger_hold SET open = false WHERE id = %s", "hold neither open nor resolved, or both"),
    ("UPDATE ledger_hold SET amount = amount + 1 WHERE id = %s", "held points of an account"),
    ("INSERT INTO ledger_hold_end SELECT id, 'voided', 0, 'x', until FROM ledger_hold WHERE id = %s", "hold neither open nor resolved, or both"),
    ("UPDATE ledger_account SET balance = balance + 1 WHERE role = 'held' AND holder_id ="
     " (SELECT member_id FROM ledger_hold WHERE id = %s)", "held points of an account"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "what"), TAMPERED)
def test_verify_names_what_was_tampered_with(rich: str, sql: str, what: str) -> None:
    hold = place(rich, 400)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql, [hold])
        assert what in {found.what for found in verifying.verify().differences}
        transaction.set_rollback(True)
    agree()


def test_quotes_see_holds_that_are_over(shop: Any, rich: str) -> None:
    ripen(place(rich, 900))
    body = sale(rich, 100_000, order="web-8")
    answer = orjson.loads(sell.quote(shop, body, now=clock.now()).answer)
    assert (answer["points_payable"]["points"], answer["balances_after"]["points"]["available"]) == (1000, 1010)
    assert stands(rich) == (1000, 0, 0)
    agree()
