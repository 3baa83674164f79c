"""Experiments from the plan to the result: groups by lots that stay, outcomes from the warehouse, and no verdict too early."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ganbo.books.events.reading import FieldsRefused
from ganbo.engine import loading, stamps
from ganbo.features.experiments import queries
from ganbo.features.experiments.operations import Exists, Over, Unknown
from ganbo.features.experiments.planning import GroupPlan, Plan
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import stamp_cards, terms
from ganbo.foundation import chance, clock
from ganbo.insights.experiments import result, sizing
from ganbo.insights.experiments.result import Result
from ganbo.insights.kpis.facts import DuckDb, Facts
from ganbo.insights.warehouse import exporting, reading
from ganbo.journeys import experiments, join, verify_books
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: trying
name: Thử
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
stamp_cards:
  - {id: eight, name: {vi: Thẻ 8 tem, en: Card of 8}, on: purchase, count: order, size: 8, reward: latte, repeat: false, experiment: head-start}
  - {id: ten, name: {vi: Thẻ 10 tem, en: Card of 10}, on: purchase, count: order, size: 10, head_start: 2, reward: latte, repeat: false, experiment: head-start}
rewards:
  - {id: latte, kind: free_item, sku: latte}
"""
START = date(2026, 3, 2)
END = date(2026, 3, 30)
BEFORE = datetime(2026, 3, 1, 3, tzinfo=UTC)


def at(day: date, hour: int = 3) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def programme(shop: Any) -> Any:
    return programmes.in_force_at(shop.schema, clock.now()).programme


def members(n: int, when: datetime = BEFORE) -> list[UUID]:
    return [join.join(Person(phone=f"+849{chance.digits(8)}", locale="vi"), at=when).member_id for _ in range(n)]


def buys(shop: Any, member: UUID | None, day: date, amount: int = 50_000, store: str | None = None) -> None:
    body = {
        "id": f"x:{chance.new_id()}",
        "type": "purchase",
        "occurred_at": at(day, 5).isoformat(),
        "data": {"amount": amount},
    }
    body |= ({"member": str(member)} if member else {}) | ({"store": store} if store else {})
    (told,) = record(shop, body, now=at(day, 6))
    assert told.status == "applied"


def buys_all(shop: Any, whose: list[UUID], day: date) -> None:
    bodies = [
        {"id": f"x:{chance.new_id()}", "type": "purchase", "occurred_at": at(day, 5).isoformat(), "member": str(m), "data": {"amount": 50_000}}
        for m in whose
    ]  # fmt: skip
    assert {told.status for told in record(shop, *bodies, now=at(day, 6))} == {"applied"}


def plan(shop: Any, slug: str, **how: Any) -> Plan:
    told = Plan(
        slug=slug, name="Thử", question="Có hơn không?", metric="revenue", unit="member",
        groups=[GroupPlan("rest", share=Fraction(1, 2)), GroupPlan("news", share=Fraction(1, 2))],
        starts_on=START, ends_on=END,
    )  # fmt: skip
    told = replace(told, **how)
    experiments.plan(told, programme=programme(shop), by="tests", at=BEFORE)
    return told


def facts(shop: Any, folder: Path, when: datetime) -> Facts:
    exporting.export(shop, folder, at=when)
    known = reading.opened(folder, shop.slug)
    assert known is not None
    return Facts(known, DuckDb())


def seen(shop: Any, slug: str, folder: Path, day: date) -> Result:
    """The result as it is told on a day, after the hour's sweep."""
    experiments.note_all(programme(shop), business=shop.schema, at=at(day))
    row = queries.by_slug(slug)
    assert row is not None
    return result.of(row, facts(shop, folder, at(day)))


def test_the_head_start_runs_from_the_plan_to_the_result(shop: Any, tmp_path: Path) -> None:
    told = plan(shop, "head-start", cards="head-start")
    row = queries.by_slug(told.slug)
    assert row is not None and row.metric == "completion_rate"
    assert [(g.id, g.share) for g in row.groups] == [("eight", Fraction(1, 2)), ("ten", Fraction(1, 2))]
    people, now = members(100), programme(shop)
    mine = {m: stamps.drawn(now, "head-start", str(m)).id for m in people}
    of = {card: [m for m in people if mine[m] == card] for card in ("eight", "ten")}
    finish = {*of["eight"][::4], *(m for n, m in enumerate(of["ten"]) if n % 3)}  # a quarter, and two thirds
    for day in range(8):
        buys_all(shop, [m for m in people if day < 3 or m in finish], START + timedelta(days=day))
    for member in people:
        (card,) = stamp_cards.of_member(member, now, locale="en")
        assert (card.id, card.of) == (mine[member], {"eight": 8, "ten": 10}[mine[member]]), (
            "each has one card, the lot's"
        )
    early = seen(shop, "head-start", tmp_path, START + timedelta(days=14))
    assert early.verdict == "preliminary", "a difference that shows early decides nothing"
    assert {m: group for m, group, _ in queries.exposed("head-start")} == mine
    late = seen(shop, "head-start", tmp_path, END)
    assert (late.verdict, late.compared[0].id) == ("more", "ten")
    assert [(g.n, round(g.mean * g.n)) for g in late.groups] == [(len(of[c]), len(finish & {*of[c]})) for c in of]
    assert late.compared[0].difference.low > 0
    assert verify_books.verify().differences == ()


def test_whoever_collected_before_it_began_stays_out(shop: Any, tmp_path: Path) -> None:
    early, fresh = members(2, BEFORE - timedelta(days=30))
    buys(shop, early, START + timedelta(days=1))
    plan(shop, "second-look", cards="head-start", starts_on=START + timedelta(days=7), ends_on=END + timedelta(days=7))
    buys(shop, early, START + timedelta(days=9))
    buys(shop, fresh, START + timedelta(days=9))
    for _ in range(2):
        seen(shop, "second-look", tmp_path, START + timedelta(days=20))
        noted = [member for member, _, _ in queries.exposed("second-look")]
        assert fresh in noted and early not in noted and len(set(noted)) == len(noted)


def test_revenue_counts_from_the_day_a_member_enters(shop: Any, tmp_path: Path) -> None:
    old = members(3)
    for member in old:
        buys(shop, member, START - timedelta(days=1), 900_000)  # before it began
        buys(shop, member, START + timedelta(days=2), 100_000)
        buys(shop, member, END, 900_000)  # after it ended
    plan(shop, "news")
    (late,) = members(1, at(START + timedelta(days=5)))
    buys(shop, late, START + timedelta(days=5), 70_000)
    found = seen(shop, "news", tmp_path, END + timedelta(days=2))
    entered = {m: (group, when) for m, group, when in queries.exposed("news")}
    assert {*old, late} <= set(entered)
    assert entered[late][1] == at(START + timedelta(days=5)) and entered[old[0]][1] == datetime(
        2026, 3, 1, 17, tzinfo=UTC
    )
    money = sum(g.mean * g.n for g in found.groups)
    others = sum(g.n for g in found.groups) - 4
    assert others >= 0 and money >= 370_000 and (money - 370_000) % 50_000 == 0, (
        "theirs, and round sums of the other tests"
    )
    again = {m: group for m, group, _ in queries.exposed("news")}
    seen(shop, "news", tmp_path, END + timedelta(days=3))
    assert {m: group for m, group, _ in queries.exposed("news")} == again, (
        "nobody enters after its end, nobody changes sides"
    )


def test_few_members_are_not_enough(shop: Any, tmp_path: Path) -> None:
    shares = [GroupPlan("a", share=Fraction(1, 5000)), GroupPlan("b", share=Fraction(1, 5000))]
    plan(shop, "tiny", metric="repeat_rate", groups=shares)
    found = seen(shop, "tiny", tmp_path, END)
    assert found.verdict == "not_enough_data" and found.compared[0].verdict == "not_enough_data"


def test_stores_are_compared_by_how_they_grew(shop: Any, tmp_path: Path) -> None:
    for n in range(8):
        for day in range(-28, 28, 7):
            grown = 30_000 if day >= 0 and n >= 4 else 1_000 * n if day >= 0 else 0
            buys(shop, None, START + timedelta(days=day), 100_000 * (n % 4 + 1) + grown * (n % 4 + 1), f"s{n}")
    groups = [GroupPlan("as-is", stores=("s0", "s1", "s2", "s3")), GroupPlan("new", stores=("s4", "s5", "s6", "s7"))]
    plan(shop, "shops", unit="store", groups=groups)
    found = seen(shop, "shops", tmp_path, END + timedelta(days=1))
    assert [(g.n, round(g.mean, 3)) for g in found.groups] == [(4, 1.015), (4, 1.3)], "large and small shops alike"
    assert found.verdict == "more"


def test_before_and_after_a_start_date_in_whole_weeks(shop: Any, tmp_path: Path) -> None:
    day = date(2025, 10, 6)
    for week in range(-6, 6):
        buys(shop, None, day + timedelta(weeks=week), 1_000_000 + 10_000 * week)
    plan(shop, "since-october", unit="start_date", groups=[], starts_on=day, ends_on=day + timedelta(days=45))
    found = seen(shop, "since-october", tmp_path, START)
    assert [g.id for g in found.groups] == ["before", "after"] and [g.n for g in found.groups] == [6, 6]
    assert found.compared[0].difference.by == pytest.approx(60_000)
    assert found.verdict == "more", "which cannot tell the season; the page says so"


def test_a_plan_says_everything_that_is_wrong_with_it(shop: Any) -> None:
    with pytest.raises(FieldsRefused) as refused:
        plan(
            shop, "Bad Name", name=" ", metric="luck", unit="moon", least=Fraction(0), ends_on=START,
            groups=[GroupPlan("a", share=Fraction(1))],
        )  # fmt: skip
    assert [(p.field, p.code) for p in refused.value.problems] == [
        ("slug", "experiment_slug"), ("name", "experiment_text"), ("metric", "experiment_choice"),
        ("unit", "experiment_choice"), ("least", "experiment_least"), ("ends_on", "experiment_days"), ("groups", "experiment_groups"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"starts_on": date(2026, 2, 27)}, "starts_on", "experiment_past"),
        ({"cards": "nothing"}, "cards", "experiment_cards_unknown"),
        ({"metric": "completion_rate"}, "cards", "experiment_cards"),
        ({"unit": "store", "metric": "repeat_rate"}, "metric", "experiment_store_metric"),
        ({"unit": "store", "groups": [GroupPlan("a", stores=("moon",)), GroupPlan("b")]}, "groups.0.stores", "experiment_store_unknown"),
        ({"groups": [GroupPlan("a", share=Fraction(2, 3)), GroupPlan("b", share=Fraction(2, 3))]}, "groups", "experiment_shares"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_by_field(shop: Any, wrong: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(FieldsRefused) as refused:
        plan(shop, "wrong", **wrong)
    assert (field, code) in [(p.field, p.code) for p in refused.value.problems]
    assert queries.by_slug("wrong") is None


def test_names_stand_once_and_a_stopped_one_ends_there(shop: Any) -> None:
    plan(shop, "once")
    with pytest.raises(Exists):
        plan(shop, "once")
    experiments.stop("once", today=START + timedelta(days=3), by="tests")
    row = queries.by_slug("once")
    assert row is not None
    assert (row.until, row.state(START + timedelta(days=3))) == (START + timedelta(days=3), "stopped")
    for slug, error in (("once", Over), ("never", Unknown)):
        with pytest.raises(error):
            experiments.stop(slug, today=START + timedelta(days=4), by="tests")


def test_the_size_is_reckoned_from_what_members_did_just_before(shop: Any, tmp_path: Path) -> None:
    known = facts(shop, tmp_path, at(END + timedelta(days=3)))
    money = sizing.of_members(known, metric="revenue", days=28, least=Fraction(1, 10))
    double = sizing.of_members(known, metric="revenue", days=28, least=Fraction(1, 5))
    assert money.needed is not None and double.needed is not None
    assert abs(money.needed / double.needed - 4) < 0.1, "half the lift takes four times as many"
    assert sizing.of_members(known, metric="completion_rate", days=28, least=Fraction(1, 2)).needed == 312


def test_rival_cards_must_promise_the_same() -> None:
    text = PROGRAMME.replace("head_start: 2", "head_start: 1")
    with pytest.raises(loading.DocumentRefused) as refused:
        loading.load(text)
    assert [(e.code, e.path) for e in refused.value.errors] == [("experiment_unfair", "stamp_cards.1.experiment")]
    with pytest.raises(loading.DocumentRefused) as refused:
        loading.load("\n".join(line for line in PROGRAMME.splitlines() if "id: ten" not in line))
    assert [e.code for e in refused.value.errors] == ["experiment_of_one"]


def test_the_terms_tell_everybody_of_both_cards(shop: Any) -> None:
    text = terms.of(programme(shop), lang="en").text
    assert "By lot each member has this card or another (Card of 10); each takes equally many stamps." in text
    assert "By lot each member has this card or another (Card of 8); each takes equally many stamps." in text
