"""Days and instants of a column, as people and systems write them; a file's way is found in its first rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from ganbo.insights.look import dates
from ganbo.insights.look.sheets import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class When(NamedTuple):
    """A cell's day, and its instant by the shop's clocks: noon where it says only the day."""

    day: date
    at: datetime


@dataclass
class Times:
    """Reads columns of days in a zone."""

    zone: ZoneInfo
    _american: dict[str, bool] = field(default_factory=dict)

    def read(self, rows: Sequence[Row], name: str) -> list[When | None]:
        """The column of each row; None where the cell is empty or says no day."""
        cells = pl.Series([row.cells.get(name) for row in rows], dtype=pl.String)
        if cells.null_count() == len(cells):
            return [None] * len(rows)
        american = self._american.setdefault(name, dates.month_first(cells))
        days = dates.read(cells, american=american, zone=self.zone)
        moments = dates.moments(cells, days, zone=self.zone)
        return [
            None if day is None or micros is None else When(day, local(micros, self.zone))
            for day, micros in zip(days.to_list(), moments.to_list(), strict=True)
        ]


def local(micros: int, zone: ZoneInfo) -> datetime:
    """The instant at which the shop's clocks showed so many microseconds since 1970."""
    return (_EPOCH + timedelta(microseconds=micros)).replace(tzinfo=zone)


def noon(day: date, zone: ZoneInfo) -> datetime:
    """Noon of a day by the shop's clocks."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone)
