from django.db import migrations, models

from ganbo.foundation import storage


class Migration(migrations.Migration):
    """Lines are found by the sale or return they belong to."""

    dependencies = [("partners", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["reference"], name="partners_lines_by_reference"),
        ),
        storage.without_pattern_indexes("partners"),
    ]
