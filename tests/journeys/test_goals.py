"""Goals of a programme: a baseline kept for good, a forecast that can be checked by hand, and a report that begins the next version."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ganbo.engine import document, loading
from ganbo.features.goals import queries
from ganbo.features.programmes import drafts, goal_sentences
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import Published
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.insights.goals import report, sentences, served
from ganbo.insights.goals.standing import SATISFACTION
from ganbo.insights.kpis.definitions import KPIS, MONEY, SHARE
from ganbo.insights.warehouse import exporting
from ganbo.journeys import goals, join
from ganbo.journeys.goals import NextGoal
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: aiming
name: Đích
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
earn:
  - {id: first, on: purchase, when: member.purchases == 1, give: {voucher: free-tea}}
rewards:
  - {id: free-tea, name: Trà mời, kind: free_item, sku: tea, cost: 8000}
  - {id: tote, kind: gift, price: {wallet: points, amount: 300}}
# what it is for
goals:
  - {kpi: aov, to: 64000, by: 2026-08-31, owner: hanh@example.com}  # by summer
  - {kpi: repeat_purchase_rate, from: 0.9, to: 0.95, by: 2026-06-30}
  - {kpi: nps, to: 40, by: 2026-12-31}
"""
NOW = datetime(2026, 7, 2, 3, tzinfo=UTC)
BEGAN = datetime(2026, 3, 31, 17, tzinfo=UTC)  # 1 April in Hà Nội


def buys(shop: Any, member: UUID, day: date, *lines: dict[str, Any], codes: tuple[str, ...] = ()) -> None:
    at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    data = {"lines": list(lines), "codes": list(codes)}
    body = {
        "id": f"g:{chance.new_id()}",
        "type": "purchase",
        "occurred_at": at.isoformat(),
        "member": str(member),
        "data": data,
    }
    (told,) = record(shop, body, now=at + timedelta(minutes=1))
    assert told.status == "applied", told


def line(sku: str, price: int, discount: int = 0) -> dict[str, Any]:
    return {"sku": sku, "unit_price": price, "discount": discount}


@pytest.fixture
def folder(shop: Any, made: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a year: bills grow by 2,000 a month; of twelve who got tea free in January five bought it in time."""
    if "folder" not in made:
        made["folder"] = tmp_path_factory.mktemp("aiming")
        people = [
            join.join(Person(phone=f"+849{chance.digits(8)}"), at=datetime(2026, 1, 1, 3, tzinfo=UTC)).member_id for _ in range(12)
        ]  # fmt: skip
        for n, member in enumerate(people):
            buys(shop, member, date(2026, 1, 5), line("cake", 50_000))
            (voucher,) = rewards.vouchers_of(member)
            buys(
                shop, member, date(2026, 1, 8), line("cake", 50_000), line("tea", 30_000, 30_000), codes=(voucher.code,)
            )
            buys(shop, member, date(2026, 2, 5), line("tea" if n < 5 else "cake", 52_000))
            buys(shop, member, date(2026, 3, 5), line("cake", 54_000))
            for month in (4, 5, 6):  # tea again from April on: too late to be because of the gift
                buys(shop, member, date(2026, month, 12), line("tea" if n > 8 else "cake", 48_000 + 2_000 * month))
        exporting.export(shop, made["folder"], at=NOW)
    return made["folder"]  # type: ignore[no-any-return]


def version(shop: Any) -> Published:
    now = programmes.in_force_at(shop.schema, clock.now())
    return Published(now.version, BEGAN, now.programme)


def test_a_baseline_is_the_month_before_it_began_and_stays(shop: Any, folder: Path) -> None:
    month, measured = served.before(folder, shop.slug, version(shop))
    assert (month, measured["aov"], measured["nps"]) == (date(2026, 3, 1), Decimal("54000"), None)
    assert set(measured) - {"aov", "repeat_purchase_rate", "nps"} <= set(SATISFACTION), (
        "satisfaction only when measured"
    )
    for told in (measured, {"aov": Decimal(1)}):
        goals.note_baselines(7, told, month=month, at=NOW)
        assert queries.baselines(7)["aov"].value == Decimal("54000"), "kept once, for good"
    assert queries.baselines(7)["nps"].value is None and queries.baselines(8) == {}


def test_each_goal_has_its_light_and_a_forecast_by_hand(shop: Any, folder: Path) -> None:
    bills, again, nps = served.standings(folder, shop.slug, version(shop), {})
    assert (bills.start, bills.measured, bills.now, bills.up) == (Decimal("54000"), True, 60_000, True)
    assert bills.ahead is not None
    assert (round(bills.ahead.value), round(bills.ahead.low), bills.ahead.months) == (64_000, 64_000, 6), (
        "a straight line"
    )
    assert bills.way == pytest.approx(0.6) and bills.light in ("green", "amber"), (
        "64,000 to a hair, by the computer's rounding"
    )
    assert (again.start, again.measured, again.now, again.light, again.ahead) == (
        Decimal("0.9"),
        False,
        1.0,
        "met",
        None,
    )
    assert (nps.light, nps.points, nps.start, nps.ahead) == ("grey", (), None, None)
    told = sentences.standing(bills, version(shop).programme, "vi")
    assert told[0] == "Tháng 06/2026: 60.000 ₫."
    assert told[2].startswith("Nếu cứ như 6 tháng qua, đến 31/08/2026 sẽ khoảng 64.000 ₫")


def test_the_report_says_what_was_promised_what_happened_and_what_to_change(shop: Any, folder: Path) -> None:
    whole = Published(1, datetime(2025, 12, 31, 17, tzinfo=UTC), version(shop).programme)
    found = served.reported(folder, shop.slug, whole, {}, since=date(2026, 1, 1), until=date(2026, 7, 2))
    assert (found.since, found.until) == (date(2026, 1, 1), date(2026, 7, 2))
    tea, tote = found.gifts
    assert (tea.reward, tea.given, tea.used, tea.cost, tote.given) == ("free-tea", 12, 12, 12 * 8_000, 0)
    assert tea.later is not None
    assert (tea.later.members, tea.later.bought) == (12, 5), "within sixty days, and paid for; the free one is none"
    assert 0.15 < tea.later.low < 5 / 12 < tea.later.high < 0.7
    codes = {(a.code, a.params.get("kpi") or a.params.get("reward")) for a in found.advice}
    assert codes == {("goal_met", "repeat_purchase_rate"), ("goal_unmeasured", "nps"), ("gift_unwanted", "tote")}
    for lang in ("vi", "en"):
        assert all(sentences.advice(a, whole.programme, lang) for a in found.advice)
    assert sentences.later(tea.later, "en").startswith("5 of 12 who got it bought it within 60 days: 42 %")


def test_the_next_version_begins_where_this_one_ended(shop: Any, folder: Path) -> None:
    bills, again, nps = served.standings(folder, shop.slug, version(shop), {})
    today = date(2026, 7, 2)
    assert report.stretched(bills, today=today) == (Decimal(60_000), Decimal(64_000), date(2027, 7, 31)), (
        "not there yet: as before"
    )
    assert report.stretched(again, today=today)[:2] == (1, 1), "reached: as much further, and all is the most there is"
    assert report.stretched(nps, today=today)[:2] == (None, Decimal(40)), "never measured: as before"
    source = version(shop).programme.source
    following = [NextGoal("aov", Decimal(60_000), Decimal("64000.0"), date(2027, 7, 31), "hanh@example.com")]
    revision = goals.begin_next(source, following, revision=0, based_on=1, by="tests")
    draft = drafts.current(1)
    assert draft.revision == revision
    assert "# what it is for" in draft.source and "free-tea" in draft.source, "nothing else is touched"
    (goal,) = loading.load(draft.source, publishing=True).goals
    assert (goal.start, goal.target, goal.by, goal.owner) == (60_000, 64_000, date(2027, 7, 31), "hanh@example.com")
    with pytest.raises(drafts.DraftChanged):
        goals.begin_next(source, following, revision=0, based_on=1, by="tests")


def test_a_goal_names_a_figure_that_is_measured_in_its_unit() -> None:
    assert set(document.KPIS) <= set(KPIS) and set(goal_sentences.NAMES) == set(document.KPIS)
    assert {kpi for kpi in document.KPIS if KPIS[kpi].unit == SHARE} == goal_sentences.SHARES
    assert {kpi for kpi in document.KPIS if KPIS[kpi].unit == MONEY} == goal_sentences.MONEY
    assert not [kpi for kpi in document.KPIS if KPIS[kpi].key], "a figure of one wallet needs the wallet said"
