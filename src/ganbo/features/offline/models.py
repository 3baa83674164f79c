from django.db import models
from django.db.models import F, Q


class Lease(models.Model):
    """One till's right to give one member gifts on one day without asking. There is one of a member and day, so that
    what all tills without a network give a member too much is never more than `worth`.
    """

    pk = models.CompositePrimaryKey("member_id", "day")
    member_id = models.UUIDField()
    day = models.DateField()  # of the business
    device = models.UUIDField()  # the till's browser
    worth = models.BigIntegerField()  # minor units it may give
    used = models.BigIntegerField(default=0)  # minor units of what was told since
    granted_at = models.DateTimeField()

    class Meta:
        db_table = "offline_lease"
        indexes = [models.Index(fields=["device", "day"], name="leases_by_till")]
        constraints = [
            models.CheckConstraint(
                condition=Q(used__gte=0, used__lte=F("worth")), name="a_lease_gives_at_most_its_worth"
            )
        ]


class Conflict(models.Model):
    """What a till did without a network and could not be told as it was: a sentence for the manager, until it was seen."""

    id = models.UUIDField(primary_key=True)  # as the till named what it did
    kind = models.TextField()  # sale, gift
    code = models.TextField()  # why
    params = models.TextField()  # JSON of the sentence's values
    member_id = models.UUIDField(null=True)
    store = models.TextField(blank=True)
    staff = models.TextField(blank=True)
    happened_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.TextField(blank=True)

    class Meta:
        db_table = "offline_conflict"
        indexes = [models.Index(fields=["-noted_at"], name="unseen_conflicts", condition=Q(seen_at=None))]
