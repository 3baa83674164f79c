"""Whether a member may redeem a reward at all: the programme runs, and the reward is open to them."""

from datetime import datetime

from ganbo.engine import eligibility, tiers
from ganbo.engine.facts import MemberFacts
from ganbo.engine.programme import Programme, Reward
from ganbo.journeys.gathering import Standing
from ganbo.kernel.refusal import Refusal


class Locked(Refusal):
    """This reward is for members of a higher level."""

    code = "rewards.locked"


class NotForYou(Refusal):
    """The reward's condition on the member does not hold."""

    code = "rewards.not_for_you"


class NotBegun(Refusal):
    """The programme begins later; nothing is redeemed before."""

    code = "programme.not_begun"


class Over(Refusal):
    """The last day to redeem is over."""

    code = "programme.over"


def check_runs(programme: Programme, now: datetime) -> None:
    """Raises NotBegun or Over."""
    runs, day = programme.runs, now.astimezone(programme.timezone).date()
    if runs.since is not None and runs.before(day):
        raise NotBegun(day=runs.since.isoformat())
    if runs.spend_until is not None and not runs.spends(day):
        raise Over(day=runs.spend_until.isoformat())


def check_open(programme: Programme, reward: Reward, standing: Standing, *, at: datetime) -> None:
    """Raises Locked or NotForYou."""
    if reward.when is None and tiers.opened_by(programme, reward.id) is None:
        return
    why = eligibility.barred(programme, reward, facts(standing, programme, at=at), at=at)
    if why is not None and why.tier is not None:
        raise Locked(reward=reward.id, tier=why.tier)
    if why is not None:
        raise NotForYou(reward=reward.id, missing=list(why.missing))


def facts(standing: Standing, programme: Programme, *, at: datetime) -> MemberFacts:
    """The member as a reward's condition sees them at `at`."""
    zone, last = programme.timezone, standing.last_purchase_at
    return MemberFacts(
        id=str(standing.member_id),
        tier=standing.tier or programme.first_tier,
        age_days=max((at - standing.created_at).days, 0),
        purchases=standing.purchases,
        spend=standing.spend,
        visits=standing.visits,
        days_since_purchase=(at.astimezone(zone).date() - last.astimezone(zone).date()).days if last else -1,
    )
