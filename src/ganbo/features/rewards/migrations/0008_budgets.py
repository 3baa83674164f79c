from django.db import migrations, models

from ganbo.foundation import storage

_UNBOOKED = """CREATE INDEX vouchers_booked_otherwise ON rewards_voucher (id) WHERE budget <> '' AND CASE
 WHEN state = 'void' THEN booked <> 'void'
 WHEN state = 'used' OR used > 0 OR remaining < amount OR handed OR pool = 'given' THEN booked <> 'spent'
 ELSE booked NOT IN ('committed', 'ended') END"""


class Migration(migrations.Migration):
    """What a reward takes of the budget stands beside its voucher; lines with a hard stop have a row of their own."""

    dependencies = [("rewards", "0007_pool")]

    operations = [
        migrations.AddField("redemption", "budget", models.TextField(db_default="", default="")),
        migrations.AddField("redemption", "cost", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("voucher", "budget", models.TextField(db_default="", default="")),
        migrations.AddField("voucher", "cost", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("voucher", "booked", models.TextField(db_default="", default="")),
        migrations.AddField("voucher", "handed", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("batch", "budget", models.TextField(db_default="", default="")),
        migrations.AddField("batch", "cost", models.BigIntegerField(db_default=0, default=0)),
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("taken", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "rewards_budget"},
        ),
        migrations.CreateModel(
            name="BudgetNotice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "share", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.TextField()),
                ("share", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "rewards_budget_notice"},
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(
                condition=models.Q(("booked", "committed")), fields=["expires_at"], name="commitments_by_end"
            ),
        ),
        migrations.RunSQL(_UNBOOKED, "DROP INDEX vouchers_booked_otherwise"),
        storage.without_pattern_indexes("rewards"),
        storage.fillfactor("rewards_budget", 50),
    ]
