"""Households: spent together in the books' order, left with one's own lots, joined by two yeses; never below zero in a race."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.books.ledger import queries as ledger
from ganbo.engine import loading
from ganbo.features.households import operations, queries
from ganbo.features.programmes import terms
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.tenancy import context
from ganbo.journeys import expire_points, holdings, households, join, packages, redeem_reward, reverse, verify_books
from ganbo.journeys.redemption_writing import Ask
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person
from tests.journeys.test_paying import quoted, sale
from tests.journeys.test_record_events import record

PROGRAMME = """\
ganbo: 1
programme: together
name: Cả nhà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_month, months: 12}, pay: {rate: 100, as: payment}}
  stars: {name: sao}
earn:
  - {id: base, on: purchase, give: {wallet: stars, amount: 1, per: 10000, of: net}}
  - {id: long, on: visit, give: {wallet: points, amount: 100}}
  - {id: short, on: checkin, give: {wallet: points, amount: 40}, expires: {kind: rolling, days: 9}}
  - {id: bought, on: purchase, when: 'channel == "web"', give: {wallet: points, amount: 1, per: 1000, of: net}}
rewards:
  - {id: tea, kind: free_item, sku: tea, price: {wallet: points, amount: 10}}
  - {id: cake, kind: free_item, sku: cake, price: {wallet: points, amount: 60}}
  - {id: star, kind: gift, price: {wallet: stars, amount: 5}}
packages:
  - {id: wash, price: 80000, units: {wash: 11}, share: household}
  - {id: alone, price: 80000, units: {wash: 2}}
accounts: {pool: household, wallets: [points], people: 4, may_spend: [owner, adult], join: both_confirm, leave: own_lots, tier: own}
"""
BY = "tests"


def somebody(shop: Any, *types: str) -> UUID:
    """A member after these events: `visit` gives 100 points for a year, `checkin` 40 for nine days."""
    member = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    happened(shop, member, *types)
    return member


def happened(shop: Any, member: UUID, *types: str) -> None:
    now = clock.now()
    for type in types:
        body = {"id": f"e:{chance.new_id()}", "type": type, "occurred_at": now.isoformat(), "member": str(member)}
        assert record(shop, body, now=now)[0].status == "applied"


def family(owner: UUID, *rest: tuple[UUID, str]) -> UUID:
    """A household of these people."""
    now = clock.now()
    id = households.found(owner, by=BY, now=now).id
    for member, role in rest:
        households.invite(id, member, by=BY, now=now, role=role)
        households.accept(id, member, by=BY, now=now)
    return id


def redeem(shop: Any, member: UUID, reward: str = "tea", quantity: int = 1) -> Any:
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        given = redeem_reward.redeem(pipe, shop, [Ask(("id", str(member)), reward, quantity)], now=clock.now())[0]
    if given.refusal is not None:
        raise given.refusal
    return orjson.loads(given.answer or "")


def own(member: UUID) -> int:
    return ledger.balances(member, ["points"], at=clock.now())["points"].available


def lots(member: UUID) -> list[tuple[Any, int]]:
    return [(lot.expires_at, lot.remaining) for lot in holdings.lot_rows(member, ["points"], at=clock.now())]


def refusal(work: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refused:
        work()
    return refused.value.code


def verified() -> bool:
    return verify_books.verify().differences == ()


def test_what_ends_first_pays_whoever_earned_it_and_who_leaves_takes_their_own(shop: Any) -> None:
    lan, minh, tu = somebody(shop, "visit"), somebody(shop, "checkin"), somebody(shop, "visit")
    id = family(lan, (minh, "adult"), (tu, "adult"))
    untouched = lots(tu)
    answer = redeem(shop, lan, "cake")
    assert answer["of"] == [{"member_id": str(lan), "amount": 20}, {"member_id": str(minh), "amount": 40}]
    assert (own(lan), own(minh), own(tu)) == (80, 0, 100), "Minh's forty end first; of equal lots Lan's own pay"
    assert answer["balances"]["points"] == {
        "available": 80, "pending": 0, "owed": 0, "household": {"available": 180, "may_spend": True},
    }  # fmt: skip
    held = holdings.balances(tu, ["points", "stars"], at=clock.now())
    assert (held["points"].available, held["points"].together, held["points"].spendable) == (100, 180, 180)
    assert held["stars"].together is None, "stars stay each one's own"
    (line,) = [line for line in ledger.lines(minh, ["points"], most=9) if line.kind == "spend"]
    assert (line.amount, line.cause) == (-40, answer["id"]), "the line stands with whose lot paid"
    happened(shop, minh, "visit")
    before = [lots(one) for one in (lan, minh, tu)]
    households.leave(id, tu, by=BY, now=clock.now())
    assert lots(tu) == untouched, "nothing of it was spent, so all of it goes along"
    assert [lots(one) for one in (lan, minh, tu)] == before, "leaving moves nothing"
    assert holdings.balances(tu, ["points"], at=clock.now())["points"].together is None
    assert refusal(lambda: redeem(shop, tu, "tea", 11)) == "ledger.insufficient", "110 of one's own 100"
    assert refusal(lambda: redeem(shop, lan, "tea", 19)) == "ledger.insufficient", "80 and 100 are left of the others"
    assert "of" not in redeem(shop, lan, "tea", 1), "all one's own"
    assert verified()


def test_who_may_not_spend_earns_for_the_others(shop: Any) -> None:
    lan, child = somebody(shop), somebody(shop, "visit")
    id = family(lan, (child, "child"))
    bill = sale(child, 50_000, ("points", 5_000), ("cash", 45_000))
    for work in (lambda: redeem(shop, child), lambda: quoted(shop, bill)):
        assert refusal(work) == "households.may_not_spend", "not even what they earned themselves"
    (outcome,) = record(shop, bill)
    assert outcome.refusal.code == "households.may_not_spend"
    asked = quoted(shop, sale(child, 50_000))
    assert (asked["points_payable"]["points"], [row["id"] for row in asked["rewards"]]) == (0, ["star"])
    assert asked["balances_after"]["points"]["household"] == {"available": 100, "may_spend": False}
    assert redeem(shop, lan)["of"] == [{"member_id": str(child), "amount": 10}]
    households.change_role(id, child, role="adult", by=BY, now=clock.now())
    assert quoted(shop, sale(child, 50_000))["points_payable"]["points"] == 90
    redeem(shop, child)
    households.change_role(id, child, role="child", by=BY, now=clock.now())
    households.leave(id, child, by=BY, now=clock.now())
    redeem(shop, child)
    assert own(child) == 70
    assert verified()


def test_a_bill_paid_together_comes_back_to_whose_it_was(shop: Any) -> None:
    lan, minh = somebody(shop, "visit"), somebody(shop, "checkin", "visit")
    id = family(lan, (minh, "adult"))
    asked = quoted(shop, sale(lan, 40_000), points="most")
    assert (asked["points_payable"]["points"], asked["price"]["to_pay"]["amount"]) == (240, 16_000)
    body = sale(lan, 40_000, ("points", 20_000), ("cash", 20_000))
    (outcome,) = record(shop, body)
    told = orjson.loads(outcome.answer)
    (paid,) = [row for row in told["effects"] if row["kind"] == "paid"]
    assert paid["of"] == [{"member_id": str(lan), "amount": 100}, {"member_id": str(minh), "amount": 100}]
    assert any("100 điểm" in said and "gia đình" in said for said in told["because"]), told["because"]
    assert (own(lan), own(minh)) == (0, 40)
    households.leave(id, minh, by=BY, now=clock.now())
    now = clock.now()
    back = {"id": f"r:{chance.new_id()}", "type": "refund", "occurred_at": now.isoformat(), "member": str(lan),
            "store": "hoan-kiem", "data": {"order_id": body["data"]["order_id"], "amount": 30_000}}  # fmt: skip
    assert record(shop, back, now=now)[0].status == "applied"
    assert (own(lan), own(minh)) == (40, 100), "money first; then the units burnt last: sixty of Minh's, forty of Lan's"
    reverse.reverse_event(back["id"], reason="x", by=BY, now=clock.now())
    assert (own(lan), own(minh)) == (0, 40), "the same units are taken again, not others"
    reverse.reverse_event(body["id"], reason="x", by=BY, now=clock.now())
    assert (own(lan), own(minh)) == (100, 140), "each has what each had, though Minh has left"
    assert verified()


def test_a_redemption_undone_goes_back_to_whose_it_was(shop: Any) -> None:
    lan, minh = somebody(shop, "visit"), somebody(shop, "checkin")
    id = family(lan, (minh, "adult"))
    before = lots(lan), lots(minh)
    answer = redeem(shop, lan, "cake")
    households.dissolve(id, by=BY, now=clock.now())
    reverse.reverse_redemption(UUID(answer["id"]), by=BY, now=clock.now())
    assert (lots(lan), lots(minh)) == before
    assert verified()


def test_what_a_return_takes_back_is_owed_by_who_earned_it(shop: Any) -> None:
    lan, minh = somebody(shop), somebody(shop, "visit")
    family(lan, (minh, "adult"))
    body = sale(lan, 50_000) | {"channel": "web"}
    record(shop, body)
    assert own(lan) == 50
    redeem(shop, minh, "tea", 15)
    assert (own(lan), own(minh)) == (0, 0)
    reverse.reverse_event(body["id"], reason="x", by=BY, now=clock.now())
    held = ledger.balances(lan, ["points"], at=clock.now())["points"]
    assert (held.available, held.owed) == (0, 50), "Minh's later points are not touched"
    happened(shop, lan, "visit")
    assert own(lan) == 50, "made good by what Lan earns next"
    assert verified()


def test_what_has_ended_pays_for_nobody(shop: Any) -> None:
    lan, minh = somebody(shop, "visit"), somebody(shop, "checkin")
    family(lan, (minh, "adult"))
    later = clock.now() + timedelta(days=11)
    assert holdings.balances(lan, ["points"], at=later)["points"].together == 100
    while expire_points.expire_some(at=later):
        pass
    assert (own(lan), own(minh)) == (100, 0)
    assert refusal(lambda: redeem(shop, lan, "tea", 11)) == "ledger.insufficient"
    assert verified()


def test_joining_takes_two_and_an_invitation_ends(shop: Any) -> None:
    lan, minh, now = somebody(shop), somebody(shop), clock.now()
    id = households.found(lan, by=BY, now=now).id
    assert refusal(lambda: households.accept(id, minh, by=BY, now=now)) == "households.not_invited"
    households.invite(id, minh, by=BY, now=now)
    row = households.invite(id, minh, by=BY, now=now + timedelta(days=1), role="child")
    (asked,) = row.invited
    assert (asked.role, asked.expires_at) == ("child", now + timedelta(days=8)), "asked again it lasts longer"
    late = now + timedelta(days=8)
    assert queries.invitations(minh, at=late) == []
    assert refusal(lambda: households.accept(id, minh, by=BY, now=late)) == "households.not_invited", "seven days"
    households.decline(id, minh, by=BY, now=now)
    households.decline(id, minh, by=BY, now=now)
    assert refusal(lambda: households.accept(id, minh, by=BY, now=now)) == "households.not_invited", "Minh said no"
    households.invite(id, minh, by=BY, now=now)
    for _ in range(2):
        row = households.accept(id, minh, by=BY, now=now)
    assert [(p.member_id, p.role) for p in row.people] == [(lan, "owner"), (minh, "adult")]
    households.change_role(id, minh, role="owner", by=BY, now=now)
    row = households.get(id, now=now)
    assert [(p.member_id, p.role) for p in row.people] == [(minh, "owner"), (lan, "adult")], "handed over"
    households.leave(id, lan, by=BY, now=now)
    households.leave(id, minh, by=BY, now=now)
    assert refusal(lambda: households.get(id, now=now)) == "households.unknown", "the last one dissolves it"
    assert verified()


# (what is tried, code, why)
REFUSED: list[tuple[Callable[[UUID, UUID, UUID, UUID], Any], str, str]] = [
    (lambda id, lan, minh, tu: households.found(minh, by=BY, now=clock.now()), "in_one_already", "one at a time"),
    (lambda id, lan, minh, tu: households.invite(id, minh, by=BY, now=clock.now()), "in_one_already", "of it already"),
    (lambda id, lan, minh, tu: households.leave(id, lan, by=BY, now=clock.now()), "owner_stays", "hand over first"),
    (lambda id, lan, minh, tu: households.leave(id, tu, by=BY, now=clock.now()), "person_unknown", "a stranger"),
    (
        lambda id, lan, minh, tu: households.change_role(id, lan, role="child", by=BY, now=clock.now()),
        "owner_stays",
        "a household has an owner",
    ),
    (
        lambda id, lan, minh, tu: households.change_role(id, tu, role="owner", by=BY, now=clock.now()),
        "person_unknown",
        "handed over to somebody of it only",
    ),
    (lambda id, lan, minh, tu: households.get(UUID(int=9), now=clock.now()), "unknown", "no such household"),
]


@pytest.mark.parametrize(("tried", "code", "why"), REFUSED)
def test_what_is_refused_changes_nothing(shop: Any, tried: Any, code: str, why: str) -> None:
    lan, minh, tu = (somebody(shop) for _ in range(3))
    id = family(lan, (minh, "adult"))
    before = households.get(id, now=clock.now())
    assert refusal(lambda: tried(id, lan, minh, tu)) == f"households.{code}", why
    assert households.get(id, now=clock.now()) == before, why


def test_no_more_people_than_allowed_whoever_comes_first(shop: Any) -> None:
    people = [somebody(shop) for _ in range(7)]
    id = family(people[0])
    for member in people[1:]:
        households.invite(id, member, by=BY, now=clock.now())
    answers = at_once(shop, [lambda m=m: households.accept(id, m, by=BY, now=clock.now()) for m in people[1:]])
    assert answers.count("households.full") == 3, answers
    assert len(households.get(id, now=clock.now()).people) == 4
    now = clock.now()
    for _ in range(operations.MOST_INVITATIONS - 6):
        with pytest.raises(operations.Full):
            households.invite(id, None, by=BY, now=now)
    assert verified()


def test_invitations_to_nobody_look_like_others_and_are_few(shop: Any) -> None:
    id, now = family(somebody(shop)), clock.now()
    for n in range(operations.MOST_INVITATIONS):
        households.invite(id, None, by=BY, now=now, hint=str(n))
    assert refusal(lambda: households.invite(id, None, by=BY, now=now)) == "households.too_many_invitations"
    first = households.get(id, now=now).invited[0]
    assert first.hint == "0"
    left = households.withdraw(id, first.id, by=BY, now=now).invited
    assert len(left) == operations.MOST_INVITATIONS - 1


def at_once(shop: Any, works: list[Callable[[], Any]]) -> list[str]:
    """What each says, all started together on connections of their own: `done`, or the code of its refusal."""

    def one(work: Callable[[], Any]) -> str:
        try:
            with context.within(shop):
                work()
            return "done"
        except Refusal as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_two_who_spend_at_once_never_spend_more_than_there_is(shop: Any) -> None:
    race(shop)
    assert verified()


def race(shop: Any) -> None:
    """Forty spends by three people while one leaves: no deadlock, each once, nothing below zero."""
    lan, minh, tu = (somebody(shop, "visit") for _ in range(3))
    id = family(lan, (minh, "adult"), (tu, "adult"))
    bill = lambda who: sale(who, 2_000, ("points", 1_000), ("cash", 1_000))  # noqa: E731

    def pay(who: UUID) -> None:
        (outcome,) = record(shop, bill(who))
        if outcome.refusal is not None:
            raise outcome.refusal

    works: list[Callable[[], Any]] = []
    for turn in range(13):
        works += [lambda: redeem(shop, lan), lambda: pay(minh), lambda: redeem(shop, tu)]
        if turn == 4:
            works.append(lambda: households.leave(id, tu, by=BY, now=clock.now()))
    answers = at_once(shop, works)
    assert set(answers) <= {"done", "ledger.insufficient"}, "neither a deadlock nor anything else"
    left = own(lan), own(minh), own(tu)
    assert min(left) >= 0
    spends = answers.count("done") - 1
    assert sum(left) == 300 - 10 * spends, "each once"
    assert left[0] == left[1] == 0 or spends == 39, "who stays spends to the last point"


def test_a_package_of_the_household_is_never_used_beyond_its_units(shop: Any) -> None:
    lan, minh, tu = (somebody(shop) for _ in range(3))
    id, now = family(lan, (minh, "child")), clock.now()
    package = packages.sell("wash", member_id=lan, by=BY, now=now)
    alone = packages.sell("alone", member_id=lan, by=BY, now=now)
    use = lambda who, of=package.id: packages.use(of, packages.Wish("wash", 1, who), by=BY, now=clock.now())  # noqa: E731
    assert refusal(lambda: use(tu)) == "packages.unknown", "not of the household"
    assert refusal(lambda: use(minh, alone.id)) == "packages.unknown", "sold to one alone"
    share = lambda who: packages.share(package.id, member_id=who, by=BY, now=clock.now())  # noqa: E731
    assert refusal(lambda: share(tu)) == "packages.not_in_household", "naming them does not let them in"
    share(minh)
    assert [p.id for p in packages.of_member(minh, now=now)] == [package.id]
    answers = at_once(shop, [lambda n=n: use((lan, minh)[n % 2]) for n in range(30)])
    assert (answers.count("done"), answers.count("packages.nothing_left")) == (11, 19)
    households.leave(id, minh, by=BY, now=clock.now())
    assert packages.of_member(minh, now=now) == []
    assert refusal(lambda: use(minh)) == "packages.unknown"
    assert verified()


STEPS = st.lists(
    st.tuples(st.sampled_from(["visit", "checkin", "tea", "cake", "in", "out", "undo"]), st.integers(0, 2)),
    min_size=4,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_history_is_as_a_plain_count_of_every_lot_says(shop: Any, steps: list[tuple[str, int]]) -> None:
    """Against an oracle: (end, who) → points; the household is a set; what is undone goes back where it was."""
    members = [somebody(shop) for _ in range(3)]
    id = family(members[0])
    held = {(kind, who): 0 for kind in ("checkin", "visit") for who in range(3)}  # in the order of their ends
    inside, undoable = {0}, []
    order = {who: rank for rank, who in enumerate(sorted(range(3), key=lambda n: members[n]))}
    for what, who in steps:
        if what in ("visit", "checkin"):
            happened(shop, members[who], what)
            held[what, who] += 100 if what == "visit" else 40
        elif what in ("tea", "cake"):
            cost = 10 if what == "tea" else 60
            payers = sorted(inside if who in inside else {who}, key=lambda n: (n != who, order[n]))
            if sum(held[kind, one] for kind in ("checkin", "visit") for one in payers) < cost:
                assert refusal(partial(redeem, shop, members[who], what)) == "ledger.insufficient"
                continue
            answer, taken = redeem(shop, members[who], what), []
            for key in [(kind, one) for kind in ("checkin", "visit") for one in payers]:
                part = min(held[key], cost)
                held[key] -= part
                cost -= part
                taken.append((key, part))
            undoable.append((answer["id"], taken))
        elif what == "in" and who not in inside:
            households.invite(id, members[who], by=BY, now=clock.now())
            households.accept(id, members[who], by=BY, now=clock.now())
            inside.add(who)
        elif what == "out" and who in inside - {0}:
            households.leave(id, members[who], by=BY, now=clock.now())
            inside.remove(who)
        elif what == "undo" and undoable:
            redemption, taken = undoable.pop(who % len(undoable))
            reverse.reverse_redemption(UUID(redemption), by=BY, now=clock.now())
            for key, part in taken:
                held[key] += part
    assert [own(m) for m in members] == [held["checkin", n] + held["visit", n] for n in range(3)]
    ends = [[n for _, n in lots(m) if n] for m in members]
    assert ends == [[n for kind in ("checkin", "visit") if (n := held[kind, who])] for who in range(3)]
    assert verified()


# (part of the document, code, why)
DOCUMENTS = [
    ("wallets: [card]", "unknown_wallet", "no such wallet"),
    ("wallets: [money]", "pool_of_money", "card money is each one's own"),
    ("wallets: [miles]", "wallet_not_spendable", "nothing to spend"),
    ("wallets: [below]", "pool_below_zero", "nobody owes for others"),
    ("wallets: [points], may_spend: [adult]", "owner_spends", "the owner always may"),
    ("wallets: [points], tier: household", "literal_error", "each keeps their own level"),
    ("wallets: [points], people: 1", "greater_than_equal", "one is no household"),
]


@pytest.mark.parametrize(("part", "code", "why"), DOCUMENTS)
def test_a_document_that_does_not_fit_is_refused(part: str, code: str, why: str) -> None:
    wallets = "  miles: {name: dặm, spendable: false}\n  money: {name: tiền, money: true}\n"
    wallets += "  below: {name: âm, on_refund: unlimited, floor: -5}\n  stars:"
    source = PROGRAMME.replace("  stars:", wallets, 1)
    source = source[: source.index("accounts:")] + f"accounts: {{pool: household, {part}}}\n"
    with pytest.raises(loading.DocumentRefused) as refused:
        loading.load(source)
    assert [error.code for error in refused.value.errors] == [code], why


def test_the_terms_say_who_spends_together() -> None:
    said = " ".join(terms.of(loading.load(PROGRAMME), lang="en").text.split())
    for sentence in (
        "Up to 4 people of a household spend points together.",
        "The owner invites; who is invited accepts within 7 days.",
        "Only the owner and adults may spend; children earn for the household.",
        "Whoever leaves takes along what they earned and nobody spent.",
        "Everybody in your household may use it.",
    ):
        assert sentence in said
