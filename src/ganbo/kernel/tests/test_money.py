"""Amounts as people write them, by the currency's decimals."""

import pytest

from ganbo.kernel.money import written


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("110000", "VND", 110_000),
        ("110.000", "VND", 110_000),
        ("1 110\u00a0000", "VND", 1_110_000),
        ("110.00", "VND", None),
        ("12.5", "EUR", 1_250),
        ("12,50", "EUR", 1_250),
        ("12.505", "KWD", 12_505),
        ("12.505", "EUR", None),
        ("-1", "VND", None),
        ("", "VND", None),
        ("９", "VND", None),
    ],
)
def test_an_amount_as_people_write_it(text: str, currency: str, amount: int | None) -> None:
    assert written(text, currency) == amount
