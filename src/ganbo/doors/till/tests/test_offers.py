"""Vouchers and codes on a bill at the till: the best stands ticked, each failing one says why, each is used once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.doors.till.tests.test_counter import form, points, sold, text
from ganbo.features.rewards import batches, codes
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.journeys import guessing, make_vouchers, redemption_writing, sell

Enrol = Callable[..., Any]


@pytest.fixture
def lan(enrol: Enrol) -> Any:
    return enrol("Nguyễn Thị Lan", address_form="chị")


@pytest.fixture
def give(cafe: Any) -> Callable[..., Any]:
    """A voucher of a reward, redeemed for points: `give(lan, "ten")` → its row."""

    def make(member: Any, reward: str) -> Any:
        told = {"id": f"pos:{chance.new_id()}", "type": "purchase", "occurred_at": clock.now().isoformat()}
        sell.record(cafe, told | {"member": {"id": str(member.id)}, "data": {"amount": 600_000}}, now=clock.now())
        ask = redemption_writing.Ask(("id", str(member.id)), reward, 1, "", b"")
        given = sell.redeem(cafe, ask, now=clock.now())
        assert given.refusal is None
        return rewards.by_redemption(orjson.loads(given.answer or "")["id"])

    return make


def code(voucher: Any) -> str:
    return codes.hidden(voucher.id)


def quoted(client: Client, told: dict[str, Any]) -> str:
    return text(client.post("/till/quote/", told)).replace("\u00a0", " ")


def tile(page: str, voucher: Any) -> str:
    """The tile of a voucher."""
    return page.split(f'name="code" value="{code(voucher)}"')[1].split("</label>")[0]


def pays(page: str) -> str:
    return page.split('class="bill-total')[1].split('<span class="num">')[1].split("<")[0]


def uses_left(voucher: Any) -> int:
    row = rewards.by_id(voucher.id)
    assert row is not None
    return row.uses_left


def net(told: dict[str, str]) -> int:
    event = events.get(f"till:{told['sale']}")
    assert event is not None
    return event.net or 0


def test_the_best_for_the_customer_stands_ticked_and_the_other_says_why(
    cashier_client: Client, lan: Any, give: Any
) -> None:
    ten, fifth = give(lan, "ten"), give(lan, "fifth")
    page = quoted(cashier_client, form(lan, amount="100"))
    assert pays(page) == "80.000 ₫"
    assert " checked" in tile(page, fifth)
    assert " checked" not in tile(page, ten)
    assert "không dùng" in tile(page, ten), "why not"
    assert uses_left(fifth) == 1, "looking uses nothing"


def test_what_is_ticked_is_used_once_and_lowers_the_price(cashier_client: Client, lan: Any, give: Any) -> None:
    ten = give(lan, "ten")
    before = points(lan)
    told = form(lan, amount="100", code=code(ten))
    for _ in range(2):
        page = sold(cashier_client, told)
    assert "90.000" in page
    assert "Đã dùng: Giảm 10." in page
    assert (net(told), uses_left(ten), points(lan)) == (90_000, 0, before + 9)


def test_the_cashier_may_choose_another_or_none(cashier_client: Client, lan: Any, give: Any) -> None:
    ten, fifth = give(lan, "ten"), give(lan, "fifth")
    chosen = quoted(cashier_client, form(lan, amount="100", code=code(ten), proposed=code(fifth)))
    assert pays(chosen) == "90.000 ₫"
    assert 'name="chosen" value="1"' in chosen
    none = quoted(cashier_client, form(lan, amount="100", proposed=code(fifth)))
    assert pays(none) == "100.000 ₫"
    told = form(lan, amount="100")
    sold(cashier_client, told)
    assert (net(told), uses_left(fifth)) == (100_000, 1), "never used without a tick"


def test_the_same_form_with_another_voucher_is_refused(cashier_client: Client, lan: Any, give: Any) -> None:
    ten, fifth = give(lan, "ten"), give(lan, "fifth")
    told = form(lan, amount="100", code=code(ten))
    sold(cashier_client, told)
    response = cashier_client.post("/till/sell/", told | {"code": code(fifth)})
    assert response.status_code == 409
    assert "đã ghi với số khác" in text(response)
    assert uses_left(fifth) == 1


UNFIT = [
    ("big", "80", "cần hóa đơn từ 100.000 ₫", "too small a bill"),
]


@pytest.mark.parametrize(("reward", "amount", "sentence", "why"), UNFIT)
def test_a_voucher_that_does_not_fit_is_greyed_and_cannot_be_slipped_in(
    cashier_client: Client, lan: Any, give: Any, reward: str, amount: str, sentence: str, why: str
) -> None:
    voucher = give(lan, reward)
    page = quoted(cashier_client, form(lan, amount=amount))
    assert " disabled" in tile(page, voucher)
    assert sentence in tile(page, voucher), why
    response = cashier_client.post("/till/sell/", form(lan, amount=amount, code=code(voucher)))
    assert response.status_code == 422
    assert sentence in text(response).replace("\u00a0", " ")
    assert uses_left(voucher) == 1


def typed(client: Client, member: Any, what: str, **fields: str) -> str:
    response = client.post("/till/sell/", form(member, typed=what, **fields))
    assert response.status_code == 200
    return text(response).replace("\u00a0", " ")


def test_a_typed_code_is_shown_on_the_bill_first_and_sold_with_the_next_press(
    cashier_client: Client, lan: Any, give: Any
) -> None:
    ten = give(lan, "ten")
    told = form(lan, amount="100")
    page = text(cashier_client.post("/till/sell/", told | {"typed": ten.code.lower()})).replace("\u00a0", " ")
    assert pays(page) == "90.000 ₫"
    assert events.get(f"till:{told['sale']}") is None, "shown, not sold"
    assert told["sale"] in page, "the same form goes on"
    sold(cashier_client, told | {"code": ten.code.lower()})
    sold(cashier_client, told | {"code": ten.code.lower()})
    assert (net(told), uses_left(ten)) == (90_000, 0)


def test_codes_that_fail_say_why_beside_them(cashier_client: Client, lan: Any, give: Any, enrol: Enrol) -> None:
    assert "“ABCDEF-123”: Mã này không dùng được" in typed(cashier_client, lan, "ABCDEF-123", amount="100")
    assert "ABCDEF-123" not in quoted(cashier_client, form(lan, amount="100")), "told once, then gone"
    ten = give(lan, "ten")
    sold(cashier_client, form(lan, amount="100", code=code(ten)))
    assert "Giảm 10 đã được dùng" in typed(cashier_client, lan, ten.code, amount="100")
    theirs = give(enrol("Minh"), "ten")
    assert "Giảm 10 là của thành viên khác" in typed(cashier_client, lan, theirs.code, amount="100"), "not whose"
    assert uses_left(theirs) == 1


def test_a_gift_card_pays_after_the_discount_and_the_rest_stays_on_it(
    cashier_client: Client, lan: Any, give: Any
) -> None:
    ten, card = give(lan, "ten"), give(lan, "card")
    told = form(lan, amount="40") | {"code": [code(ten), code(card)]}
    page = quoted(cashier_client, told)
    assert pays(page) == "0 ₫"
    assert "0 ₫" in sold(cashier_client, told).replace("\u00a0", " ").split('<p class="num-plain">')[-1]
    again = quoted(cashier_client, form(lan, amount="100"))
    assert "có 14.000 ₫" in again
    found = text(cashier_client.get("/till/", {"q": card.code})).replace("\u00a0", " ")
    assert "14.000 ₫</span></span> còn trong thẻ" in found
    assert pays(again) == "76.000 ₫", "10 % for the level just reached, then 50.000 − 36.000 that are still on the card"


def test_what_a_gift_card_paid_goes_back_to_it_and_never_in_money(cashier_client: Client, lan: Any, give: Any) -> None:
    card = give(lan, "card")
    told = form(lan, amount="80", code=code(card))
    sold(cashier_client, told)
    page = f"/till/return/till:{told['sale']}/"
    asked = {"key": str(chance.new_id()), "what": "amount", "amount": "20"}
    assert pays(text(cashier_client.get(page, asked)).replace("\u00a0", " ")) == "20.000 ₫", "money first"
    cashier_client.post(f"{page}record/", asked)
    rest = {"key": str(chance.new_id()), "what": "all"}
    shown = text(cashier_client.get(page, rest)).replace("\u00a0", " ")
    assert pays(shown) == "10.000 ₫", "30.000 were paid in money, 20.000 of them are back already"
    done = text(cashier_client.post(f"{page}record/", rest, follow=True)).replace("\u00a0", " ")
    assert "Tiền trả khách: " in done
    assert "10.000 ₫" in done
    assert pays(quoted(cashier_client, form(lan, amount="80"))) == "30.000 ₫", "50.000 are on the card again"


def test_a_free_item_is_taken_off_its_line_or_handed_over_beside_a_bare_amount(
    cashier_client: Client, lan: Any, give: Any
) -> None:
    first, second = give(lan, "peach-tea"), give(lan, "peach-tea")
    line = {"sku1": "peach-tea", "quantity1": "1", "price1": "45", "sku2": "cake", "quantity2": "1", "price2": "30"}
    assert pays(quoted(cashier_client, form(lan, **line))) == "30.000 ₫"
    page = quoted(cashier_client, form(lan, amount="30"))
    assert "không tính vào hóa đơn" in tile(page, first)
    told = form(lan, amount="30", code=code(second))
    sold(cashier_client, told)
    assert (net(told), uses_left(second), uses_left(first)) == (30_000, 0, 1)


def test_a_gift_without_a_bill_is_handed_over_once_and_can_come_back(
    cashier_client: Client, lan: Any, give: Any
) -> None:
    tea = give(lan, "peach-tea")
    told = form(lan, code=code(tea))
    for _ in range(2):
        page = sold(cashier_client, told)
    assert "Đưa khách: Trà đào." in page
    assert uses_left(tea) == 0
    back = {"sale": told["sale"]}
    for _ in range(2):
        page = text(cashier_client.post("/till/undo-handing/", back, follow=True))
    assert "dùng lại được" in page
    assert uses_left(tea) == 1


def test_a_discount_needs_a_bill(cashier_client: Client, lan: Any, give: Any) -> None:
    ten = give(lan, "ten")
    response = cashier_client.post("/till/sell/", form(lan, code=code(ten)))
    assert response.status_code == 422
    assert "Nhập tổng hóa đơn trước đã" in text(response)
    assert uses_left(ten) == 1


def test_a_returned_sale_brings_its_voucher_back(cashier_client: Client, lan: Any, give: Any) -> None:
    ten = give(lan, "ten")
    told = form(lan, amount="100", code=code(ten))
    sold(cashier_client, told)
    page = f"/till/return/till:{told['sale']}/"
    shown = text(cashier_client.get(page, {"what": "all", "key": str(chance.new_id())})).split('id="back"')[1]
    assert "1 voucher" in shown
    cashier_client.post(f"{page}record/", {"what": "all", "key": str(chance.new_id())})
    assert uses_left(ten) == 1


def test_without_scripts_the_price_is_asked_for(cashier_client: Client, lan: Any, give: Any) -> None:
    ten = give(lan, "ten")
    page = text(cashier_client.post("/till/sell/", form(lan, amount="100", look="1"))).replace("\u00a0", " ")
    assert pays(page) == "90.000 ₫"
    assert " checked" in tile(page, ten)


def test_a_scanned_voucher_goes_on_a_bill_of_its_owner(cashier_client: Client, lan: Any, give: Any) -> None:
    ten = give(lan, "ten")
    page = text(cashier_client.get("/till/", {"q": ten.code}))
    assert "Dùng ngay" in page
    told = {"sale": str(chance.new_id()), "member": str(lan.id), "typed": code(ten)}
    bill = text(cashier_client.post("/till/sell/", told))
    assert " checked" in tile(bill, ten)
    assert "Chị Lan" in bill


@pytest.fixture
def guesses_forgotten(cafe: Any) -> Iterator[None]:
    """Nobody waits for what was tried here in vain."""
    yield
    guessing.forget_old(at=clock.now() + timedelta(days=3))


@pytest.mark.usefixtures("guesses_forgotten")
def test_too_many_guesses_must_wait(cashier_client: Client, lan: Any) -> None:
    for n in range(10):
        typed(cashier_client, lan, f"NOT-A-CODE-{n}", amount="100")
    assert "Đợi" in typed(cashier_client, lan, "NOT-A-CODE-11", amount="100")
    told = form(lan, amount="100")
    sold(cashier_client, told)
    assert net(told) == 100_000, "selling goes on"


@pytest.fixture
def coupon(cafe: Any) -> Callable[..., str]:
    """A code that serves whoever bears it: `coupon("ten")`."""

    def make(reward: str, pattern: str = "") -> str:
        with transaction.atomic():  # a worker of another test cannot be at it too
            batch = make_vouchers.order(make_vouchers.Wanted(reward, 1, pattern), now=clock.now())
            while make_vouchers.make_some(at=clock.now()):
                pass
        return next(iter(batches.all_codes(batch, key=settings.CODE_KEY)))

    return make


@pytest.mark.parametrize("pattern", ["", "TEA-####-####-####"])
def test_a_bearers_code_serves_a_sale_without_a_member(
    cashier_client: Client, coupon: Callable[..., str], pattern: str
) -> None:
    bearers = coupon("ten", pattern)
    scanned = text(cashier_client.get("/till/", {"q": bearers}))
    assert "Dùng ngay" in scanned
    assert "?member=" not in scanned, "it is nobody's"
    told = form(amount="100")
    page = text(cashier_client.post("/till/sell/", told | {"typed": bearers})).replace("\u00a0", " ")
    assert pays(page) == "90.000 ₫"
    assert "Không thành viên" in page or "không thành viên" in page
    for _ in range(2):
        sold(cashier_client, told | {"code": bearers})
    assert net(told) == 90_000
    used = text(cashier_client.get("/till/", {"q": bearers}))
    assert "Voucher này đã dùng rồi." in used
    again = text(cashier_client.post("/till/sell/", form(amount="100") | {"typed": bearers}))
    assert "Giảm 10 đã được dùng" in again


def test_several_codes_on_one_bill(cashier_client: Client, lan: Any, give: Any, coupon: Callable[..., str]) -> None:
    big, bearers = give(lan, "big"), coupon("ten")
    told = form(lan, amount="200") | {"code": [code(big), bearers]}
    assert pays(quoted(cashier_client, told)) == "160.000 ₫"
    sold(cashier_client, told)
    assert (net(told), uses_left(big)) == (160_000, 0)
