"""Packages: never used beyond their units, paused, shared, given back to the đồng, ended; the units always add up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from ganbo.engine import loading
from ganbo.engine.packages import refund_of
from ganbo.features.packages import operations, queries
from ganbo.features.packages.queries import PackageRow
from ganbo.features.programmes import terms
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, join, packages, verify_books
from ganbo.journeys.packages import Wish
from ganbo.kernel.refusal import Refusal
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: washes
name: Rửa xe
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: điểm}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
packages:
  - {id: wash-10, name: {vi: 11 lần rửa, en: 11 washes}, price: 800000, units: {wash: 11}, months: 12, pause_days: 60, share: household}
  - {id: gym, price: 1000000, units: {visit: 7, towel: 3}, months: 1, refund: none}
  - {id: ever, price: 100, units: {wash: 3}}
"""
WASH = Wish("wash")


@pytest.fixture
def shop(new_business: Any) -> Iterator[Any]:
    with context.within(new_business(PROGRAMME)) as _:
        yield context.current()


def somebody() -> UUID:
    return join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id


def bought(package: str = "wash-10", at: datetime | None = None) -> PackageRow:
    return packages.sell(package, member_id=somebody(), by="tests", now=at or clock.now())


def units(id: UUID) -> dict[str, tuple[int, int, int, int]]:
    """unit → used, left, refunded, expired."""
    row = queries.get(id, at=clock.now())
    assert row is not None
    return {u.unit: (u.used, u.left, u.refunded, u.expired) for u in row.units}


def use(id: UUID, wish: Wish = WASH, at: datetime | None = None) -> operations.Used:
    return packages.use(id, wish, by="tests", now=at or clock.now())


def verified() -> bool:
    return verify_books.verify().differences == ()


def test_units_go_one_by_one_and_earn_nothing(shop: Any) -> None:
    row = bought()
    for left in range(10, -1, -1):
        assert use(row.id).left == left
    with pytest.raises(operations.NothingLeft):
        use(row.id)
    assert units(row.id) == {"wash": (11, 0, 0, 0)}
    assert holdings.balances(row.member_id, ["points"], at=clock.now())["points"].available == 0
    assert verified()


@pytest.mark.parametrize(
    ("wish", "code", "why"),
    [
        (Wish("wax"), "packages.nothing_left", "no such unit in it"),
        (Wish("wash", 12), "packages.nothing_left", "one more than it holds"),
        (Wish("wash", 1, UUID(int=7)), "packages.unknown", "a stranger's"),
    ],
)
def test_what_cannot_be_used(shop: Any, wish: Wish, code: str, why: str) -> None:
    row = bought()
    with pytest.raises(Refusal) as refused:
        use(row.id, wish)
    assert refused.value.code == code, why
    assert units(row.id) == {"wash": (0, 11, 0, 0)}, why


def test_a_use_is_undone_once(shop: Any) -> None:
    row = bought()
    used = use(row.id, Wish("wash", 3))
    for _ in range(2):
        assert packages.undo_use(used.id, by="tests", now=clock.now()).left == 11
    assert units(row.id) == {"wash": (0, 11, 0, 0)}
    assert verified()


def test_it_ends_at_midnight_after_its_months_and_what_is_left_ends(shop: Any) -> None:
    row = bought()
    assert row.ends_at is not None
    use(row.id)
    before, at = row.ends_at - timedelta(seconds=1), row.ends_at
    assert packages.expire(now=before) == 0
    use(row.id, at=before)
    with pytest.raises(operations.NotActive):
        use(row.id, at=at)
    assert packages.expire(now=at) == 1
    assert packages.expire(now=at) == 0, "once"
    assert units(row.id) == {"wash": (2, 0, 0, 9)}
    assert verified()


@pytest.mark.parametrize(
    ("package", "sold", "last", "why"),
    [
        ("wash-10", "2026-11-26T10:00:00+07:00", "2027-11-26", "twelve months later, the same day"),
        ("wash-10", "2028-02-29T10:00:00+07:00", "2029-02-28", "a year without that day"),
        ("gym", "2026-01-31T23:30:00+07:00", "2026-02-28", "a month without that day"),
        ("gym", "2026-11-25T20:00:00+00:00", "2026-12-26", "the shop's day, not that of London"),
        ("ever", "2026-11-26T10:00:00+07:00", None, "for ever"),
    ],
)
def test_the_last_day_is_the_same_day_so_many_months_later(
    shop: Any, package: str, sold: str, last: str | None, why: str
) -> None:
    row = bought(package, datetime.fromisoformat(sold))
    shown = row.ends_at and (row.ends_at - timedelta(seconds=1)).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    assert (shown.isoformat() if shown else None) == (last and f"{last}T23:59:59+07:00"), why


def test_a_pause_moves_the_end_as_far_as_it_is_allowed(shop: Any) -> None:
    row = bought()
    end, day = row.ends_at, timedelta(days=1)
    assert end is not None
    start = clock.now()
    packages.pause(row.id, by="tests", now=start)
    with pytest.raises(operations.Paused):
        use(row.id)
    with pytest.raises(operations.CannotPause):
        packages.pause(row.id, by="tests", now=start)
    resumed = packages.resume(row.id, by="tests", now=start + 20 * day)
    assert (resumed.ends_at, resumed.pause_left) == (end + 20 * day, 40 * day)
    packages.pause(row.id, by="tests", now=start + 30 * day)
    resumed = packages.resume(row.id, by="tests", now=start + 100 * day)
    assert resumed.ends_at == end + 60 * day, "sixty days in all, whatever the pause"
    with pytest.raises(operations.CannotPause):
        packages.pause(row.id, by="tests", now=start + 101 * day)
    with pytest.raises(operations.NotPaused):
        packages.resume(row.id, by="tests", now=start + 101 * day)


def test_while_it_is_paused_it_does_not_end_but_not_for_ever(shop: Any) -> None:
    row = bought()
    assert row.ends_at is not None
    packages.pause(row.id, by="tests", now=row.ends_at - timedelta(days=1))
    assert packages.expire(now=row.ends_at + timedelta(days=58)) == 0
    assert packages.expire(now=row.ends_at + timedelta(days=60)) == 1
    assert verified()


def test_packages_at_pause_keep_none_from_ending(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are paused beyond their end, those whose time has come end."""
    monkeypatch.setattr(packages, "MOST_AT_ONCE", 1)
    paused, running = bought(at=datetime(2020, 1, 1, tzinfo=UTC)), bought(at=datetime(2020, 1, 2, tzinfo=UTC))
    packages.pause(paused.id, by="tests", now=datetime(2020, 12, 31, tzinfo=UTC))
    packages.expire(now=datetime(2021, 1, 10, tzinfo=UTC))
    assert units(running.id) == {"wash": (0, 0, 0, 11)}
    assert units(paused.id) == {"wash": (0, 11, 0, 0)}
    packages.expire(now=datetime(2021, 3, 10, tzinfo=UTC))
    assert units(paused.id) == {"wash": (0, 0, 0, 11)}, "sixty days of pause are over"


def test_what_is_unused_is_given_back_to_the_dong_once(shop: Any) -> None:
    row = bought()
    for _ in range(4):
        use(row.id)
    back = packages.refund(row.id, by="tests", now=clock.now())
    assert (back.refunded, back.state) == (509_091, "refunded"), "7/11 of 800,000 is 509,090.9"
    assert units(row.id) == {"wash": (4, 0, 7, 0)}
    for refused in (lambda: use(row.id), lambda: packages.refund(row.id, by="tests", now=clock.now())):
        with pytest.raises(operations.NotActive):
            refused()
    with pytest.raises(operations.NotRefundable):
        packages.refund(bought("gym").id, by="tests", now=clock.now())
    assert verified()


def test_two_who_share_it_never_use_more_than_there_is(shop: Any) -> None:
    row, friend = bought(), somebody()
    mine = Wish("wash", 1, friend)
    with pytest.raises(operations.PackageUnknown):
        use(row.id, mine)
    packages.share(row.id, member_id=friend, by="tests", now=clock.now())
    business = context.current()

    def one(n: int) -> str:
        try:
            with context.within(business):
                use(row.id, mine if n % 2 else WASH)
            return "used"
        except operations.NothingLeft:
            return "none left"
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(50)))
    assert answers.count("used") == 11
    assert units(row.id) == {"wash": (11, 0, 0, 0)}
    assert [p.id for p in queries.of_member(friend, at=clock.now())] == [row.id], "who shares it sees it"
    assert verified()


def test_who_may_share(shop: Any) -> None:
    alone = bought("gym")
    with pytest.raises(operations.NotShared):
        packages.share(alone.id, member_id=somebody(), by="tests", now=clock.now())
    row = bought()
    for _ in range(operations.MOST_PEOPLE):
        packages.share(row.id, member_id=somebody(), by="tests", now=clock.now())
    with pytest.raises(operations.NotShared):
        packages.share(row.id, member_id=somebody(), by="tests", now=clock.now())


def test_a_package_that_is_not_offered_is_not_sold(shop: Any) -> None:
    with pytest.raises(packages.NotOffered):
        bought("wash-99")


@given(st.integers(1, 10**12), st.integers(1, 1000), st.data())
def test_given_back_is_the_unused_part_and_never_more_than_the_price(
    price: int, sold: int, data: st.DataObject
) -> None:
    left = data.draw(st.integers(0, sold))
    back = refund_of(price, sold=sold, left=left)
    assert abs(back * sold - price * left) < sold, "within one đồng of the exact part"
    assert 0 <= back <= price
    assert (left != 0 or back == 0) and (left != sold or back == price)


def test_the_terms_say_what_a_package_is() -> None:
    text = " ".join(terms.of(loading.load(PROGRAMME), lang="en").text.split())
    assert "11 washes: 11 wash for 800,000 ₫. To be used within 12 months." in text
    assert "It may be paused for 60 days in all; it then ends later." in text
    assert "Nothing is handed back for unused units." in text
