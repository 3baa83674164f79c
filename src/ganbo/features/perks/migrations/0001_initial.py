from django.db import migrations, models


class Migration(migrations.Migration):
    """Each use of a perk."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Use",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("member_id", models.UUIDField()),
                ("perk", models.TextField()),
                ("period", models.TextField()),
                ("most", models.IntegerField(null=True)),
                ("tier", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("by", models.TextField(db_default="", default="")),
                ("store", models.TextField(db_default="", default="")),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "perks_use",
                "indexes": [
                    models.Index(fields=["member_id", "perk", "period"], name="perks_by_member"),
                    models.Index(fields=["at"], name="perks_by_time"),
                ],
            },
        ),
    ]
