"""Who types codes in vain must wait: at most 10 a minute each, at most 100 an hour per terminal of a business."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction

from ganbo.foundation.pipelines import Row, Statement, array, text_array
from ganbo.kernel.refusal import Refusal

if TYPE_CHECKING:
    from ganbo.foundation.pipelines import Pipeline

PER_MINUTE, PER_HOUR = 10, 100
_MINUTE, _HOUR = 60, 3600


class TooManyTries(Refusal):
    """Too many codes were tried in vain; wait a little."""

    code = "too_fast"


@dataclass
class Guesses:
    """What stores have tried in vain in this minute and hour, and what this batch adds."""

    tries: dict[tuple[str, int], int] = field(default_factory=dict)
    added: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Guesses":
        """From the rows of `look`."""
        return cls({(str(r[0]), int(r[1] or 0)): int(r[2] or 0) for r in rows})

    def wait(self, store: str, *, at: datetime) -> int:
        """Seconds the store must wait; 0 when it may try."""
        new = self.added.get(store, 0)
        for prefix, length, most in _STRETCHES:
            if self.tries.get((f"{prefix}store:{store}", int(at.timestamp()) // length), 0) + new >= most:
                return seconds_left(at, length)
        return 0

    def note(self, store: str, tried: int) -> None:
        """Count tries in vain of this batch."""
        if tried:
            self.added[store] = self.added.get(store, 0) + tried


_STRETCHES = (("m:", _MINUTE, PER_MINUTE), ("h:", _HOUR, PER_HOUR))


def seconds_left(at: datetime, length: int) -> int:
    """Until the next stretch of this length begins."""
    return length - int(at.timestamp()) % length


def look(schema: str, stores: Iterable[str]) -> Statement:
    """What these stores have tried."""
    names = [f"{prefix}store:{store}" for store in sorted(stores) for prefix, _, _ in _STRETCHES]
    return f'SELECT who, stretch, tries FROM "{schema}".rewards_guess WHERE who = ANY($1::text[])', (text_array(names),)


_ADD = (
    'INSERT INTO "{s}".rewards_guess AS g (who, stretch, tries) SELECT w, s, n FROM'
    " unnest($1::text[], $2::bigint[], $3::int[]) AS t(w, s, n) ORDER BY w, s"
    " ON CONFLICT (who, stretch) DO UPDATE SET tries = greatest(g.tries + excluded.tries, 0) RETURNING who, tries"
)


def add(schema: str, guesses: Guesses, *, at: datetime) -> list[Statement]:
    """SQL that counts what a batch tried in vain; in a transaction that is not undone with the refusal."""
    rows = [
        (f"{prefix}store:{store}", int(at.timestamp()) // length, tried)
        for store, tried in guesses.added.items()
        for prefix, length, _ in _STRETCHES
    ]
    return [(_ADD.format(s=schema), _columns(rows))] if rows else []


def keep(pipe: "Pipeline", schema: str, guesses: Guesses, *, at: datetime) -> None:
    """Write what was tried in vain, after the batch's own transaction."""
    statements = add(schema, guesses, at=at)
    if statements:
        pipe.run(statements)


@dataclass
class Try:
    """One try; `in_vain` when the code was no good."""

    in_vain: bool = False


@contextmanager
def trying(who: str, terminal: str, *, at: datetime) -> Iterator[Try]:
    """Count a try before it is looked at, so that parallel guessing gains nothing; a good code does not count.

    Raises TooManyTries.
    """
    for name, tries in _change(who, terminal, 1, at=at):
        length, most = (_MINUTE, PER_MINUTE) if name.startswith("m:") else (_HOUR, PER_HOUR)
        if tries > most:
            raise TooManyTries(seconds=seconds_left(at, length))
    tried = Try()
    try:
        yield tried
    finally:
        if not tried.in_vain:
            _change(who, terminal, -1, at=at)


def _change(who: str, terminal: str, by: int, *, at: datetime) -> list[tuple[str, int]]:
    seconds = int(at.timestamp())
    rows = [(f"h:{terminal}", seconds // _HOUR), (f"m:{who}", seconds // _MINUTE)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rewards_guess AS g (who, stretch, tries) SELECT w, s, %s FROM"
            " unnest(%s::text[], %s::bigint[]) AS t(w, s) ORDER BY w"
            " ON CONFLICT (who, stretch) DO UPDATE SET tries = greatest(g.tries + excluded.tries, 0)"
            " RETURNING who, tries",
            [by, [r[0] for r in rows], [r[1] for r in rows]],
        )
        return [(str(name), int(tries)) for name, tries in cursor.fetchall()]


def forget_old(*, at: datetime) -> int:
    """Drop counters of more than a day ago; how many went."""
    with transaction.atomic(), connection.cursor() as cursor:
        hour = int(at.timestamp()) // _HOUR - 24
        cursor.execute(
            "DELETE FROM rewards_guess WHERE (left(who, 2) = 'h:' AND stretch < %s)"
            " OR (left(who, 2) = 'm:' AND stretch < %s)",
            [hour, hour * 60],
        )
        return int(cursor.rowcount)


def _columns(rows: Sequence[tuple[str, int, int]]) -> tuple[str, str, str]:
    return text_array([r[0] for r in rows]), array([r[1] for r in rows]), array([r[2] for r in rows])
