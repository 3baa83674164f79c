"""Kết quả: figures with formula and members, pictures with table and files, who sees them, and what nonsense does."""

import csv
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from ganbo.doors.console import heat_map, trend_chart
from ganbo.doors.console.heat_map import Square
from ganbo.foundation import clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.insights.warehouse import exporting, manifest
from ganbo.journeys import join
from ganbo.people.members.operations import Person
from tests.insights.test_kpis import PROGRAMME
from tests.journeys.test_record_events import MONDAY, record

NOW = MONDAY  # a day in November 2026: what is shown hangs on when the warehouse was filled, not on today


def made(business: Any) -> Any:
    """Lan, Minh and Bà Tư bought in September and October; Lan alone in November, and became silver."""
    with context.within(business):
        people = {
            name: str(join.join(Person(phone=f"+8493000000{n}", name=name), at=NOW - timedelta(days=90)).member_id)
            for n, name in enumerate(["Lan", "Minh", "Bà Tư"])
        }
        sales = [(who, ago, 30_000) for who in people.values() for ago in (60, 30)]
        sales += [(people["Lan"], 1, 600_000), (None, 30, 10_000)]
        for n, (member, ago, amount) in enumerate(sales):
            body = {"id": f"s:{n}", "type": "purchase", "occurred_at": (NOW - timedelta(days=ago)).isoformat()}
            lines = [{"sku": "latte", "quantity": 1, "unit_price": amount}]
            body |= {"member": member, "store": "=hk", "data": {"lines": lines}}
            assert record(business, body, now=NOW, backfill=True)[0].status == "applied"
    return business


@pytest.fixture
def shop(new_business: Any) -> Iterator[Any]:
    """A shop whose warehouse was never filled."""
    business = made(new_business(PROGRAMME))
    with context.within(business):
        yield business


@pytest.fixture(scope="module")
def once() -> dict[str, Any]:
    """What the module has made."""
    return {}


@pytest.fixture
def filled(new_business: Any, once: dict[str, Any]) -> Iterator[Any]:
    """A shop with a filled warehouse, for tests that only look."""
    if not once:
        once["shop"] = made(new_business(PROGRAMME))
        with context.within(once["shop"]):
            exporting.export(once["shop"], settings.WAREHOUSE, at=NOW)
    with context.within(once["shop"]):
        yield once["shop"]


def visit(shop: Any, role: str, path: str = "", *, post: bool = False, lang: str = "vi") -> Any:
    from django.contrib.auth import get_user_model

    email = f"{role}-{shop.slug}@example.com"
    operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
    browser = Client(headers={"accept-language": lang}, SERVER_NAME="127.0.0.1")
    browser.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    address = f"/b/{shop.slug}/console/results/{path}"
    return browser.post(address) if post else browser.get(address)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def plain(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text(answer)).split())


def bring_up(shop: Any) -> None:
    """Fill the warehouse; when another test's worker does it just now, after that."""
    for left in reversed(range(100)):
        try:
            exporting.export(shop, settings.WAREHOUSE, at=clock.now())
            return
        except manifest.Busy:
            assert left, "it is never done"
            time.sleep(0.1)


def jobs(shop: Any) -> tuple[int, int]:
    """How many jobs wait to fill the shop's warehouse, and the last number given to any job.

    Where other tests have a worker running, it may have taken the job already.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), (SELECT last_value FROM public.procrastinate_jobs_id_seq) FROM public.procrastinate_jobs"
            " WHERE queueing_lock = %s AND status = 'todo'",
            [f"warehouse:{shop.id}"],
        )
        row = cursor.fetchone()
    return int(row[0]), int(row[1])


@pytest.mark.parametrize("path", ["", "customers"])
def test_before_the_first_time_they_are_asked_for(shop: Any, path: str) -> None:
    with manifest.alone(manifest.folder_of(settings.WAREHOUSE, shop.slug)):  # nobody fills it meanwhile
        _, before = jobs(shop)
        assert "Đang tính số liệu lần đầu" in text(visit(shop, "owner", path))
        waiting, after = jobs(shop)
        assert waiting == 1 or after > before


def test_figures_stand_with_sentence_formula_and_table(filled: Any) -> None:
    shown = plain(visit(filled, "owner"))
    assert "Tỷ lệ giữ chân Trong số khách mua tháng trước, bao nhiêu phần mua lại tháng này. 100,0 % 10/2026" in shown
    assert "Công thức: khách mua tháng trước và mua lại tháng này ÷ khách mua tháng trước" in shown
    assert "11/2026 chưa hết 33,3 % 1 ÷ 3" in shown, "November was not over: in the table, not in the line"
    assert "Chưa đo được: Tỷ lệ điểm bỏ phí, NPS, Độ hài lòng (CSAT), Mức dễ dàng (CES)" in shown
    assert "Số liệu lúc 10:00 23/11/2026" in shown


def test_in_english(filled: Any) -> None:
    shown = plain(visit(filled, "owner", lang="en"))
    assert "Retention rate Of those who bought last month, the share who bought again this month. 100.0 %" in shown


@pytest.mark.parametrize(
    ("by", "told"),
    [("tier", "Bạc"), ("store", "=hk"), ("product", "latte"), ("source", "không rõ"), ("moon", "Tỷ lệ giữ chân")],
)
def test_they_are_told_by_groups(filled: Any, by: str, told: str) -> None:
    assert told in plain(visit(filled, "analyst", f"?by={by}"))


def test_the_members_behind_a_number_are_named(filled: Any) -> None:
    shown = plain(visit(filled, "owner", "kpis/crr/2026-11"))
    assert "Tỷ lệ giữ chân 11/2026: 33,3 %" in shown
    assert "khách mua tháng trước và mua lại tháng này: 1 · khách mua tháng trước: 3" in shown
    assert all(f"{name} {part} 1" in shown for name, part in [("Lan", 1), ("Minh", 0), ("Bà Tư", 0)])
    receipts = plain(visit(filled, "owner", "kpis/receipts_with_member/2026-10"))
    assert "không có thành viên 0 1" in receipts.lower() or "without a member" in receipts
    silver = plain(visit(filled, "owner", "kpis/active_members/2026-11?by=tier&key=silver"))
    assert "Lan 1" in silver and "Minh" not in silver


def test_the_four_pictures(filled: Any) -> None:
    shown = plain(visit(filled, "marketer", "customers"))
    for told in ("Nhóm theo tháng mua lần đầu", "Mua gần đây không, mua nhiều không", "Lên hạng, xuống hạng"):
        assert told in shown
    assert "chưa mua Bạc 1" in shown, "three months ago nobody had bought; Lan is silver now"
    assert "111.429 ₫" in shown, "the mean order: 780,000 ÷ 7"


@pytest.mark.parametrize(
    ("path", "names", "not_there"),
    [
        ("customers/cohorts?a=2026-09&b=2", ["Lan"], ["Minh", "Bà Tư"]),
        ("customers/cohorts?a=2026-09&b=1", ["Lan", "Minh", "Bà Tư"], []),
        ("customers/tiers?a=&b=silver", ["Lan"], ["Minh"]),
        ("customers/tiers?a=gold&b=silver", [], ["Lan"]),
        ("customers/rfm?a=11", [], []),
    ],
)
def test_who_is_in_a_square(filled: Any, path: str, names: list[str], not_there: list[str]) -> None:
    shown = plain(visit(filled, "owner", path))
    assert f": {len(names)} thành viên" in shown or path.endswith("a=11")
    assert all(name in shown for name in names) and not any(name in shown for name in not_there)


@pytest.mark.parametrize(
    ("path", "heading", "some"),
    [
        ("kpis/crr.csv", "month,key,value,numerator,denominator,partial", "2026-11,,0.3333333333333333,1,3,yes"),
        ("kpis/active_members.csv?by=store", "month,key,value,numerator,denominator,partial", "2026-10,'=hk,3,3,,no"),
        ("customers/cohorts.csv", "cohort,months_later,members", "2026-09,2,1"),
        ("customers/rfm.csv", "recency,frequency,group,members", ""),
        ("customers/tiers.csv", "then,now,members", ",silver,1"),
        ("customers/clv.csv", "name,value", "average_order_value,"),
    ],
)
def test_everything_is_a_file_too(filled: Any, path: str, heading: str, some: str) -> None:
    answer = visit(filled, "auditor", path)
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[0] == heading and len(list(csv.reader(lines))) > 1
    assert any(line.startswith(some) for line in lines[1:])


PATHS = ["", "?by=tier", "kpis/crr/2026-11", "kpis/crr.csv", "customers", "customers/rfm?a=55", "customers/tiers.csv"]


@pytest.mark.parametrize("role", ["cashier", "care"])
def test_who_works_at_the_till_sees_none_of_it(filled: Any, role: str) -> None:
    assert {visit(filled, role, path).status_code for path in PATHS} == {403}
    assert visit(filled, role, "refresh", post=True).status_code == 403
    assert jobs(filled)[0] == 0, "and nothing was begun"


def test_another_business_sees_nothing_of_it(filled: Any, fumi: Any) -> None:
    from django.contrib.auth import get_user_model

    operations.ensure("fumi@example.com", name="Fumi", business_id=fumi.id, role="owner", password="mot-mat-khau-dai")
    browser = Client(SERVER_NAME="127.0.0.1")
    user = get_user_model().objects.get(email="fumi@example.com")
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    for path in PATHS:
        assert browser.get(f"/b/{filled.slug}/console/results/{path}").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "kpis/luck/2026-11", "kpis/crr/2026-13", "kpis/crr/2026-1", "kpis/crr/hôm-nay", "kpis/crr/2026-11?by=source",
        "kpis/crr/2026-11?key=nobody", "kpis/luck.csv", "kpis/liability.csv?by=tier",
        "customers/luck", "customers/luck.csv", "customers/cohorts?a=2026-13&b=1", "customers/cohorts?a=2026-09&b=x",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(filled: Any, path: str) -> None:
    assert visit(filled, "owner", path).status_code == 404


def test_bringing_up_to_now_is_a_job_and_the_page_looks_again(shop: Any) -> None:
    exporting.export(shop, settings.WAREHOUSE, at=NOW)
    with manifest.alone(manifest.folder_of(settings.WAREHOUSE, shop.slug)):  # nobody fills it meanwhile
        _, before = jobs(shop)
        answer = visit(shop, "owner", "refresh", post=True)
        assert (answer.status_code, answer["Location"]) == (302, f"/b/{shop.slug}/console/results/?since=1")
        waiting, after = jobs(shop)
        assert waiting == 1 or after > before
        assert "Đang cập nhật…" in text(visit(shop, "owner", "?since=1"))
    bring_up(shop)
    assert "Đang cập nhật…" not in text(visit(shop, "owner", "?since=1"))
    assert visit(shop, "owner", "refresh").status_code == 405


def test_a_line_breaks_where_nothing_was_measured() -> None:
    drawn = str(trend_chart.svg([[1.0, None, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0]], "NPS & CSAT"))
    assert drawn.count("<polyline") == 3 and 'aria-label="NPS &amp; CSAT"' in drawn
    assert "style=" not in drawn and "<script" not in drawn
    assert drawn.count("c-series-2") == 1
    assert trend_chart.svg([[-1.0, 1.0]], "").count("152.0") == 1, "below nought the line goes on"


def test_a_square_without_a_value_is_not_drawn_and_names_are_text() -> None:
    drawn = str(heat_map.svg(["1"], [("<b>", [Square("7", 1.0)]), ("x", [Square("", None)])], "n"))
    assert drawn.count("<rect") == 1 and "&lt;b&gt;" in drawn and 'class="c-h6"' in drawn
    bands = str(heat_map.flow(["gold", "bronze", "none"], {(0, 1): 2, (2, 0): 1}, "n"))
    assert bands.count("<path") == 2 and 'class="flow down"' in bands and 'class="flow new"' in bands
