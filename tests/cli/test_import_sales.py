"""`ganbo import sales` as a shop owner calls it: dry first, each order once, with its own date; what cannot come is told."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ganbo.books.events import models as events_models
from ganbo.books.events import queries as events
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, join, verify_books
from ganbo.people.members import bringing, queries
from ganbo.people.members.operations import Person
from tests.cli.importing import Bring, Call, call, made, shop
from tests.cli.importing import bringing as bringing_rows
from tests.journeys.test_record_events import purchase, record

__all__ = ["call", "made", "shop"]

PROGRAMME = """\
ganbo: 1
programme: moving
name: Chuyển nhà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_month, months: 12}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
tiers:
  metric: {any: [spend]}
  window: {kind: rolling, months: 24}
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: gold, name: {vi: Vàng, en: Gold}, enter: {spend: 500000}, benefits: {multiply: 2}}
"""
HEADING = "Mã đơn;Khách hàng;Ngày;Cửa hàng;Mã hàng;Số lượng;Thành tiền"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def bring(call: Call, shop: Any, tmp_path: Path) -> Bring:
    return bringing_rows(call, shop, tmp_path / "sales.csv", "sales", HEADING)


@pytest.fixture
def lan(shop: Any) -> Any:
    """Somebody new, with an external id and a phone."""
    with context.within(shop):
        person = Person(external_id=f"L{chance.digits(8)}", phone=f"+849{chance.digits(8)}", locale="en")
        return queries.get(join.join(person, at=clock.now()).member_id)


@pytest.fixture
def n() -> str:
    """What makes the orders of a test its own."""
    return chance.digits(8)


def points(shop: Any, who: Any) -> int:
    with context.within(shop):
        return holdings.balances(who.id, ["points"], at=clock.now())["points"].available


def again(shop: Any, who: Any) -> Any:
    """The member as they are now."""
    with context.within(shop):
        return queries.get(who.id)


def test_a_dry_run_says_what_would_come_and_writes_nothing(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    rows = (f"{n};{lan.external_id};03/02/2026 08:30;q1;latte;2;110.000", f"{n}b;;03/02/2026;q1;;1;45.000")
    told = bring(*rows, options=())
    assert (told["sales"], told["without_member"], told["refused"], told["written"]) == (2, 1, 0, False)
    assert told["amount"] == {"amount": 155_000, "currency": "VND"}
    assert again(shop, lan).purchases == 0


def test_they_count_with_their_dates_and_give_nothing(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    """Two lines are one order; a level is reached; what they earned elsewhere comes over as a balance, not here."""
    bring(
        f"{n};{lan.external_id};03/02/2026 08:30;q1;latte;2;110.000",
        f"{n};{lan.external_id};03/02/2026 08:30;q1;hat;1;500.000",
        f"{n}b;0{lan.phone[3:]};05/05/2026;q1;;1;45.000",  # by phone, as tills write it
    )
    her = again(shop, lan)
    assert (her.purchases, her.spend, her.tier, points(shop, lan)) == (2, 655_000, "gold", 0)
    assert her.last_purchase_at == datetime(2026, 5, 5, 12, tzinfo=HANOI)
    with context.within(shop):
        assert verify_books.verify().differences == ()


def test_asked_to_they_earn_by_the_rules(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    bring(f"{n};{lan.external_id};{clock.now():%d/%m/%Y} 00:10;q1;;1;110.000", options=("--yes", "--earn"))
    assert points(shop, lan) == 11


def test_a_dry_run_says_what_they_would_give_to_the_point(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    """Two members' orders alternate over more than a chunk; each is gold after the fiftieth; one is not enrolled yet."""
    day = f"{clock.now():%d/%m/%Y}"
    rows = [
        f"{n}-{k};{('L' + n, lan.external_id)[k % 2]};{day} 00:{k // 60:02d}:{k % 60:02d};q1;;1;10.000"
        for k in range(280)
    ]
    how = ("--earn", "--unknown", "enrol")
    dry = bring(*rows, options=how)
    assert (dry["units"], dry["enrolled"], points(shop, lan)) == ({"points": 2 * (50 + 90 * 2)}, 1, 0)
    done = bring(*rows, options=(*how, "--yes"))
    assert (done["sales"], done["enrolled"], points(shop, lan)) == (280, 1, 50 + 90 * 2)
    again = bring(*rows, options=how)
    assert (again["known"], again["units"], again["enrolled"]) == (280, {}, 0)


def test_unknown_buyers_are_enrolled_or_their_orders_anonymous(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    """One person by two spellings of a phone; the day they joined is the day of their first order."""
    phone = f"09{n}"
    rows = (f"{n};{phone};03/02/2026;q1;;1;10.000", f"{n}b;+84{phone[1:]};02/02/2026;q1;;1;20.000")
    assert [o["reason"] for o in bring(*rows)["orders"]] == ["unknown_member"] * 2
    dry = bring(*rows, options=("--unknown", "enrol"))
    assert (dry["enrolled"], dry["sales"], dry["without_member"]) == (1, 2, 0)
    assert bring(*rows, options=("--unknown", "enrol"))["enrolled"] == 1, "a dry run enrols nobody"
    assert bring(*rows, options=("--unknown", "enrol", "--yes"))["enrolled"] == 1
    with context.within(shop):
        who = queries.get(bringing.holders([("phone", f"+84{phone[1:]}")])["phone", f"+84{phone[1:]}"])
    assert (who.purchases, who.spend) == (2, 30_000)
    assert who.created_at.astimezone(HANOI).date() == date(2026, 2, 2)
    told = bring(f"{n}c;E{n};03/02/2026;q1;;1;10.000", options=("--unknown", "anonymous", "--yes"))
    assert (told["sales"], told["without_member"], told["refused"]) == (1, 1, 0)


def test_what_came_back_is_a_return(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    """Two lines of one moment came back: both count, and never more than was bought."""
    day = f"{clock.now():%d/%m/%Y}"
    rows = (
        f"{n};{lan.external_id};{day} 00:01;q1;latte;2;110.000", f"{n};{lan.external_id};{day} 00:02;q1;latte;1;-55.000",
        f"{n};{lan.external_id};{day} 00:02;q1;latte;1;-30.000",
    )  # fmt: skip
    told = bring(*rows, options=("--yes", "--earn"))
    assert (told["sales"], told["returns"], points(shop, lan)) == (1, 2, 2)
    assert bring(*rows, options=("--yes", "--earn"))["known"] == 3
    assert (again(shop, lan).spend, points(shop, lan)) == (25_000, 2)


def test_twice_is_once_and_other_figures_do_not_overwrite(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    row = f"{n};{lan.external_id};03/02/2026;q1;latte;2;110.000"
    bring(row)
    told = bring(row.replace("110.000", "120.000"), f"{n}x;{lan.external_id};04/02/2026;q1;;1;10.000")
    assert (told["sales"], [(o["order_id"], o["reason"]) for o in told["orders"]]) == (1, [(n, "other_sale")])
    assert bring(row, options=())["known"] == 1
    assert again(shop, lan).spend == 120_000


def test_a_shop_that_got_its_name_meanwhile_is_no_other_order(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    """The file says the name; the store is listed under an id with that name only after the first import."""
    row = f"{n};{lan.external_id};03/02/2026;Quán {n};latte;2;110.000"
    bring(row)
    with context.within(shop):
        events_models.Store.objects.create(id=f"q{n}", name=f"Quán {n}", confirmed=True, created_at=clock.now())
    told = bring(row)
    assert (told["sales"], told["known"], again(shop, lan).spend) == (0, 1, 110_000)


def test_what_the_shop_recorded_itself_is_not_taken_again(shop: Any, bring: Bring, lan: Any, n: str) -> None:
    """The till had recorded the order under the name of the store's id; the file says the store's name."""
    with context.within(shop):
        body = purchase(lan, amount=50_000, data={"order_id": n, "amount": 50_000})
        assert record(shop, body)[0].status == "applied"
        mine = events.get(body["id"])
        assert mine is not None
    row = f"{n};{lan.external_id};{clock.now():%d/%m/%Y} 00:01;HOAN-KIEM;;1;50.000"
    for options in ((), ("--yes",)):
        told = bring(row, options=options)
        assert (told["sales"], told["orders"][0]["reason"]) == (0, "order_recorded")
    assert again(shop, lan).spend == 50_000


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{n}z;nobody;03/02/2026;q1;;1;10.000", "unknown_member"),
        ("{n}z;;03/02/2026;q1;;1;-10.000", "only_returns"),
        ("{n}z" + "z" * 300 + ";;03/02/2026;q1;;1;10.000", "bad_sale"),
    ],
)
def test_a_bad_order_is_told_and_the_others_come(bring: Bring, lan: Any, n: str, row: str, reason: str) -> None:
    told = bring(f"{n};{lan.external_id};03/02/2026;q1;;1;10.000", row.format(n=n))
    assert (told["sales"], [o["reason"] for o in told["orders"]]) == (1, [reason])


def test_without_order_ids_nothing_comes(shop: Any, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_text("Khách hàng;Ngày;Thành tiền\nLan;03/02/2026;10.000\n", encoding="utf-8")
    told = call("sales", str(file), "--business", shop.slug, "--yes")
    assert (told.exit_code, "no order ids" in told.stderr) == (1, True)


def test_nobody_else_sees_them(fumi: Any, call: Call, bring: Bring, lan: Any, n: str, tmp_path: Path) -> None:
    row = f"{n};{lan.external_id};03/02/2026;q1;;1;10.000"
    bring(row)
    other = bringing_rows(call, fumi, tmp_path / "other.csv", "sales", HEADING)
    assert other(row, options=())["orders"][0]["reason"] == "unknown_member"


def test_in_words(shop: Any, call: Call, lan: Any, n: str, tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    rows = [f"{n};{lan.external_id};03/02/2026;q1;;1;10.000", f"{n}b;nobody;03/02/2026;q1;;1;5.000", f"{n}c;;hm;;;1;5"]
    file.write_text("\n".join([HEADING, *rows]), encoding="utf-8")
    told = call("sales", str(file), "--business", shop.slug)
    assert (
        "1 new sales (0 without a member), 0 returns, 0 in already, 1 orders not taken, 1 rows not read."
        in " ".join(told.stdout.split())
    )
    assert f"{n}b: is of “nobody”, whom nobody knows" in told.stderr
    assert "Mã đơn → order_id" in told.stderr
    assert "row 4: " in told.stderr
    assert "--unknown enrol makes them members" in " ".join(told.stdout.split())
    assert "give nothing (with --earn they do)" in " ".join(told.stdout.split())
