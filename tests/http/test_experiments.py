"""Experiments over HTTP: sized, planned, told and stopped; wrong fields named; nothing decided before the end."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context, queries
from ganbo.insights.warehouse import exporting
from ganbo.journeys import experiments

SHOP = ZoneInfo("Asia/Ho_Chi_Minh")  # its day is not the one of UTC for seven hours in twenty-four

pytestmark = pytest.mark.usefixtures("cafe")


def asked(**how: Any) -> dict[str, Any]:
    today = clock.now().astimezone(SHOP).date() + timedelta(days=1)
    return {
        "slug": f"x{chance.digits(12)}",
        "name": "Tin nhắn mời quay lại",
        "question": "Gửi tin có làm khách quay lại nhiều hơn không?",
        "metric": "repeat_rate",
        "unit": "member",
        "groups": [{"id": "rest", "share": 0.5}, {"id": "sent", "name": "Có gửi tin", "share": 0.5}],
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=28)).isoformat(),
    } | how


def test_an_experiment_is_planned_once_told_and_stopped(api: httpx.Client, enrol: Any, cafe: Any) -> None:
    member = enrol()
    body = asked()
    made = api.post("/experiments", json=body)
    assert (made.status_code, made.json()["state"], made.json()["result"]) == (201, "planned", None)
    again = api.post("/experiments", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "experiments.exists")
    assert body["slug"] in [one["slug"] for one in api.get("/experiments").json()["items"]]
    from django.conf import settings

    business = queries.by_slug("cafe")
    assert business is not None
    with context.within(business):
        experiments.note_due(business.schema, at=clock.now() + timedelta(days=3))
        exporting.export(business, settings.WAREHOUSE, at=clock.now())
    told = api.get(f"/experiments/{body['slug']}", headers={"Accept-Language": "en"}).json()
    assert told["result"]["verdict"] == "planned" and told["because"][0].startswith("It begins on ")
    (mine,) = [
        one for one in api.get(f"/members/{member.id}/experiments").json()["items"] if one["experiment"] == body["slug"]
    ]
    inside = api.get(f"/experiments/{body['slug']}/groups/{mine['group']}/members?limit=200").json()
    assert str(member.id) in [one["member_id"] for one in inside["items"]]
    assert sum(group["members"] for group in told["groups"]) > 0
    stopped = api.post(f"/experiments/{body['slug']}/stop")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
    assert api.post(f"/experiments/{body['slug']}/stop").json()["code"] == "experiments.over"
    assert api.get("/experiments/nothing").json()["code"] == "experiments.unknown"


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"groups": [{"id": "a", "share": 0.7}, {"id": "b", "share": 0.7}]}, "groups", "add up to 1 at most"),
        ({"groups": [{"id": "a"}, {"id": "b", "share": 0.5}]}, "groups", "add up to 1 at most"),
        ({"groups": [{"id": "a", "share": 2}]}, "groups.0.share", "at most 1"),
        ({"cards": "nothing"}, "cards", "names no stamp cards"),
        ({"starts_on": "2026-02-30"}, "starts_on", "must be a day"),
        ({"ends_on": "2020-01-01"}, "ends_on", "must be 7 to 730 days"),
        ({"least": 0}, "least", "at least 0.001"),
        ({"metric": "luck"}, "metric", "must be one of"),
        ({"unit": "store", "metric": "revenue", "groups": [{"id": "a", "stores": ["moon"]}, {"id": "b"}]}, "groups.0.stores", "moon"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_remedy(
    api: httpx.Client, wrong: dict[str, Any], field: str, says: str
) -> None:
    told = api.post("/experiments", json=asked(**wrong), headers={"Accept-Language": "en"})
    assert told.status_code == 422
    assert [e for e in told.json()["errors"] if e["field"] == field and says in e["message"]], told.json()["errors"]


def test_the_size_says_what_it_goes_by(api: httpx.Client, cafe: Any) -> None:
    from django.conf import settings

    business = queries.by_slug("cafe")
    assert business is not None
    with context.within(business):
        exporting.export(business, settings.WAREHOUSE, at=clock.now())
    card = api.get("/experiments/size?metric=completion_rate&least=0.5").json()
    assert (card["base"], card["needed"]) == (0.19, 312)
    assert api.get("/experiments/size?days=3").status_code == 422
    assert api.get("/experiments/size?least=nan").status_code == 422
