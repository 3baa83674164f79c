"""Batches of codes: ordered at once, made in the background a chunk a transaction, so that a break costs nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ganbo.books.events.reading import FieldProblem, FieldsRefused
from ganbo.books.ledger import budgets as books
from ganbo.books.ledger.posting import Cause, Posting
from ganbo.features.programmes import queries as programmes
from ganbo.features.rewards import batches
from ganbo.features.rewards.batches import BatchRow
from ganbo.foundation import chance, jobs
from ganbo.foundation.pipelines import Pipeline
from ganbo.foundation.tenancy import context
from ganbo.journeys import budgeting, giving
from ganbo.journeys.redeem_reward import BudgetUsedUp, RewardUnknown
from ganbo.kernel.refusal import Refusal

CHUNK = 20_000


class NotFinished(Refusal):
    """The batch's codes are still being made."""

    code = "codes.batch_not_finished"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Codes to be made; without `uses` and `expires_at` as the reward says."""

    reward: str
    count: int
    pattern: str = ""
    expires_at: datetime | None = None
    uses: int | None = None


def order(wanted: Wanted, *, now: datetime) -> BatchRow:
    """Keep the wish and wake the worker. Raises RewardUnknown, BudgetUsedUp or FieldsRefused."""
    business = context.current()
    published = programmes.timeline(business.schema).at(now)
    reward = published.programme.rewards.get(wanted.reward)
    if reward is None:
        raise RewardUnknown(reward=wanted.reward)
    problems = []
    if reward.kind == "card_money" or reward.imported or reward.choose:
        problems.append(FieldProblem("reward", "codes.no_batch", {}))
    if wanted.pattern and not batches.good_pattern(wanted.pattern):
        problems.append(FieldProblem("pattern", "codes.weak_pattern", {"least": batches.LEAST_RANDOM}))
    if wanted.expires_at is not None and wanted.expires_at <= now:
        problems.append(FieldProblem("expires_at", "out_of_range", {}))
    if problems:
        raise FieldsRefused(problems)
    budget, cost = budgeting.share(published.programme, reward.id, now)
    batch = BatchRow(
        id=chance.new_id(),
        reward=reward.id,
        count=wanted.count,
        done=0,
        pattern=wanted.pattern,
        uses=wanted.uses or reward.uses,
        expires_at=wanted.expires_at or giving.voucher_expiry(reward, published, now),
        amount=giving.money_on(reward),
        programme_version=published.version,
        created_at=now,
        budget=budget,
        cost=cost,
    )
    with transaction.atomic():
        batches.create(batch)
        _commit(batch, now=now)
        jobs.wake(business.id, "make_vouchers", queue="nightly")
    return batch


def _commit(batch: BatchRow, *, now: datetime) -> None:
    """All codes are committed when they are ordered. Raises BudgetUsedUp."""
    if not batch.budget:
        return
    schema, pipe, posting = context.current().schema, Pipeline.inside_django(), Posting(new_id=chance.new_id)
    total = batch.cost * batch.count
    left = budgeting.lock(pipe, schema, programmes.timeline(schema), [(now, "")])
    if total > left.get(batch.budget, total):
        raise BudgetUsedUp(reward=batch.reward)
    why = Cause(str(batch.id), now, batch.reward)
    books.move(posting, batch.budget, total, why, was=books.PLANNED, now=books.COMMITTED)
    pipe.run([*posting.statements(schema, now=now), *budgeting.statements(schema, {batch.budget: total})])


def make_some(*, at: datetime) -> int:
    """The next chunk of the oldest unfinished batch; 0 when there is none."""
    timeline = programmes.timeline(context.current().schema)
    with transaction.atomic():
        batch = batches.next_unfinished()
        if batch is None:
            return 0
        version = next(v for v in timeline.versions if v.version == batch.programme_version)
        stocked = version.programme.rewards[batch.reward].stock is not None
        return batches.make(batch, CHUNK, stocked=stocked, at=at)
