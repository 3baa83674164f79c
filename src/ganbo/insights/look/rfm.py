"""Recency, frequency and money: fifths by rank, ties by the member's id; the cells have names merchants use."""

from datetime import timedelta
from typing import Any

import polars as pl

from ganbo.insights.look.figures import Sales

FIFTHS = 5
HALF_CENT, CENT = 50, 100  # of ten-thousandths

# The first that fits names the group: lowest and highest R, lowest and highest F.
GROUPS: tuple[tuple[str, tuple[int, int, int, int]], ...] = (
    ("champions", (4, 5, 4, 5)),
    ("loyal", (3, 3, 4, 5)),
    ("cannot_lose", (1, 2, 5, 5)),
    ("at_risk", (1, 2, 3, 4)),
    ("new", (5, 5, 1, 1)),
    ("promising", (4, 4, 1, 1)),
    ("growing", (4, 5, 2, 3)),
    ("fading", (3, 3, 1, 3)),
    ("lost", (1, 2, 1, 2)),
)


def group_of(cell: str) -> str:
    """A cell's named group."""
    r, f = int(cell[0]), int(cell[1])
    return next(name for name, (r0, r1, f0, f1) in GROUPS if r0 <= r <= r1 and f0 <= f <= f1)


def _fifth(by: str, *, descending: bool = False) -> pl.Expr:
    """ntile(5): the first groups are the larger ones; `m` is the rank of the id's text."""
    place = pl.struct(-pl.col(by) if descending else pl.col(by), pl.col("m")).rank("ordinal").cast(pl.Int64) - 1
    base, rest = pl.len() // FIFTHS, pl.len() % FIFTHS
    large = rest * (base + 1)
    return (
        pl.when(place < large)
        .then(place // (base + 1))
        .otherwise(rest + (place - large) // pl.max_horizontal(base, pl.lit(1)))
        .cast(pl.Int64)
        + 1
    )


def rfm(sold: Sales) -> dict[str, Any]:
    """Members by cell; the snapshot is the day after the last order."""
    snapshot = sold.last + timedelta(days=1)
    each = members(sold)
    cell = pl.concat_str(pl.col("r"), pl.col("f"), pl.col("v"))
    counted = each.select(cell=cell).group_by("cell").agg(n=pl.len()).sort("cell", descending=True)
    cells = dict(counted.iter_rows())
    groups: dict[str, int] = {name: 0 for name, _ in GROUPS}
    for name, number in cells.items():
        groups[group_of(name)] += number
    return {"snapshot": snapshot.isoformat(), "cells": cells, "groups": groups}


def members(sold: Sales) -> pl.DataFrame:
    """Each member's `r`, `f`, `v` from 1 to 5."""
    each = (
        sold.orders.group_by("m")
        .agg(last=pl.col("day").max(), often=pl.len().cast(pl.Int64), amount=pl.col("amount").sum())
        .with_columns(
            ago=(pl.lit(sold.last + timedelta(days=1)) - pl.col("last")).dt.total_days(),
            money=(pl.col("amount") + HALF_CENT) // CENT,
        )
    )
    return each.with_columns(r=_fifth("ago", descending=True), f=_fifth("often"), v=_fifth("money")).sort("m")
