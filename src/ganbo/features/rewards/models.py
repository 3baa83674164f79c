from django.db import models
from django.db.models import Q

from ganbo.foundation.append_only import AppendOnly


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
    budget = models.TextField(default="", db_default="")  # the line's key, when no voucher carries it
    cost = models.BigIntegerField(default=0, db_default=0)  # what it takes of the line, minor units

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
    source = models.TextField(default="redemption")  # redemption, rule, card, tier, staff, batch, sale
    cause = models.TextField(default="")  # the event that gave it; empty for redemptions and batches
    rule = models.TextField(default="")  # the rule, card:<id> or tier:<id> that gave it
    batch_id = models.UUIDField(null=True)
    code_hash = models.BinaryField(unique=True)
    pool = models.TextField(
        default="", db_default=""
    )  # somebody else's code: waiting for one, or given; empty: our own
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
    budget = models.TextField(default="", db_default="")  # the line of the budget that pays: its key in the books
    cost = models.BigIntegerField(default=0, db_default=0)  # what it takes of the line, minor units
    booked = models.TextField(default="", db_default="")  # as the books have it: committed, spent, void, ended
    handed = models.BooleanField(default=False, db_default=False)  # the gift was handed over
    chosen_from = models.TextField(default="", db_default="")  # the choice it was before its holder chose
    chosen_at = models.DateTimeField(null=True)

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
        indexes = [
            models.Index(fields=["cause"], name="vouchers_by_cause", condition=~Q(cause="")),
            models.Index(fields=["reward"], name="vouchers_waiting_for_a_code", condition=Q(pool="waiting")),
            models.Index(fields=["expires_at"], name="commitments_by_end", condition=Q(booked="committed")),
        ]


class CardMove(AppendOnly):
    """Money onto a gift card that was sold: its sale, a top-up, or below zero the sale undone."""

    id = models.UUIDField(primary_key=True)
    voucher_id = models.UUIDField(db_index=True)
    kind = models.TextField()  # sold, topped_up, cancelled
    amount = models.BigIntegerField()  # minor units
    by = models.TextField()
    store = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "rewards_card_move"
        indexes = [models.Index(fields=["at"], name="card_moves_by_time")]


class Stock(models.Model):
    """How many pieces of a reward with limited stock were taken; locked last, once a batch."""

    reward = models.TextField(primary_key=True)
    taken = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_stock"
        constraints = [models.CheckConstraint(condition=Q(taken__gte=0), name="stock_taken_is_never_below_zero")]


class Budget(models.Model):
    """What a line with a hard stop has committed and spent; locked last, once a batch."""

    key = models.TextField(primary_key=True)  # rewards, or rewards@2026-12
    taken = models.BigIntegerField(default=0)

    class Meta:
        db_table = "rewards_budget"


class BudgetNotice(models.Model):
    """A line of which it was told that it is used up, or nearly; once each."""

    pk = models.CompositePrimaryKey("key", "share")
    key = models.TextField()
    share = models.IntegerField()  # per cent of what is planned
    at = models.DateTimeField()

    class Meta:
        db_table = "rewards_budget_notice"


class Use(models.Model):
    """One voucher used on one order: `redeemed` by the till, `recorded` with the sale, `released` when it came back."""

    id = models.UUIDField(primary_key=True)
    voucher_id = models.UUIDField()
    cause = models.TextField(db_index=True)  # the event's id, or order:<order_id> while no sale was recorded
    times = models.IntegerField(default=1)
    amount = models.BigIntegerField(default=0)  # gift cards: minor units taken
    state = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)  # when a redeemed one is released, by the database's clock
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_use"
        indexes = [
            models.Index(fields=["until"], name="uses_by_end", condition=Q(state="redeemed", until__isnull=False)),
        ]
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
    budget = models.TextField(default="", db_default="")
    cost = models.BigIntegerField(default=0, db_default=0)  # of each code
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_batch"


class PoolCode(models.Model):
    """Somebody else's code, sealed (pools.py); given to one voucher, never to a second."""

    id = models.UUIDField(primary_key=True)
    reward = models.TextField()
    sealed = models.TextField()  # a Fernet token
    fingerprint = models.BinaryField(unique=True)  # keyed: tells a second copy, not the code
    expires_at = models.DateTimeField(null=True)  # first instant at which the partner no longer takes it
    imported_at = models.DateTimeField()
    voucher_id = models.UUIDField(null=True, unique=True)
    given_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_pool"
        indexes = [
            models.Index(
                fields=["reward", "expires_at", "id"], name="codes_still_to_give", condition=Q(voucher_id=None)
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(voucher_id=None, given_at=None) | Q(voucher_id__isnull=False, given_at__isnull=False),
                name="a_code_is_given_with_its_time",
            )
        ]


class Guess(models.Model):
    """How many codes somebody tried in vain in one stretch of time; unlogged, it may be lost in a crash."""

    pk = models.CompositePrimaryKey("who", "stretch")
    who = models.TextField()  # key:<id>, staff:<id>, store:<id>, with the length of the stretch
    stretch = models.BigIntegerField()  # minutes or hours since 1970
    tries = models.IntegerField()

    class Meta:
        db_table = "rewards_guess"
