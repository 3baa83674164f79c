"""Batches of codes for whoever bears them: which codes, and writing a chunk of them. The codes follow from the batch."""

import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db.models import F

from ganbo.features.rewards import budgets, codes, models
from ganbo.foundation.pipelines import Pipeline, array
from ganbo.foundation.tenancy import context
from ganbo.foundation.transactions import needs_transaction

MOST_CODES = 1_000_000
LEAST_RANDOM = 12  # letters of five bits each: nobody guesses one of a million codes among 2^60
MOST_RANDOM = 40
_PATTERN = re.compile(r"[A-Z0-9#][A-Z0-9#-]{11,59}")  # no sign at the front that a spreadsheet takes for a formula


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch; `amount` is what each gift card holds, minor units."""

    id: UUID
    reward: str
    count: int
    done: int
    pattern: str
    uses: int
    expires_at: datetime | None
    amount: int | None
    programme_version: int
    created_at: datetime
    budget: str = ""  # the line of the budget that pays, by its key in the books
    cost: int = 0  # of each code


def good_pattern(pattern: str) -> bool:
    """Whether codes of this pattern can be typed and not guessed."""
    random = pattern.count("#")
    return bool(_PATTERN.fullmatch(pattern)) and LEAST_RANDOM <= random <= MOST_RANDOM


def voucher_of(batch: UUID, number: int) -> UUID:
    """The id of a batch's voucher: the batch's time, the number, and what tells batches of one instant apart."""
    front, back = _ends(batch)
    return UUID(bytes=front + number.to_bytes(4, "big") + back)


@lru_cache(maxsize=64)
def _ends(batch: UUID) -> tuple[bytes, bytes]:
    return batch.bytes[:6], sha256(batch.bytes).digest()[:6]


def code_of(batch: BatchRow, number: int, *, key: str) -> str:
    """The code with this number, from 0."""
    voucher = voucher_of(batch.id, number)
    return _patterned(batch.pattern, voucher.bytes, key) if batch.pattern else codes.code_of(voucher, key=key)


def _patterned(pattern: str, voucher: bytes, key: str) -> str:
    left, letters = int.from_bytes(hmac.digest(_pattern_key(key), voucher, "sha256"), "big"), []
    for letter in pattern:
        if letter == "#":
            letter, left = codes.ALPHABET[left & 31], left >> 5
        letters.append(letter)
    return "".join(letters)


@lru_cache(maxsize=8)
def _pattern_key(key: str) -> bytes:
    return sha256(b"ganbo pattern key " + key.encode()).digest()


def _hashes(batch: BatchRow, ids: Iterable[bytes], *, key: str) -> list[str]:
    """What is kept of the codes of these vouchers, in hexadecimal."""
    if not batch.pattern:
        return [codes.hash_by_id(one, key=key).hex() for one in ids]
    return [codes.own_hash_of(_patterned(batch.pattern, one, key)).hex() for one in ids]


def all_codes(batch: BatchRow, *, key: str) -> Iterator[str]:
    """Every code, in order; reads nothing."""
    return (code_of(batch, number, key=key) for number in range(batch.count))


def get(batch_id: UUID) -> BatchRow | None:
    """This batch."""
    found = models.Batch.objects.filter(pk=batch_id).first()
    return _row(found) if found else None


def latest(*, most: int) -> list[BatchRow]:
    """The newest batches."""
    return [_row(found) for found in models.Batch.objects.order_by("-id")[:most]]


@needs_transaction
def create(batch: BatchRow) -> None:
    """Keep what is to be made."""
    models.Batch.objects.create(
        id=batch.id,
        reward=batch.reward,
        count=batch.count,
        pattern=batch.pattern,
        uses=batch.uses,
        expires_at=batch.expires_at,
        amount=batch.amount,
        programme_version=batch.programme_version,
        created_at=batch.created_at,
        budget=batch.budget,
        cost=batch.cost,
    )


@needs_transaction
def next_unfinished() -> BatchRow | None:
    """The oldest batch that is not finished and that nobody else works on, locked."""
    waiting = models.Batch.objects.select_for_update(skip_locked=True).filter(done__lt=F("count"))
    found = waiting.order_by("id").first()
    return _row(found) if found else None


@needs_transaction
def make(batch: BatchRow, most: int, *, stocked: bool, at: datetime) -> int:
    """Write the next `most` vouchers of a locked batch and how far it is now; how many were written."""
    numbers = range(batch.done, min(batch.done + most, batch.count))
    _insert(batch, numbers, at=at)
    done = batch.done + len(numbers)
    models.Batch.objects.filter(pk=batch.id).update(done=done, finished_at=at if done == batch.count else None)
    if stocked:
        models.Stock.objects.get_or_create(reward=batch.reward)
        models.Stock.objects.filter(reward=batch.reward).update(taken=F("taken") + len(numbers))
    return len(numbers)


def _insert(batch: BatchRow, numbers: range, *, at: datetime) -> None:
    front, back = _ends(batch.id)
    ids = [front + number.to_bytes(4, "big") + back for number in numbers]
    Pipeline.inside_django().query(
        f'INSERT INTO "{context.current().schema}".rewards_voucher (id, reward, batch_id, uses, programme_version,'
        " code_hash, expires_at, amount, remaining, created_at, source, cause, rule, quantity, state, used,"
        " budget, cost, booked)"
        " SELECT i, $3::text, $4::uuid, $5::int, $6::int, decode(h, 'hex'), $7::timestamptz, $8::bigint, $8::bigint,"
        " $9::timestamptz, 'batch', '', '', 1, 'issued', 0, $10::text, $11::bigint, $12::text"
        " FROM unnest($1::uuid[], $2::text[]) AS t(i, h)",
        array([one.hex() for one in ids]),
        array(_hashes(batch, ids, key=settings.CODE_KEY)),
        batch.reward,
        str(batch.id),
        str(batch.uses),
        str(batch.programme_version),
        batch.expires_at.isoformat() if batch.expires_at else None,
        str(batch.amount) if batch.amount is not None else None,
        at.isoformat(),
        batch.budget,
        str(batch.cost),
        budgets.COMMITTED if batch.budget else "",
    )


def _row(batch: models.Batch) -> BatchRow:
    return BatchRow(
        id=batch.pk,
        reward=batch.reward,
        count=batch.count,
        done=batch.done,
        pattern=batch.pattern,
        uses=batch.uses,
        expires_at=batch.expires_at,
        amount=batch.amount,
        programme_version=batch.programme_version,
        created_at=batch.created_at,
        budget=batch.budget,
        cost=batch.cost,
    )


def plain(voucher: UUID, *, pattern: str, kept: bytes, key: str) -> str:
    """The code of a voucher of our own whose hash is `kept`; empty when it followed from another key."""
    code = _patterned(pattern, voucher.bytes, key) if pattern else codes.code_of(voucher, key=key)
    found = codes.own_hash_of(code) if pattern else codes.hash_of(code)
    return code if found == kept else ""
