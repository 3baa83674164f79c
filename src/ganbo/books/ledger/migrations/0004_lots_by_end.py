from django.db import migrations, models


class Migration(migrations.Migration):
    """Lots by the instant they end, for the job that ends them."""

    dependencies = [("ledger", "0003_pending_points")]

    operations = [
        migrations.AddIndex("lot", models.Index(fields=["expires_at"], name="lots_by_end")),
    ]
