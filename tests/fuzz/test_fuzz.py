"""Requests made up from the API's own description: no fault of ours, no undocumented answer, books in balance."""

import os
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
api_description = schemathesis.openapi.from_dict(orjson.loads(_DESCRIPTION.read_bytes()))


@api_description.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@pytest.mark.usefixtures("cafe")
def test_any_request_gets_an_answer_of_the_contract(case: Any, server: str, api: httpx.Client) -> None:
    response = case.call(base_url=server, headers={"Authorization": api.headers["Authorization"]}, timeout=20)
    case.validate_response(response, checks=[not_a_server_error, status_code_conformance, content_type_conformance])


@pytest.mark.usefixtures("cafe", "server")
def test_the_books_are_in_balance_afterwards() -> None:
    assert verify_books.verify().differences == ()
