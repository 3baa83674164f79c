"""Statistics against published worked figures, against scipy's own tests, and against chance itself."""

import numpy as np
import pytest
from scipy import stats

from ganbo.features.experiments import statistics
from ganbo.features.experiments.statistics import Sample

SEED = 20261127


@pytest.mark.parametrize(
    ("base", "other", "members", "why"),
    [
        (0.65, 0.85, 70, "Chow et al., 3rd ed., 4.2: 7.84 × (0.65 × 0.35 + 0.85 × 0.15) ÷ 0.04"),
        (0.85, 0.65, 70, "which is first does not matter"),
        (0.10, 0.11, 14_749, "ten per cent more of ten per cent takes many"),
    ],
)
def test_members_needed_to_tell_two_shares_apart(base: float, other: float, members: int, why: str) -> None:
    assert statistics.members_for_shares(base, other) == members, why


def test_members_needed_to_tell_two_means_apart() -> None:
    assert statistics.members_for_means(10, 5) == 63, "Chow et al., 3rd ed., 3.2: 2 × 7.85 × 10² ÷ 5²"
    assert statistics.members_for_means(10, -5) == 63


@pytest.mark.parametrize(("base", "other"), [(0, 0.5), (0.5, 1), (0.3, 0.3)])
def test_shares_that_cannot_be_told_apart_have_no_size(base: float, other: float) -> None:
    with pytest.raises(ValueError, match="two different shares"):
        statistics.members_for_shares(base, other)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_shares_interval_as_newcombe_printed_it(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3."""
    assert statistics.wilson(hits, n) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_a_differences_interval_as_newcombe_printed_it(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, method 10."""
    found = statistics.shares(other, one)
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_welch_agrees_with_scipys_own() -> None:
    chance = np.random.default_rng(SEED)
    for n, m in ((2, 3), (15, 40), (300, 50)):
        one, other = chance.exponential(50_000, n), chance.exponential(70_000, m)
        found = statistics.means(statistics.sample(one), statistics.sample(other))
        theirs = stats.ttest_ind(other, one, equal_var=False)
        assert found.p == pytest.approx(theirs.pvalue, rel=1e-9)
        assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval()), rel=1e-9)


def test_the_same_for_everybody_is_no_chance() -> None:
    same = Sample(40, 400.0, 4000.0)
    assert statistics.means(same, same).p == 1.0, "nothing differs"
    assert statistics.means(same, Sample(40, 440.0, 4840.0)).p == 0.0, "everybody 11 against everybody 10"


def test_uneven_groups_are_told() -> None:
    assert statistics.mismatch([5_000, 5_050], [0.5, 0.5]) > statistics.MISMATCH, "as chance draws"
    assert statistics.mismatch([5_000, 5_400], [0.5, 0.5]) < statistics.MISMATCH, "chance does this once in 15,000"
    assert statistics.mismatch([900, 100], [0.9, 0.1]) == pytest.approx(1.0), "by the weights they were drawn with"


def _bills(chance: np.random.Generator, runs: int, n: int, mean: float) -> np.ndarray:
    """What members spend: two in five nothing, the others a skewed sum."""
    return np.where(chance.random((runs, n)) < 0.4, 0.0, chance.gamma(0.8, mean / 0.8 / 0.6, (runs, n)))


def _found(first: np.ndarray, second: np.ndarray) -> float:
    """The share of runs in which the groups seem to differ."""
    runs = zip(*(_samples(group) for group in (first, second)), strict=True)
    return float(np.mean([statistics.means(one, other).beyond_chance for one, other in runs]))


def _samples(runs: np.ndarray) -> list[Sample]:
    sums, squares = runs.sum(axis=1), (runs * runs).sum(axis=1)
    return [Sample(runs.shape[1], *both) for both in zip(sums, squares, strict=True)]


def test_a_thousand_comparisons_of_like_with_like_differ_in_one_of_twenty() -> None:
    chance = np.random.default_rng(SEED)
    money = _found(_bills(chance, 1000, 400, 180_000), _bills(chance, 1000, 400, 180_000))
    assert money == pytest.approx(0.05, abs=0.015)
    hits = chance.binomial(800, 0.3, (1000, 2))
    came = np.mean([statistics.shares((int(a), 800), (int(b), 800)).beyond_chance for a, b in hits])
    assert came == pytest.approx(0.05, abs=0.015)


def test_a_planted_tenth_is_found_four_times_in_five_by_as_many_as_it_takes() -> None:
    chance = np.random.default_rng(SEED)
    spread = float(_bills(chance, 1, 400_000, 180_000).std())
    n = statistics.members_for_means(spread, 18_000)
    shown = _bills(chance, 400, n, 180_000)
    assert _found(shown, _bills(chance, 400, n, 198_000)) == pytest.approx(0.8, abs=0.05)
    m = statistics.members_for_shares(0.3, 0.33)
    hits = zip(chance.binomial(m, 0.3, 1000), chance.binomial(m, 0.33, 1000), strict=True)
    came = np.mean([statistics.shares((int(a), m), (int(b), m)).beyond_chance for a, b in hits])
    assert came == pytest.approx(0.8, abs=0.03)
