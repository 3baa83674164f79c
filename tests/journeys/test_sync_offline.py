"""A till without a network, told afterwards: once however often it is told, and never more too much than its lease."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.books.events import queries as events
from ganbo.books.ledger import queries as ledger
from ganbo.features.offline import models
from ganbo.features.offline import queries as told
from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, offline_till, publish_programme, sell, sync_offline, verify_books
from ganbo.journeys.redemption_writing import Ask
from ganbo.journeys.sync_offline import AGAIN, NOTED, TOLD, Gift, Sale, Till
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: offline
name: Gắn Bó
currency: VND
timezone: Asia/Ho_Chi_Minh
offline: {redeem_up_to: 50000}
wallets:
  points: {name: điểm, face_value: 100}
  stars: {name: sao, face_value: 100, on_refund: keep}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 1000, of: net}}
  - {id: stars, on: purchase, give: {wallet: stars, amount: 1, per: 1000, of: net}}
rewards:
  - {id: tea, name: Trà, kind: free_item, sku: tea, price: {wallet: points, amount: 300}}
  - {id: cup, name: Cốc, kind: gift, price: {wallet: stars, amount: 300}}
  - {id: dear, name: Bình, kind: gift, price: {wallet: points, amount: 501}}
  - {id: few, name: Túi, kind: gift, price: {wallet: points, amount: 10}, stock: 3}
  - {id: off, name: Giảm, kind: discount, percent: 10, price: {wallet: points, amount: 10}}
"""
A, B = UUID(int=1), UUID(int=2)


def same(stored: dict[str, Any], data: dict[str, Any]) -> bool:
    return stored["amount"] == data["amount"]


def till(device: UUID = A, **other: Any) -> Till:
    return Till(device, "hoan-kiem", "staff:7", other.get("taken_at", clock.now() - timedelta(hours=1)))


def sale(amount: int = 400_000, **other: Any) -> Sale:
    data = {"currency": "VND", "amount": amount, "order_id": chance.digits(12)}
    return Sale(chance.new_id(), clock.now() - timedelta(minutes=5), data, **other)


def tell(one: Sale | Gift, by: Till | None = None, at: datetime | None = None) -> str:
    business, now, by = context.current(), at or clock.now(), by or till()
    if isinstance(one, Sale):
        return sync_offline.settle_sale(business, one, by, same=same, now=now)
    return sync_offline.settle_gift(business, one, by, now=now)


def balance(member: UUID, wallet: str = "points") -> tuple[int, int]:
    found = ledger.balances(member, [wallet], at=clock.now())[wallet]
    return found.available, found.owed


def codes_of(*ids: UUID) -> list[str]:
    return [one.code for one in models.Conflict.objects.filter(pk__in=ids).order_by("code")]


@pytest.fixture
def minh(shop: Any, lan: str) -> UUID:
    """Somebody with 400 points and stars, bought in the store."""
    member = UUID(lan)
    assert tell(sale(member=member)) == TOLD
    return member


def lease(device: UUID = A) -> dict[UUID, int]:
    kept = offline_till.keep(device=device, store="hoan-kiem", now=clock.now())
    return {one.row.id: one.may_give for one in kept.known}


def today() -> Any:
    return offline_till.keep(device=UUID(int=99), store="nowhere", now=clock.now()).day


def gift(member: UUID, reward: str = "tea") -> Gift:
    return Gift(chance.new_id(), clock.now() - timedelta(minutes=1), member, reward, today())


def test_a_sale_is_told_once_at_its_own_time_and_a_new_number_gets_a_card(shop: Any, lan: str) -> None:
    first = sale(member=UUID(lan))
    assert [tell(first), tell(first), tell(replace(first, at=clock.now()))] == [TOLD, AGAIN, AGAIN]
    assert balance(UUID(lan)) == (400, 0)
    row = events.get(first.event_id)
    assert row is not None
    assert (row.occurred_at, row.store, row.staff, row.channel) == (first.at, "hoan-kiem", "staff:7", "till")

    phone = f"09{chance.digits(8)}"
    fresh, later = sale(typed=phone), sale(typed=phone)
    assert [tell(later), tell(fresh), tell(fresh)] == [TOLD, TOLD, AGAIN], "out of order and again"
    rows = [events.get(one.event_id) for one in (fresh, later)]
    assert len({row.member_id for row in rows if row}) == 1
    assert balance(rows[0].member_id)[0] == 800  # type: ignore[union-attr,arg-type]
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("ahead", "happened", "why"),
    [
        (timedelta(days=400), "now", "a clock that runs ahead never makes a sale of the future"),
        (-timedelta(days=400), "snapshot", "a clock that runs behind never makes one older than the snapshot"),
        (-timedelta(minutes=7), "told", "else the till's own moment counts"),
    ],
)
def test_a_clock_that_is_wrong(shop: Any, ahead: timedelta, happened: str, why: str) -> None:
    now = clock.now()
    one, by = replace(sale(), at=now + ahead), till(taken_at=now - timedelta(hours=1))
    assert tell(one, by, now) == TOLD
    row = events.get(one.event_id)
    assert row is not None
    assert row.occurred_at == {"now": now, "snapshot": by.taken_at, "told": one.at}[happened], why


def test_what_cannot_be_recorded_as_it_was_is_noted_once(shop: Any, lan: str) -> None:
    other, card = sale(member=UUID(lan)), sale(typed="no card of ours")
    assert tell(other) == TOLD
    twice = replace(sale(), data=other.data)
    changed = replace(other, data={**other.data, "amount": 1})
    gone = sale(member=chance.new_id())
    for one in (twice, card, gone):
        assert tell(one) == NOTED
        assert tell(one) == AGAIN
    assert [tell(changed), tell(changed)] == [NOTED, NOTED]
    assert codes_of(twice.id, card.id, changed.id, gone.id) == [
        "events.order_already_recorded", "idempotency.key_reused", "offline.without_member", "offline.without_member",
    ]  # fmt: skip
    assert events.get(card.event_id) is not None, "recorded without a member, so that it can be claimed"
    assert balance(UUID(lan)) == (400, 0)
    noted = next(row for row in told.conflicts(seen=False, most=50, stores=["hoan-kiem"]) if row.id == twice.id)
    assert noted.params == {"amount": 400_000, "order_id": other.data["order_id"]}


def test_a_gift_takes_its_points_once_and_leaves_no_voucher(minh: UUID) -> None:
    assert lease()[minh] == 50_000
    one = gift(minh)
    assert [tell(one), tell(one)] == [TOLD, AGAIN]
    assert balance(minh) == (100, 0)
    assert {row.state for row in rewards.vouchers_of(minh)} <= {"used"}
    assert lease()[minh] == 20_000, "the rest of the day"
    assert lease(B)[minh] == 0, "another till has no right to this member today"
    assert verify_books.verify().differences == ()


@pytest.mark.parametrize(
    ("reward", "device", "code", "why"),
    [
        ("tea", B, "offline.no_lease", "another till's lease"),
        ("dear", A, "offline.not_given", "worth more than the limit"),
        ("few", A, "offline.not_given", "stock is counted with a network only"),
        ("off", A, "offline.not_given", "a discount needs its bill"),
        ("none", A, "rewards.unknown", "no such reward"),
    ],
)
def test_gifts_that_were_not_the_tills_to_give(minh: UUID, reward: str, device: UUID, code: str, why: str) -> None:
    assert tell(sale(200_000, member=minh)) == TOLD
    lease()
    one = gift(minh, reward)
    assert [tell(one, till(device)), tell(one, till(device))] == [NOTED, AGAIN], why
    assert codes_of(one.id) == [code], why
    assert balance(minh) == (600, 0), "the shop bears it"


def test_points_spent_elsewhere_meanwhile_become_owed_or_the_shop_bears_the_gift(minh: UUID) -> None:
    lease()
    for reward in ("tea", "cup"):
        ask = Ask(("id", str(minh)), reward)
        assert sell.redeem(context.current(), ask, now=clock.now()).refusal is None
    tea, cup = gift(minh), gift(minh, "cup")
    assert [tell(tea), tell(tea)] == [NOTED, AGAIN]
    assert balance(minh) == (0, 200), "400 − 300 online − 300 offline; the next points make it good"
    assert [tell(cup), tell(cup)] == [NOTED, AGAIN]
    assert balance(minh, "stars") == (100, 0), "a wallet that remembers nothing: nothing is taken"
    assert codes_of(tea.id, cup.id) == ["ledger.insufficient", "offline.owed"]
    owed = models.Conflict.objects.get(pk=tea.id)
    assert orjson.loads(owed.params) == {"reward": "tea", "wallet": "points", "missing": 200}
    assert tell(sale(500_000, member=minh)) == TOLD
    assert balance(minh) == (300, 0)
    assert verify_books.verify().differences == ()


def test_with_no_point_left_all_of_it_is_owed_and_no_proof_is_asked_afterwards(shop: Any, lan: str) -> None:
    asked = PROGRAMME + "spend_proof: [{by: [token, otp]}]\n"
    try:
        publish_programme.publish(asked, by="tests")
        member = UUID(lan)
        assert tell(sale(300_000, member=member)) == TOLD
        lease()
        assert sell.redeem(context.current(), Ask(("id", lan), "tea"), now=clock.now()).refusal is not None
        assert tell(gift(member)) == TOLD, "handed over without a network: the limit was the shop's measure"
        assert balance(member) == (0, 0)
    finally:
        publish_programme.publish(PROGRAMME, by="tests")
    other = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    assert tell(sale(300_000, member=other)) == TOLD
    lease()
    assert sell.redeem(context.current(), Ask(("id", str(other)), "tea"), now=clock.now()).refusal is None
    assert tell(gift(other)) == NOTED
    assert balance(other) == (0, 300)
    assert verify_books.verify().differences == ()


def test_a_lease_goes_to_another_till_when_it_was_given_up_unused(minh: UUID) -> None:
    lease()
    offline_till.give_up(A, now=clock.now())
    assert lease(B)[minh] == 50_000
    assert tell(gift(minh), till(A)) == NOTED
    assert tell(gift(minh), till(B)) == TOLD
    offline_till.give_up(B, now=clock.now())
    assert lease(A)[minh] == 0, "a used one stays where it was used"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from(["tea", "online", "again"])), max_size=7))
def test_what_all_tills_give_too_much_is_never_more_than_the_lease(shop: Any, deeds: list[tuple[UUID, str]]) -> None:
    """Any order of gifts at two tills without a network and of redemptions with one, told in any order, some twice."""
    member = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    assert tell(sale(400_000, member=member)) == TOLD
    rights = {device: lease(device).get(member, 0) for device in (A, B)}
    assert sorted(rights.values()) == [0, 50_000], "one till has it"
    given_away: list[tuple[Gift, UUID]] = []
    online = 0
    for device, deed in deeds:
        if deed == "tea" and rights[device] >= 30_000:  # what an honest till allows
            rights[device] -= 30_000
            given_away.append((gift(member), device))
        elif deed == "online":
            online += (
                sell.redeem(context.current(), Ask(("id", str(member)), "tea"), now=clock.now()).status == "issued"
            )
        elif deed == "again" and given_away:
            tell(given_away[-1][0], till(given_away[-1][1]))
    for one, device in [*reversed(given_away), *given_away]:
        tell(one, till(device))
    handed = 300 * (online + len(given_away))
    available, owed = balance(member)
    assert available - owed == 400 - handed, "each gift counted once"
    assert max(handed - 400, 0) * 100 <= 50_000, "given too much in đồng"
    assert owed * 100 <= 50_000


def test_told_by_many_windows_at_once_it_counts_once(minh: UUID) -> None:
    lease()
    business, one, tea = context.current(), sale(100_000, member=minh), gift(minh)

    def both(_: int) -> list[str]:
        try:
            with context.within(business):
                return [tell(one), tell(tea)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = [answer for pair in pool.map(both, range(8)) for answer in pair]
    assert answers.count(TOLD) == 2
    assert set(answers) <= {TOLD, AGAIN, "later"}
    assert balance(minh) == (200, 0)
    assert not told.noted([one.id, tea.id])


def test_two_tills_that_ask_at_once_never_lease_the_same_member(shop: Any, lan: str) -> None:
    people = [
        UUID(lan),
        *(join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id for _ in range(5)),
    ]
    for member in people:
        assert tell(sale(member=member)) == TOLD
    business, rounds = context.current(), int(os.environ.get("TORTURE_RACES", "6"))

    def ask(device: UUID) -> dict[UUID, int]:
        try:
            with context.within(business):
                return lease(device)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            first, second = pool.map(ask, (A, B))
            assert [(first[one] > 0) + (second[one] > 0) for one in people] == [1] * len(people)
            for device in (A, B):
                offline_till.give_up(device, now=clock.now())


def test_without_the_key_a_till_gives_nothing_and_the_day_of_a_lease_is_the_shops(
    shop: Any, new_business: Callable[[str], Any]
) -> None:
    kept = offline_till.keep(device=A, store=None, now=datetime(2026, 11, 26, 17, 30, tzinfo=UTC))
    assert (kept.day.isoformat(), kept.until) == ("2026-11-27", datetime(2026, 11, 27, 17, tzinfo=UTC))
    publish_programme.publish(PROGRAMME.replace("offline: {redeem_up_to: 50000}\n", ""), by="tests")
    assert set(lease(chance.new_id()).values()) <= {0}
