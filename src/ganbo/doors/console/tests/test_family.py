"""Households on a member's page in the console: written down by those who may, and seen by the others."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from ganbo.features.households import queries
from ganbo.foundation import chance, clock
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import join
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: family-in-the-console
name: Cả nhà
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: welcome, on: signup, give: {wallet: points, amount: 100}}
accounts: {pool: household, wallets: [points]}
"""


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business):
        yield business


@pytest.fixture
def page(shop: Any) -> Callable[..., str]:
    """`page("manager", lan)`: the member's page as words; with more, after that was posted."""
    from django.contrib.auth import get_user_model

    def show(who: str, member: Any, /, **posted: Any) -> str:
        email = f"{who}-{shop.slug}@example.com"
        operations.ensure(email, name=who, business_id=shop.id, role=who, password="mot-mat-khau-dai")
        client = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
        client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        at = f"/b/{shop.slug}/console/members/{member}"
        if posted:
            answer = client.post(f"{at}/household", posted)
            if answer.status_code != 302:
                return str(answer.status_code)
        return " ".join(re.sub(r"<[^>]+>", " ", unescape(client.get(at).content.decode())).split())

    return show


def test_staff_write_down_what_people_say(shop: Any, page: Callable[..., str]) -> None:
    phones = [f"+849{chance.digits(8)}" for _ in range(2)]
    lan, minh = (
        join.join(Person(phone=phone, name=name), at=clock.now()).member_id
        for phone, name in zip(phones, ("Lan", "Minh"), strict=True)
    )
    assert "In no household" in page("manager", lan)
    assert "Found a household" not in page("cashier", lan) and page("cashier", lan, do="found") == "403"
    assert "Lan owner 100 points of their own" in page("manager", lan, do="found")
    assert "Minh is invited" in page("care", lan, do="invite", who=phones[1], role="child")
    home = queries.of_member(lan, at=clock.now())
    assert home is not None
    assert "Lan invites them as child" in page("manager", minh)
    said = page("manager", minh, do="accept", household=home.id)
    assert "they joined" in said and "Together: 200 points" in said and "Household: 200 points" in said
    assert "Make somebody else the owner first" in page("manager", lan, do="leave", household=home.id, person=lan)
    assert "They left" in page("manager", lan, do="leave", household=home.id, person=minh)
    assert page("manager", lan, do="accept", household="x") == "404"
    assert "nothing was changed" in page("manager", lan, do="invite", who="nobody of this name")
