"""Levels end to end: a sale brings one, an undo takes it away, the night reviews them, and the counters bear it out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import tier_view
from ganbo.features.rewards.models import Voucher
from ganbo.foundation import chance, clock
from ganbo.foundation.outbox.models import Fact
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import change_member, evaluate_tiers, join, quote, reverse
from ganbo.journeys.quote import Wish
from ganbo.journeys.record_events import Asked
from ganbo.people.members import models as members
from ganbo.people.members import queries as member_queries
from ganbo.people.members.operations import Person
from tests.journeys.test_record_events import record

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SOURCE = """\
ganbo: 1
programme: levels
name: Hạng
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: never}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: cake, name: {vi: một chiếc bánh, en: a cake}, kind: free_item, sku: cake, valid_days: 14}
  - {id: tote, name: {vi: túi vải, en: a tote}, kind: gift, price: {wallet: points, amount: 1}}
tiers:
  metric: {any: [spend, purchases]}
  counts: {purchase: 'order.net >= 20000', max_per_day: 2}
  window: {kind: rolling, months: 12}
  valid: {until: end_of_year, plus_months: 12}
  downgrade: {mode: one_step}
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, enter: {spend: 500000, purchases: 3}, benefits: {multiply: 2, on_enter: [cake], unlocks: [tote]}}
    - {id: gold, name: {vi: Vàng, en: Gold}, enter: {spend: 5000000, purchases: 30}, benefits: {yearly: [cake]}}
"""


@pytest.fixture
def shop(new_business: Any) -> Iterator[Any]:
    """A business with levels; the test runs in its schema."""
    business = new_business(SOURCE)
    with context.within(business):
        yield business


def enrol(at: datetime = MONDAY, **more: Any) -> Any:
    return join.join(Person(phone=f"+849{chance.digits(8)}", **more), at=at).member_id


def buy(member: Any, amount: int, at: datetime = MONDAY) -> dict[str, Any]:
    return {
        "id": f"t:{chance.new_id()}",
        "type": "purchase",
        "occurred_at": at.isoformat(),
        "member": str(member),
        "data": {"amount": amount},
    }


def told(shop: Any, *bodies: dict[str, Any], now: datetime = MONDAY, **how: Any) -> list[dict[str, Any]]:
    outcomes = record(shop, *bodies, now=now, **how)
    assert [o.refusal for o in outcomes] == [None] * len(bodies)
    return [orjson.loads(o.answer) for o in outcomes]


def test_a_sale_brings_a_level_at_once(shop: Any) -> None:
    member = enrol(address_form="chị")
    sale = buy(member, 510_000)
    first, second = told(shop, buy(member, 100_000), sale)
    assert first["tier"] == {"id": "bronze", "next": "silver", "missing": {"spend": 400_000, "purchases": 2}}
    assert second["tier"] == {"id": "silver", "next": "gold", "missing": {"spend": 4_390_000, "purchases": 28}}
    assert [e["kind"] for e in second["effects"]] == ["wallet", "voucher", "tier"]
    assert second["effects"][0]["amount"] == 51, "rules see the level as before the sale"
    assert second["effects"][1]["rule"] == "tier:silver"
    assert second["effects"][2] == {"kind": "tier", "from": "bronze", "to": "silver"}
    assert second["because"][-1] == (
        "Chị lên hạng Bạc từ 23/11/2026 đến 31/12/2027: điểm nhân 2, một chiếc bánh và đổi được túi vải."
    )
    assert told(shop, buy(member, 10_000))[0]["effects"][0]["amount"] == 2, "the next sale has the level's factor"
    standing = members.Standing.objects.get(pk=member)
    assert standing.tier == "silver"
    assert orjson.loads(standing.state)["tier"]["until"] == "2027-12-31"
    assert Voucher.objects.filter(member_id=member, reward="cake").count() == 1
    facts = [orjson.loads(body) for body in Fact.objects.filter(topic="tier.changed").values_list("body", flat=True)]
    assert [(f["member_id"], f["to"], f["event_id"], f["news"]) for f in facts if f["member_id"] == str(member)] == [
        (str(member), "silver", sale["id"], True)
    ]


def test_in_english(shop: Any) -> None:
    member = enrol(locale="en")
    answer = told(shop, buy(member, 500_000))[0]
    assert answer["because"][-1] == (
        "You are Silver from 23 November 2026 until 31 December 2027: points × 2, a cake and may take a tote."
    )


def test_only_what_counts_counts(shop: Any) -> None:
    member = enrol()
    small, first, second, third = told(
        shop, buy(member, 19_999), *[buy(member, 20_000, MONDAY + timedelta(minutes=n)) for n in range(3)]
    )
    assert small["tier"]["missing"] == {"spend": 500_000, "purchases": 3}, "below what counts"
    assert second["tier"]["missing"] == {"spend": 460_000, "purchases": 1}
    assert third["tier"] == second["tier"], "two a day count"
    assert first["tier"]["id"] == "bronze"
    assert (
        told(shop, buy(member, 20_000, MONDAY + timedelta(days=1)), now=MONDAY + timedelta(days=1))[0]["tier"]["id"]
        == "silver"
    )


def test_told_again_counts_once(shop: Any) -> None:
    member = enrol()
    sale = buy(member, 300_000)
    told(shop, sale)
    outcomes = record(shop, sale, sale, now=MONDAY)
    assert [o.status for o in outcomes] == ["replayed", "replayed"]
    months = orjson.loads(members.Standing.objects.get(pk=member).state)["months"]
    assert months == {"2026-11": {"spend": 300_000, "purchases": 1}}


def test_an_undo_takes_the_level_with_the_sale(shop: Any) -> None:
    member = enrol()
    told(shop, buy(member, 100_000))
    before = members.Standing.objects.get(pk=member)
    sale = buy(member, 600_000)
    told(shop, sale)
    reverse.reverse_event(sale["id"], reason="nhầm", by="tests", now=MONDAY)
    after = members.Standing.objects.get(pk=member)
    assert after.tier in (None, "bronze")
    assert orjson.loads(after.state)["months"] == orjson.loads(before.state)["months"]


def test_a_return_that_is_undone_brings_the_level_back(shop: Any) -> None:
    member, order = enrol(), f"o:{chance.new_id()}"
    sale = buy(member, 600_000)
    sale["data"]["order_id"] = order
    told(shop, sale)
    before = members.Standing.objects.get(pk=member)
    back = {"id": f"r:{order}", "type": "refund", "occurred_at": MONDAY.isoformat(), "data": {"order_id": order}}
    for _ in range(2):
        told(shop, back)
        assert members.Standing.objects.get(pk=member).tier == "bronze"
        assert Voucher.objects.get(member_id=member, reward="cake").state == "void", "it came with the level"
        answer = orjson.loads(reverse.reverse_event(back["id"], reason="nhầm", by="tests", now=MONDAY).answer)
        assert {"kind": "tier", "from": "bronze", "to": "silver"} in answer["effects"]
        after = members.Standing.objects.get(pk=member)
        held = {key: orjson.loads(after.state)["tier"][key] for key in ("since", "until", "by")}
        assert (after.tier, held) == ("silver", {"since": "2026-11-23", "until": "2027-12-31", "by": sale["id"]})
        assert orjson.loads(after.state)["months"] == orjson.loads(before.state)["months"]
        assert Voucher.objects.get(member_id=member, reward="cake").state == "issued"
        back["id"] += ":again"
    facts = Fact.objects.filter(topic="tier.changed", body__contains=str(member)).order_by("id")
    moves = [(fact["to"], fact["up"]) for fact in (orjson.loads(fact.body) for fact in facts)]
    assert moves == [("silver", True), *[("bronze", False), ("silver", True)] * 2]


def test_a_return_that_came_before_its_sale_brings_no_level(shop: Any) -> None:
    member, order = enrol(), f"o:{chance.new_id()}"
    sale = buy(member, 600_000)
    sale["data"]["order_id"] = order
    record(
        shop,
        {"id": f"r:{order}", "type": "refund", "occurred_at": MONDAY.isoformat(), "data": {"order_id": order}},
        now=MONDAY,
    )
    told(shop, sale)
    assert members.Standing.objects.get(pk=member).tier in (None, "bronze")
    assert not Fact.objects.filter(topic="tier.changed", body__contains=str(member)).exists()


def test_a_quote_tells_the_level_and_changes_nothing(shop: Any) -> None:
    from ganbo.books.events import reading

    member = enrol()
    before = members.Standing.objects.get(pk=member).state
    pipe = Pipeline.open(**connection_parameters())
    try:
        request = reading.read(buy(member, 600_000), region="VN")
        answer = orjson.loads(quote.quote(pipe, Asked(shop, MONDAY), [Wish(request)])[0].answer or "")
    finally:
        pipe.close()
    assert {"kind": "tier", "from": "bronze", "to": "silver"} in answer["effects"]
    assert members.Standing.objects.get(pk=member).state == before


def test_another_business_has_its_own_levels(shop: Any, fumi: Any) -> None:
    member = enrol()
    told(shop, buy(member, 600_000))
    with context.within(fumi):
        assert not members.Standing.objects.filter(pk=member).exists()
        assert not Fact.objects.filter(topic="tier.changed", body__contains=str(member)).exists()


NEXT_YEAR = datetime(2028, 1, 1, 3, 0, tzinfo=UTC)  # the promise of 2026 ended on 31 December 2027


def night(shop: Any, at: datetime) -> Any:
    return evaluate_tiers.evaluate(programmes.in_force_at(shop.schema, at), at=at)


def test_the_night_lowers_who_does_not_keep_a_level_once(shop: Any) -> None:
    member, other = enrol(), enrol()
    told(shop, buy(member, 5_000_000), buy(other, 10_000))
    assert members.Standing.objects.get(pk=member).tier == "gold"
    assert night(shop, MONDAY + timedelta(days=1)).changed == 0, "the promise holds"
    assert night(shop, NEXT_YEAR).changed == 1
    standing = members.Standing.objects.get(pk=member)
    assert standing.tier == "silver", "one step"
    assert orjson.loads(standing.state)["tier"]["until"] == "2028-12-31"
    assert night(shop, NEXT_YEAR).changed == 0, "twice is once"
    assert members.Standing.objects.get(pk=member).state == standing.state
    facts = Fact.objects.filter(topic="tier.changed", body__contains=str(member)).order_by("id")
    assert [(f["from"], f["to"], f["up"]) for f in (orjson.loads(fact.body) for fact in facts)] == [
        ("bronze", "gold", True),
        ("gold", "silver", False),
    ]


def test_the_gift_of_the_year_comes_once_a_year(shop: Any) -> None:
    member = enrol()
    told(shop, buy(member, 5_000_000))
    cakes = Voucher.objects.filter(member_id=member, reward="cake")
    assert cakes.count() == 1, "with the level"
    night(shop, MONDAY + timedelta(days=1))
    assert cakes.count() == 1
    for _ in range(2):
        night(shop, datetime(2027, 1, 1, 3, 0, tzinfo=UTC))
    assert cakes.count() == 2


def test_a_day_is_reviewed_once(shop: Any) -> None:
    assert evaluate_tiers.evaluate_due(at=clock.now()) is not None
    assert evaluate_tiers.evaluate_due(at=clock.now()) is None


def test_a_level_given_by_hand_is_not_lost_the_next_night(shop: Any) -> None:
    member = enrol()
    told(shop, buy(member, 20_000))
    change_member.change(member, {"tier": "gold"}, by="tests")
    for days in (1, 2, 40):
        night(shop, MONDAY + timedelta(days=days))
        assert members.Standing.objects.get(pk=member).tier == "gold"


def test_what_a_member_reads_of_their_level(shop: Any) -> None:
    member = enrol()
    told(shop, buy(member, 600_000))
    row = member_queries.get(member)
    assert row is not None
    programme = programmes.in_force_at(shop.schema, MONDAY).programme
    seen = tier_view.of(programme, tier_view.holder(programme, row.tier, row.state, row.created_at), MONDAY.date())
    assert seen is not None
    shown = tier_view.row(programme, seen, "vi")
    assert (shown["id"], shown["next"], shown["missing"]) == ("silver", "gold", {"spend": 4_400_000, "purchases": 29})
    assert shown["keep"] == {"missing": {"spend": 500_000, "purchases": 3}, "until": "2027-12-31"}
    assert (shown["projected"], shown["since"]) == ("bronze", "2026-11-23")
    assert shown["sentences"] == [
        "Mua thêm 4.400.000 ₫ hoặc mua 29 lần nữa là lên hạng Vàng.",
        "Mua thêm 500.000 ₫ hoặc mua 3 lần nữa đến hết 31/12/2027 để giữ hạng Bạc.",
    ]
    assert [level["id"] for level in tier_view.levels(programme, "en")] == ["bronze", "silver", "gold"]
