"""A member says yes to the terms: to the exact words of a version, once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ganbo.features.programmes import operations, queries
from ganbo.features.programmes.queries import AcceptanceRow
from ganbo.foundation.tenancy import context
from ganbo.foundation.transactions import needs_transaction
from ganbo.kernel.refusal import Refusal


class UnknownVersion(Refusal):
    """There is no such version of the programme, or it was withdrawn."""

    code = "programme.unknown_version"


class OtherWords(Refusal):
    """The digest is not that of these terms: the member was shown other words."""

    code = "programme.other_terms"


@dataclass(frozen=True, slots=True)
class Words:
    """The words somebody was shown: a version's terms in one language, and the SHA-256 of their text."""

    version: int
    lang: str
    digest: str


def accept(
    member_id: UUID, *, at: datetime, lang: str, channel: str, version: int | None = None, digest: str | None = None
) -> AcceptanceRow:
    """Keep the yes to a version, the one in force when none is named. Raises UnknownVersion, OtherWords, NoProgramme."""
    with transaction.atomic():
        return accept_inside(member_id, at=at, lang=lang, channel=channel, version=version, digest=digest)


@needs_transaction
def accept_inside(
    member_id: UUID, *, at: datetime, lang: str, channel: str, version: int | None = None, digest: str | None = None
) -> AcceptanceRow:
    """The same within a running transaction. A version that is scheduled may be accepted before it begins."""
    timeline = queries.timeline(context.current().schema)
    if version is None:
        version = timeline.at(at).version
    shown = queries.terms_of(version, lang=lang)
    if shown is None or not timeline.has(version):
        raise UnknownVersion(version=version)
    if digest is not None and digest != shown.digest:
        raise OtherWords(version=version)
    operations.accept(member_id, version, lang=shown.lang, digest=shown.digest, channel=channel, at=at)
    return next(row for row in queries.accepted(member_id) if row.version == version)
