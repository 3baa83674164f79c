"""Products told by another system: kept whole, in order, nothing else touched."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ganbo.features.products import operations
from ganbo.features.products.queries import ProductRow
from ganbo.foundation.audit import operations as audit


def put(rows: Sequence[ProductRow], *, by: str, now: datetime) -> int:
    """How many products there are of these."""
    skus = {row.sku for row in rows}
    with transaction.atomic():
        operations.put(rows, at=now)
        audit.note(by, "products.put", "products", count=len(skus))
    return len(skus)
