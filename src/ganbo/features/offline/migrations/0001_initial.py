from django.db import migrations, models


class Migration(migrations.Migration):
    """Leases of tills, and what a manager must know of sales without a network."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("code", models.TextField()),
                ("params", models.TextField()),
                ("member_id", models.UUIDField(null=True)),
                ("store", models.TextField(blank=True)),
                ("staff", models.TextField(blank=True)),
                ("happened_at", models.DateTimeField()),
                ("noted_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("seen_by", models.TextField(blank=True)),
            ],
            options={
                "db_table": "offline_conflict",
                "indexes": [
                    models.Index(condition=models.Q(("seen_at", None)), fields=["-noted_at"], name="unseen_conflicts")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.UUIDField()),
                ("day", models.DateField()),
                ("device", models.UUIDField()),
                ("worth", models.BigIntegerField()),
                ("used", models.BigIntegerField(default=0)),
                ("granted_at", models.DateTimeField()),
            ],
            options={
                "db_table": "offline_lease",
                "indexes": [models.Index(fields=["device", "day"], name="leases_by_till")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("used__gte", 0), ("used__lte", models.F("worth"))),
                        name="a_lease_gives_at_most_its_worth",
                    )
                ],
            },
        ),
    ]
