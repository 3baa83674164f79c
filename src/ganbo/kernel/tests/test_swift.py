from dataclasses import dataclass, field, replace

import pytest

from ganbo.kernel.swift import swift


@swift
@dataclass(frozen=True, slots=True)
class Price:
    amount: int
    currency: str = "VND"
    parts: list[int] = field(default_factory=list)


def test_a_swift_value_is_made_compared_and_replaced_as_any_frozen_one() -> None:
    assert Price(5) == Price(5, "VND", [])
    assert Price(5) != Price(6)
    assert hash(replace(Price(5), parts=())) == hash(replace(Price(5), parts=()))  # type: ignore[arg-type]
    assert replace(Price(5), amount=6) == Price(6)
    assert repr(Price(5)) == "Price(amount=5, currency='VND', parts=[])"
    assert Price(5).parts is not Price(5).parts


def test_what_is_missing_or_unknown_is_still_refused() -> None:
    with pytest.raises(TypeError):
        Price()  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Price(5).other = 1  # type: ignore[attr-defined]


def test_filling_goes_past_the_guard() -> None:
    assert "__setattr__" not in vars(Price)
