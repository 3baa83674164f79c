"""Tí signed in at the till of the café."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ganbo.foundation import chance


@pytest.fixture
def host(cafe: Any) -> None:
    """The test client's host leads to the café."""
    from ganbo.foundation.tenancy import models

    models.Domain.objects.get_or_create(domain="testserver", defaults={"tenant_id": cafe.id, "is_primary": True})


@pytest.fixture
def sign_in(cafe: Any, host: None) -> Callable[..., Client]:
    """A browser of somebody with this role in a business: `sign_in("cashier")`."""

    def make(role: str, *, at: Any = None, name: str = "Tí") -> Client:
        from django.contrib.auth import get_user_model

        from ganbo.foundation.staff import operations

        email = f"{chance.new_id().hex}@example.com"
        operations.ensure(email, name=name, business_id=(at or cafe).id, role=role, password="a long pass phrase")
        client = Client(HTTP_ACCEPT_LANGUAGE="vi")
        client.force_login(get_user_model().objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def cashier_client(sign_in: Callable[..., Client]) -> Client:
    return sign_in("cashier")
