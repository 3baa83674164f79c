"""Tí signed in at the till of the café."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from ganbo.foundation import chance

# Like the demo's, without the rules that hang on the day of the week.
PROGRAMME = """
ganbo: 1
programme: till
name: {vi: Gắn Bó, en: Gắn Bó Club}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}, face_value: 100, expires: {kind: end_of_month, months: 12}, pay: {min: 20, step: 10}}
earn:
  - id: base
    name: {vi: Tích điểm mua hàng, en: Points on purchases}
    on: purchase
    give: {wallet: points, amount: 1, per: 10000, of: net, rounding: down}
tiers:
  metric: purchases
  levels:
    - {id: bronze, name: {vi: Đồng, en: Bronze}}
    - {id: silver, name: {vi: Bạc, en: Silver}, enter: {purchases: 3}, benefits: {on_enter: [ten-percent]}}
    - {id: gold, name: {vi: Vàng, en: Gold}, benefits: {multiply: 1.5}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ cà phê, en: Coffee card}, on: purchase, count: order, size: 4, head_start: 1, reward: latte}
rewards:
  - {id: latte, name: {vi: Latte miễn phí, en: Free latte}, kind: free_item, sku: latte}
  - {id: ten-percent, name: {vi: Giảm 10 %, en: 10 % off}, kind: discount, percent: 10, valid_days: 30}
  - {id: ten, name: {vi: Giảm 10, en: Ten off}, kind: discount, percent: 10, price: {wallet: points, amount: 1}}
  - id: fifth
    name: {vi: Giảm một phần năm, en: A fifth off}
    kind: discount
    percent: 20
    stacking: exclusive
    price: {wallet: points, amount: 1}
  - id: big
    name: {vi: Giảm hóa đơn lớn, en: Large bills}
    kind: discount
    amount: 20000
    min_order: 100000
    price: {wallet: points, amount: 1}
  - {id: card, name: {vi: Thẻ quà tặng, en: Gift card}, kind: gift_card, amount: 50000, price: {wallet: points, amount: 1}}
  - id: peach-tea
    name: {vi: Trà đào, en: Peach tea}
    kind: free_item
    sku: peach-tea
    price: {wallet: points, amount: 60}
    valid_days: 30
  - {id: tote, name: {vi: Túi vải, en: Tote bag}, kind: gift, price: {wallet: points, amount: 300}, stock: 40}
  - {id: sold-out, name: {vi: Cốc sứ, en: Mug}, kind: gift, price: {wallet: points, amount: 1}, stock: 0}
  - id: tasting
    name: {vi: Buổi nếm, en: Tasting}
    kind: gift
    price: {wallet: points, amount: 1}
    when: member.visits >= 300
"""
_made: list[Any] = []


@pytest.fixture
def cafe(new_business: Callable[[str], Any]) -> Iterator[Any]:
    """A café of the till's own, made once a process; the test runs in its schema."""
    from ganbo.foundation.tenancy import context

    if not _made:
        _made.append(new_business(PROGRAMME))
    with context.within(_made[0]):
        yield _made[0]


@pytest.fixture
def host(cafe: Any) -> Iterator[None]:
    """The test client's host leads to the test's `cafe`, and afterwards where it led before."""
    from ganbo.foundation.tenancy import models

    domain, made = models.Domain.objects.get_or_create(
        domain="testserver", defaults={"tenant_id": cafe.id, "is_primary": True}
    )
    before = domain.tenant_id
    models.Domain.objects.filter(pk=domain.pk).update(tenant_id=cafe.id)
    yield
    if made:
        domain.delete()
    else:
        models.Domain.objects.filter(pk=domain.pk).update(tenant_id=before)


@pytest.fixture
def sign_in(cafe: Any, host: None) -> Callable[..., Client]:
    """A browser of somebody with this role in a business: `sign_in("cashier")`."""

    def make(role: str, *, at: Any = None, name: str = "Tí") -> Client:
        from django.contrib.auth import get_user_model

        from ganbo.foundation.staff import operations

        email = f"{chance.new_id().hex}@example.com"
        operations.ensure(email, name=name, business_id=(at or cafe).id, role=role, password="a long pass phrase")
        client = Client(HTTP_ACCEPT_LANGUAGE="vi")
        client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def cashier_client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("cashier")
