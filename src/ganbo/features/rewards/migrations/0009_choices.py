from django.db import migrations, models


class Migration(migrations.Migration):
    """What a voucher was before its holder chose it from a choice."""

    dependencies = [
        ("rewards", "0008_budgets"),
    ]

    operations = [
        migrations.AddField(
            model_name="voucher",
            name="chosen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="voucher",
            name="chosen_from",
            field=models.TextField(db_default="", default=""),
        ),
    ]
