from django.db import migrations, models


class Migration(migrations.Migration):
    """What was paid onto gift cards that were sold."""

    dependencies = [
        ("rewards", "0009_choices"),
    ]

    operations = [
        migrations.CreateModel(
            name="CardMove",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("voucher_id", models.UUIDField(db_index=True)),
                ("kind", models.TextField()),
                ("amount", models.BigIntegerField()),
                ("by", models.TextField()),
                ("store", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "rewards_card_move",
                "indexes": [models.Index(fields=["at"], name="card_moves_by_time")],
            },
        ),
    ]
