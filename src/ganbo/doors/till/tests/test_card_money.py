"""Topping up and paying from the card at the till, on a real database."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.doors.till.tests.test_offers import pays
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import confirm_store, holdings, verify_books

PROGRAMME = """
ganbo: 1
programme: prepaid
name: Trả trước
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
  gift_money: {name: {vi: tiền thưởng, en: bonus}, money: true, refundable: false}
earn:
  - {id: base, name: {vi: Tích điểm, en: Points}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: ten, name: {vi: Giảm 10, en: Ten off}, kind: discount, percent: 10, price: {wallet: points, amount: 1}}
  - {id: card, name: {vi: Thẻ quà tặng, en: Gift card}, kind: gift_card, amount: 50000, price: {wallet: points, amount: 1}}
topups:
  - {pay: 100000}
  - {pay: 500000, bonus: 50000, bonus_wallet: gift_money, spend: bonus_first}
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


def held(member: Any) -> tuple[int, int, int]:
    found = holdings.balances(member.id, ["points", "card", "gift_money"], at=clock.now())
    return found["points"].available, found["card"].available, found["gift_money"].available


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def top_up(client: Client, member: Any, pay: str, key: str = "") -> Any:
    told = {"member": str(member.id), "pay": pay, "key": key or str(chance.new_id())}
    return client.post("/till/topup/", told, follow=True)


def form(member: Any, **fields: str) -> dict[str, str]:
    return {"sale": str(chance.new_id()), "member": str(member.id)} | fields


def test_the_amounts_stand_at_the_member_with_their_bonus(cashier_client: Client, lan: Any) -> None:
    page = text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "Nạp 500.000 ₫ vào thẻ, được tặng 50.000 ₫ tiền thưởng." in page
    assert "Nạp 100.000 ₫ vào thẻ." in page


def test_topping_up_twice_with_one_form_is_once_and_can_be_undone(cashier_client: Client, lan: Any) -> None:
    key = str(chance.new_id())
    page = text(top_up(cashier_client, lan, "500000", key))
    assert "500.000 ₫ đã vào thẻ, quán tặng thêm 50.000 ₫ tiền thưởng." in page
    assert text(top_up(cashier_client, lan, "500000", key)).count("500.000 ₫ đã vào thẻ") == 1
    assert held(lan) == (0, 500_000, 50_000)
    page = text(cashier_client.post("/till/undo/", {"event": f"till:{key}"}, follow=True))
    assert "Đã hủy: trả lại khách 500.000 ₫." in page
    assert held(lan) == (0, 0, 0)


@pytest.mark.parametrize("pay", ["300000", "-1", "", "một trăm", "50000000000000000000000"])
def test_an_amount_that_is_not_offered_changes_nothing(cashier_client: Client, lan: Any, pay: str) -> None:
    assert "Mức nạp này không còn" in text(top_up(cashier_client, lan, pay))
    assert held(lan) == (0, 0, 0)


def test_the_card_pays_what_it_holds_and_the_customer_the_rest(cashier_client: Client, lan: Any) -> None:
    top_up(cashier_client, lan, "100000")
    shown = text(cashier_client.post("/till/quote/", form(lan, amount="150.000")))
    assert "Trả bằng thẻ" in shown
    assert pays(shown) == "150.000 ₫", "nothing is ticked for them"
    ticked = form(lan, amount="150.000", card="1")
    shown = text(cashier_client.post("/till/quote/", ticked))
    assert 'name="card_shown" value="100000"' in shown
    assert pays(shown) == "50.000 ₫"
    page = text(cashier_client.post("/till/sell/", ticked | {"card_shown": "100000"}, follow=True))
    assert "trả bằng thẻ: 100.000 ₫ tiền trong thẻ" in page
    assert held(lan) == (15, 0, 0), "stored value earns as cash does"
    assert verify_books.verify().differences == ()


def test_what_was_shown_is_what_is_paid_or_nothing_is(cashier_client: Client, lan: Any) -> None:
    top_up(cashier_client, lan, "100000")
    told = form(lan, amount="150.000", card="1", card_shown="100000")
    top_up(cashier_client, lan, "100000")
    response = cashier_client.post("/till/sell/", told)
    assert "Tiền trong thẻ đã khác" in text(response)
    assert events.get(f"till:{told['sale']}") is None
    assert held(lan) == (0, 200_000, 0)


def test_pressing_twice_pays_once(cashier_client: Client, lan: Any) -> None:
    top_up(cashier_client, lan, "100000")
    told = form(lan, amount="60.000", card="1", card_shown="60000")
    for _ in range(2):
        assert cashier_client.post("/till/sell/", told, follow=True).status_code == 200
    assert held(lan) == (6, 40_000, 0)


def test_undoing_a_top_up_that_was_spent_is_refused_with_a_sentence(cashier_client: Client, lan: Any) -> None:
    key = str(chance.new_id())
    top_up(cashier_client, lan, "100000", key)
    cashier_client.post("/till/sell/", form(lan, amount="60.000", card="1", card_shown="60000"))
    page = text(cashier_client.post("/till/undo/", {"event": f"till:{key}"}, follow=True))
    assert "Một phần đã tiêu rồi" in page
    assert held(lan) == (6, 40_000, 0)


def test_another_business_and_a_stranger_see_no_top_up(
    cashier_client: Client, sign_in: Callable[..., Client], fumi: Any, lan: Any
) -> None:
    key = str(chance.new_id())
    top_up(cashier_client, lan, "100000", key)
    assert Client().get(f"/till/topped-up/till:{key}/").status_code == 302
    assert cashier_client.get("/till/topped-up/till:nothing/").status_code == 404
    stranger = sign_in("cashier", at=fumi)
    assert stranger.get(f"/till/topped-up/till:{key}/").status_code in (302, 403, 404)


def test_the_close_of_shift_knows_what_went_in_and_what_cards_paid(cashier_client: Client, lan: Any) -> None:
    store = f"s{chance.digits(8)}"
    confirm_store.confirm(store, name="Quầy nạp", by="tests")
    cashier_client.post("/till/store/", {"store": store})
    top_up(cashier_client, lan, "500000")
    undone = str(chance.new_id())
    top_up(cashier_client, lan, "100000", undone)
    cashier_client.post("/till/undo/", {"event": f"till:{undone}"})
    cashier_client.post("/till/sell/", form(lan, amount="150.000", card="1", card_shown="150000"))
    page = re.sub(r"<[^>]+>", " ", text(cashier_client.get("/till/shift/")))
    said = " ".join(page.replace("\u00a0", " ").split())
    assert "Nạp thẻ 1 lần 500.000 ₫" in said, "the undone one is not counted"
    assert "Thẻ thành viên trả 150.000 ₫" in said
    assert "Bán hàng 1 hóa đơn 150.000 ₫" in said
    assert "Điểm đã tặng 15 điểm" in said, "money on the card is no gift of points"
