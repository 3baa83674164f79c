"""An open choice stands at the member at the till, is no voucher of the bill, and is picked once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ganbo.doors.till.tests.test_packages import text
from ganbo.features.rewards import queries
from ganbo.foundation import chance
from ganbo.foundation.tenancy import context

PROGRAMME = """
ganbo: 1
programme: choices-at-the-till
name: Quà tự chọn
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: welcome, name: {vi: Chào mừng, en: Welcome}, on: signup, give: {voucher: thanks}}
rewards:
  - {id: thanks, name: {vi: Quà cảm ơn, en: A thank-you}, choose: [ten, small-gift], within_days: 14}
  - {id: ten, name: {vi: Giảm 10, en: Ten off}, kind: discount, percent: 10}
  - {id: small-gift, name: {vi: Bộ quà nhỏ, en: A small gift}, kind: gift}
"""


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    with context.within(new_business(PROGRAMME)):
        yield context.current()


def test_it_is_picked_at_the_till(cashier_client: Client, sign_in: Any, enrol: Any, fumi: Any) -> None:
    lan = enrol("Nguyễn Thị Lan", tier=None, address_form="chị")
    (row,) = queries.vouchers_of(lan.id)
    page = text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "Quà cảm ơn: chọn một món" in page
    told = {"member": str(lan.id), "voucher": str(row.id), "reward": "ten"}
    bill = {"sale": str(chance.new_id()), "member": str(lan.id), "amount": "100.000"}
    assert "Quà cảm ơn" not in text(cashier_client.post("/till/quote/", bill)), "it is no voucher yet"
    sign_in("cashier", at=fumi).post("/till/choose/", told)
    assert queries.vouchers_of(lan.id)[0].reward == "thanks", "another business chooses nothing"
    assert "không nằm trong" in text(cashier_client.post("/till/choose/", told | {"reward": "latte"}, follow=True))
    for _ in range(2):
        page = text(cashier_client.post("/till/choose/", told, follow=True))
        assert "Đã chọn: Giảm 10" in page
        assert "Quà cảm ơn" not in page
    assert "Khách đã chọn rồi" in text(
        cashier_client.post("/till/choose/", told | {"reward": "small-gift"}, follow=True)
    )
    assert "90.000 ₫" in text(cashier_client.post("/till/quote/", bill)), "what was chosen is used like any voucher"
