"""Kết quả → Thử nghiệm and Mục tiêu: planned, sized, told, stopped; goals with their light; a report that begins the next version."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client

from ganbo.features.experiments import queries
from ganbo.features.programmes import drafts
from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.insights.warehouse import exporting
from ganbo.journeys import experiments, join
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

SHOP = ZoneInfo("Asia/Ho_Chi_Minh")  # its day is not the one of UTC for seven hours in twenty-four

PROGRAMME = """\
ganbo: 1
programme: console-aims
name: Đích
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 90}
stamp_cards:
  - {id: eight, size: 8, reward: tea, count: order, repeat: false, experiment: head-start}
  - {id: ten, size: 10, head_start: 2, reward: tea, count: order, repeat: false, experiment: head-start}
rewards:
  - {id: tea, name: {vi: Trà sen, en: Lotus tea}, kind: free_item, sku: tea, cost: 3000}
goals:
  - {kpi: aov, from: 40000, to: 64000, by: 2099-06-30, owner: hanh@example.com}
  - {kpi: nps, to: 40, by: 2099-06-30}
"""


@pytest.fixture
def shop(new_business: Any) -> Iterator[Any]:
    """Lan bought once; the warehouse is filled."""
    business = new_business(PROGRAMME)
    with context.within(business):
        lan = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id)
        body = {
            "id": "p",
            "type": "purchase",
            "occurred_at": clock.now().isoformat(),
            "member": lan,
            "data": {"amount": 50_000},
        }
        assert record(business, body)[0].status == "applied"
        exporting.export(business, settings.WAREHOUSE, at=clock.now())
        yield business


def browser(shop: Any, role: str, lang: str = "vi") -> Any:
    from django.contrib.auth import get_user_model

    email = f"{role}-{shop.slug}@example.com"
    operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
    made = Client(headers={"accept-language": lang}, SERVER_NAME="127.0.0.1")
    made.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    return made


def at(shop: Any, path: str) -> str:
    return f"/b/{shop.slug}/console/results/{path}"


def form(**how: Any) -> dict[str, Any]:
    first = clock.now().astimezone(SHOP).date() + timedelta(days=1)
    typed = {
        "name": "Thẻ tặng sẵn tem", "question": "Có nhiều người tích đầy hơn không?", "what": "cards:head-start", "share": "50",
        "starts_on": first.isoformat(), "ends_on": (first + timedelta(days=60)).isoformat(), "least": "50", "do": "plan",
    }  # fmt: skip
    return typed | how


def test_an_experiment_is_sized_planned_seen_and_stopped(shop: Any) -> None:
    hanh = browser(shop, "manager")
    size = hanh.post(at(shop, "experiments/new"), form(do="size")).content.decode()
    assert "Mỗi nhóm cần 312 thành viên; nhóm nhỏ hơn hôm nay có 0." in size and "Còn ít quá" in size
    assert queries.by_slug("the-tang-san-tem") is None, "asking plans nothing"
    made = hanh.post(at(shop, "experiments/new"), form())
    assert made.url.endswith("/experiments/the-tang-san-tem")
    row = queries.by_slug("the-tang-san-tem")
    assert row is not None and (row.metric, [g.id for g in row.groups], row.plan["needed"]) == (
        "completion_rate",
        ["eight", "ten"],
        312,
    )
    again = hanh.post(at(shop, "experiments/new"), form())
    assert again.url.endswith("/experiments/the-tang-san-tem-2"), "a second of the name is another one"
    page = hanh.get(at(shop, "experiments/the-tang-san-tem")).content.decode()
    assert "Chưa bắt đầu" in page and "Kế hoạch cần 312 thành viên mỗi nhóm" in page
    assert "Thẻ tặng sẵn tem" in hanh.get(at(shop, "experiments")).content.decode()
    experiments.note_due(shop.schema, at=clock.now() + timedelta(days=2))
    told = hanh.get(at(shop, "experiments/the-tang-san-tem/eight.csv")).content.decode()
    assert told.removeprefix("\ufeff").splitlines()[0] == "member_id,since"
    assert hanh.get(at(shop, "experiments/the-tang-san-tem/other.csv")).status_code == 404
    stopped = hanh.post(at(shop, "experiments/the-tang-san-tem/stop"), follow=True).content.decode()
    assert "Đã dừng. Những gì ghi nhận đến hôm qua vẫn giữ nguyên." in stopped
    assert (
        "Thử nghiệm đã kết thúc."
        in hanh.post(at(shop, "experiments/the-tang-san-tem/stop"), follow=True).content.decode()
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "Hãy viết một, hai dòng."),
        ({"question": ""}, "Hãy viết một, hai dòng."),
        ({"share": "0"}, "Cần một số lớn hơn 0, tối đa 99."),
        ({"share": "abc", "what": "revenue"}, "Cần một số lớn hơn 0, tối đa 99."),
        ({"starts_on": "mai"}, "Cần một ngày, ví dụ 2027-02-05."),
        ({"starts_on": "2020-01-01", "ends_on": "2020-03-01"}, "Bắt đầu từ hôm nay trở đi."),
        ({"ends_on": "2020-01-01"}, "Kéo dài từ 7 đến 730 ngày."),
        ({"what": "cards:nothing"}, "Chương trình đang áp dụng không có hai thẻ để so sánh."),
        ({"what": "luck"}, "Không hợp; hãy chọn cách khác."),
        ({"what": "stores"}, "Đánh dấu cửa hàng làm thử"),
    ],
)
def test_a_wrong_answer_is_said_beside_its_question(shop: Any, wrong: dict[str, Any], says: str) -> None:
    told = browser(shop, "owner").post(at(shop, "experiments/new"), form(**wrong))
    assert told.status_code == 422 and says in told.content.decode()
    assert queries.count() == 0


def test_goals_show_their_light_and_the_report_begins_the_next_version(shop: Any) -> None:
    hanh = browser(shop, "manager")
    page = hanh.get(at(shop, "goals")).content.decode()
    assert "Giá trị hóa đơn trung bình" in page and "từ 40.000 ₫ đến 64.000 ₫" in page and "hanh@example.com" in page
    assert page.count("Chưa đo được") == 2, "no month is over yet"
    told = hanh.get(at(shop, "goals/report")).content.decode()
    assert "Báo cáo phiên bản 1" in told and "Trà sen" in told and "“Trà sen”: chưa ai nhận" in told
    assert hanh.get(at(shop, "goals/report?version=9")).status_code == 404
    begun = hanh.post(at(shop, "goals/report/1/next"), {"revision": "0"})
    assert begun.url.endswith("/console/programme/edit")
    assert "kpi: aov" in drafts.current(1).source
    refused = hanh.post(at(shop, "goals/report/1/next"), {"revision": "0"}, follow=True).content.decode()
    assert "Có người vừa lưu bản nháp." in refused


@pytest.mark.parametrize(
    ("role", "path", "method", "status"),
    [
        ("analyst", "experiments", "get", 200),
        ("analyst", "experiments/new", "post", 403),
        ("analyst", "goals", "get", 200),
        ("analyst", "goals/report/1/next", "post", 403),
        ("cashier", "experiments", "get", 403),
        ("cashier", "goals", "get", 403),
        ("manager", "experiments/nothing", "get", 404),
    ],
)
def test_who_may(shop: Any, role: str, path: str, method: str, status: int) -> None:
    assert getattr(browser(shop, role), method)(at(shop, path)).status_code == status


def test_before_anything_was_counted_the_pages_say_so(new_business: Any) -> None:
    business = new_business(PROGRAMME)
    with context.within(business):
        hanh = browser(business, "manager")
        assert "Đang tính số liệu lần đầu." in hanh.get(at(business, "goals")).content.decode()
        assert hanh.get(at(business, "experiments")).status_code == 200
