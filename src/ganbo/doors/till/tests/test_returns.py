"""Goods come back at the till: found by receipt, previewed, taken back once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.doors.till.tests.test_counter import form, points, sold, text
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import confirm_store, sell

Enrol = Callable[..., Any]


@pytest.fixture
def lan(enrol: Enrol) -> Any:
    return enrol("Nguyễn Thị Lan", address_form="chị")


LINES = {"sku1": "latte", "quantity1": "3", "price1": "50", "sku2": "cake", "quantity2": "1", "price2": "40"}


def sale(client: Client, member: Any, **fields: str) -> str:
    """A sale's event id."""
    told = form(member, **fields)
    sold(client, told)
    return f"till:{told['sale']}"


def shown(client: Client, event_id: str, **chosen: Any) -> str:
    return text(client.get(f"/till/return/{event_id}/", chosen))


def confirmed(client: Client, event_id: str, **chosen: Any) -> Any:
    """The page after the return, reached through what the preview offered."""
    return client.post(f"/till/return/{event_id}/record/", chosen, follow=True)


def key() -> str:
    return str(chance.new_id())


def notice(response: Any) -> str:
    return text(response).split('role="alert"')[1].split("</form>")[0]


def number(event_id: str) -> str:
    return events.get(event_id).body.split('"order_id":"')[1].split('"')[0]  # type: ignore[union-attr]


def test_a_receipt_number_leads_to_its_sale(cashier_client: Client, lan: Any) -> None:
    event_id = sale(cashier_client, lan, amount="110")
    assert points(lan) == 11
    page = cashier_client.get("/till/return/", {"q": number(event_id)}, follow=True)
    assert "Khách trả gì?" in text(page)
    assert "Chị Lan" in text(page)
    assert event_id in text(cashier_client.get("/till/return/")), "among the last sales"
    box = text(cashier_client.get("/till/", {"q": number(event_id)}, follow=True))
    assert "Khách trả gì?" in box, "the one box knows it, too"


def test_a_number_nobody_sold_under_says_what_to_do(cashier_client: Client) -> None:
    page = cashier_client.get("/till/return/", {"q": "NO-SUCH"})
    assert page.status_code == 404
    assert "Xem lại số hóa đơn" in text(page)


CHOICES = [
    ({}, {"what": "all"}, "110.000", 11, 0, "the whole bill"),
    ({}, {"what": "amount", "amount": "40"}, "40.000", 4, 7, "an amount: seven of eleven steps are left"),
    (LINES, {"what": "lines", "line": "1"}, "40.000", 4, 15, "one line"),
    (LINES, {"what": "lines", "line": "0", "pieces0": "1"}, "50.000", 5, 14, "one of three pieces"),
    (LINES, {"what": "lines", "line": ["0", "1"], "pieces0": "3"}, "190.000", 19, 0, "all lines"),
]


@pytest.mark.parametrize(("bought", "chosen", "money", "taken", "left", "why"), CHOICES)
def test_what_goes_back_is_shown_and_then_done(
    cashier_client: Client,
    lan: Any,
    bought: dict[str, str],
    chosen: dict[str, Any],
    money: str,
    taken: int,
    left: int,
    why: str,
) -> None:
    event_id = sale(cashier_client, lan, **(bought or {"amount": "110"}))
    before = points(lan)
    page = shown(cashier_client, event_id, key=key(), **chosen)
    assert f"{money}\u00a0₫" in page.split('id="back"')[1], why
    assert f"{taken} điểm" in page.split('id="back"')[1], why
    assert points(lan) == before, "looking changes nothing"
    done = text(confirmed(cashier_client, event_id, key=key(), **chosen))
    assert f"Đã hoàn {money} ₫" in done.replace("\u00a0", " ")
    assert points(lan) == left, why


WRONG = [
    ({"what": ""}, "Chọn hàng khách mang trả", "nothing chosen"),
    ({"what": "lines"}, "Đánh dấu món khách mang trả", "no line ticked"),
    ({"what": "lines", "line": "7"}, "Đánh dấu món khách mang trả", "a line the sale does not have"),
    ({"what": "amount"}, "Nhập số tiền trả lại khách", "no amount"),
    ({"what": "amount", "amount": "0"}, "Nhập số tiền trả lại khách", "nothing"),
    ({"what": "amount", "amount": "abc"}, "bằng chữ số", "words"),
    ({"what": "amount", "amount": "190.001"}, "nhiều nhất 190.000 ₫", "more than was paid"),
]


@pytest.mark.parametrize(("chosen", "sentence", "why"), WRONG)
def test_wrong_returns_say_what_to_mend(
    cashier_client: Client, lan: Any, chosen: dict[str, str], sentence: str, why: str
) -> None:
    event_id = sale(cashier_client, lan, **LINES)
    response = confirmed(cashier_client, event_id, key=key(), **chosen)
    assert response.status_code == 422
    assert sentence in text(response), why
    assert points(lan) == 19, "a refused return changes nothing"


def test_pressing_twice_returns_once_and_another_choice_is_another_return(cashier_client: Client, lan: Any) -> None:
    event_id, same = sale(cashier_client, lan, **LINES), key()
    for _ in range(2):
        confirmed(cashier_client, event_id, key=same, what="lines", line="0", pieces0="1")
    assert points(lan) == 14, "twice the same is one return"
    confirmed(cashier_client, event_id, key=same, what="lines", line="1")
    assert points(lan) == 10
    assert "còn 100.000 ₫ chưa trả" in shown(cashier_client, event_id).replace("\u00a0", " ").replace(
        '<span class="num">', ""
    ).replace("</span>", "")


def test_a_return_is_undone_and_what_is_returned_whole_is_closed(cashier_client: Client, lan: Any) -> None:
    event_id = sale(cashier_client, lan, amount="110")
    done = confirmed(cashier_client, event_id, key=key(), what="all")
    assert points(lan) == 0
    assert "đã trả hết rồi" in shown(cashier_client, event_id)
    refund = done.redirect_chain[-1][0].split("/")[-2]
    back = cashier_client.post("/till/undo/", {"event": refund}, follow=True)
    assert "lần trả hàng này không tính nữa" in text(back)
    assert points(lan) == 11


def test_stamps_level_and_vouchers_go_back_with_the_goods(cashier_client: Client, lan: Any) -> None:
    sold(cashier_client, form(lan, amount="50"))
    sold(cashier_client, form(lan, amount="50"))
    third = sale(cashier_client, lan, amount="50")
    page = shown(cashier_client, third, what="all", key=key()).split('id="back"')[1]
    assert "5 điểm, 1 tem và 2 voucher" in page, "what the third sale had brought"
    confirmed(cashier_client, third, key=key(), what="all")
    served = text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "Còn 1 tem nữa là có Latte miễn phí." in served
    assert "Đồng" in served, "the level it had brought is gone"


def test_a_sale_of_another_store_is_as_unknown_as_one_that_never_was(
    sign_in: Callable[..., Client], cafe: Any, lan: Any
) -> None:
    for store in ("hang-bac", "hang-gai"):
        confirm_store.confirm(store, name=store, by="tests")
    here, order = sign_in("cashier"), key()[-12:]
    here.post("/till/store/", {"store": "hang-bac"})
    told = {
        "id": f"pos:{key()}", "type": "purchase", "occurred_at": clock.now().isoformat(), "store": "hang-gai",
        "member": {"id": str(lan.id)}, "data": {"amount": 110_000, "order_id": order},
    }  # fmt: skip
    sell.record(cafe, told, now=clock.now())
    unknown, other = here.get("/till/return/", {"q": "NO-SUCH"}), here.get("/till/return/", {"q": order})
    assert (other.status_code, notice(other).replace(order, "NO-SUCH")) == (404, notice(unknown))
    assert here.get(f"/till/return/{told['id']}/").status_code == 404
    assert confirmed(here, str(told["id"]), key=key(), what="all").status_code == 404
    here.post("/till/undo/", {"event": told["id"]})
    assert points(lan) == 11, "nor can it be undone from here"
    manager = sign_in("manager", name="Hạnh")
    assert "Khách trả gì?" in text(manager.get("/till/return/", {"q": order}, follow=True)), "every store is theirs"


def test_a_sale_of_another_business_is_unknown(
    sign_in: Callable[..., Client], cashier_client: Client, fumi: Any
) -> None:
    theirs, order = f"pos:{key()}", key()[-12:]
    with context.within(fumi):
        told = {"id": theirs, "type": "purchase", "occurred_at": clock.now().isoformat()}
        sell.record(fumi, told | {"data": {"amount": 110_000, "order_id": order}}, now=clock.now())
    assert cashier_client.get("/till/return/", {"q": order}).status_code == 404
    assert cashier_client.get(f"/till/return/{theirs}/").status_code == 404
    assert sign_in("manager").get(f"/till/return/{theirs}/").status_code == 404
    assert confirmed(cashier_client, theirs, key=key(), what="all").status_code == 404


def test_an_old_receipt_comes_back_but_one_without_a_number_needs_a_manager(
    sign_in: Callable[..., Client], cashier_client: Client, cafe: Any, lan: Any
) -> None:
    then = clock.now() - timedelta(days=3)
    told = {"type": "purchase", "occurred_at": then.isoformat(), "member": {"id": str(lan.id)}}
    numbered, bare = f"pos:{key()}", f"pos:{key()}"
    sell.record(cafe, told | {"id": numbered, "data": {"amount": 110_000, "order_id": key()}}, now=then)
    sell.record(cafe, told | {"id": bare, "data": {"amount": 50_000}}, now=then)
    confirmed(cashier_client, numbered, key=key(), what="all")
    assert points(lan) == 5
    page = shown(cashier_client, bare, what="all", key=key())
    assert "không có số hóa đơn" in page
    assert "Quản lý vẫn hoàn tác được" in page
    assert 'name="event"' in shown(sign_in("manager"), bare)


@pytest.mark.parametrize("role", ["marketer", "care", "analyst", "auditor"])
def test_who_may_not_take_goods_back(
    sign_in: Callable[..., Client], cashier_client: Client, lan: Any, role: str
) -> None:
    event_id, client = sale(cashier_client, lan, amount="110"), sign_in(role)
    for answer in (client.get("/till/return/"), client.get(f"/till/return/{event_id}/")):
        assert answer.status_code == 403
    assert confirmed(client, event_id, key=key(), what="all").status_code == 403
    assert points(lan) == 11
