from django.db import models

from ganbo.foundation.append_only import AppendOnly


class Line(AppendOnly):
    """Who did what to what; no identifiers of members and no free text."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()  # staff:<id>, key:<id>, member:<id> or cli
    action = models.TextField()
    subject = models.TextField(blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_line"
        indexes = [models.Index(fields=["at"], name="audit_by_time")]
