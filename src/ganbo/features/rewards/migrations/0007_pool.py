from django.db import migrations, models

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Codes of partners, imported and given once; a voucher says whether its code is one of them."""

    dependencies = [("rewards", "0006_batches")]

    operations = [
        migrations.AddField(
            model_name="voucher",
            name="pool",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(
                condition=models.Q(("pool", "waiting")), fields=["reward"], name="vouchers_waiting_for_a_code"
            ),
        ),
        migrations.CreateModel(
            name="PoolCode",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("reward", models.TextField()),
                ("sealed", models.TextField()),
                ("fingerprint", models.BinaryField(unique=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("imported_at", models.DateTimeField()),
                ("voucher_id", models.UUIDField(null=True, unique=True)),
                ("given_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "rewards_pool"},
        ),
        migrations.AddIndex(
            model_name="poolcode",
            index=models.Index(
                condition=models.Q(("voucher_id", None)),
                fields=["reward", "expires_at", "id"],
                name="codes_still_to_give",
            ),
        ),
        migrations.AddConstraint(
            model_name="poolcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_at", None), ("voucher_id", None)),
                    models.Q(("given_at__isnull", False), ("voucher_id__isnull", False)),
                    _connector="OR",
                ),
                name="a_code_is_given_with_its_time",
            ),
        ),
        storage.without_pattern_indexes("rewards"),
    ]
