"""Perks at the till: shown with what is left, used with one tap and once a form, undone, in the close of shift; and in the wallet."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ganbo.doors.till.tests.test_packages import text
from ganbo.features.perks import models
from ganbo.foundation import chance
from ganbo.foundation.tenancy import context

PROGRAMME = """
ganbo: 1
programme: perks-at-the-till
name: Đặc quyền
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
tiers:
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}, benefits: {perks: [upsize]}}
    - {id: gold, name: {vi: Vàng, en: Gold}, enter: {spend: 1000}}
perks:
  - {id: upsize, text: {vi: Nâng size miễn phí, en: Free upsize}, count: 1, per: month, show: till}
"""


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    with context.within(new_business(PROGRAMME)):
        yield context.current()


def test_a_perk_from_tap_to_undo(cashier_client: Client, sign_in: Any, enrol: Any, fumi: Any) -> None:
    lan, gold = enrol("Nguyễn Thị Lan", tier=None), enrol("Tư", tier="gold")
    page = text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "Nâng size miễn phí còn 1 lần trong tháng này Dùng" in page
    assert "Nâng size" not in text(cashier_client.get("/till/", {"member": str(gold.id)})), "another level"
    told = {"member": str(lan.id), "perk": "upsize", "key": str(chance.new_id())}
    for _ in range(2):
        page = text(cashier_client.post("/till/perks/use/", told, follow=True))
        assert "Đưa khách: Nâng size miễn phí." in page
    page = text(cashier_client.post("/till/perks/use/", told | {"key": str(chance.new_id())}, follow=True))
    assert "đã dùng hết số lần" in page
    sign_in("cashier", at=fumi).post("/till/perks/use/", told | {"key": str(chance.new_id())})
    (use,) = models.Use.objects.all()
    assert "Nâng size miễn phí × 1" in text(cashier_client.get("/till/shift/"))
    page = text(cashier_client.post("/till/perks/undo/", {"use": str(use.id)}, follow=True))
    assert "Đã hủy: Nâng size miễn phí chưa dùng." in page
    assert "còn 1 lần" in text(cashier_client.get("/till/", {"member": str(lan.id)}))
    assert "Nâng size" not in text(cashier_client.get("/till/shift/"))
    assert cashier_client.get(f"/till/perks/used/{chance.new_id()}/").status_code == 404
    for wrong in ({"key": "x"}, {"member": "x"}, {"perk": "x"}):
        cashier_client.post("/till/perks/use/", told | {"key": str(chance.new_id())} | wrong)
    assert models.Use.objects.count() == 1
