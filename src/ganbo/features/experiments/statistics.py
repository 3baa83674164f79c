"""Whether groups differ by more than chance, and how many members that takes. Pure: numbers in, numbers out.

Sources: sample sizes and power, Chow, Shao, Wang, Lokhnygina, *Sample Size Calculations in Clinical Research*, 3rd ed., 3.2 and
4.2; shares, Newcombe, *Interval estimation for the difference between independent proportions*, Statistics in Medicine 17 (1998),
method 10, and the pooled two-proportion z test; means, Welch, Biometrika 34 (1947); groups that are not as large as drawn, Fabijan
et al., *Diagnosing Sample Ratio Mismatch in Online Controlled Experiments*, KDD 2019.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

ALPHA = 0.05  # how often groups that do not differ may seem to
POWER = 0.8  # how often a difference as small as asked for is found
LEAST_MEMBERS = 30  # of a group: below it a t interval of skewed money means little
LEAST_EACH_WAY = 5  # members who did, and who did not, of each group: below it a share's interval means little
LEAST_STORES = 3  # of a group
LEAST_WEEKS = 4  # before a start date and after it
MISMATCH = 0.001  # of groups drawn right only one in a thousand is more uneven


@dataclass(frozen=True, slots=True)
class Sample:
    """One group's values in four numbers: how many, their sum, the sum of their squares. A share's values are 0 or 1."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """0 of an empty group."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """Of the values, by n − 1; 0 of fewer than two."""
        if self.n < 2:
            return 0.0
        return max(self.squares - self.total * self.total / self.n, 0.0) / (self.n - 1)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the mean, by t."""
        if self.n < 2:
            return (self.mean, self.mean)
        half = float(stats.t.ppf(1 - ALPHA / 2, self.n - 1)) * math.sqrt(self.variance / self.n)
        return (self.mean - half, self.mean + half)


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the second group against the first: `by` with its 95 % interval, `p` of chance alone, `lift` as a share of the first."""

    by: float
    low: float
    high: float
    p: float
    lift: float | None

    @property
    def beyond_chance(self) -> bool:
        return self.p < ALPHA


def sample(values: Sequence[float]) -> Sample:
    """The four numbers of a list."""
    found = np.asarray(values, dtype=float)
    return Sample(len(found), float(found.sum()), float((found * found).sum()))


def members_for_shares(base: float, other: float, *, alpha: float = ALPHA, power: float = POWER) -> int:
    """Members of each of two groups to tell two shares apart: (z₁₋α⁄₂ + z₁₋β)² (p₁q₁ + p₂q₂) ÷ (p₁ − p₂)², rounded up."""
    if not (0 < base < 1 and 0 < other < 1) or base == other:
        raise ValueError("two different shares between 0 and 1")
    spread = base * (1 - base) + other * (1 - other)
    return math.ceil(quantiles(alpha, power) * spread / (base - other) ** 2)


def members_for_means(spread: float, difference: float, *, alpha: float = ALPHA, power: float = POWER) -> int:
    """Members of each of two groups to tell two means apart: 2 (z₁₋α⁄₂ + z₁₋β)² σ² ÷ δ², rounded up."""
    if spread <= 0 or difference == 0:
        raise ValueError("a spread above 0 and a difference")
    return math.ceil(2 * quantiles(alpha, power) * (spread / difference) ** 2)


def quantiles(alpha: float, power: float) -> float:
    """(z₁₋α⁄₂ + z₁₋β)²: 7.85 of 5 % and 80 %."""
    return float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power)) ** 2


def wilson(hits: int, n: int, *, alpha: float = ALPHA) -> tuple[float, float]:
    """The interval of a share by Wilson's score; (0, 1) of nobody."""
    if n == 0:
        return (0.0, 1.0)
    z = float(stats.norm.ppf(1 - alpha / 2))
    p, more = hits / n, z * z / n
    middle, half = p + more / 2, z * math.sqrt(p * (1 - p) / n + more / (4 * n))
    return ((middle - half) / (1 + more), (middle + half) / (1 + more))


def shares(first: tuple[int, int], second: tuple[int, int]) -> Difference:
    """Two shares, each (hits, of how many, above 0): Newcombe's interval, the pooled z test."""
    (hits, n), (others, m) = first, second
    p, q = hits / n, others / m
    (p_low, p_high), (q_low, q_high) = wilson(hits, n), wilson(others, m)
    low = q - p - math.hypot(q - q_low, p_high - p)
    high = q - p + math.hypot(q_high - q, p - p_low)
    pooled = (hits + others) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    chance = _beyond(abs(q - p) / error) if error else 1.0
    return Difference(q - p, low, high, chance, (q - p) / p if p else None)


def means(first: Sample, second: Sample) -> Difference:
    """Two means by Welch's t, which does not suppose equal spreads; each of at least two values."""
    parts = first.variance / first.n, second.variance / second.n
    by, error = second.mean - first.mean, math.sqrt(sum(parts))
    lift = by / first.mean if first.mean else None
    if error == 0:
        return Difference(by, by, by, 1.0 if by == 0 else 0.0, lift)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (first.n - 1) + parts[1] ** 2 / (second.n - 1))
    half = float(special.stdtrit(freedom, 1 - ALPHA / 2)) * error
    chance = 2 * float(special.stdtr(freedom, -abs(by) / error))
    return Difference(by, by - half, by + half, chance, lift)


def _beyond(z: float) -> float:
    """The chance of a standard normal that far from 0 or farther, both ways."""
    return 2 * float(stats.norm.sf(z))


def mismatch(counts: Sequence[int], weights: Sequence[float]) -> float:
    """How likely groups at least so uneven are when they were drawn by these weights: chi-square; 1 of nobody."""
    n, whole = sum(counts), sum(weights)
    if n == 0 or len(counts) < 2:
        return 1.0
    expected = [n * weight / whole for weight in weights]
    distance = sum((count - e) ** 2 / e for count, e in zip(counts, expected, strict=True))
    return float(stats.chi2.sf(distance, len(counts) - 1))
