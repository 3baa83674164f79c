"""How much of what is given is ever redeemed, from the business's own lots: survival by age, with expiry as the other end.

The points of one member of one month are a lot here, whatever its end was moved to. Its age counts from its first point.
A point is redeemed, ends unused, is taken back (leaves: *censored*), or still lives (censored at its age today). With one
cause this is Kaplan and Meier's estimate (1958); with two it is Aalen and Johansen's (1978). Points of one member go
together, so the interval is not Greenwood's: members are dropped group by group (delete-a-group jackknife, Kott 2001).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special, stats  # type: ignore[import-untyped]

GROUPS = 50
FEW_MEMBERS = 30  # whose points have had an end of any kind; fewer say nothing of the others
FEW_REDEEMERS = 10
UNSEEN = 0.2  # share of points that live on past the oldest age known, beyond which the curve is too young
LEVEL = 0.95
Numbers = npt.NDArray[np.floating[Any]]

FLOWS = {
    "wallet": pl.String,
    "member": pl.String,  # any stable name
    "earned_month": pl.Date,
    "day": pl.Date,
    "kind": pl.String,
    "out_of": pl.String,
    "into": pl.String,
    "amount": pl.Int64,
}
_INSIDE = ("redate", "hold", "unhold")  # another end, or set aside: still the member's


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share of points with its interval; `low` ≤ `share` ≤ `high`."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """By age in days from 0: redeemed so far, ended so far, still living; shares of what was given."""

    redeemed: Numbers
    ended: Numbers
    living: Numbers


@dataclass(frozen=True, slots=True)
class Breakage:
    """What the lots of one wallet say. `lacking`: why they say too little, else ""; then `redeemed` is what is assumed.

    `redeemed`: of all that is given, what is redeemed in the end; `open_redeemed`: of what is open now, given its age.
    `unseen`: share still living at the oldest age known; it counts as redeemed, so that nothing is owed too little.
    """

    lacking: str  # "", nothing_given, no_lots, few_members, few_redeemers, too_young, never_ends
    redeemed: Estimate
    open_redeemed: Estimate
    unseen: float
    members: int
    redeemers: int
    days: int
    curve: Curve
    low: Numbers
    high: Numbers


def lots(flows: pl.DataFrame, *, today: date) -> pl.DataFrame:
    """One row a lot, age and fate: member, age, what (redeemed, ended, gone, living) and amount (above zero), from FLOWS of one wallet."""
    inwards = pl.col("into") == "member"
    other = pl.when(inwards).then(pl.col("out_of")).otherwise(pl.col("into"))
    fate = (
        pl.when(other == "spent").then(pl.lit("redeemed"))
        .when(other == "expired").then(pl.lit("ended"))
        .when(inwards).then(pl.lit("given"))
        .otherwise(pl.lit("gone"))
    )  # fmt: skip
    moved = (
        flows.filter(~pl.col("kind").is_in(_INSIDE) & (pl.col("day") <= today))
        .with_columns(what=fate)
        .with_columns(sign=pl.when(inwards == (pl.col("what") == "given")).then(1).otherwise(-1))
        .with_columns(origin=pl.col("day").min().over("member", "earned_month"))
        .group_by("member", "earned_month", "origin", "day", "what")
        .agg(amount=(pl.col("amount") * pl.col("sign")).sum())
        .with_columns(age=(pl.col("day") - pl.col("origin")).dt.total_days())
    )
    ends = _without_returns(moved.filter(pl.col("what") != "given"))
    given = (
        moved.filter(pl.col("what") == "given").group_by("member", "earned_month", "origin").agg(pl.col("amount").sum())
    )
    out = ends.group_by("member", "earned_month").agg(out=pl.col("amount").sum())
    living = (
        given.join(out, on=["member", "earned_month"], how="left")
        .select(
            "member",
            age=(pl.lit(today) - pl.col("origin")).dt.total_days(),
            what=pl.lit("living"),
            amount=pl.col("amount") - pl.col("out").fill_null(0),
        )
        .filter(pl.col("amount") > 0)
    )
    return pl.concat([ends.select("member", "age", "what", "amount"), living])


def _without_returns(ends: pl.DataFrame) -> pl.DataFrame:
    """A redemption or an end that was undone is none: what came back is taken off the latest before it."""
    key = ["member", "earned_month", "what"]
    marked = ends.with_columns(undone=(pl.col("amount") < 0).any().over(key))
    columns = [*key, "age", "amount"]
    plain = marked.filter(~pl.col("undone") & (pl.col("amount") > 0)).select(columns)
    left: list[tuple[object, ...]] = []
    for group in marked.filter("undone").sort("age").partition_by(key, maintain_order=True):
        stack: list[list[int]] = []
        for age, amount in group.select("age", "amount").iter_rows():
            stack.append([age, amount])
            while stack and stack[-1][1] <= 0:
                back = stack.pop()[1]
                if stack:
                    stack[-1][1] += back
        left += [(*group.select(key).row(0), age, amount) for age, amount in stack]
    return pl.concat([plain, pl.DataFrame(left, schema=plain.schema, orient="row")]) if left else plain


def curve(redeemed: Numbers, ended: Numbers, gone: Numbers) -> Curve:
    """From how many units met each fate at each age (the last axis): who is taken back or lives on leaves after that day's ends."""
    total = (redeemed + ended + gone).sum(-1, keepdims=True)
    left_before = np.cumsum(redeemed + ended + gone, -1) - (redeemed + ended + gone)
    at_risk = total - left_before
    safe = np.where(at_risk > 0, at_risk, 1.0)
    living = np.cumprod(1 - (redeemed + ended) / safe, -1)
    before = np.concatenate([np.ones_like(living[..., :1]), living[..., :-1]], -1)
    return Curve(np.cumsum(before * redeemed / safe, -1), np.cumsum(before * ended / safe, -1), living)


def greenwood(redeemed: Numbers, ended: Numbers, gone: Numbers) -> Numbers:
    """The variance of `curve().redeemed` by age were every unit on its own (delta method); with one cause Greenwood's (1926)."""
    out = redeemed + ended
    at_risk = (out + gone).sum() - (np.cumsum(out + gone) - (out + gone))
    found = curve(redeemed, ended, gone)
    before = np.concatenate([[1.0], found.living[:-1]])
    n = np.where(at_risk > 0, at_risk, 1.0)
    hazard = np.where(n > out, out / np.where(n > out, n * (n - out), 1.0), 0.0)
    own = before**2 * redeemed * (n - redeemed) / n**3
    cross = before * redeemed / n**2
    f = found.redeemed
    a, b, c = np.cumsum(hazard), np.cumsum(hazard * f), np.cumsum(hazard * f**2)
    variance: Numbers = f**2 * a - 2 * f * b + c + np.cumsum(own) - 2 * (f * np.cumsum(cross) - np.cumsum(cross * f))
    return variance


def breakage(fates: pl.DataFrame, *, lots: bool = True) -> Breakage:
    """What the fates of one wallet's lots say; without `lots` its units never end."""
    if fates.is_empty():
        nothing = np.zeros(1)
        whole = Estimate(1.0, 1.0, 1.0)
        return Breakage(
            "nothing_given" if lots else "no_lots",
            whole,
            whole,
            1.0,
            0,
            0,
            0,
            Curve(nothing, nothing, nothing + 1),
            nothing,
            nothing,
        )
    days = int(fates.select(pl.col("age").max()).item())
    members = fates.select(pl.col("member").n_unique()).item()
    groups = max(min(GROUPS, members), 2)
    tables = _by_group(fates, groups, days)
    whole_tables = {what: table.sum(0) for what, table in tables.items()}
    without = {what: table.sum(0) - table for what, table in tables.items()}
    all_ = _curve_of(whole_tables)
    each = _curve_of(without)
    open_ = whole_tables["living"]
    ended = fates.filter(pl.col("what") != "living").select(pl.col("member").n_unique()).item()
    redeemers = fates.filter(pl.col("what") == "redeemed").select(pl.col("member").n_unique()).item()
    low, high = _interval(all_.redeemed, each.redeemed, groups)
    lacking = _lacking(all_, members=ended, redeemers=redeemers)
    certain = lacking in ("few_members", "few_redeemers")
    redeemed = _estimate(1 - all_.ended[-1], 1 - each.ended[:, -1], groups)
    of_open = _estimate(_open(all_, open_), _open(each, open_), groups)
    assumed = Estimate(1.0, 1.0, 1.0)
    return Breakage(
        lacking, assumed if certain else redeemed, assumed if certain else of_open, float(all_.living[-1]),
        members, redeemers, days, all_, low, high,
    )  # fmt: skip


def _lacking(found: Curve, *, members: int, redeemers: int) -> str:
    if members < FEW_MEMBERS:
        return "few_members"
    if redeemers < FEW_REDEEMERS:
        return "few_redeemers"
    if found.ended[-1] == 0:
        return "never_ends"
    return "too_young" if found.living[-1] > UNSEEN else ""


def _curve_of(tables: dict[str, Numbers]) -> Curve:
    return curve(tables["redeemed"], tables["ended"], tables["gone"] + tables["living"])


def _by_group(fates: pl.DataFrame, groups: int, days: int) -> dict[str, Numbers]:
    """what → (group, age) → units; members are dealt to the groups in the order of their names."""
    dealt = fates.with_columns(group=(pl.col("member").rank("dense") - 1) % groups)
    sums = dealt.group_by("what", "group", "age").agg(pl.col("amount").sum())
    tables: dict[str, Numbers] = {
        what: np.zeros((groups, days + 1)) for what in ("redeemed", "ended", "gone", "living")
    }
    for (what,), part in sums.partition_by("what", as_dict=True).items():
        tables[str(what)][part["group"].to_numpy(), part["age"].to_numpy()] = part["amount"].to_numpy()
    return tables


def _open(found: Curve, open_: Numbers) -> Numbers:
    """Of the units open now, by age, the share that will not end unused: 1 − (all that ends after this age) ÷ living at it."""
    safe = np.where(found.living > 0, found.living, 1.0)
    ends = np.where(found.living > 0, (found.ended[..., -1:] - found.ended) / safe, 0.0)
    units = open_.sum()
    if not units:
        return np.ones(found.living.shape[:-1])
    return np.asarray(1 - (ends * open_).sum(-1) / units)


def _estimate(share: float | Numbers, each: Numbers, groups: int) -> Estimate:
    low, high = _interval(np.asarray([share], dtype=np.float64).reshape(1), each.reshape(groups, 1), groups)
    return Estimate(float(share), float(low[0]), float(high[0]))


def _interval(share: Numbers, each: Numbers, groups: int) -> tuple[Numbers, Numbers]:
    """The interval at LEVEL, on the logit scale so that it stays within 0 and 1; t with one degree less than there are groups."""
    spread = np.sqrt((groups - 1) / groups * ((each - each.mean(0)) ** 2).sum(0))
    inside = (share > 1e-12) & (share < 1 - 1e-12)
    p = np.where(inside, share, 0.5)
    reach = stats.t.ppf((1 + LEVEL) / 2, groups - 1) * spread / (p * (1 - p))
    logit = np.log(p / (1 - p))
    low, high = special.expit(logit - reach), special.expit(logit + reach)
    return np.where(inside, low, share), np.where(inside, high, share)
