"""Choice rewards: the holder of a choice picks one of its rewards, once; the choice becomes a voucher of it.

The cost of what was picked is committed only now. The voucher keeps its cause, so a return takes it back like any other.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ganbo.books.ledger import budgets as books
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.engine import budgets
from ganbo.engine.programme import Reward
from ganbo.features.programmes import queries as programmes
from ganbo.features.programmes.in_force import Published, Timeline
from ganbo.features.rewards import operations, pools, queries
from ganbo.features.rewards.operations import Become
from ganbo.features.rewards.queries import VoucherRow
from ganbo.foundation import chance, strict_json
from ganbo.foundation.audit import operations as audit
from ganbo.foundation.pipelines import Pipeline, Statement
from ganbo.foundation.tenancy import context
from ganbo.journeys import budgeting, giving
from ganbo.journeys.giving import GivenVoucher
from ganbo.journeys.record_events import insert_facts
from ganbo.journeys.redeem_reward import BudgetUsedUp, OutOfStock
from ganbo.journeys.reverse import lock
from ganbo.kernel.refusal import Refusal


class NoChoice(Refusal):
    """There is no such choice of this member, it has ended, or it was taken back."""

    code = "rewards.no_choice"


class NotInChoice(Refusal):
    """This reward is not among what can be chosen."""

    code = "rewards.not_in_choice"


class ChosenAlready(Refusal):
    """Something else was chosen already."""

    code = "rewards.chosen_already"


@dataclass(frozen=True, slots=True)
class Choice:
    """An open choice, and the rewards one of which can be picked."""

    voucher: VoucherRow
    choice: Reward
    rewards: tuple[Reward, ...]


def open_of(member_id: UUID, timeline: Timeline, *, at: datetime) -> list[Choice]:
    """A member's open choices, the first to end first."""
    found = [_choice(row, timeline, at) for row in queries.vouchers_of(member_id)]
    mine = [one for one in found if one is not None]
    return sorted(mine, key=lambda one: (one.voucher.expires_at is None, one.voucher.expires_at or at))


def _choice(row: VoucherRow, timeline: Timeline, at: datetime) -> Choice | None:
    choice = _as_given(row.reward, row.version, timeline, at)
    if choice is None or not choice.choose or not _open(row.state, row.expires_at, at):
        return None
    found = (_to_choose(one, row.version, timeline, at) for one in choice.choose)
    return Choice(row, choice, tuple(one for one in found if one is not None))


def _open(state: str, expires_at: datetime | None, at: datetime) -> bool:
    return state == "issued" and (expires_at is None or expires_at > at)


def _as_given(reward: str, version: int | None, timeline: Timeline, at: datetime) -> Reward | None:
    """As it was promised when it was given."""
    now = timeline.at(at).programme.rewards.get(reward)
    then = next((v for v in timeline.versions if v.version == version), None)
    return then.programme.rewards.get(reward, now) if then is not None else now


def _to_choose(reward: str, version: int | None, timeline: Timeline, at: datetime) -> Reward | None:
    """As it is given today; one that is no longer in the programme as it was then."""
    return timeline.at(at).programme.rewards.get(reward) or _as_given(reward, version, timeline, at)


def choose(voucher_id: UUID, reward: str, *, member_id: UUID, by: str, now: datetime) -> VoucherRow:
    """The choice becomes a voucher of this reward; asked again the same, nothing changes.

    Raises NoChoice, NotInChoice, ChosenAlready, OutOfStock or BudgetUsedUp; then the choice stays open.
    """
    schema = context.current().schema
    with transaction.atomic():
        if queries.of_holder(member_id, voucher_id) is None:
            raise NoChoice()
        pipe = Pipeline.inside_django()
        lock(pipe, member_id)  # the member before the voucher, as a sale with codes locks them
        operations.lock_voucher(voucher_id)
        row = queries.of_holder(member_id, voucher_id)
        assert row is not None
        if row.chosen_at is not None:
            if row.reward != reward:
                raise ChosenAlready(reward=row.reward)
            return row
        timeline = programmes.timeline(schema)
        open_choice = _choice(row, timeline, now)
        if open_choice is None:
            raise NoChoice()
        picked = next((one for one in open_choice.rewards if one.id == reward), None)
        if picked is None:
            raise NotInChoice(reward=reward)
        _become(pipe, row, picked, timeline, now)
        audit.note(by, "reward.chosen", str(voucher_id))
        chosen = queries.of_holder(member_id, voucher_id)
        assert chosen is not None
        return chosen


def _become(pipe: Pipeline, row: VoucherRow, picked: Reward, timeline: Timeline, now: datetime) -> None:
    schema = context.current().schema
    published = _issuing(picked, row.version, timeline, now)
    left = budgeting.lock(pipe, schema, timeline, [(now, "")])
    budget, cost = _share(published, picked, now, row.quantity)
    if budget in left and left[budget] < cost:
        raise BudgetUsedUp(reward=picked.id)
    if picked.stock is not None and operations.lock_stock(picked.id) + row.quantity > picked.stock:
        raise OutOfStock(reward=picked.id)
    amount = giving.money_on(picked)
    operations.become(
        row.id,
        Become(
            reward=picked.id,
            uses=picked.uses,
            version=published.version,
            usable_from=now if picked.from_next_order else None,
            expires_at=giving.voucher_expiry(picked, published, now),
            amount=amount * row.quantity if amount else None,
            waiting=picked.imported,
            budget=budget,
            cost=cost,
            stocked=row.quantity if picked.stock is not None else 0,
            at=now,
        ),
    )
    pipe.run(_written(row, picked, (budget, cost), now))


def _written(row: VoucherRow, picked: Reward, share: tuple[str, int], now: datetime) -> list[Statement]:
    """The commitment in the books, a partner's code, and the fact with the taste that the choice shows."""
    schema, (budget, cost), posting = context.current().schema, share, Posting(new_id=chance.new_id)
    if budget:
        why = Cause(str(row.id), now, picked.id)
        books.move(posting, budget, cost, why, was=books.PLANNED, now=books.COMMITTED)
    body = {
        "voucher_id": str(row.id),
        "member_id": str(row.member_id),
        "choice": row.reward,
        "reward": picked.id,
        "taste": picked.taste,
    }
    return [
        *posting.statements(schema, now=now),
        *budgeting.statements(schema, {budget: cost} if budget else {}),
        *([pools.fill(schema, [row.id], at=now)] if picked.imported else []),
        insert_facts(schema, [("reward.chosen", strict_json.dumps(body))], now),
    ]


def _issuing(picked: Reward, version: int | None, timeline: Timeline, now: datetime) -> Published:
    """The version that says how long the voucher lives and what it costs: today's, if it still has the reward."""
    today = timeline.at(now)
    if picked.id in today.programme.rewards:
        return today
    return next((v for v in timeline.versions if v.version == version), today)


def _share(published: Published, picked: Reward, now: datetime, quantity: int) -> tuple[str, int]:
    day = now.astimezone(published.programme.timezone).date()
    return budgets.share(published.programme, picked, day, quantity=quantity)


def chosen(given: GivenVoucher, reward: str, published: Published, *, at: datetime) -> GivenVoucher:
    """What an open choice becomes in a story. Raises NoChoice or NotInChoice."""
    choice = published.programme.rewards[given.reward]
    if not choice.choose or not _open("issued", given.expires_at, at):
        raise NoChoice()
    if reward not in choice.choose:
        raise NotInChoice(reward=reward)
    picked = published.programme.rewards[reward]
    budget, cost = _share(published, picked, at, 1)
    return replace(
        given,
        reward=reward,
        uses=picked.uses,
        expires_at=giving.voucher_expiry(picked, published, at),
        stocked=picked.stock is not None,
        amount=giving.money_on(picked),
        budget=budget,
        cost=cost,
        imported=picked.imported,
    )
