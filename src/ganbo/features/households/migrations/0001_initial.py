from django.db import migrations, models

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Households, who stays in them from when to when, and who is invited."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Household",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("founded_at", models.DateTimeField()),
                ("dissolved_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "households_household",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(db_index=True)),
                ("member_id", models.UUIDField(db_index=True, null=True)),
                ("role", models.TextField()),
                ("hint", models.TextField(blank=True)),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("state", models.TextField(default="open")),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "households_invitation",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("household_id", "member_id"),
                        name="one_open_invitation_for_a_person_and_household",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("household_id", models.UUIDField(db_index=True)),
                ("member_id", models.UUIDField(db_index=True)),
                ("role", models.TextField()),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "households_person",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("member_id",),
                        name="a_member_is_in_one_household_at_most",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None), ("role", "owner")),
                        fields=("household_id",),
                        name="a_household_has_one_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "adult", "child"])),
                        name="a_person_is_owner_adult_or_child",
                    ),
                ],
            },
        ),
        storage.without_pattern_indexes("households"),
    ]
