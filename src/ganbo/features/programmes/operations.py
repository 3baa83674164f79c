"""Publish a document: immutable, numbered, in force from an instant; keep its terms and who accepted them.

Demands a running transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Max

from ganbo.engine.programme import Programme
from ganbo.features.programmes import models
from ganbo.features.programmes.terms import Terms
from ganbo.foundation.tenancy import context
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class InForceInPast(Refusal):
    """A version cannot begin in the past: what happened then was judged already."""

    code = "programme.in_force_in_past"


class Overtaken(Refusal):
    """Somebody published another version meanwhile: compare with it, then publish again."""

    code = "programme.overtaken"


@needs_transaction
def lock_versions() -> None:
    """One at a time publishes in the current business, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{context.current().schema}:versions"]
        )


@needs_transaction
def publish(
    programme: Programme,
    *,
    at: datetime,
    by: str,
    in_force_from: datetime | None = None,
    existing: str = "new",
    expecting: int | None = None,
    note: str = "",
) -> int:
    """Keep the document as the next version and return its number; one that is in force then anyway changes nothing.

    `existing` is what its expiry does to points that are there already: `new` (nothing), `all` or `extend`.
    With `expecting` only as the one after that number. One that began at the same instant is replaced, and what its
    expiry would have done to points is not done. Raises InForceInPast, Overtaken.
    """
    since = in_force_from or at
    if since < at:
        raise InForceInPast()
    lock_versions()
    versions = list(models.Version.objects.order_by("-version"))
    gone = {v.withdraws for v in versions}
    judging = [v for v in versions if v.withdraws is None and v.version not in gone and v.in_force_from <= since]
    then = max(judging, key=lambda v: (v.in_force_from, v.version), default=None)
    if then is not None and then.digest == programme.digest:
        return then.version
    latest = versions[0].version if versions else 0
    if expecting not in (None, latest):
        raise Overtaken(version=latest)
    version = models.Version.objects.create(
        version=latest + 1,
        source=programme.source,
        digest=programme.digest,
        in_force_from=since,
        published_at=at,
        published_by=by,
        note=note,
    )
    models.Redating.objects.filter(due_at=since, done_at=None).delete()
    if versions and existing != "new":
        models.Redating.objects.create(version=version.version, mode=existing, due_at=version.in_force_from)
    return version.version


@needs_transaction
def withdraw(version: int, *, source: str, digest: str, at: datetime, by: str) -> None:
    """Call a version off, as the next number, with the document that holds instead.

    What its expiry would have done to points is not done. The caller holds `lock_versions` and knows that it may be.
    """
    numbers = models.Version.objects.aggregate(latest=Max("version"))
    models.Version.objects.create(
        version=numbers["latest"] + 1,
        source=source,
        digest=digest,
        in_force_from=models.Version.objects.get(pk=version).in_force_from,
        published_at=at,
        published_by=by,
        withdraws=version,
    )
    models.Redating.objects.filter(pk=version, done_at=None).delete()


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
