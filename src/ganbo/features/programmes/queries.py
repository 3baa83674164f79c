"""The published documents and which is in force."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from ganbo.features.programmes import in_force, models
from ganbo.features.programmes.in_force import Published, Timeline


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: int
    in_force_from: datetime
    published_at: datetime
    published_by: str
    source: str


def versions() -> list[VersionRow]:
    """All versions, newest first."""
    return [
        VersionRow(v.version, v.in_force_from, v.published_at, v.published_by, v.source)
        for v in models.Version.objects.order_by("-version")[:200]
    ]


def timeline(schema: str) -> Timeline:
    """The current business's programmes. Raises NoProgramme."""
    latest = models.Version.objects.aggregate(latest=Max("version"))["latest"]
    known = in_force.timeline(schema, latest)
    if known is not None:
        return known
    rows = models.Version.objects.values_list("version", "in_force_from", "source")
    return in_force.remember(schema, list(rows))


def in_force_at(schema: str, at: datetime) -> Published:
    """The version that judges what happens at `at`. Raises NoProgramme."""
    return timeline(schema).at(at)


def source_of(version: int) -> str | None:
    """The text of a version as it was published."""
    return models.Version.objects.filter(pk=version).values_list("source", flat=True).first()
