"""Fixtures every room's tests may use: businesses on a real PostgreSQL, the cast, a real server."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

CAFE = Path(__file__).parent / "tests" / "cafe_programme.yaml"  # fixed: tests count by its figures

SHARE = int(os.environ.get("PROPERTIES_SHARE", "5"))  # of long properties a fifth each time; `make properties`: all
settings.register_profile("ganbo", deadline=None, max_examples=500 // SHARE)  # a slow machine is no failure
settings.load_profile("ganbo")


def pytest_configure() -> None:
    """A sign-in costs a second by design; tests sign in by the hundred and guard nothing."""
    from django.conf import settings as django

    django.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *django.PASSWORD_HASHERS]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Tables of the public schema and of two businesses; made once a process, by the owner role."""
    from django.db import connection

    from ganbo.foundation.tenancy import context, operations
    from ganbo.journeys import publish_programme
    from tests import copying

    options = connection.settings_dict["OPTIONS"]
    with django_db_blocker.unblock():
        role = options.pop("options")
        connection.close()
        operations.migrate_all()
        for name, slug in (("Cà phê Gắn Bó", "cafe"), ("Fumi Tea", "fumi")):
            business = operations.create(name, slug=slug)
            if slug == "cafe":
                operations.migrate = copying.of(business.schema)  # type: ignore[assignment]
            with context.within(business):
                publish_programme.publish(CAFE.read_text(encoding="utf-8"), by="tests")
        connection.close()
        options["options"] = role
    yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database, with real commits: tests make their own members and never count on an empty table."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def cafe(database: None) -> Iterator[Any]:
    """Cà phê Gắn Bó, with the programme of tests/cafe_programme.yaml; the test runs in its schema."""
    from ganbo.foundation.tenancy import context, queries

    business = queries.by_slug("cafe")
    assert business is not None
    with context.within(business):
        yield business


@pytest.fixture
def business(cafe: Any) -> Any:
    """Another name for the café."""
    return cafe


@pytest.fixture
def fumi(database: None) -> Any:
    """Another business; nothing of it may be seen from the café, nor the other way round."""
    from ganbo.foundation.tenancy import queries

    return queries.by_slug("fumi")


@pytest.fixture
def new_business(database: None) -> Callable[..., Any]:
    """Make a business with a programme of its own: `new_business(source)`; more is for publishing; None: without one."""
    from django.db import connection

    from ganbo.foundation import chance
    from ganbo.foundation.tenancy import context, operations
    from ganbo.journeys import publish_programme

    def make(source: str | None, **how: Any) -> Any:
        options = connection.settings_dict["OPTIONS"]
        role = options.pop("options")
        connection.close()
        try:
            made = operations.create("Test", slug=f"t{chance.new_id().hex[-10:]}")
        finally:
            connection.close()
            options["options"] = role
        if source is not None:
            with context.within(made):
                publish_programme.publish(source, by="tests", **how)
        return made

    return make


@pytest.fixture
def enrol(cafe: Any) -> Callable[..., Any]:
    """Enrol somebody with a fresh phone: `enrol(name="Lan", tier="gold")` → MemberRow."""
    from ganbo.foundation import chance, clock
    from ganbo.journeys import join
    from ganbo.people.members import queries
    from ganbo.people.members.operations import Person

    def make(name: str = "Minh", *, tier: str = "bronze", **fields: Any) -> Any:
        person = Person(**({"phone": f"+849{chance.digits(8)}", "name": name} | fields))
        joined = join.join(person, at=clock.now(), tier=tier)
        return queries.get(joined.member_id)

    return make
