"""A member's packages in the wallet: what is left, until when, who shares them; and nobody else's."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import packages, sign_in_member
from ganbo.journeys.packages import Wish

PROGRAMME = """
ganbo: 1
programme: washes-in-the-wallet
name: Rửa xe
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
packages:
  - id: wash-10
    name: {vi: Gói mười, en: Ten washes}
    price: 800000
    units: {wash: 11}
    unit_names: {wash: {vi: lần rửa, en: washes}}
    months: 12
    pause_days: 60
    share: household
"""


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    with context.within(new_business(PROGRAMME)):
        yield context.current()


def text(response: Any) -> str:
    page = re.sub(r"<[^>]+>", " ", unescape(response.content.decode()))
    return " ".join(page.replace("\u00a0", " ").split())


def test_what_is_left_until_when_and_with_whom(cafe: Any, enrol: Any) -> None:
    def browser(member: Any) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="vi")
        client.cookies[f"ganbo_member_{cafe.slug}"] = sign_in_member.open_session(member.id, at=clock.now())
        return client

    at = f"/b/{cafe.slug}/wallet/"
    lan, minh, tu = (enrol(name, tier=None) for name in ("Nguyễn Thị Lan", "Minh", "Tư"))
    row = packages.sell("wash-10", member_id=lan.id, by="tests", now=clock.now())
    packages.share(row.id, member_id=minh.id, by="tests", now=clock.now())
    packages.use(row.id, Wish("wash", 2, minh.id), by="tests", now=clock.now())
    undone = packages.use(row.id, Wish("wash", 5), by="tests", now=clock.now())
    packages.undo_use(undone.id, by="tests", now=clock.now())

    her, page = browser(lan), f"{at}packages/{row.id}/"
    assert "còn 9/11 lần rửa, dùng đến" in text(her.get(at))
    assert "còn 9/11 lần rửa" in text(her.get(f"{at}gifts/"))
    said = text(her.get(page))
    assert "Dùng chung với: Bạn Minh" in said
    assert "2 lần rửa" in said
    assert "5 lần rửa" not in said, "what was undone was not used"
    assert "tạm dừng thêm 60 ngày" in said
    assert "Bạn Lan cho bạn dùng chung." in text(browser(minh).get(page))
    stranger = browser(tu)
    assert stranger.get(page).status_code == 404
    assert "lần rửa" not in text(stranger.get(at))
    assert Client().get(page).status_code == 302

    packages.pause(row.id, by="tests", now=clock.now())
    assert "Đang tạm dừng; muốn dùng thì báo quầy" in text(her.get(page))
    packages.resume(row.id, by="tests", now=clock.now())
    packages.refund(row.id, by="tests", now=clock.now())
    assert "Đã hoàn, nhận lại 654.545 ₫" in text(her.get(page))
    assert "lần rửa" not in text(her.get(at))
    assert her.get(page, HTTP_ACCEPT_LANGUAGE="en").status_code == 200
