"""A real server for the tests of the API: web processes, the bulk process, the worker and a mail receiver."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest


@pytest.fixture(scope="session")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real SMTP server; `mail.folder` holds what it took, `mail.port` where it listens."""
    from ganbo.doors.cli.demo_mail import MailReceiver

    folder = Path(tempfile.mkdtemp(prefix="ganbo-mail-"))
    receiver = MailReceiver(folder)

    class Mail:
        pass

    found = Mail()
    found.folder, found.port = folder, receiver.start()  # type: ignore[attr-defined]
    yield found
    receiver.stop()


@pytest.fixture(scope="session")
def server(django_db_setup: None, mail: Any) -> Iterator[str]:
    """The address of a running installation on the test's database."""
    from django.db import connection

    from ganbo.doors.cli import processes, serve

    parts = connection.settings_dict
    before = dict(os.environ)
    os.environ["GANBO_DATABASE_URL"] = os.environ["GANBO_DATABASE_URL"]
    os.environ["GANBO_EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
    os.environ["GANBO_ROLE"] = "app"
    assert parts["NAME"] in os.environ["GANBO_DATABASE_URL"]
    with processes.listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    tree = processes.Tree()
    serve.start(tree, "127.0.0.1", port, 2)
    try:
        serve.wait_until_it_answers(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        tree.stop()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def api(server: str, cafe: Any) -> Iterator[httpx.Client]:
    """A client with a key of the café that may do everything."""
    yield from client(server, cafe)


@pytest.fixture
def fumi_api(server: str, fumi: Any) -> Iterator[httpx.Client]:
    """A client with a key of another business."""
    yield from client(server, fumi)


@pytest.fixture
def shop_api(server: str, new_business: Any) -> Iterator[httpx.Client]:
    """A client of a business of its own, whose programme the test may change: one rule, points for ever."""
    yield from client(server, new_business(SHOP))


SHOP = """\
ganbo: 1
programme: small
name: {vi: Nhỏ, en: Small}
currency: VND
timezone: Asia/Ho_Chi_Minh
wallets: {points: {name: {vi: điểm, en: points}}}
earn:
  - {id: base, name: {vi: Mua hàng, en: Buying}, on: purchase, give: {wallet: points, amount: 1, per: 10000, of: net}}
"""


def client(server: str, business: Any) -> Iterator[httpx.Client]:
    """A client with a key of the business that may do everything."""
    from ganbo.foundation.staff import keys

    _, secret = keys.create(business.id, name="tests", scopes=list(keys.SCOPES))
    headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    with httpx.Client(base_url=server + "/api/v1", headers=headers, timeout=20) as opened:
        yield opened
