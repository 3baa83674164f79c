from django.db import models
from django.db.models import Q


class Member(models.Model):
    """Who a customer is. Identifiers live here (and in cards) only, so that they can be erased."""

    id = models.UUIDField(primary_key=True)
    phone = models.TextField(null=True, unique=True)  # E.164
    email = models.TextField(null=True, unique=True)  # lower case
    external_id = models.TextField(null=True, unique=True)
    name = models.TextField(blank=True)
    name_folded = models.TextField(blank=True, db_index=True)  # without diacritics, lower case
    address_form = models.TextField(blank=True)  # anh, chị, cô, chú, em, bạn, quý khách
    birthday = models.DateField(null=True)
    locale = models.TextField(blank=True)  # empty: the business's
    receipts_by_email = models.BooleanField(default=True)  # a receipt is no marketing; the member may switch it off
    goal = models.TextField(blank=True, db_default="", default="")  # id of the reward the member saves for
    created_at = models.DateTimeField()

    class Meta:
        db_table = "members_member"
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__isnull=False) | Q(email__isnull=False) | Q(external_id__isnull=False),
                name="a_member_can_be_reached_or_named",
            ),
        ]


class Card(models.Model):
    """A card number; blocked when lost, the balance stays with the member."""

    number = models.TextField(primary_key=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    blocked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_card"


class Standing(models.Model):
    """A member's tier and counters. This row is the member's lock: every journey that moves value takes it first."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="+")
    tier = models.TextField(null=True)
    purchases = models.IntegerField(default=0)
    spend = models.BigIntegerField(default=0)  # net minor units
    visits = models.IntegerField(default=0)  # distinct days
    last_purchase_at = models.DateTimeField(null=True)
    last_visit_on = models.DateField(null=True)
    carried = models.TextField(default="{}")  # JSON: rule -> left-over base units
    state = models.TextField(default="{}")  # JSON: stamp cards, months' counters, tier dates, last activity

    class Meta:
        db_table = "members_standing"


class SignInCode(models.Model):
    """A one-time code sent to a member; only a keyed hash is kept."""

    id = models.UUIDField(primary_key=True)
    contact = models.TextField()  # the phone or e-mail it was sent to
    member_id = models.UUIDField(null=True)  # null: nobody has this contact; the page looks the same
    digest = models.BinaryField()
    tries = models.SmallIntegerField(default=0)
    network = models.TextField(blank=True)  # address prefix, for limits
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_sign_in_code"
        indexes = [
            models.Index(fields=["contact", "created_at"], name="codes_by_contact"),
            models.Index(fields=["network", "created_at"], name="codes_by_network"),
        ]


class Session(models.Model):
    """A member's signed-in wallet; only the token's hash is kept."""

    digest = models.BinaryField(primary_key=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "members_session"
