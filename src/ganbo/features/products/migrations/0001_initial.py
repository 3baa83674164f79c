from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The list of products."""

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Product",
            fields=[
                ("sku", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField(default="")),
                ("category", models.TextField(default="")),
                ("labels", models.JSONField(default=list)),
                ("price", models.BigIntegerField(null=True)),
                ("cost", models.BigIntegerField(null=True)),
                ("prices", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "products_product",
                "constraints": [
                    models.CheckConstraint(
                        condition=(Q(("price", None)) | Q(("price__gte", 0)))
                        & (Q(("cost", None)) | Q(("cost__gte", 0))),
                        name="a_product_costs_nothing_or_something",
                    )
                ],
            },
        )
    ]
