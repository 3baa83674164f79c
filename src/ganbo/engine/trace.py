"""Why it was decided so: every rule with its numbers, passed or not; plain values, told as sentences."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(slots=True)
class Trace:
    """`rules`: one entry per rule on this kind of event, in document order. `wallets`: how sums became points.

    `stamps`: one row per card on this kind of event. `tier`: how the member moved, when they did. `topup`:
    what was paid onto the card. `paid`: what the card paid, (wallet, amount) in order. `offers`:
    what offers took off the bill, {"offer", "amount"}.
    `aims`: one row per challenge that came forward ({"aim", "have", "of"}) and per gift of a milestone or a challenge ({"aim",
    "gift": {"voucher"} or {"wallet", "amount"}}, with "again" when a return had taken it).

    A rule's entry: {"rule", "passed", …}. Passed: base, of, per, amount, value, given (after limits), by, limit.
    Not passed: reason (no_member, during, condition, no_lines, below_step, below_one, limit, tier, outdone), missing, limit,
    instead. A card's row: card, added, and reason (card_done, condition, min_order, no_lines, per_day) when it could be more.
    """

    rules: list[dict[str, Any]] = field(default_factory=list)
    wallets: list[dict[str, Any]] = field(default_factory=list)
    stamps: list[dict[str, Any]] = field(default_factory=list)
    tier: dict[str, Any] | None = None
    topup: dict[str, Any] | None = None
    paid: list[tuple[str, int]] = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)
    aims: list[dict[str, Any]] = field(default_factory=list)
    never: dict[str, list[str]] = field(default_factory=dict)  # what of the bill never earns, pays or is lowered

    def to_json(self) -> dict[str, Any]:
        """Plain values for storing; what there is none of is left out."""
        plain: dict[str, Any] = {"rules": self.rules, "wallets": self.wallets}
        if self.stamps:
            plain["stamps"] = self.stamps
        if self.tier:
            plain["tier"] = self.tier
        if self.topup:
            plain["topup"] = self.topup
        if self.paid:
            plain["paid"] = [list(part) for part in self.paid]
        if self.offers:
            plain["offers"] = self.offers
        if self.aims:
            plain["aims"] = self.aims
        if self.never:
            plain["never"] = self.never
        return plain

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Trace":
        """A trace as it was stored."""
        return cls(
            stored.get("rules", []),
            stored.get("wallets", []),
            stored.get("stamps", []),
            stored.get("tier"),
            stored.get("topup"),
            [(wallet, amount) for wallet, amount in stored.get("paid", [])],
            stored.get("offers", []),
            stored.get("aims", []),
            stored.get("never", {}),
        )


def shown(n: int, d: int = 1) -> int | str:
    """n/d as people read it: a whole number, else a text: a short decimal, or n/d when it has no short one."""
    if d == 1:
        return n
    whole, rest = divmod(n, d)
    if not rest:
        return whole
    part, left = divmod(rest * 10_000, d)
    if not left:
        return f"{whole}.{part:04d}".rstrip("0")
    value = Fraction(n, d)
    return f"{value.numerator}/{value.denominator}"
