from django.db import models
from django.db.models import F, Q

from ganbo.foundation.append_only import AppendOnly


class Experiment(models.Model):
    """A question, who is compared by what, and until when. `groups`: [{"id", "name", "share"}] or [{"id", "name", "stores"}].

    `settings`: what the metric or template needs, such as the cards by group; `plan`: what was supposed when it was planned.
    """

    id = models.UUIDField(primary_key=True)
    slug = models.TextField(unique=True)
    name = models.TextField()
    question = models.TextField()
    metric = models.TextField()  # revenue, repeat_rate, completion_rate
    unit = models.TextField()  # member, store, start_date
    groups = models.JSONField()
    settings = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    starts_on = models.DateField()
    ends_on = models.DateField()  # the first day that does not count any more
    created_at = models.DateTimeField()
    created_by = models.TextField(default="")
    stopped_on = models.DateField(null=True)  # called off before its end: from this day nothing counts
    swept_at = models.DateTimeField(null=True)  # when exposures were last looked for

    class Meta:
        db_table = "experiments_experiment"
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="an_experiment_lasts_a_day_or_more"),
        ]


class Exposure(AppendOnly):
    """From when on a member belongs to a group of an experiment, or is held back or not; never changed. No personal data."""

    id = models.UUIDField(primary_key=True)
    experiment = models.TextField()  # the experiment's slug, or "holdout"
    member_id = models.UUIDField()
    group = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "experiments_exposure"
        constraints = [
            models.UniqueConstraint(fields=["experiment", "member_id", "group"], name="a_member_enters_a_group_once"),
        ]
        indexes = [models.Index(fields=["member_id"], name="experiments_by_member")]
