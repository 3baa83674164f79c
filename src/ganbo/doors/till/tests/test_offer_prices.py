"""Offers at the till: each stands on the bill as a line of its own, and the sale costs what was shown."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.doors.till.tests.test_counter import form, sold
from ganbo.doors.till.tests.test_offers import pays, quoted
from ganbo.engine import basket
from ganbo.foundation.tenancy import context

PROGRAMME = """
ganbo: 1
programme: till-offers
name: {vi: Gắn Bó, en: Gắn Bó Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: {vi: điểm, en: points}, expires: {kind: never}}}
earn: [{id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}]
offers:
  - {id: soft, name: {vi: Vé giá mềm, en: Soft tickets}, lines: 'line.sku == "ve"', price: 50000}
  - {id: combo, name: {vi: Combo bắp nước, en: Popcorn combo}, bundle: [{sku: bap, n: 1}, {sku: nuoc, n: 2}], price: 99000}
  - {id: mine, name: {vi: Ưu đãi thành viên, en: Members' offer}, for: members, lines: 'line.sku == ""', percent: 1}
"""
_made: list[Any] = []


@pytest.fixture
def cafe(new_business: Any) -> Iterator[Any]:
    """A cinema, made once a process."""
    if not _made:
        _made.append(new_business(PROGRAMME))
    with context.within(_made[0]):
        yield _made[0]


def basket_form(**more: str) -> dict[str, str]:
    rows = {"sku1": "ve", "quantity1": "2", "price1": "80", "sku2": "bap", "price2": "60", "sku3": "nuoc"}
    return form(**rows, quantity3="2", price3="30", **more)


def test_each_offer_stands_on_the_bill(cashier_client: Client) -> None:
    page = quoted(cashier_client, basket_form())
    bill = page.split('<dl class="bill">')[1].split("</dl>")[0]
    assert [name in bill for name in ("Vé giá mềm", "Combo bắp nước", "Ưu đãi thành viên")] == [True, True, False]
    assert ["280.000" in bill, "60.000" in bill, "21.000" in bill] == [True, True, True]
    assert pays(page) == "199.000 ₫"


def test_the_sale_costs_what_was_shown_and_names_its_offers(cashier_client: Client) -> None:
    told = basket_form()
    page = sold(cashier_client, told)
    assert "Đã dùng: Vé giá mềm, Combo bắp nước." in page
    kept = events.get(f"till:{told['sale']}")
    assert kept is not None
    data = orjson.loads(kept.body)
    assert basket.order_of(data, "VND").total == 199_000
    assert data["offers"] == [{"offer": "soft", "amount": 60_000}, {"offer": "combo", "amount": 21_000}]
    assert "Đã dùng" in sold(cashier_client, told), "the same form again is the same sale"


def test_a_bare_amount_has_no_goods(cashier_client: Client) -> None:
    page = quoted(cashier_client, form(amount="110"))
    assert (pays(page), "Vé giá mềm" in page) == ("110.000 ₫", False)
