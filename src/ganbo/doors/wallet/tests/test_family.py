"""The household in the wallet: founded, joined, run and left by its people; nobody learns who else is a member."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ganbo.features.households import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import sell, sign_in_member, verify_books
from ganbo.journeys.redemption_writing import Ask

PROGRAMME = """
ganbo: 1
programme: family-in-the-wallet
name: Cả nhà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 100}}
rewards:
  - {id: tea, name: {vi: Trà đào, en: Peach tea}, kind: free_item, sku: tea, price: {wallet: points, amount: 150}}
accounts: {pool: household, wallets: [points], people: 3}
"""


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    with context.within(new_business(PROGRAMME)):
        yield context.current()


@pytest.fixture
def wallet(cafe: Any) -> Callable[..., Any]:
    """`wallet(lan)` is her page of the household as words; `wallet(lan, do=…)` presses a button first."""

    def browser(member: Any) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="vi")
        client.cookies[f"ganbo_member_{cafe.slug}"] = sign_in_member.open_session(member.id, at=clock.now())
        return client

    def page(member: Any, at: str = "family/", **pressed: Any) -> str:
        client = browser(member)
        if pressed:
            answer = client.post(f"/b/{cafe.slug}/wallet/family/do/", pressed)
            if answer.status_code != 302:
                return str(answer.status_code)
        shown = re.sub(r"<[^>]+>", " ", unescape(client.get(f"/b/{cafe.slug}/wallet/{at}").content.decode()))
        return " ".join(shown.replace("\u00a0", " ").split())

    return page


def local(member: Any) -> str:
    """As people type it: 0912345678."""
    return "0" + str(member.phone).removeprefix("+84")


def test_from_the_invitation_to_leaving(cafe: Any, enrol: Any, wallet: Any) -> None:
    lan, minh, tu = (enrol(name, tier=None) for name in ("Nguyễn Thị Lan", "Minh", "Tư"))
    assert "Cả nhà dùng chung điểm" in wallet(lan)
    assert "Mời một người" in wallet(lan, do="found")
    said = wallet(lan, do="invite", contact=local(minh), role="adult")
    assert "Nếu đó là một thành viên ở đây" in said
    assert f"••• {local(minh)[-3:]}" in said and "Minh" not in said, "not by name before they have said yes"
    assert "Bạn được mời vào một gia đình" in wallet(minh, at="")
    home = queries.of_member(lan.id, at=clock.now())
    assert home is not None
    assert "Bạn Lan mời bạn vào gia đình" in wallet(minh)
    assert "Cả nhà có 200 điểm" in wallet(minh, do="accept", household=home.id)
    assert "Gia đình: 200 điểm" in wallet(lan, at="")
    assert "Bạn Minh người lớn 100 điểm" in wallet(lan)
    sell.redeem(cafe, Ask(("id", str(minh.id)), "tea"), now=clock.now())
    history = wallet(lan, at="history/")
    assert "Trà đào" in history and "Một người trong gia đình đã dùng ngày" in history
    assert "Mời một người" not in wallet(minh), "the owner invites"
    for pressed in ({"do": "invite", "contact": local(tu)}, {"do": "remove", "person": lan.id}, {"do": "dissolve"}):
        assert "Lúc này chưa làm được" in wallet(minh, **pressed), pressed
    assert "trẻ em" in wallet(lan, do="change", person=minh.id, role="child")
    assert "Người khác trong gia đình dùng điểm" in wallet(minh)
    assert "người khác trong gia đình đổi" in wallet(minh, at="gifts/")
    assert "Hãy giao tài khoản cho người khác trước" in wallet(lan, do="leave")
    wallet(lan, do="change", person=minh.id, role="owner")
    assert "Bạn đã rời gia đình" in wallet(lan, do="leave")
    assert "Cả nhà có" not in wallet(lan)
    wallet(minh, do="dissolve")
    assert queries.of_member(minh.id, at=clock.now()) is None
    assert verify_books.verify().differences == ()


def test_an_invitation_says_nothing_of_who_is_a_member(cafe: Any, enrol: Any, wallet: Any) -> None:
    lan, minh = enrol("Lan", tier=None), enrol("Minh", tier=None)
    wallet(lan, do="found")
    known = wallet(lan, do="invite", contact=local(minh))
    stranger = "0912" + chance.digits(6)
    unknown = wallet(lan, do="invite", contact=stranger)
    said = "Nếu đó là một thành viên ở đây, ví của họ sẽ hỏi họ có tham gia không."
    assert said in known and said in unknown
    assert f"••• {stranger[-3:]}" in wallet(lan)
    home = queries.of_member(lan.id, at=clock.now())
    assert home is not None
    first = home.invited[0].id
    assert "Đã rút lời mời" in wallet(lan, do="withdraw", invitation=first)
    assert "Nhập số điện thoại hoặc số thẻ" in wallet(lan, do="invite", contact="!!")
    assert "Lời mời này đã hết hạn" in wallet(minh, do="accept", household=home.id), "it was withdrawn"


@pytest.mark.parametrize(
    "pressed",
    [{"do": "steal"}, {"do": "accept"}, {"do": "accept", "household": "x"}, {"do": "change", "role": "king"}],
)
def test_what_nobody_could_press_is_not_there(cafe: Any, enrol: Any, wallet: Any, pressed: dict[str, str]) -> None:
    assert wallet(enrol("Lan", tier=None), **pressed) == "404"
