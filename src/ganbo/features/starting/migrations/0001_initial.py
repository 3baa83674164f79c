import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Past sales to start from, and the programmes tried on them."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PastSales",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("numbers", models.JSONField(null=True)),
                ("size", models.BigIntegerField(default=0)),
                ("currency", models.TextField()),
                ("zone", models.TextField()),
                ("state", models.TextField()),
                ("problem", models.TextField(default="")),
                ("columns", models.JSONField(default=dict)),
                ("anonymous", models.JSONField(default=list)),
                ("rows", models.BigIntegerField(default=0)),
                ("share", models.FloatField(default=0)),
                ("found", models.JSONField(default=dict)),
                ("aim", models.TextField(default="")),
                ("cap", models.IntegerField(default=0)),
                ("revision", models.IntegerField(default=1)),
                ("ticks", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.TextField()),
                ("beat_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "starting_past_sales"},
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("place", models.IntegerField()),
                ("kind", models.TextField()),
                ("gift", models.BigIntegerField(default=0)),
                ("visits", models.IntegerField()),
                ("months", models.IntegerField()),
                ("source", models.TextField(default="")),
                ("revision", models.IntegerField(default=1)),
                ("estimate", models.JSONField(null=True)),
                ("exact", models.JSONField(null=True)),
                ("problem", models.TextField(default="")),
                ("beat_at", models.DateTimeField(null=True)),
                (
                    "sales",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="starting.pastsales"
                    ),
                ),
            ],
            options={
                "db_table": "starting_proposal",
                "constraints": [
                    models.UniqueConstraint(fields=("sales", "place"), name="a_place_holds_one_proposal"),
                    models.CheckConstraint(condition=models.Q(("visits__gte", 1)), name="a_gift_takes_a_visit"),
                ],
            },
        ),
    ]
