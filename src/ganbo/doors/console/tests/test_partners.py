"""The page of partners: both sides read the same month, who is owed settles it, and nobody else's month is there."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, partner_bills, publish_programme
from ganbo.journeys.partner_bills import Told
from ganbo.people.members.operations import Person

SHOP = """\
ganbo: 1
programme: {name}
name: {name}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {{name: {{vi: điểm, en: points}}, face_value: 100}}
"""
PAST = datetime(2020, 11, 20, tzinfo=UTC)


def visit(shop: Any, path: str = "", role: str = "owner", post: bool = False) -> Any:
    email = f"{role}-{shop.slug}@example.com"
    operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
    client = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    address = f"/b/{shop.slug}/console/partners/{path}"
    return client.post(address, follow=True) if post else client.get(address)


def test_both_sides_agree_read_the_same_month_and_settle_it_once(new_business: Callable[..., Any]) -> None:
    books = new_business(SHOP.format(name="books"))
    offer = "earns: {per: 20000, amount: 1, pays_us: 110}, accepts: [points, gift_card], we_pay: 95"
    says = f"partners:\n  - {{id: bookshop, business: {books.slug}, {offer}}}\n"
    cafe = new_business(SHOP.format(name="cafe") + says)
    with context.within(cafe):
        join.join(Person(phone=f"+849{chance.digits(8)}", card="CARD-1", name="Lan"), at=clock.now())
    assert "does not name this business" in visit(cafe).content.decode()
    with context.within(books):
        says = f"partners:\n  - {{id: coffee, name: Gắn Bó, business: {cafe.slug}}}\n"
        publish_programme.publish(SHOP.format(name="books") + says, by="tests")
    page = visit(books).content.decode()
    assert "For each point earned here we pay 110 ₫." in page and "Agree to their terms" in page
    assert "Agree to their terms" not in visit(books, role="analyst").content.decode()
    assert "Agreed." in visit(books, "coffee/agree", post=True).content.decode()
    with context.within(cafe):
        partner_bills.sell("bookshop", Told("=1+1-r", 100_000, "CARD-1"), by="tests", now=PAST)
    page = visit(cafe).content.decode()
    assert "They pay us 550 ₫." in page and "11/2020" in page
    mine, yours = (visit(s, f"{p}/2020-11").content.decode() for s, p in ((cafe, "bookshop"), (books, "coffee")))
    assert "Our points earned there" in mine and "+550 ₫" in mine and "Yes, settle it" in mine
    assert "Their points earned here" in yours and "−550 ₫" in yours
    assert "the partner says when it arrived" in yours and "Yes, settle it" not in yours
    assert "Lan" not in yours and "CARD-1" not in yours
    rows = [
        b"".join(visit(s, f"{p}/2020-11/csv").streaming_content).decode("utf-8-sig").splitlines()
        for s, p in ((cafe, "bookshop"), (books, "coffee"))
    ]
    assert rows[0][2].split(",")[0] == rows[1][2].split(",")[0], "the same id"
    assert (rows[0][2].split(",")[6], rows[1][2].split(",")[6]) == ("550", "-550")
    assert "cannot be settled now" in visit(books, "coffee/2020-11/settle", post=True).content.decode()
    assert visit(cafe, "bookshop/2020-11/settle", role="analyst", post=True).status_code == 403
    assert "nothing is open up to 11/2020" in visit(cafe, "bookshop/2020-11/settle", post=True).content.decode()
    assert "settled" in visit(books, "coffee/2020-11").content.decode()
    for path in ("bookshop/2019-01", "nobody/2020-11", "bookshop/x"):
        assert visit(cafe, path).status_code == 404, path


@pytest.mark.parametrize(("role", "status"), [("cashier", 403), ("auditor", 200)])
def test_who_sees_it(new_business: Callable[..., Any], cafe: Any, role: str, status: int) -> None:
    assert visit(cafe, role=role).status_code == status
