from django.db import models
from django.db.models import F, Q

from ganbo.foundation.append_only import AppendOnly


class Account(models.Model):
    """A holder's account in one asset.

    role: `member` (what a member can spend), `owed` (what a member's later earning must first make good), `pending`
    (given, not yet usable), `held` (set aside, see holds.py), `stamps` (on a card);
    `issued`, `spent`, `expired`, `reversed` (the business's counter-accounts; their balance is derived, never stored,
    so that no row is touched by every event).
    """

    id = models.UUIDField(primary_key=True)
    asset = models.TextField()
    role = models.TextField()
    holder_id = models.UUIDField(null=True)
    balance = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.CheckConstraint(
                condition=Q(holder_id__isnull=True, balance__isnull=True)
                | Q(holder_id__isnull=False, balance__isnull=False, balance__gte=0),
                name="a_balance_is_never_below_zero",
            ),
        ]
        indexes = [models.Index(fields=["holder_id"], name="accounts_by_holder")]


class Lot(models.Model):
    """Points of one account with one expiry day, earned in one month; `remaining` is a guarded cache."""

    id = models.UUIDField(primary_key=True)  # derived from account, expiry and month: see lots.lot_id
    account_id = models.UUIDField()
    expires_at = models.DateTimeField()  # first unusable instant; lots.NEVER when it does not expire
    earned_month = models.DateField()
    remaining = models.BigIntegerField()

    class Meta:
        db_table = "ledger_lot"
        constraints = [models.CheckConstraint(condition=Q(remaining__gte=0), name="a_lot_is_never_below_zero")]
        indexes = [
            models.Index(fields=["account_id", "expires_at", "earned_month"], name="lots_in_burning_order"),
            # without `remaining`, even as a condition: an index that names it would make every burn write all indexes
            models.Index(fields=["expires_at"], name="lots_by_end"),
        ]


class PendingPoints(models.Model):
    """Points of one effect that are not usable yet: see pending_points.py."""

    id = models.UUIDField(primary_key=True)
    member_id = models.UUIDField()
    asset = models.TextField()
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    cancelled = models.BigIntegerField()
    usable_at = models.DateTimeField()
    awaits = models.TextField(blank=True)  # a type of event; empty: usable_at alone decides
    order_id = models.TextField(blank=True)  # of the event they come from, when it named one
    cause = models.TextField()
    rule = models.TextField()
    expires_at = models.DateTimeField()  # of the lot they will be in; lots.NEVER when they do not end
    earned_month = models.DateField()
    earned_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_pending"
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0, cancelled__gte=0, amount__gte=F("remaining") + F("cancelled")),
                name="no_more_waits_than_was_given",
            )
        ]
        indexes = [
            models.Index(fields=["member_id"], name="pending_by_member"),
            models.Index(fields=["usable_at"], name="pending_by_end", condition=Q(remaining__gt=0)),
            models.Index(fields=["cause"], name="pending_by_cause"),
        ]


class Hold(models.Model):
    """Units set aside until they are captured, let go, or their time is over: see holds.py."""

    id = models.UUIDField(primary_key=True)
    member_id = models.UUIDField()
    asset = models.TextField()
    amount = models.BigIntegerField()
    order_id = models.TextField(blank=True)  # whose sale alone may use it; empty: it is captured by hand
    store = models.TextField(blank=True)  # of that order, when it was told
    held_at = models.DateTimeField()  # by the database's clock, like `until`
    until = models.DateTimeField()  # first instant at which it holds no more
    open = models.BooleanField()
    event_id = models.TextField(blank=True)  # the sale that captured it, or took over what was captured before

    class Meta:
        db_table = "ledger_hold"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_hold_holds_something"),
            models.CheckConstraint(condition=Q(until__gt=F("held_at")), name="a_hold_lasts_a_while"),
        ]
        indexes = [
            models.Index(fields=["member_id"], name="holds_by_member"),
            models.Index(fields=["until"], name="holds_by_end", condition=Q(open=True)),
        ]


class HoldEnd(AppendOnly):
    """How a hold was resolved; its key is the hold's, so that no second way out can be written."""

    hold_id = models.UUIDField(primary_key=True)
    outcome = models.TextField()  # captured, voided, expired
    captured = models.BigIntegerField()
    cause = models.TextField()  # the sale that captured it; the hold itself when that was asked for, or nobody came
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_hold_end"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="captured", captured__gt=0) | Q(outcome__in=["voided", "expired"], captured=0),
                name="only_what_is_captured_is_spent",
            )
        ]


class Transfer(AppendOnly):
    """One debit, one credit, a positive integer. No foreign keys: a shared counter-account would become a hot row."""

    id = models.UUIDField(primary_key=True)
    debit_id = models.UUIDField()
    credit_id = models.UUIDField()
    asset = models.TextField()
    amount = models.BigIntegerField()
    # earn, opening, owed, pending, cancel, shortfall, spend, hold, unhold, expire, unexpire, reexpire, reverse, restore, return, redate
    kind = models.TextField()
    cause = models.TextField()  # the event id, redemption id or job that caused it
    rule = models.TextField(blank=True)
    lot_id = models.UUIDField(null=True)  # the one member's lot it adds to or burns; null when none is touched
    at = models.DateTimeField()  # when it counts for the business
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_transfer"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_transfer_moves_something"),
            models.CheckConstraint(condition=~Q(debit_id=F("credit_id")), name="a_transfer_has_two_sides"),
        ]
        indexes = [
            models.Index(fields=["credit_id"], name="transfers_by_credit"),
            models.Index(fields=["debit_id"], name="transfers_by_debit", condition=~Q(kind="earn")),
            models.Index(fields=["cause"], name="transfers_by_cause"),
        ]
