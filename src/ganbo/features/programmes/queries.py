"""The published documents and which is in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max

from ganbo.engine.programme import Programme
from ganbo.features.programmes import in_force, models, terms
from ganbo.features.programmes.in_force import Published, Timeline
from ganbo.foundation import i18n
from ganbo.foundation.tenancy import context

MOST_ACCEPTED = 200  # newest yeses of one member that are shown


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: int
    in_force_from: datetime
    published_at: datetime
    published_by: str
    source: str
    note: str
    withdraws: int | None


def versions() -> list[VersionRow]:
    """All versions, newest first."""
    return [
        VersionRow(v.version, v.in_force_from, v.published_at, v.published_by, v.source, v.note, v.withdraws)
        for v in models.Version.objects.order_by("-version")[:200]
    ]


@dataclass(frozen=True, slots=True)
class Listed:
    """A version and what became of it.

    `state`: in_force, scheduled, past; replaced by one that begins at the same instant; withdrawn before it began;
    withdrawal of another one.
    """

    row: VersionRow
    state: str


def listed(schema: str, *, at: datetime) -> list[Listed]:
    """All versions of the current business with their states, newest first."""
    rows = versions()
    if not rows:
        return []
    times = timeline(schema)
    return [Listed(row, _state(row, times, at)) for row in rows]


def _state(row: VersionRow, times: Timeline, at: datetime) -> str:
    if row.withdraws is not None:
        return "withdrawal"
    if not times.has(row.version):
        return "withdrawn"
    if times.replaced_by(row.version):
        return "replaced"
    if times.at(at).version == row.version:
        return "in_force"
    return "scheduled" if row.in_force_from > at else "past"


def withdrawn(version: int) -> bool:
    """Whether a version was called off before it began."""
    return models.Version.objects.filter(withdraws=version).exists()


def timeline(schema: str) -> Timeline:
    """The current business's programmes. Raises NoProgramme."""
    latest = models.Version.objects.aggregate(latest=Max("version"))["latest"]
    known = in_force.timeline(schema, latest)
    if known is not None:
        return known
    rows = models.Version.objects.values_list("version", "in_force_from", "source", "withdraws")
    return in_force.remember(schema, list(rows))


def in_force_at(schema: str, at: datetime) -> Published:
    """The version that judges what happens at `at`. Raises NoProgramme."""
    return timeline(schema).at(at)


def source_of(version: int) -> str | None:
    """The text of a version as it was published."""
    return models.Version.objects.filter(pk=version).values_list("source", flat=True).first()


def programme_of(version: int) -> Programme | None:
    """The compiled document of a version."""
    source = source_of(version)
    return in_force.compiled(source) if source is not None else None


@dataclass(frozen=True, slots=True)
class TermsRow:
    """The terms of a version in one language; `digest` is the SHA-256 of `text`."""

    version: int
    lang: str
    digest: str
    text: str


def terms_of(version: int, *, lang: str) -> TermsRow | None:
    """The terms as they were published; made from the rules for a version that was published before terms were kept."""
    lang = i18n.known(lang)
    kept = models.Terms.objects.filter(version=version, lang=lang).values_list("digest", "text").first()
    if kept is not None:
        return TermsRow(version, lang, *kept)
    source = source_of(version)
    if source is None:
        return None
    made = terms.of(in_force.compiled(source), lang=lang, organiser=context.current().name)
    return TermsRow(version, lang, made.digest, made.text)


@dataclass(frozen=True, slots=True)
class AcceptanceRow:
    """A member's yes to a version's terms."""

    version: int
    lang: str
    digest: str
    channel: str
    at: datetime


def accepted(member_id: UUID) -> list[AcceptanceRow]:
    """What a member said yes to, newest version first."""
    found = models.Acceptance.objects.filter(member_id=member_id).order_by("-version")[:MOST_ACCEPTED]
    return [AcceptanceRow(a.version, a.lang, a.digest, a.channel, a.at) for a in found]


def yeses() -> dict[int, dict[str, int]]:
    """How many members said yes to each version's terms, by version and language."""
    found: dict[int, dict[str, int]] = {}
    counted = models.Acceptance.objects.values_list("version", "lang").annotate(count=Count("member_id"))
    for version, lang, count in counted.order_by("-version", "lang"):
        found.setdefault(version, {})[lang] = count
    return found
