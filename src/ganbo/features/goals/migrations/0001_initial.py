from django.db import migrations, models


class Migration(migrations.Migration):
    """Where each figure stood when a version began."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Baseline",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("kpi", models.TextField()),
                ("value", models.DecimalField(decimal_places=6, max_digits=24, null=True)),
                ("month", models.DateField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "goals_baseline",
                "constraints": [
                    models.UniqueConstraint(fields=("version", "kpi"), name="a_figure_has_one_baseline_a_version")
                ],
            },
        ),
    ]
