from django.db import models
from django.db.models import Q


class Redemption(models.Model):
    """Points turned into a reward, with the one voucher it issued."""

    id = models.UUIDField(primary_key=True)
    member_id = models.UUIDField(db_index=True)
    reward = models.TextField()
    quantity = models.IntegerField()
    wallet = models.TextField()
    price = models.BigIntegerField()  # points paid in all
    state = models.TextField(default="issued")  # issued, reversed
    created_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)
    programme_version = models.IntegerField()

    class Meta:
        db_table = "rewards_redemption"
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="a_redemption_takes_something")]


class Voucher(models.Model):
    """A code worth a reward. A generated code is derived from the id (codes.py); here stands only its hash."""

    id = models.UUIDField(primary_key=True)
    redemption = models.OneToOneField(Redemption, models.CASCADE, null=True, related_name="+")
    member_id = models.UUIDField(null=True, db_index=True)  # null: whoever bears the code
    reward = models.TextField()
    quantity = models.IntegerField(default=1)
    source = models.TextField(default="redemption")  # redemption, rule, card, tier, staff, batch
    cause = models.TextField(default="")  # the event that gave it; empty for redemptions and batches
    rule = models.TextField(default="")  # the rule, card:<id> or tier:<id> that gave it
    batch_id = models.UUIDField(null=True)
    code_hash = models.BinaryField(unique=True)
    state = models.TextField(default="issued")  # issued, used, void
    uses = models.IntegerField(default=1)  # how often it may be used
    used = models.IntegerField(default=0)  # how often it was, reservations included
    programme_version = models.IntegerField(null=True)
    usable_from = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_voucher"
        constraints = [
            models.CheckConstraint(
                condition=Q(used__gte=0) & Q(used__lte=models.F("uses")), name="a_voucher_is_used_at_most_its_uses"
            )
        ]
        indexes = [models.Index(fields=["cause"], name="vouchers_by_cause", condition=~Q(cause=""))]


class Stock(models.Model):
    """How many pieces of a reward with limited stock were taken; locked last, once a batch."""

    reward = models.TextField(primary_key=True)
    taken = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_stock"
        constraints = [models.CheckConstraint(condition=Q(taken__gte=0), name="stock_taken_is_never_below_zero")]
