"""Goals and reports over HTTP: of the version in force or another one, with sentences in the caller's language."""

from typing import Any

import httpx
import pytest

from ganbo.foundation import clock
from ganbo.foundation.tenancy import context, queries
from ganbo.insights.warehouse import exporting

pytestmark = pytest.mark.usefixtures("cafe")


def test_goals_and_the_report_of_the_version_in_force(api: httpx.Client, cafe: Any) -> None:
    from django.conf import settings

    business = queries.by_slug("cafe")
    assert business is not None
    with context.within(business):
        exporting.export(business, settings.WAREHOUSE, at=clock.now())
    told = api.get("/goals").json()
    assert told == {"version": told["version"], "items": []}, "the tests' café has set itself none"
    report = api.get("/goals/report").json()
    assert report["version"] == told["version"] and report["since"] <= report["until"]
    assert {"reward", "given", "used", "cost", "bought_later"} == set(report["rewards"][0])
    for wrong, status in ((999_999, 404), (0, 422), ("x", 422)):
        assert api.get(f"/goals/report?version={wrong}").status_code == status
