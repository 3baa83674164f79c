"""Some members are held back from what nobody was promised, by a lot that stays; what is promised everybody gets."""

import ast
from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from ganbo.books.events import reading
from ganbo.features.experiments import holding, queries
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import terms
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.journeys import hold_back, holdings, join, publish_programme, record_events
from ganbo.journeys.record_events import Asked
from ganbo.people.members.operations import Person
from tests.house import source

PROGRAMME = """\
ganbo: 1
programme: held
name: Đối chứng
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: welcome, on: signup, give: {wallet: points, amount: 50}}
holdout: {share: 0.5, only: unpromised}
"""


def member(shop: Any) -> UUID:
    return join.join(Person(phone=f"+849{chance.digits(8)}", locale="vi"), at=clock.now()).member_id


def held(shop: Any, members: list[UUID], share: Fraction = Fraction(1, 2)) -> list[UUID]:
    return [m for m in members if holding.is_held(shop.schema, str(m), share)]


def ask(shop: Any, members: list[UUID], thing: Any = "message") -> list[UUID]:
    programme = programmes.in_force_at(shop.schema, clock.now()).programme
    return hold_back.may_get(thing, members, business=shop.schema, programme=programme, at=clock.now())


def test_who_is_held_back_is_noted_once_and_stays_so(shop: Any) -> None:
    members = [member(shop) for _ in range(30)]
    may = ask(shop, members)
    assert set(may) | set(held(shop, members)) == set(members) and not set(may) & set(held(shop, members))
    assert 3 < len(may) < 27, "half of thirty; chance alone goes beyond once in a hundred thousand"
    noted = {m: (group, at) for m, group, at in queries.exposed("holdout")}
    assert {m for m, (group, _) in noted.items() if group == "rest"} == set(may)
    for thing in holding.UNPROMISED:
        assert ask(shop, members, thing) == may, "the same members for everything, in the order asked"
    assert {m: (group, at) for m, group, at in queries.exposed("holdout")} == noted, "noted from when it was first so"


def test_a_greater_share_only_adds_members_and_another_share_is_noted_from_then_on(shop: Any) -> None:
    members = [member(shop) for _ in range(20)]
    before = set(held(shop, members))
    ask(shop, members)
    publish_programme.publish(PROGRAMME.replace("0.5", "0.2"), by="tests")
    try:
        may = set(ask(shop, members))
        assert set(members) - may == set(held(shop, members, Fraction(1, 5))) <= before
        for one in before & may:
            assert [group for _, group, _ in queries.of_member(one)] == ["held", "rest"], "first held back, later not"
    finally:
        publish_programme.publish(PROGRAMME, by="tests")


def test_what_is_promised_a_member_who_is_held_back_gets_as_everybody(shop: Any) -> None:
    members = [member(shop) for _ in range(12)]
    ask(shop, members)
    assert 0 < len(held(shop, members)) < 12
    bodies = [
        {
            "id": f"p:{chance.new_id()}",
            "type": "purchase",
            "occurred_at": (clock.now() - timedelta(minutes=1)).isoformat(),
            "member": str(one),
            "data": {"amount": 57_000},
        }
        for one in members
    ]
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        asked = [reading.read(body, region="VN") for body in bodies]
        assert {r.status for r in record_events.record(pipe, Asked(shop, clock.now()), asked)} == {"applied"}
    points = {holdings.balances(one, ["points"], at=clock.now())["points"].available for one in members}
    assert points == {55}, "5 for the purchase and 50 for joining, held back or not"


def test_only_what_was_not_promised_can_be_held_back(shop: Any) -> None:
    with pytest.raises(ValueError, match="never held back"):
        ask(shop, [member(shop)], "points")


def test_without_a_holdout_everybody_may_and_nothing_is_noted(shop: Any) -> None:
    one = member(shop)
    publish_programme.publish(PROGRAMME.replace("holdout: {share: 0.5, only: unpromised}\n", ""), by="tests")
    try:
        assert ask(shop, [one]) == [one] and queries.of_member(one) == []
    finally:
        publish_programme.publish(PROGRAMME, by="tests")


def test_the_terms_say_who_is_left_out_of_what(shop: Any) -> None:
    text = terms.of(programmes.in_force_at(shop.schema, clock.now()).programme, lang="en").text
    assert "By lot, 50 % of the members get no advertising" in text
    assert "Everything that stands in these terms is for everybody." in text


@pytest.mark.parametrize(
    "promised",
    ["journeys/thank_buyer.py", "journeys/warn_of_expiry.py", "journeys/warn_of_end.py", "journeys/judging.py",
     "journeys/effects.py", "journeys/giving.py", "journeys/redeem_reward.py", "journeys/evaluate_tiers.py"],
)  # fmt: skip
def test_duties_and_promises_never_ask(promised: str) -> None:
    tree = ast.parse((source.PACKAGE / promised).read_text(encoding="utf-8"))
    names = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }
    assert not names & {"hold_back", "holding", "sticky"}
