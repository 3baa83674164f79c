"""A year of sales supposed from three numbers, for a shop without a file: plain to state, and the same for the same numbers.

Every day has its bills. Of ten bills so many are of regulars, who come about every fifteen days; six in ten regulars are
there from the first day, the others join over the year, and one in four stays away from some month on. Every other bill
is of somebody who comes once. Bills vary around the average: from half of it to twice.
"""

import csv
import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ganbo.foundation import chance

DAYS = 365
DAYS_BETWEEN = 15  # visits of a regular
_THERE_AT_FIRST, _STAYS = 0.6, 0.75
_LEAST, _MOST = 0.5, 2.0
HEADING = ("order_id", "member", "occurred_at", "amount")


def write(path: Path, numbers: Mapping[str, Any], *, until: date) -> None:
    """The year up to the day before `until`, as a file like any other. `bill` in major units."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING)
        writer.writerows(_rows(numbers, until))


def _rows(numbers: Mapping[str, Any], until: date) -> list[tuple[str, str, str, str]]:
    drawn = chance.seeded(1)
    bills, bill, known = int(numbers["bills"]), float(numbers["bill"]), int(numbers["regulars"])
    people = max(round(bills * known / 10 * DAYS_BETWEEN), 1 if known else 0)
    regulars = [_stay(drawn) for _ in range(round(people * 1.25))]
    rows, once = [], 0
    for n in range(DAYS):
        day = until - timedelta(days=DAYS - n)
        here = [who for who, (first, last) in enumerate(regulars) if first <= n < last]
        for place in range(bills):
            if here and place * 10 < bills * known:
                who = f"R{drawn.choice(here):05d}"
            else:
                once += 1
                who = f"K{once:06d}"
            amount = bill * drawn.triangular(_LEAST, _MOST, _LEAST)
            at = f"{day.isoformat()} {8 + place % 12:02d}:{place * 7 % 60:02d}"
            rows.append((f"{n:03d}-{place:05d}", who, at, f"{amount:.2f}" if bill < 1000 else str(round(amount))))
    return rows


def _stay(drawn: Any) -> tuple[int, int]:
    """The first day a regular may come, and the day from which they come no more."""
    first = 0 if drawn.random() < _THERE_AT_FIRST else drawn.randrange(DAYS)
    last = DAYS if drawn.random() < _STAYS else first + drawn.randrange(30, DAYS)
    return first, min(last, DAYS)
