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
    """A code worth a reward. The code itself is derived from the id (codes.py); here stands only its hash."""

    id = models.UUIDField(primary_key=True)
    redemption = models.OneToOneField(Redemption, models.CASCADE, related_name="+")
    member_id = models.UUIDField(db_index=True)
    reward = models.TextField()
    code_hash = models.BinaryField(unique=True)
    state = models.TextField(default="issued")  # issued, used, void
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_voucher"


class Stock(models.Model):
    """How many pieces of a reward with limited stock were taken; locked last, once a batch."""

    reward = models.TextField(primary_key=True)
    taken = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_stock"
        constraints = [models.CheckConstraint(condition=Q(taken__gte=0), name="stock_taken_is_never_below_zero")]
