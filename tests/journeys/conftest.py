"""One business for all tests of a module, of the module's own PROGRAMME; and a member in it."""

from collections.abc import Iterator
from typing import Any

import pytest

from ganbo.foundation import chance, clock
from ganbo.foundation.tenancy import context
from ganbo.journeys import join
from ganbo.people.members.operations import Person


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What a module has made."""
    return {}


@pytest.fixture
def shop(request: pytest.FixtureRequest, new_business: Any, made: dict[str, Any]) -> Iterator[Any]:
    """The module's business; the test runs in its schema."""
    if not made:
        made["shop"] = new_business(request.module.PROGRAMME)
    with context.within(made["shop"]):
        yield made["shop"]


@pytest.fixture
def lan(shop: Any) -> str:
    """Somebody new, by id."""
    return str(join.join(Person(phone=f"+849{chance.digits(8)}", locale="en"), at=clock.now()).member_id)
