"""`GET /members/{id}/stamps`."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from ganbo.foundation import chance, clock
from ganbo.foundation.staff import keys
from ganbo.foundation.tenancy import context
from ganbo.journeys import sell, sign_in_member

PROGRAMME = """
ganbo: 1
programme: stamps
name: {vi: Quán, en: Shop}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: base, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
stamp_cards:
  - {id: coffee, name: {vi: Thẻ cà phê, en: Coffee card}, on: purchase, count: order, size: 3, head_start: 1, reward: latte}
  - {id: once, on: purchase, count: order, size: 2, repeat: false, reward: latte}
rewards:
  - {id: latte, kind: free_item, sku: latte}
"""


def test_each_card_as_it_stands(new_business: Callable[[str], Any]) -> None:
    shop = new_business(PROGRAMME)
    _, secret = keys.create(shop.id, name="tests", scopes=["members:read"])
    headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}", "HTTP_ACCEPT_LANGUAGE": "en"}
    with context.within(shop):
        phone = f"+849{chance.digits(8)}"
        minh = sign_in_member.join(phone, name="", address_form="", locale="", tier=None, at=clock.now())

    def stamps() -> dict[str, Any]:
        answer = Client().get(f"/api/v1/members/{minh}/stamps", **headers)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    before = stamps()
    assert before["coffee"] == {
        "name": "Coffee card", "count": 1, "of": 3, "missing": 2, "reward": "latte", "filled": 0,
    }, "the head start stands there before the first stamp"  # fmt: skip
    assert (before["once"]["name"], before["once"]["count"]) == ("once", 0)
    for _ in range(3):
        told = {
            "id": f"s-{chance.new_id()}", "type": "purchase", "occurred_at": clock.now().isoformat(),
            "member": {"id": str(minh)}, "data": {"amount": 20_000},
        }  # fmt: skip
        with context.within(shop):
            assert sell.record(shop, told, now=clock.now()).refusal is None
    after = stamps()
    assert (after["coffee"]["count"], after["coffee"]["filled"], after["coffee"]["missing"]) == (1, 1, 2)
    assert (after["once"]["count"], after["once"]["filled"], after["once"]["missing"]) == (2, 1, 0), "not begun again"
    assert Client().get(f"/api/v1/members/{chance.new_id()}/stamps", **headers).status_code == 404
