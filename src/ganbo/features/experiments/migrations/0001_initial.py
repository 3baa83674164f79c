from django.db import migrations, models


class Migration(migrations.Migration):
    """Experiments, and who was in which group from when."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Experiment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("slug", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("question", models.TextField()),
                ("metric", models.TextField()),
                ("unit", models.TextField()),
                ("groups", models.JSONField()),
                ("settings", models.JSONField(default=dict)),
                ("plan", models.JSONField(default=dict)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.TextField(default="")),
                ("stopped_on", models.DateField(null=True)),
                ("swept_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "experiments_experiment",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="an_experiment_lasts_a_day_or_more",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Exposure",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("experiment", models.TextField()),
                ("member_id", models.UUIDField()),
                ("group", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "experiments_exposure",
                "indexes": [models.Index(fields=["member_id"], name="experiments_by_member")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("experiment", "member_id", "group"), name="a_member_enters_a_group_once"
                    )
                ],
            },
        ),
    ]
