"""The page of what is owed: its numbers, its files, who sees it, and what it does with nonsense."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from ganbo.doors.console import line_chart
from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import join
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: console-owing
name: Nợ điểm
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 90}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: tea, name: {vi: Trà sen, en: Lotus tea}, kind: free_item, sku: tea, price: {wallet: points, amount: 30}, cost: 3000}
"""


@pytest.fixture
def shop(new_business: Any) -> Iterator[Any]:
    """Lan bought for 1,500,000: 150 points at their face value, 90 ₫."""
    business = new_business(PROGRAMME)
    with context.within(business):
        lan = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)
        at = clock.now().isoformat()
        body = {"id": "p", "type": "purchase", "occurred_at": at, "member": lan, "data": {"amount": 1_500_000}}
        assert record(business, body)[0].status == "applied"
        yield business


def page(shop: Any, role: str, path: str = "", lang: str = "vi") -> Any:
    from django.contrib.auth import get_user_model

    email = f"{role}-{shop.slug}@example.com"
    operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
    browser = Client(headers={"accept-language": lang}, SERVER_NAME="127.0.0.1")
    browser.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    return browser.get(f"/b/{shop.slug}/console/results/liability{path}")


def bring_up(shop: Any, role: str) -> Any:
    from django.contrib.auth import get_user_model

    page(shop, role)
    browser = Client(headers={"accept-language": "vi"}, SERVER_NAME="127.0.0.1")
    user = get_user_model().objects.get(email=f"{role}-{shop.slug}@example.com")
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return browser.post(f"/b/{shop.slug}/console/results/liability/refresh", {"asked": "worth-points=100"})


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_what_is_owed_and_by_which_assumption(shop: Any) -> None:
    shown = text(page(shop, "manager"))
    assert "Bạn còn nợ thành viên 13.500 ₫: 150 điểm." in shown
    assert "theo giá trị quy đổi, vì chưa ai đổi" in shown
    assert "Chưa đủ dữ liệu" in shown and "Giả định: phần chưa rõ sẽ được đổi hết." in shown
    assert "Nếu mọi người đổi hết vào ngày" in shown and "bạn tốn 13.500 ₫" in shown


def test_another_value_goes_into_the_files_too(shop: Any) -> None:
    month = f"{clock.now() + timedelta(hours=7):%Y-%m}"
    asked = f"?month={month}&worth-points=12,5"
    shown = text(page(shop, "analyst", asked))
    assert "1.875 ₫" in shown and "theo số bạn nhập" in shown
    answer = page(shop, "analyst", f"/journal.csv{asked}")
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert [(r["account"], r["debit"], r["credit"]) for r in rows] == [("511", "1875", ""), ("3387", "", "1875")]
    assert rows[0]["text"] == f"Hoãn doanh thu: điểm đã tặng, {month[5:]}/{month[:4]}"
    answer = page(shop, "analyst", f"/roll-forward.csv{asked}")
    days = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert (days[-1]["closing"], days[-1]["closing_value"]) == ("150", "1875")
    assert len(days) == int(f"{clock.now() + timedelta(hours=7):%d}"), "a row a day, up to today"


@pytest.mark.parametrize(
    ("asked", "told", "why"),
    [
        ("?month=2026-99", "13.500 ₫", "no such month: the last twelve"),
        ("?by=T%E1%BA%BFt", "Cần một ngày, ví dụ 2027-02-05.", "no day"),
        ("?worth-points=nhi%E1%BB%81u", "Cần một con số, ví dụ 95 hoặc 12,5.", "no number"),
        ("?worth-points=-1", "Cần một con số, ví dụ 95 hoặc 12,5.", "less than nothing"),
        ("?worth-points=%22%3E%3Cscript%3E", escape('"><script>'), "shown as it was typed, as text"),
    ],
)
def test_nonsense_is_told_and_not_used(shop: Any, asked: str, told: str, why: str) -> None:
    shown = text(page(shop, "owner", asked))
    assert told in shown, why
    assert "13.500 ₫" in shown, why


@pytest.mark.parametrize("role", ["cashier", "care"])
@pytest.mark.parametrize("path", ["", "/journal.csv"])
def test_who_works_at_the_till_does_not_see_it(shop: Any, role: str, path: str) -> None:
    assert page(shop, role, path).status_code == 403


def test_it_shows_the_books_as_they_stood_until_it_is_brought_up_to_now(shop: Any) -> None:
    assert "150 điểm" in text(page(shop, "owner"))
    member = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    body = {"id": "p2", "type": "purchase", "occurred_at": clock.now().isoformat(), "member": str(member)}
    assert record(shop, body | {"data": {"amount": 500_000}})[0].status == "applied"
    assert "150 điểm" in text(page(shop, "owner")), "nobody scans the books for a page"
    answer = bring_up(shop, "owner")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/b/{shop.slug}/console/results/liability?worth-points=100",
    )
    assert "200 điểm" in text(page(shop, "owner"))
    assert bring_up(shop, "cashier").status_code == 403


def test_there_is_no_other_file(shop: Any) -> None:
    assert page(shop, "owner", "/passwords.csv").status_code == 404


def test_in_english(shop: Any) -> None:
    assert "You still owe your members 13,500 ₫: 150 points." in text(page(shop, "owner", lang="en"))


def test_a_line_goes_from_edge_to_edge() -> None:
    drawn = line_chart.svg([[0, 5, 10], [0, 0, 0]], 'says "so"', most=10, band=([0, 4, 9], [0, 6, 10]))
    assert 'points="0.0,156.0 300.0,80.0 600.0,4.0"' in drawn
    assert 'aria-label="says &quot;so&quot;"' in drawn
    assert drawn.count("<polyline") == 2 and drawn.count("<polygon") == 1
    assert " style=" not in drawn
