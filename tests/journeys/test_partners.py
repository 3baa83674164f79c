"""Partners: points and gift cards across businesses; both sides' books agree to the đồng after any history."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as conf
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganbo.books.ledger.posting import Insufficient
from ganbo.doors.wallet import past
from ganbo.engine import loading, partners
from ganbo.engine.partners import Shares
from ganbo.engine.refusing import DocumentRefused
from ganbo.features.partners import queries, statements
from ganbo.features.partners.statements import Statement
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes import terms
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import (
    expire_points,
    holdings,
    households,
    join,
    partner_bills,
    partner_links,
    partner_lookup,
    proving,
    publish_programme,
    release_pending,
    settle_partner,
    verify_books,
)
from ganbo.journeys.partner_bills import Back, Told
from ganbo.kernel.refusal import Refusal
from ganbo.people.members import queries as members
from ganbo.people.members import tokens
from ganbo.people.members.operations import Person

HEAD = """\
ganbo: 1
programme: {name}
name: {name}
currency: VND
timezone: {zone}
wallets:
  points: {{name: điểm, face_value: {worth}, expires: {{kind: rolling, months: 12}}}}
earn:
  - {{id: base, on: purchase, give: {{wallet: points, amount: 1, per: 10000, of: net}}}}
  - {{id: welcome, on: signup, give: {{wallet: points, amount: 500}}}}
rewards:
  - {{id: our-card, kind: gift_card, amount: 200000}}
partners:
"""
CAFE = HEAD.format(name="cafe", zone="Asia/Ho_Chi_Minh", worth=100)
BOOKS = HEAD.format(name="books", zone="Asia/Tokyo", worth=200)
AT_BOOKS = "earns: {per: 20000, amount: 1, pays_us: 110}, accepts: [points, gift_card], we_pay: 95"
AT_CAFE = "earns: {per: 30000, amount: 2, pays_us: 210}, accepts: [points], we_pay: 190"
OUTSIDE = "  - {id: florist, earns: {per: 50000, amount: 3, pays_us: 101}, accepts: [points], we_pay: 97}\n"


@dataclass
class Pair:
    """Two businesses that are each other's partner: the café calls the other `bookshop`, that one calls it `coffee`."""

    cafe: Any
    books: Any
    names: dict[str, str] = field(default_factory=dict)

    def other(self, business: Any) -> Any:
        return self.books if business is self.cafe else self.cafe

    def name(self, business: Any) -> str:
        """What `business` calls the other."""
        return "bookshop" if business is self.cafe else "coffee"


def paired(new_business: Callable[..., Any]) -> Pair:
    pair = Pair(new_business(CAFE.removesuffix("partners:\n")), new_business(BOOKS.removesuffix("partners:\n")))
    with context.within(pair.cafe):
        source = CAFE + f"  - {{id: bookshop, business: {pair.books.slug}, {AT_BOOKS}}}\n" + OUTSIDE
        publish_programme.publish(source, by="tests")
    with context.within(pair.books):
        publish_programme.publish(BOOKS + f"  - {{id: coffee, business: {pair.cafe.slug}, {AT_CAFE}}}\n", by="tests")
    return pair


def agree(pair: Pair) -> None:
    for business in (pair.cafe, pair.books):
        with context.within(business):
            settle_partner.agree(pair.name(business), by="tests", now=clock.now())


@pytest.fixture(scope="module")
def pairs() -> dict[str, Pair]:
    return {}


@pytest.fixture
def pair(new_business: Callable[..., Any], pairs: dict[str, Pair]) -> Pair:
    """The module's pair, which has agreed."""
    if "pair" not in pairs:
        pairs["pair"] = paired(new_business)
        agree(pairs["pair"])
    return pairs["pair"]


def somebody() -> tuple[UUID, str]:
    """A new member of the current business with a card; who just joined has 500 points."""
    card = f"C{chance.digits(9)}"
    member = join.join(Person(phone=f"+849{chance.digits(8)}", card=card), at=clock.now()).member_id
    return member, card


def points(member: UUID) -> int:
    return holdings.balances(member, ["points"], at=clock.now())["points"].available


def sell(business: Any, partner: str, told: Told, at: datetime | None = None) -> queries.Bill:
    with context.within(business):
        return partner_bills.sell(partner, told, by="tests", now=at or clock.now())


def back(business: Any, partner: str, told: Back, at: datetime | None = None) -> queries.Bill:
    with context.within(business):
        return partner_bills.give_back(partner, told, by="tests", now=at or clock.now())


def reference() -> str:
    return f"r{chance.digits(12)}"


def owed(pair: Pair) -> tuple[int, int]:
    """What each side's books say the other owes it."""
    found = []
    for business in (pair.cafe, pair.books):
        with context.within(business):
            found.append(queries.balance(pair.name(business)))
    return found[0], found[1]


def verified(pair: Pair) -> bool:
    for business in (pair.cafe, pair.books):
        with context.within(business):
            assert verify_books.verify().differences == ()
    return True


def test_a_bill_at_a_partners_earns_pays_and_is_owed_on_both_sides(pair: Pair) -> None:
    before = owed(pair)
    with context.within(pair.cafe):
        lan, card = somebody()
        told = Told(reference(), 250_000, card, points=100)
        bill = sell(pair.cafe, "bookshop", told)
        assert bill.moved == Shares(earned=12, used=100, paid=10_000, by_card=0)
        assert points(lan) == 500 - 100 + 12
        assert sell(pair.cafe, "bookshop", told) == bill, "told again, the same answer, and nothing moves"
        assert points(lan) == 412
        owes = 12 * 110 - 100 * 95
        assert owed(pair) == (before[0] + owes, before[1] - owes)
        with pytest.raises(Refusal) as refused:
            sell(pair.cafe, "bookshop", Told(told.reference, 1, card))
        assert refused.value.code == "idempotency.key_reused"
        # a part comes back: 100,000 of 250,000
        part = back(pair.cafe, "bookshop", Back(reference(), told.reference, 100_000))
        assert part.moved == Shares(earned=5, used=40, paid=4_000, by_card=0), "7.2 of 12 stay, rounded down; 60 of 100"
        assert points(lan) == 412 - 5 + 40
        rest = Back(reference(), told.reference)
        assert back(pair.cafe, "bookshop", rest).moved == Shares(7, 60, 6_000, 0)
        assert points(lan) == 500
        assert back(pair.cafe, "bookshop", rest).amount == 150_000, "told again"
        assert owed(pair) == before, "returned, nobody owes anything"
        with pytest.raises(partner_bills.TooMuch):
            back(pair.cafe, "bookshop", Back(reference(), told.reference))
    assert verified(pair)


def test_the_partners_books_tell_a_reference_and_never_who(pair: Pair) -> None:
    with context.within(pair.cafe):
        member, card = somebody()
        bill = sell(pair.cafe, "bookshop", Told(reference(), 40_000, card))
    with context.within(pair.books):
        (line,) = [one for one in queries.lines("coffee", month(bill.at)) if one.reference == bill.reference]
        assert (line.amount, line.units, line.ours) == (-220, 2, False)
        assert queries.bill("coffee", bill.reference) is None, "the bill itself is the issuer's alone"
        with connection.cursor() as cursor:
            tables = [t for t in connection.introspection.table_names(cursor) if t.startswith(("partners_", "ledger_"))]
            for table in tables:
                cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s OR t::text LIKE %s",
                               [f"%{member}%", f"%{card}%"])  # fmt: skip
                assert cursor.fetchone()[0] == 0, table


def month(at: datetime, zone: str = "Asia/Ho_Chi_Minh") -> str:
    from zoneinfo import ZoneInfo

    return partner_bills.month_of(at, ZoneInfo(zone))


# (what is told, refusal, why)
REFUSED = [
    (lambda c: Told("x", 50_000, c, points=501), "partners.too_much", "501 points are more than the bill"),
    (lambda c: Told("x", 90_000, c, points=501), "ledger.insufficient", "one more than the member has"),
    (lambda c: Told("x", 90_000, "nobody"), "members.unknown", "no such card"),
    (lambda c: Told("x", 90_000), "members.unknown", "nobody, and no gift card"),
    (lambda c: Told("x", 90_000, c, gift_card="ABCD-EFGH-JKMN-0", by_card=5), "fields.refused", "no such gift card"),
    (lambda c: Told("x", 90_000, c, gift_card="ABCD-EFGH-JKMN-0"), "partners.too_much", "how much should it pay?"),
]


@pytest.mark.parametrize(("told", "code", "why"), REFUSED)
def test_what_is_refused_changes_nothing(pair: Pair, told: Callable[[str], Told], code: str, why: str) -> None:
    before = owed(pair)
    with context.within(pair.cafe):
        lan, card = somebody()
        with pytest.raises(Refusal) as refused:
            sell(pair.cafe, "bookshop", told(card))
        assert refused.value.code == code, why
        assert (points(lan), owed(pair)) == (500, before), why
        assert queries.bill("bookshop", "x") is None


def test_only_partners_that_agreed_and_only_what_they_take(new_business: Callable[..., Any]) -> None:
    pair = paired(new_business)
    with context.within(pair.cafe):
        _, card = somebody()
        for partner, told, refusal in (
            ("nobody", Told("a", 50_000, card), partner_links.PartnerUnknown),
            ("bookshop", Told("a", 50_000, card), partner_links.NotAgreed),
            ("florist", Told("a", 50_000, card, gift_card="X", by_card=5), partner_bills.NotTaken),
        ):
            with pytest.raises(refusal):
                sell(pair.cafe, partner, told)
    with context.within(pair.books):
        settle_partner.agree("coffee", by="tests", now=clock.now())
    assert sell(pair.cafe, "bookshop", Told("a", 50_000, card)).moved.earned == 2
    with context.within(pair.cafe):
        source = CAFE + f"  - {{id: bookshop, business: {pair.books.slug}, {AT_BOOKS.replace('110', '111')}}}\n"
        publish_programme.publish(source, by="tests")
    with pytest.raises(partner_links.NotAgreed):
        sell(pair.cafe, "bookshop", Told("b", 50_000, card))
    assert back(pair.cafe, "bookshop", Back("c", "a")).moved.earned == 2, "what was sold under the old terms comes back"
    assert owed(pair) == (0, 0)
    assert verified(pair)


def test_a_month_is_settled_once_by_who_is_owed(new_business: Callable[..., Any]) -> None:
    pair = paired(new_business)
    agree(pair)
    november, december = datetime(2099, 11, 20, tzinfo=UTC), datetime(2099, 12, 3, tzinfo=UTC)
    with context.within(pair.cafe):
        _, card = somebody()
        at = november
        sell(pair.cafe, "bookshop", Told("n1", 1_000_000, card), at)  # 50 points: the bookshop owes 5,500
    with context.within(pair.books):
        _, theirs = somebody()
        sell(pair.books, "coffee", Told("n2", 300_000, theirs), at)  # 20 points: the café owes 4,200
        for business, partner in ((pair.cafe, "bookshop"), (pair.books, "coffee")):
            with context.within(business), pytest.raises(settle_partner.NotOver):
                settle_partner.settle(partner, "2099-11", by="tests", now=november)
        with pytest.raises(settle_partner.NotYours):
            settle_partner.settle("coffee", "2099-11", by="tests", now=december)
    with context.within(pair.cafe):
        shown = statements.of("bookshop", "2099-11", running="2099-12")
        assert (shown.opening, shown.closing, shown.state) == (0, 1_300, "closed")
        assert settle_partner.settle("bookshop", "2099-11", by="tests", now=december).amount == 1_300
        with pytest.raises(settle_partner.Settled):
            settle_partner.settle("bookshop", "2099-11", by="tests", now=december)
        assert statements.of("bookshop", "2099-11", running="2099-12").state == "settled"
        late = back(pair.cafe, "bookshop", Back("n3", "n1"), november)
        found = {one.reference for one in queries.lines("bookshop", "2099-12")}
        assert found == {late.reference, "2099-11"}, "a settled month never changes"
    with context.within(pair.books):
        shown = statements.of("coffee", "2099-12", running="2099-12")
        assert [line.kind for line in shown.lines] == ["earn_back", "settle"]
        assert (shown.opening, shown.closing) == (-1_300, 5_500)
    assert verified(pair)


def test_an_outside_partner_settles_in_our_books_alone(pair: Pair) -> None:
    then, later = datetime(2098, 1, 31, 17, 30, tzinfo=UTC), datetime(2098, 3, 1, tzinfo=UTC)
    with context.within(pair.cafe):
        _, card = somebody()
        sell(pair.cafe, "florist", Told("f0", 200_000, card), then)
        sell(pair.cafe, "florist", Told("f1", 50_000, card, points=10), then)
        assert statements.of("florist", "2098-02", running="2098-03").closing == 15 * 101 - 10 * 97, (
            "the shop's February"
        )
        assert settle_partner.settle("florist", "2098-02", by="tests", now=later).amount == 545, "netted"
        assert queries.balance("florist") == 0
    assert verified(pair)


def test_points_that_wait_or_ended_come_back_too(new_business: Callable[..., Any]) -> None:
    source = (CAFE + OUTSIDE).replace("months: 12}", "months: 12}, pending: {kind: after, days: 3}")
    shop, now = new_business(source), clock.now()
    with context.within(shop):
        waiting, card = somebody()
        sell(shop, "florist", Told("a", 100_000, card))
        assert holdings.balances(waiting, ["points"], at=now)["points"].pending == 506
        back(shop, "florist", Back("b", "a", 50_000))
        assert holdings.balances(waiting, ["points"], at=now)["points"].pending == 503
        while release_pending.release_some(at=now + timedelta(days=5)):
            pass
        assert points(waiting) == 503
        much_later = now + timedelta(days=400)
        while expire_points.expire_some(at=much_later):
            pass
        back(shop, "florist", Back("c", "a"), much_later)
        held = holdings.balances(waiting, ["points"], at=much_later)["points"]
        assert (held.available, held.owed) == (0, 0), "what ended unused is not owed"
        assert queries.balance("florist") == 0
        assert verify_books.verify().differences == ()


def test_of_many_at_once_each_bill_counts_once_and_points_pay_once(pair: Pair) -> None:
    with context.within(pair.cafe):
        lan, card = somebody()
    before, told, done = owed(pair), reference(), []

    def one(n: int) -> None:
        try:
            same = Told(told, 100_000, card, points=400) if n % 2 else Told(reference(), 100_000, card, points=400)
            sell(pair.cafe, "bookshop", same)
            done.append(same.reference)
        except Insufficient:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(done)) == 1, "500 points pay one bill of 400"
    with context.within(pair.cafe):
        assert points(lan) == 105
    assert owed(pair) == (before[0] - 400 * 95 + 5 * 110, before[1] + 400 * 95 - 5 * 110)
    assert verified(pair)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sell", "sell", "back", "settle"]),
        st.booleans(),  # at whose shop
        st.integers(1, 700_000),
        st.integers(0, 120),
        st.integers(0, 40),  # days that pass
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_both_sides_agree_to_the_dong_after_any_history(pair: Pair, steps: list[Any]) -> None:
    """Earn, spend, return in parts and settle, in any order: what one is owed the other owes, month by month."""
    people = {}
    for business in (pair.cafe, pair.books):
        with context.within(business):
            people[business.slug] = somebody()[1]
    pair.names.setdefault("clock", "2100-01-01T00:00:00+00:00")
    now, bills = datetime.fromisoformat(pair.names["clock"]), []
    for what, at_books, amount, used, days in steps:
        now += timedelta(days=days, hours=1)
        issuer = pair.cafe if at_books else pair.books
        partner = pair.name(issuer)
        with context.within(issuer):
            if what == "sell":
                told = Told(reference(), amount, people[issuer.slug], used)
                with suppress(Insufficient, partner_bills.TooMuch):
                    bills.append((issuer, sell(issuer, partner, told, now)))
            elif what == "back" and bills:
                of, bill = bills[amount % len(bills)]
                part = None if used < 30 else max(1, bill.amount * used // 300)
                with suppress(partner_bills.TooMuch):
                    back(of, pair.name(of), Back(reference(), bill.reference, part), now)
            elif what == "settle":
                before = month(now.replace(day=1) - timedelta(days=3))
                with suppress(settle_partner.Settled, settle_partner.NotYours, settle_partner.NotOver):
                    settle_partner.settle(partner, before, by="tests", now=now)
    pair.names["clock"] = now.isoformat()
    agree_to_the_dong(pair, month(now))
    assert verified(pair)


def agree_to_the_dong(pair: Pair, running: str) -> None:
    ours, theirs = owed(pair)
    assert ours == -theirs
    read: list[list[Statement]] = []
    for business in (pair.cafe, pair.books):
        with context.within(business):
            name = pair.name(business)
            read.append([statements.of(name, m, running=running) for m in queries.months(name)])
    assert [s.month for s in read[0]] == [s.month for s in read[1]]
    for mine, yours in zip(*read, strict=True):
        assert (mine.opening, mine.closing, mine.state) == (-yours.opening, -yours.closing, yours.state)
        assert [(x.id, x.amount) for x in mine.lines] == [(x.id, -x.amount) for x in yours.lines]
        assert mine.closing == mine.opening + sum(x.amount for x in mine.lines)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6), st.lists(st.integers(1, 10**6), max_size=8))
def test_returns_in_parts_bring_back_exactly_what_was(earned: int, used: int, bill: int, parts: list[int]) -> None:
    whole, left, stands = Shares(earned, used, used * 7, min(bill, used)), bill, Shares(earned, used, used * 7, 0)
    for part in parts:
        left = max(left - part, 0)
        now = partners.kept(whole, bill=bill, left=left)
        assert now.earned <= stands.earned and now.used <= stands.used, "nothing comes again"
        assert now.paid == now.used * 7
        stands = now
    if left == 0:
        assert stands == Shares(0, 0, 0, 0)


WRONG = [
    ("earns: {per: 1, amount: 1, pays_us: 1}, accepts: [points]", "we_pay_needed", "what do we pay for a point?"),
    ("category: books", "partner_does_nothing", "an outside partner where nothing happens"),
    ("accepts: [points], we_pay: 5, wallet: card", "partner_points", "card money is no kind of points"),
    ("accepts: [points], we_pay: 5, wallet: miles", "partner_points_worth", "what does one pay there?"),
]


@pytest.mark.parametrize(("says", "code", "why"), WRONG)
def test_what_a_document_may_not_say(says: str, code: str, why: str) -> None:
    wallets = "wallets:\n  miles: {name: dặm}\n  card: {name: thẻ, money: true}\n"
    with pytest.raises(DocumentRefused) as refused:
        loading.load(CAFE.replace("wallets:\n", wallets) + f"  - {{id: shop, {says}}}\n")
    assert code in {error.code for error in refused.value.errors}, why


def test_the_terms_say_what_is_earned_and_paid_there_and_not_what_it_costs() -> None:
    text = terms.of(loading.load(CAFE + f"  - {{id: bookshop, {AT_BOOKS}}}\n"), lang="en").text
    assert "bookshop: 1 điểm for every full 20,000 ₫. Points pay there: 1 điểm is worth 100 ₫. Our gift cards" in text
    assert "110" not in text and "95" not in text


def test_where_spending_takes_a_proof_a_cards_number_only_earns(new_business: Callable[..., Any]) -> None:
    shop = new_business(CAFE + OUTSIDE + "spend_proof: [{by: [token]}]\n")
    with context.within(shop):
        lan, card = somebody()
        with pytest.raises(proving.ProofNeeded):
            sell(shop, "florist", Told("a", 100_000, card, points=10))
        assert (points(lan), queries.balance("florist")) == (500, 0)
        assert sell(shop, "florist", Told("b", 100_000, card)).moved.earned == 6
        code = tokens.make(lan, key=conf.SECRET_KEY, at=clock.now())
        assert partner_lookup.card("florist", code, at=clock.now()).points == 506
        told = Told("c", 100_000, code, points=10)
        assert sell(shop, "florist", told).moved.used == 10
        later = Told("c", 100_000, tokens.make(lan, key=conf.SECRET_KEY, at=clock.now() + timedelta(seconds=2)), 10)
        assert sell(shop, "florist", later).reference == "c", "told again with the next code it is the same bill"
        with pytest.raises(proving.ProofNotGood):
            sell(shop, "florist", Told("d", 100_000, code, points=10))
        assert verify_books.verify().differences == ()


def test_a_household_pays_together_and_gets_back_whose_it_was(new_business: Callable[..., Any]) -> None:
    pool = "accounts: {pool: household, wallets: [points], may_spend: [owner, adult], join: both_confirm, leave: own_lots}\n"
    shop = new_business(CAFE + OUTSIDE + pool)
    with context.within(shop):
        (lan, card), (minh, _) = somebody(), somebody()
        now = clock.now()
        id = households.found(lan, by="tests", now=now).id
        households.invite(id, minh, by="tests", now=now, role="adult")
        households.accept(id, minh, by="tests", now=now)
        assert partner_lookup.card("florist", card, at=clock.now()).points == 1_000
        assert sell(shop, "florist", Told("a", 100_000, card, points=800)).moved.used == 800
        assert points(lan) + points(minh) == 206
        households.leave(id, minh, by="tests", now=clock.now())
        back(shop, "florist", Back("b", "a"))
        assert (points(lan), points(minh)) == (500, 500)
        assert queries.balance("florist") == 0
        assert verify_books.verify().differences == ()


def test_the_wallet_tells_where_points_came_and_went(new_business: Callable[..., Any]) -> None:
    shop = new_business(CAFE + OUTSIDE.replace("id: florist,", "id: florist, name: Hoa Mai,"))
    with context.within(shop):
        lan, card = somebody()
        sell(shop, "florist", Told("a", 100_000, card, points=40))
        row = members.get(lan)
        assert row is not None
        found = past.history(row, programmes.timeline(shop.schema).versions[-1].programme, locale="vi")
        told = [(one.title, [n for n, _ in one.amounts]) for one in found if one.title == "Hoa Mai"]
        assert told == [("Hoa Mai", [-34])], "what one bill moved is one line"
