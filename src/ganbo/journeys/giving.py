"""Vouchers given by rules, filled stamp cards and levels: planned while a batch is judged, written in one statement.

A gift is a promise: it is issued whatever the stock, and counts as taken, so that the catalogue offers less. One with a
partner's code gets the next free code, or waits for the next import.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from ganbo.books.events.reading import EventRequest
from ganbo.engine import budgets
from ganbo.engine.decide import VoucherEffect
from ganbo.engine.programme import Reward
from ganbo.features.programmes.in_force import Published
from ganbo.features.rewards import codes, pools
from ganbo.foundation.pipelines import Statement, array, text_array, uuid_array
from ganbo.kernel.swift import swift

NAMED = ("card", "tier", "milestone", "challenge")  # sources whose rules are written kind:id


@swift
@dataclass(frozen=True, slots=True)
class GivenVoucher:
    """A voucher to be written; `source` is rule, card, tier, milestone, challenge or staff."""

    id: UUID
    member_id: UUID
    reward: str
    source: str
    cause: str
    rule: str
    uses: int
    version: int
    usable_from: datetime | None
    expires_at: datetime | None
    stocked: bool
    at: datetime  # when it was given: when the event happened, however late it was told
    amount: int | None = None  # the money on a gift card
    budget: str = ""  # the line of the budget that pays, by its key in the books
    cost: int = 0
    imported: bool = False  # its code is somebody else's: the next free one, or the next that is imported


def vouchers(
    member: UUID,
    effects: Sequence[VoucherEffect],
    request: EventRequest,
    published: Published,
    *,
    new_id: Callable[[], UUID],
) -> list[GivenVoucher]:
    """The vouchers of one event; they live from the day it happened."""
    given = []
    day = request.occurred_at.astimezone(published.programme.timezone).date()
    for effect in effects:
        reward = published.programme.rewards[effect.reward]
        budget, cost = budgets.share(published.programme, reward, day, store=request.store or "")
        kind, _, name = effect.rule.rpartition(":")
        given.append(
            GivenVoucher(
                id=new_id(),
                member_id=member,
                reward=reward.id,
                source=kind if kind in NAMED and name else "rule",
                cause=request.id,
                rule=effect.rule,
                uses=reward.uses,
                version=published.version,
                usable_from=request.occurred_at if reward.from_next_order else None,
                expires_at=voucher_expiry(reward, published, request.occurred_at),
                stocked=reward.stock is not None,
                at=request.occurred_at,
                amount=money_on(reward),
                budget=budget,
                cost=cost,
                imported=reward.imported,
            )
        )
    return given


def money_on(reward: Reward) -> int | None:
    """What a gift card holds at first, minor units; None for other rewards."""
    return reward.amount if reward.kind == "gift_card" else None


def voucher_expiry(reward: Reward, published: Published, at: datetime) -> datetime | None:
    """First unusable instant: midnight in the business's zone after `valid_days` whole days; None for ever.

    Never later than the programme's last day to spend.
    """
    programme, last = published.programme, published.programme.runs.spend_until
    ends = [last + timedelta(days=1)] if last else []
    if reward.valid_days is not None:
        ends.append(at.astimezone(programme.timezone).date() + timedelta(days=reward.valid_days + 1))
    day = min(ends, default=None)
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=programme.timezone)


def statements(schema: str, given: Sequence[GivenVoucher], *, now: datetime) -> list[Statement]:
    """SQL that writes them; empty when there are none."""
    if not given:
        return []
    hashes = [codes.hash_of(codes.code_of(v.id, key=settings.CODE_KEY)).hex() for v in given]
    written: list[Statement] = [
        (
            f'INSERT INTO "{schema}".rewards_voucher (id, member_id, reward, source, cause, rule, uses,'
            " programme_version, code_hash, usable_from, expires_at, amount, remaining, pool,"
            " quantity, state, used, created_at, budget, cost, booked)"
            " SELECT i, m, w, s, c, r, u, v, decode(h, 'hex'), f, e, a, a, p, 1, 'issued', 0, g, b, k,"
            " CASE WHEN b <> '' THEN 'committed' ELSE '' END"
            " FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[],"
            " $8::int[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::bigint[], $13::text[],"
            " $14::timestamptz[], $15::text[], $16::bigint[]) AS t(i, m, w, s, c, r, u, v, h, f, e, a, p, g, b, k)",
            (
                uuid_array([v.id for v in given]),
                uuid_array([v.member_id for v in given]),
                text_array([v.reward for v in given]),
                text_array([v.source for v in given]),
                text_array([v.cause for v in given]),
                text_array([v.rule for v in given]),
                array([v.uses for v in given]),
                array([v.version for v in given]),
                array(hashes),
                text_array([v.usable_from.isoformat() if v.usable_from else None for v in given]),
                text_array([v.expires_at.isoformat() if v.expires_at else None for v in given]),
                array([v.amount for v in given]),
                text_array([pools.WAITING if v.imported else "" for v in given]),
                text_array([v.at.isoformat() for v in given]),
                text_array([v.budget for v in given]),
                array([v.cost for v in given]),
            ),
        )
    ]
    stocked = Counter(v.reward for v in given if v.stocked)
    if stocked:
        names = sorted(stocked)
        written.append(
            (
                f'INSERT INTO "{schema}".rewards_stock AS s (reward, taken) SELECT * FROM unnest($1::text[], $2::bigint[])'
                " ON CONFLICT (reward) DO UPDATE SET taken = s.taken + excluded.taken",
                (text_array(names), array([stocked[name] for name in names])),
            )
        )
    waiting = [v.id for v in given if v.imported]
    if waiting:
        written.append(pools.fill(schema, waiting, at=now))
    return written
