"""Publish a document: immutable, numbered, in force from an instant; keep its terms and who accepted them.

Demands a running transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from ganbo.engine.programme import Programme
from ganbo.features.programmes import models
from ganbo.features.programmes.terms import Terms
from ganbo.foundation.tenancy import context
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class InForceInPast(Refusal):
    """A version cannot begin in the past: what happened then was judged already."""

    code = "programme.in_force_in_past"


@needs_transaction
def publish(
    programme: Programme, *, at: datetime, by: str, in_force_from: datetime | None = None, existing: str = "new"
) -> int:
    """Keep the document as the next version and return its number; one that is in force then anyway changes nothing.

    `existing` is what its expiry does to points that are there already: `new` (nothing), `all` or `extend`.
    Raises InForceInPast.
    """
    since = in_force_from or at
    if since < at:
        raise InForceInPast()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{context.current().schema}:versions"]
        )
    versions = list(models.Version.objects.order_by("-version").values_list("version", "in_force_from", "digest"))
    then = max((v for v in versions if v[1] <= since), key=lambda v: (v[1], v[0]), default=None)
    if then is not None and then[2] == programme.digest:
        return int(then[0])
    version = models.Version.objects.create(
        version=(versions[0][0] if versions else 0) + 1,
        source=programme.source,
        digest=programme.digest,
        in_force_from=since,
        published_at=at,
        published_by=by,
    )
    if versions and existing != "new":
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


@needs_transaction
def keep_terms(version: int, terms: Iterable[Terms]) -> None:
    """Keep the terms of a version; those that are kept already stay as they are."""
    rows = [models.Terms(version=version, lang=one.lang, digest=one.digest, text=one.text) for one in terms]
    models.Terms.objects.bulk_create(rows, ignore_conflicts=True)


@needs_transaction
def accept(member_id: UUID, version: int, *, lang: str, digest: str, channel: str, at: datetime) -> None:
    """Keep a member's yes; the first one to a version stays."""
    row = models.Acceptance(member_id=member_id, version=version, lang=lang, digest=digest, channel=channel, at=at)
    models.Acceptance.objects.bulk_create([row], ignore_conflicts=True)
