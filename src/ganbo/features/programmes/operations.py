"""Publish a document: immutable, numbered, in force from an instant. Demands a running transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from ganbo.engine.programme import Programme
from ganbo.features.programmes import models
from ganbo.foundation.transactions import needs_transaction


@needs_transaction
def publish(
    programme: Programme, *, at: datetime, by: str, in_force_from: datetime | None = None, existing: str = "new"
) -> int:
    """Keep the document as the next version and return its number; the last one again changes nothing.

    `existing` is what its expiry does to points that are there already: `new` (nothing), `all` or `extend`.
    """
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
    if last is not None and existing != "new":
        models.Redating.objects.create(version=version.version, mode=existing, due_at=version.in_force_from)
    return version.version


@dataclass(frozen=True, slots=True)
class Redating:
    """A version whose expiry is being applied to older points, up to and including the member `after`."""

    version: int
    mode: str
    after: UUID | None


@needs_transaction
def next_redating(*, at: datetime) -> Redating | None:
    """The oldest unfinished redating that is due, locked; None also while another worker is at it."""
    found = (
        models.Redating.objects.select_for_update(skip_locked=True)
        .filter(done_at=None, due_at__lte=at)
        .order_by("version")
        .first()
    )
    return Redating(found.version, found.mode, found.after) if found else None


@needs_transaction
def note_redating(version: int, *, after: UUID | None, done_at: datetime | None) -> None:
    """How far a redating has come."""
    models.Redating.objects.filter(pk=version).update(after=after, done_at=done_at)
