"""Months, quarters or years as whole numbers, and when a member counts as active in one."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Rhythm:
    """How long a period is, and how many days back from its end an order keeps a member active (none: the period)."""

    period: str = "month"
    window: int | None = None

    @property
    def months(self) -> int:
        """Months in a period."""
        return MONTHS[self.period]

    def of(self, day: pl.Expr) -> pl.Expr:
        """The number of a day's period."""
        return (day.dt.year().cast(pl.Int32) * 12 + day.dt.month().cast(pl.Int32) - 1) // self.months

    def number(self, day: date) -> int:
        """The number of one day's period."""
        return (day.year * 12 + day.month - 1) // self.months

    def begins(self, number: int) -> date:
        """A period's first day."""
        return date(number * self.months // 12, number * self.months % 12 + 1, 1)

    def name(self, number: int) -> str:
        """YYYY-MM of a period's first month."""
        return f"{self.begins(number):%Y-%m}"


def active(orders: pl.DataFrame, rhythm: Rhythm, last: int) -> pl.DataFrame:
    """Each member and period (`m`, `p`) in which the member is active, in order."""
    if rhythm.window is None or orders.is_empty():
        return orders.select("m", "p").unique().sort("m", "p")
    first = int(orders["p"].min())  # type: ignore[arg-type]
    ends = [(number, rhythm.begins(number + 1) - timedelta(days=1)) for number in range(first, last + 1)]
    back = timedelta(days=rhythm.window - 1)
    parts = [
        orders.filter(pl.col("day").is_between(end - back, end))
        .select("m")
        .unique()
        .with_columns(p=pl.lit(number, pl.Int32))
        for number, end in ends
    ]
    return pl.concat(parts).sort("m", "p")
