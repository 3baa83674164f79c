from django.db import migrations

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Pages laid out for many small updates."""

    dependencies = [("members", "0001_initial")]

    operations = [
        storage.without_pattern_indexes("members"),
        storage.fillfactor("members_standing", 70),
        storage.fillfactor("members_session", 90),
    ]
