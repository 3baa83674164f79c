"""The figures against a plain recount: small random sales, every definition done naively."""

import math
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.insights.look import figures, rfm
from ganbo.insights.look.periods import Rhythm
from ganbo.insights.look.reading import ORDERS

ORDER = st.tuples(
    st.sampled_from([None, "an", "Bình", "chi", "dũng", "ế", "f9", "f10"]),
    st.dates(date(2024, 11, 1), date(2026, 3, 15)),
    st.integers(-200, 5_000_000),
)
BOOKS = st.lists(ORDER, min_size=1, max_size=60)


def sold(book: list[Any], rhythm: Rhythm = Rhythm()) -> figures.Sales:  # noqa: B008
    rows = [(str(place), *row) for place, row in enumerate(book)]
    return figures.sales(pl.DataFrame(rows, schema=ORDERS, orient="row"), rhythm)


def month(day: date) -> int:
    return day.year * 12 + day.month - 1


@settings(max_examples=80, deadline=None)
@given(BOOKS)
def test_totals_months_and_cohorts_equal_a_plain_recount(book: list[Any]) -> None:
    told = figures.figures(sold(book))
    own = [row for row in book if row[0] is not None]
    by_member = defaultdict(list)
    for member, day, amount in own:
        by_member[member].append((month(day), amount))
    first = {member: min(m for m, _ in rows) for member, rows in by_member.items()}
    spent = sum(amount for _, _, amount in own)
    assert told["orders"] == len(own)
    assert told["members"] == len(by_member)
    assert told["receipts_with_member"] == len(own) / len(book)
    assert math.isclose(told["revenue"], sum(row[2] for row in book) / 10_000, abs_tol=1e-9)
    existing = sum(amount for member, rows in by_member.items() for m, amount in rows if m > first[member])
    assert math.isclose(told["revenue_existing"], existing / 10_000, abs_tol=1e-9)
    assert told["aov"] is None if not own else math.isclose(told["aov"], spent / 10_000 / len(own), abs_tol=1e-9)
    assert told["repeat_members"] == sum(len(rows) >= 2 for rows in by_member.values())
    active = defaultdict(set)
    for member, rows in by_member.items():
        for m, _ in rows:
            active[m].add(member)
    months = range(min(month(row[1]) for row in book), max(month(row[1]) for row in book) + 1)
    assert len(told["monthly"]) == len(months)
    for row, m in zip(told["monthly"], months, strict=True):
        before, now = active[m - 1], active[m]
        new = {member for member in now if first[member] == m}
        assert row["month"] == f"{m // 12}-{m % 12 + 1:02}"
        assert (row["active_prev"], row["retained"], row["active"]) == (len(before), len(before & now), len(now))
        assert (row["new"], row["reactivated"]) == (len(new), len(now - before - new))
        assert row["crr"] == (len(before & now) / len(before) if before else None)
        assert row["churn"] is None if row["crr"] is None else row["crr"] + row["churn"] == 1
        assert math.isclose(row["revenue"], sum(a for _, d, a in book if month(d) == m) / 10_000, abs_tol=1e-9)
    for name, counts in told["cohorts"].items():
        begun = {member for member, m in first.items() if f"{m // 12}-{m % 12 + 1:02}" == name}
        start = min(first[member] for member in begun)
        assert counts == [len(active[m] & begun) for m in range(start, months[-1] + 1)]
    assert sum(counts[0] for counts in told["cohorts"].values()) == len(by_member)


@settings(max_examples=60, deadline=None)
@given(BOOKS)
def test_net_revenue_retention_follows_members_from_month_to_month(book: list[Any]) -> None:
    took: dict[tuple[str, int], int] = defaultdict(int)
    for member, day, amount in book:
        if member is not None:
            took[member, month(day)] += amount
    last = max(month(row[1]) for row in book)
    base = sum(amount for (_, m), amount in took.items() if m < last)
    kept = sum(amount for (member, m), amount in took.items() if (member, m - 1) in took)
    several = last > min(month(row[1]) for row in book)
    told = figures.figures(sold(book))["net_revenue_retention"]
    assert told is None if not base or not several else math.isclose(told, kept / base, rel_tol=1e-12)


def fifths(values: dict[str, float]) -> dict[str, int]:
    """ntile(5) by value, then by the id's text."""
    ranked = sorted(values, key=lambda member: (values[member], member))
    base, rest = divmod(len(ranked), 5)
    sizes = [base + (place < rest) for place in range(5)]
    return {member: place + 1 for place, size in enumerate(sizes) for member in [ranked.pop(0) for _ in range(size)]}


@settings(max_examples=80, deadline=None)
@given(BOOKS)
def test_rfm_equals_ntile_with_ties_by_the_ids_text(book: list[Any]) -> None:
    made = sold(book)
    snapshot = max(row[1] for row in book) + timedelta(days=1)
    days: dict[str, list[date]] = defaultdict(list)
    money: dict[str, int] = defaultdict(int)
    for member, day, amount in book:
        if member is not None:
            days[member].append(day)
            money[member] += amount
    r = fifths({member: -(snapshot - max(found)).days for member, found in days.items()})
    f = fifths({member: len(found) for member, found in days.items()})
    m = fifths({member: math.floor(total / 100 + 0.5) for member, total in money.items()})
    told = rfm.members(made)
    found = {made.members[row["m"]]: (row["r"], row["f"], row["v"]) for row in told.iter_rows(named=True)}
    assert found == {member: (r[member], f[member], m[member]) for member in days}
    cells = rfm.rfm(made)
    assert sum(cells["cells"].values()) == sum(cells["groups"].values()) == len(days)
    assert cells["snapshot"] == snapshot.isoformat()


@settings(max_examples=40, deadline=None)
@given(BOOKS, st.integers(1, 200))
def test_a_window_keeps_members_active_for_so_many_days(book: list[Any], days: int) -> None:
    told = figures.figures(sold(book, Rhythm("month", days)))
    for row in told["monthly"]:
        year, number = (int(part) for part in row["month"].split("-"))
        end = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
        inside = {member for member, day, _ in book if member and timedelta(0) <= end - day < timedelta(days=days)}
        assert row["active"] == len(inside)
        assert row["active"] == row["new"] + row["retained"] + row["reactivated"]


def test_lifetime_is_one_over_the_mean_churn_of_full_months_and_capped() -> None:
    faithful = [("an", date(2025, m, 3), 10_000) for m in range(1, 13)] + [(None, date(2025, 12, 31), 1)]
    made = sold(faithful)
    assert figures.formula(made, figures.figures(made))["lifetime_months"] == 120
    half = [("chi", date(2025, 1, 5), 10_000), ("an", date(2025, 1, 1), 10_000), ("an", date(2025, 2, 28), 30_000)]
    made = sold([*half, ("an", date(2025, 3, 10), 10_000)])  # March is not full: its churn of 0 does not count
    assert figures.formula(made, figures.figures(made)) == {
        "average_order_value": 1.5, "orders_per_month": 1.0, "lifetime_months": 2.0, "value": 3.0,
    }  # fmt: skip


def test_quarters_and_years_bear_their_first_months_name() -> None:
    book = [("an", date(2025, 2, 1), 1), ("an", date(2025, 5, 1), 1), ("chi", date(2025, 12, 1), 1)]
    assert [row["month"] for row in figures.figures(sold(book, Rhythm("quarter")))["monthly"]] == [
        "2025-01", "2025-04", "2025-07", "2025-10",
    ]  # fmt: skip
    assert figures.figures(sold(book, Rhythm("year")))["cohorts"] == {"2025-01": [2]}
