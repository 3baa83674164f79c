"""What publishing a document would change for members, before anybody does it. Reads only."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ganbo.books.ledger import queries as ledger
from ganbo.books.ledger.queries import LotGroup
from ganbo.engine.programme import Programme
from ganbo.features.programmes import queries as programmes
from ganbo.foundation.tenancy import context
from ganbo.journeys import publish_programme, redate_points

MOST_SHOWN = 10  # members named as a sample


@dataclass(frozen=True, slots=True)
class Moved:
    """Whose points would end at another time if the new expiry applied to all: how many, how much, who most."""

    members: int
    points: int
    sample: list[dict[str, Any]]  # member_id, points


@dataclass(frozen=True, slots=True)
class WalletPreview:
    """`earlier` would lose time, `later` gain it; `ending_now`: points that would end at once."""

    earlier: Moved
    later: Moved
    ending_now: int


def preview(source: str, *, at: datetime) -> dict[str, Any]:
    """Per wallet whose expiry differs from what it was: what becomes of points already there, if it applied to all.

    Raises what `publish_programme.check` raises, and NoProgramme.
    """
    return of_programme(publish_programme.check(source), at=at)


def of_programme(programme: Programme, *, at: datetime) -> dict[str, Any]:
    """The same for a compiled document. Raises NoProgramme."""
    timeline = programmes.timeline(context.current().schema)
    judging = [v.programme for v in timeline.versions if not timeline.replaced_by(v.version)]
    found = {}
    for name, wallet in programme.wallets.items():
        known = [one.wallets[name].expires for one in judging if name in one.wallets]
        olds = tuple(dict.fromkeys(known))
        if olds and olds != (wallet.expires,):
            found[name] = asdict(_wallet(name, (olds, wallet.expires), at=at))
    return {"wallets": found}


def _wallet(name: str, policy: tuple[Any, Any], *, at: datetime) -> WalletPreview:
    earlier, later, ending = [], [], 0
    for group in ledger.lot_groups(name, at=at):
        end = redate_points.end_of(policy, month=group.earned_month, end=group.expires_at, mode="all")
        if end < group.expires_at:
            earlier.append(group)
            ending += group.amount if end <= at else 0
        elif end > group.expires_at:
            later.append(group)
    return WalletPreview(_moved(name, earlier), _moved(name, later), ending)


def _moved(name: str, groups: list[LotGroup]) -> Moved:
    members, most = ledger.holders_of_groups(name, groups, most=MOST_SHOWN) if groups else (0, [])
    sample = [{"member_id": str(member), "points": points} for member, points in most]
    return Moved(members, sum(group.amount for group in groups), sample)
