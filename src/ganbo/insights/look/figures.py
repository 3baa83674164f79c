"""The figures of a sales file: every definition as in `docs/reference/look.md`."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from ganbo.insights.look.numbers import SCALE
from ganbo.insights.look.periods import Rhythm, active

LONGEST_LIFE = 120  # months
YEAR = 12
FEW = 4  # orders of a member who came a few times


@dataclass(frozen=True)
class Sales:
    """Orders of members, each member a number in the order of its id's text; and of all."""

    all: pl.DataFrame  # p, amount
    orders: pl.DataFrame  # m, day, p, amount
    members: pl.Series  # id by number
    first: date
    last: date
    rhythm: Rhythm


def sales(orders: pl.DataFrame, rhythm: Rhythm) -> Sales:
    """Orders as read, with members numbered and periods set."""
    every = orders.with_columns(p=rhythm.of(pl.col("day")))
    ids = every["member"].drop_nulls().unique().sort()
    numbers = pl.DataFrame({"member": ids, "m": pl.int_range(ids.len(), dtype=pl.UInt32, eager=True)})
    known = every.join(numbers, on="member", how="inner").select("m", "day", "p", "amount")
    days = every["day"]
    return Sales(every.select("p", "amount"), known, ids, days.min(), days.max(), rhythm)  # type: ignore[arg-type]


def money(scaled: float | int) -> float | int:
    """Ten-thousandths as an amount: whole where it is whole."""
    return int(scaled) // SCALE if int(scaled) == scaled and int(scaled) % SCALE == 0 else scaled / SCALE


def ratio(part: float, whole: float) -> float | None:
    """A fraction, or none of nothing."""
    return part / whole if whole else None


def figures(sold: Sales) -> dict[str, Any]:
    """The totals, months and cohorts."""
    orders = sold.orders
    each = orders.group_by("m").agg(n=pl.len())
    bought = orders.group_by("m", "p").agg(amount=pl.col("amount").sum()).sort("m", "p")
    same = pl.col("m") == pl.col("m").shift(1)
    bought = bought.with_columns(
        new=~same.fill_null(False),
        follows=(same & (pl.col("p") - pl.col("p").shift(1) == 1)).fill_null(False),
    )
    from_members = int(orders["amount"].sum())
    repeat = each.filter(pl.col("n") >= 2).height
    first, last = sold.rhythm.number(sold.first), sold.rhythm.number(sold.last)
    before_last = int(bought.filter(pl.col("p") < last)["amount"].sum())
    kept = int(bought.filter("follows")["amount"].sum())
    monthly = months(sold, first, last)
    return {
        "orders": orders.height,
        "members": each.height,
        "receipts_with_member": orders.height / sold.all.height,
        "revenue": money(int(sold.all["amount"].sum())),
        "revenue_members": money(from_members),
        "revenue_existing": money(int(bought.filter(~pl.col("new"))["amount"].sum())),
        "net_revenue_retention": ratio(kept, before_last) if last > first else None,
        "aov": ratio(from_members / SCALE, orders.height),
        "repeat_members": repeat,
        "members_by_orders": _by_orders(each),
        "repeat_purchase_rate": ratio(repeat, each.height),
        "orders_per_member": ratio(orders.height, each.height),
        "monthly": monthly,
        "cohorts": cohorts(sold, last),
    }


def _by_orders(each: pl.DataFrame) -> list[int]:
    """How many members have one order, two to four, five and more."""
    once, few = each.filter(pl.col("n") == 1).height, each.filter(pl.col("n").is_between(2, FEW)).height
    return [once, few, each.height - once - few]


def months(sold: Sales, first: int, last: int) -> list[dict[str, Any]]:
    """Each period: who stayed, came, came back; what they spent."""
    same = pl.col("m") == pl.col("m").shift(1)
    seen = active(sold.orders, sold.rhythm, last).with_columns(
        new=~same.fill_null(False), kept=(same & (pl.col("p") - pl.col("p").shift(1) == 1)).fill_null(False)
    )
    counted = {
        row["p"]: row
        for row in seen.group_by("p")
        .agg(active=pl.len(), new=pl.col("new").sum(), retained=pl.col("kept").sum())
        .iter_rows(named=True)
    }
    took = dict(sold.all.group_by("p").agg(pl.col("amount").sum()).iter_rows())
    member = {
        p: (n, amount)
        for p, n, amount in sold.orders.group_by("p").agg(n=pl.len(), amount=pl.col("amount").sum()).iter_rows()
    }
    told, before = [], 0
    for number in range(first, last + 1):
        row = counted.get(number, {"active": 0, "new": 0, "retained": 0})
        crr = ratio(row["retained"], before)
        n, amount = member.get(number, (0, 0))
        told.append(
            {
                "month": sold.rhythm.name(number),
                "active_prev": before,
                "retained": row["retained"],
                "crr": crr,
                "churn": None if crr is None else 1 - crr,
                "active": row["active"],
                "new": row["new"],
                "reactivated": row["active"] - row["new"] - row["retained"],
                "revenue": money(took.get(number, 0)),
                "aov": ratio(amount / SCALE, n),
            }
        )
        before = row["active"]
    return told


def cohorts(sold: Sales, last: int) -> dict[str, list[int]]:
    """By the period of the first order: how many were active 0, 1, 2 … periods later."""
    seen = active(sold.orders, sold.rhythm, last).with_columns(began=pl.col("p").min().over("m"))
    counts = {(began, p): n for began, p, n in seen.group_by("began", "p").agg(n=pl.len()).iter_rows()}
    return {
        sold.rhythm.name(began): [counts.get((began, p), 0) for p in range(began, last + 1)]
        for began in sorted({began for began, _ in counts})
    }


def formula(sold: Sales, told: dict[str, Any]) -> dict[str, Any]:
    """The article's lifetime value: average order × orders a month of an active member × months it lasts."""
    size = sold.rhythm.months
    active_months = sum(row["active"] for row in told["monthly"]) * size
    often = ratio(told["orders"], active_months)
    full = [row for row, number in _numbered(sold, told) if _is_full(sold, number)]
    churns = [row["churn"] for row in full if row["churn"] is not None][-max(1, YEAR // size) :]
    life = None
    if churns:
        mean = sum(churns) / len(churns)
        life = min(float(LONGEST_LIFE), size / mean) if mean > 0 else float(LONGEST_LIFE)
    parts = (told["aov"], often, life)
    value = None if None in parts else told["aov"] * often * life
    return {
        "average_order_value": told["aov"],
        "orders_per_month": often,
        "lifetime_months": life,
        "value": value,
    }


def _numbered(sold: Sales, told: dict[str, Any]) -> list[tuple[dict[str, Any], int]]:
    first = sold.rhythm.number(sold.first)
    return [(row, first + place) for place, row in enumerate(told["monthly"])]


def _is_full(sold: Sales, number: int) -> bool:
    """Whether the file covers the whole period."""
    return sold.rhythm.begins(number) >= sold.first.replace(day=1) and (
        sold.rhythm.begins(number + 1) - timedelta(days=1) <= sold.last
    )
