from django.db import migrations

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Pages laid out for many small updates."""

    dependencies = [("ledger", "0001_initial")]

    operations = [
        storage.without_pattern_indexes("ledger"),
        storage.fillfactor("ledger_account", 70),
        storage.fillfactor("ledger_lot", 70),
    ]
