"""Nobody's points vanish silently: a word some days before, once, at a decent hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ganbo.foundation import chance
from ganbo.journeys import join, warn_of_expiry
from ganbo.people.channels import queries as channels
from ganbo.people.members import queries as members
from ganbo.people.members.operations import Person
from tests.journeys.test_pending import event
from tests.journeys.test_record_events import record

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
NINE = datetime(2027, 12, 24, 2, 0, tzinfo=UTC)  # 9:00 in Hanoi, seven days before 31 December 2027
PROGRAMME = """
ganbo: 1
programme: tells
name: {vi: Báo, en: Tells}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, expires: {kind: end_of_year, years: 1}}
  miles: {name: {vi: dặm, en: miles}, expires: {kind: inactivity, days: 403, reset_by: [purchase]}, notice_days: [7]}
  quiet: {name: {vi: ngọc, en: gems}, expires: {kind: end_of_year, years: 1}, notice_days: []}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: fly, on: purchase, give: {wallet: miles, amount: 1, per: 50000, of: net}}
  - {id: shine, on: purchase, give: {wallet: quiet, amount: 1}}
rewards:
  - {id: tea, name: {vi: Trà đào, en: Peach tea}, kind: free_item, sku: tea, price: {wallet: points, amount: 8}}
  - {id: ring, name: {vi: Nhẫn, en: Ring}, kind: free_item, sku: ring, price: {wallet: points, amount: 80}}
"""


def somebody(shop: Any, **who: Any) -> Any:
    person = Person(**({"email": f"lan{chance.digits(9)}@example.com", "name": "Trần Lan", "locale": "en"} | who))
    member = members.get(join.join(person, at=NOON).member_id)
    record(shop, event(member, amount=100_000), now=NOON)
    return member


def told(member: Any) -> list[str]:
    return [message.body for message in channels.of_member(member.id) if message.kind == "expiry"]


def test_one_message_names_all_that_ends_that_day_and_what_it_is_enough_for(shop: Any) -> None:
    lan, minh = somebody(shop), somebody(shop, locale="vi", address_form="anh", name="Minh")
    assert warn_of_expiry.warn(shop, at=NINE) == 2
    for again in (NINE, NINE + timedelta(hours=5)):
        assert warn_of_expiry.warn(shop, at=again) == 0, "told once a day"
    (text,) = told(lan)
    assert "10 points end on 31 December 2027, enough for: Peach tea." in text
    assert "2 miles end on 31 December 2027." in text
    assert "gems" not in text, "a wallet may say nothing"
    assert "Chào anh Minh," in told(minh)[0]
    assert "10 điểm hết hạn ngày 31/12/2027, đủ đổi: Trà đào." in told(minh)[0]


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (NINE - timedelta(hours=2), "too early in the day"),
        (NINE - timedelta(days=1), "eight days before"),
        (NINE + timedelta(days=1), "six days before"),
    ],
)
def test_other_hours_and_days_are_quiet(shop: Any, at: datetime, why: str) -> None:
    member = somebody(shop)
    warn_of_expiry.warn(shop, at=at)
    assert told(member) == [], why


def test_pages_of_members_leave_nobody_out(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warn_of_expiry, "MOST_MEMBERS", 2)
    several = [somebody(shop) for _ in range(5)] + [somebody(shop, email=None, phone=f"+849{chance.digits(8)}")]
    warn_of_expiry.warn(shop, at=NINE)
    assert [len(told(member)) for member in several] == [1] * 5 + [0], "who has no e-mail is not written to"
