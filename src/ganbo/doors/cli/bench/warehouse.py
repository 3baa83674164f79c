"""An export of many new facts: sales recorded through the journey, then how long the warehouse takes, and how much memory."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ganbo.foundation import chance, clock

if TYPE_CHECKING:
    from ganbo.foundation.tenancy.queries import BusinessRow

SLUG = "bench-warehouse"
MOST_SECONDS = 15.0  # for a million new facts
_MEMBERS = 20_000
_CHUNK = 1_000
_DAYS = 360
_PER_EVENT = 3.4  # rows that a sale makes in the warehouse: itself, its lines, its transfers
_FACTS = ("events", "lines", "transfers", "lots")
_MENU = (("latte", "coffee", 55_000), ("peach-tea", "tea", 49_000), ("cake", "bakery", 65_000))


@dataclass(frozen=True, slots=True)
class Export:
    """One export: rows that came, seconds, and the most MiB any process of it held."""

    rows: int
    seconds: float
    mebibytes: float


def measured(document: str, facts: int) -> tuple[Export, Export]:
    """(the first export, of at least so many facts; the next one, of a hundredth more)."""
    from ganbo.foundation.tenancy import context, operations, queries
    from ganbo.journeys import publish_programme

    business = queries.by_slug(SLUG) or operations.create(SLUG, slug=SLUG)
    with context.within(business), tempfile.TemporaryDirectory() as folder:
        publish_programme.publish(document, by="bench")
        people = _enrolled(business)
        _sell(business, people, int(facts / _PER_EVENT) - _sold())
        first = _export(Path(folder))
        _sell(business, people, int(facts / _PER_EVENT / 100))
        return first, _export(Path(folder))


def _export(folder: Path) -> Export:
    """One run of `ganbo warehouse export`, as a process of its own: its start counts, too."""
    began = clock.monotonic()
    command = [sys.executable, "-m", "ganbo.doors.cli.main", "warehouse", "export", "--business", SLUG, "--json"]
    done = subprocess.run(command, env=os.environ | {"GANBO_WAREHOUSE": str(folder)}, check=True, capture_output=True)
    seconds = clock.monotonic() - began
    rows = orjson.loads(done.stdout)[SLUG]["rows"]
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Export(sum(rows[name] for name in _FACTS), seconds, most)


def _enrolled(business: "BusinessRow") -> list[str]:
    from ganbo.journeys import import_members
    from ganbo.people.members.operations import Person

    draw, now = chance.seeded(7), clock.now()
    ids = [str(chance.new_id()) for _ in range(_MEMBERS)]
    for start in range(0, _MEMBERS, _CHUNK):
        people = [(i, Person(external_id=f"{i}:{draw.random()}", name="Minh")) for i in ids[start : start + _CHUNK]]
        import_members.enrol_all([(i, who, now - timedelta(days=_DAYS), None) for i, who in people])  # type: ignore[misc]
    return ids


def _sold() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_event WHERE type = 'purchase'")
        return int(cursor.fetchone()[0])


def _sell(business: "BusinessRow", people: list[str], count: int) -> None:
    from ganbo.books.events import reading
    from ganbo.foundation.pipelines import Pipeline, connection_parameters
    from ganbo.journeys import record_events
    from ganbo.journeys.record_events import Asked

    pipe, now = Pipeline.open(**connection_parameters()), clock.now()
    bodies = list(_sales(people, count, now))
    for start in range(0, len(bodies), _CHUNK):
        requests = [reading.read(body, region="VN") for body in bodies[start : start + _CHUNK]]
        record_events.record(pipe, Asked(business, now, backfill=True), requests)
    pipe.query("ANALYZE")
    pipe.close()


def _sales(people: list[str], count: int, now: datetime) -> Iterator[dict[str, Any]]:
    draw, run = chance.seeded(count), chance.digits(9)
    for n in range(count):
        lines = [
            {"sku": sku, "category": category, "quantity": 1, "unit_price": price}
            for sku, category, price in draw.sample(_MENU, draw.choice((1, 1, 2)))
        ]
        yield {
            "id": f"{run}:{n}",
            "type": "purchase",
            "occurred_at": (now - timedelta(days=_DAYS * (count - n) / count)).isoformat(),
            "member": draw.choice(people),
            "store": "hoan-kiem",
            "data": {"order_id": f"{run}:{n}", "lines": lines},
        }
