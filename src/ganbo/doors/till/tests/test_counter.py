"""The till as a cashier walks it, on a real database."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.books.ledger import queries as ledger
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.journeys import publish_programme, reverse, sell
from ganbo.people.members import queries as members

Enrol = Callable[..., Any]


@pytest.fixture
def lan(enrol: Enrol) -> Any:
    return enrol("Nguyễn Thị Lan", tier="gold", address_form="chị")


def points(member: Any) -> int:
    return ledger.balances(member.id, ["points"], at=clock.now())["points"].available


def text(response: Any) -> str:
    return unescape(response.content.decode())


def form(member: Any = None, **fields: str) -> dict[str, str]:
    return {"sale": str(chance.new_id()), "member": str(member.id) if member else ""} | fields


def sold(client: Client, told: dict[str, str]) -> str:
    """The page that follows a sale."""
    response = client.post("/till/sell/", told, follow=True)
    assert response.status_code == 200
    return text(response)


def test_lan_is_known_by_phone_digits_name_and_card_but_never_shown_whole(cashier_client: Client, lan: Any) -> None:
    sold(cashier_client, form(lan, amount="110"))
    for typed in (lan.phone, "0" + lan.phone[3:], lan.phone[-7:]):
        page = text(cashier_client.get("/till/", {"q": typed}))
        assert "Chị Lan" in page, typed
        assert f"••• {lan.phone[-3:]}" in page
        assert lan.phone not in page
        assert "Vàng" in page
        assert "16</span> điểm" in page, "the balance"
        assert "1.600\u00a0₫" in page, "what it is worth"


def test_a_name_without_diacritics_lists_several(cashier_client: Client, enrol: Enrol) -> None:
    word = chance.new_id().hex[:8]
    enrol(f"Trần {word} Thủy")
    enrol(f"Lê {word} Thùy")
    page = text(cashier_client.get("/till/", {"q": f"{word} thuy"}))
    assert "Khách nào?" in page
    assert page.count("?member=") == 2


def test_a_sale_says_what_was_earned_and_why(cashier_client: Client, lan: Any) -> None:
    page = sold(cashier_client, form(lan, amount="110"))
    assert "16 điểm" in page
    assert "Chị đang có 16 điểm." in page
    assert points(lan) == 16


def test_pressing_twice_sells_once(cashier_client: Client, lan: Any) -> None:
    told = form(lan, amount="110.000")
    sold(cashier_client, told)
    sold(cashier_client, told)
    assert points(lan) == 16


def test_the_same_form_with_another_amount_is_refused_and_changes_nothing(cashier_client: Client, lan: Any) -> None:
    told = form(lan, amount="110")
    sold(cashier_client, told)
    response = cashier_client.post("/till/sell/", told | {"amount": "220"})
    assert response.status_code == 409
    assert "đã ghi với số khác" in text(response)
    assert points(lan) == 16


WRONG = [
    ({"amount": ""}, "Nhập tổng hóa đơn trước đã", "nothing typed"),
    ({"amount": "0"}, "Hóa đơn 0 đồng", "a bill of nothing"),
    ({"amount": "mười"}, "Nhập tổng bằng chữ số", "words"),
    ({"amount": "99999999999999"}, "Tổng này lớn quá", "a cat on the keyboard"),
    ({"price1": "abc", "sku1": "latte"}, "Nhập tổng bằng chữ số", "a line's price in words"),
]


@pytest.mark.parametrize(("typed", "sentence", "why"), WRONG)
def test_wrong_sales_say_what_to_mend(
    cashier_client: Client, lan: Any, typed: dict[str, str], sentence: str, why: str
) -> None:
    response = cashier_client.post("/till/sell/", form(lan, **typed))
    assert response.status_code in (409, 422)
    assert sentence in text(response), why
    assert points(lan) == 0, "a refused sale changes nothing"


def test_a_receipt_number_counts_once(cashier_client: Client, lan: Any) -> None:
    number = chance.new_id().hex[:12]
    sold(cashier_client, form(lan, amount="110", order_id=number))
    response = cashier_client.post("/till/sell/", form(lan, amount="110", order_id=number))
    assert "không tính hai lần" in text(response)
    assert points(lan) == 16


def test_a_sale_without_a_member(cashier_client: Client) -> None:
    assert "không thành viên" in sold(cashier_client, form(amount="45"))


def test_a_new_number_becomes_a_card_and_a_sale_in_one_press(cashier_client: Client, cafe: Any) -> None:
    phone = f"+849{chance.digits(8)}"
    assert "Số mới. Tạo thẻ?" in text(cashier_client.get("/till/", {"q": phone}))
    told = form(amount="100", phone=phone, form="anh", name="Minh")
    page = text(cashier_client.post("/till/join/", told, follow=True))
    minh = members.by_key("phone", phone)
    assert minh is not None
    assert (minh.name, minh.address_form) == ("Minh", "anh")
    assert "10 điểm" in page
    cashier_client.post("/till/join/", told)
    assert points(minh) == 10, "sent twice: one card, one sale"


def redeem(client: Client, member: Any, reward: str, key: str) -> str:
    told = {"member": str(member.id), "reward": reward, "key": key}
    return text(client.post("/till/redeem/", told, follow=True))


def test_redeeming_gives_one_voucher_and_undo_takes_it_back(cashier_client: Client, lan: Any) -> None:
    sold(cashier_client, form(lan, amount="800"))
    assert points(lan) == 120
    assert "Đã đổi 60 điểm lấy Trà đào." in redeem(cashier_client, lan, "peach-tea", "k")
    page = redeem(cashier_client, lan, "peach-tea", "k")
    assert points(lan) == 60, "the same key gives one"
    code = page.split('<p class="till-code">')[1].split('<span class="num">')[1].split("<")[0]
    assert "Đây là voucher" in text(cashier_client.get("/till/", {"q": code.lower()}))
    redemption = page.split('name="redemption" value="')[1].split('"')[0]
    back = text(cashier_client.post("/till/undo-redemption/", {"redemption": redemption}, follow=True))
    assert "trả lại 60 điểm" in back
    assert points(lan) == 120


def test_too_few_points_say_how_many_are_missing(cashier_client: Client, lan: Any) -> None:
    assert "còn thiếu 300" in redeem(cashier_client, lan, "tote", "k2")
    assert points(lan) == 0


def test_undo_within_the_hour(cashier_client: Client, lan: Any) -> None:
    told = form(lan, amount="110")
    sold(cashier_client, told)
    page = text(cashier_client.post("/till/undo/", {"event": f"till:{told['sale']}"}, follow=True))
    assert "Đã hoàn tác" in page
    assert points(lan) == 0


def test_an_old_sale_needs_a_manager(sign_in: Callable[..., Client], cafe: Any, lan: Any) -> None:
    event_id, then = f"till:{chance.new_id()}", clock.now() - reverse.CASHIERS - timedelta(minutes=1)
    told = {"id": event_id, "type": "purchase", "occurred_at": then.isoformat(), "member": {"id": str(lan.id)}}
    sell.record(cafe, told | {"data": {"amount": 110_000}}, now=then)
    refused = text(sign_in("cashier").post("/till/undo/", {"event": event_id}, follow=True))
    assert "Quản lý vẫn hoàn tác được" in refused
    assert points(lan) == 16
    sign_in("manager", name="Hạnh").post("/till/undo/", {"event": event_id})
    assert points(lan) == 0


def test_the_quote_changes_nothing(cashier_client: Client, lan: Any) -> None:
    page = text(cashier_client.get("/till/quote/", form(lan, amount="110")))
    assert "+16</span> điểm" in page
    assert points(lan) == 0


CALLERS = [
    ("owner", 200, "owns it"),
    ("manager", 200, "stands in"),
    ("cashier", 200, "works here"),
    ("marketer", 403, "does not sell"),
    ("care", 403, "does not sell"),
    ("analyst", 403, "only reads figures"),
    ("auditor", 403, "only reads books"),
]


@pytest.mark.parametrize(("role", "status", "why"), CALLERS)
def test_who_may_sell(sign_in: Callable[..., Client], lan: Any, role: str, status: int, why: str) -> None:
    client = sign_in(role)
    assert client.get("/till/").status_code == status, why
    told = form(lan, amount="110")
    client.post("/till/sell/", told)
    assert (events.get(f"till:{told['sale']}") is not None) == (status == 200), why


def test_strangers_sign_in_first_and_fumis_people_see_nothing(
    sign_in: Callable[..., Client], fumi: Any, lan: Any
) -> None:
    assert Client().get("/till/").status_code == 302
    client = sign_in("owner", at=fumi, name="Fumi")
    assert client.get("/till/", {"q": lan.phone}).status_code == 403
    assert client.post("/till/sell/", form(lan, amount="110")).status_code == 403
    assert points(lan) == 0


STAMPED = """
ganbo: 1
programme: stamped
name: {vi: Quán, en: Shop}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
stamp_cards:
  - {id: coffee, on: purchase, count: order, size: 3, reward: latte}
rewards:
  - {id: latte, kind: free_item, sku: latte}
"""


def test_the_live_quote_counts_stamps_beside_points(cafe: Any, lan: Any, cashier_client: Client) -> None:
    source = programmes.versions()[0].source
    publish_programme.publish(STAMPED, by="tests")
    try:
        page = text(cashier_client.get("/till/quote/", form(lan, amount="110")))
        assert "tem" in page
    finally:
        publish_programme.publish(source, by="tests")
