from django.db import models

from ganbo.foundation.append_only import AppendOnly


class Baseline(AppendOnly):
    """Where a figure stood when a version began; measured once, never changed. `value` None: there was nothing to measure."""

    id = models.UUIDField(primary_key=True)
    version = models.IntegerField()
    kpi = models.TextField()
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    month = models.DateField()  # the first day of the last whole month that was measured
    at = models.DateTimeField()

    class Meta:
        db_table = "goals_baseline"
        constraints = [
            models.UniqueConstraint(fields=["version", "kpi"], name="a_figure_has_one_baseline_a_version"),
        ]
