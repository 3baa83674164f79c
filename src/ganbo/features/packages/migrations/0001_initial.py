import django.db.models.expressions
from django.db import migrations, models

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Packages, their units with what became of them, their uses, and who else may use them."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "package_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("package_id", models.UUIDField()),
                ("member_id", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "packages_person",
            },
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("member_id", models.UUIDField(db_index=True)),
                ("package", models.TextField()),
                ("price", models.BigIntegerField()),
                ("state", models.TextField(default="active")),
                ("refunded", models.BigIntegerField(default=0)),
                ("shared", models.BooleanField(default=False)),
                ("refundable", models.BooleanField(default=True)),
                ("sold_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("pause_left", models.DurationField()),
                ("programme_version", models.IntegerField()),
            ],
            options={
                "db_table": "packages_package",
                "indexes": [
                    models.Index(condition=models.Q(("state", "active")), fields=["expires_at"], name="packages_by_end")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("refunded__gte", 0), ("refunded__lte", models.F("price"))),
                        name="a_package_gives_back_at_most_its_price",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "package_id", "unit", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("package_id", models.UUIDField()),
                ("unit", models.TextField()),
                ("sold", models.IntegerField()),
                ("used", models.IntegerField(default=0)),
                ("left", models.IntegerField()),
                ("refunded", models.IntegerField(default=0)),
                ("expired", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "packages_unit",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expired__gte", 0),
                            ("left__gte", 0),
                            ("refunded__gte", 0),
                            ("used__gte", 0),
                            (
                                "sold",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("used"), "+", models.F("left")
                                        ),
                                        "+",
                                        models.F("refunded"),
                                    ),
                                    "+",
                                    models.F("expired"),
                                ),
                            ),
                        ),
                        name="units_sold_are_used_left_refunded_or_expired",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("package_id", models.UUIDField(db_index=True)),
                ("unit", models.TextField()),
                ("quantity", models.IntegerField()),
                ("member_id", models.UUIDField()),
                ("order_id", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "packages_use",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="a_use_of_a_package_uses_something"
                    )
                ],
            },
        ),
        storage.without_pattern_indexes("packages"),
    ]
