"""What the figures mean, as a code and the numbers in it; `sentences` has the words."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ganbo.insights.look.figures import Sales

HALF, NEARLY = 0.5, 0.06
ONE_NAME = 0.2  # a "member" with this share of receipts is the till's walk-in customer
FEW_MEMBERS = 0.5
TOP = 0.2
LEAST = 30


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


def findings(told: dict[str, Any], sold: Sales) -> list[Finding]:
    """The most telling first."""
    found: list[Finding] = []
    if told["members"] == 0:
        return [Finding("no_members")]
    once = 1 - told["repeat_purchase_rate"]
    found.append(Finding("half_once" if abs(once - HALF) <= NEARLY else "once", {"share": once}))
    found += _walk_in(sold)
    if told["receipts_with_member"] < FEW_MEMBERS:
        found.append(Finding("few_receipts", {"share": told["receipts_with_member"]}))
    found += _top(sold)
    if told["revenue_members"]:
        share = told["revenue_existing"] / told["revenue_members"]
        found.append(Finding("existing", {"share": share}))
    rates = [row["crr"] for row in told["monthly"] if row["crr"] is not None][-12:]
    if rates:
        found.append(Finding("stay", {"share": sum(rates) / len(rates), "period": told["period"]}))
    groups = told["rfm"]["groups"]
    risky = groups["at_risk"] + groups["cannot_lose"]
    if risky:
        found.append(Finding("at_risk", {"members": risky}))
    return found + _models(told)


def _walk_in(sold: Sales) -> list[Finding]:
    each = sold.orders.group_by("m").agg(n=pl.len()).sort("n", descending=True).head(1)
    number, n = each.row(0)
    if each.height and sold.members.len() > 5 and n >= max(LEAST, ONE_NAME * sold.all.height):
        return [Finding("walk_in", {"member": sold.members[number], "share": n / sold.all.height})]
    return []


def _top(sold: Sales) -> list[Finding]:
    each = sold.orders.group_by("m").agg(pl.col("amount").sum())["amount"].sort(descending=True)
    total = int(each.sum())
    if each.len() < LEAST or total <= 0:
        return []
    return [Finding("top", {"share": int(each.head(round(each.len() * TOP)).sum()) / total})]


def _models(told: dict[str, Any]) -> list[Finding]:
    clv = told["clv"]
    if clv["bg_nbd"] is None:
        return [Finding("too_few")]
    if not clv["bg_nbd"]["dropout_identified"]:
        return [Finding("no_dropout")]
    alike = clv["gamma_gamma"] is not None and not clv["gamma_gamma"]["differences_identified"]
    found = [Finding("spend_alike")] if alike else []
    if clv["expected_12_months"] is None:
        return found
    return [
        *found,
        Finding("expected", {"amount": clv["expected_12_months"], "each": clv["expected_12_months"] / clv["members"]}),
    ]
