"""Perks: of the member's very level, never beyond their count in a period of the business's clock, undone once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from ganbo.engine import loading
from ganbo.features.perks import models, operations
from ganbo.features.programmes import change_words, terms
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, perks, stories, verify_books
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: perks
name: Đặc quyền
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
tiers:
  metric: purchases
  levels:
    - {id: bronze, benefits: {perks: [water, sofa, upsize]}}
    - {id: silver, enter: {purchases: 2}, benefits: {perks: [parking]}}
perks:
  - {id: upsize, text: {vi: Nâng size miễn phí, en: Free upsize}, count: 2, per: month, show: till}
  - {id: water, text: {vi: Nước lọc, en: Water}}
  - {id: sofa, text: {vi: Ghế sofa, en: The sofa}, show: wallet}
  - {id: parking, text: {vi: Gửi xe, en: Parking}, count: 1, per: day}
examples:
  - story:
      - {event: {type: visit, occurred_at: 2026-11-30T10:00:00+07:00}}
      - {perk: upsize, times: 2}
      - {perk: upsize, refused: perks.used_up}
      - {after: 1d, perk: upsize}
      - {perk: parking, refused: perks.not_theirs}
      - {event: {type: purchase, data: {amount: 1}}, times: 2, expect: {tier: silver}}
      - {perk: parking}
      - {perk: upsize, refused: perks.not_theirs}
    expect: {points: 0}
"""
BEFORE_MIDNIGHT = datetime(2027, 1, 31, 16, 59, 59, tzinfo=UTC)  # 23:59:59 in Hà Nội


def use(perk: str, member: str, at: datetime | None = None) -> operations.Used:
    return perks.use(perk, member_id=UUID(member), by="tests", now=at or clock.now())


def left(member: str, at: datetime) -> dict[str, int | None]:
    programme = programmes.in_force_at(context.current().schema, at).programme
    return {one.perk.id: one.left for one in perks.of_member(UUID(member), None, programme, at=at)}


def test_never_more_than_promised_in_a_month_of_the_shop(shop: Any, lan: str) -> None:
    assert [use("upsize", lan, BEFORE_MIDNIGHT).left for _ in range(2)] == [1, 0]
    with pytest.raises(operations.UsedUp):
        use("upsize", lan, BEFORE_MIDNIGHT)
    assert left(lan, BEFORE_MIDNIGHT) == {"water": None, "sofa": None, "upsize": 0}, "in the level's order"
    assert left(lan, BEFORE_MIDNIGHT + timedelta(seconds=1))["upsize"] == 2, "midnight of the shop begins the month"
    assert use("upsize", lan, BEFORE_MIDNIGHT + timedelta(seconds=1)).left == 1
    assert [use("water", lan).left for _ in range(3)] == [None] * 3, "without a limit it is counted all the same"
    assert models.Use.objects.filter(member_id=lan, perk="water").count() == 3
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("perk", "why"),
    [("parking", "it is of another level"), ("sofa", "it is only told"), ("nothing", "there is no such perk")],
)
def test_what_is_not_theirs_is_not_used(shop: Any, lan: str, perk: str, why: str) -> None:
    with pytest.raises(perks.NotTheirs):
        use(perk, lan)
    assert not models.Use.objects.filter(member_id=lan).exists(), why


def test_a_use_is_undone_once_and_within_the_time_allowed(shop: Any, lan: str) -> None:
    used = use("upsize", lan)
    for _ in range(2):
        assert perks.undo(used.id, by="tests", now=clock.now()).left == 2
    old = use("upsize", lan, clock.now() - timedelta(hours=2))
    with pytest.raises(perks.UndoTooLate):
        perks.undo(old.id, by="tests", now=clock.now(), within=timedelta(hours=1))
    with pytest.raises(operations.UseUnknown):
        perks.undo(chance.new_id(), by="tests", now=clock.now())


def test_pressed_by_many_at_once_it_is_given_as_often_as_promised(shop: Any) -> None:
    for _ in range(3):
        member, gate = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id), Barrier(5)

        def press(_: int, member: str = member, gate: Barrier = gate) -> bool:
            with context.within(shop):
                gate.wait()
                try:
                    return use("upsize", member) is not None
                except operations.UsedUp:
                    return False
                finally:
                    connection.close()

        with ThreadPoolExecutor(5) as pool:
            assert sum(pool.map(press, range(5))) == 2
    assert verify_books.verify().differences == ()


def test_verify_finds_what_was_used_too_often(shop: Any, lan: str) -> None:
    used = use("upsize", lan)
    models.Use.objects.filter(pk=used.id).update(most=0)
    found = verify_books.verify().differences
    assert [(one.what, one.stored, one.recomputed) for one in found] == [("perk used too often", 0, 1)]
    models.Use.objects.filter(pk=used.id).delete()


def test_the_terms_say_it_and_stories_come_out() -> None:
    programme = loading.load(PROGRAMME)
    assert stories.run(programme) == ()
    said = " ".join(terms.of(programme, lang="vi").text.split())
    assert "Nâng size miễn phí (2 lần mỗi tháng)" in said
    said = " ".join(terms.of(programme, lang="en").text.split())
    assert "Besides: Parking (1 time a day)." in said


@pytest.mark.parametrize(
    ("old", "new", "verdict", "said"),
    [
        ("count: 2, per: month", "count: 1, per: month", "worse", "Nâng size miễn phí"),
        ("count: 2, per: month", "count: 1, per: day", "better", "Nâng size miễn phí"),
        ("Nâng size miễn phí", "Cỡ lớn giá cỡ nhỏ", "neutral", "Cỡ lớn giá cỡ nhỏ"),
        ("[water, sofa, upsize]", "[water, upsize]", "worse", "bronze"),
    ],
)
def test_a_change_is_told_with_what_it_means_for_members(old: str, new: str, verdict: str, said: str) -> None:
    before, after = loading.load(PROGRAMME), loading.load(PROGRAMME.replace(old, new))
    (change,) = change_words.told(before, after, locale="vi")
    assert change.verdict == verdict
    assert said in change.text
