"""Undo, claim and give back: every loop closes."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance, clock
from ganbo.foundation.idempotency import operations as answers
from ganbo.journeys import answer_once, claim, join, reverse, sell, verify_books
from ganbo.journeys.redemption_writing import Ask
from ganbo.people.members import queries as members
from tests.journeys.test_record_events import MONDAY, points, purchase, record


def held(member: Any) -> ledger.Balance:
    return ledger.balances(member.id, ["points"], at=clock.now())["points"]


def test_undo_takes_back_exactly_what_was_earned_once(cafe: Any, enrol: Any) -> None:
    member = enrol()
    body = purchase(member, at=MONDAY)
    record(cafe, body, now=MONDAY)
    first = reverse.reverse_event(body["id"], reason="wrong amount", by="staff:1", now=clock.now())
    again = reverse.reverse_event(body["id"], reason="wrong amount", by="staff:1", now=clock.now())
    assert orjson.loads(first.answer)["taken_back"] == {"points": 11}
    assert (again.replayed, again.answer) == (True, first.answer)
    assert held(member).available == 50
    row = members.get(member.id)
    assert row is not None
    assert (row.purchases, row.spend, row.visits) == (0, 0, 0), "counters go back too"


def test_what_was_spent_meanwhile_is_owed_and_netted(cafe: Any, enrol: Any) -> None:
    member = enrol()
    body = purchase(member, at=MONDAY, amount=100_000)
    record(cafe, body, now=MONDAY)  # 60 points
    assert sell.redeem(cafe, Ask(("id", str(member.id)), "peach-tea"), now=clock.now()).status == "issued"
    done = orjson.loads(reverse.reverse_event(body["id"], reason="returned", by="staff:1", now=clock.now()).answer)
    assert done["owed"] == {"points": 10}
    assert (held(member).available, held(member).owed) == (0, 10)
    later = record(cafe, purchase(member, at=MONDAY, amount=150_000), now=MONDAY)[0]
    assert orjson.loads(later.answer)["balances"]["points"] == {"available": 5, "pending": 0, "owed": 0}
    assert verify_books.verify().differences == ()


def test_a_limit_used_by_an_undone_event_is_free_again(cafe: Any, enrol: Any) -> None:
    member = enrol()
    review = {"id": f"r:{member.id}", "type": "review", "occurred_at": MONDAY.isoformat(), "member": str(member.id)}
    review |= {"data": {"verified": True}}
    record(cafe, review, now=MONDAY)
    reverse.reverse_event(review["id"], reason="spam", by="staff:1", now=clock.now())
    again = record(cafe, review | {"id": f"r2:{member.id}"}, now=MONDAY)[0]
    assert points(again) == 70


def test_cashiers_undo_within_the_hour(cafe: Any, enrol: Any) -> None:
    body = purchase(enrol())
    record(cafe, body)
    with pytest.raises(reverse.UndoTooLate):
        reverse.reverse_event(
            body["id"], reason="x", by="staff:1", now=clock.now() + timedelta(hours=2), within=reverse.CASHIERS
        )


def test_an_enrolment_cannot_be_undone(cafe: Any, enrol: Any) -> None:
    with pytest.raises(reverse.CannotReverse):
        reverse.reverse_event(f"signup:{enrol().id}", reason="x", by="staff:1", now=clock.now())


def test_a_sale_without_a_member_is_claimed_once(cafe: Any, enrol: Any) -> None:
    body, lan, minh = purchase(None, at=MONDAY), enrol("Lan"), enrol("Minh")
    record(cafe, body, now=MONDAY)
    first = claim.claim(body["id"], ("id", str(lan.id)), by="key:1", now=clock.now())
    again = claim.claim(body["id"], ("id", str(lan.id)), by="key:1", now=clock.now())
    assert (again.replayed, again.answer) == (True, first.answer)
    with pytest.raises(claim.AlreadyClaimed):
        claim.claim(body["id"], ("id", str(minh.id)), by="key:1", now=clock.now())
    assert (held(lan).available, held(minh).available) == (61, 50)
    reverse.reverse_event(body["id"], reason="x", by="staff:1", now=clock.now())
    assert held(lan).available == 50, "undoing a claimed sale takes the claim's points"


def test_a_reversed_redemption_gives_each_lot_its_points_back(cafe: Any, enrol: Any) -> None:
    member = enrol()
    record(cafe, purchase(member, at=MONDAY, amount=500_000), now=MONDAY)
    before = ledger.live_lots(member.id, "points", at=clock.now())
    given_ = sell.redeem(cafe, Ask(("id", str(member.id)), "latte"), now=clock.now())
    redemption = orjson.loads(given_.answer or "")["id"]
    first = reverse.reverse_redemption(redemption, by="staff:1", now=clock.now())
    again = reverse.reverse_redemption(redemption, by="staff:1", now=clock.now())
    assert (first.replayed, again.replayed) == (False, True)
    assert ledger.live_lots(member.id, "points", at=clock.now()) == before
    assert verify_books.verify().differences == ()


def test_enrolling_a_known_phone_names_who_has_it(cafe: Any, enrol: Any) -> None:
    member = enrol()
    with pytest.raises(Exception) as refused:
        join.join(join.Person(phone=member.phone), at=clock.now())
    assert refused.value.params["member_id"] == str(member.id)


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(1, 400_000)),
        st.tuples(st.just("undo"), st.integers(0, 20)),
        st.tuples(st.just("redeem"), st.sampled_from(["peach-tea", "latte"])),
        st.tuples(st.just("give back"), st.integers(0, 20)),
    ),
    max_size=10,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_after_any_history_the_books_agree_and_undoing_all_empties_all(cafe: Any, enrol: Any, actions: Any) -> None:
    member = enrol()
    bought: list[str] = []
    redeemed: list[str] = []
    for what, value in actions:
        if what == "buy":
            body = purchase(member, at=MONDAY, amount=value)
            record(cafe, body, now=MONDAY)
            bought.append(body["id"])
        elif what == "undo" and bought:
            reverse.reverse_event(bought[value % len(bought)], reason="x", by="staff:1", now=clock.now())
        elif what == "redeem":
            given_ = sell.redeem(cafe, Ask(("id", str(member.id)), value), now=clock.now())
            if given_.answer:
                redeemed.append(orjson.loads(given_.answer)["id"])
        elif what == "give back" and redeemed:
            reverse.reverse_redemption(redeemed[value % len(redeemed)], by="staff:1", now=clock.now())
        assert held(member).available >= 0
    assert verify_books.verify().differences == ()
    for event in bought:
        reverse.reverse_event(event, reason="x", by="staff:1", now=clock.now())
    for redemption in redeemed:
        reverse.reverse_redemption(redemption, by="staff:1", now=clock.now())
    balance = held(member)
    assert balance.available - balance.owed == 50, "only the welcome points are left"
    assert verify_books.verify().differences == ()


def test_a_redemption_told_again_gives_its_code_but_none_is_stored(cafe: Any, enrol: Any) -> None:
    member, key, told = enrol(), chance.token(), b"x" * 32
    record(cafe, purchase(member, at=MONDAY, amount=100_000), now=MONDAY)
    ask = Ask(("id", str(member.id)), "peach-tea", 1, key, told)
    first, again = (sell.redeem(cafe, ask, now=clock.now()) for _ in range(2))
    assert (first.status, again.status, again.answer) == ("issued", "replayed", first.answer)
    assert first.answer is not None
    code = orjson.loads(first.answer)["voucher"]["code"]
    with transaction.atomic():
        kept = answers.find(key)
    assert kept is not None
    assert code not in kept.answer


def test_answers_are_forgotten_after_thirty_days_not_before(cafe: Any) -> None:
    keys = {days: chance.token() for days in (29, 31)}
    with transaction.atomic():
        for days, key in keys.items():
            answers.keep(key, body_hash=b"", status=200, answer="{}", at=clock.now() - timedelta(days=days))
    assert answer_once.forget_old(at=clock.now()) >= 1
    with transaction.atomic():
        assert answers.find(keys[29]) is not None
        assert answers.find(keys[31]) is None
