from django.db import migrations, models

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Bills at partners', lines of statements, how far they are settled, and who agreed to which terms."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Settling",
            fields=[
                ("partner", models.TextField(primary_key=True, serialize=False)),
                ("settled_through", models.TextField(blank=True)),
            ],
            options={
                "db_table": "partners_settling",
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("partner", models.TextField()),
                ("terms", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_agreement",
                "indexes": [models.Index(fields=["partner", "at"], name="partners_agreements_latest")],
            },
        ),
        migrations.CreateModel(
            name="Deal",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("partner", models.TextField()),
                ("reference", models.TextField()),
                ("sale_id", models.UUIDField(db_index=True, null=True)),
                ("member_id", models.UUIDField(null=True)),
                ("wallet", models.TextField()),
                ("bill", models.BigIntegerField()),
                ("earned", models.BigIntegerField()),
                ("used", models.BigIntegerField()),
                ("paid", models.BigIntegerField()),
                ("voucher_id", models.UUIDField(null=True)),
                ("by_card", models.BigIntegerField()),
                ("body_hash", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_deal",
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "reference"), name="a_partner_uses_a_reference_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bill__gt", 0), ("by_card__gte", 0), ("earned__gte", 0), ("paid__gte", 0), ("used__gte", 0)
                        ),
                        name="a_deal_moves_no_less_than_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("partner", models.TextField()),
                ("ours", models.BooleanField()),
                ("kind", models.TextField()),
                ("reference", models.TextField()),
                ("units", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("period", models.TextField()),
                ("settles", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "partners_line",
                "indexes": [models.Index(fields=["partner", "period", "at", "id"], name="partners_lines_by_month")],
            },
        ),
        storage.without_pattern_indexes("partners"),
    ]
