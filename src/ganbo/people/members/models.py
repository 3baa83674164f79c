from django.db import models
from django.db.models import Q

from ganbo.foundation.append_only import AppendOnly


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


class Consent(AppendOnly):
    """A yes or a no of a member to being written to, as it was told; of a channel and purpose the latest counts.

    `source` names the form or page it was told on, never a person: rows are not erased with their member.
    """

    id = models.UUIDField(primary_key=True)
    member_id = models.UUIDField()
    channel = models.TextField()  # email, sms, zalo, push, call
    purpose = models.TextField()  # such as marketing
    given = models.BooleanField()
    source = models.TextField()
    at = models.DateTimeField()  # when the member said so
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "members_consent"
        constraints = [
            models.UniqueConstraint(
                fields=["member_id", "channel", "purpose", "at", "given"], name="a_consent_is_written_once"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="a_consent_says_where_it_was_given"),
        ]


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


class Pin(models.Model):
    """The PIN beside a member's card; only a slow hash is kept. `tries` counts wrong ones since the last right one."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="+")
    hashed = models.TextField()
    tries = models.SmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "members_pin"


class ProofState(models.TextChoices):
    WAITING = "waiting"  # for the code that was sent, or for a manager
    GIVEN = "given"
    REFUSED = "refused"
    USED = "used"


class Proof(models.Model):
    """What a member showed, or a manager allowed, before value is spent: good for one spend, and not for long."""

    id = models.UUIDField(primary_key=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    by = models.TextField()  # card_pin, token, otp, manager
    state = models.TextField(choices=ProofState.choices)
    most = models.BigIntegerField(null=True)  # minor units; null: as much as the programme allows for `by`
    asked_by = models.TextField(blank=True)  # staff or key
    store = models.TextField(blank=True)
    note = models.TextField(blank=True)  # what it is for
    decided_by = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # the manager's
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_for = models.TextField(blank=True)  # event or redemption

    class Meta:
        db_table = "members_proof"
        indexes = [models.Index(fields=["by", "created_at"], name="proofs_by_way")]
