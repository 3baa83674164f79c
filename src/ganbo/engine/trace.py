"""Why it was decided so: every rule with its numbers, passed or not; plain values, stored as JSON, told as sentences."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(slots=True)
class Trace:
    """`rules`: one entry per rule on this kind of event, in document order. `wallets`: how sums became points.

    A rule's entry: {"rule", "passed", …}. Passed: base, of, per, amount, value, given (after limits), by, limit.
    Not passed: reason (no_member, condition, no_lines, below_step, limit), missing, limit.
    """

    rules: list[dict[str, Any]] = field(default_factory=list)
    wallets: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values for storing."""
        return {"rules": self.rules, "wallets": self.wallets}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Trace":
        """A trace as it was stored."""
        return cls(stored.get("rules", []), stored.get("wallets", []))


def shown(value: Fraction | int) -> int | str:
    """A whole number as it is, an exact fraction as a short decimal, or n/d when it has no short one."""
    if isinstance(value, int):
        return value
    if value.denominator == 1:
        return value.numerator
    scaled = value * 10_000
    if scaled.denominator == 1:
        whole, part = divmod(scaled.numerator, 10_000)
        return f"{whole}.{part:04d}".rstrip("0")
    return f"{value.numerator}/{value.denominator}"
