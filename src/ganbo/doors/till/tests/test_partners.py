"""A partner's card at the till: recognised, earns and pays there, undone and returned with it; nobody learns whose it is."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client

from ganbo.features.partners import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import holdings, join, publish_programme, settle_partner, verify_books
from ganbo.people.members.operations import Person

SHOP = """\
ganbo: 1
programme: {name}
name: {name}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {{name: {{vi: điểm, en: points}}, face_value: 100}}
earn:
  - {{id: welcome, on: signup, give: {{wallet: points, amount: 300}}}}
partners:
  - {{id: other, business: {other}, {more}}}
"""
MORE = "earns: {per: 20000, amount: 1, pays_us: 110}, accepts: [points, gift_card], we_pay: 95"


def signed_in(shop: Any) -> Client:
    email = f"cashier-{shop.slug}@example.com"
    operations.ensure(email, name="Tí", business_id=shop.id, role="cashier", password="mot-mat-khau-dai")
    client = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    return client


def points(business: Any, member: UUID) -> int:
    with context.within(business):
        return holdings.balances(member, ["points"], at=clock.now())["points"].available


def test_a_partners_card_earns_pays_and_is_undone_with_the_sale(new_business: Callable[..., Any]) -> None:
    books = new_business(SHOP.format(name="books", other="nobody-yet", more="accepts: [gift_card]"))
    cafe = new_business(SHOP.format(name="cafe", other=books.slug, more=MORE))
    with context.within(books):
        says = SHOP.format(name="books", other=cafe.slug, more="accepts: [gift_card]")
        publish_programme.publish(says, by="tests")
        settle_partner.agree("other", by="tests", now=clock.now())
    with context.within(cafe):
        card = f"C{chance.digits(9)}"
        lan = join.join(Person(phone=f"+849{chance.digits(8)}", card=card, name="Lan"), at=clock.now()).member_id
    till, at = signed_in(books), f"/b/{books.slug}/till/"
    page = till.get(f"{at}?q={card}").content.decode()
    assert "A card of Test" in page and "300" in page and "≈" in page and "Lan" not in page
    form = {"sale": str(chance.new_id()), "their_card": card, "amount": "100.000", "use": "points", "order_id": "R7"}
    answers = [till.post(f"{at}partner/sell/", form, follow=True) for _ in range(2)]
    done = answers[1].content.decode()
    assert "Points earned: 5." in done and "Points used: 300." in done and "70,000" in done, done
    assert points(cafe, lan) == 5
    with context.within(books):
        assert queries.balance("other") == 300 * 95 - 5 * 110
    shift = till.get(f"{at}shift/").content.decode()
    assert "Paid by partners’ points and cards" in shift and "30,000" in shift
    undone = till.post(f"{at}undo/", {"event": f"till:{form['sale']}"}, follow=True)
    assert undone.status_code == 200
    assert points(cafe, lan) == 300
    # another one, of which a part comes back
    second = {**form, "sale": str(chance.new_id()), "order_id": "R8"}
    till.post(f"{at}partner/sell/", second)
    assert points(cafe, lan) == 5
    back = {"key": str(chance.new_id()), "what": "amount", "amount": "40.000"}
    page = till.get(f"{at}return/till:{second['sale']}/").content.decode()
    assert "R8" in page
    back |= dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = till.post(f"{at}return/till:{second['sale']}/record/", back, follow=True)
    assert points(cafe, lan) == 5 - 2 + 120, answer.content.decode()
    for business in (cafe, books):
        with context.within(business):
            assert verify_books.verify().differences == ()
    short = till.post(f"{at}partner/sell/", {**form, "sale": str(chance.new_id()), "amount": ""}, follow=True)
    assert short.status_code == 422 and "A card of Test" in short.content.decode()
    assert till.get(f"{at}?q=C000000000").content.decode().count("A card of") == 0
