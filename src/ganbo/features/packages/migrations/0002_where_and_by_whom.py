from django.db import migrations, models


class Migration(migrations.Migration):
    """Who sold, used or gave back a package, and in which store: for the close of shift."""

    dependencies = [
        ("packages", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="package",
            name="refunded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="package",
            name="refunded_by",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="package",
            name="refunded_in",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="package",
            name="sold_by",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="package",
            name="store",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="use",
            name="by",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="use",
            name="store",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddIndex(
            model_name="package",
            index=models.Index(fields=["sold_at"], name="packages_by_sale"),
        ),
        migrations.AddIndex(
            model_name="package",
            index=models.Index(
                condition=models.Q(("refunded_at", None), _negated=True),
                fields=["refunded_at"],
                name="packages_by_refund",
            ),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["at"], name="package_uses_by_time"),
        ),
    ]
