"""A published version may give points that are there another end: told before, done once, through the books."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, preview_programme, publish_programme, redate_points, verify_books
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person
from tests.journeys.test_pending import event
from tests.journeys.test_record_events import record

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LATER = datetime(2027, 1, 10, 5, 0, tzinfo=UTC)
OLD_END, NEW_END = datetime(2027, 11, 30, 17, tzinfo=UTC), datetime(2027, 2, 28, 17, tzinfo=UTC)
GONE_END, LONG_END = datetime(2026, 12, 31, 17, tzinfo=UTC), datetime(2028, 11, 30, 17, tzinfo=UTC)
SOURCE = """
ganbo: 1
programme: changes
name: {vi: Đổi, en: Changes}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm}, expires: {kind: end_of_month, months: 12}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: gift, on: visit, give: {wallet: points, amount: 5}, expires: {kind: never}}
  - {id: slow, on: review, give: {wallet: points, amount: 7}, pending: {kind: after, days: 60}}
"""


def with_months(months: int) -> str:
    return SOURCE.replace("months: 12", f"months: {months}")


@pytest.fixture
def shop(new_business: Any) -> Any:
    """Three members: ten points of the wallet's policy each, five of a rule's own, seven that wait."""
    made = new_business(SOURCE)
    with context.within(made):
        yield made


def somebody(shop: Any) -> Any:
    joined = join.join(Person(phone=f"+849{chance.digits(8)}", name="Lan"), at=NOON)
    who = members.get(joined.member_id)
    record(shop, event(who, amount=100_000), event(who, "visit"), event(who, "review"), now=NOON)
    return who


def redate(at: datetime = LATER) -> None:
    while redate_points.redate_some(at=at):
        pass


def ends(member: Any, at: datetime = NOON) -> dict[datetime, int]:
    return {lot.expires_at: lot.remaining for lot in ledger.live_lots(member.id, "points", at=at) if lot.remaining}


@pytest.mark.parametrize(
    ("months", "existing", "want", "why"),
    [
        (3, "new", OLD_END, "only points earned from now on"),
        (3, "all", NEW_END, "every lot of that policy"),
        (3, "extend", OLD_END, "never earlier"),
        (24, "extend", LONG_END, "later"),
        (1, "all", GONE_END, "even when that is past"),
    ],
)
def test_points_get_the_end_that_was_chosen(shop: Any, months: int, existing: str, want: datetime, why: str) -> None:
    who = somebody(shop)
    publish_programme.publish(with_months(months), by="tests", in_force_from=LATER, existing=existing)
    redate(LATER - timedelta(seconds=1))
    assert ends(who).get(OLD_END) == 10, "not before the version is in force"
    for _ in range(3):
        redate()
    found = ends(who)
    assert (found.pop(want), list(found.values())) == (10, [5]), why
    assert max(found) > LONG_END, "what a rule gave without an end keeps none"
    (waiting,) = ledger.pending_of_members([who.id], ["points"])
    assert waiting.expires_at == want, "points that wait will end then too"
    assert sorted(line.amount for line in ledger.lines(who.id, ["points"], most=20)) == [5, 10], "nothing came or went"
    amounts = {lot.amount for lot in ledger.lot_rows(who.id, ["points"])}
    assert amounts == {10, 5}, "shown once"
    assert verify_books.verify().differences == ()


def test_a_run_stopped_between_batches_goes_on_where_it_was(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    several = [somebody(shop) for _ in range(5)]
    publish_programme.publish(with_months(3), by="tests", in_force_from=LATER, existing="all")
    monkeypatch.setattr(redate_points, "MOST_MEMBERS", 2)
    assert redate_points.redate_some(at=LATER)
    done = [NEW_END in ends(who) for who in several]
    assert sorted(done) == [False, False, False, True, True], "one batch, then the worker was killed"
    redate()
    assert all(ends(who)[NEW_END] == 10 for who in several)
    assert verify_books.verify().differences == ()


def test_the_preview_tells_who_would_lose_what_and_changes_nothing(shop: Any) -> None:
    first, second = somebody(shop), somebody(shop)
    record(shop, event(second, amount=20_000), now=NOON)
    shorter = preview_programme.preview(with_months(3), at=NOON)["wallets"]["points"]
    assert (shorter["earlier"]["members"], shorter["earlier"]["points"], shorter["ending_now"]) == (2, 22, 0)
    assert shorter["earlier"]["sample"] == [
        {"member_id": str(second.id), "points": 12},
        {"member_id": str(first.id), "points": 10},
    ]
    assert shorter["later"] == {"members": 0, "points": 0, "sample": []}
    assert preview_programme.preview(with_months(3), at=NEW_END)["wallets"]["points"]["ending_now"] == 22
    longer = preview_programme.preview(with_months(24), at=NOON)["wallets"]["points"]
    assert (longer["earlier"]["points"], longer["later"]["points"]) == (0, 22)
    assert preview_programme.preview(SOURCE, at=NOON) == {"wallets": {}}
    assert ends(first)[OLD_END] == 10
