from django.db import migrations


class Migration(migrations.Migration):
    """Counters of vain tries need not survive a crash."""

    dependencies = [("rewards", "0004_uses")]

    operations = [
        migrations.RunSQL("ALTER TABLE rewards_guess SET UNLOGGED", "ALTER TABLE rewards_guess SET LOGGED"),
    ]
