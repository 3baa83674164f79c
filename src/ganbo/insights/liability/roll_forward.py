"""Opening + earned − redeemed − expired ± adjusted = closing, from the transfers of the books, in units of each wallet.

What the business owes is what stands on members' accounts: usable, waiting (`pending`), set aside (`held`) and stamps on
cards. What members owe (`owed`) lowers it only when points are given against it: until then it is told beside it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

USABLE = ("member", "stamps")
HOLDERS = (*USABLE, "pending", "held")  # roles of accounts that hold what is owed to members
GIVEN = ("earn", "pending")  # kinds by which the business's issuing account gives; its other moves adjust
MOST_ROWS = 4000  # ten years by day of one wallet
FLOWS = {
    "day": pl.Date,  # of the business's zone
    "wallet": pl.String,  # the asset; stamp cards are `stamp:<card>`
    "kind": pl.String,
    "rule": pl.String,
    "out_of": pl.String,  # role of the debited account
    "into": pl.String,  # role of the credited account
    "amount": pl.Int64,  # above zero
    "late": pl.Int64,  # of it, written down only after the month of `day` had ended
}


@dataclass(frozen=True, slots=True)
class Row:
    """One wallet in one period, units. `redeemed` and `expired` lower, `adjusted` has a sign; `late` was written down after the month."""

    wallet: str
    period: date  # its first day
    opening: int
    earned: int
    redeemed: int
    expired: int
    adjusted: int
    closing: int
    usable: int
    waiting: int
    held: int
    owed: int  # by members, at the end
    late: int

    @property
    def change(self) -> int:
        """What the parts between opening and closing come to."""
        return self.earned - self.redeemed - self.expired + self.adjusted


def sorted_out(flows: pl.DataFrame) -> pl.DataFrame:
    """The flows with `change` (of what is owed to members) and `column` (earned, redeemed, expired, adjusted)."""
    comes, goes = pl.col("into").is_in(HOLDERS), pl.col("out_of").is_in(HOLDERS)
    other = pl.when(comes).then(pl.col("out_of")).otherwise(pl.col("into"))
    column = (
        pl.when(other == "spent").then(pl.lit("redeemed"))
        .when(other == "expired").then(pl.lit("expired"))
        .when((other == "issued") & comes & pl.col("kind").is_in(GIVEN)).then(pl.lit("earned"))
        .otherwise(pl.lit("adjusted"))
    )  # fmt: skip
    return flows.with_columns(change=pl.col("amount") * (comes.cast(pl.Int64) - goes.cast(pl.Int64)), column=column)


def rows(flows: pl.DataFrame, *, first: date, last: date, by_day: bool = False) -> dict[str, list[Row]]:
    """wallet → its periods from the one of `first` to the one of `last`, none left out; `first` begins a period.

    Raises ValueError when there are more than MOST_ROWS periods.
    """
    starts = list(_periods(first, last, by_day=by_day))
    if len(starts) > MOST_ROWS:
        raise ValueError(f"more than {MOST_ROWS} periods")
    known = sorted_out(flows.filter(pl.col("day") < _after(starts[-1], by_day=by_day)))
    period = pl.col("day") if by_day else pl.col("day").dt.truncate("1mo")
    start = pl.when(pl.col("day") < first).then(pl.lit(date.min)).otherwise(period)
    sums = known.group_by("wallet", start.alias("start")).agg(*_sums())
    found: dict[tuple[str, date], dict[str, int]] = {(r["wallet"], r["start"]): r for r in sums.to_dicts()}
    return {wallet: list(_rolled(wallet, found, starts)) for wallet in sorted(known["wallet"].unique())}


def _sums() -> list[pl.Expr]:
    """Per wallet and period: the change by column, and by role how the accounts moved."""
    columns = [
        pl.col("change").filter(pl.col("column") == name).sum().alias(name)
        for name in ("earned", "redeemed", "expired", "adjusted")
    ]
    amount = pl.col("amount")
    moved = [
        (amount.filter(pl.col("into").is_in(roles)).sum() - amount.filter(pl.col("out_of").is_in(roles)).sum()).alias(
            name
        )
        for name, roles in (("usable", USABLE), ("waiting", ("pending",)), ("held", ("held",)), ("owing", ("owed",)))
    ]
    return [*columns, *moved, pl.col("late").filter(pl.col("change") != 0).sum().alias("late")]


def standing(flows: pl.DataFrame, *, roles: Collection[str]) -> dict[str, int]:
    """wallet → what stands on members' accounts of these roles after all flows; where nothing does, it is not there."""
    sums = flows.group_by("wallet").agg(
        units=pl.col("amount").filter(pl.col("into").is_in(roles)).sum()
        - pl.col("amount").filter(pl.col("out_of").is_in(roles)).sum()
    )
    return {wallet: units for wallet, units in sums.sort("wallet").iter_rows() if units}


_NOTHING = dict.fromkeys(("earned", "redeemed", "expired", "adjusted", "usable", "waiting", "held", "owing", "late"), 0)


def _rolled(wallet: str, found: dict[tuple[str, date], dict[str, int]], starts: list[date]) -> Iterator[Row]:
    before = found.get((wallet, date.min), _NOTHING)
    parts = {name: before[name] for name in ("usable", "waiting", "held", "owing")}
    opening = sum(before[name] for name in ("earned", "redeemed", "expired", "adjusted"))
    for start in starts:
        one = found.get((wallet, start), _NOTHING)
        parts = {name: n + one[name] for name, n in parts.items()}
        row = Row(
            wallet=wallet, period=start, opening=opening,
            earned=one["earned"], redeemed=-one["redeemed"], expired=-one["expired"], adjusted=one["adjusted"],
            closing=opening + one["earned"] + one["redeemed"] + one["expired"] + one["adjusted"],
            usable=parts["usable"], waiting=parts["waiting"], held=parts["held"], owed=-parts["owing"], late=one["late"],
        )  # fmt: skip
        yield row
        opening = row.closing


def _periods(first: date, last: date, *, by_day: bool) -> Iterator[date]:
    start = first
    while start <= last:
        yield start
        start = _after(start, by_day=by_day)


def _after(start: date, *, by_day: bool) -> date:
    """The first day of the next period."""
    if by_day:
        return start + timedelta(days=1)
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)


def adjustments(flows: pl.DataFrame, *, first: date, until: date) -> dict[str, dict[str, int]]:
    """wallet → kind of transfer → what it changed in [first, until), for the column `adjusted`."""
    known = sorted_out(flows.filter(pl.col("day").is_between(first, until, closed="left")))
    sums = known.filter(pl.col("column") == "adjusted").group_by("wallet", "kind").agg(pl.col("change").sum())
    found: dict[str, dict[str, int]] = {}
    for wallet, kind, change in sums.sort("wallet", "kind").iter_rows():
        if change:
            found.setdefault(wallet, {})[kind] = change
    return found
