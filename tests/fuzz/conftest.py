"""The running server of the API's tests."""

from tests.http.conftest import api, mail, server

__all__ = ["api", "mail", "server"]
