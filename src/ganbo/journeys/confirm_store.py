"""Confirm a store that an event named, or make one known before its first sale."""

from django.db import transaction

from ganbo.books.events import operations
from ganbo.foundation import clock
from ganbo.foundation.audit import operations as audit


def confirm(store_id: str, *, name: str, by: str) -> None:
    """From now on the store is ours, under this name."""
    with transaction.atomic():
        operations.confirm_store(store_id, name=name, at=clock.now())
        audit.note(by, "store.confirmed", store_id)
