from django.db import models


class State(models.TextChoices):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Message(models.Model):
    """One message to one person through one channel."""

    id = models.UUIDField(primary_key=True)
    cause = models.TextField(unique=True)  # what it answers; the same cause never makes a second message
    member_id = models.UUIDField(null=True, db_index=True)
    kind = models.TextField()  # receipt, sign_in_code
    channel = models.TextField()  # email, sms
    recipient = models.TextField()
    subject = models.TextField(blank=True)
    body = models.TextField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        db_table = "channels_message"
        indexes = [models.Index(fields=["state", "next_try_at"], name="messages_to_send")]
