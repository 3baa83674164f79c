"""Which terms a member has not said yes to, and what they changed since the last yes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ganbo.features.programmes import change_words, queries
from ganbo.features.programmes.change_words import Told
from ganbo.features.programmes.in_force import Published
from ganbo.features.programmes.queries import AcceptanceRow
from ganbo.foundation.tenancy import context

TO_MEMBERS = ("worse", "mixed", "better")  # what leaves them where they are is read in the terms themselves


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The version in force, not accepted yet; `before` is the last yes and `agreed_to` its version, None without one."""

    now: Published
    before: AcceptanceRow | None
    agreed_to: Published | None

    def changes(self, *, locale: str) -> list[Told]:
        """What became worse, then worse for some, then better; empty when no terms were accepted before."""
        if self.agreed_to is None:
            return []
        told = change_words.told(self.agreed_to.programme, self.now.programme, locale=locale)
        heard = [one for one in told if one.verdict in TO_MEMBERS]
        return sorted(heard, key=lambda one: TO_MEMBERS.index(one.verdict))


def open_question(member_id: UUID, *, at: datetime) -> OpenQuestion | None:
    """None when the member said yes to the terms in force, or to the same words before. Raises NoProgramme."""
    timeline = queries.timeline(context.current().schema)
    now = timeline.at(at)
    begun = {one.version: one for one in timeline.versions if one.in_force_from <= at}
    yes = [row for row in queries.accepted(member_id) if row.version in begun or row.version == now.version]
    if any(row.version == now.version for row in yes):
        return None
    if not yes:
        return OpenQuestion(now, None, None)
    before = max(yes, key=lambda row: row.at)
    same = queries.terms_of(now.version, lang=before.lang)
    if same is not None and same.digest == before.digest:
        return None
    return OpenQuestion(now, before, begun[before.version])
