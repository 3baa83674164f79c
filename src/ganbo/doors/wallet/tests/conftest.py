"""Lan and Minh with a browser each, in front of the café's wallet."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ganbo.foundation import chance


@pytest.fixture
def browser(cafe: Any) -> Callable[[], Client]:
    """A browser in a network of its own, so that the limits of other tests do not count."""

    def make() -> Client:
        address = f"2001:{chance.digits(4)}:{chance.digits(4)}::1"
        return Client(HTTP_ACCEPT_LANGUAGE="vi", REMOTE_ADDR=address)

    return make


@pytest.fixture
def digits_sent(cafe: Any) -> Callable[[str], str]:
    """The digits of the newest code sent to a contact, as they stand in its message."""

    def read(contact: str) -> str:
        from ganbo.people.channels.models import Message

        message = Message.objects.filter(kind="sign_in_code", recipient=contact).order_by("created_at").last()
        assert message is not None, contact
        found = re.search(r"\b\d{6}\b", message.body)
        assert found, "the message holds the code"
        return found.group()

    return read


@pytest.fixture
def signed_in(browser: Callable[[], Client], digits_sent: Callable[[str], str]) -> Callable[[str], Client]:
    """A browser that proved this contact: `signed_in(lan.phone)`."""

    def make(contact: str) -> Client:
        client = browser()
        assert client.post("/b/cafe/wallet/sign-in/", {"contact": contact}).status_code == 200
        answer = client.post("/b/cafe/wallet/code/", {"code": digits_sent(contact)})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return make
