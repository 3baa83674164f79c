"""Requests made up from the API's own description: no fault of ours, no undocumented answer, books in balance."""

import os
import re
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from ganbo.journeys import verify_books

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
_DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"
_API = schemathesis.openapi.from_dict(orjson.loads(_DESCRIPTION.read_bytes()))


def _test_of(call: Any) -> Any:
    """Its test; the library would give the tests of all calls one name, and of tests with one name workers run one."""

    @_API.include(method=call.method, path=call.path).parametrize()
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @pytest.mark.usefixtures("cafe")
    def any_request_gets_an_answer_of_the_contract(case: Any, server: str, api: httpx.Client) -> None:
        assert case.operation.label == call.label
        response = case.call(base_url=server, headers={"Authorization": api.headers["Authorization"]}, timeout=20)
        case.validate_response(response, checks=[not_a_server_error, status_code_conformance, content_type_conformance])

    return any_request_gets_an_answer_of_the_contract


@pytest.fixture(scope="module", autouse=True)
def filled(django_db_setup: None, django_db_blocker: Any) -> None:
    """The café's warehouse is filled, so that KPIs have numbers to tell."""
    from django.conf import settings as ours

    from ganbo.foundation import clock
    from ganbo.foundation.tenancy import context, queries
    from ganbo.insights.warehouse import exporting

    with django_db_blocker.unblock():
        cafe = queries.by_slug("cafe")
        assert cafe is not None
        with context.within(cafe):
            exporting.export(cafe, ours.WAREHOUSE, at=clock.now())


for _call in (found.ok() for found in _API.get_all_operations()):
    globals()["test_" + re.sub(r"\W+", "_", f"{_call.method} {_call.path}")] = _test_of(_call)


@pytest.mark.usefixtures("cafe", "server")
def test_the_books_are_in_balance_afterwards() -> None:
    assert verify_books.verify().differences == ()
