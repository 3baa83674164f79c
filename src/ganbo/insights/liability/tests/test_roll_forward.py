"""Any flows roll forward: parts add up, periods join, entries balance, money is rounded once."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganbo.insights.liability import journal, roll_forward
from ganbo.insights.liability.journal import SIDES, Moved
from ganbo.insights.liability.roll_forward import FLOWS, HOLDERS
from ganbo.insights.liability.statement import valued

FIRST = date(2026, 1, 1)
ROLES = (*HOLDERS, "owed", "issued", "spent", "expired", "something new")


def table(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame([("points", *row) for row in rows], schema=["wallet", *[n for n in FLOWS if n != "wallet"]], orient="row").select(
        pl.col(name).cast(kind) for name, kind in FLOWS.items()
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "out_of", "into", "column", "change", "why"),
    [
        ("earn", "issued", "member", "earned", 5, "given"),
        ("pending", "issued", "pending", "earned", 5, "given, though it waits"),
        ("earn", "pending", "member", "adjusted", 0, "a wait that is over moves nothing"),
        ("cancel", "pending", "issued", "adjusted", -5, "let go: the awaited event never came"),
        ("owed", "issued", "owed", "adjusted", 0, "given against a debt: nobody holds more"),
        ("owed", "pending", "owed", "adjusted", -5, "what waited makes a debt good"),
        ("shortfall", "owed", "issued", "adjusted", 0, "a debt is beside it"),
        ("spend", "member", "spent", "redeemed", -5, "redeemed"),
        ("return", "spent", "member", "redeemed", 5, "given back: less was redeemed"),
        ("spend", "stamps", "spent", "redeemed", -5, "a card is full"),
        ("hold", "member", "held", "adjusted", 0, "set aside is still theirs"),
        ("unhold", "held", "owed", "adjusted", -5, "what comes back makes a debt good"),
        ("expire", "member", "expired", "expired", -5, "ended"),
        ("unexpire", "expired", "member", "expired", 5, "an end undone"),
        ("unexpire", "member", "issued", "adjusted", -5, "and taken back"),
        ("reverse", "member", "issued", "adjusted", -5, "taken back"),
        ("restore", "issued", "member", "adjusted", 5, "a taking back undone is no new earning"),
        ("opening", "issued", "member", "adjusted", 5, "brought over: nothing was earned here"),
        ("merge", "member", "member", "adjusted", 0, "from one member to another"),
        ("gift", "something new", "member", "adjusted", 5, "a kind of a later day still closes"),
    ],
)  # fmt: skip
def test_where_a_transfer_belongs(kind: str, out_of: str, into: str, column: str, change: int, why: str) -> None:
    (row,) = roll_forward.sorted_out(table((FIRST, kind, "", out_of, into, 5, 0))).to_dicts()
    assert row["change"] == change, why
    assert row["column"] == column or not change, why


FLOW = st.tuples(
    st.integers(0, 120).map(lambda n: FIRST + timedelta(days=n)),
    st.sampled_from(["earn", "pending", "spend", "expire", "reverse", "new"]),
    st.just(""),
    st.sampled_from(ROLES),
    st.sampled_from(ROLES),
    st.integers(1, 10**9),
    st.just(0),
)


@given(st.lists(FLOW, min_size=1, max_size=30), st.fractions(0, 1000, max_denominator=97))
@settings(deadline=None)
def test_any_flows_add_up(flows: list[tuple[object, ...]], value: Fraction) -> None:
    known = table(*flows)
    stands = sum(roll_forward.standing(known, roles=HOLDERS).values())
    for by_day in (False, True):
        rows = roll_forward.rows(known, first=date(2026, 2, 1), last=date(2026, 5, 31), by_day=by_day)["points"]
        assert rows[-1].closing == stands
        for row, after in pairwise(rows):
            assert row.closing == after.opening
        for row in rows:
            assert row.opening + row.change == row.closing == row.usable + row.waiting + row.held
            money = valued(row, value)
            parts = money["earned"] - money["redeemed"] - money["expired"] + money["adjusted"]
            assert money["opening"] + parts == money["closing"]
            assert abs(money["closing"] - value * row.closing) <= Fraction(1, 2)


def test_no_more_rows_than_ten_years_of_days() -> None:
    with pytest.raises(ValueError, match="periods"):
        roll_forward.rows(table(), first=date(2000, 1, 1), last=date(2026, 1, 1), by_day=True)


@given(st.lists(st.tuples(st.sampled_from(sorted(SIDES)), st.integers(-(10**12), 10**12)), max_size=20))
def test_every_entry_balances(moved: list[tuple[str, int]]) -> None:
    lines = journal.lines(Moved(FIRST, "points", what, amount, "text") for what, amount in moved)
    assert len(lines) == 2 * sum(1 for _, amount in moved if amount)
    for debit, credit in zip(lines[::2], lines[1::2], strict=True):
        assert (debit.entry, debit.debit, debit.credit) == (credit.entry, credit.credit, credit.debit)
        assert debit.debit > 0 == debit.credit and debit.account != credit.account
    deferred = sum(line.credit - line.debit for line in lines if line.account == "3387")
    assert deferred == sum(n if what in ("earned", "paid_in", "brought_over", "adjusted") else -n for what, n in moved)


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [(4_175, 0, "4175"), (4_175, 2, "41.75"), (5, 2, "0.05"), (-5, 2, "-0.05"), (-4_175, 0, "-4175")],
)
def test_money_in_a_sheet(amount: int, decimals: int, text: str) -> None:
    assert journal.written(amount, decimals) == text


def test_a_name_is_no_formula() -> None:
    move = Moved(FIRST, "points", "earned", 5, '=HYPERLINK("x")')
    assert "'=HYPERLINK" in list(journal.text(journal.lines([move]), decimals=0))[1]
