from django.db import migrations, models


class Migration(migrations.Migration):
    """A document that is being written."""

    dependencies = [("programmes", "0004_terms")]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("source", models.TextField()),
                ("before", models.TextField()),
                ("revision", models.IntegerField()),
                ("based_on", models.IntegerField()),
                ("updated_at", models.DateTimeField()),
                ("updated_by", models.TextField()),
            ],
            options={
                "db_table": "programmes_draft",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_draft_a_business")],
            },
        ),
    ]
