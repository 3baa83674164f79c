"""What a cashier types, read."""

import pytest

from ganbo.doors.till import receipt
from ganbo.doors.till.receipt import Draft, Row, UnreadableError
from ganbo.foundation import clock

AMOUNTS = [
    ("110000", "VND", 110_000, "plain digits"),
    ("110.000", "VND", 110_000, "grouped as people write"),
    ("110,000 ₫", "VND", 110_000, "grouped in English, with the sign"),
    ("110", "VND", 110_000, "nobody sells for 110 đồng: thousands are meant"),
    ("110k", "VND", 110_000, "as spoken"),
    ("1 250 000", "VND", 1_250_000, "grouped with spaces"),
    ("0", "VND", 0, "nothing stays nothing"),
    ("12.5", "EUR", 1_250, "a currency with cents"),
]


@pytest.mark.parametrize(("text", "currency", "expected", "why"), AMOUNTS)
def test_amounts(text: str, currency: str, expected: int, why: str) -> None:
    assert receipt.minor_units(text, currency) == expected, why


REFUSED = [
    ("abc", "words are no amount"),
    ("-5", "below nothing"),
    ("1.5", "đồng have no fractions"),
    ("１１０", "full-width digits"),
    ("11.00.0", "grouped nowhere"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_refused_amounts(text: str, why: str) -> None:
    with pytest.raises(UnreadableError):
        receipt.minor_units(text, "VND")


def body(draft: Draft) -> dict[str, object]:
    return receipt.body(draft, currency="VND", at=clock.now(), store="hk", staff="staff:1")


def test_items_become_lines() -> None:
    rows = (Row(1, "latte", "2", "55"), Row(2, "", "", "20.000"), Row(3))
    told = body(Draft("s", "m", rows=rows, order_id="R-1"))
    assert told["data"] == {
        "currency": "VND",
        "lines": [{"quantity": 2, "unit_price": 55_000, "sku": "latte"}, {"quantity": 1, "unit_price": 20_000}],
        "order_id": "R-1",
    }


def test_total_must_fit_the_items() -> None:
    with pytest.raises(UnreadableError):
        body(Draft("s", amount="100", rows=(Row(1, "latte", "2", "55"),)))


def test_same_form_same_event() -> None:
    assert body(Draft("s", amount="110"))["id"] == "till:s"
