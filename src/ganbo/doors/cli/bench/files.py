"""What `ganbo look` and `ganbo simulate` take for a large sales file: seconds and memory of the whole command."""

import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ganbo.foundation import chance, clock

ROWS = 1_000_000
MOST_LOOK, MOST_LOOK_TEN, MOST_SIMULATE = (
    10.0,
    60.0,
    60.0,
)  # seconds: of a million rows, of ten million, of a million events
MOST_MEMORY = 2048.0  # MiB
_A_MEMBER = 20  # rows
_BEGIN = datetime(2025, 1, 1)
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Took:
    """Seconds on the clock, and the largest resident memory of a process of it, MiB."""

    seconds: float
    memory: float


def made(folder: Path, rows: int) -> Path:
    """A CSV of so many bills of a year, each a line; some members buy much more than others."""
    path = folder / f"sales-{rows}.csv"
    if path.exists():
        return path
    draw, members = chance.seeded(rows), max(rows // _A_MEMBER, 1)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        file.write("order_id,member,occurred_at,store,sku,category,quantity,unit_price\n")
        for n in range(rows):
            at = _BEGIN + timedelta(seconds=n * _YEAR // rows)
            who = int(members * draw.random() ** 2)
            what = "coffee" if n % 3 else "tea"
            price = 20_000 + 1_000 * (n % 50)
            file.write(f"B{n},K{who},{at:%Y-%m-%d %H:%M:%S},s{n % 3},sku{n % 8},{what},{1 + n % 2},{price}\n")
    part.rename(path)
    return path


def took(*words: str) -> Took:
    """A command of ganbo's, in a process of its own, its output thrown away. Raises RuntimeError when it fails."""
    begun = clock.monotonic()
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    program = [sys.executable, "-m", "ganbo.doors.cli.main", *words]
    child = os.posix_spawn(sys.executable, program, os.environ, file_actions=nowhere)
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"ganbo {' '.join(words)} ended with {os.waitstatus_to_exitcode(status)}")
    return Took(clock.monotonic() - begun, used.ru_maxrss / 1024)
