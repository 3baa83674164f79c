"""Open choices of the member at the counter."""

from dataclasses import dataclass
from uuid import UUID

from ganbo.doors.till import outcome, saying
from ganbo.doors.till.counter import Counter
from ganbo.features.programmes import queries as programmes
from ganbo.journeys import choosing, effects
from ganbo.people.members.queries import MemberRow


@dataclass(frozen=True, slots=True)
class Choice:
    """An open choice and what can be picked of it: (id, name)."""

    id: UUID
    name: str
    last_day: str
    picks: list[tuple[str, str]]


def of_member(row: MemberRow, at: Counter) -> list[Choice]:
    """The first to end first."""
    if not any(reward.choose for reward in at.programme.rewards.values()):
        return []
    open_ = choosing.open_of(row.id, programmes.timeline(at.business.schema), at=at.now)
    return [
        Choice(
            id=one.voucher.id,
            name=saying.reward(at.programme, one.choice.id),
            last_day=outcome.day_of(effects.shown_expiry(one.voucher.expires_at, at.programme), at.programme),
            picks=[(pick.id, pick.name.text(saying.locale()) or pick.id) for pick in one.rewards],
        )
        for one in open_
    ]
