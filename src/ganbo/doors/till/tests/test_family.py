"""Points of a household at the till: shown beside one's own, in the chips, and refused to who may not spend."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ganbo.doors.till.tests.test_counter import form, sold
from ganbo.doors.till.tests.test_offers import quoted
from ganbo.doors.till.tests.test_served import served
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, households, verify_books

PROGRAMME = """
ganbo: 1
programme: family-at-the-till
name: Cả nhà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, pay: {rate: 100}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 100}}
rewards:
  - {id: tea, name: {vi: Trà đào, en: Peach tea}, kind: free_item, sku: tea, price: {wallet: points, amount: 150}}
accounts: {pool: household, wallets: [points]}
"""


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    with context.within(new_business(PROGRAMME)):
        yield context.current()


def test_what_a_household_holds_is_told_and_pays(cafe: Any, cashier_client: Client, enrol: Callable[..., Any]) -> None:
    lan, child = enrol("Lan", tier=None), enrol("Minh", tier=None)
    home = households.found(lan.id, by="tests", now=clock.now())
    households.invite(home.id, child.id, by="tests", now=clock.now(), role="child")
    households.accept(home.id, child.id, by="tests", now=clock.now())
    page = served(cashier_client, lan)
    assert "Gia đình: 200 điểm, dùng chung" in re.sub(r"<[^>]+>", "", page).replace("\u00a0", " ")
    assert "Trà đào" in page.split("Chưa dùng được")[0], "150 of what both have"
    seen = served(cashier_client, child)
    assert "người khác trong nhà dùng" in seen and "người khác trong gia đình dùng" in seen.split("Trà đào")[1]
    assert 'name="points"' not in quoted(cashier_client, form(child, amount="110.000")), "no chips for who may not"
    assert "−11.000 ₫ · 110 điểm" in quoted(cashier_client, form(lan, amount="11.000")).replace("\u00a0", " ")
    done = sold(cashier_client, form(lan, amount="11.000") | {"points": "most", "seen": "0"}).replace("\u00a0", " ")
    assert "110 điểm cho 11.000 ₫" in done
    held = holdings.available([lan.id, child.id], "points", at=clock.now())
    assert held == {lan.id: 0, child.id: 90}, "of equal lots her own first"
    assert verify_books.verify().differences == ()
