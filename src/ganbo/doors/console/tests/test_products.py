"""Products and price lists: looked through before anything is written, then read, searched and sold by their SKU alone."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ganbo.books.events import reading
from ganbo.features.products import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import import_products, join, record_all
from ganbo.journeys.record_events import Asked
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: console-products
name: Siêu thị
currency: VND
timezone: Asia/Ho_Chi_Minh
products: {source: file}
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: fresh, on: purchase, lines: 'line.category == "fresh"', give: {wallet: points, amount: 1, per: 1000, of: net}}
"""
FILE = "mã,tên,nhóm,nhãn,giá,giá vốn,giá:members,ncc\nfish,Cá,fresh,own,50.000,40.000,45.000,A\ntea,Trà,dry,,9000,,,B\n"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return {}


@pytest.fixture
def shop(made: dict[str, Any], new_business: Callable[[str], Any]) -> Iterator[Any]:
    if not made:
        made["business"] = new_business(PROGRAMME)
    with context.within(made["business"]):
        yield made["business"]


@pytest.fixture
def visit(shop: Any) -> Callable[[str], Client]:
    def sign_in(role: str) -> Client:
        from django.contrib.auth import get_user_model

        email = f"{role}-{shop.slug}@example.com"
        operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
        client = Client(headers={"accept-language": "vi"}, SERVER_NAME="127.0.0.1")
        client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def at(shop: Any, path: str = "") -> str:
    return f"/b/{shop.slug}/console/products/{path}"


def test_looked_through_then_kept_then_read(shop: Any, visit: Callable[[str], Client]) -> None:
    owner = visit("owner")
    sent = SimpleUploadedFile("p.csv", FILE.encode("utf-8-sig"))
    looked = owner.post(at(shop, "import"), {"do": "look", "file": sent}).content.decode()
    assert "Ghi 2 mặt hàng" in looked
    assert "Cột không dùng đến: ncc." in looked
    assert queries.count() == 0, "looking writes nothing"
    kept = owner.post(at(shop, "import"), {"do": "write", "text": FILE}, follow=True).content.decode()
    for words in ("Đã ghi 2 mặt hàng.", "Cá", "45.000 ₫", "20 %", "Bảng giá “members”"):
        assert words in kept
    again = owner.post(at(shop, "import"), {"do": "look", "text": FILE}).content.decode()
    assert "Trong tệp không có gì mới." in again
    found = owner.get(at(shop, "?q=fresh")).content.decode()
    assert ("Cá" in found, "Trà" in found) == (True, False)


def test_a_wrong_file_changes_nothing_and_says_which_line(shop: Any, visit: Callable[[str], Client]) -> None:
    page = visit("manager").post(at(shop, "import"), {"do": "write", "text": "sku,price\nfig,lots\n"})
    assert "Dòng 2: “lots” không phải số tiền" in page.content.decode()
    assert "fig" not in queries.by_sku(["fig"])


@pytest.mark.parametrize(("role", "status"), [("marketer", 403), ("cashier", 403), ("manager", 200)])
def test_who_may_import(shop: Any, visit: Callable[[str], Client], role: str, status: int) -> None:
    assert visit(role).get(at(shop, "import")).status_code == status


def test_a_bill_that_names_only_skus_earns_by_what_the_list_knows(shop: Any) -> None:
    """The sale keeps the category of its day; told again, it is the same sale, although the list adds to it."""
    now = clock.now()
    import_products.bring_in(import_products.look(FILE, now=now), by="tests", now=now)
    member = join.join(Person(phone=f"+849{chance.digits(8)}"), at=now).member_id
    lines = [{"sku": "fish", "quantity": 1, "unit_price": 50_000}, {"sku": "tea", "quantity": 1, "unit_price": 9_000}]
    body = {
        "id": f"p:{chance.token()}",
        "type": "purchase",
        "occurred_at": now.isoformat(),
        "member": str(member),
        "data": {"order_id": "o-1", "lines": lines},
    }
    with closing(Pipeline.open(**connection_parameters())) as pipe:
        told = [record_all.record(pipe, Asked(shop, now), [reading.read(body, region="VN")])[0] for _ in "12"]
        undo = {"id": f"r:{body['id']}", "type": "refund", "occurred_at": now.isoformat()}
        undo["data"] = {"order_id": "o-1", "lines": [0]}
        back = record_all.record(pipe, Asked(shop, now), [reading.read(undo, region="VN")])[0]
    assert back.status == "applied", back
    assert [one.status for one in told] == ["applied", "replayed"], told
    assert [e["amount"] for e in orjson.loads(told[0].answer or "")["effects"] if e["kind"] == "wallet"] == [50]
    assert [e["amount"] for e in orjson.loads(back.answer or "")["effects"] if e["kind"] == "wallet"] == [-50]
