"""Vouchers put to use, as statements for a pipeline: lock them, mark them used for an order, give them back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from ganbo.features.rewards import codes
from ganbo.foundation.pipelines import Row, Statement, array, text_array, uuid_array

REDEEMED, RECORDED, RELEASED = "redeemed", "recorded", "released"
MOST_HELD = 100  # vouchers of one member that a quote looks at, the first to end first


@dataclass(slots=True)
class Held:
    """A voucher under lock, carried along while a batch is judged."""

    id: UUID
    member_id: UUID | None
    redemption_id: UUID | None
    reward: str
    source: str
    state: str
    uses: int
    used: int
    usable_from: datetime | None
    expires_at: datetime | None
    version: int | None
    amount: int | None
    remaining: int | None
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Use:
    """One voucher used for one order; `known` when a reservation of this order becomes its use."""

    id: UUID
    voucher: UUID
    cause: str
    times: int
    amount: int
    state: str = RECORDED
    known: bool = False
    until: datetime | None = None  # of a reservation: when it is released if no sale came


@dataclass(frozen=True, slots=True)
class _Texts:
    by_code: str
    of_members: str
    uses: str
    ever: str
    over: str
    over_of: str
    take: str
    insert: str
    turn: str


_COLUMNS = (
    "v.id, v.member_id, v.redemption_id, v.reward, v.source, v.state, v.uses, v.used, v.usable_from, v.expires_at,"
    " v.programme_version, v.amount, v.remaining, encode(v.code_hash, 'hex')"
)


@lru_cache(maxsize=4096)
def _texts(schema: str) -> _Texts:
    voucher, use = f'"{schema}".rewards_voucher', f'"{schema}".rewards_use'
    return _Texts(
        by_code=f"SELECT {_COLUMNS} FROM {voucher} v WHERE v.id IN (SELECT c.id FROM {voucher} c"
        f" WHERE c.code_hash = ANY($1::bytea[]) UNION ALL SELECT unnest($2::uuid[])) ORDER BY v.id",
        of_members=f"SELECT h.* FROM (SELECT DISTINCT id FROM who) m CROSS JOIN LATERAL (SELECT {_COLUMNS} FROM {voucher} v"
        " WHERE v.member_id = m.id AND v.state = 'issued'"
        " AND (v.expires_at IS NULL OR v.expires_at > $6::timestamptz)"
        f" ORDER BY v.expires_at NULLS LAST, v.id LIMIT {MOST_HELD}) h",
        uses=f"SELECT id, voucher_id, cause, times, amount, state, until FROM {use}"
        " WHERE cause = ANY($1::text[]) AND state <> 'released' ORDER BY id",
        ever=f"SELECT id, voucher_id, cause, times, amount, state, until FROM {use} WHERE cause = ANY($1::text[])"
        " ORDER BY id",
        over=f"SELECT id, voucher_id, cause, times, amount, state, until FROM {use}"
        " WHERE state = 'redeemed' AND until <= clock_timestamp() ORDER BY until, id LIMIT $1::int",
        over_of=f"SELECT id, voucher_id, cause, times, amount, state, until FROM {use}"
        " WHERE state = 'redeemed' AND until <= clock_timestamp()"
        f" AND voucher_id IN (SELECT c.id FROM {voucher} c WHERE c.code_hash = ANY($1::bytea[])"
        " UNION ALL SELECT unnest($2::uuid[])) ORDER BY id",
        take=f"UPDATE {voucher} v SET used = v.used + d.times, remaining = v.remaining - d.amount,"
        " state = CASE WHEN v.state = 'void' THEN 'void'"
        " WHEN CASE WHEN v.amount IS NULL THEN v.used + d.times >= v.uses ELSE v.remaining <= d.amount END"
        " THEN 'used' ELSE 'issued' END,"
        " used_at = CASE WHEN d.times > 0 OR d.amount > 0 THEN $4::timestamptz ELSE v.used_at END,"
        " expires_at = CASE WHEN v.expires_at IS NULL THEN NULL"
        " ELSE greatest(v.expires_at, $5::timestamptz) END"
        " FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS d(id, times, amount) WHERE v.id = d.id",
        insert=f"INSERT INTO {use} (id, voucher_id, cause, times, amount, state, until, at)"
        " SELECT t.*, $8::timestamptz FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::bigint[],"
        " $6::text[], $7::timestamptz[]) t",
        turn=f"UPDATE {use} u SET state = d.state, cause = d.cause, times = d.times, amount = d.amount,"
        " ended_at = CASE WHEN d.state = 'released' THEN $6::timestamptz END"
        " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::bigint[]) AS d(id, state, cause, times, amount)"
        " WHERE u.id = d.id",
    )


def find(schema: str, typed: Iterable[str], *, lock: bool = True) -> Statement:
    """The vouchers these typed codes mean, or `voucher:<id>` for those of a member; locked in the order of ids."""
    return _texts(schema).by_code + (" FOR UPDATE" if lock else ""), _named(typed)


def over(schema: str, typed: Iterable[str]) -> Statement:
    """The reservations of these codes whose time is over, by the database's clock; their vouchers are locked to end them."""
    return _texts(schema).over_of, _named(typed)


def all_over(schema: str, *, most: int) -> Statement:
    """The reservations of the business whose time is over, the oldest first."""
    return _texts(schema).over, (str(most),)


def over_of(schema: str, vouchers: Iterable[UUID]) -> Statement:
    """Those of these vouchers."""
    return _texts(schema).over_of, ("{}", uuid_array(sorted(vouchers)))


def _named(typed: Iterable[str]) -> tuple[str, bytes]:
    hashes: set[bytes] = set()
    ids: set[UUID] = set()
    for text in typed:
        voucher = codes.named(text)
        if voucher is not None:
            ids.add(voucher)
        else:
            hashes.update(codes.hashes(text))
    return text_array([f"\\x{h.hex()}" for h in sorted(hashes)]), uuid_array(sorted(ids))


def lock(schema: str, ids: Iterable[UUID]) -> Statement:
    """These vouchers, locked in the order of ids."""
    return _texts(schema).by_code + " FOR UPDATE", ("{}", uuid_array(sorted(ids)))


def of_members(schema: str, who: str, members: Sequence[str], *, at: datetime) -> Statement:
    """What members hold that is not used up and has not ended: of each the MOST_HELD that end first. No lock.

    `who`: SQL that names them as rows of `who` by its five arrays `members`.
    """
    return who + _texts(schema).of_members, (*members, at.isoformat())


def used_for(schema: str, causes: Iterable[str]) -> Statement:
    """The uses of these orders and events that still stand."""
    return _texts(schema).uses, (text_array(sorted(causes)),)


def ever_used_for(schema: str, causes: Iterable[str]) -> Statement:
    """The same with those that were released."""
    return _texts(schema).ever, (text_array(sorted(causes)),)


def held(rows: Sequence[Row]) -> list[Held]:
    """The rows of `find` and `of_members`."""
    return [
        Held(
            id=UUID(r[0]),
            member_id=UUID(r[1]) if r[1] else None,
            redemption_id=UUID(r[2]) if r[2] else None,
            reward=str(r[3]),
            source=str(r[4]),
            state=str(r[5]),
            uses=int(r[6] or 0),
            used=int(r[7] or 0),
            usable_from=datetime.fromisoformat(r[8]) if r[8] else None,
            expires_at=datetime.fromisoformat(r[9]) if r[9] else None,
            version=int(r[10]) if r[10] else None,
            amount=int(r[11]) if r[11] else None,
            remaining=int(r[12]) if r[12] else None,
            code_hash=bytes.fromhex(r[13] or ""),
        )
        for r in rows
    ]


def uses(rows: Sequence[Row]) -> list[Use]:
    """The rows of `used_for`."""
    return [
        Use(
            UUID(r[0]), UUID(r[1]), str(r[2]), int(r[3] or 0), int(r[4] or 0), str(r[5]), known=True,
            until=datetime.fromisoformat(r[6]) if r[6] else None,
        )
        for r in rows
    ]  # fmt: skip


def take(schema: str, planned: Sequence[Use], *, at: datetime) -> list[Statement]:
    """Write uses: new ones count, known ones only turn from the order's reservation into the sale's use."""
    new, known = [u for u in planned if not u.known], [u for u in planned if u.known]
    texts, statements = _texts(schema), []
    if new:
        statements += [
            _change(schema, {u.voucher: u for u in new}, sign=1, at=at, until=None),
            (
                texts.insert,
                (
                    uuid_array([u.id for u in new]),
                    uuid_array([u.voucher for u in new]),
                    text_array([u.cause for u in new]),
                    array([u.times for u in new]),
                    array([u.amount for u in new]),
                    text_array([u.state for u in new]),
                    text_array([u.until.isoformat() if u.until else None for u in new]),
                    at.isoformat(),
                ),
            ),
        ]
    return [*statements, *([_turn(schema, known, at=at)] if known else [])]


def give_back(schema: str, taken: Sequence[Use], *, at: datetime, until: datetime | None = None) -> list[Statement]:
    """Undo uses: the vouchers may be used again, gift cards get their money; `until` lengthens what ends sooner."""
    if not taken:
        return []
    released = [Use(u.id, u.voucher, u.cause, u.times, u.amount, RELEASED, known=True) for u in taken]
    return [
        _change(schema, {u.voucher: u for u in taken}, sign=-1, at=at, until=until),
        _turn(schema, released, at=at),
    ]


def _change(schema: str, by_voucher: dict[UUID, Use], *, sign: int, at: datetime, until: datetime | None) -> Statement:
    ordered = [by_voucher[key] for key in sorted(by_voucher)]
    return _texts(schema).take, (
        uuid_array([u.voucher for u in ordered]),
        array([sign * u.times if not u.amount else 0 for u in ordered]),
        array([sign * u.amount for u in ordered]),
        at.isoformat(),
        until.isoformat() if until else None,
    )


def _turn(schema: str, planned: Sequence[Use], *, at: datetime) -> Statement:
    return _texts(schema).turn, (
        uuid_array([u.id for u in planned]),
        text_array([u.state for u in planned]),
        text_array([u.cause for u in planned]),
        array([u.times for u in planned]),
        array([u.amount for u in planned]),
        at.isoformat(),
    )
