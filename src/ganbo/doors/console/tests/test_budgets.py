"""The page of the budget: what each line says, who sees it, and that what runs out stands on the first page."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.test import Client

from ganbo.books.events import reading
from ganbo.foundation import chance, clock
from ganbo.foundation.pipelines import Pipeline, connection_parameters
from ganbo.foundation.staff import operations
from ganbo.foundation.tenancy import context
from ganbo.journeys import join, record_events
from ganbo.journeys.record_events import Asked
from ganbo.people.channels import models
from ganbo.people.members.operations import Person

PROGRAMME = """\
ganbo: 1
programme: console-budgets
name: Ngân sách
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets:
  points: {name: {vi: điểm, en: points}}
earn:
  - {id: thanks, on: purchase, give: {voucher: cake}}
rewards:
  - {id: cake, kind: free_item, sku: cake, cost: 9000, budget: gifts}
budget: {total: 50000, lines: {gifts: {planned: 10000, stop: hard}, media: {planned: 40000}}, message_cost: {sms: 800, email: 20}}
"""


@pytest.fixture
def shop(new_business: Callable[[str], Any]) -> Iterator[Any]:
    business = new_business(PROGRAMME)
    with context.within(business), closing(Pipeline.open(**connection_parameters())) as pipe:
        member = join.join(Person(phone=f"+849{chance.digits(8)}"), at=clock.now()).member_id
        body = {
            "id": "c:1",
            "type": "purchase",
            "occurred_at": clock.now().isoformat(),
            "member": str(member),
            "data": {"amount": 1000},
        }
        for n in range(3):
            models.Message.objects.create(
                id=chance.new_id(), cause=f"m:{n}", kind="receipt", channel="email", recipient="x", body="", state="sent",
                next_try_at=clock.now(), created_at=clock.now(), sent_at=clock.now(),
            )  # fmt: skip
        record_events.record(pipe, Asked(business, clock.now()), [reading.read(body, region="VN")])
        yield business


def page(shop: Any, role: str, path: str) -> Any:
    from django.contrib.auth import get_user_model

    email = f"{role}-{shop.slug}@example.com"
    operations.ensure(email, name=role, business_id=shop.id, role=role, password="mot-mat-khau-dai")
    client = Client(headers={"accept-language": "en"}, SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    return client.get(f"/b/{shop.slug}/console/{path}")


@pytest.mark.parametrize("role", ["owner", "manager", "marketer", "analyst", "auditor"])
def test_who_plans_or_looks_at_the_programme_sees_the_budget(shop: Any, role: str) -> None:
    answer = page(shop, role, "budgets/")
    assert answer.status_code == 200
    for words in (
        "9,000 ₫ of 50,000 ₫",
        "hard stop",
        "soft stop",
        "90 %",
        'max="10000"',
        "3 sent, 20 ₫ each",
        ">60 ₫<",
        "0 sent",
    ):
        assert words in answer.content.decode(), words
    assert "style=" not in answer.content.decode()


@pytest.mark.parametrize("role", ["cashier", "care"])
def test_others_do_not(shop: Any, role: str) -> None:
    assert page(shop, role, "budgets/").status_code == 403
    assert "Budget “gifts”" not in page(shop, role, "").content.decode()


def test_a_line_that_runs_out_stands_on_the_first_page(shop: Any) -> None:
    assert "Budget “gifts”: 90 % taken." in page(shop, "owner", "").content.decode()
