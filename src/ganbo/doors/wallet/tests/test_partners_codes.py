"""A partner's code and what is handed over later, as their member sees them, and nobody else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ganbo.features.rewards import queries as rewards
from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import fulfil_redemption, import_codes, sell, sign_in_member
from ganbo.journeys.redemption_writing import Ask

PROGRAMME = """
ganbo: 1
programme: partners
name: {vi: Gắn Bó, en: Gắn Bó Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 500}}
  - {id: hello, on: signup, give: {voucher: cinema}}
rewards:
  - {id: books, name: {vi: Thẻ sách, en: Book card}, kind: partner_card, codes: imported, issuer: {name: Phương Nam}, price: {wallet: points, amount: 100}, value: 100000}
  - {id: cinema, name: {vi: Vé phim, en: Cinema ticket}, kind: partner_card, codes: imported}
  - {id: tumbler, name: {vi: Ly, en: Tumbler}, kind: gift, fulfil: later, price: {wallet: points, amount: 100}}
"""


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


def joined(name: str) -> Any:
    phone = f"+849{chance.digits(8)}"
    return sign_in_member.join(phone, name=name, address_form="", locale="vi", tier=None, at=clock.now())


def page(shop: Any, member: Any, path: str) -> Any:
    client = Client(HTTP_ACCEPT_LANGUAGE="vi")
    client.cookies[f"ganbo_member_{shop.slug}"] = sign_in_member.open_session(member, at=clock.now())
    return client.get(f"/b/{shop.slug}/wallet/{path}")


def brought(reward: str, text: str) -> None:
    now = clock.now()
    import_codes.bring_in(import_codes.look(reward, import_codes.read(text, now=now), now=now), by="tests", now=now)


def test_a_partners_code_is_its_holders_alone(shop: Any) -> None:
    lan, minh = joined("Lan"), joined("Minh")
    assert "Thẻ sách" in page(shop, lan, "gifts/").content.decode()
    assert sell.redeem(shop, Ask(("id", str(lan)), "books"), now=clock.now()).refusal is not None, "sold out"
    brought("books", "PHUONG-NAM-77,2030-06-30\n")
    assert sell.redeem(shop, Ask(("id", str(lan)), "books"), now=clock.now()).status == "issued"
    voucher = next(v for v in rewards.vouchers_of(lan) if v.reward == "books")
    said = page(shop, lan, f"vouchers/{voucher.id}/").content.decode()
    for line in ("PHUONG-NAM-77", "Dùng tại Phương Nam.", "30/06/2030", "Trị giá 100.000 ₫."):
        assert line in said, line
    assert "<svg" in said
    assert page(shop, minh, f"vouchers/{voucher.id}/").status_code == 404


def test_a_gift_without_a_code_says_that_it_comes(shop: Any) -> None:
    lan = joined("Lan")
    (voucher,) = rewards.vouchers_of(lan)
    assert "Mã của đối tác đang được chuẩn bị" in page(shop, lan, f"vouchers/{voucher.id}/").content.decode()
    brought("cinema", "CINE-1\n")
    said = page(shop, lan, f"vouchers/{voucher.id}/").content.decode()
    assert "CINE-1" in said
    assert "đang được chuẩn bị" not in said


def test_what_is_handed_over_later_says_how_far_it_is(shop: Any) -> None:
    lan = joined("Lan")
    assert sell.redeem(shop, Ask(("id", str(lan)), "tumbler"), now=clock.now()).status == "issued"
    voucher = next(v for v in rewards.vouchers_of(lan) if v.reward == "tumbler")
    assert voucher.redemption_id is not None
    for state, line in (("to_do", "đang chuẩn bị"), ("sent", "đang được gửi"), ("done", "đã nhận")):
        if state != "to_do":
            fulfil_redemption.fulfil(voucher.redemption_id, state, by="tests", now=clock.now())
        assert line in page(shop, lan, f"vouchers/{voucher.id}/").content.decode(), state
