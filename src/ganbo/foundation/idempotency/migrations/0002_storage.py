from django.db import migrations

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Pages laid out for many small updates."""

    dependencies = [("idempotency", "0001_initial")]

    operations = [
        storage.without_pattern_indexes("idempotency"),
    ]
