"""The night's review of levels for many members, made with COPY: how long it takes, and how much CPU of whom."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import psutil
import psycopg

from ganbo.foundation import chance, clock

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow

SLUG = "bench-tiers"
_MONTHS = 12
_LEVELS = ("bronze", "bronze", "bronze", "silver", "silver", "gold")
_FALLING = 50  # one member in so many does not keep the level
_RISING = 100  # and one in so many reached the next


@dataclass(frozen=True, slots=True)
class Night:
    """Wall seconds and CPU seconds of one night's review; how many members were looked at, and how many changed."""

    members: int
    changed: int
    seconds: float
    python: float
    postgres: float


def prepared(document: str, members: int) -> "BusinessRow":
    """A business with that many members in levels, counters beside them; what was there before is replaced."""
    from ganbo.features.programmes import queries as programmes
    from ganbo.foundation.tenancy import context, operations, queries
    from ganbo.journeys import publish_programme, tiering

    business = queries.by_slug(SLUG) or operations.create(SLUG, slug=SLUG)
    now = clock.now()
    with context.within(business):
        publish_programme.publish(document, by="bench")
        programme = programmes.in_force_at(business.schema, clock.now()).programme
    with psycopg.connect(os.environ["GANBO_DATABASE_URL"]) as connection:
        connection.execute(f'TRUNCATE "{business.schema}".members_member CASCADE')
        ids = [str(chance.new_id()) for _ in range(members)]
        joined = now - timedelta(days=800)
        _copy(
            connection, business.schema, "members_member", _MEMBER, ((i, i, *[""] * 4, True, "", joined) for i in ids)
        )
        states = zip(ids, _states(tiering.named_by(programme) or "", now), strict=False)
        rows = ((id, tier, 12, 0, 12, "{}", state) for id, (tier, state) in states)
        _copy(connection, business.schema, "members_standing", _STANDING, rows)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return business


_MEMBER = "id, external_id, name, name_folded, address_form, locale, receipts_by_email, goal, created_at"
_STANDING = "member_id, tier, purchases, spend, visits, carried, state"


def _copy(
    connection: "psycopg.Connection[Any]", schema: str, table: str, columns: str, rows: Iterable[Sequence[Any]]
) -> None:
    with connection.cursor().copy(f'COPY "{schema}".{table} ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _states(fingerprint: str, now: datetime) -> Iterator[tuple[str, str]]:
    """Levels and counters without end: most keep theirs, some do not, some reached the next."""
    months = [f"{(now - timedelta(days=30 * n)):%Y-%m}" for n in range(_MONTHS)]
    spend = {"bronze": 100_000, "silver": 500_000, "gold": 1_500_000}
    n = 0
    while True:
        n += 1
        tier = _LEVELS[n % len(_LEVELS)]
        a_month = spend[tier] // 2 if n % _FALLING == 0 else spend[tier] * 11 if n % _RISING == 1 else spend[tier]
        counts = {month: {"spend": a_month + n % 1_000, "purchases": 1} for month in months}
        state = {"counted": fingerprint, "months": counts, "tier": {"since": "2026-01-10", "n": 1}}
        yield tier, orjson.dumps(state).decode()


def measured(business: "BusinessRow", *, at: datetime) -> Night:
    """Review everybody as of a day, once."""
    from ganbo.features.programmes import queries as programmes
    from ganbo.foundation.tenancy import context
    from ganbo.journeys import evaluate_tiers

    with context.within(business):
        published = programmes.in_force_at(business.schema, clock.now())
        before, start = _cpu(), clock.monotonic()
        night = evaluate_tiers.evaluate(published, at=at)
        seconds, after = clock.monotonic() - start, _cpu()
    return Night(night.members, night.changed, seconds, after[0] - before[0], after[1] - before[1])


def _cpu() -> tuple[float, float]:
    """CPU seconds so far of this process with its children, and of every PostgreSQL process of this machine's user."""
    here = psutil.Process()
    python = sum(_seconds(process) for process in (here, *here.children(recursive=True)) if not _is_postgres(process))
    python += here.cpu_times().children_user + here.cpu_times().children_system
    postgres = sum(_seconds(process) for process in psutil.process_iter() if _is_postgres(process))
    return python, postgres


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
        return float(times.user + times.system)
    except psutil.Error:
        return 0.0


def _is_postgres(process: psutil.Process) -> bool:
    try:
        return Path(process.exe()).name == "postgres"
    except psutil.Error:
        return False
