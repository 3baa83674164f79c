from django.db import models
from django.db.models import Q


class Product(models.Model):
    """One item by its SKU. Prices in minor units; `prices`: list → price."""

    sku = models.TextField(primary_key=True)
    name = models.TextField(default="")
    category = models.TextField(default="")
    labels = models.JSONField(default=list)
    price = models.BigIntegerField(null=True)
    cost = models.BigIntegerField(null=True)
    prices = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "products_product"
        constraints = [
            models.CheckConstraint(
                condition=(Q(price=None) | Q(price__gte=0)) & (Q(cost=None) | Q(cost__gte=0)),
                name="a_product_costs_nothing_or_something",
            )
        ]
