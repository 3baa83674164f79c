"""Stamp cards, vouchers, the goal and what ends, as a member reads them, in Vietnamese and English."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import sell, sign_in_member
from ganbo.people.members import queries

PROGRAMME = """
ganbo: 1
programme: wallet
name: {vi: Gắn Bó, en: Gắn Bó Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, expires: {kind: rolling, days: 40}}
  card: {name: {vi: tiền trong thẻ, en: card money}, money: true}
earn:
  - {id: base, name: {vi: Mua hàng, en: Purchases}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
  - {id: third, name: {vi: Lần mua thứ ba, en: Third purchase}, on: purchase, when: member.purchases == 3, give: {voucher: ten}}
  - {id: back, name: {vi: Hoàn tiền, en: Cashback}, on: review, give: {wallet: card, amount: 5000}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ cà phê, en: Coffee card}, on: purchase, lines: 'line.category == "coffee"', size: 5, head_start: 1, reward: latte}
rewards:
  - {id: latte, name: {vi: Một ly latte, en: A latte}, kind: free_item, sku: latte, valid_days: 10}
  - {id: ten, name: {vi: Giảm 10 %, en: 10 % off}, kind: discount, percent: 10, max: 50000, min_order: 40000, stacking: exclusive, valid_days: 30}
  - {id: tea, name: {vi: Trà đào, en: Peach tea}, kind: free_item, sku: tea, price: {wallet: points, amount: 30}}
  - {id: tote, name: {vi: Túi vải, en: Tote bag}, kind: gift, price: {wallet: points, amount: 100}}
"""
_made: list[Any] = []


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    """A café with stamps and vouchers, made once a process; the test runs in its schema."""
    if not _made:
        _made.append(new_business(PROGRAMME))
    with context.within(_made[0]):
        yield _made[0]


@pytest.fixture
def lan(shop: Any) -> Any:
    phone = f"+849{chance.digits(8)}"
    now = clock.now()
    member = sign_in_member.join(phone, name="Nguyễn Thị Lan", address_form="chị", locale="vi", tier=None, at=now)
    return queries.get(member)


@pytest.fixture
def page(shop: Any) -> Callable[..., str]:
    """What a page of the member's wallet says: `page(lan, "gifts/", "en")`."""

    def read(member: Any, path: str = "", language: str = "vi", **posted: str) -> str:
        client = Client()
        client.cookies[f"ganbo_member_{shop.slug}"] = sign_in_member.open_session(member.id, at=clock.now())
        client.cookies["django_language"] = language
        address = f"/b/{shop.slug}/wallet/{path}"
        answer = client.post(address, posted, follow=True) if posted else client.get(address)
        assert answer.status_code == 200, answer.status_code
        text = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)).replace("\xa0", " "))

    return read


def coffee(shop: Any, member: Any, cups: int, *, days_ago: int = 0) -> None:
    """So many cups at 50.000 ₫."""
    told = {
        "id": f"sale-{chance.new_id()}",
        "type": "purchase",
        "occurred_at": (clock.now() - timedelta(days=days_ago)).isoformat(),
        "member": {"id": str(member.id)},
        "data": {
            "currency": "VND",
            "lines": [{"sku": "latte", "category": "coffee", "quantity": cups, "unit_price": 50_000}],
        },
    }
    assert sell.record(shop, told, now=clock.now()).refusal is None


def test_a_new_card_shows_its_head_start(page: Callable[..., str], lan: Any) -> None:
    said = page(lan)
    assert "Thẻ cà phê 1/5" in said
    assert "Còn 4 tem nữa là có Một ly latte." in said
    assert "4 more stamps and A latte is yours." in page(lan, language="en")


def test_stamps_grow_and_a_full_card_is_a_voucher(page: Callable[..., str], shop: Any, lan: Any) -> None:
    coffee(shop, lan, 3)
    assert "Còn 1 tem nữa là có Một ly latte." in page(lan)
    assert "One more stamp and A latte is yours." in page(lan, language="en")
    coffee(shop, lan, 2)
    said = page(lan)
    assert "Thẻ cà phê 1/5" in said, "one cup went on the next card"
    assert said.index("Dùng được ngay") < said.index("Một ly latte"), "the full card's gift stands first"
    past = page(lan, "history/")
    assert "+4 tem" in past and "+2 tem" in past, "the head start came with the first stamps"
    assert "Thẻ cà phê: thêm 4 tem, trong đó 1 tem tặng sẵn, được 4/5." in past
    assert "Thẻ cà phê đã đủ tem nên có Một ly latte" in past
    assert "Coffee card was full, so A latte is yours" in page(lan, "history/", "en")


def test_a_voucher_says_its_conditions(page: Callable[..., str], shop: Any, lan: Any) -> None:
    from ganbo.features.rewards import queries as rewards

    for _ in range(3):
        coffee(shop, lan, 1)
    voucher = next(v for v in rewards.vouchers_of(lan.id) if v.reward == "ten")
    said = page(lan, f"vouchers/{voucher.id}/")
    for line in (
        "Giảm 10 %, tối đa 50.000 ₫.",
        "Cho hóa đơn từ 40.000 ₫, đến hết",
        "Không dùng cùng ưu đãi khác.",
        "Dùng được một lần.",
    ):
        assert line in said, line
    assert voucher.code in said
    english = page(lan, f"vouchers/{voucher.id}/", "en")
    for line in (
        "10% off, at most 50,000 ₫.",
        "On bills from 40,000 ₫, until",
        "Not together with other offers.",
        "It works once.",
    ):
        assert line in english, line
    assert "Voucher tặng vì: Lần mua thứ ba." in page(lan, "history/")


def test_somebody_elses_voucher_stays_shut(shop: Any, lan: Any, page: Callable[..., str]) -> None:
    from ganbo.features.rewards import queries as rewards

    for _ in range(3):
        coffee(shop, lan, 1)
    voucher = rewards.vouchers_of(lan.id)[0]
    minh = sign_in_member.join(
        f"+849{chance.digits(8)}", name="Minh", address_form="", locale="vi", tier=None, at=clock.now()
    )
    client = Client()
    client.cookies[f"ganbo_member_{shop.slug}"] = sign_in_member.open_session(minh, at=clock.now())
    assert client.get(f"/b/{shop.slug}/wallet/vouchers/{voucher.id}/").status_code == 404


def test_the_goal_is_picked_followed_and_given_up(page: Callable[..., str], shop: Any, lan: Any) -> None:
    coffee(shop, lan, 1, days_ago=2)
    assert "khoảng" not in page(lan), "one visit is no rhythm"
    coffee(shop, lan, 2)
    assert "Đặt làm mục tiêu" in page(lan, "gifts/")
    said = page(lan, "gifts/goal/", reward="tote")
    assert "Đã đặt làm mục tiêu." in said
    assert "Mục tiêu của chị Túi vải còn 85 điểm" in said
    assert "khoảng 12 lần ghé nữa" in said, "15 points in two visits: 85 take 12"
    english = page(lan, language="en")
    assert "Your goal" in english and "85 points to go" in english and "about 12 more visits" in english
    assert "Mục tiêu của chị" not in page(lan, "gifts/goal/", reward="")
    assert "không còn tặng" in page(lan, "gifts/goal/", reward="no-such-gift")
    found = queries.get(lan.id)
    assert found is not None and found.goal == "", "an unknown gift changes nothing"


def test_a_goal_of_stamps_is_counted_in_stamps(page: Callable[..., str], shop: Any, lan: Any) -> None:
    coffee(shop, lan, 3)
    said = page(lan, "gifts/goal/", reward="latte")
    assert "Một ly latte còn 1 tem" in said


def test_what_ends_within_sixty_days_stands_on_the_card(page: Callable[..., str], shop: Any, lan: Any) -> None:
    coffee(shop, lan, 2, days_ago=3)
    coffee(shop, lan, 1)
    said = page(lan)
    assert said.count("đến ") >= 2 and "Sắp hết hạn" in said
    assert "10 điểm hết hạn" in said, "the first to end stands on the card itself"
    assert "điểm: Hết hạn sau 40 ngày kể từ khi tích." in page(lan, "history/"), "and the history says how it goes"
    assert "points: They end 40 days after they were earned." in page(lan, "history/", "en")


def test_money_in_the_card_is_shown_as_money(page: Callable[..., str], shop: Any, lan: Any) -> None:
    told = {
        "id": f"r-{chance.new_id()}",
        "type": "review",
        "occurred_at": clock.now().isoformat(),
        "member": {"id": str(lan.id)},
    }
    assert sell.record(shop, told | {"data": {}}, now=clock.now()).refusal is None
    assert "tiền trong thẻ: 5.000 ₫" in page(lan)
    assert "+5.000 ₫" in page(lan, "history/")


@pytest.mark.parametrize("path", ["", "gifts/", "history/", "me/"])
def test_english_pages_have_no_vietnamese_left(page: Callable[..., str], shop: Any, lan: Any, path: str) -> None:
    for _ in range(3):
        coffee(shop, lan, 2)
    said = page(lan, path, "en")
    for word in (" tem", "Đổi được", "Sắp được", "Đã có", "mục tiêu", "hết hạn"):
        assert word not in said, word
