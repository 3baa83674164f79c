"""The level, its ring, and points that wait, as a member reads them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from ganbo.doors.wallet import standing
from ganbo.features.programmes import queries as programmes
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import sell, sign_in_member
from ganbo.people.members import queries

RULES = """\
ganbo: 1
programme: standing
name: {vi: Gắn Bó, en: Gắn Bó Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, pending: {kind: after, days: 7}}
  miles: {name: {vi: dặm, en: miles}, pending: {kind: until_event, event: custom.delivered, days: 30}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: fly, on: purchase, give: {wallet: miles, amount: 3}}
tiers:
  window: {kind: rolling, months: 12}
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, enter: {any: {spend: 1000000, visits: 20}}, keep: {spend: 800000}, benefits: {multiply: 1.2}}
    - {id: gold, name: {vi: Vàng, en: Gold}, invitation_only: true, keep: {spend: 500000}, benefits: {multiply: 1.5, service_priority: 1}}
"""
_made: list[Any] = []


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    if not _made:
        _made.append(new_business(RULES))
    with context.within(_made[0]):
        yield _made[0]


def a_member(tier: str | None = None) -> Any:
    phone = f"+849{chance.digits(8)}"
    minh = sign_in_member.join(phone, name="Minh", address_form="anh", locale="vi", tier=tier, at=clock.now())
    return queries.get(minh)


def buy(shop: Any, member: Any, amount: int) -> Any:
    told = {
        "id": f"sale-{chance.new_id()}",
        "type": "purchase",
        "occurred_at": clock.now().isoformat(),
        "member": {"id": str(member.id)},
        "data": {"amount": amount, "currency": "VND"},
    }
    assert sell.record(shop, told, now=clock.now()).refusal is None
    return queries.get(member.id)


def seen(shop: Any, member: Any, locale: str = "vi", *, at: datetime | None = None) -> Any:
    now = at or clock.now()
    programme = programmes.in_force_at(shop.schema, now).programme
    with translation.override(locale):
        return standing.tier(member, programme, locale=locale, now=now)


@pytest.mark.parametrize(
    ("amount", "way", "why"),
    [(0, 0, "nothing yet"), (250_000, 25, "by money a quarter"), (999_999, 99, "never whole before it is reached")],
)
def test_the_ring_is_the_nearest_way_to_the_next_level(shop: Any, amount: int, way: int, why: str) -> None:
    minh = a_member("bronze")
    if amount:
        minh = buy(shop, minh, amount)
    shown = seen(shop, minh)
    assert (shown.name, shown.way, shown.way_of) == ("Đồng", way, 100), why
    assert "Bạc" in shown.way_label and str(way) in shown.way_label, "readers hear it too"


def test_what_is_missing_in_both_languages(shop: Any) -> None:
    minh = buy(shop, a_member("bronze"), 250_000)
    vi, en = (" ".join(seen(shop, minh, locale).sentences).replace("\u00a0", " ") for locale in ("vi", "en"))
    assert "750.000 ₫" in vi and "Bạc" in vi
    assert "750,000 ₫" in en and "Silver" in en


def test_at_the_top_the_ring_is_what_keeps_it_and_the_fall_is_told(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    middle = (clock.now().replace(day=15) + timedelta(days=31)).replace(day=15)
    monkeypatch.setattr(clock, "now", lambda: middle)  # a month's last day does not count towards a review a year later
    lan = buy(shop, a_member("gold"), 100_000)
    shown = seen(shop, lan)
    assert (shown.name, shown.way) == ("Vàng", 20), "100.000 of the 500.000 that keep it"
    assert "giữ hạng Vàng" in shown.way_label
    assert "400.000" in " ".join(shown.sentences)
    assert not any("Nếu giữ như hiện nay" in line for line in shown.sentences), "a year ahead it helps nobody"
    minh = buy(shop, a_member("bronze"), 1_000_000)
    assert not any("Nếu giữ như hiện nay" in line for line in seen(shop, minh).sentences)
    near = seen(shop, minh, at=clock.now() + timedelta(days=330))
    assert near.sentences[-1] == "Nếu giữ như hiện nay, kỳ xét tới sẽ là hạng Đồng.", "said a quarter before"
    assert any("1,5" in line for line in shown.benefits)
    kept = buy(shop, lan, 500_000)
    assert seen(shop, kept).way == 100
    assert not any("Nếu giữ như hiện nay" in line for line in seen(shop, kept).sentences)


def test_points_that_wait_say_how_many_until_when_and_for_what(shop: Any) -> None:
    lan = buy(shop, buy(shop, a_member(), 100_000), 50_000)
    programme = programmes.in_force_at(shop.schema, clock.now()).programme
    with translation.override("vi"):
        points, miles = standing.waiting(lan, programme, locale="vi")
    due = (clock.now() + timedelta(days=7)).astimezone(programme.timezone).date()
    assert (points.amount, points.unit.word) == (15, "điểm"), "one row a day"
    assert points.title == f"dùng được từ {due:%d/%m/%Y}"
    assert (miles.amount, miles.title) == (6, "sau “delivered”")
    assert "hủy" in miles.why
    with translation.override("en"):
        assert "cancelled" in standing.waiting(lan, programme, locale="en")[1].why


def test_without_levels_there_is_no_ring(new_business: Callable[[str], Any]) -> None:
    made = new_business(RULES[: RULES.index("tiers:")])
    with context.within(made):
        minh = a_member()
        assert seen(made, minh, at=datetime.now(UTC)) is None
