"""Products kept or changed."""

from collections.abc import Sequence
from datetime import datetime

from ganbo.features.products.models import Product
from ganbo.features.products.queries import ProductRow

_CHANGED = ["name", "category", "labels", "price", "cost", "prices", "changed_at"]


def put(rows: Sequence[ProductRow], *, at: datetime) -> None:
    """Each as it is told now, whole; of a SKU told twice the last."""
    last = {row.sku: row for row in rows}
    made = [
        Product(
            sku=row.sku,
            name=row.name,
            category=row.category,
            labels=list(row.labels),
            price=row.price,
            cost=row.cost,
            prices=dict(row.prices),
            changed_at=at,
        )
        for row in sorted(last.values(), key=lambda row: row.sku)
    ]
    Product.objects.bulk_create(made, update_conflicts=True, unique_fields=["sku"], update_fields=_CHANGED)
