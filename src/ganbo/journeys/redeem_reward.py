"""Turn points into a reward: the balance is locked, burnt lot by lot, and a voucher is issued. Once per key.

Like recording, a batch of many members' redemptions is one transaction of two trips.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from ganbo.books.ledger.posting import Cause, Insufficient, Posting
from ganbo.engine import eligibility, limits, tiers
from ganbo.engine.facts import MemberFacts, Used
from ganbo.engine.programme import Programme, Reward
from ganbo.features.programmes.in_force import Published
from ganbo.features.rewards import codes
from ganbo.foundation import chance, strict_json
from ganbo.foundation.pipelines import Pipeline, Statement, StatementFailed, array, text_array
from ganbo.foundation.tenancy.queries import BusinessRow
from ganbo.journeys import effects, gathering, giving, inactivity, recording, redemption_writing
from ganbo.journeys.gathering import Snapshot, Standing, UsageKey
from ganbo.journeys.record_events import add_usage
from ganbo.journeys.redemption_writing import TO_DO, Ask, Issued, kept
from ganbo.kernel.points import shown_balance
from ganbo.kernel.refusal import Refusal

_FIRST_LOTS = 40  # enough for nearly every spend; a larger one reads the rest


class RewardUnknown(Refusal):
    """There is no reward of this name in the programme."""

    code = "rewards.unknown"


class NotForPoints(Refusal):
    """This reward has no price in points."""

    code = "rewards.not_for_points"


class Locked(Refusal):
    """This reward is for members of a higher level."""

    code = "rewards.locked"


class NotForYou(Refusal):
    """The reward's condition on the member does not hold."""

    code = "rewards.not_for_you"


class OutOfStock(Refusal):
    """There are not enough of this reward left."""

    code = "rewards.out_of_stock"


class LimitReached(Refusal):
    """The limit of this reward is used up for the period."""

    code = "rewards.limit_reached"


class InProgress(Refusal):
    """A request with the same Idempotency-Key is still running; ask again in a moment."""

    code = "idempotency.in_progress"


@dataclass(frozen=True, slots=True)
class Given:
    """The answer: the contract's Redemption as stored JSON, or why not."""

    status: str  # issued, replayed, refused
    answer: str | None = None
    refusal: Refusal | None = None


@dataclass
class _Batch:
    snapshot: Snapshot
    posting: Posting
    published: Published
    now: datetime
    answered: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    stock: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    used: dict[UsageKey, Used] = field(default_factory=dict)
    issued: list[Issued] = field(default_factory=list)


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
    given = _give_all(batch, asks)
    if batch.issued:
        pipe.run(_writes(business.schema, batch))
    return given


def _give_all(batch: _Batch, asks: Sequence[Ask]) -> list[Given]:
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
        given = _give_all(batch, asks)
        end: Statement = ("COMMIT", ()) if batch.issued else ("ROLLBACK", ())
        pipe.run([*(_writes(business.schema, batch) if batch.issued else []), end])
        return given
    except BaseException:
        pipe.roll_back()
        raise


@lru_cache(maxsize=4096)
def _sql(schema: str) -> dict[str, str]:
    return {
        "busy": "SELECT k FROM unnest($1::text[]) k WHERE NOT pg_try_advisory_xact_lock("
        f"hashtextextended('{schema}|' || k, 0))",
        "answers": f"SELECT key, encode(body_hash, 'hex'), answer FROM \"{schema}\".idempotency_answer"
        " WHERE key = ANY($1::text[])",
        "lots": gathering.who_sql(schema) + ", held AS (SELECT DISTINCT a.id FROM who JOIN"
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
) -> _Batch:
    schema = business.schema
    sql, texts = _sql(schema), gathering.texts(schema)
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
        ]
    )[len(begin) :]
    published = gathering.timeline(pipe, schema, rows[2][0][0]).at(now)
    snapshot = Snapshot(
        gathering.timeline(pipe, schema, rows[2][0][0]),
        members=gathering.standings(rows[1]),
        balances=gathering.balances(rows[3]),
    )
    posting = Posting(new_id=chance.new_id, balances=snapshot.balances, lots=gathering.lots_of(rows[4]))
    batch = _Batch(snapshot, posting, published, now)
    batch.running = {str(r[0]) for r in rows[0]}
    batch.answered = {str(r[0]): (gathering.answer_hash(r[1]), str(r[2])) for r in rows[5]}
    _read_the_rest(pipe, schema, batch, asks)
    inactivity.hide(inactivity.lapsed(snapshot.timeline, snapshot.members.values(), now=now), posting)
    return batch


def _read_the_rest(pipe: Pipeline, schema: str, batch: _Batch, asks: Sequence[Ask]) -> None:
    """Only when this batch needs it: more lots for a large spend, limits, and limited stock, locked last."""
    rewards = batch.published.programme.rewards
    wanted = [rewards[a.reward] for a in asks if a.reward in rewards]
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
    limited = text_array(sorted({r.id for r in wanted if r.stock is not None}))
    if limited != "{}":
        rows = pipe.run([(_sql(schema)["reserve_stock"], (limited,)), (_sql(schema)["stock"], (limited,))])[1]
        batch.stock = {str(r[0]): int(r[1] or 0) for r in rows}


def _limit_keys(batch: _Batch, asks: Sequence[Ask]) -> list[UsageKey]:
    programme = batch.published.programme
    found: set[UsageKey] = set()
    for ask in asks:
        reward, standing = programme.rewards.get(ask.reward), batch.snapshot.members.get(ask.member)
        if reward is not None and reward.limits and standing is not None:
            found.update(limits.reward_keys(programme, reward, at=batch.now, member_id=str(standing.member_id)))
    return sorted(found)


def _give(batch: _Batch, ask: Ask) -> Given:
    if ask.key:
        if ask.key in batch.running:
            raise InProgress()
        before = batch.answered.get(ask.key)
        if before is not None:
            if before[0] != ask.body_hash:
                raise recording.KeyReused(key=ask.key)
            return Given("replayed", codes.shown_in(before[1], key=settings.CODE_KEY))
    standing = batch.snapshot.members.get(ask.member)
    if standing is None:
        raise recording.MemberUnknown(by=ask.member[0])
    programme = batch.published.programme
    reward = programme.rewards.get(ask.reward)
    if reward is None:
        raise RewardUnknown(reward=ask.reward)
    if reward.price is None:
        raise NotForPoints(reward=ask.reward)
    _check_open(batch, reward, standing)
    _check_stock_and_limits(batch, ask, reward, standing)
    wallet, price = reward.price[0], reward.price_for(standing.tier or programme.first_tier) * ask.quantity
    _check_floor(batch, standing, wallet, price)
    redemption = chance.new_id()
    batch.posting.spend(standing.member_id, wallet, price, Cause(str(redemption), batch.now, reward.id), now=batch.now)
    _take(batch, ask, reward, standing, price=price)
    issued = _issue(batch, ask, standing, reward, redemption=redemption, price=price)
    batch.issued.append(issued)
    if ask.key:
        batch.answered[ask.key] = (ask.body_hash, kept(issued))
    return Given("issued", issued.answer)


def _check_open(batch: _Batch, reward: Reward, standing: Standing) -> None:
    """Raises Locked or NotForYou."""
    programme = batch.published.programme
    if reward.when is None and tiers.opened_by(programme, reward.id) is None:
        return
    why = eligibility.barred(programme, reward, facts(standing, programme, at=batch.now), at=batch.now)
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


def _check_floor(batch: _Batch, standing: Standing, wallet: str, price: int) -> None:
    """What is shown below zero must be made good before anything is spent. Raises Insufficient."""
    owed, floor = (
        batch.posting.owed(standing.member_id, wallet),
        batch.published.programme.floors(standing.tier)[wallet],
    )
    available, _ = shown_balance(batch.posting.available(standing.member_id, wallet), owed, floor)
    if owed and floor and available < price:
        raise Insufficient(needed=price, available=available, asset=wallet)


def _check_stock_and_limits(batch: _Batch, ask: Ask, reward: Reward, standing: Standing) -> None:
    if reward.stock is not None and batch.stock.get(reward.id, 0) + ask.quantity > reward.stock:
        raise OutOfStock(reward=reward.id, left=max(reward.stock - batch.stock.get(reward.id, 0), 0))
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


def _take(batch: _Batch, ask: Ask, reward: Reward, standing: Standing, *, price: int) -> None:
    if reward.stock is not None:
        batch.stock[reward.id] = batch.stock.get(reward.id, 0) + ask.quantity
        batch.taken[reward.id] = batch.taken.get(reward.id, 0) + ask.quantity
    if not reward.limits:
        return
    programme = batch.published.programme
    for key in limits.reward_keys(programme, reward, at=batch.now, member_id=str(standing.member_id), writing=True):
        for counters in (batch.used, batch.snapshot.used):
            before = counters.get(key, Used(count=0, points=0, money=0))
            counters[key] = Used(count=before.count + ask.quantity, points=before.points + price, money=before.money)


def _issue(batch: _Batch, ask: Ask, standing: Standing, reward: Reward, *, redemption: UUID, price: int) -> Issued:
    programme = batch.published.programme
    voucher, code, expires_at = None, "", None
    if reward.kind == "card_money":
        _into_wallet(batch, ask, standing, reward, redemption=redemption)
    else:
        voucher = chance.new_id()
        code = codes.code_of(voucher, key=settings.CODE_KEY)
        expires_at = giving.voucher_expiry(reward, batch.published, batch.now)
    answer: dict[str, Any] = {
        "id": str(redemption),
        "member_id": str(standing.member_id),
        "reward": reward.id,
        "quantity": ask.quantity,
        "price": price_row(reward, price, quantity=ask.quantity, currency=programme.currency),
        "state": "issued",
        "fulfilment": TO_DO if reward.fulfil == "later" else None,
        "voucher": {"code": code, "expires_at": effects.shown_expiry(expires_at, programme)} if voucher else None,
        "balances": effects.balances(batch.posting, standing, programme),
    }
    return Issued(
        redemption, ask, standing.member_id, reward, price, voucher, code, expires_at, batch.published.version,
        strict_json.dumps(answer),
    )  # fmt: skip


def price_row(reward: Reward, price: int, *, quantity: int, currency: str) -> dict[str, Any]:
    """What was paid in all; `plus` is money to be paid besides."""
    plus = reward.plus * quantity
    money = {"amount": plus, "currency": currency} if plus else None
    return {"wallet": reward.price[0] if reward.price else "", "amount": price, "plus": money}


def _into_wallet(batch: _Batch, ask: Ask, standing: Standing, reward: Reward, *, redemption: UUID) -> None:
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


def _writes(schema: str, batch: _Batch) -> list[Statement]:
    written = batch.posting.statements(schema, now=batch.now)
    written += redemption_writing.statements(schema, batch.issued, batch.taken, now=batch.now)
    if batch.used:
        written.append(add_usage(schema, {k: (u.count, u.points, u.money) for k, u in batch.used.items()}))
    return written
