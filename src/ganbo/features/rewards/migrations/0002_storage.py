from django.db import migrations

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Pages laid out for many small updates."""

    dependencies = [("rewards", "0001_initial")]

    operations = [
        storage.without_pattern_indexes("rewards"),
        storage.fillfactor("rewards_stock", 50),
        storage.fillfactor("rewards_voucher", 80),
    ]
