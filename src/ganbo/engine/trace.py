"""Why it was decided so: every rule with its numbers, passed or not; plain values, told as sentences."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(slots=True)
class Trace:
    """`rules`: one entry per rule on this kind of event, in document order. `wallets`: how sums became points.

    `stamps`: one row per card on this kind of event. `tier`: how the member moved, when they did.

    A rule's entry: {"rule", "passed", …}. Passed: base, of, per, amount, value, given (after limits), by, limit.
    Not passed: reason (no_member, during, condition, no_lines, below_step, below_one, limit, outdone), missing, limit.
    """

    rules: list[dict[str, Any]] = field(default_factory=list)
    wallets: list[dict[str, Any]] = field(default_factory=list)
    stamps: list[dict[str, Any]] = field(default_factory=list)
    tier: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values for storing; what there is none of is left out."""
        plain: dict[str, Any] = {"rules": self.rules, "wallets": self.wallets}
        if self.stamps:
            plain["stamps"] = self.stamps
        if self.tier:
            plain["tier"] = self.tier
        return plain

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Trace":
        """A trace as it was stored."""
        return cls(stored.get("rules", []), stored.get("wallets", []), stored.get("stamps", []), stored.get("tier"))


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
