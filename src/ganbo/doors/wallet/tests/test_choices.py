"""A choice in the wallet and at the till: seen, picked once, told in the history, lapsed when its time is over."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from ganbo.doors.wallet import past
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import models, queries
from ganbo.foundation import clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import sign_in_member

PROGRAMME = """
ganbo: 1
programme: choices-in-the-wallet
name: Quà tự chọn
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
tiers: {levels: [{id: member, name: {vi: Thành viên, en: Member}, benefits: {perks: [upsize]}}]}
perks: [{id: upsize, text: {vi: Nâng size miễn phí, en: Free upsize}, count: 1, per: month}]
earn:
  - {id: welcome, name: {vi: Chào mừng, en: Welcome}, on: signup, give: {voucher: thanks}}
rewards:
  - {id: thanks, name: {vi: Quà cảm ơn, en: A thank-you}, choose: [free-ship, small-gift], within_days: 14}
  - {id: free-ship, name: {vi: Miễn phí giao hàng, en: Free delivery}, kind: free_delivery, valid_days: 30}
  - {id: small-gift, name: {vi: Bộ quà nhỏ, en: A small gift}, kind: gift}
"""


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    with context.within(new_business(PROGRAMME)):
        yield context.current()


def text(response: Any) -> str:
    page = re.sub(r"<[^>]+>", " ", unescape(response.content.decode()))
    return " ".join(page.replace("\u00a0", " ").split())


def told(member: Any) -> list[str]:
    programme = programmes.in_force_at(context.current().schema, clock.now()).programme
    return [f"{row.title} | {row.why}" for row in past.history(member, programme, locale="vi")]


def test_it_is_picked_once_in_the_wallet(cafe: Any, enrol: Any) -> None:
    def browser(member: Any) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE="vi")
        client.cookies[f"ganbo_member_{cafe.slug}"] = sign_in_member.open_session(member.id, at=clock.now())
        return client

    def choose(client: Client, voucher: UUID, reward: str) -> str:
        return text(client.post(f"{at}vouchers/{voucher}/choose/", {"reward": reward}, follow=True))

    at = f"/b/{cafe.slug}/wallet/"
    lan, minh = enrol("Nguyễn Thị Lan", tier=None), enrol("Minh", tier=None)
    (choice,) = queries.vouchers_of(lan.id)
    her = browser(lan)
    assert "Quà cảm ơn chọn một món" in text(her.get(at))
    assert "Nâng size miễn phí còn 1 lần trong tháng này" in text(her.get(at)), "perks of the level stand there, too"
    assert "chọn đến" in text(her.get(f"{at}gifts/"))
    page = text(her.get(f"{at}vouchers/{choice.id}/"))
    assert "Chọn một trong các quà sau" in page
    assert "Miễn phí giao hàng" in page and "Bộ quà nhỏ" in page
    assert choice.code not in page, "an open choice has nothing to show at the till"
    assert "không còn" in choose(browser(minh), choice.id, "free-ship"), "his neighbour has no such choice"
    page = choose(her, choice.id, "small-gift")
    assert "Quà đã là của bạn." in page and choice.code in page
    assert "Bạn đã chọn rồi" in choose(her, choice.id, "free-ship")
    (row,) = queries.vouchers_of(lan.id)
    assert row.reward == "small-gift"
    assert "Đã chọn: Bộ quà nhỏ | Bạn chọn từ: Quà cảm ơn." in told(lan)
    assert any(line.startswith("Quà cảm ơn | ") for line in told(lan))
    models.Voucher.objects.filter(member_id=minh.id).update(expires_at=clock.now() - timedelta(seconds=2))
    (his,) = queries.vouchers_of(minh.id)
    assert "không còn" in choose(browser(minh), his.id, "free-ship")
    assert any(
        line.startswith("Kết thúc: Quà cảm ơn | Có thể chọn đến hết ngày") or "Có thể chọn đến hết" in line
        for line in told(minh)
    )
