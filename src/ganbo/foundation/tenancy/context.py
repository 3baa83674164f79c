"""Which business the running code works for: always set for a block, always reset after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from ganbo.foundation.tenancy.queries import BusinessRow

_current: ContextVar[BusinessRow | None] = ContextVar("ganbo_business", default=None)


class NoBusiness(RuntimeError):
    """Code that needs a business ran without one: wrap it in tenancy.context.within(business)."""


@contextmanager
def within(business: BusinessRow) -> Iterator[BusinessRow]:
    """Work in `business`'s schema inside the block; what was set before comes back after it."""
    before = connection.schema_name
    token = _current.set(business)
    connection.set_schema(business.schema)
    try:
        yield business
    finally:
        _current.reset(token)
        connection.set_schema(before)


def current() -> BusinessRow:
    """The business of the running block."""
    found = _current.get()
    if found is None:
        raise NoBusiness("no business is set here")
    return found


def current_or_none() -> BusinessRow | None:
    return _current.get()
