"""Points on the bill at the till: the chips, the rest to pay, and a sale that costs what was shown."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ganbo.doors.till.tests.test_counter import form, points, sold, text
from ganbo.doors.till.tests.test_offers import pays, quoted
from ganbo.foundation import chance, clock
from ganbo.journeys import sell


@pytest.fixture
def lan(cafe: Any, enrol: Callable[..., Any]) -> Any:
    """Lan with 123 points and no voucher."""
    member = enrol("Nguyễn Thị Lan", address_form="chị")
    told = {"id": f"pos:{chance.new_id()}", "type": "purchase", "occurred_at": clock.now().isoformat()}
    sell.record(cafe, told | {"member": {"id": str(member.id)}, "data": {"amount": 1_230_000}}, now=clock.now())
    return member


def test_none_half_or_most_and_the_rest_in_cash(cashier_client: Client, lan: Any) -> None:
    before = points(lan)
    page = quoted(cashier_client, form(lan, amount="110.000"))
    assert "−12.000 ₫ · 120 điểm" in page and "−6.000 ₫ · 60 điểm" in page, "tens of the 123 there are"
    assert pays(page) == "110.000 ₫", "nothing is chosen for them"
    page = quoted(cashier_client, form(lan, amount="110.000") | {"points": "half"})
    assert pays(page) == "104.000 ₫"
    told = form(lan, amount="110.000") | {"points": "most", "seen": "98000"}
    done = sold(cashier_client, told).replace("\u00a0", " ")
    assert "120 điểm cho 12.000 ₫" in done and "98.000 ₫" in done
    assert points(lan) == before - 120 + 11, "the whole bill earns"
    said = " ".join(re.sub(r"<[^>]+>", " ", text(cashier_client.get("/till/shift/?whose=mine"))).split())
    assert "Điểm trả 120 điểm 12.000 ₫" in said


def test_a_bill_that_changed_meanwhile_is_shown_again(cashier_client: Client, lan: Any) -> None:
    before = points(lan)
    told = form(lan, amount="110.000") | {"points": "most", "seen": "97000"}
    page = cashier_client.post("/till/sell/", told)
    assert page.status_code == 422
    assert points(lan) == before


def test_without_enough_points_there_are_no_chips(cashier_client: Client, enrol: Callable[..., Any]) -> None:
    assert 'name="points"' not in quoted(cashier_client, form(enrol("Minh"), amount="110.000"))
