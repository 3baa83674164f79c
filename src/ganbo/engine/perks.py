"""Perks as a programme gives them: which a level brings, and how many are left in a period. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from ganbo.engine.document.perks import PerkDoc
from ganbo.engine.limits import period_key
from ganbo.kernel.local_text import LocalText

if TYPE_CHECKING:
    from ganbo.engine.programme import Programme


@dataclass(frozen=True, slots=True)
class Perk:
    """`count` times in each `per`; None: as often as one likes. `counted`: a till taps it."""

    id: str
    text: LocalText
    count: int | None
    per: str
    counted: bool

    @property
    def name(self) -> LocalText:
        """What people call it: its text."""
        return self.text

    def period(self, day: date) -> str:
        """The name of the period that holds a local day: month:2026-12."""
        return period_key(self.per, day)

    def left(self, used: int) -> int | None:
        """How many more in this period; None without a limit."""
        return None if self.count is None else max(self.count - used, 0)


def perk_of(doc: PerkDoc) -> Perk:
    """The compiled one."""
    return Perk(doc.id, LocalText(doc.text), doc.count, doc.per or "ever", doc.show == "till")


def of_level(programme: "Programme", tier: str | None) -> list[Perk]:
    """What a member of this level has, in the level's order; nothing outside of levels."""
    level = programme.by_level.get(tier or programme.first_tier or "")
    return [programme.perks[id] for id in level.perks if id in programme.perks] if level else []


def periods(programme: "Programme", tier: str | None, at: datetime) -> Mapping[str, str]:
    """Perk → its period at an instant."""
    day = at.astimezone(programme.timezone).date()
    return {perk.id: perk.period(day) for perk in of_level(programme, tier)}
