"""Impatient fingers: one form sent many times at once, on real connections, is one deed, and every answer says so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from ganbo.doors.till.tests.test_counter import form, points, sold
from ganbo.doors.till.tests.test_offers import code, give, uses_left
from ganbo.foundation import chance

__all__ = ["give"]
AT_ONCE = 6


@pytest.fixture
def lan(enrol: Callable[..., Any]) -> Any:
    return enrol("Nguyễn Thị Lan", address_form="chị")


def pressed(client: Client, path: str, forms: list[dict[str, str]]) -> list[int]:
    """The status of each answer to forms that were sent at once."""

    def press(told: dict[str, str]) -> int:
        try:
            one = Client(HTTP_ACCEPT_LANGUAGE="vi")
            one.cookies = client.cookies
            return int(one.post(path, told).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(press, forms))


def test_a_sale_with_a_voucher(cashier_client: Client, lan: Any, give: Any) -> None:
    ten = give(lan, "ten")
    before = points(lan)
    answers = pressed(cashier_client, "/till/sell/", [form(lan, amount="100", code=code(ten))] * AT_ONCE)
    assert answers == [302] * AT_ONCE
    assert (points(lan), uses_left(ten)) == (before + 9, 0)


def test_a_voucher_on_two_bills_is_used_on_one(cashier_client: Client, lan: Any, give: Any) -> None:
    ten = give(lan, "ten")
    before = points(lan)
    forms = [form(lan, amount="100", code=code(ten)) for _ in range(AT_ONCE)]
    answers = pressed(cashier_client, "/till/sell/", forms)
    assert answers.count(302) == 1
    assert {a for a in answers if a != 302} <= {409, 422}
    assert (points(lan), uses_left(ten)) == (before + 9, 0)


def test_a_return(cashier_client: Client, lan: Any) -> None:
    told = form(lan, amount="110")
    sold(cashier_client, told)
    chosen = {"key": str(chance.new_id()), "what": "amount", "amount": "50"}
    answers = pressed(cashier_client, f"/till/return/till:{told['sale']}/record/", [chosen] * AT_ONCE)
    assert answers == [302] * AT_ONCE
    assert points(lan) == 6, "eleven less five"


def test_a_gift_handed_over(cashier_client: Client, lan: Any, give: Any) -> None:
    tea, other = give(lan, "peach-tea"), give(lan, "peach-tea")
    answers = pressed(cashier_client, "/till/sell/", [form(lan, code=code(tea))] * AT_ONCE)
    assert answers == [302] * AT_ONCE
    assert (uses_left(tea), uses_left(other)) == (0, 1)
