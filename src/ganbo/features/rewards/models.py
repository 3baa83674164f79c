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
    plus = models.BigIntegerField(default=0)  # money to be paid besides in all, minor units
    fulfilment = models.TextField(default="")  # to_do, sent, done; empty when the voucher is all there is
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
    used = models.IntegerField(default=0)  # how often it was, reservations included; of gift cards always 0
    amount = models.BigIntegerField(null=True)  # gift cards: the money it came with, minor units
    remaining = models.BigIntegerField(null=True)  # gift cards: the money still on it
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
            ),
            models.CheckConstraint(
                condition=Q(amount=None, remaining=None) | Q(remaining__gte=0, remaining__lte=models.F("amount")),
                name="a_gift_card_pays_at_most_its_amount",
            ),
        ]
        indexes = [models.Index(fields=["cause"], name="vouchers_by_cause", condition=~Q(cause=""))]


class Stock(models.Model):
    """How many pieces of a reward with limited stock were taken; locked last, once a batch."""

    reward = models.TextField(primary_key=True)
    taken = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_stock"
        constraints = [models.CheckConstraint(condition=Q(taken__gte=0), name="stock_taken_is_never_below_zero")]


class Use(models.Model):
    """One voucher used on one order: `redeemed` by the till, `recorded` with the sale, `released` when it came back."""

    id = models.UUIDField(primary_key=True)
    voucher_id = models.UUIDField()
    cause = models.TextField(db_index=True)  # the event's id, or order:<order_id> while no sale was recorded
    times = models.IntegerField(default=1)
    amount = models.BigIntegerField(default=0)  # gift cards: minor units taken
    state = models.TextField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_use"
        constraints = [
            models.UniqueConstraint(
                fields=["voucher_id", "cause"], condition=~Q(state="released"), name="one_use_of_a_voucher_per_order"
            ),
            models.CheckConstraint(condition=Q(times__gt=0) & Q(amount__gte=0), name="a_use_uses_something"),
        ]


class Batch(models.Model):
    """Codes made in the background for whoever bears them; each follows from the batch's id and its number."""

    id = models.UUIDField(primary_key=True)
    reward = models.TextField()
    count = models.IntegerField()
    done = models.IntegerField(default=0)
    pattern = models.TextField(default="")  # empty: codes as ganbo makes them
    uses = models.IntegerField(default=1)
    expires_at = models.DateTimeField(null=True)
    amount = models.BigIntegerField(null=True)  # gift cards: minor units on each
    programme_version = models.IntegerField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_batch"


class Guess(models.Model):
    """How many codes somebody tried in vain in one stretch of time; unlogged, it may be lost in a crash."""

    pk = models.CompositePrimaryKey("who", "stretch")
    who = models.TextField()  # key:<id>, staff:<id>, store:<id>, with the length of the stretch
    stretch = models.BigIntegerField()  # minutes or hours since 1970
    tries = models.IntegerField()

    class Meta:
        db_table = "rewards_guess"
