"""The approvals inbox: who sees what, decides once, with a reason, and never what they asked for themselves."""

from html import unescape
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, show_proof
from ganbo.people.members import proofs
from ganbo.people.members.operations import Person
from ganbo.people.members.proofs import Asking


def staff(cafe: Any, role: str) -> tuple[Client, str]:
    email = f"{chance.new_id().hex}@example.com"
    operations.ensure(
        email, name=f"{role}-{chance.digits(4)}", business_id=cafe.id, role=role, password="a long pass phrase"
    )
    user, client = get_user_model().objects.get(email=email), Client(HTTP_ACCEPT_LANGUAGE="vi")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client, f"staff:{user.pk}"


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def test_a_manager_decides_what_a_cashier_asked(cafe: Any) -> None:
    (hanh, hanh_is), (ti, ti_is) = staff(cafe, "manager"), staff(cafe, "cashier")
    at = f"/b/{cafe.slug}/console"
    with context.within(cafe):
        lan = join.join(
            Person(phone=f"+849{chance.digits(8)}", name="Lan", address_form="chị"), at=clock.now()
        ).member_id
        asked = show_proof.ask_manager(lan, Asking(ti_is, note="Túi vải", most=80_000), at=clock.now())
        own = show_proof.ask_manager(lan, Asking(hanh_is, most=10_000), at=clock.now())
    assert ti.get(f"{at}/approvals/").status_code == 403, "cashiers ask, they do not decide"
    page = text(hanh.get(f"{at}/approvals/"))
    assert "80.000 ₫ của Chị Lan" in page and "Túi vải" in page
    assert "Bạn là người xin. Người khác sẽ quyết." in page
    assert "đang chờ duyệt ở quầy" in text(hanh.get(f"{at}/")) or "khách" in page

    def decided(proof: Any, **told: str) -> str:
        return text(hanh.post(f"{at}/approvals/{proof.id}", told, follow=True))

    assert "Hãy ghi lý do ngắn gọn" in decided(asked, yes="1", reason="")
    assert "Bạn là người xin." in decided(own, yes="1", reason="tôi đây")
    with context.within(cafe):
        assert {proofs.get(one.id).state for one in (asked, own)} == {"waiting"}  # type: ignore[union-attr]
    assert "Đã duyệt; quầy làm tiếp." in decided(asked, yes="1", reason="khách quen, quên điện thoại")
    assert "đã quyết hoặc đã hết hạn" in decided(asked, yes="0", reason="thôi")
    page = text(hanh.get(f"{at}/approvals/"))
    assert "khách quen, quên điện thoại" in page and "đã duyệt" in page
    assert ti.post(f"{at}/approvals/{own.id}", {"yes": "1", "reason": "x"}).status_code == 403
