"""Ask before sending or giving what nobody was promised: some members are held back, so that its effect can be told.

What the terms promise (points, stamps, tiers, rewards, published offers) and what is a duty (receipts, the end of points,
changed terms, codes) never asks here. A test reads the source for that.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ganbo.engine.programme import Programme
from ganbo.features.experiments import holding, operations, queries
from ganbo.features.experiments.holding import HELD, REST, SALT, Thing


def may_get(thing: Thing, members: Sequence[UUID], *, business: str, programme: Programme, at: datetime) -> list[UUID]:
    """Those of the members who may get something unpromised, in their order; notes from when each is held back or not.

    `business`: its schema. Without `holdout` in the programme everybody may, and nothing is noted.
    """
    if thing not in holding.UNPROMISED:
        raise ValueError(f"{thing} is no unpromised thing; what is promised is never held back")
    share = programme.holdout
    if not share:
        return list(members)
    groups = {m: HELD if holding.is_held(business, str(m), share) else REST for m in members}
    with transaction.atomic():
        for group in (HELD, REST):
            theirs = [m for m, mine in groups.items() if mine == group]
            new = set(theirs) - queries.known(SALT, theirs, group)
            operations.expose(SALT, [(m, group, at) for m in theirs if m in new])
    return [m for m in members if groups[m] == REST]
