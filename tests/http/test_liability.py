"""What is owed over HTTP: nothing before the warehouse is filled, then the same as the books, in money with its currency."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from django.conf import settings

from ganbo.foundation import chance, clock
from ganbo.foundation.staff import keys
from ganbo.foundation.tenancy import context
from ganbo.insights.warehouse import exporting
from ganbo.journeys import join
from ganbo.people.members.operations import Person
from tests.cli.test_liability import PROGRAMME
from tests.journeys.test_record_events import record


@pytest.fixture
def business(new_business: Any) -> Any:
    """Lan bought for 360,000 in October 2026."""
    made = new_business(PROGRAMME)
    with context.within(made):
        at = datetime(2026, 10, 5, 5, tzinfo=UTC)
        lan = str(join.join(Person(phone=f"+849{chance.digits(8)}"), at=at).member_id)
        body = {
            "id": "p",
            "type": "purchase",
            "occurred_at": at.isoformat(),
            "member": lan,
            "data": {"amount": 360_000},
        }
        assert record(made, body, now=at)[0].status == "applied"
    return made


def client(server: str, business: Any, *scopes: str) -> httpx.Client:
    _, secret = keys.create(business.id, name="tests", scopes=list(scopes))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    return httpx.Client(base_url=server + "/api/v1", headers=headers, timeout=20)


@pytest.fixture
def analyst(server: str, business: Any) -> Iterator[httpx.Client]:
    with client(server, business, "kpis:read") as made:
        yield made


OCTOBER = {"from": "2026-10", "to": "2026-10"}


def test_before_the_warehouse_and_after(analyst: httpx.Client, business: Any) -> None:
    refused = analyst.get("/liability", params=OCTOBER)
    assert (refused.status_code, refused.json()["code"]) == (409, "warehouse.not_filled")
    with context.within(business):
        exporting.export(business, settings.WAREHOUSE, at=clock.now())
    found = analyst.get("/liability", params=OCTOBER).json()
    assert (found["first"], found["last"], found["by"]) == ("2026-10-01", "2026-10-31", "month")
    points, stamps = found["wallets"]
    assert points["rows"][0]["closing"] == 36
    assert points["rows"][0]["money"]["closing"] == {"amount": 3_240, "currency": "VND"}
    assert (points["worth"]["basis"], stamps["outstanding"]["cost"]) == (
        "face_value",
        {"amount": 3_000, "currency": "VND"},
    )
    assert found["allocation"]["sales"] == {"amount": 360_000, "currency": "VND"}
    assert sum(part["amount"] for part in found["allocation"]["allocated"].values()) == 360_000
    days = analyst.get("/liability", params=OCTOBER | {"by": "day"}).json()["wallets"][0]["rows"]
    assert [day["closing"] for day in days] == [0] * 4 + [36] * 27


@pytest.mark.parametrize(
    ("asked", "field", "why"),
    [
        ({"from": "2026-13"}, "from", "no such month"),
        ({"to": "2999-01"}, "to", "not here yet"),
        ({"from": "2026-10", "to": "2026-09"}, "from", "the first comes first"),
        ({"from": "2025-09", "to": "2026-10", "by": "day"}, "from", "too many days"),
        ({"by": "week"}, "by", "month or day"),
    ],
)
def test_what_is_asked_wrongly_names_its_field(
    analyst: httpx.Client, asked: dict[str, str], field: str, why: str
) -> None:
    refused = analyst.get("/liability", params=asked)
    assert refused.status_code == 422, why
    assert field in refused.json()["errors"][0]["field"], why


def test_it_takes_the_scope(server: str, business: Any) -> None:
    with client(server, business, "members:read") as other:
        assert other.get("/liability").status_code == 403
