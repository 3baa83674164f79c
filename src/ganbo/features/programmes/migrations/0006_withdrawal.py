from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0005_draft"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="note",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="version",
            name="withdraws",
            field=models.IntegerField(null=True),
        ),
    ]
