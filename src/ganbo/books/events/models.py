from django.db import models

from ganbo.foundation.append_only import AppendOnly


class Key(models.Model):
    """The narrow table that makes things happen once: event ids for ever, and one purchase per store and order.

    While refunds wait for their purchase, a row `?<order key>` holds its order key: see journeys/refund_reading.py.
    """

    event_id = models.TextField(primary_key=True)
    order_key = models.TextField(null=True, unique=True)  # store and order id of a purchase
    body_hash = models.BinaryField()

    class Meta:
        db_table = "events_key"


class Refund(models.Model):
    """Which order a refund event belongs to; its sale may not have come yet."""

    event_id = models.TextField(primary_key=True)
    order_key = models.TextField()

    class Meta:
        db_table = "events_refund"
        indexes = [models.Index(fields=["order_key"], name="refunds_by_order")]


class Settlement(models.Model):
    """What returns have taken of one sale in fact, under the policies of its wallets: what an undone return gives back."""

    event_id = models.TextField(primary_key=True)  # the sale
    state = models.TextField()  # JSON: see journeys/settling.py

    class Meta:
        db_table = "events_settlement"


class Event(models.Model):
    """What happened. Erasable: `body` may carry words of a person; decisions beside it may not."""

    event_id = models.TextField(primary_key=True)
    type = models.TextField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    member_id = models.UUIDField(null=True)
    store = models.TextField(null=True)
    channel = models.TextField(null=True)
    staff = models.TextField(null=True)
    net = models.BigIntegerField(null=True)  # minor units, purchases only
    body = models.TextField()  # JSON of `data`
    reversed_at = models.DateTimeField(null=True)
    reason = models.TextField(null=True)  # why it was reversed, in people's words

    class Meta:
        db_table = "events_event"
        indexes = [
            models.Index(fields=["member_id", "occurred_at"], name="events_by_member"),
            models.Index(fields=["recorded_at"], name="events_by_recording"),
        ]


class Decision(AppendOnly):
    """What was decided and why. `subject` is the event id, or `<event id>/claim`, `<event id>/reverse`, `<event id>/settled`."""

    subject = models.TextField(primary_key=True)
    programme_version = models.IntegerField(null=True)
    answer = models.TextField()  # the exact JSON that was answered
    trace = models.TextField()  # JSON
    at = models.DateTimeField()

    class Meta:
        db_table = "events_decision"


class Store(models.Model):
    """A shop; one that an event named before anybody confirmed it is listed as unconfirmed."""

    id = models.TextField(primary_key=True)
    name = models.TextField(blank=True)
    confirmed = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "events_store"


class Slip(models.Model):
    """A slip that was printed for a sale without a member; only a hash of its code is kept."""

    event_id = models.TextField(primary_key=True)
    code_hash = models.BinaryField(unique=True)
    printed_at = models.DateTimeField()

    class Meta:
        db_table = "events_slip"
