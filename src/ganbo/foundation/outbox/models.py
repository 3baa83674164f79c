from django.db import models


class Fact(models.Model):
    """Something the world should know; deleted once every subscriber's work is queued."""

    id = models.UUIDField(primary_key=True)  # UUIDv7: reading by id is reading by time
    topic = models.TextField()
    body = models.TextField()  # JSON
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "outbox_fact"
