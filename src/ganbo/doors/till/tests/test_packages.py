"""Packages at the till: sold, used with one press, paused, given back for what was said; each form once, and in the close of shift."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ganbo.features.packages import queries
from ganbo.features.packages.queries import PackageRow
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import confirm_store, holdings, packages, verify_books

PROGRAMME = """
ganbo: 1
programme: washes-at-the-till
name: Rửa xe
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
packages:
  - id: wash-10
    name: {vi: Gói mười, en: Ten washes}
    price: 800000
    units: {wash: 11}
    unit_names: {wash: {vi: lần rửa, en: washes}}
    months: 12
    pause_days: 60
    share: household
  - {id: gym, name: {vi: Gói tập, en: Gym}, price: 100000, units: {visit: 2}, refund: none}
"""
_made: list[Any] = []


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    if not _made:
        _made.append(new_business(PROGRAMME))
    with context.within(_made[0]):
        yield _made[0]


@pytest.fixture
def lan(enrol: Callable[..., Any]) -> Any:
    return enrol("Nguyễn Thị Lan", tier=None, address_form="chị")


def text(response: Any) -> str:
    page = re.sub(r"<[^>]+>", " ", unescape(response.content.decode()))
    return " ".join(page.replace("\u00a0", " ").split())


def press(client: Client, what: str, member: Any, **fields: object) -> Any:
    told = {"member": str(member.id), "key": str(chance.new_id())} | {k: str(v) for k, v in fields.items()}
    return client.post(f"/till/packages/{what}/", told, follow=True)


def bought(client: Client, member: Any, package: str = "wash-10") -> PackageRow:
    press(client, "sell", member, package=package)
    return queries.of_member(member.id, at=clock.now())[0]


def left(row: PackageRow) -> list[int]:
    found = queries.get(row.id, at=clock.now())
    assert found is not None
    return [unit.left for unit in found.units]


def test_it_is_sold_and_used_once_however_often_the_form_is_sent(cashier_client: Client, lan: Any) -> None:
    page = text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "Bán gói" in page
    assert "11 lần rửa" in page
    key = str(chance.new_id())
    for _ in range(2):
        page = text(press(cashier_client, "sell", lan, package="wash-10", key=key))
        assert "Đã bán Gói mười, giá 800.000 ₫." in page
    (row,) = queries.of_member(lan.id, at=clock.now())
    key = str(chance.new_id())
    for _ in range(2):
        page = text(press(cashier_client, "use", lan, package=row.id, unit="wash", quantity=1, key=key))
        assert "Chị dùng 1 lần rửa, còn 10." in page
    assert left(row) == [10]
    page = text(press(cashier_client, "use", lan, package=row.id, unit="wash", quantity=3, key=key))
    assert left(row) == [10], "the same form with another number is refused"
    page = text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "10/11 lần rửa" in page
    assert "Dùng 1 lần rửa" in page
    assert holdings.balances(lan.id, ["points"], at=clock.now())["points"].available == 0, "it was paid before"
    assert verify_books.verify().differences == ()


def test_a_use_is_undone_once_and_only_within_the_hour(cashier_client: Client, sign_in: Any, lan: Any) -> None:
    row = bought(cashier_client, lan)
    press(cashier_client, "use", lan, package=row.id, unit="wash", quantity=2)
    (use,) = queries.uses(row.id)
    for _ in range(2):
        page = text(cashier_client.post("/till/packages/undo-use/", {"use": str(use.id)}, follow=True))
        assert "Đã hủy: 2 lần rửa đã trở lại, còn tất cả 11." in page
    assert left(row) == [11]
    before = packages.Wish("wash", 1, lan.id)
    old = packages.use(row.id, before, by="tests", now=clock.now() - timedelta(hours=2))
    page = text(cashier_client.post("/till/packages/undo-use/", {"use": str(old.id)}, follow=True))
    assert "Quản lý" in page
    assert left(row) == [10], "too late for a cashier"
    sign_in("manager").post("/till/packages/undo-use/", {"use": str(old.id)}, follow=True)
    assert left(row) == [11]


def test_more_than_is_left_is_refused_with_a_sentence(cashier_client: Client, lan: Any) -> None:
    row = bought(cashier_client, lan)
    page = text(press(cashier_client, "use", lan, package=row.id, unit="wash", quantity=12))
    assert "Gói chỉ còn 11 lượt. Chưa dùng gì." in page
    for wrong in ({"unit": "wax"}, {"package": "nothing"}, {"key": "nothing"}):
        press(cashier_client, "use", lan, **({"package": row.id, "unit": "wash"} | wrong))
    assert left(row) == [11]


def test_it_is_paused_and_goes_on(cashier_client: Client, lan: Any) -> None:
    row = bought(cashier_client, lan)
    assert "Gói đã tạm dừng." in text(press(cashier_client, "pause", lan, package=row.id))
    page = text(press(cashier_client, "use", lan, package=row.id, unit="wash"))
    assert "Gói đang tạm dừng. Cho chạy tiếp trước đã." in page
    assert "Gói chạy tiếp." in text(press(cashier_client, "pause", lan, package=row.id, resume=1))
    assert left(row) == [11]


def test_what_is_left_is_given_back_for_the_money_that_was_said(cashier_client: Client, enrol: Any, lan: Any) -> None:
    row = bought(cashier_client, lan)
    page = text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "Hoàn gói, trả lại 800.000 ₫" in page
    press(cashier_client, "use", lan, package=row.id, unit="wash")
    page = text(press(cashier_client, "refund", lan, package=row.id, worth=800_000))
    assert "Phần còn lại vừa thay đổi" in page
    assert left(row) == [10]
    minh = enrol("Minh", tier=None)
    packages.share(row.id, member_id=minh.id, by="tests", now=clock.now())
    press(cashier_client, "refund", minh, package=row.id, worth=727_273)
    assert left(row) == [10], "only its buyer gives it back"
    assert "10/11 lần rửa" in text(cashier_client.get("/till/", {"member": str(minh.id)})), "but may use it"
    page = text(press(cashier_client, "refund", lan, package=row.id, worth=727_273))
    assert "Đã hủy: trả lại khách 727.273 ₫." in page
    assert "lần rửa" not in text(cashier_client.get("/till/", {"member": str(minh.id)})).replace("11 lần rửa", "")
    assert verify_books.verify().differences == ()


def test_a_sale_by_mistake_is_undone_while_nothing_was_used(cashier_client: Client, lan: Any) -> None:
    row = bought(cashier_client, lan, "gym")
    page = text(cashier_client.post("/till/packages/undo/", {"package": str(row.id)}, follow=True))
    assert "Đã hủy: trả lại khách 100.000 ₫." in page, "also when unused units are not given back"
    row = bought(cashier_client, lan)
    press(cashier_client, "use", lan, package=row.id, unit="wash")
    page = text(cashier_client.post("/till/packages/undo/", {"package": str(row.id)}, follow=True))
    assert "Gói đã dùng một phần. Có thể hoàn phần còn lại." in page
    assert left(row) == [10]


def test_strangers_see_and_do_nothing(cashier_client: Client, sign_in: Any, fumi: Any, lan: Any) -> None:
    row = bought(cashier_client, lan)
    assert Client().get(f"/till/packages/{row.id}/").status_code == 302
    assert cashier_client.get(f"/till/packages/{chance.new_id()}/").status_code == 404
    assert cashier_client.get(f"/till/packages/used/{chance.new_id()}/").status_code == 404
    press(sign_in("cashier", at=fumi), "use", lan, package=row.id, unit="wash")
    assert left(row) == [11]


def test_the_close_of_shift_knows_what_was_sold_used_and_given_back(cashier_client: Client, lan: Any) -> None:
    store = f"s{chance.digits(8)}"
    confirm_store.confirm(store, name="Quầy gói", by="tests")
    elsewhere = packages.sell("wash-10", member_id=lan.id, by="tests", now=clock.now() - timedelta(seconds=1))
    cashier_client.post("/till/store/", {"store": store})
    row = bought(cashier_client, lan)
    press(cashier_client, "use", lan, package=row.id, unit="wash", quantity=2)
    press(cashier_client, "use", lan, package=elsewhere.id, unit="wash", quantity=1)
    press(cashier_client, "use", lan, package=row.id, unit="wash")
    undone = queries.uses(row.id)[0]
    cashier_client.post("/till/packages/undo-use/", {"use": str(undone.id)})
    press(cashier_client, "refund", lan, package=row.id, worth=654_545)
    said = text(cashier_client.get("/till/shift/"))
    assert "Gói đã bán 1 lần 800.000 ₫" in said, "the one sold elsewhere is not counted here"
    assert "Gói đã hoàn 1 lần -654.545 ₫" in said.replace("−", "-")
    assert "Gói mười dùng từ gói 3 lần rửa" in said, "the undone use is not counted"
