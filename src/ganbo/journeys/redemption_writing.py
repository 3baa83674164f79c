"""What redemptions are and how they are written: redemption, voucher, stock, fact, remembered answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from ganbo.books.events.reading import Shown
from ganbo.engine.programme import Reward
from ganbo.features.rewards import codes, pools
from ganbo.foundation import chance, strict_json
from ganbo.foundation.pipelines import Statement, array, text_array, uuid_array
from ganbo.journeys.gathering import MemberKey

TO_DO = "to_do"  # fulfilment of what is handed over later; then sent, done


@dataclass(frozen=True, slots=True)
class Ask:
    """One redemption asked for; `key` and `body_hash` when the caller sent an Idempotency-Key.

    `handed_over`: a till gave it without a network; points that are gone meanwhile become owed where the wallet remembers.
    """

    member: MemberKey
    reward: str
    quantity: int = 1
    key: str | None = None
    body_hash: bytes = b""
    store: str = field(default="", kw_only=True)  # where it is given; "" in the wallet
    handed_over: bool = field(default=False, kw_only=True)
    shown: Shown | None = field(default=None, kw_only=True)  # what proves that the member spends


@dataclass(frozen=True, slots=True)
class Issued:
    """One redemption to be written."""

    id: UUID
    ask: Ask
    member_id: UUID
    reward: Reward
    price: int
    voucher: UUID | None  # None: what was given is in a wallet already
    code: str  # our own, also when the voucher shows somebody else's
    expires_at: datetime | None
    version: int
    kept: str  # the answer as stored: the voucher's id stands where its code was
    answer: str
    budget: str = ""  # the line of the budget that pays, by its key in the books
    cost: int = 0
    booked: str = ""  # committed, or spent when it is given for good


def statements(schema: str, issued: list[Issued], taken: Mapping[str, int], *, now: datetime) -> list[Statement]:
    """SQL that writes redemptions with their vouchers, stock taken, facts, and answers under their keys."""
    written = _insert_redemptions(schema, issued, now)
    if taken:
        written.append(
            (
                f'UPDATE "{schema}".rewards_stock s SET taken = s.taken + d.n'
                " FROM unnest($1::text[], $2::bigint[]) d(r, n) WHERE s.reward = d.r",
                (text_array(taken), array(taken.values())),
            )
        )
    keyed = [i for i in issued if i.ask.key]
    if keyed:
        written.append(_remember(schema, keyed, now))
    return written


def _insert_redemptions(schema: str, issued: list[Issued], now: datetime) -> list[Statement]:
    ids, members = uuid_array([i.id for i in issued]), uuid_array([i.member_id for i in issued])
    at = now.isoformat()
    return [
        (
            f'INSERT INTO "{schema}".rewards_redemption (id, member_id, reward, quantity, wallet, price,'
            " programme_version, plus, fulfilment, budget, cost, state, created_at)"
            " SELECT t.*, 'issued', $12::timestamptz FROM"
            " unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::int[], $8::bigint[],"
            " $9::text[], $10::text[], $11::bigint[]) t",
            (
                ids,
                members,
                text_array([i.reward.id for i in issued]),
                array([i.ask.quantity for i in issued]),
                text_array([i.reward.price[0] if i.reward.price else "" for i in issued]),
                array([i.price for i in issued]),
                array([i.version for i in issued]),
                array([i.reward.plus * i.ask.quantity for i in issued]),
                text_array([TO_DO if i.reward.fulfil == "later" else "" for i in issued]),
                text_array(["" if i.voucher else i.budget for i in issued]),
                array([0 if i.voucher else i.cost for i in issued]),
                at,
            ),
        ),
        *_insert_vouchers(schema, [i for i in issued if i.voucher is not None], at),
        (
            f'INSERT INTO "{schema}".outbox_fact (id, topic, body, recorded_at)'
            " SELECT i, 'reward.redeemed', b, $3::timestamptz FROM unnest($1::uuid[], $2::text[]) AS t(i, b)",
            (
                uuid_array([chance.new_id() for _ in issued]),
                text_array(
                    [strict_json.dumps({"redemption_id": str(i.id), "member_id": str(i.member_id)}) for i in issued]
                ),
                at,
            ),
        ),
    ]


def _insert_vouchers(schema: str, issued: list[Issued], at: str) -> list[Statement]:
    """The vouchers of redemptions; they stand after the redemptions they belong to."""
    if not issued:
        return []
    money = [
        i.reward.amount * i.ask.quantity if i.reward.kind == "gift_card" and i.reward.amount else None for i in issued
    ]
    return [
        (
            f'INSERT INTO "{schema}".rewards_voucher (id, redemption_id, member_id, reward, code_hash, expires_at, uses,'
            " programme_version, amount, remaining, usable_from, pool, quantity, source, cause, rule, used, state, created_at,"
            " budget, cost, booked)"
            " SELECT i, r, m, w, decode(h, 'hex'), e, u, v, a, a, f, p, 1, 'redemption', '', '', 0, 'issued',"
            " $15::timestamptz, b, c, k FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[],"
            " $6::timestamptz[], $7::int[], $8::int[], $9::bigint[], $10::timestamptz[], $11::text[],"
            " $12::text[], $13::bigint[], $14::text[]) AS t(i, r, m, w, h, e, u, v, a, f, p, b, c, k)",
            (
                uuid_array([i.voucher for i in issued]),
                uuid_array([i.id for i in issued]),
                uuid_array([i.member_id for i in issued]),
                text_array([i.reward.id for i in issued]),
                array([codes.hash_of(i.code).hex() for i in issued]),
                text_array([i.expires_at.isoformat() if i.expires_at else None for i in issued]),
                array([i.reward.uses for i in issued]),
                array([i.version for i in issued]),
                array(money),
                text_array([at if i.reward.from_next_order else None for i in issued]),
                text_array([pools.GIVEN if i.reward.imported else "" for i in issued]),
                text_array([i.budget for i in issued]),
                array([i.cost for i in issued]),
                text_array([i.booked for i in issued]),
                at,
            ),
        )
    ]


def _remember(schema: str, keyed: list[Issued], now: datetime) -> Statement:
    return (
        f'INSERT INTO "{schema}".idempotency_answer (key, body_hash, status, answer, answered_at)'
        " SELECT k, decode(h, 'hex'), 201, a, $4::timestamptz FROM unnest($1::text[], $2::text[], $3::text[])"
        " AS t(k, h, a)",
        (
            text_array([i.ask.key for i in keyed]),
            array([i.ask.body_hash.hex() for i in keyed]),
            text_array([i.kept for i in keyed]),
            now.isoformat(),
        ),
    )
