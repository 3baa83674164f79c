from django.db import models
from django.db.models import Q


class Household(models.Model):
    """People who spend together. This row is locked, after the members', by whatever changes who they are."""

    id = models.UUIDField(primary_key=True)
    founded_at = models.DateTimeField()
    dissolved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "households_household"


class Person(models.Model):
    """One stay of a member in a household; it stands for ever, so that what was spent together can be checked."""

    id = models.UUIDField(primary_key=True)
    household_id = models.UUIDField(db_index=True)
    member_id = models.UUIDField(db_index=True)
    role = models.TextField()  # owner, adult, child
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "households_person"
        constraints = [
            models.UniqueConstraint(
                fields=["member_id"], condition=Q(left_at=None), name="a_member_is_in_one_household_at_most"
            ),
            models.UniqueConstraint(
                fields=["household_id"], condition=Q(left_at=None, role="owner"), name="a_household_has_one_owner"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "adult", "child"]), name="a_person_is_owner_adult_or_child"
            ),
        ]


class Invitation(models.Model):
    """Somebody asked to join. `member_id` None: nobody here has the contact that was typed, and the asker is not told."""

    id = models.UUIDField(primary_key=True)
    household_id = models.UUIDField(db_index=True)
    member_id = models.UUIDField(null=True, db_index=True)
    role = models.TextField()  # adult, child
    hint = models.TextField(blank=True)  # the last digits of what was typed, for the asker
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # first instant at which it can no longer be accepted
    state = models.TextField(default="open")  # open, accepted, declined, withdrawn
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "households_invitation"
        constraints = [
            models.UniqueConstraint(
                fields=["household_id", "member_id"],
                condition=Q(state="open"),
                name="one_open_invitation_for_a_person_and_household",
            ),
        ]
