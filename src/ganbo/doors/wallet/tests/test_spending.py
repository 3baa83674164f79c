"""What a member spends with: the changing code, the PIN; and the slip of a forgotten sale, scanned before or after signing in."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from ganbo.books.ledger import queries as ledger
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import claim_slip, join, sell, show_proof
from ganbo.kernel.refusal import Refusal
from ganbo.people.channels.models import Message
from ganbo.people.members import pins, proofs, tokens
from ganbo.people.members.operations import Person
from ganbo.people.members.queries import MemberRow
from ganbo.people.members.queries import get as member_of

PROGRAMME = """\
ganbo: 1
programme: wallet-safe
name: {vi: Giữ điểm, en: Safe}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100}
earn:
  - {id: base, name: {vi: Mua hàng, en: Buying}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
rewards:
  - {id: tea, name: {vi: Trà đào, en: Peach tea}, kind: gift, price: {wallet: points, amount: 5}}
spend_proof: [{up_to: 50000, per: day, by: [card_pin]}, {by: [token, otp, manager]}]
claims: {within_days: 7, by: [receipt_qr], max_per_day: 2}
"""
_made: list[Any] = []


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    if not _made:
        _made.append(new_business(PROGRAMME))
    with context.within(_made[0]):
        yield _made[0]


@pytest.fixture
def shop(cafe: Any) -> Any:
    return cafe


@pytest.fixture
def lan(shop: Any) -> MemberRow:
    person = Person(phone=f"+849{chance.digits(8)}", name="Lan", address_form="chị", card=chance.digits(9))
    row = member_of(join.join(person, at=clock.now()).member_id)
    assert row is not None
    return row


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def at(shop: Any) -> str:
    return f"/b/{shop.slug}/wallet"


def sign_in(browser: Client, at: str, contact: str) -> Any:
    browser.post(f"{at}/sign-in/", {"contact": contact})
    message = Message.objects.filter(recipient=contact).order_by("created_at").last()
    assert message is not None
    return browser.post(f"{at}/code/", {"code": message.body[:6]})


def sold(shop: Any, member: str | None = None) -> str:
    body = {"id": f"e:{chance.new_id()}", "type": "purchase", "occurred_at": clock.now().isoformat()}
    body |= {"data": {"amount": 50_000}} | ({"member": member} if member else {})
    assert sell.record(shop, body, now=clock.now()).status == "applied"
    return body["id"]


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def points(member: MemberRow) -> int:
    return ledger.balances(member.id, ["points"], at=clock.now())["points"].available


def test_the_code_changes_and_the_pin_is_set_twice(shop: Any, lan: MemberRow, at: str, browser: Any) -> None:
    client = browser()
    sign_in(client, at, lan.phone or "")
    page = text(client.get(f"{at}/show/"))
    assert lan.cards[0] in page and "Mã này chỉ tích điểm." in page, "without scripts or a network: the card's number"
    assert f'hx-get="{at}/show/code/"' in page
    fresh = client.get(f"{at}/show/code/")
    assert "<svg" in text(fresh) and fresh.headers["Cache-Control"].startswith("max-age=0")
    assert "Mã PIN của thẻ" in text(client.get(f"{at}/me/")) and "chưa đặt" in text(client.get(f"{at}/me/"))
    for told, said in (
        ({"pin": "2580", "again": "2581"}, "Hai lần gõ chưa giống nhau."),
        ({"pin": "1234", "again": "1234"}, "Chọn 4 đến 6 chữ số"),
        ({"pin": "", "again": ""}, "Chọn 4 đến 6 chữ số"),
    ):
        wrong = client.post(f"{at}/pin/", told)
        assert (wrong.status_code, said in text(wrong), pins.state(lan.id)) == (422, True, "none")
    done = client.post(f"{at}/pin/", {"pin": "2580", "again": "2580"}, follow=True)
    assert "Không ai ở quán xem được." in text(done) and "đã đặt" in text(done)
    for _ in range(5):
        with pytest.raises(Refusal):
            show_proof.by_pin(lan.id, "9", proofs.Asking("t"), at=clock.now())
    assert "Mã PIN bị gõ sai năm lần nên đã khóa." in text(client.get(f"{at}/pin/"))
    client.post(f"{at}/pin/", {"pin": "2580", "again": "2580"})
    assert pins.state(lan.id) == "set", "the way out"


def test_the_members_own_wallet_needs_no_other_proof(shop: Any, lan: MemberRow, at: str, browser: Any) -> None:
    sold(shop, str(lan.id))
    client = browser()
    sign_in(client, at, lan.phone or "")
    client.post(f"{at}/gifts/redeem/", {"reward": "tea", "key": "k"})
    assert points(lan) == 0
    code = tokens.make(lan.id, key=settings.SECRET_KEY, at=clock.now())
    assert tokens.read(code, key=settings.SECRET_KEY) is not None


def test_a_slip_is_claimed_once_in_the_wallet(shop: Any, lan: MemberRow, at: str, browser: Any) -> None:
    client, code = browser(), claim_slip.slip(sold(shop), at=clock.now()).code
    first = client.get(f"{at}/claim/{code}/")
    assert "Mở thẻ bằng số điện thoại, hoặc tạo thẻ mới." in text(first)
    entered = sign_in(client, at, lan.phone or "")
    assert entered.headers["Location"] == f"{at}/claim/{code}/", "the scanned slip waited for the sign-in"
    page = text(client.get(entered.headers["Location"]))
    assert f'value="{code}"' in page and "Quét phiếu của quầy trong 7 ngày." in page
    assert points(lan) == 0, "looking takes nothing"
    done = client.post(f"{at}/claim/", {"code": code}, follow=True)
    assert "Hóa đơn đã về thẻ của bạn." in text(done) and "5 điểm" in text(done)
    assert points(lan) == 5
    other = browser()
    minh = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
    row = member_of(minh)
    assert row is not None
    sign_in(other, at, row.phone or "")
    late = other.post(f"{at}/claim/", {"code": code})
    assert (late.status_code, "Hóa đơn này đã có người nhận điểm." in text(late)) == (422, True)
    assert "Không có phiếu nào mang mã này." in text(other.post(f"{at}/claim/", {"code": "0000-0000-0000-0"}))
    for n in range(3):
        mine = claim_slip.slip(sold(shop), at=clock.now()).code
        answer = other.post(f"{at}/claim/", {"code": mine})
        assert answer.status_code == (302 if n < 2 else 422)
    assert "Hôm nay bạn đã nhận điểm 2 hóa đơn, hết lượt của ngày." in text(answer)
    assert "Quên tích điểm? Nhập mã trên phiếu." in text(client.get(f"{at}/"))
    assert re.search(r"claim/", text(client.get(f"{at}/"))) and UUID(str(minh))
