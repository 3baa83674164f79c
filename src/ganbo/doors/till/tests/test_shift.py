"""Kết ca: the day's counts and sums, and the POS's figures beside them."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from ganbo.books.events import queries as events
from ganbo.doors.till.tests.test_counter import form, sold, text
from ganbo.doors.till.tests.test_returns import number, sale
from ganbo.foundation import chance, clock
from ganbo.journeys import confirm_store

Enrol = Callable[..., Any]


@pytest.fixture
def till(sign_in: Callable[..., Client]) -> Client:
    """A cashier alone in a store of its own, so that no other test sells there."""
    store = f"s{chance.digits(8)}"
    confirm_store.confirm(store, name="Quầy thử", by="tests")
    client = sign_in("cashier")
    client.post("/till/store/", {"store": store})
    return client


def day(client: Client, **posted: str) -> str:
    page = text(client.post("/till/shift/", posted) if posted else client.get("/till/shift/"))
    return page.replace("\u00a0", " ")


def test_an_empty_day_is_no_division_by_zero(till: Client) -> None:
    assert "0 hóa đơn" in day(till)


def test_times_are_the_shops(till: Client) -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    before = clock.now().astimezone(zone)
    sold(till, form(None, amount="50"))
    hours = {f"{moment:%H}:" for moment in (before, clock.now().astimezone(zone))}
    assert any(f"{before:%d/%m/%Y} {hour}" in day(till) for hour in hours), "Kết ca"
    listed = text(till.get("/till/"))
    assert any(f"{hour}{minute:02}" in listed for hour in hours for minute in range(60)), "the last sales"
    assert any(
        f"{hour}{minute:02} {before:%d/%m}" in text(till.get("/till/return/")) for hour in hours for minute in range(60)
    )


def test_the_day_is_counted(till: Client, enrol: Enrol) -> None:
    lan = enrol("Nguyễn Thị Lan", address_form="chị")
    kept = sale(till, lan, amount="110")
    sold(till, form(None, amount="50"))
    undone = sale(till, lan, amount="70")
    till.post("/till/undo/", {"event": undone})
    back = sale(till, lan, amount="40")
    till.post(f"/till/return/{back}/record/", {"what": "all", "key": str(chance.new_id())})
    said = day(till)
    for words in ("200.000 ₫", "3 hóa đơn", "67 %", "15 điểm", "70.000 ₫"):
        assert words in said, words
    assert number(kept) in said
    assert number(undone) not in said, "an undone sale is no receipt of the day"


# (POS total, what is said, why)
VERDICTS = [
    ("160.000", "Khớp: 160.000 ₫", "the same"),
    ("160", "Khớp: 160.000 ₫", "as people type it"),
    ("170.000", "POS nhiều hơn ganbo 10.000 ₫", "a sale was not told to ganbo"),
    ("150.000", "ganbo nhiều hơn POS 10.000 ₫", "a sale is not in the POS"),
    ("mười", "110.000", "what cannot be read is said"),
]


@pytest.mark.parametrize(("total", "said", "why"), VERDICTS)
def test_the_sums_are_compared(till: Client, total: str, said: str, why: str) -> None:
    for amount in ("110", "50"):
        sold(till, form(None, amount=amount))
    assert said in day(till, total=total, list=""), why


def test_receipts_are_compared_one_by_one(till: Client) -> None:
    same, other, missing = (sale(till, None, amount=amount) for amount in ("110", "50", "20"))
    pasted = f"{number(same)}\t110.000\n{number(other).lower()}; 55.000\n\nPOS-77 30.000\n"
    said = day(till, total="", list=pasted).split('id="differences"')[1].split("</ul>")[0]
    assert number(same) not in said
    said = re.sub(r"<[^>]+>", "", said)
    for row in ("ganbo có 50.000 ₫", "55.000 ₫", "POS-77", "chỉ có ở POS", number(missing), "chỉ có ở ganbo"):
        assert row in said, row
    assert "Dòng 2" in day(till, total="", list=f"{number(same)} 110.000\nPOS-77")


def test_somebody_elses_store_is_not_counted(till: Client, cashier_client: Client) -> None:
    sold(till, form(None, amount="110"))
    event = events.recent(most=1)[0]
    assert number(event.event_id) in day(till)
    assert number(event.event_id) not in day(cashier_client)
    assert Client().get("/till/shift/").status_code == 302, "strangers sign in first"
