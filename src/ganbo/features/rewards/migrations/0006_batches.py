from django.db import migrations


class Migration(migrations.Migration):
    """Partners' codes come with a later version; downloads of a batch are not counted."""

    dependencies = [("rewards", "0005_unlogged_guesses")]

    operations = [
        migrations.DeleteModel(name="PoolCode"),
        migrations.RemoveField(model_name="batch", name="downloaded_at"),
    ]
