"""Other people's codes: imported, sealed at rest, given to one voucher each, shown to its holder.

A code is sealed with Fernet under a key that follows from GANBO_CODE_KEY: who copies the database learns none. The
fingerprint, an HMAC, tells a second copy. A code that was given is never given again, whatever becomes of the voucher.
"""

import base64
import hmac
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db.models import Count, Q

from ganbo.features.rewards import models
from ganbo.foundation.pipelines import Pipeline, Row, Statement, array, text_array, uuid_array
from ganbo.foundation.tenancy import context
from ganbo.foundation.transactions import needs_transaction

WAITING, GIVEN = "waiting", "given"  # a voucher whose code is still to come, and one that has it
MOST_FILLED = 1_000  # vouchers that get their code in one statement

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Free:
    """A code under lock that nobody has yet; `expires_at` is the first instant at which it is over."""

    id: UUID
    reward: str
    code: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class New:
    """A code to be kept."""

    id: UUID
    code: str
    expires_at: datetime | None


def seal(code: str, *, key: str) -> str:
    """The code as it is kept."""
    return _fernet(key).encrypt(code.encode()).decode()


def opened(sealed: str, *, key: str) -> str | None:
    """The code again; None, with a line in the log, when it was sealed under another key."""
    try:
        return _fernet(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        logger.error("a code was sealed under another key; set GANBO_CODE_KEY to what it was at the import")
        return None


def fingerprint(code: str, *, key: str) -> bytes:
    """The same for the same code; 32 bytes that say nothing without the key."""
    return hmac.new(_keys(key)[1], code.encode(), sha256).digest()


@lru_cache(maxsize=8)
def _keys(key: str) -> tuple[bytes, bytes]:
    of = (b"ganbo pool key ", b"ganbo pool fingerprint ")
    sealing, telling = (sha256(purpose + key.encode()).digest() for purpose in of)
    return base64.urlsafe_b64encode(sealing), telling


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    return Fernet(_keys(key)[0])


@dataclass(frozen=True, slots=True)
class _Texts:
    lock: str
    wait: str
    take: str
    fill: str


_FREE = """SELECT f.id, f.reward, f.sealed, f.expires_at FROM {wanted} CROSS JOIN LATERAL (
 SELECT p.id, p.reward, p.sealed, p.expires_at FROM "{s}".rewards_pool p
 WHERE p.reward = w.reward AND p.voucher_id IS NULL AND (p.expires_at IS NULL OR p.expires_at > {at}::timestamptz)
 ORDER BY p.expires_at, p.id LIMIT w.n FOR UPDATE{skip}) f"""
_FILL = """WITH due AS (SELECT v.id, v.reward, row_number() OVER (PARTITION BY v.reward ORDER BY v.id) AS n
 FROM "{s}".rewards_voucher v WHERE v.id = ANY($1::uuid[]) AND v.pool = 'waiting' AND v.state = 'issued'),
w AS (SELECT reward, max(n) AS n FROM due GROUP BY reward), free AS ({free}),
one AS (SELECT id, reward, expires_at, row_number() OVER (PARTITION BY reward ORDER BY expires_at, id) AS n FROM free),
pair AS (SELECT due.id AS voucher, one.id AS code, one.expires_at FROM due JOIN one USING (reward, n)),
given AS (UPDATE "{s}".rewards_pool p SET voucher_id = pair.voucher, given_at = $2::timestamptz FROM pair
 WHERE p.id = pair.code)
UPDATE "{s}".rewards_voucher v SET pool = 'given', expires_at = COALESCE(pair.expires_at, v.expires_at)
 FROM pair WHERE v.id = pair.voucher"""


@lru_cache(maxsize=4096)
def _texts(schema: str) -> _Texts:
    wanted = "unnest($1::text[], $2::int[]) AS w(reward, n)"
    return _Texts(
        lock=_FREE.format(s=schema, wanted=wanted, at="$3", skip=" SKIP LOCKED"),
        wait=_FREE.format(s=schema, wanted=wanted, at="$3", skip=""),
        take=f'UPDATE "{schema}".rewards_pool p SET voucher_id = d.voucher, given_at = $3::timestamptz'
        " FROM unnest($1::uuid[], $2::uuid[]) AS d(id, voucher) WHERE p.id = d.id",
        fill=_FILL.format(s=schema, free=_FREE.format(s=schema, wanted="w", at="$2", skip=" SKIP LOCKED")),
    )


def lock(pipe: Pipeline, schema: str, wanted: Mapping[str, int], *, at: datetime) -> dict[str, list[Free]]:
    """So many free codes of these rewards under lock, the first to end first; fewer when there are no more.

    Nobody queues while there are others to take; only for the last ones, whose holder may yet let them go.
    """
    if not wanted:
        return {}
    names = sorted(wanted)
    numbers = (text_array(names), array([wanted[name] for name in names]), at.isoformat())
    rows = pipe.query(_texts(schema).lock, *numbers)
    if len(rows) < sum(wanted.values()):
        rows = pipe.query(_texts(schema).wait, *numbers)
    found: dict[str, list[Free]] = {name: [] for name in names}
    for row in rows:
        code = opened(str(row[2]), key=settings.CODE_KEY)
        if code is not None:
            found[str(row[1])].append(Free(UUID(row[0]), str(row[1]), code, _instant(row[3])))
    return found


def take(schema: str, given: Sequence[tuple[UUID, UUID]], *, at: datetime) -> Statement:
    """Give locked codes to vouchers: (code, voucher) each."""
    return _texts(schema).take, (
        uuid_array([code for code, _ in given]),
        uuid_array([voucher for _, voucher in given]),
        at.isoformat(),
    )


def fill(schema: str, vouchers: Iterable[UUID], *, at: datetime) -> Statement:
    """Give codes to vouchers that wait for one, the oldest first, as far as there are any; nobody queues."""
    return _texts(schema).fill, (uuid_array(sorted(vouchers)), at.isoformat())


def of_vouchers(schema: str, vouchers: Iterable[UUID]) -> Statement:
    """(voucher, sealed) of these vouchers, for `shown`."""
    sql = f'SELECT voucher_id, sealed FROM "{schema}".rewards_pool WHERE voucher_id = ANY($1::uuid[])'
    return sql, (uuid_array(sorted(vouchers)),)


def shown(rows: Sequence[Row]) -> dict[UUID, str]:
    """The codes by voucher, from the rows of `of_vouchers`."""
    return {UUID(row[0]): opened(str(row[1]), key=settings.CODE_KEY) or "" for row in rows}


def codes_of(vouchers: Iterable[UUID]) -> dict[UUID, str]:
    """The codes these vouchers were given, for their holders."""
    found = models.PoolCode.objects.filter(voucher_id__in=list(vouchers)).values_list("voucher_id", "sealed")
    return {voucher: opened(sealed, key=settings.CODE_KEY) or "" for voucher, sealed in found if voucher}


def readable() -> bool:
    """Whether the codes that are kept can be opened with the installation's key: the first and the last imported."""
    sealed = models.PoolCode.objects.order_by("id").values_list("sealed", flat=True)
    ends = [one for one in (sealed.first(), sealed.last()) if one is not None]
    return all(opened(one, key=settings.CODE_KEY) is not None for one in ends)


def left(*, at: datetime) -> dict[str, int]:
    """Codes that can still be given, by reward."""
    free = models.PoolCode.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), voucher_id=None)
    return dict(free.values_list("reward").annotate(Count("id")))


@dataclass(frozen=True, slots=True)
class PoolRow:
    """How it stands with the codes of one reward: to be given, given, over before anybody got them, and who waits."""

    reward: str
    free: int
    given: int
    over: int
    waiting: int


def pools(*, at: datetime) -> dict[str, PoolRow]:
    """By reward, of all rewards that ever had codes or have vouchers waiting for one."""
    over = Q(voucher_id=None, expires_at__lte=at)
    by_reward = models.PoolCode.objects.values_list("reward").annotate(
        free=Count("id", filter=Q(voucher_id=None) & ~over), given=Count("voucher_id"), over=Count("id", filter=over)
    )
    counted = by_reward.values_list("reward", "free", "given", "over")
    queued = Counter(models.Voucher.objects.filter(pool=WAITING, state="issued").values_list("reward", flat=True))
    found = {
        reward: PoolRow(reward, free, given, ended, queued.pop(reward, 0)) for reward, free, given, ended in counted
    }
    return found | {reward: PoolRow(reward, 0, 0, 0, n) for reward, n in queued.items()}


def known(fingerprints: Sequence[bytes]) -> set[bytes]:
    """Which of these are kept already."""
    found = models.PoolCode.objects.filter(fingerprint__in=fingerprints).values_list("fingerprint", flat=True)
    return {bytes(one) for one in found}


@needs_transaction
def add(reward: str, new: Sequence[New], *, at: datetime) -> int:
    """Keep these codes; one that is kept already stays as it is. How many were new."""
    key = settings.CODE_KEY
    rows = Pipeline.inside_django().query(
        f'INSERT INTO "{context.current().schema}".rewards_pool (id, reward, sealed, fingerprint, expires_at, imported_at)'
        " SELECT i, $5::text, s, decode(f, 'hex'), e, $6::timestamptz FROM"
        " unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS t(i, s, f, e)"
        " ON CONFLICT (fingerprint) DO NOTHING RETURNING id",
        uuid_array([one.id for one in new]),
        text_array([seal(one.code, key=key) for one in new]),
        array([fingerprint(one.code, key=key).hex() for one in new]),
        text_array([one.expires_at.isoformat() if one.expires_at else None for one in new]),
        reward,
        at.isoformat(),
    )
    return len(rows)


@needs_transaction
def fill_waiting(reward: str, *, at: datetime) -> int:
    """Vouchers of this reward that wait get their codes, the oldest first; how many did. Skips those somebody holds."""
    waiting = models.Voucher.objects.select_for_update(skip_locked=True).filter(pool=WAITING, state="issued")
    ids = list(waiting.filter(reward=reward).order_by("id").values_list("id", flat=True)[:MOST_FILLED])
    if not ids:
        return 0
    Pipeline.inside_django().run([fill(context.current().schema, ids, at=at)])
    return models.Voucher.objects.filter(id__in=ids, pool=GIVEN).count()


def waiting_rewards() -> list[str]:
    """Rewards of which some voucher waits for its code."""
    return sorted(
        models.Voucher.objects.filter(pool=WAITING, state="issued").values_list("reward", flat=True).distinct()
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
