"""Who would move when a document is published: told before, and what then happens is that."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ganbo.features.programmes import queries as programmes
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import change_member, evaluate_tiers, preview_moves, publish_programme
from ganbo.people.members import models as members
from tests.journeys.test_tier_counters import BARE, POINTS_FOR_EVER, sell, source
from tests.journeys.test_tiers import MONDAY, SOURCE, enrol, told

TWO = source("tiers: {metric: spend, levels: [{id: bronze}, {id: silver, enter: {spend: 600000}}]}\n")


@pytest.fixture
def shop(new_business: Any) -> Iterator[Any]:
    business = new_business(SOURCE)
    with context.within(business):
        yield business


def everything() -> list[Any]:
    return list(members.Standing.objects.order_by("pk").values())


def ways(rows: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[bool, int]]:
    return {(row["from"], row["to"]): (row["up"], row["members"]) for row in rows}


def levels() -> dict[Any, str]:
    return {row.pk: row.tier or "bronze" for row in members.Standing.objects.all()}


@pytest.mark.parametrize(
    ("document", "expected", "why"),
    [
        (SOURCE, {}, "the same document moves nobody"),
        (SOURCE.replace("spend: 500000", "spend: 90000"), {("bronze", "silver"): (True, 3)}, "a lower threshold raises at once"),
        (SOURCE.replace("spend: 500000", "spend: 9000000"), {}, "nobody is lowered before their promise ends"),
        (TWO, {("gold", "silver"): (False, 1)}, "a level that is gone: to what is deserved"),
        (POINTS_FOR_EVER.replace("visits: 4", "visits: 2"), {("bronze", "silver"): (True, 3)}, "other metrics are counted from what happened"),
        (source(""), {("bronze", None): (False, 3), ("silver", None): (False, 1), ("gold", None): (False, 1)}, "without levels they are gone"),
    ],
)  # fmt: skip
def test_what_is_told_is_what_the_night_does(shop: Any, document: str, expected: dict[Any, Any], why: str) -> None:
    silver, gold, *small = (enrol() for _ in range(5))
    told(shop, sell(silver, 550_000), sell(gold, 5_000_000))
    for member in small:
        told(shop, *[sell(member, 50_000, MONDAY + timedelta(days=-n)) for n in (1, 2)])
    before = everything()
    found = preview_moves.preview(document, at=clock.now())
    assert everything() == before, "nothing changes"
    assert found["members"] == 5
    assert ways(found["at_once"]) == expected, why
    assert all(len(row["sample"]) == row["members"] for row in found["at_once"])
    then = levels()
    publish_programme.publish(document, by="tests")
    published = programmes.in_force_at(shop.schema, clock.now())
    if published.programme.levels:
        evaluate_tiers.evaluate(published, at=clock.now())
        moved = [(then[member], now) for member, now in levels().items() if now != then[member]]
        assert sorted(moved) == sorted(way for way, (_, n) in expected.items() for _ in range(n))


def test_who_would_fall_later_is_told_too(shop: Any) -> None:
    member = enrol()
    told(shop, sell(member, 550_000))
    dearer = SOURCE.replace("spend: 500000", "spend: 700000").replace("{kind: rolling, months: 12}", "{kind: lifetime}")
    same = SOURCE.replace("{kind: rolling, months: 12}", "{kind: lifetime}")
    assert ways(preview_moves.preview(same, at=clock.now())["later"]) == {("bronze", "silver"): (True, 1)}, (
        "kept for good"
    )
    assert preview_moves.preview(dearer, at=clock.now())["later"] == [], "lost either way"


def test_levels_by_hand_under_rules_without_thresholds(new_business: Any) -> None:
    business = new_business(BARE)
    with context.within(business):
        member = enrol()
        told(business, sell(member, 700_000))
        change_member.change(member, {"tier": "gold"}, by="tests")
        found = preview_moves.preview(SOURCE, at=clock.now())
        assert found["at_once"] == []
        assert ways(found["later"]) == {("gold", "silver"): (False, 1)}, "when the promise of a whole window is over"
