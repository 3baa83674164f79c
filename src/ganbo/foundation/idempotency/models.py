from django.db import models


class Answer(models.Model):
    """The first answer given for an Idempotency-Key, to be repeated as it was for at least 30 days."""

    key = models.TextField(primary_key=True)  # caller, call and the key itself
    body_hash = models.BinaryField()
    status = models.SmallIntegerField()
    answer = models.TextField()
    answered_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_answer"
        indexes = [models.Index(fields=["answered_at"], name="idempotency_by_age")]
