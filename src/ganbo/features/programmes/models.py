from django.db import models

from ganbo.foundation.append_only import AppendOnly


class Version(AppendOnly):
    """A published document; immutable. In force from `in_force_from` until the next one is.

    One that `withdraws` another calls it off before it begins, and judges nothing itself.
    """

    version = models.IntegerField(primary_key=True)
    source = models.TextField()
    digest = models.TextField()
    in_force_from = models.DateTimeField()
    published_at = models.DateTimeField()
    published_by = models.TextField()
    note = models.TextField(default="", db_default="")  # why, in the words of who published it
    withdraws = models.IntegerField(null=True)

    class Meta:
        db_table = "programmes_version"


class Redating(models.Model):
    """A version whose expiry also applies to points that were there before it; done in batches of members."""

    version = models.IntegerField(primary_key=True)
    mode = models.TextField()  # all, extend
    due_at = models.DateTimeField()  # when the version is in force
    after = models.UUIDField(null=True)  # the last member done
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "programmes_redating"


class Usage(models.Model):
    """How much of a limit has been used: per subject (member:…, store:…, programme), rule and period."""

    pk = models.CompositePrimaryKey("subject", "rule", "period")
    subject = models.TextField()
    rule = models.TextField()
    period = models.TextField()
    count = models.BigIntegerField()
    points = models.BigIntegerField()
    money = models.BigIntegerField()

    class Meta:
        db_table = "programmes_usage"


class Terms(AppendOnly):
    """The terms of a version in one language, as they were published."""

    pk = models.CompositePrimaryKey("version", "lang")
    version = models.IntegerField()
    lang = models.TextField()
    digest = models.TextField()
    text = models.TextField()

    class Meta:
        db_table = "programmes_terms"


class Acceptance(AppendOnly):
    """A member's yes to the terms of a version: to which words, when, and where it was given."""

    pk = models.CompositePrimaryKey("member_id", "version")
    member_id = models.UUIDField()
    version = models.IntegerField()
    lang = models.TextField()
    digest = models.TextField()
    channel = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "programmes_acceptance"


class Draft(models.Model):
    """The document being written, one a business; it need not be valid. `before` is the text of the last save but one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    source = models.TextField()
    before = models.TextField()
    revision = models.IntegerField()
    based_on = models.IntegerField()
    updated_at = models.DateTimeField()
    updated_by = models.TextField()

    class Meta:
        db_table = "programmes_draft"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_draft_a_business")]
