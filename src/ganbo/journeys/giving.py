"""Vouchers given by rules, filled stamp cards and levels: planned while a batch is judged, written in one statement.

A gift is a promise: it is issued whatever the stock, and counts as taken, so that the catalogue offers less.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from ganbo.books.events.reading import EventRequest
from ganbo.engine.decide import VoucherEffect
from ganbo.engine.programme import Reward
from ganbo.features.programmes.in_force import Published
from ganbo.features.rewards import codes
from ganbo.foundation.pipelines import Statement, array, text_array, uuid_array


@dataclass(frozen=True, slots=True)
class GivenVoucher:
    """A voucher to be written; `source` is rule, card, tier or staff."""

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
    amount: int | None = None  # the money on a gift card


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
    for effect in effects:
        reward = published.programme.rewards[effect.reward]
        kind, _, name = effect.rule.rpartition(":")
        given.append(
            GivenVoucher(
                id=new_id(),
                member_id=member,
                reward=reward.id,
                source=kind if kind in ("card", "tier") and name else "rule",
                cause=request.id,
                rule=effect.rule,
                uses=reward.uses,
                version=published.version,
                usable_from=request.occurred_at if reward.from_next_order else None,
                expires_at=voucher_expiry(reward, published, request.occurred_at),
                stocked=reward.stock is not None,
                amount=money_on(reward),
            )
        )
    return given


def money_on(reward: Reward) -> int | None:
    """What a gift card holds at first, minor units; None for other rewards."""
    return reward.amount if reward.kind == "gift_card" else None


def voucher_expiry(reward: Reward, published: Published, at: datetime) -> datetime | None:
    """First unusable instant: midnight in the business's zone after `valid_days` whole days; None for ever."""
    if reward.valid_days is None:
        return None
    local = at.astimezone(published.programme.timezone)
    day = local.date() + timedelta(days=reward.valid_days + 1)
    return datetime(day.year, day.month, day.day, tzinfo=published.programme.timezone)


def statements(schema: str, given: Sequence[GivenVoucher], *, now: datetime) -> list[Statement]:
    """SQL that writes them; empty when there are none."""
    if not given:
        return []
    hashes = [codes.hash_of(codes.code_of(v.id, key=settings.CODE_KEY)).hex() for v in given]
    written: list[Statement] = [
        (
            f'INSERT INTO "{schema}".rewards_voucher (id, member_id, reward, source, cause, rule, uses,'
            " programme_version, code_hash, usable_from, expires_at, amount, remaining, quantity, state, used, created_at)"
            " SELECT i, m, w, s, c, r, u, v, decode(h, 'hex'), f, e, a, a, 1, 'issued', 0, $13::timestamptz"
            " FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[],"
            " $8::int[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::bigint[]) AS t(i, m, w, s, c, r, u, v, h, f, e, a)",
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
                now.isoformat(),
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
    return written
