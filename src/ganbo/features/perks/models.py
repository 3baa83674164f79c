from django.db import models


class Use(models.Model):
    """A perk that was used, in which period of how many; it may be undone."""

    id = models.UUIDField(primary_key=True)
    member_id = models.UUIDField()
    perk = models.TextField()
    period = models.TextField()  # month:2026-12, by the business's clock on that day
    most = models.IntegerField(null=True)  # how many were promised in the period; null without a limit
    tier = models.TextField(blank=True)  # the level that brought it
    at = models.DateTimeField()
    by = models.TextField(default="", db_default="")
    store = models.TextField(default="", db_default="")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "perks_use"
        indexes = [
            models.Index(fields=["member_id", "perk", "period"], name="perks_by_member"),
            models.Index(fields=["at"], name="perks_by_time"),
        ]
