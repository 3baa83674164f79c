"""Begin a transaction in a journey; demand one everywhere else."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")


class NoTransaction(RuntimeError):
    """An operation was called outside a transaction: begin one in a journey."""


def needs_transaction(operation: Callable[P, R]) -> Callable[P, R]:
    """Refuse to run `operation` unless a journey has begun a transaction."""

    @wraps(operation)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise NoTransaction(f"{operation.__module__}.{operation.__name__} needs a running transaction")
        return operation(*args, **kwargs)

    return guarded
