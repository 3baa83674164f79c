"""KPIs against what they claim: `ganbo look` on the same sales, the liability report, and the members behind them."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.insights.kpis import counting, facts
from ganbo.insights.kpis.definitions import KPIS
from ganbo.insights.kpis.words import WORDS
from ganbo.insights.liability import reading as liability_reading
from ganbo.insights.liability import roll_forward
from ganbo.insights.look import looking
from ganbo.insights.look import reading as sales_reading
from ganbo.insights.look.periods import Rhythm
from ganbo.insights.warehouse import exporting, reading
from ganbo.journeys import import_members, join, reverse, sell
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST, MONTHS, UNTIL = date(2025, 3, 1), 6, datetime(2025, 9, 1, 3, tzinfo=UTC)
PROGRAMME = """\
ganbo: 1
programme: kpis
name: Gắn Bó
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm, face_value: 100, expires: {kind: end_of_month, months: 2}}
  miles: {name: dặm, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: fly, on: purchase, give: {wallet: miles, amount: 3}}
tiers:
  metric: spend
  window: {kind: lifetime}
  levels:
    - {id: bronze, name: Đồng}
    - {id: silver, name: Bạc, enter: {spend: 500000}}
rewards:
  - {id: tea, kind: free_item, sku: tea, cost: 9000, price: {wallet: points, amount: 5}, budget: rewards}
budget: {period: month, lines: {rewards: {planned: 900000, stop: soft}, media: {planned: 600000}}}
"""


def number(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:]) - 1


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A shop with half a year of sales, returns and redemptions; its warehouse; and the same sales as a file."""
    from django.db import connection

    from ganbo.foundation.tenancy import operations
    from ganbo.journeys import publish_programme

    folder = tmp_path_factory.mktemp("kpis")
    with django_db_blocker.unblock():
        options = connection.settings_dict["OPTIONS"]
        role = options.pop("options")
        connection.close()
        business = operations.create("Số liệu", slug=f"k{chance.new_id().hex[-10:]}")
        connection.close()
        options["options"] = role
        with context.within(business):
            publish_programme.publish(PROGRAMME, by="tests")
            rows = _half_a_year(business)
            exporting.export(business, folder, at=UNTIL)
        sales = folder / "sales.csv"
        with sales.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["order_id", "member", "occurred_at", "amount"])
            writer.writerows(rows)
        yield {"business": business, "folder": folder, "sales": sales}


def _half_a_year(business: Any) -> list[tuple[str, str, str, int]]:
    """Record it; the lines of the file."""
    draw, events, lines = random.Random(11), [], []
    people = []
    for n in range(40):
        at = datetime(2025, 3, 1, 9, tzinfo=ZONE) + timedelta(days=draw.randrange(120))
        people.append((chance.new_id(), Person(phone=f"+8493{n:07d}", name="Minh"), at, None))
    import_members.enrol_all(people)
    signups = [
        join.signup_request(who, at=at, channel=draw.choice(["pos", "web"]), store="hk") for who, _, at, _ in people
    ]
    for n in range(260):
        who = draw.choice([*people, None, None])
        day = FIRST + timedelta(days=draw.randrange(183))
        if who is not None and day <= who[2].date():
            continue
        amount, order = draw.randrange(2, 40) * 5_000, f"o{n}"
        at = datetime(day.year, day.month, day.day, draw.randrange(24), 30, tzinfo=ZONE)
        skus = draw.sample(["latte", "tea", "cake"], draw.choice([1, 2]))
        body = [{"sku": sku, "quantity": 1, "unit_price": amount // len(skus)} for sku in skus]
        sale = {
            "id": f"s:{order}",
            "type": "purchase",
            "occurred_at": at.isoformat(),
            "store": draw.choice(["hk", "cg"]),
        }
        sale |= {"member": str(who[0]) if who else None, "data": {"order_id": order, "lines": body}}
        events.append(sale)
        lines.append((order, str(who[0]) if who else "", day.isoformat(), sum(x["unit_price"] for x in body)))
        if draw.random() < 0.15:
            back = draw.choice([{"lines": [0]}, {"amount": 5_000}, {}])
            gone = {"lines": body[0]["unit_price"], "amount": 5_000}.get(next(iter(back), ""), lines[-1][3])
            refund = {"id": f"r:{order}", "type": "refund", "occurred_at": (at + timedelta(days=1)).isoformat()}
            events.append(refund | {"store": sale["store"], "data": {"order_id": order} | back})
            lines.append((*lines[-1][:3], -gone))
    from ganbo.foundation.pipelines import Pipeline, connection_parameters
    from ganbo.journeys import record_events
    from ganbo.journeys.record_events import Asked

    pipe = Pipeline.open(**connection_parameters())
    record_events.record(pipe, Asked(business, UNTIL, backfill=True), signups)
    pipe.close()
    events.sort(key=lambda event: event["occurred_at"])
    outcomes = record(business, *events, now=UNTIL, backfill=True)
    assert {outcome.status for outcome in outcomes} == {"applied"}
    undone = record(
        business,
        events[0] | {"id": "s:undone", "type": "purchase", "data": {"amount": 1_000_000}},
        now=UNTIL,
        backfill=True,
    )
    assert undone[0].status == "applied"
    reverse.reverse_event("s:undone", reason="typed wrongly", by="staff:1", now=UNTIL)
    for who, *_ in people[:25]:
        sell.redeem(business, Ask(("id", str(who)), "tea"), now=UNTIL - timedelta(days=3))
    return lines


@pytest.fixture
def opened(made: Any) -> facts.Facts:
    warehouse = reading.opened(made["folder"], made["business"].slug)
    assert warehouse is not None
    return facts.Facts(warehouse, facts.DuckDb())


def by_month(opened: facts.Facts, name: str) -> dict[str, counting.Row]:
    first = number("2025-03")
    return {row.month: row for row in counting.rows(opened, KPIS[name], first=first, last=first + MONTHS - 1)}


def test_they_are_what_look_says_of_the_same_sales(made: Any, opened: facts.Facts) -> None:
    asked = sales_reading.Asked({}, (), ZONE, date(2025, 9, 2))
    told = looking.look(sales_reading.read(made["sales"], asked, lambda done, size: None), Rhythm())
    same = {
        "crr": "crr",
        "churn": "churn",
        "active_members": "active",
        "new_buyers": "new",
        "reactivated_members": "reactivated",
        "revenue": "revenue",
        "aov": "aov",
    }
    assert len(told["monthly"]) == MONTHS
    for kpi, figure in same.items():
        found = by_month(opened, kpi)
        for month in told["monthly"]:
            expected = month[figure]
            value = found[month["month"]].value
            assert value == (pytest.approx(expected) if isinstance(expected, float) else expected), (
                kpi,
                month["month"],
            )
    last = told["monthly"][-1]["month"]
    assert by_month(opened, "repeat_purchase_rate")[last].value == pytest.approx(told["repeat_purchase_rate"])
    assert by_month(opened, "repeat_purchase_rate")[last].numerator == told["repeat_members"]
    receipts = by_month(opened, "receipts_with_member").values()
    share = sum(row.numerator for row in receipts) / sum(row.denominator or 0 for row in receipts)
    assert share == pytest.approx(told["receipts_with_member"])


def test_who_stayed_and_who_left_are_everybody(opened: facts.Facts) -> None:
    stayed, left = by_month(opened, "crr"), by_month(opened, "churn")
    for month in stayed:
        assert stayed[month].numerator + left[month].numerator == stayed[month].denominator == left[month].denominator
        if stayed[month].value is not None:
            assert (stayed[month].value or 0) + (left[month].value or 0) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("name", sorted(KPIS))
def test_those_behind_a_number_count_to_it(opened: facts.Facts, name: str) -> None:
    kpi, told = KPIS[name], 0
    for by in kpi.by:
        rows = counting.rows(opened, kpi, first=number("2025-03"), last=number("2025-08"), by=by)
        for row in rows[-1 :: -max(len(rows) // 2, 1)]:  # two of each are enough to tell
            behind = counting.behind(opened, kpi, month=number(row.month), by=by, key=row.key, most=1000)
            assert sum(one.numerator for one in behind) == row.numerator, row
            assert row.denominator is None or sum(one.denominator or 0 for one in behind) == row.denominator, row
            assert len({one.member_id for one in behind}) == len(behind), "each member once"
            told += len(behind)
    assert told or name in ("nps", "csat", "ces", "points_expired"), "the shop has something behind every other one"


def test_a_page_of_members_goes_on_where_the_last_one_ended(opened: facts.Facts) -> None:
    kpi, month = KPIS["aov"], number("2025-05")
    whole = counting.behind(opened, kpi, month=month, most=1000)
    pages, after = [], None
    while page := counting.behind(opened, kpi, month=month, most=3, after=after):
        pages += page
        after = page[-1].member_id or ""
    assert pages == list(whole)


@pytest.mark.parametrize("by", ["tier", "store", "product"])
def test_groups_add_up(opened: facts.Facts, by: str) -> None:
    """Orders by store are all orders; members by tier are all members; a product's lines are all lines."""
    kpi = {"tier": "active_members", "store": "aov", "product": "revenue"}[by]
    whole = by_month(opened, kpi)
    parts = counting.rows(opened, KPIS[kpi], first=number("2025-03"), last=number("2025-08"), by=by)
    assert len({row.key for row in parts}) > 1
    for month, row in whole.items():
        summed = sum(one.numerator for one in parts if one.month == month)
        returned = by == "product"  # what is given back of a whole order is of no product in particular
        assert summed >= row.numerator if returned else summed == row.numerator


def test_points_are_the_liability_reports(made: Any, opened: facts.Facts, database: None) -> None:
    with context.within(made["business"]):
        programme = programmes.in_force_at(made["business"].schema, clock.now()).programme
        tables = liability_reading.read(opened.warehouse, programme)
    rolled = roll_forward.rows(tables.flows, first=FIRST, last=date(2025, 8, 31))["points"]
    kpis = {"points_issued": "earned", "points_redeemed": "redeemed", "points_expired": "expired"}
    for name, column in (kpis | {"points_outstanding": "closing"}).items():
        found = {
            row.month: row.value
            for row in counting.rows(opened, KPIS[name], first=number("2025-03"), last=number("2025-08"))
            if row.key == "points"
        }
        assert [found[f"{row.period:%Y-%m}"] for row in rolled] == [getattr(row, column) for row in rolled], name
    worth = {
        row.month: row
        for row in counting.rows(opened, KPIS["liability"], first=number("2025-08"), last=number("2025-08"))
    }
    assert worth["2025-08"].value == rolled[-1].closing * 100
    assert {row.key for row in counting.rows(opened, KPIS["liability"], first=0, last=number("2025-08"))} == {"points"}


def test_costs_come_from_the_budget(opened: facts.Facts) -> None:
    joined = by_month(opened, "new_members")
    for month, row in by_month(opened, "acquisition_cost").items():
        assert row.denominator == joined[month].value
        assert row.numerator == (600_000 if joined[month].value else 0)
    august = by_month(opened, "retention_cost")["2025-08"]
    assert august.denominator == by_month(opened, "active_members")["2025-08"].value
    assert august.numerator > 0 and august.numerator % 9_000 == 0, "each tea costs 9,000"


def test_a_month_that_is_not_over_says_so(opened: facts.Facts) -> None:
    rows = counting.rows(opened, KPIS["active_members"], first=number("2025-08"), last=number("2026-12"))
    assert [(row.month, row.partial) for row in rows] == [("2025-08", False), ("2025-09", True)]


def test_what_nobody_asked_is_not_measured(opened: facts.Facts) -> None:
    assert {row.value for row in by_month(opened, "nps").values()} == {None}


def test_every_kpi_has_its_words_in_both_languages() -> None:
    assert set(WORDS) == set(KPIS)
    for name, words in WORDS.items():
        for text in (words.name, words.says, words.numerator):
            assert set(text.by_language) == {"vi", "en"}, name
        assert bool(words.denominator) == KPIS[name].divided, name


def test_marks_are_counted_as_their_names_say(new_business: Any, tmp_path: Path) -> None:
    shop = new_business(PROGRAMME)
    with context.within(shop):
        who = str(join.join(Person(phone="+84911222333"), at=UNTIL).member_id)
        marks = [{"nps": 10, "csat": 5, "ces": 7}, {"nps": 9, "csat": 4}, {"nps": 7, "csat": 3, "ces": 2}, {"nps": 0}]
        events = [
            {"id": f"q:{n}", "type": "survey", "occurred_at": UNTIL.isoformat(), "member": who, "data": data}
            for n, data in enumerate(marks)
        ]
        record(shop, *events, now=UNTIL)
        exporting.export(shop, tmp_path, at=UNTIL)
    warehouse = reading.opened(tmp_path, shop.slug)
    assert warehouse is not None
    found = facts.Facts(warehouse, facts.DuckDb())
    now = counting.last_month(found)
    values = {
        name: [(row.value, row.denominator) for row in counting.rows(found, KPIS[name], first=now, last=now)]
        for name in ("nps", "csat", "ces")
    }
    assert values == {"nps": [(25.0, 4)], "csat": [(2 / 3, 3)], "ces": [(4.5, 2)]}
