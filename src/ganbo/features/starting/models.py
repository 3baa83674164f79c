from django.db import models
from django.db.models import Q


class PastSales(models.Model):
    """Sales to start from: a file that lies in the business's folder, or three numbers; deleted whenever its owner likes.

    `found`: what was read and counted, no line of the file but the first twenty rows. Of people it names nobody.
    """

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    numbers = models.JSONField(null=True)  # bills a day, average bill, regulars in ten; None: a file
    size = models.BigIntegerField(default=0)
    currency = models.TextField()
    zone = models.TextField()
    state = models.TextField()  # received, asking, told, looked, failed
    problem = models.TextField(default="")
    columns = models.JSONField(default=dict)  # field → name of the column, as chosen
    anonymous = models.JSONField(default=list)  # names that mean nobody
    rows = models.BigIntegerField(default=0)  # read so far
    share = models.FloatField(default=0)  # of the file's bytes read so far
    found = models.JSONField(default=dict)
    aim = models.TextField(default="")
    cap = models.IntegerField(default=0)  # ten-thousandths of revenue that gifts may cost
    revision = models.IntegerField(default=1)  # grows whenever columns are told
    ticks = models.JSONField(default=dict)  # what the owner ticked: practised, poster; terms: digest of what was read
    created_at = models.DateTimeField()
    created_by = models.TextField()
    beat_at = models.DateTimeField(null=True)  # when the job that works on it last said so; None: nobody does

    class Meta:
        db_table = "starting_past_sales"


class Proposal(models.Model):
    """A programme tried on past sales: its dials, its document, and what it would have cost."""

    id = models.UUIDField(primary_key=True)
    sales = models.ForeignKey(PastSales, on_delete=models.CASCADE, related_name="proposals")
    place = models.IntegerField()
    kind = models.TextField()
    gift = models.BigIntegerField(default=0)  # minor units; 0: not fitted yet
    visits = models.IntegerField()
    months = models.IntegerField()
    source = models.TextField(default="")
    revision = models.IntegerField(default=1)
    estimate = models.JSONField(null=True)  # of a sample of members
    exact = models.JSONField(null=True)
    problem = models.TextField(default="")
    beat_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "starting_proposal"
        constraints = [
            models.UniqueConstraint(fields=["sales", "place"], name="a_place_holds_one_proposal"),
            models.CheckConstraint(condition=Q(visits__gte=1), name="a_gift_takes_a_visit"),
        ]
