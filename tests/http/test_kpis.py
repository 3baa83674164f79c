"""KPIs over HTTP: the numbers with their formula, the members behind them, for the key's business alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings

from ganbo.foundation import clock
from ganbo.foundation.staff import keys
from ganbo.foundation.tenancy import context
from ganbo.insights.warehouse import exporting
from ganbo.journeys import join
from ganbo.people.members.operations import Person
from tests.insights.test_kpis import PROGRAMME
from tests.journeys.test_record_events import MONDAY, record


@contextmanager
def client(server: str, business: Any, *scopes: str) -> Iterator[httpx.Client]:
    _, secret = keys.create(business.id, name="tests", scopes=list(scopes or keys.SCOPES))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with httpx.Client(base_url=server + "/api/v1", headers=headers, timeout=20) as found:
        yield found


@pytest.fixture
def shop(new_business: Callable[..., Any]) -> Any:
    """Three people bought in October and one of them in November again; one receipt is nobody's."""
    business = new_business(PROGRAMME)
    with context.within(business):
        joined = [
            str(join.join(Person(phone=f"+8493{n:07d}"), at=MONDAY - timedelta(days=40), channel="web").member_id)
            for n in range(3)
        ]
        sales = [(who, 30, 30_000) for who in joined] + [
            (joined[0], 1, 50_000),
            (joined[0], 2, 30_000),
            (None, 30, 10_000),
        ]
        for n, (member, ago, amount) in enumerate(sales):
            body = {"id": f"s:{n}", "type": "purchase", "occurred_at": (MONDAY - timedelta(days=ago)).isoformat()}
            body |= {"member": member, "store": "hk", "data": {"amount": amount}}
            assert record(business, body, now=MONDAY, backfill=True)[0].status == "applied"
        exporting.export(business, settings.WAREHOUSE, at=clock.now())
    return business


def test_numbers_come_with_formula_numerator_and_denominator(server: str, shop: Any) -> None:
    with client(server, shop) as api:
        told = api.get("/kpis", params={"from": "2026-10", "to": "2026-11"}).json()
    assert (told["from"], told["to"], told["by"]) == ("2026-10", "2026-11", "month")
    items = {item["name"]: item for item in told["items"]}
    crr = items["crr"]
    assert (crr["title"], crr["unit"]) == ("Retention rate", "share")
    assert crr["formula"] == "of them, those who bought again this month ÷ members who bought in the month before"
    november = {name: item["rows"][-1] for name, item in items.items() if item["rows"]}
    assert (november["crr"]["numerator"], november["crr"]["denominator"]) == (1, 3)
    assert november["crr"]["value"] == pytest.approx(1 / 3)
    assert november["aov"]["value"] == {"amount": 40_000, "currency": "VND"}
    assert november["aov"]["numerator"] == {"amount": 80_000, "currency": "VND"}
    assert (november["active_members"]["value"], november["active_members"]["denominator"]) == (1, None)
    assert november["nps"]["value"] is None, "not measured"


def test_the_members_behind_a_number_are_that_number(server: str, shop: Any) -> None:
    with client(server, shop) as api:
        found, cursor = [], None
        while True:
            asked = {"month": "2026-10", "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = api.get("/kpis/receipts_with_member/members", params=asked).json()
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(found) == 4 and found[0] == {"member_id": None, "numerator": 0, "denominator": 1}
        assert (sum(x["numerator"] for x in found), sum(x["denominator"] for x in found)) == (3, 4)
        first = api.get("/kpis/receipts_with_member/members", params={"month": "2026-10", "limit": 1}).json()
        assert first["next"] == "nobody"
        at_store = {"month": "2026-11", "by": "store", "key": "hk"}
        assert len(api.get("/kpis/active_members/members", params=at_store).json()["items"]) == 1


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("/kpis", {"by": "campaign"}, 422, "fields.refused"),
        ("/kpis", {"by": "weekday"}, 422, "fields.refused"),
        ("/kpis", {"from": "2026-13"}, 422, "fields.refused"),
        ("/kpis", {"from": "2026-11", "to": "2026-10"}, 422, "fields.refused"),
        ("/kpis", {"from": "2000-01", "to": "2026-10"}, 422, "fields.refused"),
        ("/kpis", {"names": "crr,luck"}, 404, "kpis.unknown"),
        ("/kpis", {"names": "liability", "by": "tier"}, 422, "kpis.not_by"),
        ("/kpis/luck/members", {"month": "2026-10"}, 404, "kpis.unknown"),
        ("/kpis/crr/members", {}, 422, "fields.refused"),
        ("/kpis/crr/members", {"month": "2026-10", "by": "source"}, 422, "kpis.not_by"),
    ],
)
def test_what_cannot_be_told_is_refused_by_name(
    server: str, cafe: Any, path: str, params: dict[str, str], status: int, code: str
) -> None:
    exporting.export(cafe, settings.WAREHOUSE, at=clock.now())
    with client(server, cafe) as api:
        refused = api.get(path, params=params)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_before_the_first_night_there_are_no_figures(server: str, new_business: Callable[..., Any]) -> None:
    with client(server, new_business(PROGRAMME)) as api:
        refused = api.get("/kpis")
    assert (refused.status_code, refused.json()["code"]) == (409, "warehouse.not_filled")


def test_a_key_needs_its_scopes_and_sees_its_own_business_alone(server: str, shop: Any, cafe: Any) -> None:
    exporting.export(cafe, settings.WAREHOUSE, at=clock.now())
    with client(server, shop, "events:write", "members:read") as api:
        assert api.get("/kpis").status_code == 403
        assert api.get("/kpis/crr/members", params={"month": "2026-11"}).status_code == 403
    with client(server, shop, "kpis:read") as api:
        assert api.get("/kpis").status_code == 200
        assert api.get("/kpis/crr/members", params={"month": "2026-11"}).status_code == 403, (
            "who they are is members:read"
        )
    with client(server, cafe) as other, client(server, shop) as api:
        asked = {"month": "2026-10"}
        theirs = {x["member_id"] for x in api.get("/kpis/active_members/members", params=asked).json()["items"]}
        assert len(theirs) == 3
        seen = other.get("/kpis/active_members/members", params=asked | {"limit": 200}).json()["items"]
        assert not theirs & {x["member_id"] for x in seen}
