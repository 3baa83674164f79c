"""Turn points into a reward: the balance is locked, burnt lot by lot, and a voucher is issued. Once per key.

Like recording, a batch of many members' redemptions is one transaction of two trips.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from ganbo.books.events.reading import VOUCHED
from ganbo.books.ledger import budgets as books
from ganbo.books.ledger.posting import Cause, Insufficient, Posting
from ganbo.engine import limits
from ganbo.engine.facts import Used
from ganbo.engine.programme import Reward
from ganbo.features.programmes import in_force
from ganbo.features.programmes.in_force import Published
from ganbo.features.rewards import codes, pools
from ganbo.foundation import chance, strict_json
from ganbo.foundation.pipelines import Pipeline, Statement, StatementFailed, array, text_array
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import (
    budgeting,
    effects,
    gathering,
    giving,
    inactivity,
    pooling,
    proving,
    recording,
    redemption_checks,
    redemption_writing,
    reserving,
)
from ganbo.journeys.gathering import Snapshot, Standing, UsageKey
from ganbo.journeys.record_events import add_usage
from ganbo.journeys.redemption_writing import TO_DO, Ask, Issued
from ganbo.kernel.points import shown_balance
from ganbo.kernel.refusal import Refusal

_FIRST_LOTS = 40  # enough for nearly every spend; a larger one reads the rest


class RewardUnknown(Refusal):
    """There is no reward of this name in the programme."""

    code = "rewards.unknown"


class NotForPoints(Refusal):
    """This reward has no price in points."""

    code = "rewards.not_for_points"


class OutOfStock(Refusal):
    """There are not enough of this reward left."""

    code = "rewards.out_of_stock"


class BudgetUsedUp(Refusal):
    """The line of the budget that pays for this reward has a hard stop and is used up."""

    code = "rewards.budget_used_up"


class OneCodeEach(Refusal):
    """Of a reward with somebody else's codes one is redeemed at a time: a voucher has one code."""

    code = "rewards.one_code_each"


class LimitReached(Refusal):
    """The limit of this reward is used up for the period."""

    code = "rewards.limit_reached"


class InProgress(Refusal):
    """A request with the same Idempotency-Key is still running; ask again in a moment."""

    code = "idempotency.in_progress"


@dataclass(frozen=True, slots=True)
class Given:
    """The answer: the contract's Redemption as stored JSON, or why not; `owed`: points that were missing."""

    status: str  # issued, replayed, refused
    answer: str | None = None
    refusal: Refusal | None = None
    owed: int = 0


@dataclass
class Batch:
    """Redemptions being judged: what they read, what is taken, and `issued`, which is to be written."""

    snapshot: Snapshot
    posting: Posting
    published: Published
    now: datetime
    answered: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    stock: dict[str, int] = field(default_factory=dict)
    budget: dict[str, int] = field(default_factory=dict)  # what lines with a hard stop have left
    taken: dict[str, int] = field(default_factory=dict)
    used: dict[UsageKey, Used] = field(default_factory=dict)
    issued: list[Issued] = field(default_factory=list)
    pool: dict[str, list[pools.Free]] = field(default_factory=dict)  # codes of others under lock, by reward
    given: list[tuple[UUID, UUID]] = field(default_factory=list)  # (code of the pool, voucher)
    shown: dict[UUID, str] = field(default_factory=dict)  # codes of others by voucher, for answers told again
    proofs: proving.Proofs = field(default_factory=proving.Proofs)
    untold: bool = False  # a back-test asks only what happens: no codes and no answers are made


def redeem(pipe: Pipeline, business: BusinessRow, asks: Sequence[Ask], *, now: datetime) -> list[Given]:
    """Redeem in a transaction of its own; answers in order. Raises ConnectionLost when the outcome is unknown."""
    for _ in range(2):
        try:
            return _attempt(pipe, business, asks, now=now)
        except StatementFailed as failure:
            if not failure.worth_repeating:
                break
    given: list[Given] = []
    for ask in asks:
        try:
            given += _attempt(pipe, business, [ask], now=now)
        except StatementFailed as failure:
            given.append(Given("refused", refusal=recording.NotRecorded(sqlstate=failure.sqlstate)))
    return given


def redeem_inside(pipe: Pipeline, business: BusinessRow, asks: Sequence[Ask], *, now: datetime) -> list[Given]:
    """Redeem inside a transaction that is already running on `pipe`."""
    batch = _gather(pipe, business, asks, now=now, begin=[])
    given = give_all(batch, asks)
    if batch.issued:
        pipe.run(_writes(business.schema, batch))
    return given


def give_all(batch: Batch, asks: Sequence[Ask]) -> list[Given]:
    """Answer every redemption in order; a refused one takes nothing. No database."""
    given = []
    for ask in asks:
        try:
            given.append(_give(batch, ask))
        except Refusal as refusal:
            given.append(Given("refused", refusal=refusal))
    return given


def _attempt(pipe: Pipeline, business: BusinessRow, asks: Sequence[Ask], *, now: datetime) -> list[Given]:
    try:
        batch = _gather(pipe, business, asks, now=now, begin=[("BEGIN", ())])
        given = give_all(batch, asks)
        end: Statement = ("COMMIT", ()) if batch.issued else ("ROLLBACK", ())
        pipe.run([*(_writes(business.schema, batch) if batch.issued else []), end])
        return given
    except BaseException:
        pipe.roll_back()
        raise


@lru_cache(maxsize=4096)
def _sql(schema: str, *, pooled: bool = False) -> dict[str, str]:
    return {
        "busy": "SELECT k FROM unnest($1::text[]) k WHERE NOT pg_try_advisory_xact_lock("
        f"hashtextextended('{schema}|' || k, 0))",
        "answers": f"SELECT key, encode(body_hash, 'hex'), answer FROM \"{schema}\".idempotency_answer"
        " WHERE key = ANY($1::text[])",
        "lots": gathering.who_sql(schema, pooled=pooled) + ", held AS (SELECT DISTINCT a.id FROM who JOIN"
        f" \"{schema}\".ledger_account a ON a.holder_id = who.id AND a.role = 'member')"
        " SELECT l.* FROM held CROSS JOIN LATERAL (SELECT id, account_id, expires_at, earned_month, remaining"
        f' FROM "{schema}".ledger_lot l WHERE l.account_id = held.id AND l.expires_at > $6::timestamptz'
        f" AND l.remaining > 0 ORDER BY l.expires_at, l.earned_month LIMIT {_FIRST_LOTS}) l",
        "all_lots": f'SELECT id, account_id, expires_at, earned_month, remaining FROM "{schema}".ledger_lot'
        " WHERE account_id = ANY($1::uuid[]) AND expires_at > $2::timestamptz AND remaining > 0",
        "reserve_stock": f'INSERT INTO "{schema}".rewards_stock (reward, taken)'
        " SELECT r, 0 FROM unnest($1::text[]) r ORDER BY r ON CONFLICT DO NOTHING",
        "stock": f'SELECT reward, taken FROM "{schema}".rewards_stock WHERE reward = ANY($1::text[])'
        " ORDER BY reward FOR UPDATE",
    }


def _gather(
    pipe: Pipeline, business: BusinessRow, asks: Sequence[Ask], *, now: datetime, begin: list[Statement]
) -> Batch:
    schema = business.schema
    remembered = in_force.remembered(schema)
    pooled = remembered is None or remembered.pools
    sql, texts = _sql(schema, pooled=pooled), gathering.texts(schema, pooled=pooled)
    members = gathering.member_arrays(a.member for a in asks)
    keys = text_array(sorted({a.key for a in asks if a.key}))
    rows = pipe.run(
        [
            *begin,
            (sql["busy"], (keys,)),
            (texts.lock, members),
            (texts.latest, ()),
            (texts.accounts, members),
            (sql["lots"], (*members, now.isoformat())),
            (sql["answers"], (keys,)),
            *([(texts.people, members)] if pooled else []),
        ]
    )[len(begin) :]
    timeline = gathering.timeline(pipe, schema, rows[2][0][0])
    if timeline.pools and not pooled:  # news to this process: read again, with the people of households
        return _gather(pipe, business, asks, now=now, begin=[])
    published = timeline.at(now)
    snapshot = Snapshot(
        timeline,
        members=gathering.standings(rows[1]),
        balances=gathering.balances(rows[3]),
    )
    if pooled:
        gathering.note_households(snapshot.members, rows[6])
    posting = Posting(new_id=chance.new_id, balances=snapshot.balances, lots=gathering.lots_of(rows[4]))
    batch = Batch(snapshot, posting, published, now)
    batch.running = {str(r[0]) for r in rows[0]}
    batch.answered = {str(r[0]): (gathering.answer_hash(r[1]), str(r[2])) for r in rows[5]}
    _read_the_rest(pipe, schema, batch, asks)
    lapses = inactivity.lapsed(snapshot.timeline, snapshot.members.values(), now=now)
    reserving.put(posting, reserving.read(pipe, schema, snapshot.balances), lapses, now=now)
    inactivity.hide(lapses, posting)
    return batch


def _read_the_rest(pipe: Pipeline, schema: str, batch: Batch, asks: Sequence[Ask]) -> None:
    """Only when this batch needs it: more lots for a large spend, limits, and limited stock, locked last."""
    rewards = batch.published.programme.rewards
    wanted = [rewards[a.reward] for a in asks if a.reward in rewards]
    spends = [proving.Spend(a.member, a.shown) for a in asks]
    proofs = proving.statements(schema, batch.snapshot.timeline, spends, now=batch.now)
    batch.proofs = proving.of_rows(pipe.run(proofs) if proofs else [], batch.snapshot.timeline, now=batch.now)
    accounts = [account for account, lots in batch.posting.lots.items() if len(lots) >= _FIRST_LOTS]
    if accounts:
        rows = pipe.query(_sql(schema)["all_lots"], array(accounts), batch.now.isoformat())
        batch.posting.lots.update(gathering.lots_of(rows))
    keys = _limit_keys(batch, asks)
    own = [key for key in keys if key[0].startswith("member:")]
    shared = gathering.shared(keys)
    if own:
        columns = tuple(text_array([key[i] for key in own]) for i in range(3))
        batch.snapshot.used |= gathering.usage(pipe.query(gathering.texts(schema).shared_usage, *columns))
    if shared:
        batch.snapshot.used |= gathering.usage(pipe.run(gathering.shared_statements(schema, shared))[1])
    batch.budget = budgeting.lock(pipe, schema, batch.snapshot.timeline, [(batch.now, ask.store) for ask in asks])
    limited = text_array(sorted({r.id for r in wanted if r.stock is not None}))
    if limited != "{}":
        rows = pipe.run([(_sql(schema)["reserve_stock"], (limited,)), (_sql(schema)["stock"], (limited,))])[1]
        batch.stock = {str(r[0]): int(r[1] or 0) for r in rows}
    before = {voucher for _, told in batch.answered.values() for voucher in codes.pooled_in(told)}
    if before:
        batch.shown = pools.shown(pipe.run([pools.of_vouchers(schema, before)])[0])
    batch.pool = pools.lock(pipe, schema, Counter(r.id for r in wanted if r.imported), at=batch.now)


def _limit_keys(batch: Batch, asks: Sequence[Ask]) -> list[UsageKey]:
    programme = batch.published.programme
    found: set[UsageKey] = set()
    for ask in asks:
        reward, standing = programme.rewards.get(ask.reward), batch.snapshot.members.get(ask.member)
        if reward is not None and reward.limits and standing is not None:
            found.update(limits.reward_keys(programme, reward, at=batch.now, member_id=str(standing.member_id)))
    return sorted(found)


def _give(batch: Batch, ask: Ask) -> Given:
    if ask.key:
        if ask.key in batch.running:
            raise InProgress()
        before = batch.answered.get(ask.key)
        if before is not None:
            if before[0] != ask.body_hash:
                raise recording.KeyReused(key=ask.key)
            return Given("replayed", codes.shown_in(before[1], key=settings.CODE_KEY, pool=batch.shown))
    standing = batch.snapshot.members.get(ask.member)
    if standing is None:
        raise recording.MemberUnknown(by=ask.member[0])
    programme = batch.published.programme
    redemption_checks.check_runs(programme, batch.now)
    reward = programme.rewards.get(ask.reward)
    if reward is None:
        raise RewardUnknown(reward=ask.reward)
    if reward.price is None:
        raise NotForPoints(reward=ask.reward)
    redemption_checks.check_open(programme, reward, standing, at=batch.now)
    _check_stock_and_limits(batch, ask, reward, standing)
    wallet, price = reward.price[0], reward.price_for(standing.tier or programme.first_tier) * ask.quantity
    redemption = chance.new_id()
    proved = _proof(batch, ask, standing, reward, price)
    why = Cause(str(redemption), batch.now, reward.id)
    owed, of = _pay(batch, ask, standing, price, why, wallet=wallet)
    proving.take(batch.proofs, proved, str(redemption))
    _take(batch, ask, reward, standing, price=price)
    issued = _issue(batch, ask, standing, reward, redemption=redemption, price=price, of=of)
    batch.issued.append(issued)
    if ask.key:
        batch.answered[ask.key] = (ask.body_hash, issued.kept)
    return Given("issued", issued.answer, owed=owed)


def _pay(
    batch: Batch, ask: Ask, standing: Standing, price: int, why: Cause, *, wallet: str
) -> tuple[int, list[dict[str, Any]]]:
    """Burn the price. What was handed over already may leave something owed: how much; and whose lots paid.

    Raises Insufficient or MayNotSpend.
    """
    posting, programme, missing = batch.posting, batch.published.programme, 0
    if ask.handed_over and programme.wallets[wallet].remembers:
        missing = max(price - pooling.available(posting, standing, programme, wallet, at=batch.now), 0)
    else:
        _check_floor(batch, standing, wallet, price)
    of = pooling.spend(posting, standing, programme, (wallet, price - missing), why, now=batch.now)
    if missing:
        posting.owe_again(standing.member_id, wallet, missing, why)
    return missing, of


def _check_floor(batch: Batch, standing: Standing, wallet: str, price: int) -> None:
    """What is shown below zero must be made good before anything is spent. Raises Insufficient."""
    owed, floor = (
        batch.posting.owed(standing.member_id, wallet),
        batch.published.programme.floors(standing.tier)[wallet],
    )
    available, _ = shown_balance(batch.posting.available(standing.member_id, wallet), owed, floor)
    if owed and floor and available < price:
        raise Insufficient(needed=price, available=available, asset=wallet)


def _proof(batch: Batch, ask: Ask, standing: Standing, reward: Reward, price: int) -> proving.Planned | None:
    """What proves it; what was handed over already only counts for the day. Raises Insufficient, ProofNeeded, ProofNotGood."""
    programme, member = batch.published.programme, standing.member_id
    if not programme.spend_proof:
        return None
    assert reward.price is not None
    available = pooling.available(batch.posting, standing, programme, reward.price[0], at=batch.now)
    if available < price and not ask.handed_over:
        raise Insufficient(needed=price, available=available, asset=reward.price[0])
    value, shown = proving.worth(programme, reward, price, ask.quantity), VOUCHED if ask.handed_over else ask.shown
    return proving.plan(batch.proofs, programme, member, value, shown, now=batch.now)


def _check_stock_and_limits(batch: Batch, ask: Ask, reward: Reward, standing: Standing) -> None:
    if reward.imported and ask.quantity > 1:
        raise OneCodeEach(reward=reward.id)
    if reward.imported and not batch.pool.get(reward.id):
        raise OutOfStock(reward=reward.id, left=0)
    if reward.stock is not None and batch.stock.get(reward.id, 0) + ask.quantity > reward.stock:
        raise OutOfStock(reward=reward.id, left=max(reward.stock - batch.stock.get(reward.id, 0), 0))
    key, cost = budgeting.share(batch.published.programme, reward.id, batch.now, store=ask.store, quantity=ask.quantity)
    if key in batch.budget and cost > batch.budget[key]:
        raise BudgetUsedUp(reward=reward.id)
    if reward.limits:
        refused = limits.check_reward(
            batch.published.programme,
            reward,
            at=batch.now,
            member_id=str(standing.member_id),
            quantity=ask.quantity,
            price=reward.price_for(standing.tier or batch.published.programme.first_tier) * ask.quantity,
            used=batch.snapshot.used,
        )
        if refused is not None:
            raise LimitReached(reward=reward.id, most=refused.count or refused.points or 0)


def _take(batch: Batch, ask: Ask, reward: Reward, standing: Standing, *, price: int) -> None:
    if reward.stock is not None:
        batch.stock[reward.id] = batch.stock.get(reward.id, 0) + ask.quantity
        batch.taken[reward.id] = batch.taken.get(reward.id, 0) + ask.quantity
    line, cost = budgeting.share(
        batch.published.programme, reward.id, batch.now, store=ask.store, quantity=ask.quantity
    )
    if line in batch.budget:
        batch.budget[line] -= cost
    if not reward.limits:
        return
    programme = batch.published.programme
    for key in limits.reward_keys(programme, reward, at=batch.now, member_id=str(standing.member_id), writing=True):
        for counters in (batch.used, batch.snapshot.used):
            before = counters.get(key, Used(count=0, points=0, money=0))
            counters[key] = Used(count=before.count + ask.quantity, points=before.points + price, money=before.money)


def _issue(
    batch: Batch,
    ask: Ask,
    standing: Standing,
    reward: Reward,
    *,
    redemption: UUID,
    price: int,
    of: list[dict[str, Any]],
) -> Issued:
    programme = batch.published.programme
    voucher, code, hidden, expires_at = None, "", "", None
    if reward.kind == "card_money":
        _into_wallet(batch, ask, standing, reward, redemption=redemption)
    else:
        voucher = chance.new_id()
        if not batch.untold:
            code, hidden = codes.code_of(voucher, key=settings.CODE_KEY), codes.hidden(voucher)
        expires_at = giving.voucher_expiry(reward, batch.published, batch.now)
    if voucher is not None and reward.imported:
        free = batch.pool[reward.id].pop(0)
        batch.given.append((free.id, voucher))
        batch.shown[voucher], hidden = free.code, codes.pooled(voucher)
        expires_at = free.expires_at or expires_at
    kept = "" if batch.untold else _kept(batch, ask, standing, Told(redemption, reward, price, hidden, expires_at), of)
    budget, cost = budgeting.share(programme, reward.id, batch.now, store=ask.store, quantity=ask.quantity)
    booked = books.COMMITTED if voucher and not reward.imported else books.SPENT
    if budget:
        why = Cause(str(redemption), batch.now, reward.id)
        books.move(batch.posting, budget, cost, why, was=books.PLANNED, now=booked)
    return Issued(
        redemption, ask, standing.member_id, reward, price, voucher, code, expires_at, batch.published.version,
        kept, codes.shown_in(kept, key=settings.CODE_KEY, pool=batch.shown) if kept else "",
        budget, cost, booked if budget else "",
    )  # fmt: skip


class Told(NamedTuple):
    """What the answer to a redemption says of it; `hidden`: what stands for the voucher's code, "" without a voucher."""

    redemption: UUID
    reward: Reward
    price: int
    hidden: str
    expires_at: datetime | None


def _kept(batch: Batch, ask: Ask, standing: Standing, told: Told, of: list[dict[str, Any]]) -> str:
    """The contract's Redemption as it is stored: the voucher's id stands where its code will be."""
    programme, reward = batch.published.programme, told.reward
    voucher = {"code": told.hidden, "expires_at": effects.shown_expiry(told.expires_at, programme)}
    answer: dict[str, Any] = {
        "id": str(told.redemption),
        "member_id": str(standing.member_id),
        "reward": reward.id,
        "quantity": ask.quantity,
        "price": price_row(reward, told.price, quantity=ask.quantity, currency=programme.currency),
        "state": "issued",
        "fulfilment": TO_DO if reward.fulfil == "later" else None,
        "voucher": voucher if told.hidden else None,
        "balances": effects.balances(batch.posting, standing, programme),
    } | ({"of": of} if of else {})
    return strict_json.dumps(answer)


def price_row(reward: Reward, price: int, *, quantity: int, currency: str) -> dict[str, Any]:
    """What was paid in all; `plus` is money to be paid besides."""
    plus = reward.plus * quantity
    money = {"amount": plus, "currency": currency} if plus else None
    return {"wallet": reward.price[0] if reward.price else "", "amount": price, "plus": money}


def _into_wallet(batch: Batch, ask: Ask, standing: Standing, reward: Reward, *, redemption: UUID) -> None:
    """Card money needs no voucher: it is in its wallet at once."""
    assert reward.wallet is not None
    assert reward.amount is not None
    wallet = batch.published.programme.wallets[reward.wallet]
    batch.posting.earn(
        standing.member_id,
        wallet.id,
        reward.amount * ask.quantity,
        Cause(str(redemption), batch.now, reward.id),
        expires_at=wallet.expires.expires_at(batch.now),
        earned_month=wallet.earned_month(batch.now),
    )


def _writes(schema: str, batch: Batch) -> list[Statement]:
    written = batch.posting.statements(schema, now=batch.now)
    written += reserving.facts(schema, batch.posting, now=batch.now)
    written += redemption_writing.statements(schema, batch.issued, batch.taken, now=batch.now)
    taken: Counter[str] = Counter()
    for one in batch.issued:
        taken[one.budget] += one.cost
    written += budgeting.statements(schema, taken)
    written += proving.writes(schema, batch.proofs, now=batch.now)
    if batch.given:
        written.append(pools.take(schema, batch.given, at=batch.now))
    if batch.used:
        written.append(add_usage(schema, {k: (u.count, u.points, u.money) for k, u in batch.used.items()}))
    return written
