from django.db import models
from django.db.models import F, Q


class Package(models.Model):
    """One package somebody bought; its terms are those of the day it was sold."""

    id = models.UUIDField(primary_key=True)
    member_id = models.UUIDField(db_index=True)
    package = models.TextField()  # the document's id
    price = models.BigIntegerField()  # minor units
    state = models.TextField(default="active")  # active, refunded, ended
    refunded = models.BigIntegerField(default=0)  # minor units that were handed back
    shared = models.BooleanField(default=False)  # whether others may use it, too
    refundable = models.BooleanField(default=True)
    sold_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # first unusable instant; grows by the time it was paused
    paused_at = models.DateTimeField(null=True)
    pause_left = models.DurationField()  # how long it may still be paused in all
    programme_version = models.IntegerField()
    sold_by = models.TextField(default="", db_default="")
    store = models.TextField(default="", db_default="")  # where it was sold; empty: in no store
    refunded_at = models.DateTimeField(null=True)
    refunded_by = models.TextField(default="", db_default="")
    refunded_in = models.TextField(default="", db_default="")  # the store that handed the money back

    class Meta:
        db_table = "packages_package"
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("price")), name="a_package_gives_back_at_most_its_price"
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="packages_by_end", condition=Q(state="active")),
            models.Index(fields=["sold_at"], name="packages_by_sale"),
            models.Index(fields=["refunded_at"], name="packages_by_refund", condition=~Q(refunded_at=None)),
        ]


class Unit(models.Model):
    """How many of one unit were sold with a package, and what became of them; they always add up."""

    pk = models.CompositePrimaryKey("package_id", "unit")
    package_id = models.UUIDField()
    unit = models.TextField()
    sold = models.IntegerField()
    used = models.IntegerField(default=0)
    left = models.IntegerField()
    refunded = models.IntegerField(default=0)
    expired = models.IntegerField(default=0)

    class Meta:
        db_table = "packages_unit"
        constraints = [
            models.CheckConstraint(
                condition=Q(used__gte=0, left__gte=0, refunded__gte=0, expired__gte=0)
                & Q(sold=F("used") + F("left") + F("refunded") + F("expired")),
                name="units_sold_are_used_left_refunded_or_expired",
            )
        ]


class Use(models.Model):
    """Units used at once, by whom and for which order; it may be undone."""

    id = models.UUIDField(primary_key=True)
    package_id = models.UUIDField(db_index=True)
    unit = models.TextField()
    quantity = models.IntegerField()
    member_id = models.UUIDField()
    order_id = models.TextField(blank=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    by = models.TextField(default="", db_default="")
    store = models.TextField(default="", db_default="")

    class Meta:
        db_table = "packages_use"
        indexes = [models.Index(fields=["at"], name="package_uses_by_time")]
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="a_use_of_a_package_uses_something")]


class Person(models.Model):
    """Somebody besides the buyer who may use a shared package."""

    pk = models.CompositePrimaryKey("package_id", "member_id")
    package_id = models.UUIDField()
    member_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "packages_person"
