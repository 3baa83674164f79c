"""The price shared between goods and points, and what becomes revenue when: the published figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganbo.insights.liability.allocation import allocated, catch_up, recognised


def test_the_customer_loyalty_programme_of_ifrs_15() -> None:
    """IFRS 15, example 52, IE267–IE270: 100,000 of goods give 10,000 points, of which 9,500 are expected to be redeemed."""
    parts = allocated(100_000, {"goods": 100_000, "points": 9_500})
    assert parts == {"goods": 91_324, "points": 8_676}
    first = recognised(parts["points"], redeemed=4_500, expected=9_500)
    assert (first, parts["points"] - first) == (4_110, 4_566)
    second = catch_up(parts["points"], redeemed=8_500, expected=9_700, before=first)
    assert (second, parts["points"] - first - second) == (3_493, 1_073)


@pytest.mark.parametrize(
    ("expected", "second", "why"),
    [
        (9_900, 3_552, "more are expected than at first: less of it is earned yet"),
        (9_200, 4_140, "fewer are expected: what will never be asked for is earned along with the rest"),
        (8_500, 4_825, "nothing more is expected: all the rest"),
        (8_000, 4_825, "more were redeemed than expected: never more than the whole"),
    ],
)
def test_a_new_expectation_catches_up(expected: int, second: int, why: str) -> None:
    first = recognised(9_000, redeemed=4_500, expected=9_700)
    assert first == 4_175
    assert catch_up(9_000, redeemed=8_500, expected=expected, before=first) == second, why


def test_an_expectation_that_grows_much_takes_revenue_back() -> None:
    assert catch_up(9_000, redeemed=4_600, expected=20_000, before=4_175) == -2_105


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=6).filter(any))
def test_the_parts_are_the_price(price: int, prices: list[int]) -> None:
    named = {str(n): one for n, one in enumerate(prices)}
    parts = allocated(price, named)
    assert sum(parts.values()) == price
    assert all(abs(parts[key] * sum(prices) - price * one) < sum(prices) for key, one in named.items())


@pytest.mark.parametrize("prices", [{"a": 0}, {"a": -1, "b": 5}], ids=["nothing", "below zero"])
def test_there_must_be_something_to_share_by(prices: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="stand-alone"):
        allocated(100, prices)
