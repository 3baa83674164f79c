"""A file of products comes into the list: first what would come of it, then chunk by chunk, each item whole.

A chunk is a transaction; broken off and run again, what is kept already is the same and stays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ganbo.features.products import files, operations, queries
from ganbo.features.products.files import Bad
from ganbo.features.products.queries import ProductRow
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.tenancy import context

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an import would do: items that are new, those it changes, how many stay as they are or stand twice."""

    new: list[ProductRow]
    changed: list[ProductRow]
    same: int
    twice: int
    bad: list[Bad]
    unread: list[str]

    @property
    def writes(self) -> list[ProductRow]:
        return [*self.new, *self.changed]


def look(text: str, *, now: datetime) -> Outlook:
    """What the file would do; changes nothing. Prices are in the currency of the programme in force. Raises NoProgramme."""
    found = files.read(text, currency=programmes.in_force_at(context.current().schema, now).programme.currency)
    new: list[ProductRow] = []
    changed: list[ProductRow] = []
    for start in range(0, len(found.rows), CHUNK):
        some = found.rows[start : start + CHUNK]
        kept = queries.by_sku([row.sku for row in some])
        new += [row for row in some if row.sku not in kept]
        changed += [row for row in some if row.sku in kept and kept[row.sku] != row]
    same = len(found.rows) - len(new) - len(changed)
    return Outlook(new, changed, same, found.twice, found.bad, found.unread)


def bring_in(outlook: Outlook, *, by: str, now: datetime, told: Callable[[int], None] = lambda _: None) -> int:
    """Keep what is new or changed; `told` hears how many of them are done. Returns how many there were."""
    rows = outlook.writes
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        with transaction.atomic():
            operations.put(some, at=now)
        told(start + len(some))
    with transaction.atomic():
        audit.note(by, "products.put", "products", count=len(rows))
    return len(rows)
