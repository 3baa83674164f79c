from django.db import models
from django.db.models import Q

from ganbo.foundation.append_only import AppendOnly


class Deal(AppendOnly):
    """A bill of one of our members at a partner's, or a return of one; only in the books of whose points they are.

    All amounts are above zero also for a return: it brings them back. `reference` is the partner's.
    """

    id = models.UUIDField(primary_key=True)
    partner = models.TextField()
    reference = models.TextField()
    sale_id = models.UUIDField(null=True, db_index=True)  # of a return: the bill it returns
    member_id = models.UUIDField(null=True)  # null: only a gift card, whoever bore it
    wallet = models.TextField()
    bill = models.BigIntegerField()  # minor units; of a return: how much of it came back
    earned = models.BigIntegerField()
    used = models.BigIntegerField()  # points that paid
    paid = models.BigIntegerField()  # the money they paid, minor units
    voucher_id = models.UUIDField(null=True)  # the gift card that paid
    by_card = models.BigIntegerField()  # the money it paid, minor units
    body_hash = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "partners_deal"
        constraints = [
            models.UniqueConstraint(fields=["partner", "reference"], name="a_partner_uses_a_reference_once"),
            models.CheckConstraint(
                condition=Q(bill__gt=0, earned__gte=0, used__gte=0, paid__gte=0, by_card__gte=0),
                name="a_deal_moves_no_less_than_nothing",
            ),
        ]


class Line(AppendOnly):
    """One line of a statement: above zero the partner owes us more. It has the same id in the partner's books, turned.

    `ours`: it is about our points or cards, else about theirs. It tells the reference, never who.
    """

    id = models.UUIDField(primary_key=True)
    partner = models.TextField()
    ours = models.BooleanField()
    kind = models.TextField()  # earn, points, gift_card, earn_back, points_back, gift_card_back, settle
    reference = models.TextField()
    units = models.BigIntegerField()
    amount = models.BigIntegerField()  # minor units
    currency = models.TextField()
    period = models.TextField()  # the month it is settled with: 2026-11
    settles = models.TextField(blank=True)  # of a payment: the last month it pays
    at = models.DateTimeField()

    class Meta:
        db_table = "partners_line"
        indexes = [
            models.Index(fields=["partner", "period", "at", "id"], name="partners_lines_by_month"),
            models.Index(fields=["reference"], name="partners_lines_by_reference"),
        ]


class Settling(models.Model):
    """How far a partner's months are settled; locked shared by whatever adds a line, alone by a settlement."""

    partner = models.TextField(primary_key=True)
    settled_through = models.TextField(blank=True)  # 2026-11; empty: nothing yet

    class Meta:
        db_table = "partners_settling"


class Agreement(AppendOnly):
    """That somebody here agreed to the terms on which the partner's points and cards are taken here."""

    id = models.UUIDField(primary_key=True)
    partner = models.TextField()
    terms = models.TextField()  # JSON with sorted keys, as they were
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "partners_agreement"
        indexes = [models.Index(fields=["partner", "at"], name="partners_agreements_latest")]
