"""Who is served: stamps, level, what is to be had and why not; and what a sale says of all that."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ganbo.doors.till.tests.test_counter import form, sold, text
from ganbo.foundation import clock
from ganbo.journeys import holds
from ganbo.journeys.holds import Wish

Enrol = Callable[..., Any]


@pytest.fixture
def minh(enrol: Enrol) -> Any:
    return enrol("Trần Minh", address_form="anh")


def served(client: Client, member: Any, **headers: str) -> str:
    return text(client.get("/till/", {"member": str(member.id)}, headers=headers))


def full(page: str) -> int:
    """Filled dots on the page."""
    return page.count("stamp stamp-full")


def test_a_card_shows_its_dots_with_the_head_start_and_what_is_missing(cashier_client: Client, minh: Any) -> None:
    page = served(cashier_client, minh)
    assert "Thẻ cà phê" in page
    assert (full(page), page.count('class="stamp')) == (1, 5), "one of four is given at the start; the fifth is the row"
    assert "Còn 3 tem nữa là có Latte miễn phí." in page


def test_what_is_on_hold_stands_beside_what_can_be_used(sign_in: Callable[..., Client], minh: Any) -> None:
    """At the till and in the console: it is theirs, but it cannot be spent."""
    sold(sign_in("cashier"), form(minh, amount="50"))
    holds.place(Wish(minh.id, "points", 3), by="tests", now=clock.now())
    pages = served(sign_in("cashier"), minh), text(sign_in("manager").get(f"/console/members/{minh.id}"))
    for page in pages:
        assert "đang tạm giữ 3 điểm" in re.sub(r"<[^>]+>", "", page)


WHY_NOT = [
    ("Túi vải", "còn thiếu 300 điểm", "points to go"),
    ("Cốc sứ", "đã hết", "none left"),
    ("Buổi nếm", "số lần ghé", "a condition on the member"),
]


@pytest.mark.parametrize(("gift", "reason", "why"), WHY_NOT)
def test_what_cannot_be_had_says_why(cashier_client: Client, minh: Any, gift: str, reason: str, why: str) -> None:
    page = served(cashier_client, minh)
    below = page.split("Chưa dùng được")[1].split(gift)[1].split("</li>")[0]
    assert reason in below, why


def test_sales_say_stamps_then_the_level_and_its_voucher_then_the_full_card(cashier_client: Client, minh: Any) -> None:
    first = sold(cashier_client, form(minh, amount="50"))
    assert "được 2/4" in first
    assert full(first.split('id="bill"')[1]) == 2
    sold(cashier_client, form(minh, amount="50"))
    third = sold(cashier_client, form(minh, amount="50")).split('id="bill"')[1]
    assert "Lên hạng Bạc" in third
    assert "Giảm 10 %" in third, "the voucher of the level"
    assert "Latte miễn phí" in third, "the voucher of the card"
    assert full(third) == 4, "the card that was just filled"


def test_the_sentence_is_in_the_language_of_the_till(sign_in: Callable[..., Client], minh: Any) -> None:
    client = sign_in("cashier")
    told = form(minh, amount="50")
    page = client.post("/till/sell/", told, follow=True, headers={"accept-language": "en"})
    assert "You get 5 points" in text(page)
    assert "Anh nhận 5 điểm" in text(client.get(f"/till/done/till:{told['sale']}/"))


def test_a_sale_shows_a_number_that_stays_the_same(cashier_client: Client, minh: Any) -> None:
    told = form(minh, amount="50")
    page = sold(cashier_client, told)
    number = page.split('class="till-number">· ')[1].split("<")[0]
    assert len(number) == len("T-7K3QF-2MX9D")
    assert number in sold(cashier_client, told)
