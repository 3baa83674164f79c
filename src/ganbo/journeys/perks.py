"""Perks at the counter: what a member's level brings them, used one by one under the member's lock, and undone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ganbo.engine import perks as engine
from ganbo.engine.perks import Perk
from ganbo.engine.programme import Programme
from ganbo.features.perks import operations, queries
from ganbo.features.perks.operations import Used, UseUnknown, Wanted
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys.reverse import UndoTooLate, lock
from ganbo.kernel.refusal import Refusal


class NotTheirs(Refusal):
    """The member's level brings no such perk, or it is none that is counted."""

    code = "perks.not_theirs"


@dataclass(frozen=True, slots=True)
class Standing:
    """A perk of a member: how often it was used in this period, and how many are left (None: no limit)."""

    perk: Perk
    used: int
    left: int | None


def of_member(member_id: UUID, tier: str | None, programme: Programme, *, at: datetime) -> list[Standing]:
    """What their level brings, in the level's order."""
    mine = engine.of_level(programme, tier)
    used = queries.counts(member_id, engine.periods(programme, tier, at)) if mine else {}
    return [Standing(perk, used.get(perk.id, 0), perk.left(used.get(perk.id, 0))) for perk in mine]


def use(perk: str, *, member_id: UUID, by: str, now: datetime, store: str = "") -> Used:
    """One more, never beyond what was promised. Raises NotTheirs or UsedUp."""
    schema = context.current().schema
    with transaction.atomic():
        standing = lock(Pipeline.inside_django(), member_id)
        programme = programmes.in_force_at(schema, now).programme
        tier = standing.tier or programme.first_tier or ""
        found = next((one for one in engine.of_level(programme, tier) if one.id == perk and one.counted), None)
        if found is None:
            raise NotTheirs(perk=perk)
        day = now.astimezone(programme.timezone).date()
        wanted = Wanted(found.id, found.period(day), found.count, tier)
        used = operations.use(member_id, wanted, by=by, store=store, at=now)
        audit.note(by, "perk.used", str(used.id))
        return used


def undo(use_id: UUID, *, by: str, now: datetime, within: timedelta | None = None) -> Used:
    """It counts no more; by cashiers only `within` so long. Raises UseUnknown or UndoTooLate."""
    with transaction.atomic():
        found = queries.use(use_id)
        if found is None:
            raise UseUnknown()
        if within is not None and now - found.at > within:
            raise UndoTooLate()
        lock(Pipeline.inside_django(), found.member_id)
        audit.note(by, "perk.use_undone", str(use_id))
        return operations.undo(use_id, at=now)
