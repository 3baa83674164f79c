"""Sales without a network in the console: each a sentence, for owners and managers, until it was seen."""

from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from ganbo.features.offline import operations, queries
from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations as staff
from ganbo.foundation.tenancy import context

PROGRAMME = """\
ganbo: 1
programme: console-offline
name: Gắn Bó
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: điểm}}
rewards: [{id: cake, name: {vi: Bánh, en: Cake}, kind: free_item, sku: cake, price: {wallet: points, amount: 100}}]
"""
Window = Callable[[str], Client]
_made: list[Any] = []


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    """One business for the whole module."""
    if not _made:
        _made.append(new_business(PROGRAMME))
    with context.within(_made[0]):
        yield _made[0]


@pytest.fixture
def console_window(shop: Any) -> Window:
    """A browser of somebody with this role."""

    def signed_in(role: str) -> Client:
        from django.contrib.auth import get_user_model

        email = f"{role}-{shop.slug}@example.com"
        users = get_user_model()
        if not users.objects.filter(email=email).exists():
            staff.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
        found = Client(headers={"accept-language": "vi"}, SERVER_NAME="127.0.0.1")
        found.force_login(users.objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return found

    return signed_in


def at(path: str) -> str:
    return f"/b/{_made[0].slug}/console/{path}"


def noted(kind: str, code: str, **params: Any) -> UUID:
    id, now = chance.new_id(), clock.now()
    with transaction.atomic():
        operations.note(
            id, kind=kind, why=(code, params), member_id=None, where=("hoan-kiem", "staff:0"), happened_at=now, at=now
        )
    return id


@pytest.mark.parametrize(
    ("kind", "code", "params", "said"),
    [
        ("sale", "events.order_already_recorded", {"amount": 110_000, "order_id": "000123"}, ["110.000", "000123", "không tính hai lần"]),
        ("sale", "offline.without_member", {"amount": 55_000, "order_id": "9"}, ["không có thành viên"]),
        ("sale", "offline.bad_paper", {}, ["Một lần bán", "không do mình ký"]),
        ("sale", "fields.refused", {"amount": 1, "order_id": "1"}, ["Hãy ghi lại theo hóa đơn"]),
        ("gift", "offline.owed", {"reward": "cake", "wallet": "points", "missing": 60}, ["60 ", "trừ vào lần tích sau"]),
        ("gift", "ledger.insufficient", {"reward": "cake", "needed": 100, "available": 40, "asset": "points"}, ["60 ", "quán chịu"]),
        ("gift", "offline.no_lease", {"reward": "cake"}, ["quán chịu"]),
        ("gift", "rewards.locked", {"reward": "cake"}, ["quán chịu"]),
    ],
)  # fmt: skip
def test_what_the_manager_reads(
    console_window: Window, kind: str, code: str, params: dict[str, Any], said: list[str]
) -> None:
    window, id = console_window("manager"), noted(kind, code, **params)
    page = unescape(window.get(at("offline/")).content.decode())
    row = page[: page.index(str(id))].rpartition("<tr>")[2]
    for words in said:
        assert words in row.replace("\u00a0", " "), row
    assert window.post(at(f"offline/{id}/seen")).status_code == 302
    assert id not in [one.id for one in queries.conflicts(seen=False, most=100)]
    assert id in [one.id for one in queries.conflicts(seen=True, most=100)]


def test_only_owners_and_managers_read_it(console_window: Window) -> None:
    noted("sale", "offline.unreadable")
    for role in ("cashier", "marketer", "care"):
        assert console_window(role).get(at("offline/")).status_code == 403
    manager = console_window("manager")
    assert "console/offline/" in manager.get(at("rewards/")).content.decode()
