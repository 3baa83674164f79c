from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0003_promises")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="goal",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
