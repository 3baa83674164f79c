"""Lines through months, against figures by hand; and the light they give."""

from decimal import Decimal
from typing import Any

import pytest

from ganbo.features.goals import forecasting
from ganbo.features.goals.forecasting import Forecast


def test_a_straight_line_goes_on_for_sure() -> None:
    found = forecasting.forecast([(n, 0.3 + 0.01 * n) for n in range(6)], 10)
    assert found is not None
    assert (found.value, found.low, found.high, found.months) == pytest.approx((0.4, 0.4, 0.4, 6))


def test_the_interval_as_reckoned_by_hand() -> None:
    """x̄ = 2, ȳ = 3, Sxx = 10, slope 0.9; residuals leave 1.9 over 3; t₀.₉(3) = 1.6377; s √(1 + 1/5 + 9/10) = 1.1533."""
    found = forecasting.forecast([(0, 1.0), (1, 3.0), (2, 2.0), (3, 4.0), (4, 5.0)], 5)
    assert found is not None
    assert (found.value, found.high - found.value) == pytest.approx((5.7, 1.6377 * 1.1533), abs=1e-3)


def test_two_months_are_no_forecast_and_only_the_last_six_count() -> None:
    assert forecasting.forecast([(0, 1.0), (1, 2.0)], 3) is None
    old = [(n, 900.0) for n in range(10)] + [(n, 5.0) for n in range(10, 16)]
    found = forecasting.forecast(old, 30)
    assert found is not None and found.value == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("up", "last", "ahead", "light", "why"),
    [
        (True, (5, 0.40), Forecast(0.46, 0.4, 0.5, 6), "green", "the line reaches 0.45"),
        (True, (5, 0.40), Forecast(0.43, 0.4, 0.46, 6), "amber", "it may still"),
        (True, (5, 0.40), Forecast(0.41, 0.4, 0.44, 6), "red", "not even with luck"),
        (True, (5, 0.50), None, "grey", "too few months to say"),
        (True, None, None, "grey", "nothing measured"),
        (True, (9, 0.45), None, "met", "its month is over"),
        (True, (9, 0.449), None, "missed", "its month is over"),
        (False, (9, 0.40), None, "met", "less is better"),
        (False, (5, 0.60), Forecast(0.50, 0.44, 0.56, 6), "amber", "the interval's other end"),
    ],
)
def test_the_light(up: bool, last: Any, ahead: Any, light: str, why: str) -> None:
    assert forecasting.light(0.45, up=up, last=last, by=9, ahead=ahead) == light, why


def test_which_way_a_figure_is_to_go() -> None:
    assert forecasting.rises("aov", Decimal(50), Decimal(60)) and not forecasting.rises("crr", Decimal(60), Decimal(50))
    assert forecasting.rises("nps", None, Decimal(40)) and not forecasting.rises("churn", None, Decimal(0))


def test_a_share_stays_a_share() -> None:
    """0.5, 0.6, 0.7 have log-odds 0, 0.4055, 0.8473: the line at month 12 is 5.08, which is 0.9938."""
    found = forecasting.of_share([(0, 0.5), (1, 0.6), (2, 0.7)], 12)
    assert found is not None
    assert found.value == pytest.approx(0.9938, abs=1e-4) and 0 < found.low < found.value < found.high < 1
    whole = forecasting.of_share([(n, 1.0) for n in range(4)], 9)
    assert whole is not None and whole.value == pytest.approx(0.995)


def test_a_measured_start_beyond_the_target_does_not_turn_it_round() -> None:
    assert forecasting.rises("receipts_with_member", None, Decimal("0.7")), "more is better, wherever it began"
