"""Publish a document: immutable, numbered, in force from an instant. Demands a running transaction."""

from datetime import datetime

from django.db import connection

from ganbo.engine.programme import Programme
from ganbo.features.programmes import models
from ganbo.foundation.transactions import needs_transaction


@needs_transaction
def publish(programme: Programme, *, at: datetime, by: str, in_force_from: datetime | None = None) -> int:
    """Keep the document as the next version and return its number; the last one again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE programmes_version IN SHARE ROW EXCLUSIVE MODE")
    last = models.Version.objects.order_by("-version").first()
    if last is not None and last.digest == programme.digest:
        return last.version
    version = models.Version.objects.create(
        version=(last.version if last else 0) + 1,
        source=programme.source,
        digest=programme.digest,
        in_force_from=in_force_from or at,
        published_at=at,
        published_by=by,
    )
    return version.version
